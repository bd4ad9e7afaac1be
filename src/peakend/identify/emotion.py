"""The emotion curve of a journey: what customers felt at each touchpoint, in the order of meeting them.

A touchpoint whose feeling nobody knows keeps its place and its reach, without a number. Highest and lowest
are named only among touchpoints with enough customers, and one whose interval overlaps is a tie.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from peakend.errors import EvidenceError
from peakend.identify.evidence import (
    LEAST,
    Floats,
    Ints,
    Scale,
    clustered_mean,
    coded,
    numbers,
    ratings,
    same_length,
)
from peakend.model.feeling import CurvePoint, EmotionCurve, Extreme
from peakend.model.finding import Estimate, Remark


def emotion_curve(
    touchpoint: npt.ArrayLike,
    customer: npt.ArrayLike,
    episode: npt.ArrayLike,
    hours: npt.ArrayLike,
    valence: npt.ArrayLike,
    *,
    scale: Scale = (-1.0, 1.0),
) -> EmotionCurve:
    """Return the curve of one journey from its encounters, one a row.

    `hours` are hours on any common clock (an episode starts with its first encounter), `valence` lies on
    `scale`, NaN where it is unknown. Touchpoints stand in the order of their median time since the start of
    the episode. Means are over encounters, their t-intervals clustered by customer. Raises EvidenceError
    without encounters, for a missing time, or for a valence off the scale.
    """
    met = _read(touchpoint, customer, episode, hours, valence, scale)
    since = _since_start(met)
    customers = _different(met.customer)
    points = sorted(
        (_point(met, place, since, customers, scale) for place in range(len(met.names))),
        key=lambda point: point.hours,
    )
    end, share = _end(met, [point.touchpoint for point in points])
    peak, trough = _extreme(points, 1), _extreme(points, -1)
    return EmotionCurve(
        episodes=int(met.episode.max()) + 1,
        customers=customers,
        points=tuple(points),
        peak=peak,
        trough=trough,
        end=end,
        end_share=share,
        remarks=_remarks(points, peak),
    )


class _Met(NamedTuple):
    """Encounters: places in `names`, customers and episodes as numbers, hours and valence."""

    names: Sequence[str]
    touchpoint: Ints
    customer: Ints
    episode: Ints
    hours: Floats
    valence: Floats


def _read(
    touchpoint: npt.ArrayLike,
    customer: npt.ArrayLike,
    episode: npt.ArrayLike,
    hours: npt.ArrayLike,
    valence: npt.ArrayLike,
    scale: Scale,
) -> _Met:
    when, felt = numbers(hours, "hours"), ratings(valence, "valence", scale)
    where, who, of = np.asarray(touchpoint), np.asarray(customer), np.asarray(episode)
    columns = {"touchpoint": where, "customer": who, "episode": of, "hours": when, "valence": felt}
    if not same_length(columns):
        raise EvidenceError(
            "the journey has no encounters",
            fix="Map the events that begin its touchpoints, or take a longer window",
        )
    if missing := int((~np.isfinite(when)).sum()):
        raise EvidenceError(
            f"{missing:,} of {len(when):,} encounters have no time",
            fix="Give every encounter the time at which it began: the curve stands in that order",
        )
    names, place = coded(where)
    return _Met(names, place, coded(who)[1], coded(of)[1], when, felt)


def _since_start(met: _Met) -> Floats:
    start = np.full(int(met.episode.max()) + 1, np.inf)
    np.minimum.at(start, met.episode, met.hours)
    return np.asarray(met.hours - start[met.episode])


def _point(met: _Met, place: int, since: Floats, customers: int, scale: Scale) -> CurvePoint:
    here = met.touchpoint == place
    known = here & np.isfinite(met.valence)
    felt_by = _different(met.customer[known])
    return CurvePoint(
        touchpoint=met.names[place],
        hours=float(np.median(since[here])),
        reach=_different(met.customer[here]) / customers,
        encounters=int(known.sum()),
        customers=felt_by,
        emotion=clustered_mean(met.valence[known], met.customer[known], scale) if felt_by else None,
        grey=felt_by < LEAST,
    )


def _different(places: Ints) -> int:
    return int(np.count_nonzero(np.bincount(places)))


def _end(met: _Met, order: Sequence[str]) -> tuple[str, float]:
    """Return where most episodes end and their share; of two the later one in the journey."""
    sequence = np.lexsort((met.hours, met.episode))
    last = sequence[np.append(np.diff(met.episode[sequence]) > 0, True)]
    ends = np.bincount(met.touchpoint[last], minlength=len(met.names))
    place = max(range(len(ends)), key=lambda one: (ends[one], order.index(met.names[one])))
    return met.names[place], float(ends[place] / ends.sum())


def _extreme(points: Sequence[CurvePoint], sign: int) -> Extreme | None:
    able = [(point.touchpoint, point.emotion) for point in points if point.emotion and not point.grey]
    if len(able) < 2:
        return None
    name, found = max(able, key=lambda one: sign * one[1].estimate)
    return Extreme(name, tuple(other for other, one in able if other != name and _overlap(one, found)))


def _overlap(one: Estimate, other: Estimate) -> bool:
    return one.low <= other.high and other.low <= one.high


def _remarks(points: Sequence[CurvePoint], peak: Extreme | None) -> tuple[Remark, ...]:
    remarks = []
    if silent := [point.touchpoint for point in points if not point.encounters]:
        remarks.append(_unknown(", ".join(silent)))
    if peak is None:
        remarks.append(_NO_EXTREMES)
    return tuple(remarks)


def _unknown(names: str) -> Remark:
    return Remark(
        "feeling_unknown",
        f"{names} 的感受无从得知；请写明什么算糟糕、什么算惊喜，或在那里问一个评分。",
        f"Nothing says what customers felt at {names}; tell what is miserable and magical there, or ask "
        "for a rating.",
    )


_NO_EXTREMES = Remark(
    "no_extremes",
    f"不指出最高点和最低点：至少要有两个接触点，各有 {LEAST} 位客户的感受。",
    f"No peak and no trough are named: that takes two touchpoints with {LEAST} customers each "
    "whose feeling is known.",
)
