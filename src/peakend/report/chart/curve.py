"""The emotion curve: mean emotion per touchpoint in journey order, with its 95 % band.

A touchpoint without encounters is a gap, never a zero: the line stops before it and begins again after it.
The curve between two points is a monotone guide for the eye and may not swing beyond either of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from markupsafe import Markup

from peakend.report.chart.svg import written
from peakend.report.figures import emotion
from peakend.tell.said import Said

HEIGHT = 250
TOP, FOOT = 34, 34
LIMITS = (0.1, 0.25, 0.5, 0.75, 1.0)


class CurvePoint(NamedTuple):
    """One column of the map: its emotion with interval and tone, or the reason why there is none."""

    value: float | None = None
    low: float = 0.0
    high: float = 0.0
    tone: str = "none"
    mark: Said | None = None
    gap: tuple[Said, ...] = ()


def limit_of(points: Sequence[CurvePoint]) -> float:
    """Return the end of the scale: the smallest of LIMITS that holds every interval."""
    reach = max((max(abs(p.low), abs(p.high)) for p in points if p.value is not None), default=1.0)
    return next((limit for limit in LIMITS if reach <= limit), 1.0)


def column_width(number: int) -> int:
    """Return how many units one column takes, so that text is drawn at about its own size."""
    return max(80, min(230, 1260 // max(number, 1)))


def curve(points: Sequence[CurvePoint]) -> Markup:
    """Return the curve as SVG, one column for each point; it scales with the map's columns."""
    unit = column_width(len(points))
    limit = limit_of(points)
    wide = unit * len(points)
    drawn = [*_grid(wide, limit)]
    drawn += [_gap(point, (place + 0.5) * unit, unit) for place, point in enumerate(points) if point.gap]
    for run in _runs(points):
        spots = [((place + 0.5) * unit, points[place]) for place in run]
        drawn += _guide(spots, limit)
    for place, point in enumerate(points):
        if point.value is not None:
            drawn.append(_spot(point, (place + 0.5) * unit, limit, wide))
    body = "".join(drawn)
    size = f'viewBox="0 0 {wide} {HEIGHT}" preserveAspectRatio="none"'
    return Markup(f'<svg class="curve" {size} aria-hidden="true">{body}</svg>')


def _y(value: float, limit: float) -> float:
    middle = (TOP + HEIGHT - FOOT) / 2
    return middle - value / limit * (HEIGHT - TOP - FOOT) / 2


def _grid(wide: int, limit: float) -> Iterator[str]:
    for part in (-1.0, -0.5, 0.0, 0.5, 1.0):
        y = _y(part * limit, limit)
        name = "zero" if part == 0 else "grid"
        yield f'<line class="{name}" x1="0" x2="{wide}" y1="{y:.1f}" y2="{y:.1f}"/>'


def _runs(points: Sequence[CurvePoint]) -> Iterator[list[int]]:
    """Yield the places of neighbouring points that have encounters."""
    run: list[int] = []
    for place, point in enumerate(points):
        if point.value is not None:
            run.append(place)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _guide(spots: Sequence[tuple[float, CurvePoint]], limit: float) -> list[str]:
    if len(spots) < 2:
        return []
    xs = [x for x, _ in spots]
    high = _path(xs, [_y(point.high, limit) for _, point in spots])
    low = _path(xs[::-1], [_y(point.low, limit) for _, point in spots][::-1])
    line = _path(xs, [_y(point.value or 0.0, limit) for _, point in spots])
    return [f'<path class="band" d="{high} L{low[1:]} Z"/>', f'<path class="line" d="{line}"/>']


def _path(xs: Sequence[float], ys: Sequence[float]) -> str:
    """Return a monotone cubic path through the points (Fritsch and Carlson 1980)."""
    slopes = _slopes(xs, ys)
    path = f"M{xs[0]:.1f} {ys[0]:.1f}"
    for i in range(len(xs) - 1):
        third = (xs[i + 1] - xs[i]) / 3
        path += (
            f" C{xs[i] + third:.1f} {ys[i] + slopes[i] * third:.1f} "
            f"{xs[i + 1] - third:.1f} {ys[i + 1] - slopes[i + 1] * third:.1f} {xs[i + 1]:.1f} {ys[i + 1]:.1f}"
        )
    return path


def _slopes(xs: Sequence[float], ys: Sequence[float]) -> list[float]:
    rises = [(ys[i + 1] - ys[i]) / (xs[i + 1] - xs[i]) for i in range(len(xs) - 1)]
    slopes = [rises[0], *((a + b) / 2 if a * b > 0 else 0.0 for a, b in pairwise(rises))]
    slopes.append(rises[-1])
    for i, rise in enumerate(rises):
        if rise == 0:
            slopes[i] = slopes[i + 1] = 0.0
            continue
        steep = (slopes[i] / rise) ** 2 + (slopes[i + 1] / rise) ** 2
        if steep > 9:
            ease = 3 / steep**0.5
            slopes[i], slopes[i + 1] = ease * slopes[i], ease * slopes[i + 1]
    return slopes


def _spot(point: CurvePoint, x: float, limit: float, wide: int) -> str:
    value = point.value or 0.0
    y, top, foot = _y(value, limit), _y(point.high, limit), _y(point.low, limit)
    below = point.tone == "down"
    text_y = foot + 17 if below else top - 8
    whisker = f'<line class="whisker" x1="{x:.1f}" x2="{x:.1f}" y1="{top:.1f}" y2="{foot:.1f}"/>'
    parts = [
        whisker,
        _shape(point.tone, x, y),
        f'<text class="value" x="{x:.1f}" y="{text_y:.1f}">{emotion(value)}</text>',
    ]
    if point.mark is not None:
        mark_y = text_y + 15 if below else text_y - 15
        parts.append(written(point.mark, f'class="mark" x="{x:.1f}" y="{mark_y:.1f}"'))
    return f'<g class="spot {point.tone}">{"".join(parts)}</g>'


def _shape(tone: str, x: float, y: float) -> str:
    """Return the dot: pointing up, pointing down, or round where the interval holds zero."""
    if tone == "up":
        return f'<path class="dot" d="M{x:.1f} {y - 7:.1f}l6.5 11h-13z"/>'
    if tone == "down":
        return f'<path class="dot" d="M{x:.1f} {y + 7:.1f}l6.5 -11h-13z"/>'
    return f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="5"/>'


def _gap(point: CurvePoint, x: float, unit: int) -> str:
    size = f'width="{unit - 6}" height="{HEIGHT - TOP - FOOT + 12}"'
    box = f'<rect class="gap" x="{x - unit / 2 + 3:.1f}" y="{TOP - 6}" {size}/>'
    middle = (TOP + HEIGHT - FOOT) / 2 - 8 * (len(point.gap) - 1) + 4
    lines = [
        written(line, f'class="note" x="{x:.1f}" y="{middle + 16 * n:.1f}"')
        for n, line in enumerate(point.gap)
    ]
    return box + "".join(lines)
