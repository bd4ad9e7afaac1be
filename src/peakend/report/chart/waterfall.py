"""The waterfall: from the base to the mean, step by step, each step beginning where the last one ended.

One picture for each line, so that its name may stand beside it at any width; thin lines lead from one to the
next. The scale does not begin at zero: steps are small against the base, and only their lengths compare.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from markupsafe import Markup

from peakend.report.chart.svg import frame, percent

TALL = 30
BAR = 'y="50%" height="14" transform="translate(0 -7)"'
HAIR = 0.15
"""Width, in percent, of a step that is next to nothing: it can still be seen."""


def waterfall(points: Sequence[float]) -> list[Markup]:
    """Return the picture of each line: `points` are the base, then the steps; one more is the mean.

    The first and the last stand for a level; all between for a step from one level to the next.
    """
    levels = [sum(points[: n + 1]) for n in range(len(points))]
    low, high = min(levels), max(levels)
    room = (high - low) * 0.06 or 1.0

    def place(level: float) -> float:
        return 100 * (level - low + room) / (high - low + 2 * room)

    rows = [_level(place(levels[0]), first=True)]
    rows += [_step(place(one), place(other)) for one, other in pairwise(levels)]
    return [*rows, _level(place(levels[-1]), first=False)]


def _level(at: float, *, first: bool) -> Markup:
    x = percent(at)
    thread = ("50%", "100%") if first else ("0", "50%")
    return frame(
        "fall",
        TALL,
        [
            f'<line class="thread" x1="{x}" x2="{x}" y1="{thread[0]}" y2="{thread[1]}"/>',
            f'<rect class="level" x="0" y="50%" width="{x}" height="12" transform="translate(0 -6)"/>',
            f'<line class="end" x1="{x}" x2="{x}" y1="20%" y2="80%"/>',
        ],
    )


def _step(start: float, end: float) -> Markup:
    left, wide = percent(min(start, end)), percent(max(abs(end - start), HAIR))
    name = "down" if end < start else "up"
    return frame(
        "fall",
        TALL,
        [
            f'<line class="thread" x1="{percent(start)}" x2="{percent(start)}" y1="0" y2="50%"/>',
            f'<line class="thread" x1="{percent(end)}" x2="{percent(end)}" y1="50%" y2="100%"/>',
            f'<rect class="{name}" x="{left}" width="{wide}" {BAR}/>',
        ],
    )
