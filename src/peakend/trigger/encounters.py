"""Encounters: one customer at one touchpoint, from begin to end, and the standards that run meanwhile.

Facts decide how an encounter went. It closes at its end (or as unfinished when it lasts too long) and settles
later, because reopenings, ratings and late proofs come after the end.
Source: docs/semantics.md, section 5.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Sized
from typing import Any

from peakend.model.event import Event
from peakend.model.outcome import Breached, Encountered, Standing, State
from peakend.trigger import clocks
from peakend.trigger.recent import recall, remember
from peakend.trigger.rules import PointRule
from peakend.trigger.state import NEVER, Early, EncounterState, PointState
from peakend.trigger.turn import Turn, key_text

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
        # An encounter that was reopened leaves the timers of its earlier end and begin behind.
        if encounter.ended != NEVER and encounter.ended + rule.settles <= instant:
            _settle(turn, rule, point, encounter, instant)
    elif what == _UNFINISHED:
        if encounter.ended == NEVER and encounter.opened + rule.lasts <= instant:
            _last_too_long(turn, rule, encounter, instant)
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
    results = clocks.results(rule, encounter)
    if state != "miserable" and (ended is None or not says_something(rule, encounter.rating, results)):
        state = None
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
    order = event.at, event.seq
    day = turn.zone.local_day(event.at)
    encounter = EncounterState(rule.name, key, order, day, event.source, event.data, opened=event.at)
    point.encounters.setdefault(key, []).append(encounter)
    clocks.start(turn, rule, encounter, event)
    _set(turn, rule, encounter, encounter.opened + rule.lasts, _UNFINISHED)
    for early in recall(point.early, key, event.seen - turn.rules.max_age):
        at, seq = early.order
        known = Event(event.customer, early.kind, at, event.seen, seq, early.data, early.source)
        _happen(turn, rule, encounter, known)
    if encounter.ended != NEVER:
        _close(turn, rule, encounter, encounter.ended, event.seen, event.seq)


def _happen(turn: Turn, rule: PointRule, encounter: EncounterState, event: Event) -> bool:
    """One event during one encounter: counts, reopening, clocks, new fields, rating, the clocks that it
    starts, then the end.

    Tells whether it ended the encounter, which then has to be closed.
    """
    if (event.at, event.seq) <= encounter.begun:
        return False
    kind = event.kind
    if kind in rule.counted:
        encounter.counts[kind] = encounter.counts.get(kind, 0) + 1
    reopens = kind in rule.reopens and _began_last(turn, rule, event) is encounter
    if reopens:
        insort(encounter.marks, (event.at, event.seq, clocks.REOPENED))
    if kind in rule.marked:
        insort(encounter.marks, (event.at, event.seq, kind))
    if reopens or kind in rule.marked:
        for clock in encounter.clocks:
            clocks.run(turn, rule, encounter, clock)
    if kind in rule.updates:
        clocks.update(turn, rule, encounter, event)
    if rule.rating and kind == rule.rating[0]:
        _rate(turn, rule, encounter, event)
    clocks.start(turn, rule, encounter, event)
    if rule.reopens:
        return (reopens or kind in rule.ends) and _ends_anew(turn, rule, encounter)
    if kind not in rule.ends or encounter.ended != NEVER:
        return False
    encounter.ended = event.at
    return True


def _last_too_long(turn: Turn, rule: PointRule, encounter: EncounterState, instant: int) -> None:
    ended = encounter.opened + rule.lasts
    if rule.reopens:
        insort(encounter.marks, (ended, AFTER_ALL, clocks.UNFINISHED))
        if not _ends_anew(turn, rule, encounter):
            return  # a reopening from the future is known already
    encounter.unfinished, encounter.ended = True, ended
    _close(turn, rule, encounter, instant, instant, AFTER_ALL)


def _ends_anew(turn: Turn, rule: PointRule, encounter: EncounterState) -> bool:
    """Find the end of an encounter that may be reopened from all its marks; tells whether it is a new one."""
    before, opened = encounter.ended, encounter.opened
    encounter.ended, encounter.opened, encounter.unfinished = NEVER, encounter.begun[0], False
    for at, _, kind in encounter.marks:
        if encounter.ended != NEVER:
            if kind == clocks.REOPENED:
                encounter.ended, encounter.opened, encounter.unfinished = NEVER, at, False
        elif kind in rule.ends or kind == clocks.UNFINISHED:
            encounter.ended, encounter.unfinished = at, kind == clocks.UNFINISHED
    if encounter.ended == NEVER and (before != NEVER or encounter.opened != opened):
        _set(turn, rule, encounter, encounter.opened + rule.lasts, _UNFINISHED)
    return encounter.ended not in (NEVER, before)


def _began_last(turn: Turn, rule: PointRule, event: Event) -> EncounterState:
    """The encounter that began last of those that an event may speak of; there is one."""
    found = _matching(rule, turn.state.points[rule.name], event.kind, event.data)
    return max((e for e in found if e.begun < (event.at, event.seq)), key=lambda e: e.begun)


def _rate(turn: Turn, rule: PointRule, encounter: EncounterState, event: Event) -> None:
    """A rating belongs to the encounter of its key, else to the one that began last."""
    value = event.data.get(rule.rating[1]) if rule.rating else None
    last = _began_last(turn, rule, event)
    if isinstance(value, int | float) and encounter is last and encounter.rated < (event.at, event.seq):
        encounter.rating, encounter.rated = float(value), (event.at, event.seq)


def _set(turn: Turn, rule: PointRule, encounter: EncounterState, instant: int, what: int) -> None:
    turn.timer((max(instant, turn.now), 0, 0, 0, rule.name, encounter.key, what, encounter.begun[1], 0))


def _breach(turn: Turn, rule: PointRule, encounter: EncounterState, index: int, instant: int) -> None:
    clock = next((c for c in encounter.clocks if c.standard == index), None)
    grace = turn.rules.grace.get(encounter.source, 0)
    if clock is None or clock.breached != NEVER or clocks.breaks(clock) + grace > instant:
        return
    clock.breached = instant
    standard = rule.standards[index].name
    customer = turn.state.customer
    turn.out.append(
        Breached(customer, rule.name, encounter.key, standard, encounter.begun[0], clock.deadline, instant)
    )
    data = {
        **clocks.fields_of(encounter),
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
            clocks.results(rule, encounter),
            _channel(encounter),
        )
    )
    data = {
        **clocks.fields_of(encounter),
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
    turn.fields = {**clocks.fields_of(encounter), "rating": encounter.rating}
    turn.instant, turn.about = instant, encounter
    if rule.miserable and rule.miserable.test(turn) is True:
        return "miserable"
    if rule.magical and rule.magical.test(turn) is True:
        return "magical"
    return "neutral"
