"""When a slot is due, resolved anew from the run's fields and the customer's zone at every question."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from naive.stays import Clock, days_of, rule_of, stay_of
from naive.world import UNREACHED, Run, Slot, World, span
from peakend.model.pack import Step
from peakend.model.parts import as_list
from peakend.when import (
    Duration,
    OnDay,
    QuietHours,
    Zone,
    due_after,
    due_before,
    due_yearly,
    parse_duration,
    parse_on_day,
    parse_time_of_day,
    zone,
)

BARRED = ("care", "ask", "marketing")
"""The classes that do-not-disturb, holidays, a moment, a holdout and total caps bar."""

Due = int | Literal["none", "paused", "gone"]
"""An instant; or no date at all, none while a clock is paused, or nothing left to wait for."""

_NO_DAYS = Duration(calendar=True)


def due_of(world: World, run: Run, slot: Slot) -> Due:
    """When the slot is due as things stand, before catching up."""
    if slot.part == UNREACHED:
        return slot.floor
    here = zone(slot.zone) if slot.zone else world.zone()
    first = _first(world, run, slot, here)
    if isinstance(first, str) or slot.step.repeat is None or slot.turn == 0:
        return first
    return due_after(first, _times(parse_duration(slot.step.repeat.every), slot.turn), here)


def caught_up(run: Run, slot: Slot, due: int) -> int | None:
    """The due, moved to the entry where `catch_up` covers the distance; None where it lies too far back."""
    behind = run.entry.at - due
    if behind <= 0:
        return due
    return run.entry.at if slot.step.catch_up and behind <= span(slot.step.catch_up) else None


def moved_by_more_than_by(world: World, slot: Slot, old: int, new: int) -> bool:
    by = parse_duration(slot.step.due.by) if slot.step.due.by else _NO_DAYS
    return new > due_after(old, by, world.zone())


def limit_of(world: World, run: Run, slot: Slot, due: int) -> int:
    """The last instant at which the slot is worth deciding."""
    base = quiet_until(world, run, slot.step, due) or due
    limits = [base + span(slot.step.expires or "PT24H")]
    if not slot.step.extra:
        following = due_of_next_round(world, run, slot)
        limits += [] if following is None else [following]
        limits += [other for other in _dues_beside(world, run, slot) if other > due]
    return min(limits)


def to_customer(step: Step) -> bool:
    return step.action not in ("card", "task")


def has_next_round(run: Run, slot: Slot) -> bool:
    if run.over or slot.index in run.stopped:
        return False
    if slot.step.due.yearly is not None:
        return True
    return slot.step.repeat is not None and slot.turn + 1 < slot.step.repeat.times


def due_of_next_round(world: World, run: Run, slot: Slot) -> int | None:
    if not has_next_round(run, slot):
        return None
    due = due_of(world, run, replace(slot, turn=slot.turn + 1))
    return due if isinstance(due, int) else None


def quiet_until(world: World, run: Run, step: Step, instant: int) -> int | None:
    """The end of the quiet hours that bind the step and in which the instant lies, or None."""
    rule = world.pack.head.policy.quiet_hours
    if rule is None or run.play.urgent or not to_customer(step):
        return None
    soft = (step.class_ or run.play.class_) in BARRED
    name = next(iter(world.pack.head.calendars)) if rule.holidays is True else rule.holidays
    holidays = days_of(world, name) if soft and name else None
    hours = QuietHours(parse_time_of_day(rule.from_), parse_time_of_day(rule.to, end=True), holidays=holidays)
    return hours.until(instant, world.zone())


def _first(world: World, run: Run, slot: Slot, here: Zone) -> Due:
    due = slot.step.due
    at = parse_time_of_day(due.at) if due.at else None
    on_day = parse_on_day(slot.step.on_day) if slot.step.on_day is not None else None
    by = parse_duration(due.by) if due.by else _NO_DAYS
    if due.after is not None:
        start = run.entry.at if slot.anchor is None else slot.anchor.at
        return due_after(start, parse_duration(due.after), here, at, on_day)
    if due.before_breach_of is not None:
        return _before_breach(world, run, due.before_breach_of, by, here, at, on_day)
    fields = run.fields | (slot.anchor.data if slot.anchor is not None else {})
    date = fields.get(due.before or due.yearly or "")
    if date is None:
        return "none"
    if due.before is not None:
        return due_before(date, by, here, at, on_day)
    date = here.local(date).date() if isinstance(date, int) else date
    found = due_yearly(date, by, here, at, run.entry.at, on_day)
    for _ in range(slot.turn):
        found = due_yearly(date, by, here, at, found + 1, on_day)
    return found


def _before_breach(
    world: World, run: Run, name: str, by: Duration, here: Zone, at: int | None, on_day: OnDay | None
) -> Due:
    stay = stay_of(world, run.play.touchpoint, run.fields)
    if stay is None:
        return "none"
    clock = Clock(world, stay, name)
    if clock.start is None:
        return "none" if clock.rule.from_ in as_list(rule_of(world, stay).begins) else "paused"
    if clock.proof is not None or name in stay.breached or clock.lapsed:
        return "gone"
    return (
        "paused"
        if clock.deadline is None or not clock.applies
        else due_before(clock.deadline, by, here, at, on_day)
    )


def _dues_beside(world: World, run: Run, slot: Slot) -> list[int]:
    """The dues of the other steps of the same list and audience that are not extra.

    A step that is decided anew has only its new due.
    """
    dues: list[int] = []
    for other in run.slots:
        place = (other.part, other.index, other.turn)
        if other.part != slot.part or other.index == slot.index or other.step.extra:
            continue
        if to_customer(other.step) != to_customer(slot.step) or other.status == "dropped":
            continue
        if any((s.part, s.index, s.turn) == place and s.round > other.round for s in run.slots):
            continue
        due: Due | None = other.due if other.status == "decided" else due_of(world, run, other)
        if isinstance(due, int):
            moved = caught_up(run, other, due)
            dues += [] if moved is None else [moved]
    return dues


def _times(every: Duration, count: int) -> Duration:
    return Duration(every.months * count, every.days * count, every.micros * count, every.calendar)
