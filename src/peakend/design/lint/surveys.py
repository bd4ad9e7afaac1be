"""surveys/*.yaml against pack.yaml: an answer that nobody declares would be missing from every figure unseen.

A code for "not applicable" that is also an answer would be left out of every mean, so it is an error here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from peakend.design.lint.finding import Known, found, stranger
from peakend.design.lint.head import check_field
from peakend.model.event import FieldType
from peakend.model.pack import Pack
from peakend.model.problem import Path, Problem
from peakend.model.survey import Survey, SurveyItem

WAVES = ("year", "quarter", "month")
_NUMBER: tuple[FieldType, ...] = ("number",)
_ANY: tuple[FieldType, ...] = ()


def check_surveys(pack: Pack, known: Known) -> Iterator[Problem]:
    """Everything that surveys/*.yaml say, but for their conditions and titles."""
    for name, survey in pack.surveys.items():
        path: Path = ("surveys", name)
        if survey.event in pack.head.events:
            yield from _fields(pack, known, survey, path)
        elif ("pack", "events", survey.event) not in pack.places:
            yield stranger(pack, "kind", survey.event, pack.head.events, *path, "event")
        if not survey.items and not any(p[:3] == (*path, "items") and len(p) > 3 for p in pack.places):
            yield found(pack, "survey_items", *path, "items")
        yield from _scale(pack, survey, path)
        for field, item in survey.items.items():
            yield from _item(pack, known, survey, item, (*path, "items", field))
        yield from _points(pack, survey, path)
        for index, promise in enumerate(survey.promises):
            inner: Path = (*path, "promises", index)
            if promise.touchpoint not in known.touchpoints:
                yield stranger(
                    pack, "touchpoint", promise.touchpoint, known.touchpoints, *inner, "touchpoint"
                )
            elif promise.standard not in known.standards[promise.touchpoint]:
                standards = known.standards[promise.touchpoint]
                yield stranger(pack, "standard", promise.standard, standards, *inner, "standard")


def _fields(pack: Pack, known: Known, survey: Survey, path: Path) -> Iterator[Problem]:
    """The fields of the answer sheet: each is declared, of a type that fits, and holds one question."""
    asked = Counter[str]()
    for field, wanted, inner in _uses(survey, path):
        yield from check_field(pack, known, survey.event, field, wanted, *inner)
        if inner[2] == "items":
            asked[field] += 1
            if asked[field] == 2:
                yield found(pack, "survey_twice", *inner, word=field)


def _uses(survey: Survey, path: Path) -> Iterator[tuple[str, tuple[FieldType, ...], Path]]:
    for field in survey.items:
        yield field, _NUMBER, (*path, "items", field)
    for field, item in survey.items.items():
        for key in ("expected_in", "adequate_in"):
            if name := getattr(item, key):
                yield name, _NUMBER, (*path, "items", field, key)
    if survey.wave not in WAVES:
        yield survey.wave, ("text", "number", "date"), (*path, "wave")
    if survey.cluster is not None:
        yield survey.cluster, _ANY, (*path, "cluster")
    if survey.weight is not None:
        yield survey.weight, _NUMBER, (*path, "weight")
    for index, promise in enumerate(survey.promises):
        if promise.expected_hours is not None:
            yield promise.expected_hours, _NUMBER, (*path, "promises", index, "expected_hours")


def _scale(pack: Pack, part: Survey | SurveyItem, path: Path) -> Iterator[Problem]:
    if part.scale is not None and part.scale[0] >= part.scale[1]:
        yield found(pack, "survey_scale", *path, "scale", low=part.scale[0], high=part.scale[1])


def _item(pack: Pack, known: Known, survey: Survey, item: SurveyItem, path: Path) -> Iterator[Problem]:
    yield from _scale(pack, item, path)
    low, high = item.scale or survey.scale
    own = item.not_applicable is not None
    codes = survey.not_applicable if item.not_applicable is None else item.not_applicable
    for code in codes:
        # What the survey says of all items is told once, unless the item's own scale makes it wrong.
        if low <= code <= high and (own or item.scale is not None):
            yield found(
                pack,
                "survey_code",
                *path,
                "not_applicable" if own else "scale",
                word=code,
                low=low,
                high=high,
            )
    if item.touchpoint is not None and item.touchpoint not in known.touchpoints:
        yield stranger(pack, "touchpoint", item.touchpoint, known.touchpoints, *path, "touchpoint")
    if item.expected_in is not None and not item.expects and (*path, "expects") not in pack.places:
        yield found(pack, "survey_expects", *path, "expected_in", word=path[-1])


def _points(pack: Pack, survey: Survey, path: Path) -> Iterator[Problem]:
    low, high = survey.scale
    for code in survey.not_applicable:
        if low <= code <= high:
            yield found(pack, "survey_code", *path, "not_applicable", word=code, low=low, high=high)
    total = sum(survey.points.values())
    if survey.points and (abs(total - 100) > 0.01 or min(survey.points.values()) < 0):
        yield found(pack, "survey_points", *path, "points", word=f"{total:g}")
    for dimension, value in survey.believed.items():
        if not low <= value <= high:
            yield found(pack, "survey_believed", *path, "believed", dimension, word=value, low=low, high=high)
