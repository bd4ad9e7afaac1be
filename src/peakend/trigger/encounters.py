"""Encounters: one customer at one touchpoint, from begin to end, and the standards that run meanwhile.

Facts decide how an encounter went. It closes at its end (or as unfinished when it lasts too long) and settles
later, because reopenings, ratings and late proofs come after the end.
Source: docs/semantics.md, section 5.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Sized
from datetime import date
from typing import Any, Literal

from peakend.model.event import Event
from peakend.model.outcome import Breached, Encountered, StandardResult, Standing, State
from peakend.trigger.recent import recall, remember
from peakend.trigger.rules import PointRule, StandardRule
from peakend.trigger.state import NEVER, ClockState, Early, EncounterState, PointState
from peakend.trigger.turn import Turn, key_text, missed
from peakend.when import parse_date

FAR = 1 << 61
"""The deadline of a clock that is paused, or was never run."""
AFTER_ALL = 1 << 62
"""The seq of an event that a timer derives: it comes after every input of its instant."""
_UNFINISHED = 1 << 20
_SETTLED = 1 << 21


def observe(turn: Turn, rule: PointRule, event: Event, late: bool) -> None:
    """Show one event to one touchpoint; derived events are put on the turn."""
    point = turn.state.points.get(rule.name)
    if point is None:
        point = turn.state.points[rule.name] = PointState()
    for encounter in _matching(rule, point, event.kind, event.data):
        if _happen(turn, rule, encounter, event):
            _close(turn, rule, encounter, event.at, event.seen, event.seq)
    begins = event.kind in rule.begins and not late
    if not turn.rules.in_order:
        _keep_in_mind(turn, rule, point, event)
    if begins:
        _begin(turn, rule, point, event)


def ring(turn: Turn, rule: PointRule, key: str, what: int, seq: int, instant: int) -> None:
    """A timer of an encounter has come: a deadline, the longest duration, or the time to settle."""
    point = turn.state.points.get(rule.name)
    found = point.encounters.get(key, []) if point else []
    encounter = next((e for e in found if e.begun[1] == seq), None)
    if point is None or encounter is None:
        return
    if what == _SETTLED:
        if encounter.ended != NEVER:
            _settle(turn, rule, point, encounter, instant)
    elif what == _UNFINISHED:
        if encounter.ended == NEVER:
            encounter.unfinished, encounter.ended = True, encounter.begun[0] + rule.lasts
            _close(turn, rule, encounter, instant, instant, AFTER_ALL)
    else:
        _breach(turn, rule, encounter, what, instant)


def standing(turn: Turn, rule: PointRule, instant: int) -> list[Standing]:
    """How the unsettled encounters of one touchpoint stand at an instant, by what is known of them so far."""
    point = turn.state.points.get(rule.name)
    found = [e for known in point.encounters.values() for e in known] if point else []
    return [_standing(turn, rule, encounter, instant) for encounter in found]


def _standing(turn: Turn, rule: PointRule, encounter: EncounterState, instant: int) -> Standing:
    state: State | None = _state(turn, rule, encounter, instant)
    ended = encounter.ended if encounter.ended != NEVER else None
    if state != "miserable" and (
        ended is None or not says_something(rule, encounter.rating, encounter.clocks)
    ):
        state = None
    results = tuple(_result(rule, clock) for clock in encounter.clocks)
    begun = encounter.begun[0]
    channel = _channel(encounter)
    return Standing(rule.name, encounter.key, begun, ended, state, encounter.rating, results, channel)


def says_something(rule: PointRule, rating: float | None, standards: Sized) -> bool:
    """Whether anything tells how an encounter went: a rating, or a standard that applied; where a touchpoint
    is never rated, its conditions look at facts alone and always do."""
    return rating is not None or rule.rating is None or len(standards) > 0


def _matching(
    rule: PointRule, point: PointState, kind: str, data: dict[str, Any]
) -> Iterable[EncounterState]:
    if rule.key is not None and kind in rule.keyed:
        key = key_text(data.get(rule.key))
        return list(point.encounters.get(key, ())) if key is not None else ()
    return sorted((e for found in point.encounters.values() for e in found), key=lambda e: e.begun)


def _keep_in_mind(turn: Turn, rule: PointRule, point: PointState, event: Event) -> None:
    key = None
    if rule.key is not None and event.kind in rule.keyed:
        key = key_text(event.data.get(rule.key))
        if key is None:
            return  # it can mean no encounter
    early = Early((event.at, event.seq), event.seen, event.kind, event.data, event.source)
    remember(point.early, key, early, event.seen - turn.rules.max_age)


def _begin(turn: Turn, rule: PointRule, point: PointState, event: Event) -> None:
    key = key_text(event.data.get(rule.key)) if rule.key else ""
    if key is None or any(e.ended == NEVER for e in point.encounters.get(key, ())):
        return
    turn.fields, turn.instant, turn.about = event.data, event.at, ""
    if rule.where and rule.where.test(turn) is not True:
        return
    encounter = EncounterState(
        rule.name, key, (event.at, event.seq), turn.zone.local_day(event.at), event.source, event.data
    )
    point.encounters.setdefault(key, []).append(encounter)
    _start_clocks(turn, rule, encounter, event)
    _set(turn, rule, encounter, encounter.begun[0] + rule.lasts, _UNFINISHED)
    ended = NEVER
    for early in recall(point.early, key, event.seen - turn.rules.max_age):
        at, seq = early.order
        known = Event(event.customer, early.kind, at, event.seen, seq, early.data, early.source)
        if _happen(turn, rule, encounter, known):
            ended = at
    if ended != NEVER:
        _close(turn, rule, encounter, ended, event.seen, event.seq)


def _happen(turn: Turn, rule: PointRule, encounter: EncounterState, event: Event) -> bool:
    """One event during one encounter: counts, clocks, rating, the clocks that it starts, then the end.

    Tells whether it ended the encounter, which then has to be closed.
    """
    if (event.at, event.seq) <= encounter.begun:
        return False
    kind = event.kind
    if kind in rule.counted:
        encounter.counts[kind] = encounter.counts.get(kind, 0) + 1
    if kind in rule.marked:
        insort(encounter.marks, (event.at, event.seq, kind))
        for clock in encounter.clocks:
            _run(turn, rule, encounter, clock)
    if rule.rating and kind == rule.rating[0]:
        _rate(turn, rule, encounter, event)
    _start_clocks(turn, rule, encounter, event)
    if kind not in rule.ends or encounter.ended != NEVER:
        return False
    encounter.ended = event.at
    return True


def _rate(turn: Turn, rule: PointRule, encounter: EncounterState, event: Event) -> None:
    """A rating belongs to the encounter of its key, else to the one that began last."""
    point = turn.state.points[rule.name]
    known = [e for e in _matching(rule, point, event.kind, event.data) if e.begun < (event.at, event.seq)]
    value = event.data.get(rule.rating[1]) if rule.rating else None
    last = max(known, key=lambda e: e.begun)
    if isinstance(value, int | float) and encounter is last and encounter.rated < (event.at, event.seq):
        encounter.rating, encounter.rated = float(value), (event.at, event.seq)


def _start_clocks(turn: Turn, rule: PointRule, encounter: EncounterState, event: Event) -> None:
    for standard in rule.standards:
        if standard.from_ != event.kind or any(c.standard == standard.index for c in encounter.clocks):
            continue
        if not _in_force(standard, encounter.day):
            continue
        turn.fields, turn.instant, turn.about = event.data, event.at, encounter
        if standard.where and standard.where.test(turn) is not True:
            continue
        deadline = _deadline(turn, standard, event)
        if deadline is None:
            continue
        within = standard.within or standard.calendar.between(event.at, deadline)
        # The deadline of a clock that was never run is FAR, not NEVER: an agreed date may be any instant.
        clock = ClockState(standard.index, (event.at, event.seq), within, deadline, FAR)
        encounter.clocks.append(clock)
        encounter.clocks.sort(key=lambda c: c.standard)
        _run(turn, rule, encounter, clock)


def _deadline(turn: Turn, standard: StandardRule, event: Event) -> int | None:
    """By when the proof of a clock that this event starts is due; None where no date was agreed."""
    if standard.by is None:
        if standard.days:
            return standard.calendar.advance_days(event.at, standard.days)
        return standard.calendar.advance(event.at, standard.within)
    agreed = event.data.get(standard.by)
    if agreed is None or isinstance(agreed, int):
        return agreed
    day = parse_date(agreed)
    return turn.zone.at_wall(day.toordinal() + 1, 0) - 1 if day < date.max else None


def _in_force(standard: StandardRule, day: int) -> bool:
    return (standard.since is None or standard.since <= day) and (
        standard.until is None or day <= standard.until
    )


def _run(turn: Turn, rule: PointRule, encounter: EncounterState, clock: ClockState) -> None:
    """Run a clock from its start through the marks; a new deadline sets a new timer."""
    standard, before = rule.standards[clock.standard], clock.deadline
    calendar = standard.calendar
    clock.deadline, clock.running, clock.used, clock.done = clock.first_deadline, clock.start[0], 0, NEVER
    left = 0
    for at, seq, kind in encounter.marks:
        if (at, seq) <= clock.start:
            continue
        if kind in standard.to:
            clock.used += calendar.between(clock.running, at) if clock.running != NEVER else 0
            clock.done, clock.running = at, NEVER
            break
        if kind in standard.pauses and clock.running != NEVER and at <= clock.deadline:
            clock.used += calendar.between(clock.running, at)
            left, clock.running, clock.deadline = calendar.between(at, clock.deadline), NEVER, FAR
        elif kind in standard.resumes and clock.running == NEVER:
            clock.running, clock.deadline = at, calendar.advance(at, left)
    clock.late_proof = NEVER not in (clock.breached, clock.done) and clock.done <= clock.deadline
    proven = clock.done != NEVER and clock.done <= clock.deadline
    if clock.deadline not in (before, FAR) and not proven:
        grace = turn.rules.grace.get(encounter.source, 0)
        _set(turn, rule, encounter, clock.deadline + grace, clock.standard)


def _set(turn: Turn, rule: PointRule, encounter: EncounterState, instant: int, what: int) -> None:
    turn.timer((max(instant, turn.now), 0, 0, 0, rule.name, encounter.key, what, encounter.begun[1], 0))


def _breach(turn: Turn, rule: PointRule, encounter: EncounterState, index: int, instant: int) -> None:
    clock = next((c for c in encounter.clocks if c.standard == index), None)
    grace = turn.rules.grace.get(encounter.source, 0)
    if clock is None or clock.breached != NEVER or clock.deadline + grace > instant:
        return
    if clock.done != NEVER and clock.done <= clock.deadline:
        return
    clock.breached = instant
    standard = rule.standards[index].name
    customer = turn.state.customer
    turn.out.append(
        Breached(customer, rule.name, encounter.key, standard, encounter.begun[0], clock.deadline, instant)
    )
    data = {
        **encounter.fields,
        "touchpoint": rule.name,
        "standard": standard,
        "deadline": clock.deadline,
    }
    turn.derived.append((Event(customer, "standard.breached", instant, instant, AFTER_ALL, data), encounter))


def _close(turn: Turn, rule: PointRule, encounter: EncounterState, at: int, seen: int, seq: int) -> None:
    _report(turn, rule, encounter, at, seen, seq, settled=False)
    _set(turn, rule, encounter, encounter.ended + rule.settles, _SETTLED)


def _settle(turn: Turn, rule: PointRule, point: PointState, encounter: EncounterState, instant: int) -> None:
    _report(turn, rule, encounter, instant, instant, AFTER_ALL, settled=True)
    found = point.encounters[encounter.key]
    found.remove(encounter)
    if not found:
        del point.encounters[encounter.key]


def _report(
    turn: Turn, rule: PointRule, encounter: EncounterState, at: int, seen: int, seq: int, *, settled: bool
) -> None:
    state = _state(turn, rule, encounter, seen)
    customer = turn.state.customer
    turn.out.append(
        Encountered(
            customer,
            rule.name,
            encounter.key,
            encounter.begun[0],
            encounter.ended,
            seen,
            state,
            settled,
            encounter.unfinished,
            encounter.rating,
            tuple(_result(rule, clock) for clock in encounter.clocks),
            _channel(encounter),
        )
    )
    data = {
        **encounter.fields,
        "touchpoint": rule.name,
        "state": state,
        "unfinished": encounter.unfinished,
        "rating": encounter.rating,
    }
    kind = "encounter.settled" if settled else "encounter.closed"
    turn.derived.append((Event(customer, kind, at, seen, seq, data), encounter))


def _channel(encounter: EncounterState) -> str:
    return str(encounter.fields.get("channel") or "")


def _state(turn: Turn, rule: PointRule, encounter: EncounterState, instant: int) -> State:
    turn.fields = {**encounter.fields, "rating": encounter.rating}
    turn.instant, turn.about = instant, encounter
    if rule.miserable and rule.miserable.test(turn) is True:
        return "miserable"
    if rule.magical and rule.magical.test(turn) is True:
        return "magical"
    return "neutral"


def _result(rule: PointRule, clock: ClockState) -> StandardResult:
    result: Literal["kept", "breached", "open"]
    result = "breached" if missed(clock) else "kept" if clock.done != NEVER else "open"
    used = clock.used if clock.done != NEVER else 0
    return StandardResult(rule.standards[clock.standard].name, result, used, clock.within, clock.late_proof)
