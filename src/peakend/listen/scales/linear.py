"""The weighted mean of answers with a variance that counts customers, not answers.

Two answers of one customer are not two customers. The variance is linearised and summed by customer, and is
then turned into an effective n, so that the closed-form intervals hold for weighted and repeated answers too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from peakend.listen.scales.answers import Answers, Texts
from peakend.listen.scales.intervals import Floats, t_quantile, z_quantile

ROUNDING = 1e-20


@dataclass(frozen=True)
class Mean:
    """A weighted mean over answers, with what its interval needs.

    `variance` is that of the mean, `spread` that of a single answer. `names`, shape (K,), are the customers
    and `pulls`, shape (K,), what each of them adds to the deviation of the mean. `effective_n` equals n
    exactly for unweighted answers of different customers.
    """

    value: float
    variance: float
    spread: float
    names: Texts
    pulls: Floats
    effective_n: float

    @property
    def customers(self) -> int:
        return len(self.names)


def mean_by_customer(answers: Answers, values: Floats) -> Mean:
    """The mean of `values`, shape (n,), under the weights of the answers, with a cluster-robust variance.

    V = K/(K-1) sum_k (sum_i w_i (v_i - mean))^2 / (sum w)^2, the inner sum over the answers of customer k.
    With one answer each it is the linearised variance of a weighted mean, without weights s^2/n. Needs K >= 2
    customers. Source: Taylor linearisation as in Binder (1983).
    """
    weights = answers.weights / answers.weights.sum()
    names, place = np.unique(answers.customers, return_inverse=True)
    # Around the first value, so that equal answers have exactly no spread.
    centre = float(values[0] + weights @ (values - values[0]))
    deviations = values - centre
    pulls = np.bincount(place, weights * deviations).astype(np.float64)
    spread = float(weights @ deviations**2) * len(values) / max(len(values) - 1, 1)
    variance = _cleared(float(pulls @ pulls) * len(names) / max(len(names) - 1, 1))
    shares = np.bincount(place, weights).astype(np.float64)
    return Mean(
        value=centre,
        variance=variance,
        spread=spread,
        names=names,
        pulls=pulls,
        effective_n=_effective(variance, spread, shares, len(values)),
    )


def covariance(one: Mean, other: Mean) -> tuple[float, int]:
    """The covariance of two means, and the number of customers they share, whose pulls go together."""
    _, here, there = np.intersect1d(one.names, other.names, assume_unique=True, return_indices=True)
    return float(one.pulls[here] @ other.pulls[there]), len(here)


def paired_variance(one: Mean, other: Mean) -> float:
    """The variance of the difference of two means over the same customers, that of paired t."""
    count = one.customers
    return _cleared(float(np.sum((other.pulls - one.pulls) ** 2)) * count / (count - 1))


def _cleared(variance: float) -> float:
    """A variance that is only rounding is none; one odd answer among a million gives 1e-12."""
    return variance if variance > ROUNDING else 0.0


def _effective(variance: float, spread: float, shares: Floats, n: int) -> float:
    """Korn and Graubard (1998): the n of equal independent answers with this variance, cut for few customers.

    Where all answers agree there is no variance to learn from, and the customers themselves are counted.
    Never more than n: answers of one customer that contradict each other are no gain to rely on.
    """
    customers = len(shares)
    independent = customers == n and bool(np.allclose(shares, 1 / n))
    if independent or customers < 2:
        return float(customers)
    by_shares = 1 / float(shares @ shares)
    found = spread / variance if variance > 0 else by_shares
    return min(found, float(n)) * (z_quantile() / t_quantile(customers - 1)) ** 2
