"""What of a `Found` its first two pictures show: effects and map as views for the template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from markupsafe import Markup

from peakend.model.found import Driver, Effect, Found
from peakend.report.chart.effects import TALL, Axis, axis_of, ruler, sure, tracks
from peakend.report.chart.matrix import NARROW, WIDE, Spot, Words, matrix
from peakend.report.chart.svg import frame
from peakend.report.figures import points, signed
from peakend.report.finding.headlines import digits, met
from peakend.report.finding.reasons import reasons
from peakend.report.journey import quoted
from peakend.report.sentences import say
from peakend.tell.names import Names
from peakend.tell.said import MINUS, Said

RULER = 40


@dataclass(frozen=True)
class EffectRow:
    """One touchpoint: its tracks, its two figures with intervals ('' where missing), its place."""

    title: Said
    met: Said
    tracks: Markup
    loss: tuple[str, str]
    gain: tuple[str, str]
    open: tuple[bool, bool]
    place: Said | None
    moment: bool


@dataclass(frozen=True)
class MatrixView:
    """The map for wide and for narrow pages; `key` names the letters, `crowded` tells that both need it."""

    headline: Said
    wide: Markup
    narrow: Markup
    key: tuple[tuple[str, Said], ...]
    crowded: bool


def effect_rows(found: Found, names: Names) -> tuple[Markup, tuple[EffectRow, ...]]:
    """Return the scale, and the touchpoints that were met, the weightiest first."""
    drivers = met(found)
    axis, shown = axis_of(drivers), digits(found)
    alone = len(drivers) == 1
    rows = tuple(_effect_row(one, axis, shown, names, alone=alone) for one in drivers)
    return frame("ruler", RULER, ruler(axis, tick_labels(axis.ticks), sides())), rows


def sides() -> tuple[Said, Said]:
    """Return what either side of the scale is called."""
    return say("find_loses"), say("find_gains")


def tick_labels(ticks: Sequence[float]) -> list[str]:
    """Return the ticks of a scale, as short as they can be told apart."""
    step = min((abs(tick) for tick in ticks if tick), default=1.0)
    shown = max(0, -floor(log10(step) + 1e-9))
    return [f"{'+' if tick > 0 else MINUS if tick < 0 else ''}{abs(tick):.{shown}f}" for tick in ticks]


def place_of(driver: Driver) -> Said:
    """Return the place of a touchpoint by weight, as surely as it is known."""
    low, high = driver.rank
    return say("find_place_at" if low == high else "find_place_between", low=low, high=high)


def figure(effect: Effect, way: int, shown: int) -> tuple[str, str]:
    """Return an effect and its interval with the sign of its side: losses below zero, gains above."""
    if effect.estimate is None or effect.low is None or effect.high is None:
        return "", ""
    low, high = sorted((way * effect.low, way * effect.high))
    return signed(way * effect.estimate, shown), f"{signed(low, shown)}…{signed(high, shown)}"


def percentage(share: float) -> str:
    """Return a share in whole percent; neither nothing nor all where it is not."""
    if 0 < share < 0.005:
        return "<1%"
    return ">99%" if 0.995 < share < 1 else f"{share:.0%}"


def matrix_view(found: Found, names: Names) -> MatrixView | None:
    """Return the importance-performance map; None where fewer than three touchpoints can be compared."""
    drivers = [one for one in met(found) if _comparable(one)]
    if len(drivers) < 3:
        return None
    middle = _mean([_went(one) for one in drivers]), _mean([one.swing for one in drivers])
    spots = [_spot(one, letter(n), middle[1], names) for n, one in enumerate(drivers)]
    words = Words(
        (
            say("find_quadrant_top_left"),
            say("find_quadrant_top_right"),
            say("find_quadrant_low_left"),
            say("find_quadrant_low_right"),
        ),
        say("find_matrix_x"),
        say("find_matrix_y"),
    )
    ticks = _ticks([spot.x for spot in spots]), _ticks([0.0, *(spot.high for spot in spots)])
    wide, narrow = (matrix(spots, middle, words, ticks, paper) for paper in (WIDE, NARROW))
    key = tuple((spot.letter, spot.title) for spot in spots)
    return MatrixView(
        _matrix_line(drivers, spots, middle, names), wide, narrow, key, 'class="name letter' in wide
    )


def letter(n: int) -> str:
    """Return the n-th letter: A to Z, then AA, AB and so on."""
    return (letter(n // 26 - 1) if n >= 26 else "") + chr(ord("A") + n % 26)


def _effect_row(driver: Driver, axis: Axis, shown: int, names: Names, *, alone: bool) -> EffectRow:
    return EffectRow(
        title=names.touchpoint(driver.touchpoint),
        met=say("find_met", n=driver.encounters, share=percentage(driver.reach)),
        tracks=frame("tracks", TALL, tracks(driver, axis, reasons(driver))),
        loss=figure(driver.penalty, -1, shown),
        gain=figure(driver.reward, 1, shown),
        open=(not sure(driver.penalty), not sure(driver.reward)),
        place=None if alone else place_of(driver),
        moment=driver.moment_of_truth,
    )


def _comparable(driver: Driver) -> bool:
    """Return whether a touchpoint has a figure of its own, and encounters known to have gone some way."""
    return driver.reach > driver.unknown and not (
        driver.penalty.estimate is None and driver.reward.estimate is None
    )


def _went(driver: Driver) -> float:
    """Return the mean experience of the encounters of which it is known, from -1 to +1."""
    return (driver.magical - driver.miserable) / (driver.reach - driver.unknown)


def _spot(driver: Driver, letter: str, middle: float, names: Names) -> Spot:
    low, high = driver.swing_interval
    low, high = min(low, driver.swing), max(high, driver.swing)
    known = sure(driver.penalty) or sure(driver.reward)
    certain = 1 if known and low > middle else -1 if high < middle else 0
    return Spot(
        letter, names.touchpoint(driver.touchpoint), _went(driver), driver.swing, low, high, certain,
        driver.moment_of_truth,
    )  # fmt: skip


def _matrix_line(
    drivers: Sequence[Driver], spots: Sequence[Spot], middle: tuple[float, float], names: Names
) -> Said:
    weak = [
        driver.touchpoint
        for driver, spot in zip(drivers, spots, strict=True)
        if spot.certain > 0 and spot.x < middle[0]
    ]
    if weak:
        return say("find_matrix_line", titles=quoted(weak, names))
    if not any(spot.certain for spot in spots):
        return say("find_matrix_open")
    worst = min(range(len(spots)), key=lambda n: spots[n].x)
    if spots[worst].certain < 0:
        return say("find_matrix_low", title=quoted([drivers[worst].touchpoint], names))
    return say("find_matrix_none")


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _ticks(values: Sequence[float]) -> list[tuple[float, str]]:
    """Return round places from a little below the least to a little above the greatest, and their labels."""
    low, high = min(values), max(values)
    step = 10.0 ** floor(log10((high - low) or 1.0))
    step = next(step * part for part in (1, 0.5, 0.2) if (high - low) / (step * part) >= 3 or part == 0.2)
    places = [step * n for n in range(floor(low / step) - 1, ceil(high / step) + 2)]
    shown = max(0, -floor(log10(step) + 1e-9))
    return [(place, points(place if round(place, shown) else 0.0, shown)) for place in places]
