"""The contract of every store about looking: what pages and the API ask, a page of rows or a count at a time.

It is part of `base.py`, and stands apart because it is one subject. Nothing here reads all rows to show some:
lists come in pages of at most MOST rows, and `after` of one page is where the next begins, whatever was added
meanwhile. A place that is none of the same list is a StoreError.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from peakend.model.looked import (
    Affected,
    AsideCount,
    AskedAside,
    AskedCards,
    AskedCustomers,
    AskedEncounters,
    AskedEvents,
    AskedMessages,
    AskedRuns,
    AskedVerdicts,
    BreachCount,
    CardCount,
    Clock,
    CustomerLine,
    Decided,
    EncounterCount,
    ExposureCount,
    MessageCount,
    News,
    Page,
    Ran,
    Reach,
    VerdictCount,
)
from peakend.model.outcome import Breached, Encountered
from peakend.model.stored import Message, Note, Recorded, Unusable


class TurnToLookInto(Protocol):
    """What a turn writes only to be looked at."""

    def watch(self, customers: Sequence[str], clocks: Sequence[Clock]) -> None:
        """These standards, and no others, run for these customers from now on."""


class StoreToLookInto(Protocol):
    """Lists, newest first unless it says otherwise, and counts."""

    def list_customers(self, asked: AskedCustomers, after: str = "", limit: int = 50) -> Page[CustomerLine]:
        """Customers, whoever had the last event first; those who are searched for by their id."""

    def list_events(self, asked: AskedEvents, after: str = "", limit: int = 50) -> Page[Recorded]:
        """Inputs, what was seen last first; those of nobody in particular among them."""

    def list_verdicts(self, asked: AskedVerdicts, after: str = "", limit: int = 50) -> Page[Decided]:
        """Decisions about due steps."""

    def list_encounters(self, asked: AskedEncounters, after: str = "", limit: int = 50) -> Page[Encountered]:
        """Encounters that closed, and once more those that settled. Open ones are in the states."""

    def list_breaches(self, since: int, until: int, after: str = "", limit: int = 50) -> Page[Breached]:
        """Standards that were missed in a half-open span."""

    def list_runs(self, asked: AskedRuns, after: str = "", limit: int = 50) -> Page[Ran]:
        """Runs of a customer or of a play, the last entry first. Raises StoreError where neither is named."""

    def list_messages(self, asked: AskedMessages, after: str = "", limit: int = 50) -> Page[Message]:
        """Deliveries, what may leave last first."""

    def list_cards(self, asked: AskedCards, after: str = "", limit: int = 50) -> Page[Note]:
        """Notes of the kind card, the newest first, or in the order in which they have to be done."""

    def list_aside(self, asked: AskedAside, after: str = "", limit: int = 50) -> Page[Unusable]:
        """What was put aside."""

    def list_clocks(self, until: int, after: str = "", limit: int = 50) -> Page[Clock]:
        """Standards that will be missed before an instant unless they are kept, the most urgent first."""

    def list_affected(self, subject: str, at: int, after: str = "", limit: int = 50) -> Page[Affected]:
        """Whom something about a subject concerns at an instant, by their id."""

    def messages_since(self, customers: Sequence[str], since: int) -> list[Message]:
        """The deliveries of at most MOST customers that may leave at an instant or later, the first first."""

    def reach_of(self, subject: str, at: int, since: int) -> Reach:
        """How many of those whom a subject concerns at an instant have heard anything since another."""

    def verdict_counts(self, since: int, until: int, play: str = "") -> list[VerdictCount]:
        """Verdicts in a half-open span by play, outcome and reason, in this order."""

    def exposure_counts(self) -> list[ExposureCount]:
        """Exposures by play and arm, in this order, without those that a merge took out of the proof.

        It reads all conclusions: for a job, not for a page.
        """

    def encounter_counts(self, since: int, until: int, *, settled: bool) -> list[EncounterCount]:
        """Encounters that closed, or settled, in a half-open span, by touchpoint and state, in this order."""

    def breach_counts(self, since: int, until: int) -> list[BreachCount]:
        """Standards that were missed in a half-open span."""

    def sent_counts(self, since: int, until: int) -> list[MessageCount]:
        """Deliveries that may leave in a half-open span by channel, rank and state, in this order."""

    def card_counts(self, now: int) -> list[CardCount]:
        """The cards that wait, by role: neither done, nor snoozed to later than now."""

    def aside_counts(self) -> list[AsideCount]:
        """What is put aside and not mended by source and cause, the most frequent first."""

    def news(self, after: str = "") -> News:
        """What is new since a place; from '' nothing is, and the answer is where to ask from.

        Cheap enough to be asked every second. A change of a message that is written with an instant before
        that of another one may be told late, with the next.
        """
