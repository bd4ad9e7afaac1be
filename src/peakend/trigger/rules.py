"""The compiled pack as the rooms of `trigger` read it: every word looked up, every duration a number.

Built once by `fold.program`; nothing here changes afterwards, so one rulebook serves all customers.
Durations are microseconds unless they belong to the calendar (`Duration`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from peakend.trigger.pauses import Pauses
from peakend.trigger.where import Condition
from peakend.when import Duration, OnDay, ServiceCalendar, Zone

Mask = tuple[str | None, ...]
"""For each field of a lane's key: its name where an event's kind declares it, else None."""


OWN = -1
"""The `exit` of a play's own steps."""
UNREACHED = -2
"""The `exit` of the card for a colleague when a step reached nobody."""


@dataclass(frozen=True, slots=True)
class FactRule:
    """One named aggregate; `window` is 0 where it looks at all time."""

    name: str
    take: str
    field: str | None
    where: Condition | None
    window: int


@dataclass(frozen=True, slots=True)
class StandardRule:
    """One promise: `within` microseconds of its calendar, `days` working days, or `by` a field's date.

    `taken_back` are the kinds of `to` whose proof a reopening takes back.
    """

    index: int
    name: str
    from_: str
    to: frozenset[str]
    within: int
    days: int
    by: str | None
    calendar: ServiceCalendar
    where: Condition | None
    pauses: frozenset[str]
    resumes: frozenset[str]
    taken_back: frozenset[str]
    since: int | None
    until: int | None


@dataclass(frozen=True, slots=True)
class PointRule:
    """One touchpoint with encounters.

    `keyed` are the kinds that declare its key, `marked` those that pause, resume or prove a standard, and,
    where something reopens it, those that end it.
    """

    name: str
    begins: frozenset[str]
    ends: frozenset[str]
    reopens: frozenset[str]
    updates: frozenset[str]
    key: str | None
    keyed: frozenset[str]
    where: Condition | None
    lasts: int
    settles: int
    standards: tuple[StandardRule, ...]
    marked: frozenset[str]
    counted: frozenset[str]
    rating: tuple[str, str] | None
    miserable: Condition | None
    magical: Condition | None


@dataclass(frozen=True, slots=True)
class StepRule:
    """One step. `exit` is OWN, UNREACHED, or the exit whose `then` it belongs to."""

    index: int
    exit: int
    name: str
    text: str
    action: str
    colleague: bool
    rank: int
    form: str
    by: Duration
    field: str
    at: int | None
    on_day: OnDay | None
    every: Duration | None
    until: Mapping[str, Mask]
    times: int
    where: Condition | None
    expires: int
    catch_up: int
    extra: bool
    urgent: bool
    holdout: float
    channels: tuple[str, ...]
    all_channels: bool
    amount: float
    amount_field: str | None
    budget: str | None
    role: str
    attach: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExitRule:
    """One way to end a run; `masks` holds the kinds it listens to."""

    index: int
    name: str
    masks: Mapping[str, Mask]
    where: Condition | None


@dataclass(frozen=True, slots=True)
class PlayRule:
    """One play. `steps` are its own, in the order of the file, those of the exits, the card when unreached.

    `dated` are the fields that its steps are due by. `definition` names what the play says, whatever pack
    says it; `pinned` is the same in a rule of an older pack, which only its open runs follow, else ''.
    `firm`: nothing can change the key fields of an open run.
    """

    name: str
    touchpoint: str
    rank: int
    priority: int
    on: frozenset[str]
    where: Condition | None
    key: tuple[str, ...]
    count: int
    count_window: int
    again: str
    cool_down: int
    exits: tuple[ExitRule, ...]
    updates: Mapping[str, Mask]
    while_: Condition | None
    steps: tuple[StepRule, ...]
    first: tuple[StepRule, ...]
    stays: int
    roles: tuple[str, ...]
    gather: int
    holdout: float
    salt: str
    holdout_unit: str | None
    defer: int
    breach_steps: bool
    dated: tuple[str, ...]
    unreached: StepRule | None
    definition: str = ""
    pinned: str = ""
    firm: bool = False


class Part(NamedTuple):
    """The part that one kind of event plays in one play: what it ends, stops, updates and starts."""

    rule: PlayRule
    exits: tuple[tuple[ExitRule, Mask], ...]
    untils: tuple[tuple[int, Mask], ...]
    updates: Mask | None
    enters: bool


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What all rooms of `trigger` need to know of the pack.

    `older` are plays as they were, by name and definition, for runs that began under them. Of `muted` rules
    events start no runs. `clauses` are the pieces of the plays' conditions, for whoever wants them named.
    """

    zone: Zone
    zone_attribute: str | None
    attributes: Mapping[str, object]
    facts: Mapping[str, FactRule]
    points: Mapping[str, PointRule]
    plays: Mapping[str, PlayRule]
    grace: Mapping[str, int]
    max_age: int
    in_order: bool
    explain: bool = False
    pauses: Pauses = field(default_factory=dict)
    breach_plays: Mapping[str, tuple[PlayRule, ...]] = field(default_factory=dict)
    unreached_plays: tuple[PlayRule, ...] = ()
    older: Mapping[tuple[str, str], PlayRule] = field(default_factory=dict)
    muted: bool = False
    clauses: Mapping[str, tuple[Condition, ...]] = field(default_factory=dict)

    def rule_of(self, play: str, pinned: str) -> PlayRule:
        """The rule that a run of a play follows."""
        return self.older[play, pinned] if pinned else self.plays[play]

    def every_play(self) -> Iterable[PlayRule]:
        """All plays, and what is known of them as they were."""
        return *self.plays.values(), *self.older.values()
