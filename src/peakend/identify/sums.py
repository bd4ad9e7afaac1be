"""Sums over customers, and the mean that they give with its error: no customer is needed any more.

Light on purpose: a backtest needs no statistics library for it.
"""

from __future__ import annotations

import math
from typing import NamedTuple


class Sums(NamedTuple):
    """Sums over `customers` of their rows (n) and of the sums of their values (s), squares and products."""

    customers: int
    n: float
    s: float
    nn: float
    ns: float
    ss: float


def mean_and_error(sums: Sums) -> tuple[float, float]:
    """Return the mean over rows and its standard error clustered by customer, of two customers or more.

    Method: ratio estimate with linearised variance (Cochran, Sampling Techniques, 3rd ed., chapter 6).
    """
    mean = sums.s / sums.n
    spread = max(sums.ss - 2 * mean * sums.ns + mean * mean * sums.nn, 0.0)
    return mean, math.sqrt(spread * sums.customers / (sums.customers - 1)) / sums.n
