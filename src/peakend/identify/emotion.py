"""The emotion curve of a journey: what customers felt at each touchpoint, in the order of meeting them.

A touchpoint whose feeling nobody knows keeps its place and its reach, without a number. Highest and lowest
are named only among touchpoints with enough customers, and one whose interval overlaps is a tie. Sums over
customers leave the engine, never an encounter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from peakend.errors import EvidenceError
from peakend.identify.evidence import LEAST, mean_of_sums
from peakend.identify.sums import Sums
from peakend.model.feeling import CurvePoint, EmotionCurve, Extreme
from peakend.model.finding import Estimate, Remark

SCALE = (-1.0, 1.0)
_HOUR = 3_600_000_000


def felt(episodes: ir.Table, encounters: ir.Table) -> dict[str, ir.Table]:
    """Sums over a journey, as expressions: one row a touchpoint (`points`), where episodes end (`ends`), and
    how many episodes and customers there are (`whole`).

    `episodes` has episode and customer, `encounters` episode, touchpoint, at (microseconds) and state (-1, 0,
    1, null where unknown). An episode starts with its first encounter.
    """
    met = encounters.select("episode", "touchpoint", "at", "state")
    met = met.join(episodes.select("episode", "customer"), "episode")
    span = met.group_by("episode").aggregate(start=met["at"].min(), end=met["at"].max())
    met = met.join(span, "episode")
    own = met.group_by(["touchpoint", "customer"]).aggregate(
        n=met.state.count(), s=met.state.sum().fill_null(0)
    )
    n, s = own.n.cast("float64"), own.s.cast("float64")
    sums = own.group_by("touchpoint").aggregate(
        met_by=own.count(), customers=(own.n > 0).sum(), n=n.sum(), s=s.sum(),
        nn=(n * n).sum(), ns=(n * s).sum(), ss=(s * s).sum(),
    )  # fmt: skip
    when = met.group_by("touchpoint").aggregate(
        met=met.count(),
        hours=((met["at"] - met.start) / _HOUR).median(),
        least=met.state.min(),
        most=met.state.max(),
    )
    last = (
        met.filter(met["at"] == met.end)
        .group_by("episode")
        .aggregate(touchpoint=lambda t: t.touchpoint.max())
    )
    whole = met.aggregate(episodes=met.episode.nunique(), customers=met.customer.nunique())
    ends = last.group_by("touchpoint").aggregate(episodes=last.count())
    return {"points": sums.join(when, "touchpoint"), "ends": ends, "whole": whole}


def emotion_curve(sums: Mapping[str, pa.Table]) -> EmotionCurve:
    """Return the curve of one journey from its sums, as `felt` gives them.

    Touchpoints stand in the order of their median time since the start of the episode. Means are over
    encounters, their t-intervals clustered by customer. Raises EvidenceError without encounters.
    """
    points, ends, (whole,) = (sums[name].to_pylist() for name in ("points", "ends", "whole"))
    if not whole["episodes"]:
        raise EvidenceError(
            "The journey has no encounters",
            fix="Map the events that begin its touchpoints, or take a longer window",
            what_zh="这段旅程没有接触记录",
            fix_zh="请接入接触点开始的动态，或放宽回看时间",
        )
    curve = [_point(row, whole["customers"]) for row in points]
    curve.sort(key=lambda one: (one.hours, one.touchpoint))
    end, share = _end(ends, [point.touchpoint for point in curve])
    peak, trough = _extreme(curve, 1), _extreme(curve, -1)
    return EmotionCurve(
        episodes=whole["episodes"],
        customers=whole["customers"],
        points=tuple(curve),
        peak=peak,
        trough=trough,
        end=end,
        end_share=share,
        remarks=() if peak else (_NO_EXTREMES,),
    )


def _point(row: dict[str, Any], customers: int) -> CurvePoint:
    sums = Sums(row["customers"], row["n"], row["s"], row["nn"], row["ns"], row["ss"])
    return CurvePoint(
        touchpoint=row["touchpoint"],
        hours=row["hours"],
        reach=row["met_by"] / customers,
        met=row["met"],
        encounters=int(sums.n),
        customers=sums.customers,
        emotion=mean_of_sums(sums, SCALE, alike=row["least"] == row["most"]) if sums.customers else None,
        grey=sums.customers < LEAST,
    )


def _end(rows: Sequence[dict[str, Any]], order: Sequence[str]) -> tuple[str, float]:
    """Return where most episodes end and their share; of two the later one in the journey."""
    ends = {row["touchpoint"]: row["episodes"] for row in rows}
    name = max(ends, key=lambda one: (ends[one], order.index(one)))
    return name, ends[name] / sum(ends.values())


def _extreme(points: Sequence[CurvePoint], sign: int) -> Extreme | None:
    able = [(one.touchpoint, one.emotion) for one in points if one.emotion and not one.grey and _told(one)]
    if len(able) < 2:
        return None
    name, found = max(able, key=lambda one: sign * one[1].estimate)
    return Extreme(name, tuple(other for other, one in able if other != name and _overlap(one, found)))


def _told(point: CurvePoint) -> bool:
    """Return whether most encounters say how they went: else those that do may be the bad ones only."""
    return 2 * point.encounters >= point.met


def _overlap(one: Estimate, other: Estimate) -> bool:
    return one.low <= other.high and other.low <= one.high


_NO_EXTREMES = Remark(
    "no_extremes",
    f"不指出最高点和最低点：至少要有两个接触点，各有 {LEAST} 位客户的感受。",
    f"No peak and no trough are named: that takes two touchpoints with {LEAST} customers each "
    "whose feeling is known.",
)
