"""How long things take: times drawn between a shortest and a longest, for many rows at once.

Every time is whole seconds. Nothing outside the two ends ever comes out: standards are kept or broken by it.
"""

from __future__ import annotations

import numpy as np

from peakend.simulate.clocks import Clocks, micros
from peakend.simulate.columns import Floats, Ints
from peakend.simulate.world import Takes
from peakend.when import DAY, MINUTE, SECOND, parse_time_of_day


def ordinal(groups: Ints) -> Ints:
    """The place of each row among the rows of its group, from 0."""
    order = np.argsort(groups, kind="stable")
    sorted_ = groups[order]
    first = np.flatnonzero(np.diff(sorted_, prepend=sorted_[:1] - 1))
    places = np.arange(len(groups)) - np.repeat(first, np.diff(np.append(first, len(groups))))
    result = np.empty(len(groups), np.int64)
    result[order] = places
    return result


def between(rng: np.random.Generator, pair: tuple[str, ...], rows: int) -> Ints:
    """Times from the shortest to the longest, evenly by ratio; from zero on evenly by length."""
    low, high = micros(pair[0]), micros(pair[-1])
    return _even(rng, np.full(rows, low, np.float64), np.full(rows, high, np.float64))


def spans_of(rng: np.random.Generator, takes: Takes, courses: tuple[str, ...], course: Ints) -> Ints:
    """As `between`, each row with the pair of its course; `course` are places in `courses`."""
    if not isinstance(takes, dict):
        return between(rng, takes, len(course))
    pairs = [takes.get(name, ("PT0S",)) for name in courses]
    low = np.array([float(micros(pair[0])) for pair in pairs])[course]
    high = np.array([float(micros(pair[-1])) for pair in pairs])[course]
    return _even(rng, low, high)


def _even(rng: np.random.Generator, low: Floats, high: Floats) -> Ints:
    chance = rng.random(len(low))
    safe = np.maximum(low, 1.0)
    by_ratio = safe * (np.maximum(high, 1.0) / safe) ** chance
    spans = np.where(low > 0, by_ratio, high * chance)
    return np.rint(spans / SECOND).astype(np.int64) * SECOND


def in_hours(
    rng: np.random.Generator,
    clocks: Clocks,
    hours: tuple[str, ...] | None,
    at: Ints,
    earliest: Ints,
    zones: Ints,
) -> Ints:
    """The same local days, but between two times of the day; not before `earliest`."""
    if not hours:
        return at
    low, high = (parse_time_of_day(text, end=True) * MINUTE for text in (hours[0], hours[-1]))
    chosen = rng.integers(low // SECOND, max(high, low + MINUTE) // SECOND, len(at)) * SECOND
    moved = clocks.instant(clocks.wall(at, zones) // DAY * DAY + chosen, zones)
    return np.where(moved > earliest, moved, np.maximum(at, earliest))
