"""The intervals of scores, all at 95 %, from counts and an effective number of answers.

Counts may be fractions: weights and several answers of one customer reach these closed forms as an effective
n, so that a small or one-sided sample keeps the coverage that the plain normal interval would lose.
This is the one place that calls scipy and statsmodels, which ship no types. Nothing here reads answers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, stdtrit
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

LEVEL = 0.95
Floats = NDArray[np.float64]


class Span(NamedTuple):
    """The two ends of an interval."""

    low: float
    high: float


def z_quantile() -> float:
    """The normal quantile of a two-sided 95 % interval, 1.959964."""
    return float(ndtri((1 + LEVEL) / 2))


def t_quantile(freedom: float) -> float:
    """The t quantile of a two-sided 95 % interval with `freedom` degrees of freedom (> 0)."""
    return float(stdtrit(freedom, (1 + LEVEL) / 2))


def wilson(count: float, n: float) -> Span:
    """Wilson's interval of a share, 0 <= count <= n; 81 of 263 gives 0.2553 to 0.3662.

    Source: Wilson (1927), as in statsmodels `proportion_confint(method="wilson")`.
    """
    low, high = proportion_confint(count, n, alpha=1 - LEVEL, method="wilson")
    return Span(float(low), float(high))


def newcombe(count: float, n: float, count_before: float, n_before: float) -> Span:
    """Newcombe's interval of a difference of two independent shares; 56/70 less 48/80 gives 0.0524 to 0.3339.

    Source: Newcombe (1998), method 10, as in statsmodels `confint_proportions_2indep(method="newcomb")`.
    """
    low, high = confint_proportions_2indep(
        count, n, count_before, n_before, method="newcomb", compare="diff", alpha=1 - LEVEL
    )
    return Span(float(low), float(high))


def newcombe_correlated(
    count: float, n: float, count_before: float, n_before: float, correlation: float
) -> Span:
    """Newcombe's interval where the two shares are correlated because some customers are in both.

    With a correlation of 0 it is `newcombe`. Source: Newcombe (1998b), Zou and Donner (2008): the margins of
    the two Wilson intervals are combined with the correlation of the two estimates.
    """
    share, share_before = count / n, count_before / n_before
    (low, high), (low_before, high_before) = wilson(count, n), wilson(count_before, n_before)

    def margin(one: float, other: float) -> float:
        return float(np.sqrt(max(one**2 + other**2 - 2 * correlation * one * other, 0.0)))

    difference = share - share_before
    down = margin(share - low, high_before - share_before)
    up = margin(high - share, share_before - low_before)
    return Span(max(difference - down, -1.0), min(difference + up, 1.0))


def adjusted_wald(promoters: ArrayLike, detractors: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats]:
    """Centre and variance of the adjusted-Wald NPS, both as parts of one (centre -1..1), elementwise.

    Three answers are added, three quarters of one to promoters and to detractors. Shapes broadcast.
    Source: Rocks (2016), "Interval estimation for the Net Promoter Score", adjusted Wald (n+3, 3/4).
    """
    n = np.asarray(n, dtype=np.float64) + 3
    up = (np.asarray(promoters, dtype=np.float64) + 0.75) / n
    down = (np.asarray(detractors, dtype=np.float64) + 0.75) / n
    centre: Floats = up - down
    variance: Floats = (up + down - centre**2) / n
    return centre, variance


def nps_interval(promoters: ArrayLike, detractors: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats]:
    """The adjusted-Wald interval of an NPS in points (-100..100), elementwise.

    Exact coverage at n=10 with 70 % promoters and 5 % detractors is .949, where plain Wald has .858.
    """
    centre, variance = adjusted_wald(promoters, detractors, n)
    half = z_quantile() * np.sqrt(variance)
    return 100 * np.maximum(centre - half, -1.0), 100 * np.minimum(centre + half, 1.0)


def nps_change_interval(
    before: tuple[ArrayLike, ArrayLike, ArrayLike],
    after: tuple[ArrayLike, ArrayLike, ArrayLike],
    covariance: float = 0.0,
    least_variance: float = 0.0,
) -> tuple[Floats, Floats]:
    """The interval of a change of NPS in points (-200..200), elementwise.

    Each wave is (promoters, detractors, n). The difference of the two adjusted-Wald estimates, with the sum
    of their variances less twice the `covariance` of the two estimates (0 for independent samples; parts of
    one). `least_variance` bounds the result from below.
    """
    centre_before, variance_before = adjusted_wald(*before)
    centre, variance = adjusted_wald(*after)
    spread = np.maximum(variance + variance_before - 2 * covariance, least_variance)
    half = z_quantile() * np.sqrt(spread)
    difference = centre - centre_before
    return 100 * np.maximum(difference - half, -2.0), 100 * np.minimum(difference + half, 2.0)


def nps_standard_error(promoters: int, passives: int, detractors: int) -> float:
    """The plain standard error of an NPS in points; 350/450/200 gives 2.2967. Var = p + d - (p - d)^2."""
    n = promoters + passives + detractors
    share = (promoters - detractors) / n
    return float(100 * np.sqrt(((promoters + detractors) / n - share**2) / n))


def answers_needed(half_width: float, promoters: float = 0.5, detractors: float = 0.2) -> int:
    """How many answers give an NPS within `half_width` points; 5 points at the default shares need 938."""
    variance = promoters + detractors - (promoters - detractors) ** 2
    return int(np.ceil((100 * z_quantile() / half_width) ** 2 * variance))
