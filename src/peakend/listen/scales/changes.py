"""The change of a score between two waves, with the interval of the change itself.

Two intervals that overlap say nothing about the difference; only the interval of the difference does.
Customers who answered in both waves are counted as the same people. More than two waves looked at one after
the other need an interval that stays valid under peeking; this one is for two waves chosen beforehand.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from peakend.errors import PeakendError
from peakend.listen.scales import words
from peakend.listen.scales.answers import Answers
from peakend.listen.scales.intervals import (
    Span,
    newcombe,
    newcombe_correlated,
    nps_change_interval,
    t_quantile,
)
from peakend.listen.scales.linear import Mean, covariance, mean_by_customer, paired_variance
from peakend.listen.scales.scores import FEWEST, groups, nps_counts, score, share_counts
from peakend.model.scale import Change, Note


def change(before: Answers, after: Answers, *, panel: bool = False) -> Change:
    """The change from `before` to `after`, in the unit of the score; the arrow's colour is its `direction`.

    Different customers: difference of the two adjusted-Wald estimates (NPS), Newcombe (CSAT), Welch's t
    (CES). The same customers in both: t on their differences, by customer. Some in both: as for different
    customers, less the covariance of those who are in both. With `panel` only customers of both waves count.
    Where the interval has no width (nobody changed) or a wave has fewer than ten customers, no number is
    given.

    Raises PeakendError for waves on two scales, and for a panel that nobody is in.
    """
    if before.scale != after.scale:
        raise PeakendError(
            f"a change from {before.scale} to {after.scale} has no meaning",
            fix="Compare two waves of the same question on the same scale; answers are never rescaled.",
        )
    if panel:
        before, after = _in_both(before, after)
    pair = _pair(before, after)
    found = _interval(pair) if min(pair.one.customers, pair.other.customers) >= FEWEST else None
    first, second = score(before), score(after)
    difference = (pair.other.value - pair.one.value) * (100 if first.unit == "points" else 1)
    return Change(
        scale=before.scale,
        unit=first.unit,
        estimate=difference if found else None,
        low=min(found.span.low, difference) if found else None,
        high=max(found.span.high, difference) if found else None,
        n=first.n + second.n,
        customers=pair.one.customers + pair.other.customers - pair.shared,
        shared=pair.shared,
        before=first,
        after=second,
        method=found.method if found else "counts",
        notes=_notes(pair, found, panel=panel),
    )


class _Pair(NamedTuple):
    """Two waves with their means, the customers they share, and the covariance that this brings."""

    before: Answers
    after: Answers
    one: Mean
    other: Mean
    shared: int
    covariance: float

    @property
    def same_customers(self) -> bool:
        return self.shared == self.one.customers == self.other.customers


class _Found(NamedTuple):
    method: str
    span: Span


def _pair(before: Answers, after: Answers) -> _Pair:
    one, other = mean_by_customer(before, groups(before)), mean_by_customer(after, groups(after))
    together, shared = covariance(one, other) if before.identified and after.identified else (0.0, 0)
    return _Pair(before, after, one, other, shared, together)


def _in_both(before: Answers, after: Answers) -> tuple[Answers, Answers]:
    both = np.intersect1d(before.customers, after.customers)
    if not (before.identified and after.identified and len(both)):
        raise PeakendError(
            "no customer is known to have answered in both waves",
            fix="Pass customers= to read_answers for both waves with the same ids, or compare without panel.",
        )
    return before.only(np.isin(before.customers, both)), after.only(np.isin(after.customers, both))


def _interval(pair: _Pair) -> _Found | None:
    if pair.same_customers:
        return _paired(pair)
    if pair.before.scale == "nps":
        return _nps(pair)
    return _csat(pair) if pair.before.scale == "csat" else _welch(pair)


def _paired(pair: _Pair) -> _Found | None:
    variance = paired_variance(pair.one, pair.other)
    if variance <= 0:
        return None
    scale = 100 if pair.before.scale == "nps" else 1
    half = t_quantile(pair.one.customers - 1) * float(np.sqrt(variance))
    difference = pair.other.value - pair.one.value
    return _Found("paired-t", Span(scale * (difference - half), scale * (difference + half)))


def _nps(pair: _Pair) -> _Found:
    together = pair.covariance
    low, high = nps_change_interval(
        nps_counts(pair.before, pair.one),
        nps_counts(pair.after, pair.other),
        covariance=together,
        least_variance=max(pair.one.variance + pair.other.variance - 2 * together, 0.0)
        if pair.shared
        else 0.0,
    )
    return _Found("adjusted-wald", Span(float(low), float(high)))


def _csat(pair: _Pair) -> _Found:
    after, before = share_counts(pair.other), share_counts(pair.one)
    if not pair.shared:
        return _Found("newcombe", newcombe(*after, *before))
    spread = float(np.sqrt(pair.one.variance * pair.other.variance))
    correlation = min(max(pair.covariance / spread, -1.0), 1.0) if spread > 0 else 0.0
    return _Found("newcombe", newcombe_correlated(*after, *before, correlation))


def _welch(pair: _Pair) -> _Found | None:
    one, other = pair.one.variance, pair.other.variance
    variance = one + other - 2 * pair.covariance
    if variance <= 0:
        return None
    freedom = (one + other) ** 2 / (one**2 / (pair.one.customers - 1) + other**2 / (pair.other.customers - 1))
    half = t_quantile(freedom) * float(np.sqrt(variance))
    difference = pair.other.value - pair.one.value
    return _Found("welch-t", Span(difference - half, difference + half))


def _notes(pair: _Pair, found: _Found | None, *, panel: bool) -> tuple[Note, ...]:
    notes = []
    fewest = min(pair.one.customers, pair.other.customers)
    grouped = pair.before.accounts and pair.after.accounts
    if fewest < FEWEST:
        notes.append((words.wave_of_few_groups if grouped else words.wave_too_small)(fewest))
    elif found is None:
        notes.append(words.nobody_moved(pair.one.customers))
    if panel:
        notes.append(words.panel_only(pair.shared))
    elif not (pair.before.identified and pair.after.identified):
        notes.append(words.overlap_unknown())
    elif pair.shared and not pair.same_customers:
        notes.append((words.groups_in_both if grouped else words.some_in_both)(pair.shared))
    return tuple(notes)
