"""The channel question over all rows of one measure, straight from its definition: slow, and another way."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats

Span = tuple[float, float, float]
Z = float(stats.norm.ppf(0.975))


class Told(NamedTuple):
    """Hits, known, customers; share and difference with their ends; p after Holm, for a standard kept."""

    counts: tuple[int, int, int]
    share: Span | None
    difference: Span | None = None
    p: float | None = None
    verdict: str | None = None


def by_arrays(
    channel: npt.NDArray[np.str_], who: npt.NDArray[np.int64], value: npt.ArrayLike
) -> dict[str, Told]:
    """What is told of each channel, in the order in which it is told."""
    hit = np.asarray(value, dtype=float)
    known = ~np.isnan(hit)
    names = sorted(set(channel), key=lambda name: (not name, name))
    told = {}
    for name in names:
        inside, outside = known & (channel == name), known & (channel != name) & (channel != "")
        told[name] = _channel(name, hit, who, inside, outside)
    return _judged(told, sum(bool(name) for name in names))


def _channel(
    name: str,
    hit: npt.NDArray[np.float64],
    who: npt.NDArray[np.int64],
    inside: npt.NDArray[np.bool_],
    outside: npt.NDArray[np.bool_],
) -> Told:
    customers, others = len(set(who[inside])), len(set(who[outside]))
    counts = (int(hit[inside].sum()), int(inside.sum()), customers)
    share, n = _share(hit[inside], who[inside])
    if share is None or not name:
        return Told(counts, share)
    other, m = _share(hit[outside], who[outside])
    if other is None or min(customers, others) < 30:
        return Told(counts, share)
    gap = share[0] - other[0]
    low = gap - np.sqrt((share[0] - share[1]) ** 2 + (other[2] - other[0]) ** 2)
    high = gap + np.sqrt((share[2] - share[0]) ** 2 + (other[0] - other[1]) ** 2)
    p = max(_score(hit, who, inside, outside), _fisher(share[0], n, other[0], m))
    return Told(counts, share, (gap, float(low), float(high)), p)


def _share(hit: npt.NDArray[np.float64], who: npt.NDArray[np.int64]) -> tuple[Span | None, float]:
    customers, n = len(set(who)), len(hit)
    if n < 30 or customers < 2:
        return None, 0.0
    share = float(hit.sum()) / n
    off = defaultdict(float)
    for one, customer in zip(hit, who, strict=True):
        off[customer] += one - share
    spread = sum(one**2 for one in off.values()) * customers / (customers - 1)
    effective = float(customers)
    if 0 < share < 1:
        effective = n * min(1.0, n * share * (1 - share) / spread) if spread > 1e-9 else float(n)
    effective *= (Z / stats.t.ppf(0.975, customers - 1)) ** 2
    middle = (share + Z**2 / (2 * effective)) / (1 + Z**2 / effective)
    reach = Z * np.sqrt(share * (1 - share) / effective + Z**2 / (4 * effective**2)) / (1 + Z**2 / effective)
    return (share, float(middle - reach), float(middle + reach)), effective


def _score(
    hit: npt.NDArray[np.float64],
    who: npt.NDArray[np.int64],
    inside: npt.NDArray[np.bool_],
    outside: npt.NDArray[np.bool_],
) -> float:
    n, m = inside.sum(), outside.sum()
    pooled = hit[inside | outside].mean()
    parts = defaultdict(float)
    for row in np.flatnonzero(inside | outside):
        parts[who[row]] += (hit[row] - pooled) / (n if inside[row] else -m)
    variance = max(sum(one**2 for one in parts.values()), pooled * (1 - pooled) * (1 / n + 1 / m))
    if variance == 0:
        return 1.0
    customers = min(len(set(who[inside])), len(set(who[outside])))
    return min(1.0, 2 * float(stats.t.sf(abs(sum(parts.values())) / np.sqrt(variance), customers - 1)))


def _fisher(share: float, n: float, other: float, m: float) -> float:
    a, b = round(share * n), round(other * m)
    table = [[a, round(n) - a], [b, round(m) - b]]
    tails = (stats.fisher_exact(table, alternative=one).pvalue for one in ("less", "greater"))
    return min(1.0, 2 * min(tails))


def _judged(told: dict[str, Told], channels: int) -> dict[str, Told]:
    raw = [one.p for one in told.values() if one.p is not None]
    raw = raw[:1] if channels == 2 else raw
    ranked, least, corrected = sorted(raw), 0.0, {}
    for place, p in enumerate(ranked):
        least = max(least, min(1.0, p * (len(ranked) - place)))
        corrected.setdefault(p, least)
    judged = {}
    for name, one in told.items():
        if one.p is None or one.difference is None:
            judged[name] = one
            continue
        p = corrected[min(corrected, key=lambda known: abs(known - one.p))]
        _, low, high = one.difference
        certain = p <= 0.05 and not low <= 0 <= high
        judged[name] = one._replace(p=p, verdict=("better" if low > 0 else "worse") if certain else "open")
    return judged
