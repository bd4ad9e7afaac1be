"""Whether an event completes a `count`, replayed from the first event of its lane at every question."""

from __future__ import annotations

from naive.world import span
from peakend.model.pack import Count


def fires(lane: list[tuple[int, int]], rule: Count, max_age: int) -> bool:
    """Whether the last event of a lane fires, replayed from the lane's first event."""
    least, width = rule.at_least, span(rule.within)
    window: list[int] = []
    last: int | None = None
    found = fired = False
    settled = -(10**18)
    for a, seen in lane:
        oldest = seen - max_age
        window.append(a)
        if last is not None:
            found = found or _fell(window, least, width, max(last, settled - 1), oldest)
        settled = max(settled, oldest)
        fell = last is None or (
            a > last and (found or _fell(window, least, width, max(last, settled - 1), a))
        )
        fired = a >= oldest and _count(window, width, a) >= least and fell
        if fired:
            last, found = a, False
    return fired


def _fell(window: list[int], least: int, width: int, after: int, before: int) -> bool:
    return any(after < e + width < before and _count(window, width, e + width) < least for e in window)


def _count(window: list[int], width: int, u: int) -> int:
    return sum(u - width < e <= u for e in window)
