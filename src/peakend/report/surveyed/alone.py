"""The importance of the items as one SVG in one language, for a notebook or a slide.

It takes the colour of the text around it, so that it can be read on light and dark.
"""

from __future__ import annotations

from typing import Literal

from markupsafe import escape

from peakend.model.surveyed import Surveyed
from peakend.report.chart.levels import Axis
from peakend.report.chart.matrix import width
from peakend.report.sentences import say
from peakend.report.surveyed.called import Called, percent
from peakend.report.surveyed.headlines import importance_line, place
from peakend.report.surveyed.rows import shares

WIDE, LEFT, RIGHT, ROW, TOP = 860, 250, 560, 30, 74
FONT = (
    'font-family="system-ui,-apple-system,Segoe UI,Microsoft YaHei,PingFang SC,Noto Sans CJK SC,sans-serif"'
)


def importance_svg(found: Surveyed, called: Called, language: Literal["zh", "en"] = "en") -> str:
    """The share of every compared item with its 95 % interval, the heaviest first."""
    marks, axis = shares(found)
    head = importance_line(found, called).spoken(language)
    tall = TOP + ROW * len(marks) + 30
    drawn = [f"<title>{escape(head)}</title>", *_lines(head)]
    items = found.importance.items if found.importance else ()
    for number, (item, mark) in enumerate(zip(items, marks, strict=True)):
        y = TOP + ROW * number + ROW / 2
        ends = [_x(end, axis) for end in (mark.low, mark.high)]
        fill = 'fill="currentColor"' if mark.tone == "even" else 'fill="none"'
        drawn += [
            _text(_cut(called.item(item.item).spoken(language)), 4, y + 4, 'font-size="13.5"'),
            f'<line x1="{ends[0]:.1f}" x2="{ends[1]:.1f}" y1="{y}" y2="{y}" stroke="currentColor" '
            'stroke-opacity="0.6" stroke-width="2.5"/>',
            f'<circle cx="{_x(mark.value, axis):.1f}" cy="{y}" r="4.5" stroke="currentColor" {fill}/>',
        ]
        if item.share:
            part = item.share
            said = f"{percent(part.estimate)}  {percent(part.low)}…{percent(part.high)}"
            drawn.append(_text(said, RIGHT + 20, y + 4, 'font-size="12.5"'))
        drawn.append(_text(place(item).spoken(language), WIDE - 110, y + 4, 'font-size="12.5"'))
    note = say("survey_picture_note").spoken(language)
    drawn.append(_text(note, 4, tall - 8, 'font-size="11" fill-opacity="0.7"'))
    size = f'viewBox="0 0 {WIDE} {tall}" width="{WIDE}" height="{tall}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" {FONT} lang="{language}">'
        f"{''.join(drawn)}</svg>"
    )


def _x(number: float, axis: Axis) -> float:
    return LEFT + (RIGHT - LEFT) * axis.place(number) / 100


def _text(text: str, x: float, y: float, more: str) -> str:
    return f'<text x="{x}" y="{y}" fill="currentColor" {more}>{escape(text)}</text>'


def _lines(head: str) -> list[str]:
    """The sentence over the picture in at most three lines."""
    lines, current = [], ""
    for letter in head:
        current += letter
        if width(current, 14) > WIDE - 30 and (letter == " " or ord(letter) > 0x2E7F):
            lines.append(current)
            current = ""
    lines.append(current)
    return [
        _text(line, 4, 20 + 19 * n, 'font-size="14" font-weight="600"') for n, line in enumerate(lines[:3])
    ]


def _cut(title: str) -> str:
    if width(title, 13.5) <= LEFT - 14:
        return title
    while width(title + "…", 13.5) > LEFT - 14:
        title = title[:-1]
    return title + "…"
