"""From sheets to what a survey says: clean columns, waves, the items that are compared, gaps, remarks.

What one part cannot tell is said in a remark and stops no other part; only where nothing at all can be said
is the question refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from peakend.errors import EvidenceError
from peakend.identify.five_gaps import Promise, five_gaps
from peakend.identify.gaps import gaps
from peakend.identify.importance import importance
from peakend.identify.importance_words import BADGE
from peakend.listen.scales import bounds_of
from peakend.model.finding import Remark
from peakend.model.gap import GapResult, ServiceGap
from peakend.model.importance import ImportanceResult
from peakend.model.survey import Survey
from peakend.model.surveyed import LeftOut, Surveyed, Wave
from peakend.moments.surveys import words
from peakend.moments.surveys.choice import choose
from peakend.moments.surveys.sheets import Floats, Sheets
from peakend.moments.surveys.waves import asked, off, span, told, usable
from peakend.tell.said import Said


class Overall(NamedTuple):
    """The overall score: its name, the field that holds it, its scale (nps, csat, ces or LOW..HIGH)."""

    name: str
    field: str
    scale: str


class Wanted(NamedTuple):
    """What is asked for: the wave to explain ('' for the last with scores), the items to compare (none: as
    many as leave half of the respondents complete), what is known of written promises, and what the field
    of the clusters is called (None: its id).
    """

    wave: str = ""
    items: Sequence[str] = ()
    promises: Sequence[Promise] = ()
    cluster: Said | None = None


def summed(survey: Survey, overall: Overall, sheets: Sheets, wanted: Wanted = Wanted()) -> Surveyed:  # noqa: B008
    """What the sheets of a survey say.

    Raises PeakendError for what is off a scale, EvidenceError for a wave or item that does not exist, for an
    overall score among the items, and where there is neither an overall score nor two rated dimensions.
    """
    _refuse_strangers(survey, sheets, wanted)
    if overall.field in survey.items:
        raise words.explains_itself(overall.name, overall.field)
    scores = usable(sheets, overall.field, overall.scale, off(overall.scale, survey.not_applicable))
    items = {name: _item(survey, sheets, name, name) for name in survey.items}
    waves, remarks = told(sheets, survey, overall.scale, scores, items)
    name = wanted.wave or _last(waves)
    here = sheets.of_wave(name)
    found, left, why = _importance(survey, overall, sheets, scores, items, wanted._replace(wave=name))
    gap = _gaps(survey, sheets, items, here)
    if found is None and gap is None and all(wave.score is None for wave in waves):
        raise words.nothing_to_say(survey, overall.name, overall.field, len(sheets.wave))
    return Surveyed(
        survey=survey.survey,
        outcome=overall.name,
        scale=overall.scale,
        respondents=len(sheets.wave),
        customers=sheets.customers,
        clusters=len(sheets.clusters),
        cluster=survey.cluster or "",
        wave=name,
        waves=waves,
        importance=found,
        left_out=left,
        gaps=gap,
        five_gaps=_five(survey, gap, wanted.promises, here),
        badge=BADGE,
        remarks=(*why, *_about(survey, sheets, waves, name, gap, wanted.cluster), *remarks),
    )


def _refuse_strangers(survey: Survey, sheets: Sheets, wanted: Wanted) -> None:
    if wanted.wave and wanted.wave not in sheets.waves:
        raise words.no_wave(wanted.wave, sheets.waves)
    for name in wanted.items:
        if name not in survey.items:
            raise words.stranger("item", "题项", name, survey.items)


def _item(survey: Survey, sheets: Sheets, name: str, field: str | None) -> Floats:
    """A column of an item (its experience, expectation or adequate level) without codes and blanks."""
    item = survey.items[name]
    codes = survey.not_applicable if item.not_applicable is None else item.not_applicable
    return usable(sheets, field or "", span(item.scale or survey.scale), codes)


def _last(waves: Sequence[Wave]) -> str:
    """The last wave in which the overall score was asked, else the last."""
    return next((wave.wave for wave in reversed(waves) if wave.score), waves[-1].wave)


def _importance(
    survey: Survey,
    overall: Overall,
    sheets: Sheets,
    scores: Floats,
    items: Mapping[str, Floats],
    wanted: Wanted,
) -> tuple[ImportanceResult | None, tuple[LeftOut, ...], list[Remark]]:
    here = sheets.of_wave(wanted.wave)
    own = {name: column[here] for name, column in items.items()}
    chosen = choose(own, scores[here], wanted.items)
    cluster = sheets.cluster[here]
    scales = {name: survey.items[name].scale or survey.scale for name in items}
    left = tuple(
        LeftOut(item=name, n=one.n, mean=one.mean, remark=why)
        for name, why in chosen.left.items()
        for one in [asked(name, own[name], cluster, scales[name])]
    )
    if not np.isfinite(scores[here]).any():
        return None, left, [words.not_rated(overall.name)]
    try:
        found = importance(
            {name: own[name] for name in chosen.items},
            scores[here],
            scale=scales,
            outcome_scale=bounds_of(overall.scale),
            customers=sheets.clusters[cluster],
        )
    except EvidenceError as error:
        return None, left, [words.cannot_explain(error, wanted.wave, len(sheets.waves))]
    return found, left, []


def _gaps(
    survey: Survey,
    sheets: Sheets,
    items: Mapping[str, Floats],
    here: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> GapResult | None:
    """Dimensions of the items on the survey's own scale, in the wave; None where fewer than two rated any."""
    dimensions = {
        name: item.dimension
        for name, item in survey.items.items()
        if item.dimension and item.scale in (None, survey.scale) and np.isfinite(items[name][here]).any()
    }
    got = {name: items[name][here] for name in dimensions}
    rated = sum(np.isfinite(column) for column in got.values())
    if not got or np.count_nonzero(rated) < 2:
        return None
    wanted, least = (
        {
            name: column[here]
            for name, field in fields.items()
            if np.isfinite(column := _item(survey, sheets, name, field))[here].any()
        }
        for fields in (
            {name: survey.items[name].expected_in for name in dimensions if survey.items[name].expected_in},
            {name: survey.items[name].adequate_in for name in dimensions if survey.items[name].adequate_in},
        )
    )
    return gaps(
        got,
        wanted or None,
        items=dimensions,
        scale=survey.scale,
        adequate=least or None,
        weights=survey.points or None,
        customers=sheets.clusters[sheets.cluster[here]],
    )


def _five(
    survey: Survey,
    gap: GapResult | None,
    promises: Sequence[Promise],
    here: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> tuple[ServiceGap, ...]:
    if not survey.believed and not survey.promises:
        return ()
    of_wave = [
        one
        if one.expected_hours is None
        else one._replace(expected_hours=np.asarray(one.expected_hours)[here])
        for one in promises
    ]
    return five_gaps(gap, survey.believed, of_wave)


def _about(
    survey: Survey,
    sheets: Sheets,
    waves: Sequence[Wave],
    name: str,
    gap: GapResult | None,
    cluster: Said | None,
) -> list[Remark]:
    """What must be said of the sheets as a whole."""
    remarks = []
    if sheets.unnamed:
        remarks.append(words.without_wave(sheets.unnamed, survey.wave))
    if survey.cluster:
        shown = next(wave for wave in waves if wave.wave == name)
        remarks.append(words.clustered(shown, cluster or Said(survey.cluster, survey.cluster)))
    if sum(wave.change is not None for wave in waves) > 1:
        remarks.append(words.many_changes(sum(wave.change is not None for wave in waves)))
    own = [
        name
        for name, item in survey.items.items()
        if item.dimension and item.scale not in (None, survey.scale)
    ]
    if gap is not None and own:
        remarks.append(words.own_scale(own))
    return remarks
