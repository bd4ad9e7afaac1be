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
        if spoken_of and event.kind in as_list(point.encounter.reopens):
            _began_last(spoken_of).reopenings.append(event)
        for stay in sorted(spoken_of, key=lambda stay: when_it_happened(stay.begin)):
            stay.matched.append(event)
            ended = _new_end(world, stay, event)
            if ended is not None:
                derived.append((_close(world, stay, ended, event.at, event.seen), late))
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
        lasts = _course(world, stay)[0] + span(rule.lasts_at_most)
        yield lasts, 1, 0, _unfinished, lasts
    else:
        yield max((stay.ended or 0) + span(rule.settles), stay.closed), 2, 0, _settle, None


Order = tuple[int, int, int]
"""(at, seq) of an event, and which part of it: 0 its reopening, 1 all else, 2 its new fields."""


def _course(world: World, stay: Stay) -> tuple[int, int | None, bool]:
    """When an encounter was last opened, when it ended since, and whether that was as unfinished."""
    rule = rule_of(world, stay)
    ends = [(e.at, e.seq) for e in stay.matched if e.kind in as_list(rule.ends)]
    all_ends = sorted([(at, seq, 1) for at, seq in [*ends, *((at, AFTER_ALL) for at in stay.overlong)]])
    opened: Order = (stay.begin.at, stay.begin.seq, 1)
    while (end := next((one for one in all_ends if one > opened), None)) is not None:
        again = min(
            (e.at, e.seq, 0) for e in [*stay.reopenings, _AT_THE_END_OF_TIME] if (e.at, e.seq, 0) > end
        )
        if again[0] == _AT_THE_END_OF_TIME.at:
            return opened[0], end[0], end[1] == AFTER_ALL
        opened = again
    return opened[0], None, False


_AT_THE_END_OF_TIME = Event("", "", 2**61, 2**61, 0, {})


def _new_end(world: World, stay: Stay, event: Event) -> int | None:
    """The end that an event gave to an encounter, where it is another than before."""
    rule = rule_of(world, stay)
    if rule.reopens is None:
        return event.at if event.kind in as_list(rule.ends) and stay.closed is None else None
    _, ended, unfinished = _course(world, stay)
    if ended is None:
        stay.ended, stay.closed, stay.unfinished = None, None, False
    stay.unfinished = unfinished
    return None if ended == stay.ended else ended


@dataclass
class Clock:
    """One standard's clock in one encounter, as far as is known now.

    What it does lies in spans: from the start, or a reopening that took the proof before it back, to the
    first proof that follows.
    """

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
        if event.kind != self.rule.from_:
            return False
        agreed = self.rule.by is None or event.data.get(self.rule.by) not in (None, "9999-12-31")
        return agreed and (bool(self._updates) or self._applies_over(event.data, event.at))

    def _applies_over(self, fields: Fields, at: int) -> bool:
        return self.world.holds(self.rule.where, fields, at) is True

    @property
    def _updates(self) -> list[str]:
        return as_list(rule_of(self.world, self.stay).updates)

    @property
    def _spans(self) -> list[tuple[Order, Event | None]]:
        """The times without a proof: since when, and the proof that ended each."""
        found: list[tuple[Order, Event | None]] = []
        since = None if self.start is None else (self.start.at, self.start.seq, 1)
        proofs = sorted(self._after(as_list(self.rule.to)), key=when_it_happened)
        while since is not None:
            proof = next((e for e in proofs if (e.at, e.seq, 1) > since), None)
            found.append((since, proof))
            since = None
            ends = as_list(rule_of(self.world, self.stay).ends)
            if proof is not None and proof.kind in ends and self.rule.by is None:
                orders = [(e.at, e.seq, 0) for e in self.stay.reopenings]
                since = min((one for one in orders if one > (proof.at, proof.seq, 1)), default=None)
        return found

    @property
    def proof(self) -> Event | None:
        return self._spans[-1][1] if self._spans else None

    @property
    def _answers(self) -> list[tuple[Order, bool]]:
        """What was answered, and since when, to the question whether the standard applies."""
        if self.start is None:
            return []
        fields = dict(self.start.data)
        found = [((self.start.at, self.start.seq, 1), self._applies_over(fields, self.start.at))]
        for event in sorted(self._after(self._updates), key=when_it_happened):
            fields |= {name: value for name, value in event.data.items() if value is not None}
            found.append(((event.at, event.seq, 2), self._applies_over(fields, event.at)))
        return found

    @property
    def applies(self) -> bool:
        """Whether the standard applies now, or did when it was proven."""
        proof = self.proof
        known = [yes for order, yes in self._answers if proof is None or order < (proof.at, proof.seq, 1)]
        return bool(known) and known[-1]

    @property
    def lapsed(self) -> bool:
        """Whether the deadline passed while the standard applied, though no proof tells of it."""
        deadline, last = self.deadline, (2**61, 0, 0)
        if deadline is None:
            return False
        answers = self._answers
        until = [*(order for order, _ in answers[1:]), last]
        for since, proof in self._spans:
            taken_back = (proof.at, proof.seq, 1) if proof is not None else last
            for (order, yes), stop in zip(answers, until, strict=True):
                goes_on = stop != last and dict(answers)[stop]
                end = min(stop, taken_back)
                if yes and max(order, since) < end and deadline < end[0] < last[0]:
                    if end == stop and goes_on:
                        continue
                    if end == taken_back and proof is self.proof:
                        continue
                    return True
        return False

    @property
    def counts(self) -> bool:
        return self.start is not None and (self.applies or self.lapsed or self.name in self.stay.breached)

    @property
    def deadline(self) -> int | None:
        """When the time is used up; None while the clock has not started or is paused."""
        if self.start is None:
            return None
        since, deadline = self.start.at, self._first_deadline(self.start)
        for pause, resume in self._stops():
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
        if self.start is None or self.deadline is None or self.in_time or not (self.applies or self.lapsed):
            return None
        return self.deadline + span(self.world.pack.head.grace.get(self.stay.begin.source, "PT0S"))

    @property
    def in_time(self) -> bool:
        return self.proof is not None and (self.deadline is None or self.proof.at <= self.deadline)

    def result(self) -> StandardResult:
        state: Literal["kept", "breached", "open"] = "kept" if self.in_time else "open"
        missed = self.name in self.stay.breached or self.lapsed or self.proof is not None
        if not self.in_time and missed:
            state = "breached"
        late = state == "kept" and self.name in self.stay.breached
        used = 0 if self.proof is None else self._used(self.proof.at)
        return StandardResult(self.name, state, used, self.allowed, late)

    def _used(self, until: int) -> int:
        if self.start is None:
            return 0
        used, since, deadline = 0, self.start.at, self._first_deadline(self.start)
        for pause, resume in self._stops():
            if pause >= until or deadline < pause:
                break
            used += self._calendar.between(since, pause)
            left, since = (
                self._calendar.between(pause, deadline),
                until if resume is None else min(resume, until),
            )
            deadline = self._calendar.advance(since, left)
        return used + self._calendar.between(since, max(until, since))

    def _stops(self) -> list[tuple[int, int | None]]:
        """When the clock stood, in order: pauses, and from a proof to the reopening that took it back."""
        found: list[tuple[int, int | None]] = []
        stops, goes = as_list(self.rule.pauses), as_list(self.rule.resumes)
        events = sorted(self._after([*stops, *goes]), key=when_it_happened)
        before: Event | None = None
        for since, proof in self._spans:
            if found and found[-1][1] is None:
                found[-1] = (found[-1][0], since[0])
            elif before is not None:
                found.append((before.at, since[0]))
            before = proof
            for event in events:
                order = (event.at, event.seq, 1)
                if order <= since or (proof is not None and order >= (proof.at, proof.seq, 1)):
                    continue
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
    return Seen([clock.result() for clock in clocks if clock.counts], stay)


def fields_of(world: World, stay: Stay) -> dict[str, Any]:
    """The fields of an encounter's begin, with those of its updates over them."""
    fields, updates = dict(stay.begin.data), as_list(rule_of(world, stay).updates)
    for event in sorted((e for e in stay.matched if e.kind in updates), key=when_it_happened):
        fields |= {name: value for name, value in event.data.items() if value is not None}
    return fields


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
    for again in (e for e in stay.matched if e.kind in as_list(rule.reopens)):
        if _began_last([s for s in unsettled if _matches(world, s, again)]) is stay:
            stay.reopenings.append(again)
    end = next((e.at for e in stay.matched if e.kind in as_list(rule.ends)), None)
    if rule.reopens is not None:
        end = _course(world, stay)[1]
    return [] if end is None else [(_close(world, stay, end, end, event.seen), False)]


def _close(world: World, stay: Stay, ended: int, at: int, seen: int) -> Event:
    stay.ended, stay.closed = ended, seen
    return _derive(world, stay, "encounter.closed", at, seen, world.inputs[-1].seq)


def _breach(world: World, stay: Stay, name: str, instant: int) -> list[Carried]:
    clock = Clock(world, stay, name)
    stay.breached.add(name)
    deadline = clock.deadline or 0
    world.outputs.append(
        Breached(world.customer, stay.touchpoint, stay.key, name, stay.begin.at, deadline, instant)
    )
    data = fields_of(world, stay) | {
        "touchpoint": stay.touchpoint,
        "standard": name,
        "deadline": deadline,
    }
    derived = Event(world.customer, "standard.breached", instant, instant, AFTER_ALL, data)
    world.tells.append((derived, stay))
    return [(derived, False)]


def _unfinished(world: World, stay: Stay, lasts: int, instant: int) -> list[Carried]:
    stay.overlong.append(lasts)
    if rule_of(world, stay).reopens is not None and _course(world, stay)[1] is None:
        return []
    stay.ended, stay.closed, stay.unfinished = lasts, instant, True
    return [(_derive(world, stay, "encounter.closed", instant, instant, AFTER_ALL), False)]


def _settle(world: World, stay: Stay, _: None, instant: int) -> list[Carried]:
    stay.settled = True
    return [(_derive(world, stay, "encounter.settled", instant, instant, AFTER_ALL), False)]


def _derive(world: World, stay: Stay, kind: str, at: int, seen: int, seq: int) -> Event:
    """Say how the encounter went, as output and as derived event."""
    point = world.pack.touchpoints[stay.touchpoint]
    rating = _rating(world, stay)
    fields = {**fields_of(world, stay), "rating": rating}
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
    data = fields_of(world, stay) | {
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
