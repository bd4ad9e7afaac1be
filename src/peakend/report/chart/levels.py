"""Numbers on one level scale, each a dot with its interval; rows that share the scale can be compared by eye.

All lengths are percentages, so the picture stretches with its column. A hollow dot is not sure of its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil, floor, log10
from typing import NamedTuple

from markupsafe import Markup

from peakend.report.chart.svg import frame, percent, written
from peakend.tell.said import MINUS, Said

TALL = 22
RULER = 26
_EDGE = 3.0


class Axis(NamedTuple):
    """The scale that the rows of a picture share: its ends and its ticks."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def place(self, number: float) -> float:
        """Where a number stands, in percent of the width."""
        inside = max(self.low, min(self.high, number))
        return _EDGE + (100 - 2 * _EDGE) * (inside - self.low) / (self.high - self.low)

    def labels(self) -> list[str]:
        """The ticks, as short as they can be told apart."""
        step = self.ticks[1] - self.ticks[0] if len(self.ticks) > 1 else 1.0
        shown = max(0, -floor(log10(step) + 1e-9))
        return [f"{MINUS if tick < -1e-12 else ''}{abs(tick):.{shown}f}" for tick in self.ticks]


class Mark(NamedTuple):
    """One number with its interval; `tone` names its class: even, up, down, few (hollow), wish."""

    value: float
    low: float
    high: float
    tone: str


def axis_of(marks: Iterable[Mark], *, from_zero: bool = False) -> Axis:
    """A scale that holds every interval, with round ticks."""
    known = list(marks)
    low = min((mark.low for mark in known), default=0.0)
    high = max((mark.high for mark in known), default=1.0)
    low = min(low, 0.0) if from_zero else low
    step = step_of(high - low)
    low, high = floor(low / step + 1e-9) * step, ceil(high / step - 1e-9) * step
    if high <= low:
        low, high = low - step, high + step
    return Axis(low, high, tuple(low + step * n for n in range(round((high - low) / step) + 1)))


def step_of(width: float) -> float:
    """A round distance between three to eight ticks over a width."""
    if width <= 0:
        return 0.1
    step = 10.0 ** floor(log10(width))
    return next(step * part for part in (1, 0.5, 0.2, 0.1) if width / (step * part) >= 3 or part == 0.1)


def track(marks: Sequence[Mark], axis: Axis) -> Markup:
    """Numbers on one line of the scale."""
    drawn = [
        *(_grid(axis.place(tick), 0, TALL) for tick in axis.ticks),
        f'<line class="rail" x1="0" x2="100%" y1="{TALL / 2}" y2="{TALL / 2}"/>',
    ]
    for mark in marks:
        ends = f'x1="{percent(axis.place(mark.low))}" x2="{percent(axis.place(mark.high))}"'
        at = f'cx="{percent(axis.place(mark.value))}" cy="{TALL / 2}"'
        drawn.append(
            f'<g class="{mark.tone}"><line class="whisker" {ends} y1="{TALL / 2}" y2="{TALL / 2}"/>'
            f'<circle class="dot" {at} r="4.5"/></g>'
        )
    return frame("strip level", TALL, drawn)


def ruler(axis: Axis) -> Markup:
    """The labels of the scale, above its rows."""
    return frame(
        "ruler level",
        RULER,
        [
            written(
                Said(label, label),
                f'class="tick" x="{percent(axis.place(tick))}" y="16" text-anchor="middle"',
            )
            for tick, label in zip(axis.ticks, axis.labels(), strict=True)
        ],
    )


def _grid(place: float, top: float, foot: float) -> str:
    return f'<line class="grid" x1="{percent(place)}" x2="{percent(place)}" y1="{top}" y2="{foot}"/>'
