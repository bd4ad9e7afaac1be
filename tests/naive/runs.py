"""Runs: what an event starts, ends, updates and stops, and what a due slot becomes."""

from __future__ import annotations

from typing import Any

from naive.counts import fires
from naive.dues import caught_up, due_of, has_next_round, moved_by_more_than_by, to_customer
from naive.gates import Ruling, decide, rank_of
from naive.money import Draw
from naive.pauses import lets_nobody_in
from naive.stays import at_hand
from naive.world import (
    UNREACHED,
    Fields,
    Run,
    Sent,
    Slot,
    World,
    agrees,
    key_of,
    key_text,
    name_of,
    name_of_card,
    span,
    when_it_happened,
)
from peakend.model.event import Event
from peakend.model.outcome import Ended, Entered, Passed, Regretted, Verdict
from peakend.model.pack import Due, Exit, Play, Step
from peakend.model.parts import as_list


def hear(world: World, event: Event, late: bool) -> None:
    """Let every play hear one event: exits, ends of repeats, updates, entries."""
    for name in sorted(world.pack.plays):
        play = world.pack.plays[name]
        _exit(world, play, event)
        _stop_repeats(world, play, event)
        _update(world, play, event)
        settle(world)
        if event.kind in as_list(play.on):
            reason, parts = _obstacle(world, play, event, late)
            if reason:
                key = key_text(parts or {})
                world.outputs.append(
                    Passed(world.customer, name, key, event.at, event.seen, event.kind, reason)
                )
            else:
                _enter(world, play, parts or {}, event)


def timers(world: World) -> list[tuple[tuple[Any, ...], Any]]:
    """All slots that time will bring, and the ends of runs that only stay open: (order, what to do)."""
    found: list[tuple[tuple[Any, ...], Any]] = []
    for run in world.runs:
        for slot in run.slots:
            instant = _instant(world, run, slot) if slot.live else None
            if instant is not None:
                play = run.play
                place = (rank_of(run, slot), -play.priority, play.play, run.key)
                step = (slot.part, slot.index, run.occurrence, slot.round)
                found.append(((instant, 1, *place, *step), (_come_due, run, slot)))
        if not run.over and run.play.all_exits and not any(slot.live for slot in run.slots):
            instant = max(_settled_at(run) + _stays(run.play), world.clock)
            found.append(((instant, 2, 0, 0, run.play.play, run.key, run.occurrence), (_complete, run, None)))
    return found


def settle(world: World) -> None:
    """After an input or a timer: let go of what has nothing left to wait for, and end what is complete."""
    for run in world.runs:
        for slot in run.slots:
            if slot.live and slot.part < 0:
                _look_again(world, run, slot)
        if not run.over and not run.play.all_exits and not any(slot.live for slot in run.slots):
            _complete(world, run, None, world.clock)


def _look_again(world: World, run: Run, slot: Slot) -> None:
    due = due_of(world, run, slot)
    if due == "gone":
        if slot.status == "held":
            _say(world, run, slot, slot.due, world.clock, Ruling("suppress", "cancelled", ["cancelled"]))
        slot.status, slot.settled = "dropped", world.clock
    elif slot.status == "held" and (caught_up(run, slot, due) if isinstance(due, int) else None) != slot.due:
        slot.status, slot.floor, slot.first, slot.first_hold = "waiting", world.clock, None, None


def _instant(world: World, run: Run, slot: Slot) -> int | None:
    if slot.status == "held":
        return max(slot.until, world.clock)
    due = due_of(world, run, slot)
    if due == "paused":
        return None
    moved = caught_up(run, slot, due) if isinstance(due, int) else None
    return max(slot.floor, world.clock) if moved is None else max(moved, slot.floor, world.clock)


def _come_due(world: World, run: Run, slot: Slot, t: int) -> None:
    due = due_of(world, run, slot)
    moved = caught_up(run, slot, due) if isinstance(due, int) else None
    if moved is None:
        reason = "past_at_entry" if isinstance(due, int) else "no_due"
        known = due if isinstance(due, int) else None
        _say(world, run, slot, known, t, Ruling("suppress", reason, [reason]))
    else:
        _supersede(world, run, slot, moved, t)
        ruling = decide(world, run, slot, moved, t)
        slot.first = t if slot.first is None else slot.first
        if ruling.outcome == "hold":
            slot.first_hold = t if slot.first_hold is None else slot.first_hold
        _say(world, run, slot, moved, t, ruling)
    if isinstance(due, int) and has_next_round(run, slot):
        _arm(run, slot, t)


def _arm(run: Run, slot: Slot, t: int) -> None:
    if not any(s.part == slot.part and s.index == slot.index and s.round > slot.round for s in run.slots):
        run.slots.append(_anew(slot, t, slot.turn + 1))


def _anew(slot: Slot, floor: int, turn: int) -> Slot:
    new = Slot(slot.step, slot.part, slot.index, slot.round + 1, floor, slot.anchor, slot.zone, turn)
    new.name = slot.name
    return new


def _supersede(world: World, run: Run, slot: Slot, due: int, t: int) -> None:
    if slot.step.extra:
        return
    for other in run.slots:
        if (
            other is not slot
            and other.status == "held"
            and other.part == slot.part
            and not other.step.extra
            and to_customer(other.step) == to_customer(slot.step)
            and other.due is not None
            and other.due < due
        ):
            _say(world, run, other, other.due, t, Ruling("suppress", "superseded", ["superseded"]))


def _say(world: World, run: Run, slot: Slot, due: int | None, t: int, ruling: Ruling) -> None:
    held_before = int(slot.status == "held")
    slot.due, slot.until = due, ruling.until
    slot.status = "held" if ruling.outcome == "hold" else "decided"
    if slot.status == "decided":
        slot.settled = t
    if ruling.outcome == "suppress" and ruling.reason == "reachable" and slot.part < 0:
        _give_card(run, t)
    if ruling.outcome == "send":
        run.sent.append((slot.name, slot.round, t))
        if to_customer(slot.step):
            run.left += [ruling.message] if slot.part < 0 else []
            class_ = slot.step.class_ or run.play.class_
            world.sends.append(Sent(t, class_, run.play.play, slot.name, ruling.contact, ruling.message))
        if slot.step.budget and ruling.amount:
            world.purse.draws.append(Draw(slot.step.budget, t, ruling.amount, ruling.message))
    world.outputs.append(
        Verdict(
            world.customer,
            run.play.play,
            run.key,
            run.occurrence,
            slot.name,
            slot.round,
            due,
            t,
            ruling.outcome,  # type: ignore[arg-type]
            ruling.reason,
            ruling.until,
            ruling.channels,
            ruling.contact,
            ruling.message,
            ruling.amount,
            failed=tuple(ruling.failed),
            holds=held_before,
        )
    )


def hear_failure(world: World, message: str, t: int) -> None:
    """A message did not arrive: the runs whose steps left in it give a card for each of them."""
    for run in world.runs:
        kept = any(slot.live for slot in run.slots) or t <= _settled_at(run) + _stays(run.play)
        while kept and message in run.left:
            run.left.remove(message)
            _give_card(run, t)


def _give_card(run: Run, t: int) -> None:
    rule = run.play.if_unreached
    if rule is not None:
        card = Step(due=Due(after="PT0S"), card=rule.card, role=rule.role)
        number = sum(slot.part == UNREACHED for slot in run.slots)
        name = name_of_card(run.play, rule.card)
        run.slots.append(Slot(card, UNREACHED, 0, number, t, name=name))


def _exit(world: World, play: Play, event: Event) -> None:
    found = _exit_for(world, play, event)
    if found is None:
        return
    world.exits_heard.setdefault(play.play, []).append((event, found))
    for run in _open_runs(world, play, event):
        _end(world, run, found, event, event.seen)


def _exit_for(world: World, play: Play, event: Event) -> int | None:
    for place, way in enumerate(play.all_exits):
        if event.kind in as_list(way.on) and _asked(world, play, way.where, event) is True:
            return place
    return None


def _end(world: World, run: Run, place: int, event: Event, seen: int, at_once: bool = False) -> None:
    way: Exit = run.play.all_exits[place]
    pending = () if at_once else pending_of(world, run)
    world.outputs.append(
        Ended(
            world.customer,
            run.play.play,
            run.key,
            run.occurrence,
            way.as_,
            event.kind,
            event.at,
            seen,
            pending,
        )
    )
    for slot in run.slots:
        cancel(world, run, slot, seen)
    run.over, run.left = True, []
    for step, round_, sent in run.sent:
        if sent >= event.at:
            world.outputs.append(
                Regretted(
                    world.customer,
                    run.play.play,
                    run.key,
                    run.occurrence,
                    step,
                    round_,
                    sent,
                    event.at,
                    seen,
                    event.source,
                )
            )
    for index, then in enumerate(way.then):
        slot = Slot(then, place, index, 0, seen, event, world.zone_name(), name=name_of(run.play, then))
        run.slots.append(slot)


def pending_of(world: World, run: Run) -> tuple[tuple[str, int], ...]:
    """The steps that still wait, with their dues."""
    return tuple(
        (slot.name, due)
        for slot in sorted(run.slots, key=lambda slot: (slot.index, slot.round))
        if slot.status == "waiting" and (due := _pending_due(world, run, slot)) is not None
    )


def _pending_due(world: World, run: Run, slot: Slot) -> int | None:
    due = due_of(world, run, slot)
    if not isinstance(due, int):
        return None
    moved = caught_up(run, slot, due)
    return due if moved is None else moved


def cancel(world: World, run: Run, slot: Slot, seen: int) -> None:
    if slot.status == "held":
        _say(world, run, slot, slot.due, seen, Ruling("suppress", "cancelled", ["cancelled"]))
    elif slot.status == "waiting":
        slot.status, slot.settled = "dropped", seen


def _stop_repeats(world: World, play: Play, event: Event) -> None:
    for run in _open_runs(world, play, event):
        for index, step in enumerate(play.steps):
            if step.repeat is not None and event.kind in as_list(step.repeat.until):
                run.stopped.add(index)
                for slot in run.slots:
                    if slot.index == index and slot.part < 0:
                        cancel(world, run, slot, event.seen)


def _update(world: World, play: Play, event: Event) -> None:
    if event.kind not in as_list(play.updates):
        return
    for run in _open_runs(world, play, event):
        before = run.fields
        run.updates.append(event)
        for slot in list(run.slots):
            if slot.status == "waiting":
                slot.floor = max(slot.floor, event.seen)
            elif slot.status == "decided" and _is_to_be_repeated(world, run, slot, before):
                run.slots.append(_anew(slot, event.seen, slot.turn))


def _is_to_be_repeated(world: World, run: Run, slot: Slot, before: Fields) -> bool:
    date = slot.step.due.before or slot.step.due.yearly
    if slot.step.repeat is not None or date is None or before.get(date) == run.fields.get(date):
        return False
    if any(s.part == slot.part and s.index == slot.index and s.round > slot.round for s in run.slots):
        return False
    new = _pending_due(world, run, slot)
    if new is None:
        return False
    return slot.due is None or moved_by_more_than_by(world, slot, slot.due, new)


def _asked(world: World, play: Play, text: str | None, event: Event) -> bool | None:
    """A condition of a play over an event."""
    return world.holds(text, event.data, event.at, at_hand(world, play.touchpoint, event.data, event))


def _obstacle(world: World, play: Play, event: Event, late: bool) -> tuple[str, dict[str, str] | None]:
    """Why an event starts no run ('' if it does), and the parts of its key."""
    parts = key_of(as_list(play.key), event.data)
    passes = _asked(world, play, play.where, event)
    if passes is not True:
        return ("where_unknown" if passes is None else "where_false"), None
    if parts is None:
        return "key_missing", None
    key = key_text(parts)
    if play.count is not None:
        lane = world.joined.setdefault((play.play, key), [])
        lane.append((event.at, event.seen))
        if not fires(lane, play.count, world.max_age):
            return "count", parts
    if late or lets_nobody_in(world.told, play.play, event.seen):
        return "late" if late else "paused", parts
    ever = [run for run in world.runs if run.play.play == play.play]
    lane_runs = [run for run in ever if run.key == key]
    last = max((run.entry.at for run in lane_runs), default=None)
    if play.cool_down is not None and last is not None and event.at < last + span(play.cool_down):
        return "cool_down", parts
    again = play.again or ("once_per_key" if as_list(play.key) else "after_exit")
    if (again == "once" and ever) or (again == "once_per_key" and lane_runs):
        return "already_ran", parts
    if again == "after_exit" and any(not run.over for run in lane_runs):
        return "already_open", parts
    return "", parts


def _enter(world: World, play: Play, parts: dict[str, str], event: Event) -> None:
    key = key_text(parts)
    occurrence = sum(run.play.play == play.play and run.key == key for run in world.runs)
    run = Run(play, key, parts, occurrence, event, unit=_unit(world, play, event))
    world.runs.append(run)
    world.outputs.append(
        Entered(world.customer, play.play, key, occurrence, event.at, event.seen, event.kind)
    )
    run.slots = [
        Slot(step, -1, index, 0, event.seen, name=name_of(play, step))
        for index, step in enumerate(play.steps)
    ]
    remembered = [
        (way, place)
        for way, place in world.exits_heard.get(play.play, [])
        if event.seen <= way.seen + world.max_age and run.began_before(way) and agrees(world, way, parts)
    ]
    if remembered:
        way, place = min(remembered, key=lambda found: when_it_happened(found[0]))
        _end(world, run, place, way, event.seen, at_once=True)


def _unit(world: World, play: Play, event: Event) -> Any:
    """The field of the entry, or the attribute, by which experiments draw; None for the customer."""
    name = play.holdout_unit or ""
    if name.startswith("customer."):
        return world.attribute(name.removeprefix("customer."))
    return event.data.get(name)


def _open_runs(world: World, play: Play, event: Event) -> list[Run]:
    """The open runs of a play that an event speaks of, having happened after their entry."""
    found = [
        run
        for run in world.runs
        if run.play.play == play.play
        and not run.over
        and run.began_before(event)
        and agrees(world, event, run.parts)
    ]
    return sorted(found, key=lambda run: (run.key, run.occurrence))


def _complete(world: World, run: Run, _: None, instant: int) -> None:
    run.over = True
    world.outputs.append(
        Ended(world.customer, run.play.play, run.key, run.occurrence, "completed", "", instant, instant)
    )


def _settled_at(run: Run) -> int:
    return max((slot.settled for slot in run.slots), default=run.entry.seen)


def _stays(play: Play) -> int:
    if play.stays is not None:
        return span(play.stays)
    return span(play.goal.within if play.goal is not None else "PT720H")
