"""Customers, and the messages that wait for them within an application."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from peakend.client.asking import within
from peakend.client.noun import PAGE, Noun
from peakend.wire.customers import (
    Customers,
    Do,
    Erased,
    Found,
    Noted,
    Preferences,
    Profile,
    Row,
    Show,
    Timeline,
    What,
    Why,
)
from peakend.wire.inbox import Notes, Shown, Token


class CustomersAsked(Noun):
    """Customers. Every name of a person finds the same one; addresses are masked but where it says so.

    Of somebody who is not known every method raises ApiError, 404.
    """

    def all(self, *, q: str = "", show: Show = "", play: str = "") -> Iterator[Found]:
        """Customers, whoever was heard of last first: whose id, name or address is `q`, who felt `show`
        within 30 days, who is inside a `play`.
        """
        return self._rows(
            Customers, lambda page: page.customers, "customers", q=q, show=show, play=play, limit=PAGE
        )

    def one(self, customer: str) -> Profile:
        """Who a customer is: people, attributes, facts, wishes, and what stays in mind."""
        return self._get(Profile, "customers", customer)

    def unmask(self, customer: str) -> Profile:
        """The same with addresses in full; the record of changes says who asked."""
        return self._post(Profile, "customers", customer, "unmask")

    def timeline(
        self, customer: str, *, what: Sequence[What] = (), kind: str = "", play: str = ""
    ) -> Iterator[Row]:
        """What happened with a customer, the newest first: events, encounters, messages and cards, or `what`
        is asked for; of one `kind`, of one `play`.
        """
        return self._rows(
            Timeline, lambda page: page.rows, "customers", customer, "timeline",
            what=list(what), kind=kind, play=play, limit=PAGE,
        )  # fmt: skip

    def why(self, customer: str, play: str = "") -> Why:
        """Why, and why not: how every play stands with a customer; with a `play` that one, line by line."""
        return self._get(Why, "customers", customer, "why", play=play)

    def preferences(self, customer: str) -> Preferences:
        """What a customer asked for, and which consents she gave or withdrew."""
        return self._get(Preferences, "customers", customer, "preferences")

    def note_preference(self, customer: str, do: Do, what: str = "do_not_disturb", days: int = 0) -> Noted:
        """Note down what a customer asked for: quiet about `what` for some `days` (0: for good), or to hear
        of it again; or that she agrees to marketing or withdraws that.
        """
        body = {"do": do, "what": what, "days": days}
        return self._post(Noted, "customers", customer, "preferences", body=body)

    def export(self, customer: str, *, unmask: bool = False) -> dict[str, Any]:
        """Every row about one person, by table, beside `customer` and `names`. It is recorded who took it."""
        return self._get(dict[str, Any], "customers", customer, "export", unmask=unmask)

    def erase(self, customer: str, confirm: str) -> Erased:
        """Delete every row about one person, under any name, for good. `confirm` is the same id once more."""
        path = within("customers", customer)
        return self._asking.ask("DELETE", path, Erased, query={"confirm": confirm}, repeatable=False)

    def notes(self, customer: str, contact: str = "") -> list[Shown]:
        """Messages that wait to be read within an application; who fetches them has shown them."""
        return self._get(Notes, "customers", customer, "notes", contact=contact).notes

    def acknowledge(self, customer: str, note: str) -> Shown:
        """The customer has read a message; again is harmless. Raises ApiError, 404, where it is not hers."""
        body = {"note": note}
        return self._post(Shown, "customers", customer, "notes", "acknowledge", body=body, again=True)

    def note_token(self, customer: str, contact: str = "", minutes: int = 60) -> Token:
        """A token by which a page of this customer shows her messages for some `minutes`, at most a day."""
        body = {"contact": contact, "minutes": minutes}
        return self._post(Token, "customers", customer, "notes", "token", body=body, again=True)


class InAppAsked(Noun):
    """Messages of one customer, for a client whose key is her token (`customers.note_token`)."""

    def all(self) -> list[Shown]:
        """Messages of this customer that wait to be read; they are shown by that."""
        return self._get(Notes, "in-app", "notes").notes

    def acknowledge(self, note: str) -> Shown:
        """She has read a message; again is harmless."""
        return self._post(Shown, "in-app", "acknowledge", body={"note": note}, again=True)
