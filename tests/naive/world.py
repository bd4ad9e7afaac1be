"""What is known at a point of the log, found by looking through all of it.

The profile, facts, contacts and preferences are not kept: each question scans the inputs learnt so far.
Only what was decided (runs, sends, encounters that opened) is written down, since it cannot be found again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from naive.money import Purse
from peakend.model.event import BUILT_IN, DERIVED, Event
from peakend.model.outcome import Output
from peakend.model.pack import Attribute, Pack, Play, Step
from peakend.model.parts import as_list
from peakend.trigger.where import Vocabulary, compile_condition
from peakend.when import HOUR, Zone, parse_duration, zone

Fields = Mapping[str, Any]

UNREACHED = 1_000
"""The part of the card that is given when nobody was reached: after the steps of all exits."""


@dataclass
class Slot:
    """One firing of a step: which one it is, and where it stands."""

    step: Step
    part: int  # -1 for the play's steps, UNREACHED for its card, else the exit whose `then` it is
    index: int
    round: int
    floor: int
    anchor: Event | None = None  # a `then` step counts from its exit
    zone: str = ""  # and keeps the zone of that moment
    turn: int = 0  # which of the dues of a repeated or yearly step
    status: str = "waiting"  # waiting, held, decided, dropped
    due: int | None = None
    until: int = 0
    first: int | None = None
    first_hold: int | None = None
    settled: int = 0
    name: str = ""

    @property
    def live(self) -> bool:
        return self.status in ("waiting", "held")


@dataclass
class Run:
    """One customer inside one play, for one key."""

    play: Play
    key: str
    parts: dict[str, str]
    occurrence: int
    entry: Event
    updates: list[Event] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    stopped: set[int] = field(default_factory=set)
    exposed: set[str] = field(default_factory=set)
    sent: list[tuple[str, int, int]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)  # messages that may still turn out to have failed
    over: bool = False
    unit: Any = None  # what experiments draw by, as it was at the entry

    @property
    def fields(self) -> dict[str, Any]:
        found = dict(self.entry.data)
        for event in sorted(self.updates, key=when_it_happened):
            found.update({name: value for name, value in event.data.items() if value is not None})
        return found

    def began_before(self, event: Event) -> bool:
        return when_it_happened(event) > when_it_happened(self.entry)


@dataclass
class Sent:
    """A message to the customer, or another part of one."""

    instant: int
    class_: str
    play: str
    step: str
    contact: str
    message: str
    failed: bool = False  # as known when two customers became one, at `after`
    after: tuple[int, int] = (-1, -1)


@dataclass
class Stay:
    """One encounter: its begin, and all that was matched to it in the order of arrival."""

    touchpoint: str
    key: str
    begin: Event
    zone: str  # of the customer when it began: a standard is in force by that local date
    matched: list[Event] = field(default_factory=list)
    ratings: list[Event] = field(default_factory=list)
    reopenings: list[Event] = field(default_factory=list)
    overlong: list[int] = field(default_factory=list)  # where it was said to have ended as unfinished
    ended: int | None = None
    closed: int | None = None
    unfinished: bool = False
    settled: bool = False
    breached: set[str] = field(default_factory=set)
    pinned: dict[str, int] = field(default_factory=dict)  # deadlines, when two customers became one


@dataclass
class World:
    pack: Pack
    contacts_known: bool
    purse: Purse
    customer: str = ""
    clock: int = -(10**18)
    inputs: list[Event] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    exits_heard: dict[str, list[tuple[Event, int]]] = field(default_factory=dict)
    joined: dict[tuple[str, str], list[Any]] = field(default_factory=dict)
    sends: list[Sent] = field(default_factory=list)
    tells: list[tuple[Event, Stay]] = field(default_factory=list)
    visits: dict[int, tuple[list[Stay], int]] = field(default_factory=dict)
    outputs: list[Output] = field(default_factory=list)
    told: list[Event] = field(default_factory=list)  # what concerns all customers

    @property
    def max_age(self) -> int:
        return span(self.pack.head.policy.max_age)

    def newest(self, wanted: Callable[[Event], bool], known: list[Event] | None = None) -> Event | None:
        """The event with the greatest (at, seq) among the inputs so far, or those known then."""
        among = self.inputs if known is None else known
        return max(filter(wanted, among), key=when_it_happened, default=None)

    def attribute(self, name: str, known: list[Event] | None = None) -> Any:
        rule: Attribute = self.pack.head.customer[name]
        kind, _, source = rule.from_.rpartition(".")
        last = self.newest(lambda event: event.kind == kind and event.data.get(source) is not None, known)
        return rule.else_ if last is None else last.data[source]

    def zone_name(self, known: list[Event] | None = None) -> str:
        declared = self.pack.head.customer.get("zone")
        found = self.attribute("zone", known) if declared is not None and declared.type == "zone" else None
        return str(found or self.pack.head.zone)

    def zone(self) -> Zone:
        return zone(self.zone_name())

    def fact(self, name: str, u: int) -> Any:
        rule = self.pack.facts[name]
        if rule.within is not None and u < self.clock - self.max_age:
            return None
        found = [
            event
            for event in self.inputs
            if event.kind in as_list(rule.of)
            and (rule.within is None or u - span(rule.within) < event.at <= u)
            and (rule.where is None or self.holds(rule.where, event.data, event.at))
        ]
        found.sort(key=when_it_happened)
        if rule.take == "count":
            return len(found)
        if rule.take == "days_since":
            return max(0, u - found[-1].at) // (24 * HOUR) if found else None
        values = [value for event in found if (value := event.data.get(rule.field or "")) is not None]
        return _TAKE[rule.take](values) if values else None

    def holds(self, text: str | None, fields: Fields, u: int, stay: Any = None) -> bool | None:
        """Ask a condition; one that is not there holds."""
        if text is None:
            return True
        return compiled(self.pack, text)(Asked(self, fields, u, stay))

    def open_at(self, touchpoint: str) -> bool:
        return any(stay.touchpoint == touchpoint and stay.closed is None for stay in self.stays)


@dataclass
class Asked:
    """The scope of one question."""

    world: World
    fields: Fields
    u: int
    stay: Any = None  # the results of an encounter by standard, and what it counted

    def customer(self, name: str) -> Any:
        return self.world.attribute(name)

    def fact(self, name: str) -> Any:
        return self.world.fact(name, self.u)

    def is_open(self, touchpoint: str) -> bool:
        return self.world.open_at(touchpoint)

    def breached(self, standard: str) -> bool | None:
        found = None if self.stay is None else self.stay.result(standard)
        return None if found is None else found.result == "breached"

    def kept(self, standard: str) -> bool | None:
        found = None if self.stay is None else self.stay.result(standard)
        return None if found is None else found.result == "kept"

    def exceeded(self, standard: str, share: float) -> bool | None:
        found = None if self.stay is None else self.stay.result(standard)
        return None if found is None else found.result == "kept" and found.used <= share * found.within

    def count(self, kind: str) -> int:
        return 0 if self.stay is None else self.stay.count(kind)


def name_of(play: Play, step: Step) -> str:
    """The name of a step is that of its text; a second one with the same text is numbered."""
    steps = [*play.steps, *(then for way in play.exits for then in way.then)]
    place = next(place for place, other in enumerate(steps) if other is step)
    number = sum(other.says == step.says for other in steps[: place + 1])
    return step.says if number == 1 else f"{step.says}.{number}"


def name_of_card(play: Play, card: str) -> str:
    """The card when nobody was reached is named after all other steps."""
    steps = [*play.steps, *(then for way in play.exits for then in way.then)]
    number = sum(other.says == card for other in steps)
    return f"{card}.{number + 1}" if number else card


def when_it_happened(event: Event) -> tuple[int, int]:
    return event.at, event.seq


@cache
def span(text: str) -> int:
    """An elapsed duration in microseconds."""
    return parse_duration(text).elapsed()


def text_of(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def key_of(names: list[str], data: Fields) -> dict[str, str] | None:
    """The parts of a key, or None where one is missing."""
    if any(data.get(name) is None for name in names):
        return None
    return {name: text_of(data[name]) for name in names}


def key_text(parts: dict[str, str]) -> str:
    if len(parts) < 2:
        return next(iter(parts.values()), "")
    return json.dumps(list(parts.values()), ensure_ascii=False, separators=(",", ":"))


def agrees(world: World, event: Event, parts: dict[str, str]) -> bool:
    """Whether an event agrees with a key on every field of it that the event's kind declares."""
    fields = declared(world.pack, event.kind)
    return all(
        event.data.get(name) is not None and text_of(event.data[name]) == part
        for name, part in parts.items()
        if name in fields
    )


def declared(pack: Pack, kind: str) -> set[str]:
    """The fields of a kind; a derived event also carries those of its encounter's begin."""
    if kind not in DERIVED:
        return set(pack.head.events.get(kind, {})) | set(BUILT_IN.get(kind, {}))
    rules = [point.encounter for point in pack.touchpoints.values() if point.encounter is not None]
    begins = [begin for rule in rules for begin in as_list(rule.begins)]
    return set(DERIVED[kind]).union(*(pack.head.events.get(begin, {}) for begin in begins))


def compiled(pack: Pack, text: str) -> Callable[[Asked], bool | None]:
    return _compiled(_Same(pack), text)


class _Same:
    """A pack as a key by identity."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack

    def __hash__(self) -> int:
        return id(self.pack)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.pack is self.pack


@lru_cache(maxsize=2000)
def _compiled(same: _Same, text: str) -> Callable[[Asked], bool | None]:
    return compile_condition(text, _vocabulary(same)).test


@lru_cache(maxsize=200)
def _vocabulary(same: _Same) -> Vocabulary:
    pack = same.pack
    fields: dict[str, Any] = {"rating": "number"}
    for kinds in (BUILT_IN, DERIVED, pack.head.events):
        for declared in kinds.values():
            fields.update({name: "text" if kind == "zone" else kind for name, kind in declared.items()})
    facts: dict[str, Any] = {
        name: fields[rule.field or ""]
        if rule.take in ("last", "first", "min", "max", "most_common")
        else "number"
        for name, rule in pack.facts.items()
    }
    return Vocabulary(
        fields=fields,
        customer={
            name: "text" if rule.type == "zone" else rule.type for name, rule in pack.head.customer.items()
        },
        facts=facts,
        touchpoints=frozenset(pack.touchpoints),
        standards=frozenset(name for point in pack.touchpoints.values() for name in point.standards),
        kinds=frozenset(pack.head.events) | frozenset(BUILT_IN) | frozenset(DERIVED),
    )


_TAKE: dict[str, Callable[[list[Any]], Any]] = {
    "sum": sum,
    "avg": lambda values: sum(values) / len(values),
    "min": min,
    "max": max,
    "last": lambda values: values[-1],
    "first": lambda values: values[0],
    "most_common": lambda values: min(
        values,
        key=lambda value: (-values.count(value), f"{value:g}" if isinstance(value, float) else str(value)),
    ),
}
