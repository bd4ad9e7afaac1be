"""A calendar of counts: one cell a day, weeks side by side, Monday on top, darker for more.

It is drawn in blocks of equal width, so that the page may set them in one line where there is room and one
below the other where there is none. A day outside the calendar has no cell; a day without anything has a
pale one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from statistics import quantiles

from markupsafe import Markup

from peakend.report.chart.svg import frame, percent, written
from peakend.tell.said import Said, grouped

ROW = 15
TOP = 18
WEEKS = 27
"""Weeks in a block at most: half a year, whose cells can still be told apart on a phone."""
SHARES = (10, 50, 90, 99)
"""Shares of the days with anything, in percent, at which the colour deepens: a few great days stand out."""


def limits(counts: Sequence[int]) -> list[int]:
    """Return the greatest count of each depth of colour but the last, as round numbers."""
    cuts = quantiles(counts, n=100, method="inclusive") if len(counts) > 1 else []
    rounded = {int(float(f"{cuts[share - 1]:.2g}")) for share in SHARES} if cuts else set()
    return sorted(limit for limit in rounded if 0 < limit < max(counts))


def calendar(days: Mapping[date, int], labels: Mapping[date, Said], weekdays: Sequence[Said]) -> list[Markup]:
    """Return the blocks of a calendar of `days`, which follow each other without a gap.

    `labels` holds what stands above a week, by its Monday; `weekdays` the seven names of its rows. The day
    with most is ringed.
    """
    monday = min(days) - timedelta(days=min(days).weekday())
    weeks = ((max(days) - monday).days // 7) + 1
    number = -(-weeks // WEEKS)
    wide = -(-weeks // number)
    most = max(days, key=lambda day: (days[day], -day.toordinal()))
    bounds = limits([count for count in days.values() if count])
    blocks = []
    for block in range(number):
        drawn = [_weekday(name, row) for row, name in enumerate(weekdays)]
        for place in range(wide):
            first = monday + timedelta(weeks=block * wide + place)
            if first in labels:
                drawn.append(written(labels[first], f'class="tick" x="{percent(100 * place / wide)}" y="11"'))
            week = [first + timedelta(days=row) for row in range(7)]
            drawn += [_cell(day, days[day], bounds, place, wide, day == most) for day in week if day in days]
        blocks.append(frame("calendar", TOP + 7 * ROW, drawn))
    return blocks


def _weekday(name: Said, row: int) -> str:
    return written(name, f'class="tick day" x="-8" y="{TOP + row * ROW + 11}" text-anchor="end"')


def _cell(day: date, count: int, bounds: Sequence[int], place: int, wide: int, ringed: bool) -> str:
    depth = bisect_left(bounds, count) + 1 if count else 0
    box = f'x="{percent(100 * place / wide)}" y="{TOP + day.weekday() * ROW}" width="{percent(92 / wide)}"'
    name = f"heat{depth} most" if ringed else f"heat{depth}"
    tip = f"{day.isoformat()} · {grouped(count)}"
    return f'<rect class="{name}" {box} height="{ROW - 2}"><title>{tip}</title></rect>'
