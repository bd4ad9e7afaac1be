"""The overall score and the items wave by wave: scores, changes, weighted scores, means.

What is off its scale, or on another scale in one wave, is refused before the first sum.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from peakend.identify.evidence import Scale, clustered_mean
from peakend.listen.scales import Answers, bounds_of, change, read_answers, score, weigh
from peakend.model.finding import Remark
from peakend.model.scale import Change
from peakend.model.survey import Survey
from peakend.model.surveyed import ItemAsked, Wave
from peakend.moments.surveys.sheets import Floats, Sheets


def span(scale: Scale) -> str:
    """A scale as it is written: 1..5."""
    return f"{scale[0]:g}..{scale[1]:g}"


def usable(sheets: Sheets, field: str, scale: str, codes: Collection[float]) -> Floats:
    """A column with NaN for blanks and codes; PeakendError for what is off the scale in any wave."""
    column = sheets.of(field)
    known = ~(np.isnan(column) | np.isin(column, list(codes)))
    if not known.any():
        return np.full(len(column), np.nan)
    waves = np.array(sheets.waves, dtype=np.str_)[sheets.wave]
    read_answers(scale, column, parts=waves, not_applicable=codes, column=field)
    return np.where(known, column, np.nan)


def off(scale: str, codes: Collection[float]) -> list[float]:
    """The codes that are no answer of a scale: 6 is one of 0..10 and none of 1..5."""
    low, high = bounds_of(scale)
    return [code for code in codes if not low <= code <= high]


def told(
    sheets: Sheets, survey: Survey, scale: str, overall: Floats, items: dict[str, Floats]
) -> tuple[tuple[Wave, ...], list[Remark]]:
    """Every wave in its order in time, and what must be said about weights."""
    waves: list[Wave] = []
    before: Answers | None = None
    before_weighed: Answers | None = None
    unweighed = 0
    for name in sheets.waves:
        here = sheets.of_wave(name)
        answers = _answers(sheets, survey, scale, overall, here)
        weighed, without = _weighed(sheets, survey, answers, here) if answers else (None, 0)
        unweighed += without
        waves.append(
            Wave(
                wave=name,
                respondents=int(here.sum()),
                clusters=len(np.unique(sheets.cluster[here])),
                score=score(answers) if answers else None,
                weighted=score(weighed) if weighed else None,
                change=_change(before, answers),
                weighted_change=_change(before_weighed, weighed),
                items=tuple(
                    asked(item, column[here], sheets.cluster[here], survey.items[item].scale or survey.scale)
                    for item, column in items.items()
                ),
            )
        )
        # Each change is to the last wave with a score: no other wave may lie between the weighted ones.
        before, before_weighed = (answers, weighed) if answers else (before, before_weighed)
    return tuple(waves), [_unweighed(unweighed)] if unweighed else []


def asked(name: str, column: Floats, cluster: NDArray[np.int64], scale: Scale) -> ItemAsked:
    """An item in one wave: how many rated it, and the mean with its interval between clusters."""
    known = np.isfinite(column)
    if not known.any():
        return ItemAsked(item=name, n=0, mean=None)
    _, whose = np.unique(cluster[known], return_inverse=True)
    return ItemAsked(item=name, n=int(known.sum()), mean=clustered_mean(column[known], whose, scale))


def _answers(
    sheets: Sheets, survey: Survey, scale: str, overall: Floats, here: NDArray[np.bool_]
) -> Answers | None:
    values = overall[here]
    if not np.isfinite(values).any():
        return None
    found = read_answers(scale, values, customers=sheets.clusters[sheets.cluster[here]], column="score")
    return replace(found, accounts=survey.cluster is not None)


def _change(before: Answers | None, after: Answers | None) -> Change | None:
    return change(before, after) if before and after else None


def _weighed(
    sheets: Sheets, survey: Survey, answers: Answers, here: NDArray[np.bool_]
) -> tuple[Answers | None, int]:
    """The answers under the survey's weights, and how many of them have none."""
    if survey.weight is None:
        return None, 0
    weights = sheets.of(survey.weight)[here][answers.rows]
    known = np.isfinite(weights) & (weights > 0)
    if not known.any():
        return None, 0
    return weigh(answers.only(known), weights[known]), int(np.count_nonzero(~known))


def _unweighed(number: int) -> Remark:
    return Remark(
        "no_weight",
        f"{number:,} 份答卷没有权重（或权重不是正数），不计入加权后的得分。",
        f"Sheets without a weight, or with one that is not above zero, left out of the weighted score: "
        f"{number:,}.",
    )
