"""Each segment of customers beside the others: the same touchpoints, the same scale, and what surely differs.

A difference is only named where the two intervals stay apart although both were widened for the number of
comparisons; everything else is chance until more is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist
from typing import NamedTuple

from markupsafe import Markup

from peakend.model.found import Driver, Effect, Found
from peakend.report.chart.effects import TALL, Axis, axis_of, tracks
from peakend.report.chart.svg import frame
from peakend.report.figures import signed
from peakend.report.finding.headlines import Sized, digits, met
from peakend.report.finding.reasons import reasons
from peakend.report.journey import quoted
from peakend.report.sentences import say
from peakend.tell.names import Names
from peakend.tell.said import Said

SHOWN = 6
"""Touchpoints in each small picture: the weightiest of all customers."""
SIDES = ("penalty", "reward")


@dataclass(frozen=True)
class SegmentView:
    """One small picture: whose it is, and the tracks of each touchpoint."""

    title: Said
    rows: tuple[tuple[Said, Markup], ...]


@dataclass(frozen=True)
class SegmentsView:
    """All small pictures, and what may be said of their differences."""

    headline: Said
    segments: tuple[SegmentView, ...]
    shown: int


class Apart(NamedTuple):
    """A difference that is certain, and by how much the two intervals stay apart."""

    touchpoint: str
    side: str
    first: tuple[str, float]
    second: tuple[str, float]
    gap: float


def segments_view(found: Found, names: Names) -> SegmentsView | None:
    """Return the small pictures; None where there is no segment."""
    if not found.segments:
        return None
    order = [one.touchpoint for one in met(found)][:SHOWN]
    shown = {
        segment: [one for name in order for one in drivers if one.touchpoint == name]
        for segment, drivers in found.segments.items()
    }
    axis = axis_of(one for drivers in shown.values() for one in drivers)
    views = tuple(
        SegmentView(names.of(name), tuple(_row(one, axis, names) for one in drivers))
        for name, drivers in shown.items()
    )
    return SegmentsView(_headline(shown, names, digits(found)), views, len(order))


def widest_apart(shown: dict[str, list[Driver]]) -> Apart | None:
    """Return the difference between two segments that is most certain; None where none is."""
    pairs = [
        (point, side, first, second)
        for first, second in combinations(shown, 2)
        for point in {one.touchpoint for one in shown[first]} & {one.touchpoint for one in shown[second]}
        for side in SIDES
    ]
    wider = NormalDist().inv_cdf(1 - 0.025 / max(len(pairs), 1)) / NormalDist().inv_cdf(0.975)
    found = [apart for pair in pairs if (apart := _apart(shown, *pair, wider)) is not None]
    return max(found, key=lambda one: (one.gap, one.touchpoint, one.side), default=None)


def _apart(
    shown: dict[str, list[Driver]], point: str, side: str, first: str, second: str, wider: float
) -> Apart | None:
    one, other = (_widened(_effect(shown[name], point, side), wider) for name in (first, second))
    if one is None or other is None:
        return None
    gap = max(one.low - other.high, other.low - one.high)
    return Apart(point, side, (first, one.value), (second, other.value), gap) if gap > 0 else None


def _effect(drivers: Sequence[Driver], point: str, side: str) -> Effect:
    driver = next(one for one in drivers if one.touchpoint == point)
    return driver.penalty if side == "penalty" else driver.reward


def _widened(effect: Effect, wider: float) -> Sized | None:
    if effect.estimate is None or effect.low is None or effect.high is None:
        return None
    value = effect.estimate
    return Sized("", value, value - wider * (value - effect.low), value + wider * (effect.high - value))


def _row(driver: Driver, axis: Axis, names: Names) -> tuple[Said, Markup]:
    return names.touchpoint(driver.touchpoint), frame("tracks", TALL, tracks(driver, axis, reasons(driver)))


def _headline(shown: dict[str, list[Driver]], names: Names, decimals: int) -> Said:
    if len(shown) == 1:
        return say("find_segments_one", title=names.of(next(iter(shown))))
    apart = widest_apart(shown)
    if apart is None:
        return say("find_segments_same")
    way = -1 if apart.side == "penalty" else 1
    return say(
        "find_segments_differ",
        title=quoted([apart.touchpoint], names),
        first=names.of(apart.first[0]),
        second=names.of(apart.second[0]),
        side=say(f"find_side_{apart.side}"),
        low=signed(way * apart.first[1], decimals),
        high=signed(way * apart.second[1], decimals),
    )
