"""The fold: one customer's inputs in, verdicts and encounters out. The heart of Peakend.

`step` is pure but for the state it is handed: no clock, no chance, no store. Live and backtest call this same
function; they differ only in how the log is cut into pieces, and the law in the tests says that cutting
changes nothing. Source: docs/semantics.md, section 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop
from typing import Any

import msgspec

from peakend.fold.changeover import change_over, muted, pack_is_missing, pins, unknown_play
from peakend.fold.closed import hits, let_go, unheld
from peakend.fold.decisions import ring
from peakend.fold.identity import unite
from peakend.fold.older import compile_published
from peakend.fold.program import Handlers, Program, compile_program
from peakend.govern import Budgets, Purse
from peakend.model.event import Event
from peakend.model.looked import Clock
from peakend.model.outcome import Content, Output, Standing
from peakend.trigger import encounters, lanes, profile, unreached
from peakend.trigger.clocks import runs_until
from peakend.trigger.facts import learn
from peakend.trigger.rules import PointRule
from peakend.trigger.state import CustomerState, FactState
from peakend.trigger.turn import Past, Turn, key_text
from peakend.trigger.where import Condition

__all__ = [
    "Budgets",
    "CustomerState",
    "Program",
    "Purse",
    "attribute",
    "change_over",
    "compile_program",
    "compile_published",
    "decode_state",
    "encode_state",
    "hits",
    "holds",
    "join",
    "let_go",
    "muted",
    "new_state",
    "pack_is_missing",
    "pins",
    "running",
    "standing",
    "step",
    "unheld",
    "unknown_play",
    "wakes_at",
]

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(CustomerState)


def new_state(customer: str) -> CustomerState:
    """The state of a customer of whom nothing is known yet."""
    return CustomerState(customer)


def encode_state(state: CustomerState) -> bytes:
    """A state as msgpack, to be stored between two steps."""
    return _encoder.encode(state)


def decode_state(data: bytes) -> CustomerState:
    """The state that `encode_state` wrote; msgspec.ValidationError when it is something else."""
    return _decoder.decode(data)


def wakes_at(state: CustomerState) -> int | None:
    """The instant of the customer's next timer (microseconds UTC), None when nothing waits."""
    return state.timers[0][0] if state.timers else None


def step(
    program: Program,
    state: CustomerState,
    inputs: Iterable[Event],
    until: int | None = None,
    budgets: Purse | None = None,
    contents: list[Content] | None = None,
    past: Past | None = None,
) -> tuple[CustomerState, list[Output]]:
    """Fold inputs of one customer, in the order of (seen, seq), into its state.

    `until`, if given, is a tick: it lies before every `seen` still to come, and timers up to and with it run.
    `budgets` is what customers share; without it no budget is ever exhausted. `contents` gets what the words
    of each send may speak of, from a program that was compiled for it. `past` answers for lanes that the
    state has let go of (`fold.closed`); without it there are none.
    The state is changed in place and returned for reading on; outputs come in the order of their instants.
    """
    turn = Turn(program.rules, state)
    turn.past = past
    if contents is not None:
        turn.contents = contents
    kinds, timers = program.kinds, state.timers
    for event in inputs:
        if timers and timers[0][0] < event.seen:
            _run_timers(program, turn, event.seen - 1, budgets)
        handlers = kinds.get(event.kind)
        if handlers is not None:
            _apply(program, turn, handlers, event, budgets)
    if until is not None and timers and timers[0][0] <= until:
        _run_timers(program, turn, until, budgets)
    return state, turn.out


def join(
    program: Program,
    state: CustomerState,
    former: CustomerState,
    event: Event,
    budgets: Purse | None = None,
    contents: list[Content] | None = None,
    past: Past | None = None,
    past_of_former: Past | None = None,
) -> tuple[CustomerState, list[Output]]:
    """Two customers turn out to be one: what was known of `former` goes on in `state`, from `event.seen` on.

    Timers of both from before that instant ring first, those of `former` before those of `state`. `past` and
    `past_of_former` answer for the lanes that either has let go of. `former` is used up.
    """
    before = event.seen - 1
    outputs = step(program, former, (), before, budgets, contents, past_of_former)[1]
    outputs += step(program, state, (), before, budgets, contents, past)[1]
    turn, other = Turn(program.rules, state), Turn(program.rules, former)
    turn.past, other.past = past, past_of_former
    unite(turn, other, event)
    return state, outputs + turn.out


def standing(program: Program, state: CustomerState, instant: int) -> list[Standing]:
    """How the customer's unsettled encounters stand at an instant, after all that was folded so far."""
    turn = Turn(program.rules, state)
    points = program.rules.points
    return [one for name in state.points for one in encounters.standing(turn, points[name], instant)]


def running(program: Program, state: CustomerState) -> list[Clock]:
    """The standards that run for the customer with their deadlines: none that is paused, kept or missed.

    Of encounters of one key that began in the same instant it is the one that is missed first.
    """
    found: dict[tuple[str, str, str, int], Clock] = {}
    for name, point in state.points.items():
        for known in point.encounters.values():
            for one in known:
                for clock in one.clocks:
                    if (until := runs_until(clock)) is not None:
                        standard = program.rules.points[name].standards[clock.standard].name
                        what = name, one.key, standard, one.begun[0]
                        if what not in found or until < found[what].deadline:
                            found[what] = Clock(state.customer, *what, until)
    return [*found.values()]


def attribute(program: Program, state: CustomerState, name: str) -> Any:
    """An attribute of the customer's profile as it stands now."""
    return Turn(program.rules, state).customer(name)


def known(program: Program, state: CustomerState, instant: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The customer's profile and facts at an instant, after all that was folded so far."""
    turn = Turn(program.rules, state)
    turn.instant = turn.now = instant
    profile = {name: turn.customer(name) for name in program.rules.attributes}
    return profile, {name: turn.fact(name) for name in program.rules.facts}


def holds(program: Program, state: CustomerState, condition: Condition, event: Event) -> bool | None:
    """What a condition over an event answers; None where it cannot be told."""
    turn = Turn(program.rules, state)
    turn.fields, turn.instant = event.data, event.at
    return condition.test(turn)


def _run_timers(program: Program, turn: Turn, until: int, budgets: Purse | None) -> None:
    timers, rules = turn.state.timers, program.rules
    while timers and timers[0][0] <= until:
        timer = heappop(timers)
        instant, of_play, _, _, name, key, order, seq, _ = timer
        turn.now = instant
        if not of_play:
            point = rules.points[name]
            encounters.ring(turn, point, key, order, seq, instant)
            _clock_changed(turn, name, key, instant)
            _derive(program, turn)
        else:
            ring(program, turn, timer, budgets)


def _apply(program: Program, turn: Turn, handlers: Handlers, event: Event, budgets: Purse | None) -> None:
    state, rules = turn.state, program.rules
    turn.now = event.seen
    late = event.seen - event.at > rules.max_age
    for name, field in handlers.attributes:
        if field in event.data:
            changed = profile.set_attribute(state, name, event, event.data[field])
            if changed and name == rules.zone_attribute:
                turn.zone = turn.find_zone()
                lanes.moved(turn, rules.every_play(), event.seen)
    if handlers.built_in:
        _built_in(turn, event, budgets)
    for fact in handlers.facts:
        turn.fields, turn.instant, turn.about = event.data, event.at, ""
        if fact.where is None or fact.where.test(turn) is True:
            known = state.facts.get(fact.name)
            if known is None:
                known = state.facts[fact.name] = FactState()
            value = event.data.get(fact.field) if fact.field else None
            learn(fact, known, event.at, event.seq, value, event.seen - rules.max_age)
    for point in handlers.points:
        encounters.observe(turn, point, event, late)
        if rules.breach_plays.get(point.name):
            _clock_changed(turn, point.name, _key_of(point, event), event.seen)
    for part in handlers.plays:
        lanes.observe(turn, part, event, late)
    if turn.derived:
        _derive(program, turn)


def _built_in(turn: Turn, event: Event, budgets: Purse | None) -> None:
    state = turn.state
    if event.kind.startswith("preference."):
        profile.preference(state, event, turn.zone.next_day_start(event.at))
    elif event.kind in ("message.failed", "message.withdrawn"):
        message = event.data.get("message")
        state.sent = {
            rank: [one for one in sent if one.message != message] for rank, sent in state.sent.items()
        }
        if budgets and message:
            budgets.give_back(message)
        if message:
            unreached.failed(turn, message, event.seen)
    else:
        profile.BUILT_IN[event.kind](state, event)


def _key_of(point: PointRule, event: Event) -> str | None:
    """The key of the encounters that an event can touch; None where it can touch any."""
    if point.key is None or event.kind not in point.keyed:
        return None
    return key_text(event.data.get(point.key)) or ""


def _clock_changed(turn: Turn, point: str, key: str | None, floor: int) -> None:
    """Steps that are due before a breach follow the clock of their standard."""
    for play in turn.rules.breach_plays.get(point, ()):
        field = turn.rules.points[point].key if key is not None else None
        lanes.clock_changed(turn, play, field, key or "", floor)


def _derive(program: Program, turn: Turn) -> None:
    """Show derived events to the plays; plays derive nothing, so this ends."""
    derived, turn.derived = turn.derived, []
    for event, encounter in derived:
        turn.told = encounter
        handlers = program.kinds.get(event.kind)
        late = event.seen - event.at > program.rules.max_age
        for part in handlers.plays if handlers else ():
            lanes.observe(turn, part, event, late)
    turn.told = None
