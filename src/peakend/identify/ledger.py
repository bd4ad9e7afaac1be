"""The estimator of `find`: what each state of each touchpoint adds to the outcome, from Grams alone.

A regression on met / magical / miserable / unknown (neutral is the reference of those who met), with
intervals from deleting one bucket of customers at a time, so that customers, not answers, are what is
independent. It sees no row, so it takes the same time for a thousand answers and for a million.
Method: Peakend methods 4.3; delete-a-group jackknife after Kott (1998); shrinkage with the between-touchpoint
variance of Paule and Mandel (1982); false-discovery control of Benjamini and Hochberg (1995).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from peakend.errors import EvidenceError
from peakend.identify.grams import Column, Grams, Matrix
from peakend.identify.tails import t_quantile, t_upper

FEWEST: Final = 8
"""A column with fewer episodes is left out: it would carry noise, and its shrunk value is told instead."""
_CONTROLS: Final = frozenset({"constant", "segment", "leniency", "unrated"})
_RIDGE: Final = 1e-8
_COLLINEAR: Final = 1e-6
Draw = Callable[[int, int], Matrix]
"""(rows, columns) to standard normal numbers; chance is an argument."""


class Left(NamedTuple):
    """A column that was left out and why: `few`, `everybody` (all episodes met it) or `collinear`."""

    column: Column
    reason: str


class Fit(NamedTuple):
    """Coefficients of the kept columns (p,), their replicates (buckets, p), and what was left out."""

    columns: tuple[Column, ...]
    values: Matrix
    replicates: Matrix
    left: tuple[Left, ...]

    @property
    def covariance(self) -> Matrix:
        """Delete-a-group jackknife covariance, shape (p, p)."""
        apart = self.replicates - self.replicates.mean(0)
        groups = len(self.replicates)
        return np.asarray((groups - 1) / groups * apart.T @ apart)


class Effects(NamedTuple):
    """One sort of effect (penalty or reward) of all touchpoints, each array of shape (touchpoints,).

    In points of the outcome; `value` and `error` are NaN where the column was left out, `shrunk` never is
    unless no touchpoint has one. `q` is the share of false discoveries among effects at least as sure.
    """

    value: Matrix
    error: Matrix
    shrunk: Matrix
    q: Matrix
    margin: Matrix


def fit(grams: Grams, *, within: bool, fewest: int = FEWEST) -> Fit:
    """Solve the regression and its replicates; `within` compares customers with themselves only.

    Raises EvidenceError when no touchpoint is left, or the outcome does not vary.
    """
    stack = grams.within if within else grams.pooled
    counts = grams.repeaters if within else grams.rows
    total = stack.sum(0)
    _varies(total, grams, within)
    kept, left = _usable(grams.columns, total, counts, within, fewest)
    kept = _independent(total, kept, grams.columns, left)
    if not any(grams.columns[i].role not in _CONTROLS for i in kept):
        raise EvidenceError(
            "No touchpoint was met often enough, and missed often enough, to compare",
            fix=f"Each needs at least {fewest} answers with it in a state and {fewest} without; "
            "widen the window or bring a longer history",
            what_zh="没有一个接触点经历的人和没经历的人都够多，无从比较",
            fix_zh=f"每种状态有它、没它的答卷各至少要 {fewest} 份；请放宽回看时间，或接入更长的历史",
        )
    chosen = np.array(kept)
    replicates = np.stack([_solved(total - one, chosen) for one in stack])
    return Fit(tuple(grams.columns[i] for i in kept), _solved(total, chosen), replicates, tuple(left))


def effects(found: Fit, touchpoints: Sequence[str], level: float = 0.95) -> tuple[Effects, Effects]:
    """Penalties (of miserable) and rewards (of magical) of all touchpoints, with margins at `level`."""
    freedom = len(found.replicates) - 1
    raw = [_of(found, touchpoints, "miserable", -1.0), _of(found, touchpoints, "magical", 1.0)]
    tails = [t_upper(value / error, freedom) for value, error in raw]
    q = false_discovery(np.concatenate(tails))
    each = np.split(q, 2)
    reach = t_quantile(0.5 + level / 2, freedom)
    penalty, reward = (
        Effects(value, error, shrunk(value, error), own, reach * error)
        for (value, error), own in zip(raw, each, strict=True)
    )
    return penalty, reward


def drawn(found: Fit, touchpoints: Sequence[str], draw: Draw, number: int = 2000) -> tuple[Matrix, Matrix]:
    """`number` draws of all penalties and rewards together, each of shape (number, touchpoints)."""
    spread, turns = np.linalg.eigh(found.covariance)
    root = turns * np.sqrt(np.maximum(spread, 0.0))
    values = found.values + draw(number, len(root)) @ root.T
    at = {column: index for index, column in enumerate(found.columns)}
    zero = np.zeros(number)

    def of(role: str, sign: float) -> Matrix:
        places = [at.get(Column(role, name)) for name in touchpoints]
        return np.stack([zero if i is None else sign * values[:, i] for i in places], axis=1)

    return of("miserable", -1.0), of("magical", 1.0)


def shrunk(value: Matrix, error: Matrix, toward: Matrix | None = None) -> Matrix:
    """Empirical-Bayes values: noisy ones move to the mean of all (or each to its own `toward`).

    NaN takes the mean. With fewer than three values there is nothing to learn from: they stay as they are.
    """
    known = ~np.isnan(value) & ~np.isnan(error)
    if known.sum() < 3:
        return value.copy()
    apart = value[known] - (toward[known] if toward is not None else 0.0)
    variance = error[known] ** 2
    between, mean = paule_mandel(apart, variance, center=0.0 if toward is not None else None)
    base = toward if toward is not None else np.zeros_like(value)
    out = base + mean
    trust = between / (between + variance) if between > 0 else np.zeros_like(variance)
    out[known] = base[known] + mean + trust * (apart - mean)
    return out


def paule_mandel(value: Matrix, variance: Matrix, center: float | None = None) -> tuple[float, float]:
    """The variance between values beyond their sampling `variance` (>= 0), and their mean; all of shape (k,).

    Solves sum((x - mean)^2 / (v + between)) = k - 1 (k where `center` is given). Source: Paule and Mandel,
    Journal of Research of the National Bureau of Standards 87 (1982).
    """
    variance = np.maximum(variance, 1e-300)
    degrees = len(value) - (center is None)

    def mean(between: float) -> float:
        return float(np.average(value, weights=1 / (variance + between))) if center is None else center

    def excess(between: float) -> float:
        return float((((value - mean(between)) ** 2) / (variance + between)).sum() - degrees)

    if len(value) < 3 or excess(0.0) <= 0:
        return 0.0, mean(0.0)
    low, high = 0.0, float(value.var() * 4) or 1.0
    while excess(high) > 0:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return (low + high) / 2, mean((low + high) / 2)


def false_discovery(p: Matrix) -> Matrix:
    """Benjamini-Hochberg q-values of p-values, shape (k,); NaN stays NaN and is not counted."""
    out = np.full(len(p), np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known])]
    number = len(order)
    scaled = p[order] * number / np.arange(1, number + 1)
    out[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return out


def _of(found: Fit, touchpoints: Sequence[str], role: str, sign: float) -> tuple[Matrix, Matrix]:
    at = {column: index for index, column in enumerate(found.columns)}
    errors = np.sqrt(np.diag(found.covariance))
    places = [at.get(Column(role, name)) for name in touchpoints]
    value = np.array([np.nan if i is None else sign * found.values[i] for i in places])
    error = np.array([np.nan if i is None else errors[i] for i in places])
    return value, error


def _varies(total: Matrix, grams: Grams, within: bool) -> None:
    y, n = total[-1, -1], grams.pooled.sum(0)
    spread = y if within else y - n[0, -1] ** 2 / n[0, 0]
    if spread <= 1e-9 * max(1.0, n[-1, -1]):
        raise EvidenceError(
            "No customer ever answered differently" if within else "All answers are the same",
            fix="An outcome that does not vary has no causes to find; look at another one",
            what_zh="没有一位客户前后打过不同的分" if within else "所有答卷都一样",
            fix_zh="分数不变就找不出原因，请换一个成效指标",
        )


def _usable(
    columns: Sequence[Column], total: Matrix, counts: Matrix, within: bool, fewest: int
) -> tuple[list[int], list[Left]]:
    kept, left, episodes = list[int](), list[Left](), counts[-1]
    for index, column in enumerate(columns[:-1]):
        control = column.role in _CONTROLS
        if (within and control) or (control and total[index, index] <= 1e-9):
            continue
        if not control and counts[index] < fewest:
            left += [Left(column, "few")] if counts[index] else []
        elif column.role == "met" and episodes - counts[index] < fewest:
            left.append(Left(column, "everybody"))
        elif total[index, index] > 1e-9:
            kept.append(index)
    return kept, left


def _independent(total: Matrix, kept: list[int], columns: Sequence[Column], left: list[Left]) -> list[int]:
    """Drop each column that those before it explain wholly: pivoted Cholesky of the scaled Gram, in order."""
    scale = np.sqrt(np.diag(total)[kept])
    rest = total[np.ix_(kept, kept)] / np.outer(scale, scale)
    used = []
    for place, index in enumerate(kept):
        pivot = rest[place, place]
        if pivot <= _COLLINEAR:
            left.append(Left(columns[index], "collinear"))
            continue
        used.append(index)
        column = rest[:, place] / np.sqrt(pivot)
        rest = rest - np.outer(column, column)
    return used


def _solved(gram: Matrix, chosen: NDArray[np.int64]) -> Matrix:
    inner = gram[np.ix_(chosen, chosen)]
    ridge = np.diag(_RIDGE * np.diag(inner) + 1e-12)
    return np.asarray(np.linalg.solve(inner + ridge, gram[chosen, -1]))
