"""The channel question: is a touchpoint the same in every channel, in what was felt and in its standards.

A difference is named only where it stays certain after correction for all comparisons of the answer, with
several encounters of one customer counted as what they are. It says that a channel differs, never why:
other customers with other matters choose other channels. Encounters without a channel are never compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from peakend.errors import EvidenceError
from peakend.identify.evidence import LEAST
from peakend.identify.tails import t_quantile, t_upper
from peakend.model.channel import (
    ByChannel,
    ChannelAnswer,
    ChannelCount,
    ChannelShare,
    Compared,
    Measure,
    TouchpointChannels,
    Verdict,
)
from peakend.model.finding import Estimate

_CERTAIN: Final = 0.05
_Z: Final = float(stats.norm.ppf(0.975))
_ORDER: Final[tuple[Measure, ...]] = ("miserable", "magical", "kept")


def by_channel(found: pa.Table) -> ChannelAnswer:
    """Return state and standards of each touchpoint by channel, and the channels that certainly differ.

    `found` is the executed `channel_sums.sums`. Shares have Wilson's interval, differences Newcombe's (1998,
    Statistics in Medicine 17), both with an effective n from the variance between customers (Korn and
    Graubard 1998, Survey Methodology 24(2)). The p of a difference is the larger one of a score test
    clustered by customer and of Fisher's exact test on the effective counts, corrected by Holm (1979).
    Raises EvidenceError for counts that cannot be, such as more miserable encounters than known ones.
    """
    rows = sorted((_place(row) for row in found.to_pylist()), key=_reading)
    tables = [(key, list(some)) for key, some in groupby(rows, lambda row: row.key)]
    judged = _judge([_measure(key, some) for key, some in tables])
    traffic = {key[0]: _traffic(some) for key, some in tables if key[2] == "miserable"}
    together = zip(tables, judged.measures, strict=True)
    touchpoints = [
        _touchpoint(name, traffic.get(name, ()), tuple(measure for _, measure in some))
        for name, some in groupby(together, lambda one: one[0][0][0])
    ]
    return ChannelAnswer(touchpoints=tuple(touchpoints), comparisons=judged.comparisons)


Key = tuple[str, str, Measure]
"""Touchpoint, standard, measure."""


class _Side(NamedTuple):
    """Encounters n and hits h of some customers: sums over customers, and of their squares and products."""

    customers: int
    n: int
    h: int
    nn: int
    nh: int
    hh: int


class _Place(NamedTuple):
    """One measure in one channel; the last four are sums of products with all named channels together."""

    key: Key
    channel: str
    encounters: int
    people: int
    first: int
    only: int
    side: _Side
    ntn: int
    nth: int
    htn: int
    hth: int


class _Share(NamedTuple):
    """A share where there are enough to tell one, and the n that independent encounters would have."""

    effective: float = 0.0
    estimate: Estimate | None = None


class _Judged(NamedTuple):
    measures: Sequence[ByChannel]
    comparisons: int


def _place(row: Mapping[str, Any]) -> _Place:
    side = _Side(*(int(row[name]) for name in _Side._fields))
    key: Key = (row["touchpoint"], row["standard"], row["measure"])
    counts = {name: int(row[name]) for name in _Place._fields if name not in ("key", "channel", "side")}
    if not 0 <= side.h <= side.n <= counts["encounters"]:
        raise EvidenceError(
            f"'{key[0]}' has {counts['encounters']:,} encounters, {side.n:,} of them known and "
            f"{side.h:,} of those {key[2]}",
            fix="Count n encounters, of which some are known, and of those some miserable, magical or kept",
        )
    return _Place(key=key, channel=row["channel"], side=side, **counts)


def _reading(one: _Place) -> tuple[str, int, str, bool, str]:
    touchpoint, standard, measure = one.key
    return touchpoint, _ORDER.index(measure), standard, not one.channel, one.channel


def _measure(key: Key, places: Sequence[_Place]) -> ByChannel:
    """Return the measure in each channel, its p not yet corrected."""
    whole = _whole([one for one in places if one.channel])
    shares = tuple(_in_channel(one, whole) for one in places)
    return ByChannel(measure=key[2], standard=key[1], channels=shares)


def _whole(named: Sequence[_Place]) -> _Side:
    """All named channels together: n here x n in all of a customer, summed over channels, is n squared."""
    return _Side(
        customers=sum(one.first for one in named),
        n=sum(one.side.n for one in named),
        h=sum(one.side.h for one in named),
        nn=sum(one.ntn for one in named),
        nh=sum(one.nth for one in named),
        hh=sum(one.hth for one in named),
    )


def _in_channel(place: _Place, whole: _Side) -> ChannelShare:
    side = place.side
    one = _share(side)
    told = ChannelShare(
        channel=place.channel, hits=side.h, known=side.n, customers=side.customers, share=one.estimate
    )
    outside = _outside(place, whole)
    other = _share(outside) if place.channel else _Share()
    customers = min(side.customers, outside.customers)
    if customers < LEAST or one.estimate is None or other.estimate is None:
        return told
    p = max(_score_p(place, outside, customers), _exact_p((side, one.effective), (outside, other.effective)))
    return msgspec.structs.replace(told, difference=_newcombe(one.estimate, other.estimate), p=p)


def _outside(place: _Place, whole: _Side) -> _Side:
    """All other named channels together: what a customer has there is the whole less what is inside."""
    side = place.side
    return _Side(
        customers=whole.customers - place.only,
        n=whole.n - side.n,
        h=whole.h - side.h,
        nn=whole.nn - 2 * place.ntn + side.nn,
        nh=whole.nh - place.nth - place.htn + side.nh,
        hh=whole.hh - 2 * place.hth + side.hh,
    )


def _share(side: _Side) -> _Share:
    customers, n, h = side.customers, side.n, side.h
    if n < LEAST or customers < 2:
        return _Share()
    share = h / n
    # Where all are alike nothing tells how alike a customer's encounters are: then each customer counts once.
    unlike = float(customers)
    if 0 < h < n:
        spread = _squares(side, h, n) / n**2 * customers / (customers - 1)
        unlike = n * min(1.0, n * share * (1 - share) / spread) if spread > 0 else float(n)
    effective = unlike * (_Z / t_quantile(0.975, customers - 1)) ** 2
    low, high = proportion_confint(share * effective, effective, alpha=0.05, method="wilson")
    return _Share(effective, Estimate(share, float(low), float(high), customers))


def _squares(side: _Side, h: int, n: int) -> int:
    """The sum over customers of (n x hits - h x encounters) squared, in whole numbers: nothing cancels."""
    return n * n * side.hh - 2 * h * n * side.nh + h * h * side.nn


def _newcombe(one: Estimate, other: Estimate) -> Estimate:
    between = one.estimate - other.estimate
    down = float(np.hypot(one.estimate - one.low, other.high - other.estimate))
    up = float(np.hypot(one.high - one.estimate, other.estimate - other.low))
    return Estimate(between, between - down, between + up, one.n + other.n)


def _score_p(place: _Place, outside: _Side, customers: int) -> float:
    """Return the two-sided p of equal shares: variance between customers, who may be in both sides."""
    side = place.side
    n, m = side.n, outside.n
    hits, both = side.h + outside.h, n + m
    crossed = (
        both * both * (place.hth - side.hh)
        - hits * both * (place.htn - side.nh + place.nth - side.nh)
        + hits * hits * (place.ntn - side.nn)
    )
    between = m * m * _squares(side, hits, both) - 2 * n * m * crossed + n * n * _squares(outside, hits, both)
    pooled = hits / both
    # Never less than unclustered: customers of one encounter would seem alike by chance half of the time.
    variance = max(between / (n * m * both) ** 2, pooled * (1 - pooled) * (1 / n + 1 / m))
    if variance == 0.0:
        return 1.0
    value = np.asarray([abs(side.h / n - outside.h / m) / np.sqrt(variance)])
    return min(1.0, 2 * float(t_upper(value, customers - 1)[0]))


def _exact_p(*sides: tuple[_Side, float]) -> float:
    """Return twice the smaller tail of Fisher's test on effective counts: a score test misses rare hits."""
    # The same order from both sides: the tails of the mirrored table differ in their last digits.
    (one, first), (other, second) = sorted(sides, key=lambda side: (side[0].n, side[0].h))
    n, m = round(first), round(second)
    hits = round(first * one.h / one.n)
    table = (n + m, hits + round(second * other.h / other.n), n)
    fewer, more = stats.hypergeom.cdf(hits, *table), stats.hypergeom.sf(hits - 1, *table)
    return min(1.0, 2 * float(min(fewer, more)))


def _judge(measures: Sequence[ByChannel]) -> _Judged:
    """Correct the p of all comparisons together and tell the verdicts."""
    raw = [p for one in measures for p in _asked(one)]
    corrected = dict(zip(raw, multipletests(raw, method="holm")[1], strict=True)) if raw else {}
    told = [
        msgspec.structs.replace(
            one, channels=tuple(_told(share, one.measure, corrected) for share in one.channels)
        )
        for one in measures
    ]
    return _Judged(told, len(raw))


def _asked(one: ByChannel) -> list[float]:
    found = [share.p for share in one.channels if share.p is not None]
    # Of two channels, the second comparison is the first one seen from the other side.
    return found[:1] if sum(bool(share.channel) for share in one.channels) == 2 else found


def _told(share: ChannelShare, measure: Measure, corrected: dict[float, float]) -> ChannelShare:
    if share.p is None or share.difference is None:
        return share
    p = float(corrected[share.p])
    span = share.difference
    verdict: Verdict = "open"
    if p <= _CERTAIN and (span.low > 0 or span.high < 0):
        verdict = "worse" if (span.estimate > 0) == (measure == "miserable") else "better"
    return msgspec.structs.replace(share, p=p, verdict=verdict)


def _traffic(places: Iterable[_Place]) -> tuple[ChannelCount, ...]:
    return tuple(ChannelCount(one.channel, one.encounters, one.people, one.side.n) for one in places)


def _touchpoint(
    name: str, traffic: tuple[ChannelCount, ...], measures: tuple[ByChannel, ...]
) -> TouchpointChannels:
    verdicts = {share.verdict for one in measures for share in one.channels} - {None}
    compared: Compared = "differs" if verdicts - {"open"} else "open" if verdicts else "not_compared"
    return TouchpointChannels(touchpoint=name, compared=compared, traffic=traffic, measures=measures)
