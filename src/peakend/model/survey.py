"""A survey as `surveys/NAME.yaml` says it: what each item asks, on which scale, whose answers hang together.

The names of the fields are the keys of the file. An answer sheet is one event of the log, and the items are
its fields; questionnaires that changed over the years are mapped onto one survey by the sources.
"""

from __future__ import annotations

from peakend.model.parts import Dimension, Part, Span, Titles


class SurveyItem(Part, frozen=True, kw_only=True):
    """One rated statement, under the name of the event's field that holds its answers.

    `says` is what the customer rates, `expects` the same as an expectation, whose answers stand in the field
    `expected_in`; `adequate_in` is the field with the level that would just do. `scale` and `not_applicable`
    only where they differ from the survey's.
    """

    says: Titles
    title: Titles = {}
    touchpoint: str | None = None
    dimension: Dimension | None = None
    expects: Titles = {}
    expected_in: str | None = None
    adequate_in: str | None = None
    scale: tuple[float, float] | None = None
    not_applicable: list[float] | None = None


class PromiseAsked(Part, frozen=True, kw_only=True):
    """A standard that the survey asks about: `expected_hours` is the field with the time customers expect,
    `promised` what is promised in public where that is not the standard itself.
    """

    touchpoint: str
    standard: str
    expected_hours: str | None = None
    promised: Span | None = None


class Survey(Part, frozen=True, kw_only=True):
    """surveys/NAME.yaml

    `event` is the kind of an answer sheet, `where` tells this survey's sheets from others. `wave` is year,
    quarter, month or a field; `cluster` a field whose sheets are not independent (a flight, a branch; else
    the customer); `weight` a field with the weight of a sheet. `points` are the client's 100 points by
    dimension, `believed` what management thinks customers expect, on the survey's scale.
    """

    survey: str
    title: Titles
    event: str
    scale: tuple[float, float]
    items: dict[str, SurveyItem]
    where: str | None = None
    not_applicable: list[float] = []
    wave: str = "year"
    cluster: str | None = None
    weight: str | None = None
    points: dict[Dimension, float] = {}
    believed: dict[Dimension, float] = {}
    promises: list[PromiseAsked] = []
