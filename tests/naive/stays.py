"""Encounters and their standards, each recomputed from the events that were matched to it.

Nothing of a clock is kept: pauses, proofs and deadlines are found anew from the matched events whenever
somebody asks. Only a breach that was said stays said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from naive.world import Fields, Stay, World, agrees, key_of, key_text, span, when_it_happened
from peakend.model.event import Event
from peakend.model.outcome import Breached, Encountered, StandardResult, State
from peakend.model.pack import EncounterRule, Standard
from peakend.model.parts import as_list
from peakend.when import ALWAYS, DayCalendar, ServiceCalendar, parse_duration, parse_time_of_day, zone

AFTER_ALL = 2**62
"""The seq of what a timer derives: after every input of its instant."""

_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Carried = tuple[Event, bool]
"""A derived event, and whether what it carries is late."""


def take_input(world: World, event: Event, late: bool) -> list[Carried]:
    """Match one input to the encounters, end them, begin one; returns the derived events."""
    derived: list[Carried] = []
    for name, point in world.pack.touchpoints.items():
        if point.encounter is None:
            continue
        spoken_of = [
            s for s in world.stays if s.touchpoint == name and not s.settled and _matches(world, s, event)
        ]
        if spoken_of and _is_rating(world, name, event):
            _began_last(spoken_of).ratings.append(event)
        for stay in sorted(spoken_of, key=lambda stay: when_it_happened(stay.begin)):
            stay.matched.append(event)
            if event.kind in as_list(point.encounter.ends) and stay.closed is None:
                derived.append((_close(world, stay, event.at, event.seen), late))
        if event.kind in as_list(point.encounter.begins) and not late:
            derived += _begin(world, name, point.encounter, event)
    return derived


def timers(world: World) -> list[tuple[tuple[Any, ...], Any]]:
    """All that time alone will do to encounters: (order, what to do)."""
    found: list[tuple[tuple[Any, ...], Any]] = []
    for place, stay in enumerate(world.stays):
        for instant, what, number, act, detail in [] if stay.settled else _to_come(world, stay):
            order = (max(instant, world.clock), 0, stay.touchpoint, stay.key, what, number, place)
            found.append((order, (act, stay, detail)))
    return found


def _to_come(world: World, stay: Stay) -> Iterator[tuple[int, int, int, Any, Any]]:
    """What will become of one encounter: when, its place in the order, what to do."""
    for number, name in enumerate(_standards(world, stay)):
        breaks = Clock(world, stay, name).breaks
        if breaks is not None and name not in stay.breached:
            yield breaks, 0, number, _breach, name
    rule = rule_of(world, stay)
    if stay.closed is None:
        lasts = stay.begin.at + span(rule.lasts_at_most)
        yield lasts, 1, 0, _unfinished, lasts
    else:
        yield max((stay.ended or 0) + span(rule.settles), stay.closed), 2, 0, _settle, None


@dataclass
class Clock:
    """One standard's clock in one encounter, as far as is known now."""

    world: World
    stay: Stay
    name: str

    @property
    def rule(self) -> Standard:
        return self.world.pack.touchpoints[self.stay.touchpoint].standards[self.name]

    @property
    def start(self) -> Event | None:
        begun = zone(self.stay.zone).local(self.stay.begin.at).date()
        since, until = self.rule.since, self.rule.until
        if (since is not None and begun < since) or (until is not None and begun > until):
            return None
        return next(filter(self._starts, [self.stay.begin, *self.stay.matched]), None)

    def _starts(self, event: Event) -> bool:
        asked = event.kind == self.rule.from_ and self.world.holds(self.rule.where, event.data, event.at)
        agreed = self.rule.by is None or event.data.get(self.rule.by) not in (None, "9999-12-31")
        return asked is True and agreed

    @property
    def proof(self) -> Event | None:
        return min(self._after(as_list(self.rule.to)), key=when_it_happened, default=None)

    @property
    def deadline(self) -> int | None:
        """When the time is used up; None while the clock has not started or is paused."""
        if self.start is None:
            return None
        since, deadline = self.start.at, self._first_deadline(self.start)
        for pause, resume in self._pauses():
            if deadline < pause:
                break
            if resume is None:
                return None
            left, since = self._calendar.between(pause, deadline), resume
            deadline = self._calendar.advance(since, left)
        return deadline

    def _first_deadline(self, start: Event) -> int:
        """The deadline as it is without any pause."""
        if self.rule.by is not None:
            return self._agreed(start, start.data[self.rule.by])
        within = parse_duration(self.rule.within or "")
        if within.days and self.rule.calendar != "always":
            return self._calendar.advance_days(start.at, within.days)
        return self._calendar.advance(start.at, within.elapsed())

    def _agreed(self, start: Event, agreed: int | str) -> int:
        """An instant, or the end of a day where the customer was when the clock was started."""
        if self.name in self.stay.pinned:
            return self.stay.pinned[self.name]
        if isinstance(agreed, int):
            return agreed
        learnt = max(start, self.stay.begin, key=lambda event: (event.seen, event.seq))
        known = [e for e in self.world.inputs if (e.seen, e.seq) <= (learnt.seen, learnt.seq)]
        here = zone(self.world.zone_name(known))
        return here.at_wall(date.fromisoformat(agreed) + timedelta(days=1), 0) - 1

    @property
    def allowed(self) -> int:
        """The time that the promise gives, on its own calendar."""
        if self.start is None or (self.rule.within and not parse_duration(self.rule.within).days):
            return span(self.rule.within or "PT0S")
        return self._calendar.between(self.start.at, max(self.start.at, self._first_deadline(self.start)))

    @property
    def breaks(self) -> int | None:
        """When the breach is said, as far as is known now."""
        if self.start is None or self.deadline is None or self.in_time:
            return None
        return self.deadline + span(self.world.pack.head.grace.get(self.stay.begin.source, "PT0S"))

    @property
    def in_time(self) -> bool:
        return self.proof is not None and (self.deadline is None or self.proof.at <= self.deadline)

    def result(self) -> StandardResult:
        state: Literal["kept", "breached", "open"] = "kept" if self.in_time else "open"
        if not self.in_time and (self.name in self.stay.breached or self.proof is not None):
            state = "breached"
        late = state == "kept" and self.name in self.stay.breached
        used = 0 if self.proof is None else self._used(self.proof.at)
        return StandardResult(self.name, state, used, self.allowed, late)

    def _used(self, until: int) -> int:
        if self.start is None:
            return 0
        used, since, deadline = 0, self.start.at, self._first_deadline(self.start)
        for pause, resume in self._pauses():
            if pause >= until or deadline < pause:
                break
            used += self._calendar.between(since, pause)
            left, since = (
                self._calendar.between(pause, deadline),
                until if resume is None else min(resume, until),
            )
            deadline = self._calendar.advance(since, left)
        return used + self._calendar.between(since, max(until, since))

    def _pauses(self) -> list[tuple[int, int | None]]:
        """The pauses after the start and before the proof, in the order in which they happened."""
        found: list[tuple[int, int | None]] = []
        stops, goes = as_list(self.rule.pauses), as_list(self.rule.resumes)
        for event in sorted(self._after([*stops, *goes]), key=when_it_happened):
            if self.proof is not None and when_it_happened(event) > when_it_happened(self.proof):
                break
            paused = bool(found) and found[-1][1] is None
            if event.kind in stops and not paused:
                found.append((event.at, None))
            elif event.kind in goes and paused:
                found[-1] = (found[-1][0], event.at)
        return found

    def _after(self, kinds: list[str]) -> list[Event]:
        if self.start is None:
            return []
        begun = when_it_happened(self.start)
        return [e for e in self.stay.matched if e.kind in kinds and when_it_happened(e) > begun]

    @property
    def _calendar(self) -> ServiceCalendar:
        return calendar_of(self.world, self.rule.calendar)


@dataclass
class Seen:
    """What conditions see of one encounter."""

    standards: list[StandardResult]
    stay: Stay

    def result(self, standard: str) -> StandardResult | None:
        """How a standard fares; None where its clock has not started."""
        return next((found for found in self.standards if found.standard == standard), None)

    def count(self, kind: str) -> int:
        return sum(event.kind == kind for event in self.stay.matched)


def pin(world: World) -> None:
    """Keep the deadlines of agreed dates: what another name of the customer knew changes none of them."""
    for stay in world.stays:
        for name in _standards(world, stay):
            clock = Clock(world, stay, name)
            if clock.start is not None and clock.rule.by is not None:
                stay.pinned[name] = clock._first_deadline(clock.start)


def at_hand(world: World, touchpoint: str, fields: Fields, event: Event | None = None) -> Seen | None:
    """What the conditions of a play see: the encounter that an event tells of, else that of the key."""
    told = next((stay for derived, stay in world.tells if derived is event), None)
    if told is None or told.touchpoint != touchpoint:
        told = stay_of(world, touchpoint, fields)
    return None if told is None else seen_of(world, told)


def seen_of(world: World, stay: Stay) -> Seen:
    clocks = [Clock(world, stay, name) for name in _standards(world, stay)]
    return Seen([clock.result() for clock in clocks if clock.start is not None], stay)


def calendar_of(world: World, name: str) -> ServiceCalendar:
    if name == "always":
        return ALWAYS
    rule = world.pack.head.calendars[name]
    weekly: dict[int, list[tuple[int, int]]] = {}
    for days, hours in rule.week.items():
        first, _, last = days.partition("-")
        for day in range(_WEEK.index(first), _WEEK.index(last or first) + 1):
            for start, end in (window.split("-") for window in hours):
                window = parse_time_of_day(start), parse_time_of_day(end, end=True)
                weekly.setdefault(day, []).append(window)
    return ServiceCalendar(zone(rule.zone or world.pack.head.zone), weekly, days_of(world, name))


def days_of(world: World, name: str) -> DayCalendar:
    rule = world.pack.head.calendars[name]
    years = {*rule.years, *(day.year for day in [*rule.off, *rule.working])}
    return DayCalendar(off=frozenset(rule.off), working=frozenset(rule.working), years=frozenset(years))


def stay_of(world: World, touchpoint: str, fields: Fields) -> Stay | None:
    """The newest encounter of a touchpoint, not settled yet, whose key is what the fields hold for it."""
    rule = world.pack.touchpoints[touchpoint].encounter
    parts = None if rule is None else key_of([rule.key] if rule.key else [], fields)
    if parts is None:
        return None
    found = [
        stay
        for stay in world.stays
        if stay.touchpoint == touchpoint and stay.key == key_text(parts) and not stay.settled
    ]
    return found[-1] if found else None


def rule_of(world: World, stay: Stay) -> EncounterRule:
    rule = world.pack.touchpoints[stay.touchpoint].encounter
    assert rule is not None
    return rule


def _matches(world: World, stay: Stay, event: Event) -> bool:
    rule = rule_of(world, stay)
    parts = {} if rule.key is None else {rule.key: stay.key}
    return when_it_happened(event) > when_it_happened(stay.begin) and agrees(world, event, parts)


def _begin(world: World, name: str, rule: EncounterRule, event: Event) -> list[Carried]:
    parts = key_of([rule.key] if rule.key else [], event.data)
    if parts is None or world.holds(rule.where, event.data, event.at) is not True:
        return []
    key = key_text(parts)
    if any(s.touchpoint == name and s.key == key and s.closed is None for s in world.stays):
        return []
    stay = Stay(name, key, event, world.zone_name())
    world.stays.append(stay)
    remembered = [e for e in world.inputs[:-1] if e.seen + world.max_age >= event.seen]
    stay.matched = sorted((e for e in remembered if _matches(world, stay, e)), key=when_it_happened)
    unsettled = [s for s in world.stays if s.touchpoint == name and not s.settled]
    for rating in (e for e in stay.matched if _is_rating(world, name, e)):
        if _began_last([s for s in unsettled if _matches(world, s, rating)]) is stay:
            stay.ratings.append(rating)
    end = next((e for e in stay.matched if e.kind in as_list(rule.ends)), None)
    return [] if end is None else [(_close(world, stay, end.at, event.seen), False)]


def _close(world: World, stay: Stay, ended: int, seen: int) -> Event:
    stay.ended, stay.closed = ended, seen
    return _derive(world, stay, "encounter.closed", ended, seen, world.inputs[-1].seq)


def _breach(world: World, stay: Stay, name: str, instant: int) -> list[Carried]:
    clock = Clock(world, stay, name)
    stay.breached.add(name)
    deadline = clock.deadline or 0
    world.outputs.append(
        Breached(world.customer, stay.touchpoint, stay.key, name, stay.begin.at, deadline, instant)
    )
    data = stay.begin.data | {
        "touchpoint": stay.touchpoint,
        "standard": name,
        "deadline": deadline,
    }
    derived = Event(world.customer, "standard.breached", instant, instant, AFTER_ALL, data)
    world.tells.append((derived, stay))
    return [(derived, False)]


def _unfinished(world: World, stay: Stay, lasts: int, instant: int) -> list[Carried]:
    stay.ended, stay.closed, stay.unfinished = lasts, instant, True
    return [(_derive(world, stay, "encounter.closed", instant, instant, AFTER_ALL), False)]


def _settle(world: World, stay: Stay, _: None, instant: int) -> list[Carried]:
    stay.settled = True
    return [(_derive(world, stay, "encounter.settled", instant, instant, AFTER_ALL), False)]


def _derive(world: World, stay: Stay, kind: str, at: int, seen: int, seq: int) -> Event:
    """Say how the encounter went, as output and as derived event."""
    point = world.pack.touchpoints[stay.touchpoint]
    rating = _rating(world, stay)
    fields = {**stay.begin.data, "rating": rating}
    how = seen_of(world, stay)
    state: State = "neutral"
    if point.miserable is not None and world.holds(point.miserable, fields, seen, how) is True:
        state = "miserable"
    elif point.magical is not None and world.holds(point.magical, fields, seen, how) is True:
        state = "magical"
    world.outputs.append(
        Encountered(
            world.customer,
            stay.touchpoint,
            stay.key,
            stay.begin.at,
            stay.ended or 0,
            seen,
            state,
            kind == "encounter.settled",
            stay.unfinished,
            rating,
            tuple(how.standards),
        )
    )
    data = stay.begin.data | {
        "touchpoint": stay.touchpoint,
        "state": state,
        "unfinished": stay.unfinished,
        "rating": rating,
    }
    derived = Event(world.customer, kind, at, seen, seq, data)
    world.tells.append((derived, stay))
    return derived


def _began_last(stays: list[Stay]) -> Stay:
    return max(stays, key=lambda stay: when_it_happened(stay.begin))


def _is_rating(world: World, touchpoint: str, event: Event) -> bool:
    source = world.pack.touchpoints[touchpoint].rating
    kind, _, name = (source or "").rpartition(".")
    return event.kind == kind and event.data.get(name) is not None


def _rating(world: World, stay: Stay) -> float | None:
    last = max(stay.ratings, key=when_it_happened, default=None)
    name = (world.pack.touchpoints[stay.touchpoint].rating or "").rpartition(".")[2]
    return None if last is None else last.data[name]


def _standards(world: World, stay: Stay) -> list[str]:
    return list(world.pack.touchpoints[stay.touchpoint].standards)
