"""SERVQUAL and SERVPERF: what customers expect, what they get, and which dimension can be reported alone.

A missing answer is never a number: scores are made of the items that a customer answered, and gaps of the
items answered both times. A dimension that its items do not agree on is shown, and said not to stand alone.
Method: Parasuraman, Zeithaml and Berry 1988, Journal of Retailing 64(1); SERVPERF: Cronin and Taylor 1992,
Journal of Marketing 56(3).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from peakend.errors import EvidenceError, nearest
from peakend.identify.evidence import Floats, Scale, Table, mean_of, ratings, same_length, share_of
from peakend.identify.gap_remarks import about_dimension, about_survey
from peakend.identify.reliability import cronbach, difference_reliability, factor_count
from peakend.identify.servqual import ITEMS, SCALE
from peakend.model.finding import Estimate
from peakend.model.gap import DimensionGap, GapResult, ItemGap, Reliability, SurveyItem
from peakend.model.parts import Dimension

Weights = Mapping[Dimension, float]


def gaps(
    perception: Table | npt.ArrayLike,
    expectation: Table | npt.ArrayLike | None = None,
    *,
    adequate: Table | npt.ArrayLike | None = None,
    weights: Weights | None = None,
    items: Sequence[SurveyItem] = ITEMS,
    scale: Scale = SCALE,
    not_applicable: Collection[float] = (),
    customers: Sequence[object] | None = None,
) -> GapResult:
    """Return dimension gaps, item gaps and their reliability from one row of ratings a customer.

    `perception` and `expectation` are customers x items in the order of `items`, or item id -> column; NaN,
    None and the codes in `not_applicable` are no answer. `adequate` is the level that would just do, where it
    was asked (Zeithaml, Berry and Parasuraman 1993, Journal of the Academy of Marketing Science 21(1)).
    `weights` are the client's 100 points by dimension, equal by default. A customer's score of a dimension
    needs half of its items. `customers` are ids, to find those who answered twice.
    Raises EvidenceError for unknown items, values off the scale, two rows of one customer, points that are
    not 100, fewer than two customers.
    """
    got = _matrix(perception, "perception", items, scale, not_applicable)
    wanted, least = (
        None if table is None else _matrix(table, name, items, scale, not_applicable)
        for table, name in ((expectation, "expectation"), (adequate, "adequate"))
    )
    same_length({"perception": got, "expectation": got if wanted is None else wanted})
    same_length({"perception": got, "adequate": got if least is None else least})
    _refuse_repeats(customers, got)
    _refuse_few(got)
    scored = [_score(name, places, got, wanted, least) for name, places in _by_dimension(items, got).items()]
    points = _points(weights, [one.dimension for one in scored])
    asked = [place for one in scored for place in one.places]
    factors = factor_count(got[:, asked])
    return GapResult(
        customers=int(np.isfinite(got).any(axis=1).sum()),
        dimensions=tuple(_dimension(one, points[one.dimension], items) for one in scored),
        items=tuple(_item(item.id, got[:, i], _column(wanted, i)) for i, item in enumerate(items)),
        perception=_weighted([one.perception for one in scored], scored, points),
        expectation=_weighted([one.expectation for one in scored], scored, points),
        gap=_weighted([one.gap for one in scored], scored, points),
        reliability=_reliability(got[:, asked], None if wanted is None else wanted[:, asked]),
        factors=factors,
        remarks=about_survey(items, got, [one.dimension for one in scored], factors),
    )


class _Scored(NamedTuple):
    """A dimension: the columns asked, their answers, and one score a customer (NaN where too few)."""

    dimension: Dimension
    places: tuple[int, ...]
    got: Floats
    wanted: Floats | None
    perception: Floats
    expectation: Floats | None
    gap: Floats | None
    adequacy: Floats | None


def _matrix(
    table: Table | npt.ArrayLike,
    name: str,
    items: Sequence[SurveyItem],
    scale: Scale,
    not_applicable: Collection[float],
) -> Floats:
    """Return the answers as customers x items, NaN where there is none."""
    columns = _named(table, name, items) if isinstance(table, Mapping) else _placed(table, name, items)
    read = {key: ratings(column, f"{name} {key}", scale, not_applicable) for key, column in columns.items()}
    rows = same_length(read)
    return np.stack([read.get(item.id, np.full(rows, np.nan)) for item in items], axis=1)


def _named(table: Table, name: str, items: Sequence[SurveyItem]) -> dict[str, npt.ArrayLike]:
    known = [item.id for item in items]
    for key in table:
        if key not in known:
            raise EvidenceError(
                f"{name} has a column '{key}', which is no item of this survey",
                fix=nearest(str(key), known) or f"The items are {', '.join(known)}",
            )
    if not table:
        raise EvidenceError(f"{name} has no columns", fix=f"Give one column an item: {', '.join(known)}")
    return dict(table)


def _placed(table: npt.ArrayLike, name: str, items: Sequence[SurveyItem]) -> dict[str, npt.ArrayLike]:
    array = np.asarray(table)
    if array.ndim != 2 or array.shape[1] != len(items):
        raise EvidenceError(
            f"{name} has the shape {array.shape}, not (customers, {len(items)})",
            fix="Give one row a customer and a column an item, or item id -> column where fewer were asked",
        )
    return {item.id: array[:, place] for place, item in enumerate(items)}


def _refuse_repeats(customers: Sequence[object] | None, got: Floats) -> None:
    if customers is None:
        return
    same_length({"perception": got, "customers": np.asarray(customers, dtype=object)})
    repeated = len(customers) - len(set(customers))
    if repeated:
        raise EvidenceError(
            f"{repeated:,} of {len(customers):,} rows are further answers of the same customers",
            fix="Keep one row a customer, for example the last: two answers of one person are not two people",
        )


def _refuse_few(got: Floats) -> None:
    respondents = int(np.isfinite(got).any(axis=1).sum())
    if respondents < 2:
        raise EvidenceError(
            f"{respondents} of {len(got):,} customers rated anything: there is no interval for one person",
            fix="Ask at least 30 customers; from two on the figures are shown, from 30 on they are judged",
        )


def _by_dimension(items: Sequence[SurveyItem], got: Floats) -> dict[Dimension, tuple[int, ...]]:
    """Return the columns of each dimension that somebody answered."""
    found: dict[Dimension, tuple[int, ...]] = {}
    for place, item in enumerate(items):
        if np.isfinite(got[:, place]).any():
            found[item.dimension] = (*found.get(item.dimension, ()), place)
    return found


def _score(
    dimension: Dimension, places: tuple[int, ...], got: Floats, wanted: Floats | None, least: Floats | None
) -> _Scored:
    p = got[:, places]
    adequacy = None if least is None else _half_or_more(p - least[:, places])
    if wanted is None:
        return _Scored(dimension, places, p, None, _half_or_more(p), None, None, adequacy)
    e = wanted[:, places]
    both = np.isfinite(p) & np.isfinite(e)
    mine, theirs = _half_or_more(np.where(both, p, np.nan)), _half_or_more(np.where(both, e, np.nan))
    # The gap is the mean of whole differences: a difference of means would make tiny gaps out of equal ones.
    gap = _half_or_more(p - e)
    return _Scored(dimension, places, p, e, mine, theirs, gap, adequacy)


def _half_or_more(answers: Floats) -> Floats:
    """Return the mean of each row's answers, NaN where fewer than half of the items were answered."""
    known = np.isfinite(answers)
    count = known.sum(axis=1)
    total = np.where(known, answers, 0.0).sum(axis=1)
    return np.asarray(np.where(2 * count >= answers.shape[1], total / np.maximum(count, 1), np.nan))


def _points(weights: Weights | None, asked: Sequence[Dimension]) -> dict[Dimension, float]:
    if weights is None:
        return {dimension: 100 / len(asked) for dimension in asked}
    unknown = [name for name in weights if name not in asked and weights[name]]
    if unknown:
        raise EvidenceError(
            f"weights give points to {', '.join(unknown)}, which nobody was asked about or answered",
            fix=f"Allocate the 100 points over {', '.join(asked)}",
        )
    total = sum(weights.values())
    if abs(total - 100) > 0.01 or min(weights.values()) < 0:
        even = ", ".join(f"{name}: {100 / len(asked):g}" for name in asked)
        raise EvidenceError(
            f"the weights add up to {total:g}, not to 100 points of zero or more each",
            fix=f"Allocate 100 points, for example {even}",
        )
    return {dimension: float(weights.get(dimension, 0.0)) for dimension in asked}


def _dimension(one: _Scored, weight: float, items: Sequence[SurveyItem]) -> DimensionGap:
    score = one.perception if one.gap is None else one.gap
    known = score[np.isfinite(score)]
    alike = any(_alike(values) for values in (one.perception, score))
    reliability = _reliability(one.got, one.wanted)
    remarks, alone = about_dimension(one.dimension, len(one.places), len(known), alike, reliability)
    return DimensionGap(
        dimension=one.dimension,
        items=tuple(items[place].id for place in one.places),
        n=len(known),
        weight=weight,
        perception=mean_of(one.perception),
        expectation=None if one.expectation is None else mean_of(one.expectation),
        gap=None if one.gap is None else mean_of(one.gap),
        below=None if one.gap is None or len(known) < 2 else share_of(int((known < 0).sum()), len(known)),
        adequacy=None if one.adequacy is None else mean_of(one.adequacy),
        inside=_inside(one),
        reliability=reliability,
        alone=alone,
        remarks=remarks,
    )


def _inside(one: _Scored) -> Estimate | None:
    """Return the share of customers whose perception is adequate and not above what they expect."""
    if one.adequacy is None or one.gap is None:
        return None
    both = np.isfinite(one.adequacy) & np.isfinite(one.gap)
    hits = int(((one.adequacy >= 0) & (one.gap <= 0) & both).sum())
    return share_of(hits, int(both.sum())) if both.sum() > 1 else None


def _alike(scores: Floats) -> bool:
    known = scores[np.isfinite(scores)]
    return len(known) > 0 and float(np.ptp(known)) == 0.0


def _reliability(got: Floats, wanted: Floats | None) -> Reliability:
    if wanted is None:
        return Reliability(cronbach(got))
    return Reliability(cronbach(got), cronbach(wanted), difference_reliability(got, wanted))


def _item(name: str, got: Floats, wanted: Floats | None) -> ItemGap:
    if wanted is None:
        return ItemGap(item=name, n=int(np.isfinite(got).sum()), perception=mean_of(got))
    both = np.isfinite(got) & np.isfinite(wanted)
    return ItemGap(
        item=name,
        n=int(both.sum()),
        perception=mean_of(got[both]),
        expectation=mean_of(wanted[both]),
        gap=mean_of(got[both] - wanted[both]),
    )


def _column(table: Floats | None, place: int) -> Floats | None:
    return None if table is None else table[:, place]


def _weighted(
    scores: Sequence[Floats | None], scored: Sequence[_Scored], points: Mapping[Dimension, float]
) -> Estimate | None:
    """Return the mean over the customers who have a score in every dimension that carries points."""
    parts = [
        points[one.dimension] / 100 * score
        for one, score in zip(scored, scores, strict=True)
        if score is not None and points[one.dimension]
    ]
    return mean_of(np.sum(parts, axis=0)) if parts else None
