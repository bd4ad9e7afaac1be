"""Which touchpoints have an emotion that may be shown, which way it points, and which stand out.

Highest and lowest are named only among touchpoints with enough encounters, and one whose interval overlaps
is a tie. A touchpoint that never says what is magical or miserable has no emotion, not a mean of zero.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from peakend.model.pack import Touchpoint
from peakend.model.result import TouchpointResult

ENOUGH = 30
"""Encounters below which a touchpoint is drawn but never compared."""

Found = dict[str, TouchpointResult]
Tone = Literal["up", "down", "even", "few", "none"]


class Extreme(NamedTuple):
    """The touchpoint with the lowest or highest mean, and those that cannot be told from it."""

    name: str
    ties: tuple[str, ...]


def judged(point: Touchpoint) -> bool:
    """Return whether the touchpoint says what makes an encounter magical or miserable."""
    return point.miserable is not None or point.magical is not None


def felt(points: dict[str, Touchpoint], found: Found) -> Found:
    """Return the results of those touchpoints that have an emotion, in the order of `points`."""
    return {
        name: found[name]
        for name, point in points.items()
        if judged(point) and name in found and found[name].encounters and found[name].emotion is not None
    }


def enough(found: Found) -> Found:
    """Return the touchpoints that have encounters enough to be compared."""
    return {name: point for name, point in found.items() if point.encounters >= ENOUGH}


def lowest(found: Found) -> Extreme | None:
    """Return the touchpoint with the lowest mean emotion and its ties; None where fewer than two compare."""
    return _extreme(found, -1)


def highest(found: Found) -> Extreme | None:
    """Return the touchpoint with the highest mean emotion and its ties; None where fewer than two compare."""
    return _extreme(found, 1)


def tone(point: TouchpointResult | None) -> Tone:
    """Return which way an emotion points: up or down where its interval leaves zero out, else even."""
    if point is None:
        return "none"
    if point.encounters < ENOUGH:
        return "few"
    low, high = bounds(point)
    return "up" if low > 0 else "down" if high < 0 else "even"


def bounds(point: TouchpointResult) -> tuple[float, float]:
    """Return the interval of an emotion; where none is known everything is possible."""
    return (
        point.low if point.low is not None else -1.0,
        point.high if point.high is not None else 1.0,
    )


def _extreme(found: Found, sign: int) -> Extreme | None:
    able = enough(found)
    if len(able) < 2:
        return None
    name = max(able, key=lambda one: sign * (able[one].emotion or 0.0))
    low, high = bounds(able[name])
    ties = [
        other
        for other, point in able.items()
        if other != name and bounds(point)[0] <= high and bounds(point)[1] >= low
    ]
    return Extreme(name, tuple(ties))
