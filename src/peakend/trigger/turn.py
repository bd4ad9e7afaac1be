"""One turn of the fold: one customer's state, the rulebook, and what is being asked at this instant.

It is the scope that conditions read, the place where outputs and timers are put, and nothing else.
It lives for one call of `step` and holds nothing that must survive it.
"""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heappush
from typing import Any, Protocol

from peakend.errors import TimeError
from peakend.model.event import Event
from peakend.model.outcome import Content, Output
from peakend.trigger.facts import read
from peakend.trigger.rules import PointRule, Rulebook
from peakend.trigger.state import (
    NEVER,
    ClockState,
    CustomerState,
    EncounterState,
    Timer,
)
from peakend.when import Zone, zone


def key_text(value: Any) -> str | None:
    """A key field as text: whole numbers without a point; None where the value is missing."""
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if value == int(value) else str(value)


class Past(Protocol):
    """What is known of lanes that the state has let go of (`fold.closed`)."""

    def __call__(self, play: str, key: str) -> tuple[int, int]:
        """How many runs a lane had, and the greatest `at` of their entries; (0, NEVER) where it had none."""


class Turn:
    """What is being asked, and when: `fields`, `instant` and `about` are set before a condition is tested.

    `now` is the logical instant of the turn: the input's `seen`, or that of the timer that rings.

    `about` says which encounter the encounter functions speak of: an encounter itself, or the touchpoint of
    a play, whose encounter is then found by the key in `fields`. `told` is the encounter that the event at
    hand tells of, where it is a derived one.
    """

    __slots__ = (
        "about",
        "contents",
        "derived",
        "fields",
        "instant",
        "now",
        "out",
        "past",
        "rules",
        "state",
        "told",
        "zone",
    )

    def __init__(self, rules: Rulebook, state: CustomerState) -> None:
        self.rules = rules
        self.state = state
        self.out: list[Output] = []
        self.contents: list[Content] = []
        self.past: Past | None = None
        self.derived: list[tuple[Event, EncounterState]] = []
        self.fields: Mapping[str, Any] = {}
        self.instant = self.now = NEVER
        self.about: EncounterState | str = ""
        self.told: EncounterState | None = None
        self.zone = self.find_zone()

    def find_zone(self) -> Zone:
        """The customer's zone, else the pack's; a name that is no zone counts as none."""
        name = self.customer(self.rules.zone_attribute) if self.rules.zone_attribute else None
        if not isinstance(name, str):
            return self.rules.zone
        try:
            return zone(name)
        except TimeError:
            return self.rules.zone

    def timer(self, timer: Timer) -> None:
        """Set a timer; one that is no longer wanted is left to be ignored when it rings."""
        heappush(self.state.timers, timer)

    def customer(self, name: str) -> Any:
        """An attribute of the profile, or what the pack says to take where it was never set."""
        known = self.state.profile.get(name)
        return known[2] if known is not None else self.rules.attributes.get(name)

    def fact(self, name: str) -> Any:
        """A fact at the instant that is asked about; NULL for a window from before all memory."""
        if self.instant < self.now - self.rules.max_age and self.rules.facts[name].window:
            return None
        return read(self.rules.facts[name], self.state.facts.get(name), self.instant)

    def is_open(self, touchpoint: str) -> bool:
        """Whether the customer has an encounter there that has begun and not ended."""
        point = self.state.points.get(touchpoint)
        if point is None:
            return False
        return any(e.ended == NEVER for found in point.encounters.values() for e in found)

    def over_event(self, event: Event, touchpoint: str) -> None:
        """Ask the conditions of a play of `touchpoint` over an event."""
        self.fields, self.instant = event.data, event.at
        told = self.told
        self.about = touchpoint if told is None or told.point != touchpoint else told

    def breached(self, standard: str) -> bool | None:
        """Whether the standard was missed; NULL where it does not apply."""
        clock = self._clock(standard)
        return None if clock is None else missed(clock)

    def kept(self, standard: str) -> bool | None:
        """Whether the standard was proven in time; NULL where it does not apply."""
        clock = self._clock(standard)
        return None if clock is None else clock.done != NEVER and not missed(clock)

    def exceeded(self, standard: str, share: float) -> bool | None:
        """Whether it was proven within `share` of the time allowed; NULL where it does not apply."""
        clock = self._clock(standard)
        if clock is None:
            return None
        return clock.done != NEVER and not missed(clock) and clock.used <= share * clock.within

    def count(self, kind: str) -> int:
        """How often the kind came during the encounter."""
        encounter, _ = self._encounter()
        return encounter.counts.get(kind, 0) if encounter else 0

    def _clock(self, standard: str) -> ClockState | None:
        encounter, point = self._encounter()
        if encounter is None or point is None:
            return None
        index = next((s.index for s in point.standards if s.name == standard), NEVER)
        return next((c for c in encounter.clocks if c.standard == index and counts(c)), None)

    def _encounter(self) -> tuple[EncounterState | None, PointRule | None]:
        if isinstance(self.about, str):
            point = self.rules.points.get(self.about)
            return (find_encounter(self.state, point, self.fields) if point else None), point
        return self.about, self.rules.points.get(self.about.point)


def missed(clock: ClockState) -> bool:
    """Whether a standard counts as breached: never proven by its deadline, or proven only after it."""
    if clock.late_proof:
        return False
    return clock.breached != NEVER or clock.lapsed or (clock.done != NEVER and clock.done > clock.deadline)


def counts(clock: ClockState) -> bool:
    """Whether a standard counts for its encounter: it applies, or was missed before it was withdrawn."""
    return clock.applies or clock.lapsed or clock.breached != NEVER


def find_encounter(
    state: CustomerState, point: PointRule, fields: Mapping[str, Any]
) -> EncounterState | None:
    """The latest encounter of a touchpoint with the key that `fields` hold (any, where it has no key)."""
    known = state.points.get(point.name)
    if known is None:
        return None
    key = key_text(fields.get(point.key)) if point.key else ""
    found = known.encounters.get(key) if key is not None else None
    return found[-1] if found else None
