"""The importance-performance map: how well each touchpoint goes, and how much it weighs, with its interval.

Labels never lie on each other or on a dot: a label is moved, with a line back to its dot, and where there is
no room at all the dot keeps its letter. On a narrow page, and where there are many, every dot has
its letter, and names stand below.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import cos, pi, sin
from typing import NamedTuple

from markupsafe import Markup, escape

from peakend.report.chart.svg import written
from peakend.tell.said import Said


class Spot(NamedTuple):
    """One touchpoint: performance `x`, weight `y` with its interval; `certain` tells on which side of the
    mean weight it stands: 1 above, -1 below, 0 where the interval touches it."""

    letter: str
    title: Said
    x: float
    y: float
    low: float
    high: float
    certain: int
    moment: bool


class Words(NamedTuple):
    """What stands around the dots: the quadrants (upper left and right, lower left and right), the axes."""

    quadrants: tuple[Said, Said, Said, Said]
    x: Said
    y: Said


class Paper(NamedTuple):
    """The size of the picture and its margins, in units of about one CSS pixel."""

    wide: int
    tall: int
    left: int
    foot: int
    font: float

    @property
    def right(self) -> int:
        return self.wide - 14

    @property
    def bottom(self) -> int:
        return self.tall - self.foot


WIDE = Paper(960, 500, 56, 52, 13)
NARROW = Paper(350, 400, 40, 52, 12)
_TOP = 40
LINE = 15
MOST_NAMES = 12
"""Dots above which each has its letter on wide pages too: names would crowd, and some have no room."""
LONGEST = 230
"""Width above which a name is replaced by its letter: it would lie across half the map."""


class Box(NamedTuple):
    """A rectangle on the paper that is taken."""

    x0: float
    y0: float
    x1: float
    y1: float

    def meets(self, other: Box) -> bool:
        """Return whether the two overlap."""
        return self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1


class _Scale(NamedTuple):
    paper: Paper
    x0: float
    x1: float
    y1: float

    def x(self, value: float) -> float:
        return self.paper.left + (value - self.x0) / (self.x1 - self.x0) * (
            self.paper.right - self.paper.left
        )

    def y(self, value: float) -> float:
        return self.paper.bottom - value / self.y1 * (self.paper.bottom - _TOP)


def matrix(
    spots: Sequence[Spot],
    middle: tuple[float, float],
    words: Words,
    ticks: tuple[Sequence[tuple[float, str]], Sequence[tuple[float, str]]],
    paper: Paper,
) -> Markup:
    """Return the map; `middle` is where the quadrants meet, `ticks` are (place, label) of both axes."""
    scale = _scale(spots, middle, paper)
    corners = list(_corners(scale, spots, middle, words))
    drawn = [
        *_frame(scale, middle, words, ticks),
        *(_quadrant(corner) for corner in corners),
        *(_spot(spot, scale) for spot in spots),
        *_labels(
            spots,
            scale,
            [corner.box for corner in corners],
            letters=paper is NARROW or len(spots) > MOST_NAMES,
        ),
    ]
    size = f'viewBox="0 0 {paper.wide} {paper.tall}" width="100%"'
    return Markup(f'<svg class="matrix" {size} aria-hidden="true">{"".join(drawn)}</svg>')


def width(text: str, font: float) -> float:
    """Return about how wide a text is: one em a Chinese character, a little over half a Latin letter."""
    return font * sum(1.0 if ord(letter) > 0x2E7F else 0.56 for letter in text)


def placed(
    texts: Sequence[str],
    dots: Sequence[tuple[float, float]],
    taken: Sequence[Box],
    lines: Sequence[Box],
    paper: Paper,
    others: Sequence[tuple[float, float]] = (),
) -> list[Box | None]:
    """Return a free rectangle for each text beside its dot; None where there is none.

    Nothing is ever put on what is `taken`, on a dot (these or `others`) or on another text; on `lines` only
    if all else is full.
    """
    blocked = [*taken, *(Box(x - 8, y - 8, x + 8, y + 8) for x, y in (*dots, *others))]
    found: list[Box | None] = []
    for text, dot in zip(texts, dots, strict=True):
        able = [box for box in _beside(text, dot, paper) if not any(map(box.meets, blocked))]
        free = next((box for box in able if not any(map(box.meets, lines))), next(iter(able), None))
        found.append(free)
        blocked += [free] if free else []
    return found


def _beside(text: str, dot: tuple[float, float], paper: Paper) -> Iterator[Box]:
    """Yield rectangles around a dot, the nearest first, all of them on the paper."""
    wide, tall = width(text, paper.font) + 3, paper.font * 1.25
    for reach, turn in product(
        (0, 12, 24, 38, 54, 74), (0, 8, 2, 14, 6, 10, 1, 15, 7, 9, 4, 12, 3, 13, 5, 11)
    ):
        angle = turn * pi / 8
        x, y = dot[0] + (12 + reach) * cos(angle), dot[1] - (9 + reach) * sin(angle)
        left = x - wide / 2 + cos(angle) * wide / 2
        top = y - tall / 2 - sin(angle) * tall / 2
        box = Box(left, top, left + wide, top + tall)
        if box.x0 >= paper.left and box.x1 <= paper.right and box.y0 >= _TOP - 8 and box.y1 <= paper.bottom:
            yield box


def _scale(spots: Sequence[Spot], middle: tuple[float, float], paper: Paper) -> _Scale:
    xs = [*(spot.x for spot in spots), middle[0]]
    room = 0.14 * (max(xs) - min(xs)) or 0.1
    highest = max(*(max(spot.high, spot.y) for spot in spots), middle[1])
    return _Scale(paper, min(xs) - room, max(xs) + room, highest * 1.04 or 1.0)


def _frame(
    scale: _Scale,
    middle: tuple[float, float],
    words: Words,
    ticks: tuple[Sequence[tuple[float, str]], Sequence[tuple[float, str]]],
) -> Iterator[str]:
    paper, x, y = scale.paper, scale.x(middle[0]), scale.y(middle[1])
    box = f'x="{paper.left}" y="{_TOP - 12}" width="{x - paper.left:.1f}" height="{y - _TOP + 12:.1f}"'
    yield f'<rect class="weak" {box}/>'
    yield f'<line class="base" x1="{paper.left}" x2="{paper.right}" y1="{paper.bottom}" y2="{paper.bottom}"/>'
    yield f'<line class="middle" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 12}" y2="{paper.bottom}"/>'
    yield f'<line class="middle" x1="{paper.left}" x2="{paper.right}" y1="{y:.1f}" y2="{y:.1f}"/>'
    for value, label in ticks[0]:
        if scale.x0 <= value <= scale.x1:
            at = f'class="tick" x="{scale.x(value):.1f}" y="{paper.bottom + 17}" text-anchor="middle"'
            yield written(Said(label, label), at)
    for value, label in ticks[1]:
        if 0 <= value <= scale.y1:
            at = f'class="tick" x="{paper.left - 8}" y="{scale.y(value) + 4:.1f}" text-anchor="end"'
            yield written(Said(label, label), at)
    middle_x = (paper.left + paper.right) / 2
    yield written(words.x, f'class="axis" x="{middle_x}" y="{paper.tall - 8}" text-anchor="middle"')
    yield written(words.y, 'class="axis" x="0" y="13" text-anchor="start"')


class _Corner(NamedTuple):
    """A quadrant's name in one or two lines, the rectangle that it takes, and the side that it keeps to."""

    lines: tuple[Said, ...]
    box: Box
    anchor: str


def _quadrant(corner: _Corner) -> str:
    box = corner.box
    x = box.x0 if corner.anchor == "start" else box.x1
    return "".join(
        written(
            line,
            f'class="quadrant" x="{x:.1f}" y="{box.y0 + 14 + LINE * n:.1f}" text-anchor="{corner.anchor}"',
        )
        for n, line in enumerate(corner.lines)
    )


def _corners(
    scale: _Scale, spots: Sequence[Spot], middle: tuple[float, float], words: Words
) -> Iterator[_Corner]:
    """Yield each quadrant's name where it meets the fewest dots; one without room for it has none."""
    paper, x, y = scale.paper, scale.x(middle[0]), scale.y(middle[1])
    dots = [(scale.x(spot.x), scale.y(spot.y)) for spot in spots]
    marks = [Box(at - 9, high - 9, at + 9, high + 9) for at, high in dots]
    lines = _whiskers(spots, scale)
    for place, said in enumerate(words.quadrants):
        right = place % 2 == 1
        room = Box(
            (x if right else paper.left) + 5,
            (_TOP - 12 if place < 2 else y) + 2,
            (paper.right if right else x) - 5,
            (y if place < 2 else paper.bottom) - 2,
        )
        able = list(_inside(said, room, paper, from_right=right, from_foot=place >= 2))
        if able:
            yield min(able, key=lambda corner: (_met(corner.box, marks), _met(corner.box, lines)))


def _met(box: Box, others: Sequence[Box]) -> int:
    return sum(map(box.meets, others))


def _whiskers(spots: Sequence[Spot], scale: _Scale) -> list[Box]:
    ends = [(scale.x(s.x), scale.y(max(s.high, s.y)), scale.y(min(s.low, s.y))) for s in spots]
    return [Box(x - 2, top, x + 2, foot) for x, top, foot in ends]


def _inside(said: Said, room: Box, paper: Paper, *, from_right: bool, from_foot: bool) -> Iterator[_Corner]:
    """Yield where a name may stand in its quadrant, its outer corner first; in two lines where it must."""
    lines: tuple[Said, ...] = (said,)
    if _widest(lines, paper) > room.x1 - room.x0:
        lines = tuple(Said(*pair) for pair in zip(said.zh.split("，"), said.en.split(", "), strict=True))
    wide, tall = _widest(lines, paper), LINE * len(lines) + 3
    if wide > room.x1 - room.x0 or tall > room.y1 - room.y0:
        return
    tops = [room.y0 + n * LINE for n in range(int((room.y1 - room.y0 - tall) // LINE) + 1)]
    if from_foot:
        tops = [room.y1 - tall - (top - room.y0) for top in tops]
    for top, turned in product(tops, (False, True)):
        if from_right != turned:
            yield _Corner(lines, Box(room.x1 - wide, top, room.x1, top + tall), "end")
        else:
            yield _Corner(lines, Box(room.x0, top, room.x0 + wide, top + tall), "start")


def _widest(lines: Sequence[Said], paper: Paper) -> float:
    return max(width(text, paper.font) for line in lines for text in line)


def _spot(spot: Spot, scale: _Scale) -> str:
    x, y = scale.x(spot.x), scale.y(spot.y)
    low, high = scale.y(min(spot.low, spot.y)), scale.y(max(spot.high, spot.y))
    whisker = f'<line class="whisker" x1="{x:.1f}" x2="{x:.1f}" y1="{low:.1f}" y2="{high:.1f}"/>'
    shape = (
        f'<path class="dot" d="M{x:.1f} {y - 8:.1f}l8 8l-8 8l-8 -8z"/>'
        if spot.moment
        else f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="5.5"/>'
    )
    name = ("under", "open", "over")[spot.certain + 1]
    return f'<g class="at {name}">{whisker}{shape}</g>'


def _labels(spots: Sequence[Spot], scale: _Scale, corners: Sequence[Box], *, letters: bool) -> Iterator[str]:
    """Yield the labels of each language on their own: a Chinese name takes less room than an English one."""
    order = sorted(spots, key=lambda spot: (-spot.moment, -spot.y))
    dots = [(scale.x(spot.x), scale.y(spot.y)) for spot in order]
    lines = _whiskers(spots, scale)
    for language in ("zh", "en"):
        names = [spot.title.spoken(language) for spot in order]
        texts = [
            spot.letter if letters or width(name, scale.paper.font) > LONGEST else name
            for spot, name in zip(order, names, strict=True)
        ]
        boxes = placed(texts, dots, corners, lines, scale.paper)
        left = [n for n, box in enumerate(boxes) if box is None]
        taken = [*corners, *(box for box in boxes if box is not None)]
        again = placed(
            [order[n].letter for n in left], [dots[n] for n in left], taken, lines, scale.paper, dots
        )
        for n, box in zip(left, again, strict=True):
            texts[n], boxes[n] = order[n].letter, box
        yield f'<g lang="{language}">'
        for spot, text, dot, box in zip(order, texts, dots, boxes, strict=True):
            yield "" if box is None else _label(text, spot, dot, box, scale.paper)
        yield "</g>"


def _label(text: str, spot: Spot, dot: tuple[float, float], box: Box, paper: Paper) -> str:
    x, y = min(max(dot[0], box.x0), box.x1), min(max(dot[1], box.y0), box.y1)
    far = abs(x - dot[0]) + abs(y - dot[1]) > 18
    ends = f'x1="{dot[0]:.1f}" y1="{dot[1]:.1f}" x2="{x:.1f}" y2="{y:.1f}"'
    line = f'<line class="lead" {ends}/>' if far else ""
    name = "name letter" if text == spot.letter else "name"
    foot = box.y1 - paper.font * 0.3
    moment = " moment" if spot.moment else ""
    return f'{line}<text class="{name}{moment}" x="{box.x0 + 1:.1f}" y="{foot:.1f}">{escape(text)}</text>'
