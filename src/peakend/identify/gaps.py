"""SERVQUAL and SERVPERF: what customers expect, what they get, and which dimension can be reported alone.

A missing answer is never a number: scores are made of the items that a customer answered, and gaps of the
items answered both times. A dimension that its items do not agree on is shown, and said not to stand alone.
Method: Parasuraman, Zeithaml and Berry 1988, Journal of Retailing 64(1); SERVPERF: Cronin and Taylor 1992,
Journal of Marketing 56(3).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from peakend.errors import EvidenceError, nearest
from peakend.identify.evidence import (
    Floats,
    Scale,
    Table,
    clustered_mean,
    coded,
    mean_of,
    ratings,
    same_length,
    share_of,
)
from peakend.identify.gap_remarks import about_dimension, about_survey
from peakend.identify.reliability import cronbach, difference_reliability, factor_count
from peakend.model.finding import Estimate
from peakend.model.gap import DimensionGap, GapResult, ItemGap, Reliability
from peakend.model.parts import Dimension

Weights = Mapping[Dimension, float]
Items = Mapping[str, Dimension]
Mean = Callable[[Floats, Scale], Estimate | None]
"""From one value a row, NaN where there is none, on a scale, to the mean with its interval."""


def gaps(
    perception: Table | npt.ArrayLike,
    expectation: Table | npt.ArrayLike | None = None,
    *,
    items: Items,
    scale: Scale,
    adequate: Table | npt.ArrayLike | None = None,
    weights: Weights | None = None,
    not_applicable: Collection[float] = (),
    customers: npt.ArrayLike | None = None,
) -> GapResult:
    """Return dimension gaps, item gaps and their reliability from one row of ratings a customer.

    `items` says to which dimension each item belongs. `perception` and `expectation` are customers x items in
    its order, or item id -> column; NaN, None and the codes in `not_applicable` are no answer. `adequate` is
    the level that would just do, where it was asked (Zeithaml, Berry and Parasuraman 1993, Journal of the
    Academy of Marketing Science 21(1)). `weights` are the client's 100 points by dimension, equal by default.
    A customer's score of a dimension needs half of its items. `customers` says which rows are not independent
    (a customer, a branch, a flight): intervals then count these; without it each row stands alone.
    Raises EvidenceError for unknown items, values off the scale, points that are not 100, fewer than two
    customers.
    """
    got = _matrix(perception, "perception", items, scale, not_applicable)
    wanted, least = (
        None if table is None else _matrix(table, name, items, scale, not_applicable)
        for table, name in ((expectation, "expectation"), (adequate, "adequate"))
    )
    same_length({"perception": got, "expectation": got if wanted is None else wanted})
    same_length({"perception": got, "adequate": got if least is None else least})
    _refuse_few(got)
    mean = _mean_by(customers, got)
    scored = [_score(name, places, got, wanted, least) for name, places in _by_dimension(items, got).items()]
    points = _points(weights, [one.dimension for one in scored])
    asked = [place for one in scored for place in one.places]
    factors = factor_count(got[:, asked])
    return GapResult(
        customers=int(np.isfinite(got).any(axis=1).sum()),
        dimensions=tuple(_dimension(one, points[one.dimension], list(items), scale, mean) for one in scored),
        items=tuple(_item(item, got[:, i], _column(wanted, i), scale, mean) for i, item in enumerate(items)),
        perception=_on(mean, scale, _weighted([one.perception for one in scored], scored, points)),
        expectation=_on(mean, scale, _weighted([one.expectation for one in scored], scored, points)),
        gap=_on(mean, _apart(scale), _weighted([one.gap for one in scored], scored, points)),
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
    items: Items,
    scale: Scale,
    not_applicable: Collection[float],
) -> Floats:
    """Return the answers as customers x items, NaN where there is none."""
    columns = _named(table, name, items) if isinstance(table, Mapping) else _placed(table, name, items)
    read = {key: ratings(column, f"{name} {key}", scale, not_applicable) for key, column in columns.items()}
    rows = same_length(read)
    return np.stack([read.get(item, np.full(rows, np.nan)) for item in items], axis=1)


def _named(table: Table, name: str, items: Items) -> dict[str, npt.ArrayLike]:
    known = list(items)
    for key in table:
        if key not in items:
            raise EvidenceError(
                f"{name} has a column '{key}', which is no item of this survey",
                fix=nearest(str(key), known) or f"The items are {', '.join(known)}",
                what_zh=f"{name} 里的“{key}”不是这份问卷的题项",
                fix_zh=f"题项有：{'、'.join(known)}",
            )
    if not table:
        raise EvidenceError(
            f"{name} has no columns",
            fix=f"Give one column an item: {', '.join(known)}",
            what_zh=f"{name} 没有任何一列",
            fix_zh=f"每个题项给一列：{'、'.join(known)}",
        )
    return dict(table)


def _placed(table: npt.ArrayLike, name: str, items: Items) -> dict[str, npt.ArrayLike]:
    array = np.asarray(table)
    if array.ndim != 2 or array.shape[1] != len(items):
        raise EvidenceError(
            f"{name} has the shape {array.shape}, not (customers, {len(items)})",
            fix="Give one row a customer and a column an item, or item id -> column where fewer were asked",
            what_zh=f"{name} 的形状是 {array.shape}，应为（客户数, {len(items)}）",
            fix_zh="每位客户一行，每个题项一列；没有全问的，请用“题项 -> 列”的形式",
        )
    return {item: array[:, place] for place, item in enumerate(items)}


def _refuse_few(got: Floats) -> None:
    respondents = int(np.isfinite(got).any(axis=1).sum())
    if respondents < 2:
        raise EvidenceError(
            f"{respondents} of {len(got):,} customers rated anything: there is no interval for one person",
            fix="Ask at least 30 customers; from two on the figures are shown, from 30 on they are judged",
            what_zh=f"{len(got):,} 位客户里只有 {respondents} 位打了分：一个人的回答给不出区间",
            fix_zh="请至少问 30 位客户；两位起列出数字，30 位起才下判断",
        )


def _by_dimension(items: Items, got: Floats) -> dict[Dimension, tuple[int, ...]]:
    """Return the columns of each dimension that somebody answered."""
    found: dict[Dimension, tuple[int, ...]] = {}
    for place, dimension in enumerate(items.values()):
        if np.isfinite(got[:, place]).any():
            found[dimension] = (*found.get(dimension, ()), place)
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
            what_zh=f"权重分给了{'、'.join(unknown)}，而这些维度没有问，或没有人回答",
            fix_zh=f"请把 100 分分给：{'、'.join(asked)}",
        )
    total = sum(weights.values())
    if abs(total - 100) > 0.01 or min(weights.values()) < 0:
        even = ", ".join(f"{name}: {100 / len(asked):g}" for name in asked)
        raise EvidenceError(
            f"the weights add up to {total:g}, not to 100 points of zero or more each",
            fix=f"Allocate 100 points, for example {even}",
            what_zh=f"各维度的权重合计 {total:g}，应为 100 分，且每项不小于零",
            fix_zh=f"请分配 100 分，例如 {even}",
        )
    return {dimension: float(weights.get(dimension, 0.0)) for dimension in asked}


def _mean_by(customers: npt.ArrayLike | None, got: Floats) -> Mean:
    """Return how means are taken: over rows, or over those whose rows are not independent."""
    if customers is None:
        return lambda values, _: mean_of(values)
    _, whose = coded(customers)
    same_length({"perception": got, "customers": whose})

    def clustered(values: Floats, scale: Scale) -> Estimate | None:
        known = np.isfinite(values)
        # As without clusters: where all are alike there is no interval to show.
        if not known.any() or float(np.ptp(values[known])) == 0.0:
            return None
        return clustered_mean(values[known], whose[known], scale)

    return clustered


def _on(mean: Mean, scale: Scale, values: Floats | None) -> Estimate | None:
    return None if values is None else mean(values, scale)


def _apart(scale: Scale) -> Scale:
    """Return the scale of a difference of two answers."""
    return scale[0] - scale[1], scale[1] - scale[0]


def _dimension(one: _Scored, weight: float, items: Sequence[str], scale: Scale, mean: Mean) -> DimensionGap:
    score = one.perception if one.gap is None else one.gap
    known = score[np.isfinite(score)]
    alike = any(_alike(values) for values in (one.perception, score))
    reliability = _reliability(one.got, one.wanted)
    remarks, alone = about_dimension(len(one.places), len(known), alike, reliability)
    return DimensionGap(
        dimension=one.dimension,
        items=tuple(items[place] for place in one.places),
        n=len(known),
        weight=weight,
        perception=mean(one.perception, scale),
        expectation=_on(mean, scale, one.expectation),
        gap=_on(mean, _apart(scale), one.gap),
        below=None if one.gap is None or len(known) < 2 else share_of(int((known < 0).sum()), len(known)),
        adequacy=_on(mean, _apart(scale), one.adequacy),
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


def _item(name: str, got: Floats, wanted: Floats | None, scale: Scale, mean: Mean) -> ItemGap:
    if wanted is None:
        return ItemGap(item=name, n=int(np.isfinite(got).sum()), perception=mean(got, scale))
    both = np.isfinite(got) & np.isfinite(wanted)
    return ItemGap(
        item=name,
        n=int(both.sum()),
        perception=mean(np.where(both, got, np.nan), scale),
        expectation=mean(np.where(both, wanted, np.nan), scale),
        gap=mean(got - wanted, _apart(scale)),
    )


def _column(table: Floats | None, place: int) -> Floats | None:
    return None if table is None else table[:, place]


def _weighted(
    scores: Sequence[Floats | None], scored: Sequence[_Scored], points: Mapping[Dimension, float]
) -> Floats | None:
    """Return a score of each customer who has one in every dimension that carries points."""
    parts = [
        points[one.dimension] / 100 * score
        for one, score in zip(scored, scores, strict=True)
        if score is not None and points[one.dimension]
    ]
    return np.asarray(np.sum(parts, axis=0)) if parts else None
