"""What pages and the API ask of a store, and what they get: filters, pages of rows, counts.

A filter's empty field is not asked. `since` and `until` are a half-open span of instants. All instants are
microseconds since 1970-01-01T00:00Z.
"""

from __future__ import annotations

from typing import Final, Generic, Literal, NamedTuple, TypeVar

import msgspec

from peakend.model.outcome import State, Verb, Verdict
from peakend.model.stored import Delivery, NoteState, Recorded

FAR: Final = 1 << 62
"""An instant behind all others."""
MOST: Final = 200
"""Rows that one page has at most."""

T = TypeVar("T")


class Page(NamedTuple, Generic[T]):
    """Some rows, and where the next ones begin: `after` is handed back as it is; '' where there are none."""

    rows: list[T]
    after: str


class _Span(msgspec.Struct, frozen=True, kw_only=True):
    since: int = 0
    until: int = FAR


class AskedCustomers(msgspec.Struct, frozen=True, kw_only=True):
    """By the beginning of the id, a part of a name or attribute, or a whole address; at least one narrows."""

    id: str = ""
    text: str = ""
    address: str = ""


class AskedEvents(_Span, frozen=True, kw_only=True):
    """By `seen`; a customer means every name of that person."""

    customer: str = ""
    kind: str = ""
    source: str = ""


class AskedVerdicts(_Span, frozen=True, kw_only=True):
    """By the instant of the decision."""

    customer: str = ""
    play: str = ""
    outcome: Verb | Literal[""] = ""
    reason: str = ""


class AskedEncounters(_Span, frozen=True, kw_only=True):
    """By the instant of closing, or of settling: it closes, and later settles with its final state."""

    customer: str = ""
    touchpoint: str = ""
    state: State | Literal[""] = ""
    settled: bool | None = None


class AskedRuns(msgspec.Struct, frozen=True, kw_only=True):
    """Runs of a customer, of a play, or both; `open` asks for those that have not ended, or have."""

    customer: str = ""
    play: str = ""
    open: bool | None = None


class AskedMessages(_Span, frozen=True, kw_only=True):
    """By the instant from which a delivery may be handed over; no states means any."""

    customer: str = ""
    play: str = ""
    channel: str = ""
    states: tuple[Delivery, ...] = ()


class AskedCards(msgspec.Struct, frozen=True, kw_only=True):
    """Cards of a role, of the colleague whom they were given to, about a customer.

    `waiting_at` asks for those that have to be done at an instant: neither done, nor snoozed to a later one;
    what is due first comes first.
    """

    customer: str = ""
    who: str = ""
    assignee: str = ""
    states: tuple[NoteState, ...] = ()
    waiting_at: int | None = None


class AskedAside(msgspec.Struct, frozen=True, kw_only=True):
    """What was put aside, by its source, the kind of its event, the cause that many share."""

    source: str = ""
    kind: str = ""
    cause: str = ""
    mended: bool = False


class CustomerLine(NamedTuple):
    """A customer in a list: the last event, how many runs are open, and the last peak or pit.

    `name` is the attribute or contact that was told last under `name`; `felt` is '' where no encounter was
    magical or miserable.
    """

    customer: str
    name: str
    last_seen: int
    last_kind: str
    open_runs: int
    felt: State | Literal[""]
    felt_at: int
    touchpoint: str


class Decided(NamedTuple):
    """A verdict, its place among the conclusions of its customer, and the pack (its hash) that decided."""

    verdict: Verdict
    place: int
    pack: str


class Ran(NamedTuple):
    """A run: its entry, and how it ended (None: it is open). An entry that is not known has no kind."""

    customer: str
    play: str
    key: str
    occurrence: int
    entry_kind: str | None
    entered_at: int | None
    entered_seen: int | None
    how: str | None
    end_kind: str | None
    ended_at: int | None
    ended_seen: int | None
    pack: str


class Clock(NamedTuple):
    """A standard that runs right now in an encounter of a customer, and when it is missed."""

    customer: str
    touchpoint: str
    key: str
    standard: str
    begun: int
    deadline: int


class VerdictCount(NamedTuple):
    """How many verdicts of a play had this outcome for this reason."""

    play: str
    outcome: Verb
    reason: str
    number: int


class ExposureCount(NamedTuple):
    """How many runs of a play reached the point where their arm matters, and are still proof."""

    play: str
    arm: Literal["play", "holdout"]
    number: int


class EncounterCount(NamedTuple):
    """How many encounters of a touchpoint closed, or settled, in this state."""

    touchpoint: str
    state: State
    number: int


class BreachCount(NamedTuple):
    """How many times a standard was missed, as `touchpoint.standard`."""

    standard: str
    number: int


class MessageCount(NamedTuple):
    """How many deliveries on a channel, of a rank (its class), are in this state."""

    channel: str
    rank: int
    state: Delivery
    number: int


class CardCount(NamedTuple):
    """The cards that wait for a role: how many, since when the oldest, how many past their time."""

    who: str
    waiting: int
    oldest: int
    late: int


class AsideCount(NamedTuple):
    """How many rows of a source were put aside for one cause, and the reason of the newest of them."""

    source: str
    cause: str
    reason_zh: str
    reason_en: str
    number: int


class Affected(NamedTuple):
    """A customer whom something about a subject concerns, since when, and when the state wants to be woken
    next (None: nothing is planned).
    """

    customer: str
    begins: int
    wake: int | None


class Reach(NamedTuple):
    """Of those whom something about a subject concerns: how many there are, to how many something was handed
    over, and for how many something is still on its way.
    """

    affected: int
    reached: int
    waiting: int


class News(NamedTuple):
    """What is new since a place: how many events, whether there are new conclusions, whether anything became
    of messages and cards, whether anything was put aside; the newest events, and where to ask from next time.
    """

    events: int
    outputs: bool
    messages: bool
    notes: bool
    aside: bool
    newest: list[Recorded]
    after: str
