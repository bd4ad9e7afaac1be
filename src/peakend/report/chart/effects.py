"""What a touchpoint loses and gains: a dot with its interval on either side of zero, one track for each.

Lost points go to the left, gained ones to the right. A dot that is not sure is hollow: it may be nothing.
Where there is no figure the reason stands in its place, never a zero. Every shape brings its own colours for
where there is no style sheet; the page's style sheet overrules them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import floor, log10
from typing import NamedTuple

from peakend.model.found import Driver, Effect
from peakend.report.chart.svg import percent, written
from peakend.tell.said import Said

TALL = 38
"""Height of the two tracks of a touchpoint, in CSS pixels."""
TRACKS = (12.0, 27.0)
ROOM = 46.0
"""Share of the width, in percent, from zero to the end of the scale on either side."""
FARTHEST = 1.8
"""How far beyond the greatest estimate the scale may reach; an interval that is wider ends in an arrow."""
DISCOVERED = 0.10
"""Share of false discoveries that may be among the effects that are called sure."""
LOSS, GAIN = "#c2591f", "#178099"


class Axis(NamedTuple):
    """The scale that all touchpoints of a picture share: its end on either side, and its ticks."""

    limit: float
    ticks: tuple[float, ...]

    def place(self, points: float) -> float:
        """Return where a number of points stands, in percent of the width."""
        return 50 + ROOM * max(-1.0, min(1.0, points / self.limit))


def axis_of(drivers: Iterable[Driver]) -> Axis:
    """Return a scale that holds every estimate, and every interval that is not far beyond them all."""
    known = [e for driver in drivers for e in (driver.penalty, driver.reward) if e.estimate is not None]
    farthest = max((abs(effect.estimate or 0.0) for effect in known), default=0.0) * FARTHEST
    ends = [abs(end) for effect in known for end in (effect.low or 0.0, effect.high or 0.0)]
    limit = min(max(ends, default=1.0), farthest or 1.0) or 1.0
    step = _step(limit)
    return Axis(limit, tuple(step * n for n in range(-floor(limit / step), floor(limit / step) + 1)))


def sure(effect: Effect) -> bool:
    """Return whether an effect is hardly nothing: its interval leaves zero out, and among all touchpoints
    that is no surprise by itself (false-discovery rate below DISCOVERED where it is known)."""
    if effect.low is None or effect.high is None:
        return False
    return (effect.low > 0 or effect.high < 0) and (effect.q is None or effect.q < DISCOVERED)


def tracks(driver: Driver, axis: Axis, why: tuple[Said, Said]) -> list[str]:
    """Return the two tracks of a touchpoint; `why` tells of penalty and reward why there is no figure."""
    grid = [
        f'<line class="grid" x1="{percent(axis.place(tick))}" x2="{percent(axis.place(tick))}" y1="0" '
        f'y2="{TALL}" stroke="currentColor" stroke-opacity="{0.45 if tick == 0 else 0.12}"/>'
        for tick in axis.ticks
    ]
    return [
        *grid,
        *_track(driver.penalty, -1, TRACKS[0], axis, why[0]),
        *_track(driver.reward, 1, TRACKS[1], axis, why[1]),
    ]


def ruler(axis: Axis, labels: Sequence[str], sides: tuple[Said, Said]) -> list[str]:
    """Return the scale over the tracks: `labels` of its ticks, and what either side means."""
    drawn = [
        f'<text class="tick" x="{percent(axis.place(tick))}" y="33" text-anchor="middle" font-size="11" '
        f'fill="currentColor" fill-opacity="0.7">{label}</text>'
        for tick, label in zip(axis.ticks, labels, strict=True)
    ]
    same = 'y="13" font-size="12.5" font-weight="600"'
    left = f'class="side loss" x="48%" text-anchor="end" fill="{LOSS}" {same}'
    right = f'class="side gain" x="52%" text-anchor="start" fill="{GAIN}" {same}'
    arrows = Said(f"← {sides[0].zh}", f"← {sides[0].en}"), Said(f"{sides[1].zh} →", f"{sides[1].en} →")
    return [*drawn, written(arrows[0], left), written(arrows[1], right)]


def _track(effect: Effect, way: int, y: float, axis: Axis, why: Said) -> list[str]:
    side, colour = ("gain", GAIN) if way > 0 else ("loss", LOSS)
    if effect.estimate is None or effect.low is None or effect.high is None:
        at = f'x="{52 if way > 0 else 48}%" y="{y + 4}" text-anchor="{"start" if way > 0 else "end"}"'
        return [
            written(why, f'class="tick none" {at} font-size="11.5" fill="currentColor" fill-opacity="0.65"')
        ]
    ends = sorted((way * effect.low, way * effect.high))
    low, high = (axis.place(end) for end in ends)
    x = percent(axis.place(way * effect.estimate))
    filled = colour if sure(effect) else "Canvas"
    drawn = [
        f'<line class="whisker" x1="{percent(low)}" x2="{percent(high)}" y1="{y}" y2="{y}" '
        f'stroke="{colour}" stroke-width="2"/>'
    ]
    drawn += [_arrow(50 + ROOM, y, 1, colour)] if ends[1] > axis.limit else []
    drawn += [_arrow(50 - ROOM, y, -1, colour)] if ends[0] < -axis.limit else []
    paint = f'fill="{filled}" stroke="{colour}" stroke-width="1.8"'
    drawn.append(f'<circle class="dot" cx="{x}" cy="{y}" r="4.5" {paint}/>')
    return [f'<g class="{side}{"" if sure(effect) else " open"}">{"".join(drawn)}</g>']


def _arrow(x: float, y: float, way: int, colour: str) -> str:
    """Return the head of a line that goes on beyond the scale."""
    head = f'<path class="arrow" d="M0-4L{6 * way} 0L0 4z" fill="{colour}"/>'
    return f'<svg x="{percent(x)}" y="{y}" width="1" height="1" overflow="visible">{head}</svg>'


def _step(limit: float) -> float:
    """Return the round distance of two ticks, at most three of them on either side of zero."""
    size = 10.0 ** floor(log10(limit / 3))
    return next(size * step for step in (1, 2, 5, 10) if limit / (size * step) < 4)
