"""When the steps of a run are due, and what happens to them when a date, a zone or a standard's clock moves.

Source: docs/semantics.md, section 3, "Due".
"""

from __future__ import annotations

from datetime import date

from peakend.errors import TimeError
from peakend.trigger.rules import OWN, UNREACHED, PlayRule, StepRule
from peakend.trigger.state import NEVER, Run, StepState
from peakend.trigger.turn import Turn, find_encounter, missed
from peakend.when import Duration, due_after, due_before, due_yearly, parse_date

WAITS = -2
"""The step has no due now, but may get one: its standard is paused, has not started or does not apply."""
GONE = -3
"""The step can never come due any more: its standard is proven or breached."""


def first_steps(turn: Turn, rule: PlayRule, run: Run) -> None:
    """Put all steps of a new run on the queue."""
    for step in rule.first:
        _add(turn, rule, run, step, 0, run.seen)


def then_steps(turn: Turn, rule: PlayRule, run: Run, exit_: int, floor: int) -> None:
    """Put the `then` steps of the exit that ended a run on the queue."""
    for step in rule.steps:
        if step.exit == exit_:
            _add(turn, rule, run, step, 0, floor)


def next_round(turn: Turn, rule: PlayRule, run: Run, step: StepState, instant: int) -> StepState | None:
    """Put the next round of a step that repeats on the queue, when the one before is decided or held."""
    what = rule.steps[step.index]
    if step.due is None or not (what.form == "yearly" or (what.every and step.round + 1 < what.times)):
        return None
    if any(s.index == step.index and s.round == step.round + 1 for s in run.steps):
        return None
    return _add(turn, rule, run, what, step.round + 1, instant, step.undated)


def arm(turn: Turn, rule: PlayRule, run: Run, step: StepState, wake: int) -> None:
    """Set the step's timer for `wake`."""
    step.wake = wake
    rank = rule.steps[step.index].rank
    turn.timer((wake, 1, rank, -rule.priority, rule.name, run.key, step.index, run.occurrence, step.round))


def rebind(turn: Turn, rule: PlayRule, run: Run, floor: int, dates: frozenset[str]) -> bool:
    """Resolve the dues again, decided ones only if `dates` names their field; tell whether any changed."""
    changed = False
    for step in list(run.steps):
        what = rule.steps[step.index]
        if what.exit == UNREACHED:
            continue
        due = due_of(turn, rule, run, what, step.round - step.undated)
        if step.decided:
            if what.field not in dates or what.every or not _anew(turn, what, step.due, due):
                continue
        elif due == (WAITS if step.waits else step.due):
            continue
        changed = True
        run.steps.remove(step)
        _add(
            turn,
            rule,
            run,
            what,
            step.round + step.decided,
            floor,
            step.undated + (step.decided and step.due is None),
        )
    if changed:
        run.steps.sort(key=lambda s: (s.index, s.round))
    return changed


def due_of(
    turn: Turn, rule: PlayRule, run: Run, step: StepRule, round_: int, *, catch_up: bool = True
) -> int | None:
    """The due of one round of a step: an instant, None where no date is known, WAITS or GONE.

    `catch_up` moves a due from before the entry to the entry, as far as the step allows.
    """
    breach = step.form == "breach"
    due = _before_breach(turn, rule, run, step) if breach else _calendar_due(turn, run, step, round_)
    if due is None or due in (WAITS, GONE):
        return due
    if round_ and step.every:
        due = due_after(due, times(step.every, round_), turn.zone)
    entry = run.entry[0]
    if catch_up and due < entry <= due + step.catch_up:
        return entry
    return due


def times(every: Duration, number: int) -> Duration:
    """`number` times a duration."""
    return Duration(every.months * number, every.days * number, every.micros * number, every.calendar)


def _calendar_due(turn: Turn, run: Run, step: StepRule, round_: int) -> int | None:
    if step.form == "after":
        base = run.entry[0] if step.exit == OWN else run.ended
        return due_after(base, step.by, turn.zone, step.at, step.on_day)
    value = run.fields.get(step.field)
    if value is None:
        return None
    try:
        if step.form == "before":
            return due_before(value, step.by, turn.zone, step.at, step.on_day)
        due = run.entry[0] - 1
        for _ in range(round_ + 1):
            due = due_yearly(_day(turn, value), step.by, turn.zone, step.at, due + 1, step.on_day)
        return due
    except (TimeError, OverflowError):
        return None


def _day(turn: Turn, value: str | int) -> date:
    return turn.zone.local(value).date() if isinstance(value, int) else parse_date(value)


def _before_breach(turn: Turn, rule: PlayRule, run: Run, step: StepRule) -> int | None:
    point = turn.rules.points.get(rule.touchpoint)
    encounter = find_encounter(turn.state, point, run.fields) if point else None
    if point is None or encounter is None:
        return None
    standard = next((s for s in point.standards if s.name == step.field), None)
    if standard is None:
        return None  # the run is older than the pack, which has no such standard any more
    clock = next((c for c in encounter.clocks if c.standard == standard.index), None)
    if clock is None:
        return WAITS if standard.from_ not in point.begins else None
    if clock.done != NEVER or clock.breached != NEVER or missed(clock):
        return GONE
    return clock.deadline - step.by.elapsed() if clock.applies and clock.running != NEVER else WAITS


def _add(
    turn: Turn, rule: PlayRule, run: Run, what: StepRule, round_: int, floor: int, undated: int = 0
) -> StepState:
    due = due_of(turn, rule, run, what, round_ - undated)
    step = StepState(what.index, round_, due, floor, undated=undated)
    run.steps.append(step)
    if due == GONE:
        step.due, step.decided = None, True
    elif due == WAITS:
        step.due, step.waits = None, True
    else:
        # What lies before the entry is settled as soon as it is known, though the entry may still be to come.
        arm(turn, rule, run, step, floor if due is None or due < max(floor, run.entry[0]) else due)
    return step


def _anew(turn: Turn, step: StepRule, old: int | None, new: int | None) -> bool:
    """Whether a decided step is to be decided again: it gets its first date, or one that moved far enough."""
    if step.form == "breach" or new is None:
        return False
    return old is None or (step.form == "before" and new > due_after(old, step.by, turn.zone))
