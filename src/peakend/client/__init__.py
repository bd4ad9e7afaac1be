"""A program's way to a server of Peakend: typed calls, asked again where nothing was done.

    from peakend.client import Client, Event

    client = Client("http://127.0.0.1:8000", "pk_…")
    client.send([Event(id="e-1", customer="c-1", kind="order.completed", at="2026-03-01T09:00:00+08:00")])
    for card in client.cards.all(role="service-manager"):
        print(card.subject)

Whatever is sent with the same ids a second time counts once. 429 and 503 are waited for as the server says.
What is answered are the values of `peakend.wire`; instants are microseconds since 1970-01-01T00:00Z.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Final

from peakend.client.asking import ApiError, Asking, within
from peakend.client.customers import CustomersAsked, InAppAsked
from peakend.client.daily import CardsAsked, IncidentsAsked, MessagesAsked, QuarantineAsked
from peakend.client.designing import AgreementsAsked, DraftsAsked, PlaysAsked
from peakend.client.noun import PAGE, Noun
from peakend.client.settings import KeysAsked, WebhooksAsked
from peakend.client.working import FindsAsked, JobsAsked, JourneysAsked
from peakend.design.editing import Change
from peakend.model.account import AuditEntry
from peakend.wire.audit import Changes
from peakend.wire.coverage import Coverage
from peakend.wire.events import Event, Result, Sent
from peakend.wire.overview import Overview
from peakend.wire.today import Today

__all__ = ["ApiError", "Change", "Client", "Event", "Result", "Sent"]

BATCH: Final = 500
"""Events of one request."""


class Client(Noun):
    """One server, asked with one key. A request may take `seconds`, and is tried `tries` times.

    Each noun of docs/api.md is an attribute. Every method raises ApiError where the server says no, or
    nothing; what comes as an iterator is fetched a page at a time while it is read.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        seconds: float = 30.0,
        tries: int = 8,
        ca_file: str = "",
        pause: Callable[[float], object] | None = None,
    ) -> None:
        asking = Asking(url, key, seconds=seconds, tries=tries, ca_file=ca_file, pause=pause)
        super().__init__(asking)
        self.agreements = AgreementsAsked(asking)
        self.cards = CardsAsked(asking)
        self.customers = CustomersAsked(asking)
        self.drafts = DraftsAsked(asking)
        self.finds = FindsAsked(asking)
        self.in_app = InAppAsked(asking)
        self.incidents = IncidentsAsked(asking)
        self.jobs = JobsAsked(asking)
        self.journeys = JourneysAsked(asking)
        self.keys = KeysAsked(asking)
        self.messages = MessagesAsked(asking)
        self.plays = PlaysAsked(asking)
        self.quarantine = QuarantineAsked(asking)
        self.webhooks = WebhooksAsked(asking)

    def send(self, events: Iterable[Event], batch: int = BATCH) -> Sent:
        """Send events, as many requests as that takes; what became of each once all of them are durable.

        Where it raises, some may be in: send all of them again, and each counts once.
        """
        sent = Sent()
        for one in self.sending(events, batch):
            sent = sent + one
        return sent

    def sending(self, events: Iterable[Event], batch: int = BATCH) -> Iterator[Sent]:
        """As `send`, telling of one request after the other: for more events than fit into memory."""
        for some in _batches(events, batch):
            yield self._asking.ask("POST", within("events"), Sent, body=some)

    def overview(self) -> Overview:
        """What there is: where the whole description lies, and every operation."""
        return self._asking.ask("GET", "/api/v1", Overview)

    def today(self) -> Today:
        """What goes on now: moments, what is at risk, what waits, how the week felt, what was not sent."""
        return self._get(Today, "today")

    def coverage(self) -> Coverage:
        """Every touchpoint with its five steps, from identified to proven. Without a pack ApiError, 404."""
        return self._get(Coverage, "coverage")

    def audit(
        self, *, who: str = "", what: str = "", about: str = "", since: str | int = "", until: str | int = ""
    ) -> Iterator[AuditEntry]:
        """Every change and who made it, the newest first. Instants as ISO 8601 or microseconds."""
        asked = {"who": who, "what": what, "about": about, "since": since, "until": until}
        return self._rows(Changes, lambda page: page.entries, "audit", **asked, limit=PAGE)


def _batches(events: Iterable[Event], size: int) -> Iterator[list[Event]]:
    waiting = iter(events)
    while some := list(islice(waiting, max(size, 1))):
        yield some
