"""What the estimators of this room share: checks of the data, clusters of customers, intervals.

A rating outside its scale is refused with its column and value: averaging a code for "not applicable" is the
most common way to a wrong number. Groups for the jackknife depend on the customers' names only, so the same
data give the same interval on every machine and in every order of the rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from peakend.errors import EvidenceError
from peakend.identify.sums import Sums, mean_and_error
from peakend.identify.tails import t_quantile
from peakend.model.finding import Estimate

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Table = Mapping[str, npt.ArrayLike]
Scale = tuple[float, float]

LEAST = 30
"""Units below which a number is shown but nothing is concluded from it."""
FEWEST_GROUPS, MOST_GROUPS = 20, 50


def ratings(column: npt.ArrayLike, name: str, scale: Scale, not_applicable: Collection[float] = ()) -> Floats:
    """Return a column of ratings as floats, NaN where there is none.

    `not_applicable` are codes that stand for no rating. Raises EvidenceError for values off the scale.
    """
    found = numbers(column, name)
    if not_applicable:
        found = np.where(np.isin(found, [float(code) for code in not_applicable]), np.nan, found)
    low, high = scale
    outside = np.isfinite(found) & ((found < low) | (found > high)) | np.isinf(found)
    if outside.any():
        _refuse_scale(found, outside, name, scale)
    return found


def numbers(column: npt.ArrayLike, name: str) -> Floats:
    """Return a column as floats, None becoming NaN. Raises EvidenceError where it is no column of numbers."""
    try:
        found = np.asarray(column, dtype=np.float64)
    except (TypeError, ValueError):
        found = np.empty((0, 0))
    if found.ndim != 1:
        raise EvidenceError(
            f"{name} is not one column of numbers",
            fix="Give one number a row, and NaN or None where there is no answer",
            what_zh=f"{name} 不是一列数字",
            fix_zh="每行一个数字；没有回答的写 NaN 或 None",
        )
    return found


def same_length(columns: Mapping[str, npt.NDArray[Any]]) -> int:
    """Return the common number of rows. Raises EvidenceError where the columns differ."""
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{name} {length:,}" for name, length in lengths.items())
        raise EvidenceError(
            f"the columns have different numbers of rows: {said}",
            fix="Give every column one value a row, NaN where there is none",
            what_zh=f"各列的行数不一样：{said}",
            fix_zh="每列每行一个值，没有的写 NaN",
        )
    return next(iter(lengths.values()), 0)


def one_sided(column: Floats, scale: Scale) -> bool:
    """Return whether 30 answers or more all stay in the lower half of the scale: perhaps another scale."""
    known = column[np.isfinite(column)]
    return len(known) >= LEAST and float(known.max()) <= (scale[0] + scale[1]) / 2


def coded(names: npt.ArrayLike) -> tuple[list[str], Ints]:
    """Return the different names in order and, for each row, the place of its name."""
    given = np.asarray(names)
    # None and numbers among texts do not sort; texts of one type do, and numbers sort much faster.
    given = given.astype(str) if given.dtype == object else given
    different, places = np.unique(given, return_inverse=True)
    return [str(name) for name in different], places.astype(np.int64).ravel()


def groups_of(customers: Iterable[str], number: int) -> Ints:
    """Return a group 0..number-1 for each of the different customers, all but equally large.

    The order is that of the customers' md5, so a file sorted by branch or day does not make groups of
    branches or days.
    """
    digests = [hashlib.md5(name.encode(), usedforsecurity=False).hexdigest() for name in customers]
    places = np.empty(len(digests), dtype=np.int64)
    places[np.argsort(np.asarray(digests))] = np.arange(len(digests))
    return places % number


def group_count(customers: int) -> int:
    """Return how many groups the jackknife makes: one for eight customers, 20 at least and 50 at most."""
    return max(FEWEST_GROUPS, min(MOST_GROUPS, customers // 8))


def grams(rows: Floats, group: Ints, number: int) -> Floats:
    """Return the Gram matrix of each group: rows (n, p) and group (n,) give (number, p, p)."""
    order = np.argsort(group, kind="stable")
    edges = np.searchsorted(group[order], np.arange(number + 1))
    sorted_rows = rows[order]
    parts = [sorted_rows[start:end] for start, end in pairwise(edges)]
    return np.stack([part.T @ part for part in parts])


def with_each_left_out(parts: Floats) -> Floats:
    """Return the whole Gram matrix first and then the whole without each group: (B + 1, p, p)."""
    whole = parts.sum(axis=0)
    return np.concatenate([whole[None], whole[None] - parts])


def jackknife_errors(values: Floats) -> Floats:
    """Return standard errors from (B + 1, ...) values whose first is of all rows, the others of B deletions.

    Method: delete-a-group jackknife (Kott 2001, Journal of Official Statistics 17(4)).
    """
    spread = values[1:] - values[1:].mean(axis=0)
    left = len(values) - 1
    return np.asarray(np.sqrt((left - 1) / left * (spread**2).sum(axis=0)))


def mean_of(values: Floats) -> Estimate | None:
    """Return the mean of one value a customer with its t-interval; None below two, or where all are equal."""
    known = values[np.isfinite(values)]
    n = len(known)
    if n < 2 or float(np.ptp(known)) == 0.0:
        return None
    mean = float(known.mean())
    reach = t_quantile(0.975, n - 1) * float(known.std(ddof=1)) / float(np.sqrt(n))
    return Estimate(mean, mean - reach, mean + reach, n)


def mean_of_sums(sums: Sums, scale: Scale, *, alike: bool) -> Estimate | None:
    """Return the mean over rows, its interval clustered by customer and inside the scale.

    None below two customers; `n` is the number of customers. Where all values are `alike`, the interval says
    what a share of unlike customers as large as zero of n allows (Clopper and Pearson) could do to the mean.
    """
    customers, (low, high) = sums.customers, scale
    if customers < 2:
        return None
    mean, error = mean_and_error(sums)
    if alike:
        unlike = float(1 - 0.025 ** (1 / customers))
        return Estimate(mean, mean - unlike * (mean - low), mean + unlike * (high - mean), customers)
    reach = t_quantile(0.975, customers - 1) * error
    return Estimate(mean, max(mean - reach, low), min(mean + reach, high), customers)


def clustered_mean(values: Floats, customer: Ints, scale: Scale) -> Estimate | None:
    """Return `mean_of_sums` of one value a row; `customer` are numbers from 0."""
    rows, sums = np.bincount(customer), np.bincount(customer, weights=values)
    rows, sums = rows[rows > 0], sums[rows > 0]
    parts = (float(part.sum()) for part in (rows, sums, rows * rows, rows * sums, sums * sums))
    return mean_of_sums(
        Sums(len(rows), *parts), scale, alike=len(values) > 0 and float(np.ptp(values)) == 0.0
    )


def share_of(hits: int, n: int, *, exact: bool = False) -> Estimate:
    """Return a share with Wilson's interval, or with the exact one of Clopper and Pearson."""
    span = stats.binomtest(hits, n).proportion_ci(method="exact" if exact else "wilson")
    return Estimate(hits / n, float(span.low), float(span.high), n)


def _refuse_scale(found: Floats, outside: npt.NDArray[np.bool_], name: str, scale: Scale) -> None:
    low, high = scale
    count, answers = int(outside.sum()), int((~np.isnan(found)).sum())
    shown = sorted({f"{value:g}" for value in found[outside]}, key=float)
    odd = ", ".join(shown[:5]) + (", …" if len(shown) > 5 else "")
    raise EvidenceError(
        f"{name} holds {count:,} of {answers:,} answers outside its scale {low:g} to {high:g} ({odd}): "
        "two scales in one column, or codes for no answer",
        fix="Bring the rows to one scale before, or name the codes in not_applicable, for example "
        f"not_applicable=({shown[0]},)",
        what_zh=f"{name} 的 {answers:,} 个回答里有 {count:,} 个不在量表 {low:g} 至 {high:g} 之内（{odd}）："
        "一列里混了两种量表，或夹着“不适用”的代码",
        fix_zh=f"请先把各行统一到一种量表，或把代码写进 not_applicable，例如 not_applicable=({shown[0]},)",
    )
