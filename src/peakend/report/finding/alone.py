"""The picture of lost and gained points on its own: one SVG in one language, for a notebook or a slide.

It brings its own colours and takes that of the text around it, so that it can be read on light and dark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from markupsafe import escape

from peakend.model.found import Driver, Found
from peakend.model.pack import Pack
from peakend.report.chart.effects import TALL, axis_of, ruler, sure, tracks
from peakend.report.chart.matrix import width
from peakend.report.finding.headlines import digits, effects_line, headline, met
from peakend.report.finding.reasons import reasons
from peakend.report.finding.rows import RULER, figure, place_of, sides, tick_labels
from peakend.report.sentences import say
from peakend.tell.names import Names
from peakend.tell.said import Said

WIDE, LEFT, MIDDLE, SMALL = 960, 220, 420, 12.5
FIGURES, PLACES = LEFT + MIDDLE + 12, 826
FONT = (
    'font-family="system-ui,-apple-system,Segoe UI,Microsoft YaHei,PingFang SC,Noto Sans CJK SC,sans-serif"'
)
INK = 'fill="currentColor"'
PIECE = re.compile(
    r"[（「]*(?:[^（「\x00-\u2e7f]|[\x00-\u2e7f]+?(?: |$|(?=[^\x00-\u2e7f])))[，。、：；）」]*|[（「]+"
)
"""A Chinese character or a word, with the marks that may not begin a line and those that may not end one."""


def effects_svg(found: Found, pack: Pack, language: Literal["zh", "en"] = "en") -> str:
    """Return penalty and reward of every touchpoint with their 95 % intervals, the weightiest first."""
    names, drivers = Names(pack), met(found)
    axis, row = axis_of(drivers), TALL + 8
    lines = _wrapped(effects_line(found, names).spoken(language))
    top = 34 + 18 * len(lines)
    tall = top + RULER + row * len(drivers) + 24
    scale = ruler(axis, tick_labels(axis.ticks), (_one(sides()[0], language), _one(sides()[1], language)))
    head = headline(found, names).spoken(language)
    drawn = [
        f"<title>{escape(head)}</title>",
        _text(head, 4, 22, 'font-size="15" font-weight="600"'),
        *(_text(line, 4, 44 + 18 * n, 'font-size="12.5" fill-opacity="0.8"') for n, line in enumerate(lines)),
        _nested(scale, top, RULER),
    ]
    if len(drivers) > 1:
        place = say("find_place").spoken(language)
        drawn.append(_text(place, PLACES, top + 33, 'font-size="11" fill-opacity="0.7"'))
    for n, driver in enumerate(drivers):
        y = top + RULER + n * row
        why = reasons(driver)
        drawn.append(_nested(tracks(driver, axis, (_one(why[0], language), _one(why[1], language))), y, TALL))
        title = names.touchpoint(driver.touchpoint).spoken(language)
        drawn += _words(driver, title, y, digits(found), language)
        if len(drivers) > 1:
            drawn.append(_text(place_of(driver).spoken(language), PLACES, y + 16, 'font-size="12.5"'))
    drawn.append(
        _text(say("find_alone_note").spoken(language), 4, tall - 8, 'font-size="11" fill-opacity="0.7"')
    )
    size = f'viewBox="0 0 {WIDE} {tall}" width="{WIDE}" height="{tall}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" {FONT} lang="{language}">'
        f"{''.join(drawn)}</svg>"
    )


def _words(driver: Driver, title: str, y: float, shown: int, language: str) -> Iterator[str]:
    yield _text(_cut(title), 4, y + 17, 'font-size="13.5" font-weight="600"')
    share = f"n={driver.encounters:,}"
    yield _text(share, 4, y + 32, 'font-size="11" fill-opacity="0.7"')
    for effect, way, down in ((driver.penalty, -1, 16), (driver.reward, 1, 31)):
        value, interval = figure(effect, way, shown)
        opacity = "" if sure(effect) else ' fill-opacity="0.65"'
        yield _text(f"{value}  {interval}", FIGURES, y + down, f'font-size="12.5"{opacity}') if value else ""
    if driver.moment_of_truth:
        badge = say("find_badge").spoken(language)
        yield _text(f"◆ {badge}", PLACES, y + 31, 'font-size="11" font-weight="600"')


def _text(text: str, x: float, y: float, more: str) -> str:
    return f'<text x="{x}" y="{y}" {INK} {more}>{escape(text)}</text>'


def _nested(drawn: list[str], y: float, tall: int) -> str:
    return (
        f'<svg x="{LEFT}" y="{y}" width="{MIDDLE}" height="{tall}" overflow="visible">{"".join(drawn)}</svg>'
    )


def _one(said: Said, language: str) -> Said:
    """Return a text that is the same in both languages, so that no style sheet has to choose."""
    return Said(said.spoken(language), said.spoken(language))


def _cut(title: str) -> str:
    """Return a title as far as it fits before the picture."""
    if width(title, 13.5) <= LEFT - 12:
        return title
    while width(title + "…", 13.5) > LEFT - 12:
        title = title[:-1]
    return title + "…"


def _wrapped(sentence: str) -> list[str]:
    """Return a sentence in lines that fit the picture, broken at blanks and between Chinese characters."""
    lines = [""]
    for piece in PIECE.findall(sentence):
        if width(lines[-1] + piece, SMALL) > WIDE - 10:
            lines.append("")
        lines[-1] += piece
    return lines
