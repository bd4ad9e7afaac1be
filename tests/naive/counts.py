"""Whether an event completes a `count`, replayed from the first event of its lane at every question."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from naive.world import span
from peakend.model.pack import Count


@dataclass
class Both:
    """The lanes of two customers who became one: it goes on from the side that fired last."""

    mine: list[Any]
    theirs: list[Any]
    seen: int


@dataclass
class _Played:
    """A lane after some of its events."""

    window: list[int] = field(default_factory=list)
    last: int | None = None
    found: bool = False
    fired: bool = False
    settled: int = -(10**18)


def fires(lane: list[Any], rule: Count, max_age: int) -> bool:
    """Whether the last event of a lane fires, replayed from the lane's first event."""
    return _play(lane, rule.at_least, span(rule.within), max_age).fired


def _play(lane: list[Any], least: int, width: int, max_age: int) -> _Played:
    now = _Played()
    for one in lane:
        if isinstance(one, Both):
            now = _as_one(one, least, width, max_age)
            continue
        a, seen = one
        oldest = seen - max_age
        now.window.append(a)
        _settle(now, least, width, oldest)
        fell = now.last is None or (
            a > now.last and (now.found or _fell(now.window, least, width, max(now.last, now.settled - 1), a))
        )
        now.fired = a >= oldest and _count(now.window, width, a) >= least and fell
        if now.fired:
            now.last, now.found = a, False
    return now


def _as_one(both: Both, least: int, width: int, max_age: int) -> _Played:
    mine, theirs = (_play(lane, least, width, max_age) for lane in (both.mine, both.theirs))
    never, oldest = -(10**18), both.seen - max_age
    asked = [
        one
        for one in (mine, theirs)
        if (one.last or never) >= oldest or any(a + width >= oldest for a in one.window)
    ]
    if len(asked) < 2:
        return asked[0] if asked else _Played()
    if (theirs.last or never) > (mine.last or never):
        mine, theirs = theirs, mine
    _settle(mine, least, width, theirs.settled)
    mine.window += theirs.window
    return mine


def _settle(now: _Played, least: int, width: int, oldest: int) -> None:
    """Judge once, by what is known, whether the count fell before `oldest`."""
    if now.last is not None:
        now.found = now.found or _fell(now.window, least, width, max(now.last, now.settled - 1), oldest)
    now.settled = max(now.settled, oldest)


def _fell(window: list[int], least: int, width: int, after: int, before: int) -> bool:
    return any(after < e + width < before and _count(window, width, e + width) < least for e in window)


def _count(window: list[int], width: int, u: int) -> int:
    return sum(u - width < e <= u for e in window)
