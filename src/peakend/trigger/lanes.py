"""Lanes and runs: who enters a play, what ends a run, what changes it.

Everything that waits is a step of a run with a timer on the customer's queue; there is no second scheduler.
What a due step then may do is decided elsewhere (`govern`). Source: docs/semantics.md, section 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from peakend.model.event import Event
from peakend.model.outcome import Ended, Entered, Passed, Regretted, Verdict
from peakend.trigger.counts import fires
from peakend.trigger.due import first_steps, rebind, then_steps
from peakend.trigger.rules import ExitRule, Mask, Part, PlayRule
from peakend.trigger.state import NEVER, Lane, PlayState, Run, Window
from peakend.trigger.turn import Turn, key_text

END = 1 << 20
"""The order of the timer that ends a run: after all its steps."""


def observe(turn: Turn, part: Part, event: Event, late: bool) -> None:
    """Show one event to one play: exits first, then updates, ends of repeats, and entries."""
    rule = part.rule
    play = turn.state.plays.get(rule.name)
    if play is None:
        play = turn.state.plays[rule.name] = PlayState()
    if play.runs or not turn.rules.in_order:
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


def settle(turn: Turn, rule: PlayRule, play: PlayState, run: Run, instant: int) -> None:
    """Look whether a run has nothing left to decide, and end it, now or after its stay."""
    for step in run.steps:
        if not step.decided:
            return
    if run.ended != NEVER:
        _drop(play, run)
    elif rule.exits:
        run.stays = instant + rule.stays
        turn.timer((run.stays, 1, rule.rank, -rule.priority, rule.name, run.key, END, run.occurrence, 0))
    else:
        _complete(turn, rule, play, run, instant)


def stay_over(turn: Turn, rule: PlayRule, key: str, occurrence: int, instant: int) -> None:
    """The stay of a run whose steps are all decided has passed without an exit."""
    play = turn.state.plays[rule.name]
    run = next((r for r in play.runs.get(key, ()) if r.occurrence == occurrence), None)
    if run is not None and run.ended == NEVER and run.stays == instant:
        _complete(turn, rule, play, run, instant)


def _enter(turn: Turn, rule: PlayRule, play: PlayState, event: Event, late: bool) -> None:
    turn.over_event(event, rule.touchpoint)
    if rule.where:
        answer = rule.where.test(turn)
        if answer is not True:
            if answer is None:
                _pass(turn, rule, event, "", "where_unknown")
            elif turn.rules.explain:
                _pass(turn, rule, event, "", "where_false")
            return
    parts = [key_text(event.data.get(name)) for name in rule.key]
    whole = [part for part in parts if part is not None]
    if len(whole) < len(parts):
        _pass(turn, rule, event, "", "key_missing")
        return
    key = lane_key(whole)
    lane = play.lanes.get(key)
    if lane is None:
        lane = play.lanes[key] = Lane()
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
    if rule.count:
        if lane.window is None:
            lane.window = Window()
        oldest = event.seen - turn.rules.max_age
        fired = fires(lane.window, event.at, rule.count, rule.count_window, oldest)
        if not fired:
            return "count"
    if late:
        return "late"
    if rule.cool_down and lane.last != NEVER and event.at < lane.last + rule.cool_down:
        return "cool_down"
    if (rule.again == "once" and play.entered) or (rule.again == "once_per_key" and lane.runs):
        return "already_ran"
    if rule.again == "after_exit" and any(run.ended == NEVER for run in play.runs.get(key, ())):
        return "already_open"
    return ""


def _pass(turn: Turn, rule: PlayRule, event: Event, key: str, reason: str) -> None:
    turn.out.append(Passed(turn.state.customer, rule.name, key, event.at, event.seen, event.kind, reason))


def _open(turn: Turn, rule: PlayRule, play: PlayState, run: Run, event: Event) -> None:
    customer = turn.state.customer
    turn.out.append(Entered(customer, rule.name, run.key, run.occurrence, event.at, event.seen, event.kind))
    play.runs.setdefault(run.key, []).append(run)
    since = event.seen - turn.rules.max_age
    early = [e for e in play.early if e[0] > run.entry and e[1] >= since and _agrees(e[3], run.parts)]
    if early:
        order, _, index, _, kind, data = min(early, key=lambda e: e[0])
        _end(turn, rule, play, run, rule.exits[index], _Cause(kind, order[0], event.seen, "", data))
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


def _meant(play: PlayState, wanted: list[str | None], event: Event) -> list[Run]:
    """The open runs that an event speaks of and that began before it."""
    whole = [part for part in wanted if part is not None]
    if len(whole) == len(wanted):
        found = play.runs.get(lane_key(whole), [])
    else:
        found = [r for runs in play.runs.values() for r in runs if _agrees(wanted, r.parts)]
    order = (event.at, event.seq)
    return [r for r in found if r.ended == NEVER and r.entry < order]


def _leave(turn: Turn, rule: PlayRule, play: PlayState, exit_: ExitRule, mask: Mask, event: Event) -> None:
    turn.over_event(event, rule.touchpoint)
    if exit_.where and exit_.where.test(turn) is not True:
        return
    wanted = _wanted(mask, event.data)
    if wanted is None:
        return
    for run in _meant(play, wanted, event):
        _end(turn, rule, play, run, exit_, _Cause(event.kind, event.at, event.seen, event.source, event.data))
    if not turn.rules.in_order:
        play.early = [e for e in play.early if e[1] + turn.rules.max_age >= event.seen]
        order = (event.at, event.seq)
        play.early.append((order, event.seen, exit_.index, wanted, event.kind, event.data))


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
    run.ended, run.steps, run.sent = at, [], []
    run.fields = {**run.fields, **data}
    turn.out.append(
        Ended(customer, rule.name, run.key, run.occurrence, exit_.name, kind, at, seen, tuple(pending))
    )
    then_steps(turn, rule, run, exit_.index, seen)
    settle(turn, rule, play, run, seen)


def dismiss(turn: Turn, rule: PlayRule, run: Run, how: str, kind: str, instant: int) -> None:
    """End a run without any exit's `then`: held steps are cancelled, the others end without a verdict."""
    pending = []
    for step in sorted(run.steps, key=lambda s: (s.index, s.round)):
        if step.held:
            cancel(turn, rule, run, step.index, step.round, step.due, instant, "cancelled")
        elif not step.decided and step.due is not None:
            pending.append((rule.steps[step.index].name, step.due))
    name = turn.state.customer
    turn.out.append(
        Ended(name, rule.name, run.key, run.occurrence, how, kind, instant, instant, tuple(pending))
    )


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


def _complete(turn: Turn, rule: PlayRule, play: PlayState, run: Run, instant: int) -> None:
    run.ended = instant
    customer = turn.state.customer
    turn.out.append(Ended(customer, rule.name, run.key, run.occurrence, "completed", "", instant, instant))
    _drop(play, run)


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
    for run in _meant(play, wanted, event):
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
    for run in _meant(play, wanted, event):
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
        for run in _open_runs(play):
            resolve_again(turn, rule, play, run, floor)


def clock_changed(turn: Turn, rule: PlayRule, field: str | None, key: str, floor: int) -> None:
    """A standard's clock of the play's touchpoint was paused, resumed, proven or missed."""
    play = turn.state.plays.get(rule.name) or PlayState()
    for run in _open_runs(play):
        if field is None or key_text(run.fields.get(field)) == key:
            resolve_again(turn, rule, play, run, floor)


def _open_runs(play: PlayState) -> list[Run]:
    return [run for runs in play.runs.values() for run in runs if run.ended == NEVER]
