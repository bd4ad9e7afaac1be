"""How well the items of one score agree, and how many factors they show.

A low or negative agreement is reported as it is: repairing it by dropping items would be choosing the answer.
"""

from __future__ import annotations

import hashlib

import numpy as np
from scipy import special, stats

from peakend.identify.evidence import LEAST, Floats
from peakend.model.finding import Estimate

_REFERENCES = 200
_QUANTILE = 0.95


def cronbach(answers: Floats) -> Estimate | None:
    """Return Cronbach's alpha of answers (customers x items) with Feldt's 95 % interval.

    Only complete rows count. None for one item, fewer than two rows, or a total without variance.
    Method: Cronbach 1951, Psychometrika 16; interval: Feldt 1965, Psychometrika 30.
    """
    known = complete(answers)
    n, items = known.shape
    if items < 2 or n < 2:
        return None
    total = float(known.sum(axis=1).var(ddof=1))
    if total <= 1e-12:
        return None
    alpha = items / (items - 1) * (1 - float(known.var(axis=0, ddof=1).sum()) / total)
    return Estimate(alpha, *alpha_interval(alpha, n, items), n)


def alpha_interval(alpha: float, n: int, items: int) -> tuple[float, float]:
    """Return Feldt's 95 % interval of an alpha of `items` items over `n` customers."""
    high, low = stats.f.ppf([0.975, 0.025], n - 1, (n - 1) * (items - 1))
    return 1 - (1 - alpha) * float(high), 1 - (1 - alpha) * float(low)


def difference_reliability(perception: Floats, expectation: Floats) -> float | None:
    """Return the reliability of perception minus expectation from answers (customers x items).

    r = (r_P + r_E - 2 r_PE) / (2 - 2 r_PE), for equal variances: r_P and r_E are the alphas, r_PE is the
    correlation of the two scores (Peter, Churchill and Brown 1993, Journal of Consumer Research 19(4)).
    Only customers who gave all answers count.
    """
    both = np.isfinite(perception).all(axis=1) & np.isfinite(expectation).all(axis=1)
    p, e = perception[both], expectation[both]
    alpha_p, alpha_e = cronbach(p), cronbach(e)
    if alpha_p is None or alpha_e is None:
        return None
    between = float(np.corrcoef(p.mean(axis=1), e.mean(axis=1))[0, 1])
    if between > 1 - 1e-9:
        return None
    return (alpha_p.estimate + alpha_e.estimate - 2 * between) / (2 - 2 * between)


def factor_count(answers: Floats) -> int | None:
    """Return how many factors answers (customers x items) show, by parallel analysis.

    Eigenvalues of the correlations count from the largest while they exceed the 95th percentile of those of
    independent normal items (Horn 1965, Psychometrika 30). The references are Wishart matrices built by
    Bartlett's decomposition from fixed digits, so the count is always the same. Correlations are pairwise,
    since few customers answer 22 items in full; the smallest pair counts as n, which only lowers the count.
    None below 30 customers in a pair, below twice the number of items, or where an item does not vary.
    """
    items = answers.shape[1]
    if items < 2:
        return None
    correlation, n = _pairwise(answers)
    if n < max(LEAST, 2 * items) or not np.isfinite(correlation).all():
        return None
    beaten = np.linalg.eigvalsh(correlation)[::-1] > _chance_eigenvalues(n, items)
    return int(items if beaten.all() else np.argmin(beaten))


def complete(answers: Floats) -> Floats:
    """Return the rows without a gap."""
    return answers[np.isfinite(answers).all(axis=1)]


def _pairwise(answers: Floats) -> tuple[Floats, int]:
    """Return pairwise correlations, NaN where an item does not vary, and the smallest number of a pair."""
    known = np.isfinite(answers).astype(np.float64)
    pairs = known.T @ known
    if pairs.min() < LEAST:
        return pairs, int(pairs.min())
    apart = np.where(known > 0, answers - np.nanmean(answers, axis=0), 0.0)
    sums, squares = apart.T @ known, (apart**2).T @ known
    spread = np.maximum(squares - sums**2 / pairs, 0.0)
    together = apart.T @ apart - sums * sums.T / pairs
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = together / np.sqrt(spread * spread.T)
    return np.where((spread > 1e-9) & (spread.T > 1e-9), correlation, np.nan), int(pairs.min())


def _chance_eigenvalues(n: int, items: int) -> Floats:
    below = items * (items - 1) // 2
    digits = hashlib.shake_256(b"parallel analysis").digest(8 * _REFERENCES * (below + items))
    even = (np.frombuffer(digits, dtype="<u8").reshape(_REFERENCES, -1) >> np.uint64(11)) + 0.5
    even = even / 2.0**53
    factor = np.zeros((_REFERENCES, items, items))
    rows, columns = np.tril_indices(items, -1)
    factor[:, rows, columns] = special.ndtri(even[:, :below])
    freedom = n - 1 - np.arange(items)
    place = np.arange(items)
    factor[:, place, place] = np.sqrt(special.chdtri(freedom, even[:, below:]))
    scatter = factor @ factor.transpose(0, 2, 1)
    scale = np.sqrt(scatter[:, place, place])
    values = np.linalg.eigvalsh(scatter / scale[:, :, None] / scale[:, None, :])[:, ::-1]
    return np.asarray(np.quantile(values, _QUANTILE, axis=0), dtype=np.float64)
