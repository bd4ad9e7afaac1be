"""Explained variance divided among correlated items, from a correlation matrix alone.

Both functions take many matrices at once, so that a jackknife costs one call. They see no rows and no names.
"""

from __future__ import annotations

import math

import numpy as np

from peakend.identify.evidence import Floats

_NOTHING_LEFT = 1e-10


def lmg(correlations: Floats) -> Floats:
    """Return the part of R² of each item: (..., J + 1, J + 1), the outcome last, gives (..., J).

    The parts sum to R². They are Shapley values: the gain in R² from an item, averaged over all orders of
    entry, exact over all 2^J subsets. Items are swept out one after the other for all subsets together, so a
    subset costs one step on a small matrix instead of an inversion. Memory grows with 2^J: for J <= 15.
    Method: Lindeman, Merenda and Gold 1980; general dominance of Budescu 1993, Psychological Bulletin 114(3).
    """
    items = correlations.shape[-1] - 1
    left = correlations.reshape(-1, 1, items + 1, items + 1)
    for _ in range(items):
        left = _with_and_without_first(left)
    explained = 1 - left.reshape(-1, *[2] * items)
    gains = _order_weights(items)
    parts = [np.diff(explained, axis=1 + place).reshape(-1, len(gains)) @ gains for place in range(items)]
    return np.stack(parts, axis=-1).reshape(*correlations.shape[:-2], items)


def johnson(correlations: Floats) -> Floats:
    """Return the relative weight of each item: (..., J + 1, J + 1), the outcome last, gives (..., J).

    The items are replaced by the nearest uncorrelated ones, and what those explain is handed back; it sums to
    R² too. Method: Johnson 2000, Multivariate Behavioral Research 35(1).
    """
    between, with_outcome = correlations[..., :-1, :-1], correlations[..., :-1, -1:]
    values, vectors = np.linalg.eigh(between)
    roots = np.sqrt(np.maximum(values, 0.0))
    inverse = np.where(values > _NOTHING_LEFT, 1 / np.maximum(roots, math.sqrt(_NOTHING_LEFT)), 0.0)
    turned = vectors.swapaxes(-1, -2)
    nearest = (vectors * roots[..., None, :]) @ turned
    slopes = (vectors * inverse[..., None, :]) @ turned @ with_outcome
    return np.asarray((nearest**2 @ slopes**2)[..., 0])


def _with_and_without_first(left: Floats) -> Floats:
    """Return, for each matrix, the rest without its first variable, and the rest after that is held fixed."""
    pivot = left[..., :1, :1]
    held = left[..., 1:, :1] * left[..., :1, 1:] / np.where(pivot > _NOTHING_LEFT, pivot, np.inf)
    rest = left[..., 1:, 1:]
    both = np.stack([rest, rest - held], axis=2)
    return both.reshape(len(left), -1, *rest.shape[-2:])


def _order_weights(items: int) -> Floats:
    """Return the share of all orders in which exactly the members of a subset of the others come before."""
    sizes = [bin(subset).count("1") for subset in range(2 ** (items - 1))]
    orders = [
        math.factorial(size) * math.factorial(items - 1 - size) / math.factorial(items)
        for size in range(items)
    ]
    return np.asarray(orders)[sizes]
