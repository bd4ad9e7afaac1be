"""The clocks of the standards in one encounter: what starts, stops, takes back, withdraws and ends them.

A clock is never moved on: whenever something about it is learnt it runs anew through all marks, in the order
in which they happened, so that the order in which they were learnt cannot matter.
Source: docs/semantics.md, section 5.
"""

from __future__ import annotations

from bisect import insort
from datetime import date
from typing import Any, Final, Literal

from peakend.model.event import Event
from peakend.model.outcome import StandardResult
from peakend.trigger.rules import PointRule, StandardRule
from peakend.trigger.state import NEVER, ClockState, EncounterState, Order
from peakend.trigger.turn import Turn, counts, missed
from peakend.when import ServiceCalendar, parse_date

FAR: Final = 1 << 61
"""The deadline of a clock that is paused, or was never run."""

# Marks that are no kinds. Of one event the reopening acts before all else, the new fields after it.
REOPENED: Final = ""
UNFINISHED: Final = " "
APPLIES: Final = "~applies"
WITHDRAWN: Final = "~withdrawn"


def start(turn: Turn, rule: PointRule, encounter: EncounterState, event: Event) -> None:
    """Start the clocks that wait for this event."""
    for standard in rule.standards:
        if standard.from_ != event.kind or any(c.standard == standard.index for c in encounter.clocks):
            continue
        if not _in_force(standard, encounter.day):
            continue
        turn.fields, turn.instant, turn.about = event.data, event.at, encounter
        applies = standard.where is None or standard.where.test(turn) is True
        if not applies and not rule.updates:
            continue
        deadline = _deadline(turn, standard, event)
        if deadline is None:
            continue
        within = standard.within or standard.calendar.between(event.at, deadline)
        # The deadline of a clock that was never run is FAR, not NEVER: an agreed date may be any instant.
        clock = ClockState(standard.index, (event.at, event.seq), within, deadline, FAR)
        if rule.updates and standard.where is not None:
            clock.fields = event.data
            clock.answers.append((event.at, event.seq, APPLIES if applies else WITHDRAWN))
            _ask(turn, standard, encounter, clock, clock.start)
        encounter.clocks.append(clock)
        encounter.clocks.sort(key=lambda c: c.standard)
        run(turn, rule, encounter, clock)


def update(turn: Turn, rule: PointRule, encounter: EncounterState, event: Event) -> None:
    """Take new fields, and ask again which standards apply."""
    order = event.at, event.seq
    given = {name: value for name, value in event.data.items() if value is not None}
    insort(encounter.updates, (*order, given), key=lambda known: known[:2])
    for clock in encounter.clocks:
        standard = rule.standards[clock.standard]
        if clock.answers and order > clock.start:
            _ask(turn, standard, encounter, clock, order)
            run(turn, rule, encounter, clock)


def fields_of(encounter: EncounterState) -> dict[str, Any]:
    """The fields of an encounter as its updates left them."""
    if not encounter.updates:
        return encounter.fields
    return _over(encounter.fields, encounter, encounter.begun)


def run(turn: Turn, rule: PointRule, encounter: EncounterState, clock: ClockState) -> None:
    """Run a clock from its start through the marks; a new deadline sets a new timer."""
    before = breaks(clock)
    marks = sorted([*encounter.marks, *clock.answers]) if clock.answers else encounter.marks
    _run_through(rule.standards[clock.standard], clock, marks)
    clock.late_proof = NEVER not in (clock.breached, clock.done) and clock.done <= clock.deadline
    after = breaks(clock)
    if after not in (before, FAR):
        instant = max(after + turn.rules.grace.get(encounter.source, 0), turn.now)
        order = encounter.begun[1]
        turn.timer((instant, 0, 0, 0, rule.name, encounter.key, clock.standard, order, 0))


def breaks(clock: ClockState) -> int:
    """The deadline at which a clock is missed, as far as is known; FAR where it is not."""
    if clock.done != NEVER and clock.done <= clock.deadline:
        return FAR
    return clock.deadline if clock.applies or clock.lapsed else FAR


def runs_until(clock: ClockState) -> int | None:
    """The deadline of a clock that runs; None where it is paused, kept, missed, or does not apply."""
    runs = clock.applies and clock.done == NEVER and clock.breached == NEVER and clock.running != NEVER
    return clock.deadline if runs else None


def results(rule: PointRule, encounter: EncounterState) -> tuple[StandardResult, ...]:
    """How the standards fare that count for the encounter."""
    return tuple(_result(rule, clock) for clock in encounter.clocks if counts(clock))


def _result(rule: PointRule, clock: ClockState) -> StandardResult:
    result: Literal["kept", "breached", "open"]
    result = "breached" if missed(clock) else "kept" if clock.done != NEVER else "open"
    used = clock.used if clock.done != NEVER else 0
    return StandardResult(rule.standards[clock.standard].name, result, used, clock.within, clock.late_proof)


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


def _ask(
    turn: Turn, standard: StandardRule, encounter: EncounterState, clock: ClockState, since: Order
) -> None:
    """Ask again whether a standard applies at its updates from `since` on; earlier answers stand."""
    assert standard.where is not None
    clock.answers = [answer for answer in clock.answers if answer[:2] < since or answer[:2] == clock.start]
    for at, seq, _ in encounter.updates:
        if (at, seq) < since or (at, seq) <= clock.start:
            continue
        turn.fields = _over(clock.fields, encounter, clock.start, (at, seq))
        turn.instant, turn.about = at, encounter
        applies = standard.where.test(turn) is True
        clock.answers.append((at, seq, APPLIES if applies else WITHDRAWN))


def _over(
    fields: dict[str, Any], encounter: EncounterState, after: Order, until: Order | None = None
) -> dict[str, Any]:
    merged = dict(fields)
    for at, seq, given in encounter.updates:
        if after < (at, seq) and (until is None or (at, seq) <= until):
            merged.update(given)
    return merged


def _run_through(standard: StandardRule, clock: ClockState, marks: list[tuple[int, int, str]]) -> None:
    calendar = standard.calendar
    clock.deadline, clock.running, clock.used, clock.done = clock.first_deadline, clock.start[0], 0, NEVER
    applies = clock.applies = not clock.answers or clock.answers[0][2] == APPLIES
    clock.lapsed = False
    left = 0
    for at, seq, kind in marks:
        if (at, seq) <= clock.start:
            continue
        if kind[:1] == "~":
            applies = kind == APPLIES
            if clock.done == NEVER:
                clock.lapsed |= clock.applies and not applies and at > clock.deadline
                clock.applies = applies
        elif clock.done != NEVER:
            if kind == REOPENED:
                _take_back(clock, calendar, at, left)
                clock.applies = applies
        elif kind in standard.to:
            ran, clock.done = _stop(clock, calendar, at), at
            if kind not in standard.taken_back:
                break
            left = calendar.between(at, clock.deadline) if ran else left
        elif kind in standard.pauses and at <= clock.deadline and _stop(clock, calendar, at):
            left, clock.deadline = calendar.between(at, clock.deadline), FAR
        elif kind in standard.resumes and clock.running == NEVER:
            clock.running, clock.deadline = at, calendar.advance(at, left)


def _stop(clock: ClockState, calendar: ServiceCalendar, at: int) -> bool:
    """Stop a clock; tells whether it ran."""
    if clock.running == NEVER:
        return False
    clock.used += calendar.between(clock.running, at)
    clock.running = NEVER
    return True


def _take_back(clock: ClockState, calendar: ServiceCalendar, at: int, left: int) -> None:
    """Take back a proof; past its deadline nothing stops a clock any more."""
    if clock.done <= clock.deadline:
        clock.running, clock.deadline = at, calendar.advance(at, left)
    else:
        clock.running = clock.done
        clock.lapsed |= clock.applies
    clock.done = NEVER
