"""Lanes and runs: who enters a play, what ends a run, what changes it.

Everything that waits is a step of a run with a timer on the customer's queue; there is no second scheduler.
What a due step then may do is decided elsewhere (`govern`). Source: docs/semantics.md, section 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from peakend.model.event import Event
from peakend.model.outcome import Ended, Entered, Passed, Regretted, Unmet, Verdict
from peakend.trigger.counts import fires
from peakend.trigger.due import first_steps, rebind, then_steps
from peakend.trigger.pauses import is_paused
from peakend.trigger.recent import recall, remember
from peakend.trigger.rules import ExitRule, Mask, Part, PlayRule
from peakend.trigger.state import NEVER, Early, Lane, PlayState, Run, Window
from peakend.trigger.turn import Turn, key_text
from peakend.trigger.unmet import unmet

END = 1 << 20
"""The order of the timer that ends a run: after all its steps."""


def observe(turn: Turn, part: Part, event: Event, late: bool) -> None:
    """Show one event to one play: exits first, then updates, ends of repeats, and entries."""
    rule = part.rule
    play = turn.state.plays.get(rule.name)
    if play is None:
        play = turn.state.plays[rule.name] = PlayState()
    if play.runs or not (turn.rules.in_order or rule.pinned):
        for exit_, mask in part.exits:
            _leave(turn, rule, play, exit_, mask, event)
    if play.runs:
        if part.updates is not None:
            _update(turn, rule, play, part.updates, event)
        for index, mask in part.untils:
            _stop_repeating(turn, rule, play, index, mask, event)
    if part.enters:
        _enter(turn, rule, play, event, late)


def lane_key(parts: list[str]) -> str:
    """The text of a lane's key: one part as it is, several as a JSON list."""
    if len(parts) < 2:
        return parts[0] if parts else ""
    return msgspec.json.encode(parts).decode()


def lane_of(rule: PlayRule, event: Event) -> str | None:
    """The key of the lane that an event would enter; None where a part is missing."""
    whole = _parts(rule, event)
    return None if whole is None else lane_key(whole)


def let_go_of(turn: Turn, name: str, play: PlayState, key: str) -> tuple[int, int]:
    """What a lane that the state does not know, or has let go of, had before: runs, and the last entry."""
    return turn.past(name, key) if turn.past and play.entered else (0, NEVER)


def settle(turn: Turn, rule: PlayRule, play: PlayState, run: Run, instant: int) -> None:
    """Look whether a run has nothing left to decide, and end it, now or after its stay.

    One that has ended is kept as long where a message of it may still turn out to have failed.
    """
    for step in run.steps:
        if not step.decided:
            return
    if run.ended == NEVER and not rule.exits:
        _complete(turn, rule, run, instant)
    if run.ended == NEVER or run.left:
        run.stays = instant + rule.stays
        turn.timer((run.stays, 1, rule.rank, -rule.priority, rule.name, run.key, END, run.occurrence, 0))
    else:
        _drop(play, run)


def stay_over(turn: Turn, play: PlayState, rule: PlayRule, run: Run, instant: int) -> None:
    """The stay of a run whose steps are all decided has passed without an exit."""
    if run.stays == instant:
        if run.ended == NEVER:
            _complete(turn, rule, run, instant)
        _drop(play, run)


def _enter(turn: Turn, rule: PlayRule, play: PlayState, event: Event, late: bool) -> None:
    turn.over_event(event, rule.touchpoint)
    if rule.where:
        answer = rule.where.test(turn)
        if answer is not True:
            if answer is None or turn.rules.explain:
                reason = "where_unknown" if answer is None else "where_false"
                _pass(turn, rule, event, "", reason, unmet(turn, rule.name))
            return
    whole = _parts(rule, event)
    if whole is None:
        _pass(turn, rule, event, "", "key_missing")
        return
    key = lane_key(whole)
    if turn.rules.muted:
        _learn(turn, rule, play, key, event)
        return
    lane = play.lanes.get(key)
    if lane is None:
        lane = play.lanes[key] = Lane(*let_go_of(turn, rule.name, play, key))
    obstacle = _obstacle(turn, rule, play, lane, key, event, late)
    if obstacle:
        if obstacle != "count" or turn.rules.explain:
            _pass(turn, rule, event, key, obstacle)
        return
    run = Run(key, whole, lane.runs, (event.at, event.seq), event.seen, event.data, {})
    run.unit = _unit(turn, rule, event)
    lane.runs += 1
    lane.last = max(lane.last, event.at)
    play.entered = True
    _open(turn, rule, play, run, event)


def _parts(rule: PlayRule, event: Event) -> list[str] | None:
    """The parts of the key of an entry; None where one is missing."""
    parts = [key_text(event.data.get(name)) for name in rule.key]
    whole = [part for part in parts if part is not None]
    return whole if len(whole) == len(parts) else None


def _learn(turn: Turn, rule: PlayRule, play: PlayState, key: str, event: Event) -> None:
    """Take an event that may start nothing into the count of its lane."""
    if rule.count:
        _fires(turn, rule, play.lanes.setdefault(key, Lane()), event)


def _fires(turn: Turn, rule: PlayRule, lane: Lane, event: Event) -> bool:
    if lane.window is None:
        lane.window = Window()
    oldest = event.seen - turn.rules.max_age
    return fires(lane.window, event.at, rule.count, rule.count_window, oldest)


def _unit(turn: Turn, rule: PlayRule, event: Event) -> str:
    """What an experiment draws by, once for a run: a field of the entry, an attribute, or the customer."""
    name = rule.holdout_unit
    if name is None or name == "customer":
        return turn.state.customer
    value = event.data.get(name)
    known = value if value is not None else turn.customer(name.removeprefix("customer."))
    return key_text(known) or turn.state.customer


def _obstacle(
    turn: Turn, rule: PlayRule, play: PlayState, lane: Lane, key: str, event: Event, late: bool
) -> str:
    """The first thing that keeps an event from starting a run; '' when nothing does."""
    if rule.count and not _fires(turn, rule, lane, event):
        return "count"
    if late:
        return "late"
    if turn.rules.pauses and is_paused(turn.rules.pauses, rule.name, event.seen):
        return "paused"
    if rule.cool_down and lane.last != NEVER and event.at < lane.last + rule.cool_down:
        return "cool_down"
    if (rule.again == "once" and play.entered) or (rule.again == "once_per_key" and lane.runs):
        return "already_ran"
    if rule.again == "after_exit" and any(run.ended == NEVER for run in play.runs.get(key, ())):
        return "already_open"
    return ""


def _pass(
    turn: Turn, rule: PlayRule, event: Event, key: str, reason: str, why: tuple[Unmet, ...] = ()
) -> None:
    customer = turn.state.customer
    turn.out.append(Passed(customer, rule.name, key, event.at, event.seen, event.kind, reason, why))


def _open(turn: Turn, rule: PlayRule, play: PlayState, run: Run, event: Event) -> None:
    customer = turn.state.customer
    turn.out.append(Entered(customer, rule.name, run.key, run.occurrence, event.at, event.seen, event.kind))
    play.runs.setdefault(run.key, []).append(run)
    since = event.seen - turn.rules.max_age
    for early in recall(play.early, run.key, since):
        if early.order > run.entry and _agrees(early.wanted, run.parts):
            cause = _Cause(early.kind, early.order[0], event.seen, "", early.data)
            _end(turn, rule, play, run, rule.exits[early.exit], cause)
            return
    first_steps(turn, rule, run)
    settle(turn, rule, play, run, event.seen)


def _agrees(wanted: Iterable[str | None], parts: list[str]) -> bool:
    return all(want is None or want == part for want, part in zip(wanted, parts, strict=True))


def _wanted(mask: Mask, data: Mapping[str, Any]) -> list[str | None] | None:
    """The key parts that an event names; None where a field that its kind declares is missing."""
    wanted: list[str | None] = []
    for name in mask:
        part = key_text(data.get(name)) if name else None
        if part is None and name:
            return None
        wanted.append(part)
    return wanted


def _whole_key(wanted: list[str | None]) -> str | None:
    """The key that an event names; None where it names only a part of one."""
    whole = [part for part in wanted if part is not None]
    return lane_key(whole) if len(whole) == len(wanted) else None


def _meant(rule: PlayRule, play: PlayState, wanted: list[str | None], event: Event) -> list[Run]:
    """The open runs that an event speaks of, that began before it and follow this rule."""
    key = _whole_key(wanted)
    if key is not None:
        found = play.runs.get(key, [])
    else:
        found = [r for runs in play.runs.values() for r in runs if _agrees(wanted, r.parts)]
    order = (event.at, event.seq)
    return [r for r in found if r.ended == NEVER and r.entry < order and r.pinned == rule.pinned]


def _leave(turn: Turn, rule: PlayRule, play: PlayState, exit_: ExitRule, mask: Mask, event: Event) -> None:
    turn.over_event(event, rule.touchpoint)
    if exit_.where and exit_.where.test(turn) is not True:
        return
    wanted = _wanted(mask, event.data)
    if wanted is None:
        return
    for run in _meant(rule, play, wanted, event):
        _end(turn, rule, play, run, exit_, _Cause(event.kind, event.at, event.seen, event.source, event.data))
    if not (turn.rules.in_order or rule.pinned):
        order = (event.at, event.seq)
        early = Early(order, event.seen, event.kind, event.data, event.source, exit_.index, wanted)
        remember(play.early, _whole_key(wanted), early, event.seen - turn.rules.max_age)


class _Cause(NamedTuple):
    """What ended a run: its kind, when it happened, when that was learnt, from whom, and its fields."""

    kind: str
    at: int
    seen: int
    source: str
    data: dict[str, Any]


def _end(turn: Turn, rule: PlayRule, play: PlayState, run: Run, exit_: ExitRule, cause: _Cause) -> None:
    kind, at, seen, source, data = cause
    customer, pending = turn.state.customer, []
    for step in sorted(run.steps, key=lambda s: (s.index, s.round)):
        name = rule.steps[step.index].name
        if step.held:
            cancel(turn, rule, run, step.index, step.round, step.due, seen, "cancelled")
        elif not step.decided and step.due is not None:
            pending.append((name, step.due))
    for index, round_, sent in run.sent:
        if sent >= at:
            name = rule.steps[index].name
            turn.out.append(
                Regretted(customer, rule.name, run.key, run.occurrence, name, round_, sent, at, seen, source)
            )
    run.ended, run.stays, run.steps, run.sent, run.left = at, NEVER, [], [], []
    run.fields = {**run.fields, **data}
    turn.out.append(
        Ended(customer, rule.name, run.key, run.occurrence, exit_.name, kind, at, seen, tuple(pending))
    )
    then_steps(turn, rule, run, exit_.index, seen)
    settle(turn, rule, play, run, seen)


def cancel(
    turn: Turn,
    rule: PlayRule,
    run: Run,
    index: int,
    round_: int,
    due: int | None,
    instant: int,
    reason: str,
) -> None:
    """Give a held step its final verdict because something else came first."""
    turn.out.append(
        Verdict(
            turn.state.customer,
            rule.name,
            run.key,
            run.occurrence,
            rule.steps[index].name,
            round_,
            due,
            instant,
            "suppress",
            reason,
            holds=1,
            failed=(reason,),
        )
    )


def _complete(turn: Turn, rule: PlayRule, run: Run, instant: int) -> None:
    run.ended = instant
    customer = turn.state.customer
    turn.out.append(Ended(customer, rule.name, run.key, run.occurrence, "completed", "", instant, instant))


def _drop(play: PlayState, run: Run) -> None:
    runs = play.runs[run.key]
    runs.remove(run)
    if not runs:
        del play.runs[run.key]


def _stop_repeating(
    turn: Turn, rule: PlayRule, play: PlayState, index: int, mask: Mask, event: Event
) -> None:
    wanted = _wanted(mask, event.data)
    if wanted is None:
        return
    for run in _meant(rule, play, wanted, event):
        open_rounds = [step for step in run.steps if step.index == index and not step.decided]
        for step in open_rounds:
            if step.held:
                cancel(turn, rule, run, index, step.round, step.due, event.seen, "cancelled")
            step.decided, step.held, step.due = True, 0, None
        if open_rounds:
            settle(turn, rule, play, run, event.seen)


def _update(turn: Turn, rule: PlayRule, play: PlayState, mask: Mask, event: Event) -> None:
    wanted = _wanted(mask, event.data)
    if wanted is None:
        return
    order = (event.at, event.seq)
    for run in _meant(rule, play, wanted, event):
        versions, before, newer = run.versions, run.fields, event.data
        if order <= run.updated:
            newer = {name: value for name, value in newer.items() if versions.get(name, run.entry) < order}
        else:
            run.updated = order
        run.fields = {**before, **newer}
        for name in newer:
            versions[name] = order
        changed = frozenset(name for name in rule.dated if run.fields.get(name) != before.get(name))
        if changed or rule.breach_steps:
            resolve_again(turn, rule, play, run, event.seen, changed)


def resolve_again(
    turn: Turn,
    rule: PlayRule,
    play: PlayState,
    run: Run,
    floor: int,
    changed: frozenset[str] = frozenset(),
) -> None:
    """Find the due of every undecided step anew; steps that changed are decided not before `floor`.

    `changed` are the run's date fields that an update has changed: decided steps may be repeated by them.
    """
    held = [step for step in run.steps if step.held]
    if rebind(turn, rule, run, floor, changed):
        run.stays = NEVER
        gone = {(step.index, step.round) for step in run.steps if step.decided and step.due is None}
        for step in held:
            if (step.index, step.round) in gone:
                cancel(turn, rule, run, step.index, step.round, step.due, floor, "cancelled")
        settle(turn, rule, play, run, floor)


def moved(turn: Turn, rules: Iterable[PlayRule], floor: int) -> None:
    """The customer's zone has changed: every open run finds its dues anew."""
    for rule in rules:
        play = turn.state.plays.get(rule.name) or PlayState()
        for run in _open_runs(rule, play):
            resolve_again(turn, rule, play, run, floor)


def clock_changed(turn: Turn, rule: PlayRule, field: str | None, key: str, floor: int) -> None:
    """A standard's clock of the play's touchpoint was paused, resumed, proven or missed."""
    play = turn.state.plays.get(rule.name) or PlayState()
    by_key = rule.firm and rule.key == (field,)
    for run in _open_runs(rule, play, play.runs.get(key, ()) if by_key else None):
        if field is None or key_text(run.fields.get(field)) == key:
            resolve_again(turn, rule, play, run, floor)


def _open_runs(rule: PlayRule, play: PlayState, among: Iterable[Run] | None = None) -> list[Run]:
    found = (run for runs in play.runs.values() for run in runs) if among is None else among
    return [run for run in found if run.ended == NEVER and run.pinned == rule.pinned]
