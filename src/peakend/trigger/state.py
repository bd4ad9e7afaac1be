"""The state of one customer inside the fold: plain mutable structs that msgpack can carry.

Only the fold and the rooms of `trigger` touch these; values freeze where they leave the fold. Everything a
decision may depend on is in here, so that a state which was stored and read back decides the same.
Instants are microseconds UTC; a pair (at, seq) orders what happened.
"""

from __future__ import annotations

from typing import Any

import msgspec

from peakend.model.outcome import Sent

Order = tuple[int, int]
Address = tuple[str, bool, Order]
NEVER = -1


class FactState(msgspec.Struct, array_like=True, gc=False):
    """One fact: the windowed values in order, or the running totals where there is no window."""

    values: list[tuple[int, int, Any]] = []
    number: int = 0
    total: float = 0.0
    low: Any = None
    high: Any = None
    first: tuple[int, int, Any] | None = None
    last: tuple[int, int, Any] | None = None
    tally: dict[str, tuple[Any, int]] = {}


class Contact(msgspec.Struct, array_like=True, gc=False):
    """One person of the customer: roles, and by channel each (address, consent, order), the newest first.

    `removed` remembers when something was taken away: '' the whole person, a channel, or an address as the
    channel ('' for any), a line feed and the address.
    """

    roles: dict[str, Order] = {}
    name: str = ""
    named: Order = (NEVER, NEVER)
    addresses: dict[str, list[Address]] = {}
    removed: dict[str, Order] = {}


class Preference(msgspec.Struct, array_like=True, gc=False):
    """One thing that the customer asked for, until an instant, while encounters last, or for good."""

    order: Order
    on: bool
    until: int = NEVER
    visit: list[tuple[str, str, int]] = []


class Consent(msgspec.Struct, array_like=True, gc=False):
    """A consent given or withdrawn, with its date and source."""

    order: Order
    given: bool
    source: str = ""


class ClockState(msgspec.Struct, array_like=True, gc=False):
    """One standard of one encounter; what lies behind `first_deadline` follows from the encounter's marks.

    `running` is when the clock last started, NEVER while it is paused or done. Where updates may change
    whether the standard applies, `fields` are those of the event that started it, and `answers` say from when
    on it applies or not. `lapsed` tells that its deadline passed while it applied, whatever came then.
    """

    standard: int
    start: Order
    within: int
    first_deadline: int
    deadline: int = NEVER
    running: int = NEVER
    used: int = 0
    done: int = NEVER
    breached: int = NEVER
    late_proof: bool = False
    applies: bool = True
    lapsed: bool = False
    fields: dict[str, Any] = {}
    answers: list[tuple[int, int, str]] = []


class EncounterState(msgspec.Struct, array_like=True, gc=False):
    """One encounter of the touchpoint `point` that has not settled yet.

    `day` is the local day of its begin; `marks` are the (at, seq, kind) of what pauses, resumes or proves a
    standard, ends or reopens the encounter, in order, however learnt; `updates` are the fields that were
    changed. `opened` is the instant of its begin or last reopening.
    """

    point: str
    key: str
    begun: Order
    day: int
    source: str
    fields: dict[str, Any]
    ended: int = NEVER
    unfinished: bool = False
    clocks: list[ClockState] = []
    marks: list[tuple[int, int, str]] = []
    counts: dict[str, int] = {}
    rating: float | None = None
    rated: Order = (NEVER, NEVER)
    opened: int = NEVER
    updates: list[tuple[int, int, dict[str, Any]]] = []


class Early(msgspec.Struct, array_like=True, gc=False):
    """An event kept in mind for something that may still arrive from before it.

    Of a play it is an exit: `exit` says which, `wanted` which runs it means.
    """

    order: Order
    seen: int
    kind: str
    data: dict[str, Any]
    source: str
    exit: int = NEVER
    wanted: list[str | None] = []


class Recent(msgspec.Struct, array_like=True, gc=False):
    """What is kept in mind for `max_age`: by the key that it names, and what names none or only a part.

    `number` counts all of it; when it reaches `sweep` what is too old goes.
    """

    by_key: dict[str, list[Early]] = {}
    loose: list[Early] = []
    number: int = 0
    sweep: int = 8


class PointState(msgspec.Struct, array_like=True, gc=False):
    """The encounters of one touchpoint by their key, and what came before its begin."""

    encounters: dict[str, list[EncounterState]] = {}
    early: Recent = msgspec.field(default_factory=Recent)


class StepState(msgspec.Struct, array_like=True, gc=False):
    """One due step of a run. `wake` is the instant of its timer, NEVER when none is set.

    `undated` counts the rounds before it that had no date.
    """

    index: int
    round: int
    due: int | None
    floor: int
    wake: int = NEVER
    held: int = 0
    undated: int = 0
    waits: bool = False
    decided: bool = False


class Run(msgspec.Struct, array_like=True, gc=False):
    """One customer inside one play; `ended` is the exit's `at`, `unit` what experiments draw by.

    `versions` holds the (at, seq) of the update that set a field, `updated` the greatest of them. `left`
    names the messages whose failure would give a colleague a card, one for each step. `pinned` names the
    older definition of the play that the run follows, '' the current one.
    """

    key: str
    parts: list[str]
    occurrence: int
    entry: Order
    seen: int
    fields: dict[str, Any]
    versions: dict[str, Order]
    steps: list[StepState] = []
    sent: list[tuple[int, int, int]] = []
    exposed: list[str] = []
    unit: str = ""
    ended: int = NEVER
    stays: int = NEVER
    updated: Order = (NEVER, NEVER)
    left: list[str] = []
    pinned: str = ""


class Window(msgspec.Struct, array_like=True, gc=False):
    """What a `count` looks at: the `at` of events in order, and the last firing.

    `fell` tells of falls up to `checked`, which are settled; `found` of later ones, up to `looked`.
    """

    times: list[int] = []
    fired: int = NEVER
    fell: bool = True
    checked: int = NEVER
    found: bool = False
    looked: int = NEVER


class Lane(msgspec.Struct, array_like=True, gc=False):
    """What a lane remembers when its runs are gone: their number, and the greatest `at` of an entry."""

    runs: int = 0
    last: int = NEVER
    window: Window | None = None


class PlayState(msgspec.Struct, array_like=True, gc=False):
    """One play of one customer: runs that still have something to do, the memory of lanes, recent exits."""

    runs: dict[str, list[Run]] = {}
    lanes: dict[str, Lane] = {}
    entered: bool = False
    early: Recent = msgspec.field(default_factory=Recent)


Timer = tuple[int, int, int, int, str, str, int, int, int]
"""(instant, 0 encounter or 1 play, class, -priority, touchpoint or play, key, order, occurrence, round)"""


class CustomerState(msgspec.Struct, array_like=True, gc=False):
    """Everything the fold knows of one customer; `pinned` are the older (play, definition) of its runs."""

    customer: str
    profile: dict[str, tuple[int, int, Any]] = {}
    facts: dict[str, FactState] = {}
    contacts: dict[str, Contact] = {}
    consents: dict[str, Consent] = {}
    preferences: dict[str, Preference] = {}
    points: dict[str, PointState] = {}
    plays: dict[str, PlayState] = {}
    timers: list[Timer] = []
    sent: dict[int, list[Sent]] = {}
    gathered: dict[str, tuple[int, str]] = {}
    pinned: list[tuple[str, str]] = []
