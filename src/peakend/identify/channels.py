"""The channel question: is a touchpoint the same in every channel, in what was felt and in its standards.

A difference is named only where it stays certain after correction for all comparisons of the answer, with
several encounters of one customer counted as what they are. It says that a channel differs, never why:
other customers with other matters choose other channels. Encounters without a channel are never compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from peakend.errors import EvidenceError
from peakend.identify.evidence import LEAST, Floats, Ints, coded, numbers, same_length
from peakend.identify.tails import t_quantile, t_upper
from peakend.model.channel import (
    ByChannel,
    ChannelAnswer,
    ChannelCount,
    ChannelShare,
    Measure,
    TouchpointChannels,
    Verdict,
)
from peakend.model.finding import Estimate, Remark

Flags = npt.NDArray[np.bool_]
_CERTAIN = 0.05
_Z = 1.959964


class States(NamedTuple):
    """Encounters, one a row: `state` is -1 miserable, 0, 1 magical, NaN unknown; channel "" is not said."""

    touchpoint: npt.ArrayLike
    channel: npt.ArrayLike
    customer: npt.ArrayLike
    state: npt.ArrayLike


class Standards(NamedTuple):
    """Standards that came due, one a row: `kept` is 1, or 0 where breached, NaN unknown."""

    touchpoint: npt.ArrayLike
    standard: npt.ArrayLike
    channel: npt.ArrayLike
    customer: npt.ArrayLike
    kept: npt.ArrayLike


def by_channel(states: States, standards: Standards | None = None) -> ChannelAnswer:
    """Return state and standards of each touchpoint by channel, and the channels that certainly differ.

    Shares have Wilson's interval, differences Newcombe's (1998, Statistics in Medicine 17), both with an
    effective n from the variance between customers (Korn and Graubard 1998, Survey Methodology 24(2)). The
    p of a difference is the larger one of a score test clustered by customer and of Fisher's exact test on
    the effective counts, corrected by Holm (1979). Raises EvidenceError for columns of different lengths,
    and for values other than those of States and Standards.
    """
    met, due = _met(states), _due(standards)
    # One numbering for both, so that a touchpoint with standards and no state has its row too.
    names = sorted({*met.names[0], *due.names[0]})
    measured = [(name, list(_measures(met, due, name))) for name in names]
    judged = _judge([one for _, found in measured for one in found])
    told = iter(judged.measures)
    touchpoints = []
    for name, found in measured:
        measures = tuple(next(told) for _ in found)
        traffic = _traffic(met, name)
        remarks = _remarks(name, measures)
        touchpoints.append(
            TouchpointChannels(touchpoint=name, traffic=traffic, measures=measures, remarks=remarks)
        )
    return ChannelAnswer(touchpoints=tuple(touchpoints), comparisons=judged.comparisons)


class _Rows(NamedTuple):
    """Rows of one input: names and places of touchpoint, standard and channel, customers, values."""

    names: tuple[list[str], list[str], list[str]]
    touchpoint: Ints
    standard: Ints
    channel: Ints
    customer: Ints
    value: Floats


class _Judged(NamedTuple):
    measures: Sequence[ByChannel]
    comparisons: int


def _met(states: States) -> _Rows:
    touchpoint, channel, customer, state = states
    nothing = np.zeros(len(np.asarray(touchpoint)), dtype="U1")
    return _read(touchpoint, nothing, channel, customer, _allowed(state, "state", (-1, 0, 1)))


def _due(standards: Standards | None) -> _Rows:
    touchpoint, standard, channel, customer, kept = standards or Standards([], [], [], [], [])
    return _read(touchpoint, standard, channel, customer, _allowed(kept, "kept", (0, 1)))


def _read(
    touchpoint: npt.ArrayLike,
    standard: npt.ArrayLike,
    channel: npt.ArrayLike,
    customer: npt.ArrayLike,
    value: Floats,
) -> _Rows:
    where, what, through, who = (np.asarray(one) for one in (touchpoint, standard, channel, customer))
    columns = {"touchpoint": where, "standard": what, "channel": through, "customer": who, "value": value}
    same_length(columns)
    if through.dtype == object:
        # None and NaN are what a table gives where the log does not say; as texts they would be channels.
        through = np.array([one if isinstance(one, str) else "" for one in through], dtype=object)
    (places, place), (rules, rule), (channels, by) = (
        coded(one.astype(str)) for one in (where, what, through)
    )
    return _Rows((places, rules, channels), place, rule, by, coded(who)[1], value)


def _allowed(column: npt.ArrayLike, name: str, values: tuple[int, ...]) -> Floats:
    found = numbers(column, name)
    odd = np.isfinite(found) & ~np.isin(found, values) | np.isinf(found)
    if odd.any():
        raise EvidenceError(
            f"{name} holds {int(odd.sum()):,} values that are none of its own, such as {found[odd][0]:g}",
            fix=f"Allowed values: {', '.join(map(str, values))}, and NaN or None where it is unknown",
        )
    return found


def _measures(met: _Rows, due: _Rows, name: str) -> Iterable[ByChannel]:
    here = _at(met, name)
    if here.any():
        yield _measure(met, here, met.value == -1, "miserable", "")
        yield _measure(met, here, met.value == 1, "magical", "")
    here = _at(due, name)
    for rule in np.unique(due.standard[here]):
        those = here & (due.standard == rule)
        yield _measure(due, those, due.value == 1, "kept", due.names[1][int(rule)])


def _at(rows: _Rows, name: str) -> Flags:
    places = [place for place, one in enumerate(rows.names[0]) if one == name]
    return np.isin(rows.touchpoint, places)


def _in_order(rows: _Rows, here: Flags) -> list[tuple[str, int]]:
    found = [(rows.names[2][place], int(place)) for place in np.unique(rows.channel[here])]
    return sorted(found, key=lambda one: (not one[0], one[0]))


def _measure(rows: _Rows, here: Flags, hit: Flags, measure: Measure, standard: str) -> ByChannel:
    """Return the measure in each channel, its p not yet corrected."""
    known = here & np.isfinite(rows.value)
    unsaid = [place for place, name in enumerate(rows.names[2]) if not name]
    named = known & ~np.isin(rows.channel, unsaid)
    shares = []
    for name, place in _in_order(rows, here):
        inside = known & (rows.channel == place)
        one = _side(hit[inside], rows.customer[inside])
        share = ChannelShare(
            channel=name, hits=one.hits, known=one.n, customers=one.customers, share=one.share
        )
        if name:
            outside = named & ~inside
            other = _side(hit[outside], rows.customer[outside])
            share = _compared(share, one, other, hit[named], rows.customer[named], inside[named])
        shares.append(share)
    return ByChannel(measure=measure, standard=standard, channels=tuple(shares))


class _Side(NamedTuple):
    """Hits of n encounters, their customers, the effective n, and the share where there are enough."""

    hits: int
    n: int
    customers: int
    effective: float
    share: Estimate | None


def _side(hit: Flags, customer: Ints) -> _Side:
    hits, n = int(hit.sum()), len(hit)
    rows = np.bincount(customer)
    customers = int(np.count_nonzero(rows))
    if n < LEAST or customers < 2:
        return _Side(hits, n, customers, 0.0, None)
    share = hits / n
    # Where all are alike nothing tells how alike a customer's encounters are: then each customer counts once.
    unlike = float(customers)
    if 0 < hits < n:
        sums = np.bincount(customer, weights=hit.astype(np.float64))
        spread = float(((sums - share * rows) ** 2).sum()) * customers / (customers - 1)
        unlike = n * min(1.0, n * share * (1 - share) / spread) if spread > 0 else float(n)
    effective = unlike * (_Z / t_quantile(0.975, customers - 1)) ** 2
    low, high = _wilson(share * effective, effective)
    return _Side(hits, n, customers, effective, Estimate(share, low, high, customers))


def _wilson(count: float, n: float) -> tuple[float, float]:
    low, high = proportion_confint(count, n, alpha=0.05, method="wilson")
    return float(low), float(high)


def _compared(
    share: ChannelShare, one: _Side, other: _Side, hit: Flags, customer: Ints, inside: Flags
) -> ChannelShare:
    if min(one.customers, other.customers) < LEAST or one.share is None or other.share is None:
        return share
    p = max(_score_p(hit, customer, inside, min(one.customers, other.customers)), _exact_p(one, other))
    return msgspec.structs.replace(share, difference=_newcombe(one.share, other.share), p=p)


def _newcombe(one: Estimate, other: Estimate) -> Estimate:
    between = one.estimate - other.estimate
    down = float(np.hypot(one.estimate - one.low, other.high - other.estimate))
    up = float(np.hypot(one.high - one.estimate, other.estimate - other.low))
    return Estimate(between, between - down, between + up, one.n + other.n)


def _score_p(hit: Flags, customer: Ints, inside: Flags, customers: int) -> float:
    """Return the two-sided p of equal shares: variance between customers, who may be in both sides."""
    n, m = int(inside.sum()), int((~inside).sum())
    pooled = float(hit.mean())
    weighted = np.where(inside, 1 / n, -1 / m) * (hit - pooled)
    between = np.bincount(customer, weights=weighted)
    # Never less than unclustered: customers of one encounter would seem alike by chance half of the time.
    variance = max(float((between**2).sum()), pooled * (1 - pooled) * (1 / n + 1 / m))
    if variance == 0.0:
        return 1.0
    value = np.asarray([abs(float(weighted.sum())) / np.sqrt(variance)])
    return min(1.0, 2 * float(t_upper(value, customers - 1)[0]))


def _exact_p(one: _Side, other: _Side) -> float:
    """Return twice the smaller tail of Fisher's test on effective counts: a score test misses rare hits."""
    # The same order from both sides: the tails of the mirrored table differ in their last digits.
    one, other = sorted((one, other), key=lambda side: (side.n, side.hits))
    n, m = round(one.effective), round(other.effective)
    hits = round(one.effective * one.hits / one.n)
    total = hits + round(other.effective * other.hits / other.n)
    table = (n + m, total, n)
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


def _traffic(met: _Rows, name: str) -> tuple[ChannelCount, ...]:
    here = _at(met, name)
    found = []
    for channel, place in _in_order(met, here):
        inside = here & (met.channel == place)
        known = int(np.isfinite(met.value[inside]).sum())
        found.append(ChannelCount(channel, int(inside.sum()), len(np.unique(met.customer[inside])), known))
    return tuple(found)


def _remarks(name: str, measures: Sequence[ByChannel]) -> tuple[Remark, ...]:
    certain = [
        _differs(name, one, share)
        for one in measures
        for share in one.channels
        if share.verdict in ("worse", "better")
    ]
    if certain:
        return tuple(certain)
    compared = any(share.verdict for one in measures for share in one.channels)
    return (_no_difference(name) if compared else _not_compared(name),)


_WORDS: dict[tuple[Measure, bool], tuple[str, str]] = {
    ("miserable", True): ("消极更多", "more encounters are miserable"),
    ("miserable", False): ("消极更少", "fewer encounters are miserable"),
    ("magical", True): ("神奇更多", "more encounters are magical"),
    ("magical", False): ("神奇更少", "fewer encounters are magical"),
}


def _differs(name: str, one: ByChannel, share: ChannelShare) -> Remark:
    span = share.difference
    assert span is not None  # a verdict stands on a difference
    more = span.estimate > 0
    size, low, high = (f"{100 * part:.0f}" for part in _ends(span))
    if one.measure == "kept":
        zh = f"「{name}」的标准「{one.standard}」在 {share.channel} 渠道达标更{'多' if more else '少'}"
        en = f"{name}: the standard {one.standard} is kept {'more' if more else 'less'} often"
    else:
        words = _WORDS[one.measure, more]
        zh = f"「{name}」在 {share.channel} 渠道{words[0]}"
        en = f"{name}: {words[1]}"
    return Remark(
        f"channel_{share.verdict}",
        f"{zh}：{share.known:,} 次中 {share.hits:,} 次，比其他渠道合计{'高' if more else '低'} {size} "
        f"个百分点（95 % 区间 {low} 至 {high}）。",
        f"{en} through {share.channel}, {share.hits:,} of {share.known:,}: {size} points "
        f"{'more' if more else 'less'} than in all other channels together (95 % interval {low} to {high}).",
    )


def _ends(span: Estimate) -> tuple[float, float, float]:
    if span.estimate > 0:
        return span.estimate, span.low, span.high
    return -span.estimate, -span.high, -span.low


def _no_difference(name: str) -> Remark:
    return Remark(
        "channel_open",
        f"「{name}」各渠道之间没有确定的差异。",
        f"{name}: no certain difference between channels.",
    )


def _not_compared(name: str) -> Remark:
    return Remark(
        "channel_not_compared",
        f"「{name}」未作渠道比较：至少要有一个渠道、以及其余渠道合计，各有 {LEAST} 位客户的结果，"
        "且日志写明了渠道。",
        f"{name}: channels are not compared. That takes {LEAST} customers with a known result in one channel "
        f"and {LEAST} in the others together, and a log that says the channel.",
    )
