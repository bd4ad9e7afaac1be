"""Daily work: cards, messages, incidents, and what was put aside."""

from __future__ import annotations

from collections.abc import Iterator

from peakend.client.noun import PAGE, Noun
from peakend.model.stored import Delivery
from peakend.wire import cards, incidents, messages, quarantine
from peakend.wire.cards import Card, Inbox, Which
from peakend.wire.incidents import Brief, Concerned, Incidents, Outage, Show
from peakend.wire.messages import Decision, Letter, Listed, Released, Review
from peakend.wire.quarantine import Aside, Cause, One, Replay, Row, Tried


class CardsAsked(Noun):
    """Cards that wait for colleagues. Of a card that is not there every method raises ApiError, 404."""

    def all(
        self, *, role: str = "", assignee: str = "", customer: str = "", which: Which = "waiting"
    ) -> Iterator[cards.Line]:
        """Cards, what is due first coming first: of a role, given to a colleague, about a customer."""
        asked = {"role": role, "assignee": assignee, "customer": customer, "which": which}
        return self._rows(Inbox, lambda page: page.cards, "cards", **asked, limit=PAGE)

    def inbox(self, *, which: Which = "waiting") -> Inbox:
        """The first cards of all, and how many wait for each role, since when, and how many are late."""
        return self._get(Inbox, "cards", which=which)

    def one(self, key: str) -> Card:
        """One card whole, with its history."""
        return self._get(Card, "cards", key)

    def done(self, key: str, result: str = "") -> Card:
        """The card is done, with what came of it. Raises ApiError, 400, where it is done already."""
        return self._post(Card, "cards", key, "done", body={"result": result})

    def snooze(self, key: str, until: str, text: str = "") -> Card:
        """The card comes back later: in an `hour`, `tomorrow`, on `monday`, or at an instant in ISO 8601."""
        return self._post(Card, "cards", key, "snooze", body={"until": until, "text": text})

    def hand_over(self, key: str, *, role: str = "", assignee: str = "", text: str = "") -> Card:
        """The card goes to another role, to a colleague by her login, or both."""
        body = {"role": role, "assignee": assignee, "text": text}
        return self._post(Card, "cards", key, "hand-over", body=body)


class MessagesAsked(Noun):
    """What was sent or is to be, and what became of it."""

    def all(
        self,
        *,
        state: Delivery | None = None,
        channel: str = "",
        play: str = "",
        customer: str = "",
        since: str | int = "",
        until: str | int = "",
    ) -> Iterator[messages.Line]:
        """Deliveries, what may leave last first, that may leave from `since` on and before `until`: ISO 8601
        or microseconds.
        """
        asked = {"state": state, "channel": channel, "play": play, "customer": customer}
        return self._rows(
            Listed, lambda page: page.messages, "messages", **asked, since=since, until=until, limit=PAGE
        )

    def one(self, key: str) -> Letter:
        """One delivery whole, with its words where they can be told. Raises ApiError, 404."""
        return self._get(Letter, "messages", key)

    def decide(self, key: str, what: Decision) -> Letter:
        """A word on a delivery that nobody else can give: one of the `decisions` that it has. Raises
        ApiError, 400, for any other.
        """
        return self._post(Letter, "messages", key, "decide", body={"what": what})

    def review(self) -> Review:
        """What is under review, with the mark that releases exactly this."""
        return self._get(Review, "messages", "review")

    def release(self, mark: str) -> int:
        """Let go what was seen under review; how many deliveries. Raises ApiError, 400, where others have
        come.
        """
        return self._post(Released, "messages", "review", "release", body={"mark": mark}).released


class IncidentsAsked(Noun):
    """Subjects that concern many customers."""

    def all(self) -> list[Brief]:
        """Subjects of which something was said in thirty days, what was said last first."""
        return self._get(Incidents, "incidents").incidents

    def one(self, subject: str, show: Show = "all") -> Outage:
        """One subject: what was said of it, and the first of those whom it concerns. Raises ApiError, 404."""
        return self._get(Outage, "incidents", subject, show=show, limit=PAGE)

    def concerned(self, subject: str, show: Show = "all") -> Iterator[Concerned]:
        """Those whom a subject concerns, and by which ways they have heard."""
        return self._rows(
            incidents.Outage, lambda page: page.customers, "incidents", subject, show=show, limit=PAGE
        )


class QuarantineAsked(Noun):
    """Events that could not be used. Of a row that is not there every method raises ApiError, 404."""

    def all(
        self, *, source: str = "", kind: str = "", cause: str = "", mended: bool = False
    ) -> Iterator[Row]:
        """Rows, the newest first; `mended` asks for those that were."""
        asked = {"source": source, "kind": kind, "cause": cause, "mended": mended}
        return self._rows(Aside, lambda page: page.rows, "quarantine", **asked, limit=PAGE)

    def causes(self) -> list[Cause]:
        """Why rows were put aside, by source, and how many."""
        return self._get(Aside, "quarantine", limit=1).causes

    def one(self, number: int) -> One:
        """One row whole, with its body as it came."""
        return self._get(One, "quarantine", str(number))

    def check(self, number: int, body: str) -> Tried:
        """What would become of the row with this body; nothing is written."""
        return self._post(Tried, "quarantine", str(number), "check", body={"body": body}, again=True)

    def mend(self, number: int, body: str) -> Tried:
        """The row as it should be, through the door that it came by. Raises ApiError, 400, where it was
        mended.
        """
        return self._post(Tried, "quarantine", str(number), "mend", body={"body": body})

    def replay(self, number: int) -> Tried:
        """The row once more, as it is. Raises ApiError, 400, where it was mended."""
        return self._post(Tried, "quarantine", str(number), "replay")

    def replay_all(self, *, source: str = "", kind: str = "", cause: str = "") -> Iterator[Replay]:
        """All rows of a cause once more as they are, telling of one step after the other. Nothing counts
        twice.
        """
        after = ""
        while True:
            body = quarantine.Again(source, kind, cause, after)
            step = self._post(quarantine.Replay, "quarantine", "replay", body=body, again=True)
            yield step
            after = step.after
            if not after:
                return
