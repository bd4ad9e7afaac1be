"""Small bars: parts of a whole, counts along a calendar, an emotion or a share with its interval.

They stretch with their column, so all lengths are percentages and all text stands outside them or is centred
on a percentage. Colours and hatches come from the style sheet by class; shape says the same without colour.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from peakend.model.finding import Estimate
from peakend.report.chart.svg import frame, percent, written
from peakend.tell.said import Said, grouped


def parts(counts: Sequence[tuple[str, int]], height: int = 10) -> Markup:
    """Return one bar divided into classed parts; an outline where there is nothing to divide.

    `counts` holds (class, count) in the order of the parts.
    """
    whole = sum(count for _, count in counts)
    drawn, start = [], 0.0
    for name, count in counts:
        width = 100 * count / whole if whole else 0.0
        if count:
            place = f'x="{percent(start)}" y="0" width="{percent(width)}" height="{height}"'
            drawn.append(f'<rect class="{name}" {place}/>')
        start += width
    if not whole:
        drawn.append(f'<rect class="void" x="0" y="0.5" width="100%" height="{height - 1}"/>')
    return frame("parts", height, drawn)


def strip(value: float, low: float, high: float, limit: float, tone: str) -> Markup:
    """Return an emotion with its interval on a level scale from -limit to +limit, zero in the middle."""

    def place(emotion: float) -> str:
        return percent(50 + 46 * max(-1.0, min(1.0, emotion / limit)))

    return frame(
        f"strip {tone}",
        18,
        [
            '<line class="rail" x1="4%" x2="96%" y1="9" y2="9"/>',
            '<line class="zero" x1="50%" x2="50%" y1="2" y2="16"/>',
            f'<line class="whisker" x1="{place(low)}" x2="{place(high)}" y1="9" y2="9"/>',
            f'<circle class="dot" cx="{place(value)}" cy="9" r="4.5"/>',
        ],
    )


def level(share: Estimate, top: float, mark: float, tone: str) -> Markup:
    """Return a share with its interval on a level scale from 0 to `top`, and a mark to hold it against."""

    def place(value: float) -> str:
        return percent(2 + 96 * min(1.0, value / top))

    return frame(
        f"strip {tone}",
        18,
        [
            '<line class="rail" x1="2%" x2="98%" y1="9" y2="9"/>',
            f'<line class="zero" x1="{place(mark)}" x2="{place(mark)}" y1="2" y2="16"/>',
            f'<line class="whisker" x1="{place(share.low)}" x2="{place(share.high)}" y1="9" y2="9"/>',
            f'<circle class="dot" cx="{place(share.estimate)}" cy="9" r="4.5"/>',
        ],
    )


def rows(stacks: Sequence[Sequence[tuple[str, int]]], labels: Sequence[Said], top: int, tall: int) -> Markup:
    """Return lying bars, one below the other from `top` on, each with its label before and its sum behind."""
    most = max((sum(count for _, count in stack) for stack in stacks), default=0)
    drawn = []
    for place, (stack, label) in enumerate(zip(stacks, labels, strict=True)):
        y, left = top + place * tall, 0.0
        drawn.append(written(label, f'class="tick day" x="-8" y="{y + 11}" text-anchor="end"'))
        for name, count in stack:
            width = 70 * count / most if most else 0.0
            box = f'x="{percent(left)}" y="{y}" width="{percent(width)}" height="{tall - 2}"'
            drawn += [f'<rect class="{name}" {box}/>'] if count else []
            left += width
        total = grouped(sum(count for _, count in stack))
        drawn.append(f'<text class="tick" x="{percent(left + 2)}" y="{y + 11}">{total}</text>')
    return frame("rows", top + len(stacks) * tall, drawn)


def columns(
    stacks: Sequence[Sequence[tuple[str, int]]],
    labels: Sequence[Said | None],
    *,
    height: int = 56,
    shaded: Sequence[bool] = (),
) -> Markup:
    """Return upright bars, one for each stack of (class, count), with a label under those that have one."""
    number = max(len(stacks), 1)
    most = max((sum(count for _, count in stack) for stack in stacks), default=0)
    step = 100 / number
    drawn = [
        f'<rect class="shade" x="{percent(place * step)}" y="0" width="{percent(step)}" height="{height}"/>'
        for place, shade in enumerate(shaded)
        if shade
    ]
    for place, stack in enumerate(stacks):
        drawn += _stack(stack, place * step + step * 0.12, step * 0.76, most, height)
    drawn.append(f'<line class="base" x1="0" x2="100%" y1="{height}" y2="{height}"/>')
    drawn += [_label(label, place, step, height) for place, label in enumerate(labels) if label is not None]
    return frame("columns", height + 18, drawn)


def _stack(stack: Sequence[tuple[str, int]], left: float, width: float, most: int, height: int) -> list[str]:
    """Return the parts of one column from the foot up; any count at all is at least a hairline high."""
    drawn, foot = [], float(height)
    for name, count in stack:
        if not count:
            continue
        tall = max((height - 2) * count / most, 1.0)
        foot -= tall
        drawn.append(
            f'<rect class="{name}" x="{percent(left)}" y="{max(foot, 0):.2f}" '
            f'width="{percent(width)}" height="{tall:.2f}"/>'
        )
    return drawn


def _label(label: Said, place: int, step: float, height: int) -> str:
    anchor, left = "middle", place * step + step / 2
    if place == 0 and step < 8:
        anchor, left = "start", 0.0
    at = f'class="tick" x="{percent(left)}" y="{height + 13}" text-anchor="{anchor}"'
    return written(label, at)
