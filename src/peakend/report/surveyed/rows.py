"""The rows of a survey's pictures: waves, shares, the map, items by wave, dimensions, as views for the
template.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import floor, log10

from markupsafe import Markup

from peakend.model.finding import Estimate
from peakend.model.gap import GapResult, ServiceGap
from peakend.model.importance import ItemImportance
from peakend.model.scale import Score
from peakend.model.surveyed import ItemAsked, Surveyed, Wave
from peakend.report.chart.levels import Axis, Mark, axis_of, ruler, step_of, track
from peakend.report.chart.matrix import NARROW, WIDE, Spot, Words, matrix
from peakend.report.figures import signed
from peakend.report.finding.rows import MatrixView, letter
from peakend.report.scores import value
from peakend.report.sentences import say
from peakend.report.surveyed.called import (
    Called,
    bounds,
    change_of,
    dimension,
    interval,
    mean,
    percent,
    remark,
    wave,
)
from peakend.report.surveyed.headlines import direction, disputed, place, ties
from peakend.tell.said import Said, grouped

FEWEST_ON_MAP = 3


@dataclass(frozen=True)
class WaveRow:
    """One wave: its track, its n and score with interval ('' where it was not asked), its change and the
    arrow's tone.
    """

    title: Said
    n: str
    track: Markup | None
    score: tuple[str, str]
    missing: Said | None
    change: Said | None
    ends: str
    tone: str
    word: Said
    weighted: tuple[str, str] | None


@dataclass(frozen=True)
class ShareRow:
    """One item that is compared: its track, its share with interval, its place, its ties."""

    title: Said
    n: Said
    track: Markup
    share: tuple[str, str]
    place: Said
    ties: Said


@dataclass(frozen=True)
class ItemRow:
    """One item over all waves: a cell (mean, interval, n) each; None where it was not asked."""

    title: Said
    cells: tuple[tuple[str, str, str] | None, ...]


@dataclass(frozen=True)
class DimensionRow:
    """One dimension: its weight, its track, expected, perceived, gap and alpha with intervals."""

    title: Said
    n: str
    points: Said
    track: Markup | None
    figures: tuple[tuple[str, str], ...]
    alone: bool


def wave_rows(found: Surveyed) -> tuple[Markup | None, tuple[WaveRow, ...]]:
    """The scale of the scores, and a row a wave."""
    marks = {one.wave: mark for one in found.waves if (mark := _score_mark(one.score))}
    if not marks:
        return None, tuple(_wave_row(one, None, None) for one in found.waves)
    axis = axis_of(marks.values())
    rows: list[WaveRow] = []
    for asked, group in groupby(found.waves, key=lambda one: one.score is not None):
        if asked:
            rows += [_wave_row(one, marks.get(one.wave), axis) for one in group]
        else:
            rows.append(_unasked(list(group)))
    return ruler(axis), tuple(rows)


def shares(found: Surveyed) -> tuple[list[Mark], Axis]:
    """The shares of the compared items in percent, and the scale that holds them."""
    items = found.importance.items if found.importance else ()
    marks = [_share_mark(one) for one in items]
    return marks, axis_of(marks, from_zero=True)


def share_rows(found: Surveyed, called: Called) -> tuple[Markup, tuple[ShareRow, ...]] | None:
    """The scale of the shares, and a row an item; None where nothing is explained."""
    result = found.importance
    if result is None or any(one.share is None for one in result.items):
        return None
    marks, axis = shares(found)
    rows = tuple(
        ShareRow(
            title=called.item(one.item),
            n=say("survey_share_n", n=grouped(one.answered), rows=grouped(result.rows)),
            track=track([mark], axis),
            share=_percents(one.share),
            place=place(one),
            ties=ties(one, len(result.items), called),
        )
        for one, mark in zip(result.items, marks, strict=True)
    )
    return ruler(axis), rows


def map_view(found: Surveyed, called: Called) -> MatrixView | None:
    """Derived importance against mean rating; None below three items or where nothing is explained."""
    result = found.importance
    items = [one for one in result.items if one.share and one.mean] if result else []
    if len(items) < FEWEST_ON_MAP:
        return None
    xs = [one.mean.estimate for one in items if one.mean]
    middle = sum(xs) / len(xs), 100 / len(items)
    spots = [_spot(one, letter(n), x, called) for n, (one, x) in enumerate(zip(items, xs, strict=True))]
    words = Words(
        (
            say("survey_quadrant_top_left"),
            say("survey_quadrant_top_right"),
            say("survey_quadrant_low_left"),
            say("survey_quadrant_low_right"),
        ),
        say("survey_map_x"),
        say("survey_map_y"),
    )
    ticks = _ticks(min(xs), max(xs)), _ticks(0.0, max(spot.high for spot in spots))
    wide, narrow = (matrix(spots, middle, words, ticks, paper) for paper in (WIDE, NARROW))
    key = tuple((spot.letter, spot.title) for spot in spots)
    return MatrixView(
        _map_line(spots, items, middle[0], called), wide, narrow, key, 'class="name letter' in wide
    )


def item_rows(found: Surveyed, called: Called) -> tuple[tuple[tuple[Said, str], ...], tuple[ItemRow, ...]]:
    """The waves, and a row an item over all of them; 'now' and 'last' are the explained one and that
    before, which narrow pages show first.
    """
    names = [one.item for one in found.waves[0].items]
    rows = tuple(
        ItemRow(called.item(name), tuple(_cell(one.items[number]) for one in found.waves))
        for number, name in enumerate(names)
    )
    now = [one.wave for one in found.waves].index(found.wave)
    waves = tuple(
        (wave(one.wave), {now: "n now", now - 1: "n last"}.get(number, "n"))
        for number, one in enumerate(found.waves)
    )
    return waves, rows


def dimension_rows(gaps: GapResult) -> tuple[Markup | None, tuple[DimensionRow, ...]]:
    """The scale, and a row a dimension; the last is the whole by points."""
    marks = {
        one.dimension: [
            Mark(found.estimate, found.low, found.high, tone)
            for found, tone in ((one.expectation, "wish"), (one.perception, "even"))
            if found
        ]
        for one in gaps.dimensions
    }
    known = [mark for own in marks.values() for mark in own]
    axis = axis_of(known) if known else None
    equal = len({one.weight for one in gaps.dimensions}) == 1
    rows = [
        DimensionRow(
            title=dimension(one.dimension),
            n=grouped(one.n),
            points=say("survey_equal") if equal else say("survey_points_given", points=_short(one.weight)),
            track=track(marks[one.dimension], axis) if axis and marks[one.dimension] else None,
            figures=(
                *((mean(part), interval(part)) for part in (one.expectation, one.perception)),
                _gap(one.gap),
                (mean(one.reliability.alpha), interval(one.reliability.alpha)),
            ),
            alone=one.alone,
        )
        for one in gaps.dimensions
    ]
    whole = DimensionRow(
        title=say("survey_whole_equal" if equal else "survey_whole"),
        n=grouped(gaps.customers),
        points=Said("", ""),
        track=None,
        figures=(
            *((mean(part), interval(part)) for part in (gaps.expectation, gaps.perception)),
            _gap(gaps.gap),
            (mean(gaps.reliability.alpha), interval(gaps.reliability.alpha)),
        ),
        alone=True,
    )
    return ruler(axis) if axis else None, (*rows, whole)


def five_rows(gaps: Sequence[ServiceGap], called: Called) -> tuple[tuple[Said, Said, str, Said | None], ...]:
    """The five gaps: name and what about, the figure, its interval, what must be said."""
    return tuple(_five(one, called) for one in gaps)


def _five(one: ServiceGap, called: Called) -> tuple[Said, Said, str, Said | None]:
    about = called.about(one.about)
    title = Said(f"{one.number} {one.name.zh}", f"{one.number} {one.name.en}")
    if one.about:
        title = Said(f"{title.zh}：{about.zh}", f"{title.en}: {about.en}")
    told = remark(one.remark) if one.remark else None
    if one.written is not None:
        return title, say("survey_hours", value=signed(one.written, 1)), "", told
    if one.measured is None:
        return title, Said("–", "–"), "", told
    found = one.measured
    if one.unit == "share":
        shown = percent(found.estimate)
        return title, Said(shown, shown), f"{percent(found.low)}…{percent(found.high)} · n={found.n:,}", told
    digits = 1 if one.unit == "hours" else 2
    figure = say(
        "survey_hours" if one.unit == "hours" else "survey_points", value=signed(found.estimate, digits)
    )
    return title, figure, f"{signed(found.low, digits)}…{signed(found.high, digits)} · n={found.n:,}", told


def _score_mark(score: Score | None) -> Mark | None:
    if score is None or score.estimate is None or score.low is None or score.high is None:
        return None
    times = 100 if score.unit == "share" else 1
    return Mark(times * score.estimate, times * score.low, times * score.high, "even")


def _wave_row(one: Wave, mark: Mark | None, axis: Axis | None) -> WaveRow:
    score, change = one.score, one.change
    moved, ends, tone = None, "", "open"
    if change and change.estimate is not None and change.low is not None and change.high is not None:
        moved, tone = change_of(change.unit, change.estimate), direction(one)
        ends = "…".join(bounds(change.unit, change.low, change.high))
    missing = None if mark else say("survey_no_score" if score else "survey_not_asked")
    return WaveRow(
        title=wave(one.wave),
        n=grouped(score.n) if score else "",
        track=track([mark], axis) if mark and axis else None,
        score=_figure(score),
        missing=missing,
        change=moved,
        ends=ends,
        tone=tone,
        word=say("survey_disputed_word" if disputed(one) else f"survey_{tone}"),
        weighted=_figure(one.weighted) if one.weighted and one.weighted.estimate is not None else None,
    )


def _unasked(waves: Sequence[Wave]) -> WaveRow:
    """Waves one after the other in which nobody was asked, as one row."""
    first, last = waves[0].wave, waves[-1].wave
    row = _wave_row(waves[0], None, None)
    if len(waves) == 1:
        return row
    return replace(row, title=Said(f"{first} – {last}", f"{first} – {last}"))


def _figure(score: Score | None) -> tuple[str, str]:
    if score is None or score.estimate is None or score.low is None or score.high is None:
        return "", ""
    return value(
        score.unit, score.estimate
    ), f"{value(score.unit, score.low)}…{value(score.unit, score.high)}"


def _share_mark(one: ItemImportance) -> Mark:
    part = one.share
    if part is None:
        return Mark(0.0, 0.0, 0.0, "few")
    return Mark(100 * part.estimate, 100 * part.low, 100 * part.high, "few" if one.ties else "even")


def _percents(part: Estimate | None) -> tuple[str, str]:
    return ("", "") if part is None else (percent(part.estimate), f"{percent(part.low)}…{percent(part.high)}")


def _cell(one: ItemAsked) -> tuple[str, str, str] | None:
    return (mean(one.mean), interval(one.mean), grouped(one.n)) if one.n else None


def _short(weight: float) -> str:
    return f"{weight:g}" if weight == round(weight) else f"{weight:.1f}"


def _gap(found: Estimate | None) -> tuple[str, str]:
    if found is None:
        return "–", ""
    return signed(found.estimate, 2), f"{signed(found.low, 2)}…{signed(found.high, 2)}"


def _spot(one: ItemImportance, name: str, x: float, called: Called) -> Spot:
    assert one.share is not None
    share, low, high = (100 * part for part in (one.share.estimate, one.share.low, one.share.high))
    return Spot(name, called.item(one.item), x, share, low, high, one.side, False)


def _map_line(spots: Sequence[Spot], items: Sequence[ItemImportance], middle: float, called: Called) -> Said:
    heavy = [one for one, spot in zip(items, spots, strict=True) if spot.certain > 0]
    # No claim on the means either that their intervals do not carry.
    weak = [one.item for one in heavy if one.mean and one.mean.high < middle]
    if weak:
        return say("survey_map_line", titles=called.quoted(weak))
    if heavy:
        good = all(one.mean and one.mean.low > middle for one in heavy)
        titles = called.quoted(one.item for one in heavy)
        return say("survey_map_good" if good else "survey_map_unsure", titles=titles)
    light = [one.item for one, spot in zip(items, spots, strict=True) if spot.certain < 0]
    return say("survey_map_light", titles=called.quoted(light)) if light else say("survey_map_open")


def _ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Round places around a range, with labels as short as they can be told apart."""
    step = step_of(high - low)
    shown = max(0, -floor(log10(step) + 1e-9))
    first, last = floor(low / step) - 1, floor(high / step) + 2
    return [(step * n, f"{step * n:.{shown}f}") for n in range(first, last + 1)]
