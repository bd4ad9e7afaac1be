"""`count`: so many events within so long, once for each time the number climbs there.

The count may only fire again after it has fallen below the limit at some instant in between; falls are
found in time, not only at events. Source: docs/semantics.md, section 2, "Count".
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort

from peakend.trigger.state import Window


def fires(window: Window, at: int, at_least: int, within: int, oldest: int) -> bool:
    """Take the event at `at` into the window and tell whether the count fires with it.

    `within` is in microseconds; an event from before `oldest` is late: it counts but does not fire.
    """
    times = window.times
    if at > oldest - within:
        insort(times, at)
    _forget(window, at_least, within, oldest)
    if at <= window.looked:
        window.found, window.looked = False, window.checked
    if at < oldest or at <= window.fired:
        return False
    number = bisect_right(times, at) - bisect_right(times, at - within)
    if number < at_least:
        return False
    if not (window.fell or window.found):
        window.found = _fell(window, window.looked, at, at_least, within)
        window.looked = at - 1
    if not (window.fell or window.found):
        return False
    window.fired, window.fell, window.found = at, False, False
    window.checked = window.looked = max(at, window.checked)
    return True


def unite(window: Window, other: Window, at_least: int, within: int) -> Window:
    """The window of two customers who turned out to be one: that of the side that fired last, with the events
    of both. What the other side has settled already is judged by the own events alone.
    """
    if other.fired > window.fired:
        window, other = other, window
    _forget(window, at_least, within, other.checked + 1)
    window.times = sorted([*window.times, *other.times])
    window.found, window.looked = False, window.checked
    return window


def _fell(window: Window, after: int, before: int, at_least: int, within: int) -> bool:
    """Whether the count was below the limit at some instant after `after` and before `before`."""
    times = window.times
    first = bisect_right(times, after - within)
    last = bisect_left(times, before - within)
    for leaving in range(first, last):
        instant = times[leaving] + within
        if bisect_right(times, instant) - bisect_right(times, instant - within) < at_least:
            return True
    return False


def _forget(window: Window, at_least: int, within: int, oldest: int) -> None:
    """Drop what no count can reach any more, keeping in mind whether the count fell meanwhile.

    Instants before `oldest` are settled: they are looked at once, and later ones again only after an event
    that came out of order, so the cost of a customer with very many events stays linear.
    """
    if oldest > window.checked:
        if not window.fell:
            window.fell = _fell(window, window.checked, oldest, at_least, within)
        window.checked = oldest - 1
        window.looked = max(window.looked, window.checked)
    gone = bisect_right(window.times, oldest - 1 - within)
    if 2 * gone > len(window.times):
        del window.times[:gone]
