"""What of an episode its outcome goes with: average, peaks, end, start, or the number of encounters.

An episode with one known encounter has no peak apart from its end and is left out. An encounter whose feeling
is unknown is no zero and counts nowhere. Weights that the data cannot tell apart are not given at all.
"""

from __future__ import annotations

from itertools import combinations_with_replacement, product
from typing import Any, Final

import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from peakend.errors import EvidenceError
from peakend.identify.evidence import Floats, Ints, group_count, jackknife_errors, with_each_left_out
from peakend.identify.grams import with_buckets
from peakend.identify.tails import t_quantile
from peakend.model.feeling import FEATURES, FeatureWeight, PeakEndProfile
from peakend.model.finding import Estimate, Remark

EPISODES, CUSTOMERS = 70, 20
"""Fewest episodes (ten for each column) and customers."""
_MEAN, _PEAK_END = (1,), (2, 3, 4)
_SAME: Final = 1e-6
_INFLATED: Final = 20.0
"""Variance inflation beyond which a weight may turn into its opposite: very short episodes."""
_COLUMNS: Final = ("one", *FEATURES, "y")
_PAIRS: Final = tuple(combinations_with_replacement(range(len(_COLUMNS)), 2))


def memories(episodes: ir.Table, encounters: ir.Table, customers: int) -> ir.Table:
    """Sums over episodes with two known encounters, as an expression: for each group of customers the
    products of mean, max, min, last, first, count and outcome, and how many episodes and customers there are.

    `episodes` has episode, customer, outcome; `encounters` episode, at, state (null: unknown), where at is
    anything that sorts: of several at one instant the worst counts as first or last. `customers` is about how
    many there are.
    """
    known = encounters.filter(encounters.state.notnull())
    known = known.select("episode", when=known["at"], state=known.state.cast("float64"))
    span = known.group_by("episode").aggregate(
        mean=known.state.mean(), max=known.state.max(), min=known.state.min(),
        count=known.count().cast("float64"), begin=known.when.min(), end=known.when.max(),
    )  # fmt: skip
    timed = known.join(span.select("episode", "begin", "end"), "episode")
    ends = timed.group_by("episode").aggregate(
        last=timed.state.min(where=timed.when == timed.end),
        first=timed.state.min(where=timed.when == timed.begin),
    )
    answered = with_buckets(episodes, group_count(customers))
    rows = span.filter(span["count"] >= 2).join(ends, "episode").join(answered, "episode")
    rows = rows.mutate(one=1.0)
    products = {
        f"p{i}_{j}": (rows[_COLUMNS[i]] * rows[_COLUMNS[j]]).sum() for i, j in _PAIRS
    }  # in the engine, so that no episode has to leave it
    return rows.group_by("bucket").aggregate(
        episodes=rows.count(),
        customers=rows.customer.nunique(),
        low=rows.y.min(),
        high=rows.y.max(),
        **products,
    )


def peak_end(sums: pa.Table, answered: int) -> PeakEndProfile:
    """Return what mean, max, min, last, first and count of an episode's feelings weigh in its outcome.

    `sums` are what `memories` asks for, of `answered` episodes in all. Least squares of y ~ 1 + the six
    features; intervals: delete-a-group jackknife over customers. The rival of the peaks is the average, which
    a meta-analysis finds as strong (Alaybek et al. 2022, Organizational Behavior and Human Decision Processes
    170), so both are fitted.
    Raises EvidenceError below 70 episodes with two known encounters, 20 customers, or for a constant outcome.
    """
    rows = sorted(sums.to_pylist(), key=lambda one: one["bucket"])
    used, people = (sum(row[name] for row in rows) for name in ("episodes", "customers"))
    _refuse(used, answered, people, {row[name] for row in rows for name in ("low", "high")})
    parts = _centred(_matrices(rows))
    groups = len(parts)
    left = with_each_left_out(parts)
    told = _told_apart(left[0])
    weights = _solve(left, np.arange(7))[:, 1:]
    reach = t_quantile(0.975, groups - 1)
    index = _index(weights, told, reach, people)
    average, peaks = _adjusted(left, _MEAN), _adjusted(left, _PEAK_END)
    return PeakEndProfile(
        episodes=used,
        customers=people,
        groups=groups,
        left_out=answered - used,
        weights=tuple(
            FeatureWeight(name, _estimate(weights[:, place], reach, people) if told[place] else None)
            for place, name in enumerate(FEATURES)
        ),
        index=index,
        average=float(average[0]),
        peak_end=float(peaks[0]),
        lead=_estimate(peaks - average, reach, people),
        remarks=_remarks(told, index),
    )


def _matrices(rows: list[dict[str, Any]]) -> Floats:
    """Return the sums of products of each group: (groups, 8, 8)."""
    found = np.zeros((len(rows), len(_COLUMNS), len(_COLUMNS)))
    for place, row in enumerate(rows):
        for i, j in _PAIRS:
            found[place, i, j] = found[place, j, i] = row[f"p{i}_{j}"]
    return found


def _centred(parts: Floats) -> Floats:
    """Return the sums of products with every column less its mean over all episodes."""
    whole = parts.sum(axis=0)
    shift = np.eye(len(whole))
    shift[1:, 0] = -whole[1:, 0] / whole[0, 0]
    return np.asarray(shift @ parts @ shift.T)


def _told_apart(gram: Floats) -> npt.NDArray[np.bool_]:
    """Return which of the six weights are determined: those that no direction without variance touches."""
    scatter = gram[1:7, 1:7]
    size = np.sqrt(np.diag(scatter))
    varies = size > 1e-9 * np.sqrt(gram[0, 0])
    scale = np.where(varies, size, 1.0)
    values, vectors = np.linalg.eigh(scatter / np.outer(scale, scale))
    touched = (np.abs(vectors[:, values < _SAME]) > 1e-3).any(axis=1)
    inflation = (vectors**2 / np.maximum(values, _SAME)).sum(axis=1)
    return np.asarray(varies & ~touched & (inflation <= _INFLATED))


def _solve(left: Floats, columns: Ints) -> Floats:
    """Return least-squares coefficients (matrices, columns) of the last column of Gram matrices on some."""
    size = np.sqrt(np.maximum(np.einsum("bii->bi", left)[:, columns], 1e-300))
    inner = left[:, columns[:, None], columns] / size[:, :, None] / size[:, None, :]
    outer = left[:, columns, -1] / size
    return np.asarray((np.linalg.pinv(inner, rcond=_SAME, hermitian=True) @ outer[..., None])[..., 0] / size)


def _adjusted(left: Floats, features: tuple[int, ...]) -> Floats:
    """Return the adjusted R² of the outcome on some columns, for each matrix."""
    columns = np.asarray((0, *features))
    count = left[:, 0, 0]
    explained = (_solve(left, columns) * left[:, columns, -1]).sum(axis=1) - left[:, 0, -1] ** 2 / count
    total = left[:, -1, -1] - left[:, 0, -1] ** 2 / count
    return np.asarray(1 - (1 - explained / total) * (count - 1) / (count - len(columns)))


def _estimate(values: Floats, reach: float, customers: int) -> Estimate:
    error = reach * float(jackknife_errors(values))
    return Estimate(float(values[0]), float(values[0]) - error, float(values[0]) + error, customers)


def _index(weights: Floats, told: npt.NDArray[np.bool_], reach: float, customers: int) -> Estimate | None:
    """Return (max + min + last) / sum of absolute weights; None where one of the first five is unknown.

    The absolute value has a kink at zero, where a jackknife interval is too short (measured: it covers 90 %
    instead of 95). A weight that may be zero, at 5 % over all six, is therefore taken as it is and as zero,
    and the interval spans what follows from every such choice.
    """
    if not told[:5].all() or not weights[0].any():
        return None
    signs = np.sign(weights[0])
    sure = t_quantile(1 - 0.025 / len(FEATURES), len(weights) - 2)
    open_ones = np.flatnonzero(np.abs(weights[0]) <= sure * jackknife_errors(weights))
    low, high = 1.0, -1.0
    for choice in product((1.0, 0.0), repeat=len(open_ones)):
        chosen = signs.copy()
        chosen[open_ones] *= choice
        whole = weights @ chosen
        if float(whole.min()) <= 0.0:
            return None
        found = _estimate(weights[:, 1:4].sum(axis=1) / whole, reach, customers)
        low, high = min(low, found.low), max(high, found.high)
    value = float(weights[0, 1:4].sum() / np.abs(weights[0]).sum())
    return Estimate(value, max(low, -1.0), min(high, 1.0), customers)


def _refuse(used: int, answered: int, customers: int, ends: set[float]) -> None:
    if used < EPISODES:
        raise EvidenceError(
            f"{used:,} of {answered:,} episodes with an outcome have two encounters or more whose feeling is "
            f"known; {EPISODES} are needed",
            fix="Let more touchpoints say what is miserable and magical, or take a longer window",
        )
    if customers < CUSTOMERS:
        raise EvidenceError(
            f"the {used:,} episodes are of {customers} customers; {CUSTOMERS} are needed",
            fix="Take the log of more customers: intervals count people, not episodes",
        )
    if len(ends) == 1:
        raise EvidenceError(
            f"all {used:,} episodes have the outcome {ends.pop():g}",
            fix="Check the outcome for a default or a filter: what never differs cannot go with anything",
        )


def _remarks(told: npt.NDArray[np.bool_], index: Estimate | None) -> tuple[Remark, ...]:
    names = [name for name, apart in zip(FEATURES, told, strict=True) if not apart]
    if names:
        return (_not_told_apart("、".join(_ZH[name] for name in names), ", ".join(names)),)
    return (_NO_INDEX,) if index is None else ()


def _not_told_apart(zh: str, en: str) -> Remark:
    return Remark(
        "not_told_apart",
        f"这批数据分不开：{zh}，因此不给出权重。需要每段经历有三次以上接触、好坏和次数有所不同的记录。",
        f"These data cannot tell apart: {en}; their weights are not given. It takes episodes of three "
        "encounters and more that differ in feeling and in number.",
    )


_NO_INDEX: Final = Remark(
    "no_index",
    "每个权重都可能为零，峰终指数无从谈起；需要更多经历，或更能反映感受的结果指标。",
    "Every weight may be zero, so there is no peak-end index; it takes more episodes, or an outcome that "
    "follows what customers felt.",
)
_ZH: Final = {
    "mean": "平均",
    "max": "最高点",
    "min": "最低点",
    "last": "结尾",
    "first": "开头",
    "count": "次数",
}
