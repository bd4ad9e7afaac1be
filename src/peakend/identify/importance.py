"""Which items of a survey go with its overall score, from one row of ratings a respondent.

Only respondents who rated every item count (listwise): shares of one explained variance must come from the
same people, and a matrix of pairwise correlations need not belong to any. What that costs is said, item by
item. A code for "not applicable" is never a rating. Shares are associations within one survey, never effects.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats

from peakend.identify.evidence import (
    Floats,
    Ints,
    Scale,
    Table,
    clustered_mean,
    coded,
    grams,
    group_count,
    groups_of,
    jackknife_errors,
    one_sided,
    ratings,
    same_length,
    with_each_left_out,
)
from peakend.identify.importance_words import (
    BADGE,
    all_alike,
    costly,
    explains_nothing,
    half_scale,
    nobody_answered,
    refuse_all_alike,
    refuse_alone,
    refuse_constant,
    refuse_few,
)
from peakend.identify.shares import johnson, lmg
from peakend.identify.tails import t_quantile
from peakend.model.finding import Estimate, Remark
from peakend.model.importance import ImportanceResult, ItemImportance

MOST_EXACT = 15
"""Items up to which LMG is computed exactly, over all subsets; Johnson's relative weights above."""
_LEVEL = 0.05


def importance(
    items: Table,
    outcome: npt.ArrayLike,
    *,
    scale: Scale | Mapping[str, Scale],
    outcome_scale: Scale | None = None,
    not_applicable: Collection[float] = (),
    customers: npt.ArrayLike | None = None,
) -> ImportanceResult:
    """Return the importance of each item for the overall score, with intervals, rank intervals and ties.

    `items` is item -> column of ratings on `scale` (or item -> its scale), `outcome` the overall score of the
    same rows on `outcome_scale` (default: that of the first item); NaN, None and the codes in
    `not_applicable` are no rating. `customers` says which rows are not independent: a customer, branch or
    flight a row; without it each row stands alone.
    Intervals: delete-a-group jackknife over customers. Ranks: two items differ where the interval of their
    difference leaves out zero at 5 % over all comparisons of an item (Mogstad, Romano, Shaikh and Wilhelm
    2024, Review of Economic Studies 91(1)); else they tie.
    Raises EvidenceError for values off the scale, a constant outcome, too few complete rows or customers, a
    single item.
    """
    scales = scale if isinstance(scale, Mapping) else dict.fromkeys(items, scale)
    overall = outcome_scale or next(iter(scales.values()), (-np.inf, np.inf))
    survey, remarks = _usable(_read(items, outcome, scales, overall, not_applicable, customers))
    full = survey.complete()
    people = len(np.unique(full.customer))
    refuse_few(survey.names, np.isfinite(survey.answers), np.isfinite(survey.outcome), people)
    refuse_constant(full.outcome)
    full, alike = _varying(full)
    refuse_alone(full.names)
    remarks += alike + _doubts(survey, len(full.outcome), scales)
    groups = group_count(people)
    method, weights = _weights(full, groups)
    r2 = weights.sum(axis=1)
    if _may_be_chance(float(r2[0]), people, len(full.names)):
        remarks.append(explains_nothing(float(r2[0]), people))
    found = _Found(weights, r2, groups, people, any(one.code == "explains_nothing" for one in remarks))
    return ImportanceResult(
        method=method,
        respondents=len(survey.outcome),
        rows=len(full.outcome),
        customers=people,
        groups=groups,
        r2=found.estimate(r2),
        items=_items(survey, full.names, found, scales),
        badge=BADGE,
        remarks=tuple(remarks),
    )


class _Survey(NamedTuple):
    """Answers (respondents x items) and overall scores, NaN where there is none, and whose they are."""

    names: tuple[str, ...]
    answers: Floats
    outcome: Floats
    customer: Ints
    ids: tuple[str, ...]

    def complete(self) -> _Survey:
        """Return the rows without a gap."""
        rows = np.isfinite(self.answers).all(axis=1) & np.isfinite(self.outcome)
        return self._replace(
            answers=self.answers[rows], outcome=self.outcome[rows], customer=self.customer[rows]
        )

    def only(self, keep: npt.NDArray[np.bool_]) -> _Survey:
        """Return some of the items."""
        names = tuple(name for name, kept in zip(self.names, keep, strict=True) if kept)
        return self._replace(names=names, answers=self.answers[:, keep])


class _Found(NamedTuple):
    """Weights (groups + 1, items) and their sums, of all rows first, then with each group left out."""

    weights: Floats
    r2: Floats
    groups: int
    people: int
    chance: bool

    def estimate(self, values: Floats) -> Estimate:
        """Return the first value with the interval of the others, inside 0 and 1."""
        value = float(values[0])
        reach = t_quantile(0.975, self.groups - 1) * float(jackknife_errors(values))
        return Estimate(value, max(value - reach, 0.0), min(value + reach, 1.0), self.people)


def _read(
    items: Table,
    outcome: npt.ArrayLike,
    scales: Mapping[str, Scale],
    outcome_scale: Scale,
    not_applicable: Collection[float],
    customers: npt.ArrayLike | None,
) -> _Survey:
    columns = {name: ratings(column, name, scales[name], not_applicable) for name, column in items.items()}
    overall = ratings(outcome, "the overall score", outcome_scale, not_applicable)
    whose = np.arange(len(overall)) if customers is None else np.asarray(customers)
    same_length({**columns, "the overall score": overall, "customers": whose})
    ids, customer = coded(whose)
    answers = np.stack(list(columns.values()), axis=1) if columns else np.empty((len(overall), 0))
    return _Survey(tuple(columns), answers, overall, customer, tuple(ids))


def _usable(survey: _Survey) -> tuple[_Survey, list[Remark]]:
    """Return the survey without the items that nobody rated: they would leave no complete row."""
    keep = np.asarray(np.isfinite(survey.answers).any(axis=0))
    missing = [name for name, kept in zip(survey.names, keep, strict=True) if not kept]
    return survey.only(keep), [nobody_answered(missing)] if missing else []


def _varying(full: _Survey) -> tuple[_Survey, list[Remark]]:
    keep = np.ptp(full.answers, axis=0) > 0
    alike = [name for name, kept in zip(full.names, keep, strict=True) if not kept]
    refuse_all_alike(keep, len(full.outcome))
    return full.only(keep), [all_alike(alike, len(full.outcome))] if alike else []


def _doubts(survey: _Survey, rows: int, scales: Mapping[str, Scale]) -> list[Remark]:
    """Return what makes the complete rows less than they seem: lost rows, columns on half of the scale."""
    known, rated = np.isfinite(survey.answers), np.isfinite(survey.outcome)
    doubts = [
        half_scale(name, scales[name])
        for place, name in enumerate(survey.names)
        if one_sided(survey.answers[:, place], scales[name])
    ]
    if 2 * rows < int(rated.sum()):
        without = [
            int((np.delete(known, i, axis=1).all(axis=1) & rated).sum()) for i in range(known.shape[1])
        ]
        worst = int(np.argmax(without))
        doubts.append(costly(rows, int(rated.sum()), survey.names[worst], without[worst]))
    return doubts


def _weights(full: _Survey, groups: int) -> tuple[Literal["lmg", "johnson"], Floats]:
    rows = np.column_stack([full.answers, full.outcome])
    rows = np.column_stack([np.ones(len(rows)), rows - rows.mean(axis=0)])
    group = groups_of(full.ids, groups)[full.customer]
    correlations = _correlations(with_each_left_out(grams(rows, group, groups)))
    if len(full.names) <= MOST_EXACT:
        return "lmg", lmg(correlations)
    return "johnson", johnson(correlations)


def _correlations(whole: Floats) -> Floats:
    """Return correlations from Gram matrices of (1, items, outcome); 0 for what stays the same."""
    count, sums = whole[:, :1, :1], whole[:, 1:, :1]
    scatter = whole[:, 1:, 1:] - sums * sums.swapaxes(1, 2) / count
    spread = np.einsum("bii->bi", scatter)
    steady = spread <= 1e-9 * spread[:1]
    root = np.where(steady, np.inf, np.sqrt(np.maximum(spread, 0.0)))
    found = scatter / root[:, :, None] / root[:, None, :]
    place = np.arange(found.shape[1])
    found[:, place, place] = 1.0
    return np.asarray(found)


def _may_be_chance(r2: float, people: int, items: int) -> bool:
    """Return whether items without any relation would explain as much in 5 of 100 such surveys (F test)."""
    freedom = people - items - 1
    if r2 >= 1:
        return False
    return float(stats.f.sf(r2 / items / ((1 - r2) / freedom), items, freedom)) > _LEVEL


def _items(
    survey: _Survey, names: tuple[str, ...], found: _Found, scales: Mapping[str, Scale]
) -> tuple[ItemImportance, ...]:
    above, sides = _surely_above(found), _sides(found)
    told = []
    for place in np.argsort(-found.weights[0], kind="stable"):
        answers = survey.answers[:, survey.names.index(names[place])]
        rated = np.isfinite(answers)
        level = ~above[place] & ~above[:, place]
        told.append(
            ItemImportance(
                item=names[place],
                answered=int(rated.sum()),
                mean=clustered_mean(answers[rated], survey.customer[rated], scales[names[place]]),
                weight=found.estimate(found.weights[:, place]),
                share=None if found.chance else found.estimate(found.weights[:, place] / found.r2),
                rank=(1 + int(above[:, place].sum()), len(names) - int(above[place].sum())),
                ties=tuple(name for i, name in enumerate(names) if level[i] and i != place),
                side=sides[place],
            )
        )
    return tuple(told)


def _surely_above(found: _Found) -> npt.NDArray[np.bool_]:
    """Return whether item i (row) surely weighs more than item j (column)."""
    items = found.weights.shape[1]
    if found.chance:
        return np.zeros((items, items), dtype=bool)
    apart = found.weights[:, :, None] - found.weights[:, None, :]
    return np.asarray(apart[0] > _reach(apart, found))


def _sides(found: _Found) -> list[Literal[-1, 0, 1]]:
    """Return whether each share is surely above (1) or below (-1) the mean share, as surely as a rank is."""
    items = found.weights.shape[1]
    if found.chance:
        return [0] * items
    apart = found.weights / found.r2[:, None] - 1 / items
    reach = _reach(apart, found)
    return [1 if one > far else -1 if one < -far else 0 for one, far in zip(apart[0], reach, strict=True)]


def _reach(apart: Floats, found: _Found) -> Floats:
    """Return how far differences must be from zero at 5 % over all comparisons of an item."""
    sure = t_quantile(1 - _LEVEL / 2 / max(found.weights.shape[1] - 1, 1), found.groups - 1)
    # Two items that are copies differ by rounding alone.
    return np.asarray(np.maximum(sure * jackknife_errors(apart), 1e-9))
