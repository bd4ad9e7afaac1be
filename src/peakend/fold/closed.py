"""Lanes whose runs are all closed leave the state, so that a state does not grow with its customer's history.

What they had, the runs that were concluded tell for ever: how many there were, and the last entry. Whoever
keeps these answers for them (`Past`); whoever keeps the whole state, as a backtest does, never lets go.
Source: docs/semantics.md, section 2, "What a lane remembers".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from peakend.fold.program import Program
from peakend.model.event import Event
from peakend.trigger.lanes import lane_of
from peakend.trigger.recent import sweep
from peakend.trigger.rules import PlayRule
from peakend.trigger.state import CustomerState, Lane


def let_go(program: Program, state: CustomerState, now: int) -> None:
    """Drop what nobody can ask for any more, and the lanes that `Past` can answer for.

    All inputs up to `now`, and a tick to it, are folded.
    """
    oldest = now - program.rules.max_age
    for point in state.points.values():
        sweep(point.early, oldest)
    for name, play in state.plays.items():
        sweep(play.early, oldest)
        rule = program.rules.plays.get(name)
        if rule is not None and not rule.key:
            continue  # a single lane
        for key, lane in list(play.lanes.items()):
            if key not in play.runs and not still_counts(rule, lane, oldest):
                del play.lanes[key]


def hits(program: Program, state: CustomerState, events: Iterable[Event]) -> Iterator[tuple[str, str]]:
    """The lanes (play, key) that events could enter and the state does not hold."""
    for event in events:
        handlers = program.kinds.get(event.kind)
        for part in handlers.plays if handlers else ():
            play = state.plays.get(part.rule.name) if part.enters else None
            if play is not None and play.entered:
                key = lane_of(part.rule, event)
                if key is not None and key not in play.lanes:
                    yield part.rule.name, key


def unheld(state: CustomerState, other: CustomerState) -> Iterator[tuple[str, str]]:
    """The lanes (play, key) that another name of the customer holds and `state` may have let go of."""
    for name, theirs in other.plays.items():
        play = state.plays.get(name)
        if play is not None and play.entered:
            yield from ((name, key) for key in theirs.lanes if key not in play.lanes)


def still_counts(rule: PlayRule | None, lane: Lane, oldest: int) -> bool:
    """Whether the window of a lane differs from a new one for an event that is still to come."""
    window = lane.window
    if window is None or rule is None:
        return False
    return window.fired >= oldest or (bool(window.times) and window.times[-1] + rule.count_window >= oldest)
