"""What the answers to a survey question say: a score, a change between waves, and how far to trust it.

Every number carries its 95 % interval and its n. Where there are too few answers to stand behind a number the
counts are shown and `estimate` is None; nothing may fill the gap with a guess. Units: "points" is NPS x 100
(-100..100), "share" a part of one (0..1), "mean" the points of the scale itself.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

Scale = str
"""nps, csat, ces, or any other as LOW..HIGH, for example 1..10, whose score is the mean."""
RANGE: dict[Scale, tuple[float, float]] = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
"""The lowest and the highest answer of each scale with a name; whole numbers only."""
Unit = Literal["points", "share", "mean"]
Direction = Literal["up", "down", "open"]


def ends_of(scale: Scale) -> tuple[float, float] | None:
    """The lowest and the highest answer of a scale; None for a text that is no scale."""
    if scale in RANGE:
        return RANGE[scale]
    found = re.fullmatch(r"(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)", scale)
    ends = (float(found[1]), float(found[2])) if found else (0.0, 0.0)
    return ends if ends[0] < ends[1] else None


def in_unit(unit: Unit, number: float) -> str:
    """A number as it is read: NPS points with one decimal, a share in percent, a mean with two decimals."""
    if unit == "share":
        return f"{100 * number:.1f}"
    return f"{number:.1f}" if unit == "points" else f"{number:.2f}"


class Note(msgspec.Struct, frozen=True):
    """One sentence for the reader beside a number, whole in each language."""

    zh: str
    en: str


class Weighting(msgspec.Struct, frozen=True, kw_only=True):
    """What weighting did to the answers.

    `deff` is Kish's design effect and `effective_n` = n / deff; `largest` is the largest weight in medians,
    after `capped` answers were cut back to the cap. `by` names the cells or margins.
    """

    by: tuple[str, ...]
    deff: float
    effective_n: float
    largest: float
    capped: int = 0
    notes: tuple[Note, ...] = ()


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """A score of one question in one window; `low` and `high` bound 95 %.

    `n` counts answers, `customers` those who gave them (accounts, where accounts were asked for), `left_out`
    the blank and not-applicable ones, `counts` the answers of each group, unweighted. `effective_n` is the
    number of independent, equally weighted answers that the interval is worth. `estimate` is None where
    there are too few customers; `low` and `high` are None with it.
    `secondary` is the other usual reading: the mean beside CSAT, the share that agrees beside CES.
    """

    scale: Scale
    unit: Unit
    estimate: float | None
    low: float | None
    high: float | None
    n: int
    customers: int
    effective_n: float
    counts: dict[str, int]
    method: str
    left_out: int = 0
    weighting: Weighting | None = None
    secondary: Score | None = None
    notes: tuple[Note, ...] = ()


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What changed from one wave to the next: `estimate` = after - before, in `unit`; `low`, `high` bound 95
    %.

    `customers` counts those of either wave, `shared` those who answered in both. Only `direction` may colour
    an arrow: it is "open" unless the interval of the change itself leaves out zero.
    """

    scale: Scale
    unit: Unit
    estimate: float | None
    low: float | None
    high: float | None
    n: int
    customers: int
    shared: int
    before: Score
    after: Score
    method: str
    notes: tuple[Note, ...] = ()

    @property
    def direction(self) -> Direction:
        if self.low is not None and self.low > 0:
            return "up"
        return "down" if self.high is not None and self.high < 0 else "open"


class ResponseRate(msgspec.Struct, frozen=True):
    """How many of those asked in a segment answered; `share` with its 95 % interval."""

    segment: str
    asked: int
    answered: int
    share: float
    low: float
    high: float


class Responses(msgspec.Struct, frozen=True):
    """Response rates by segment and of all together."""

    overall: ResponseRate
    segments: tuple[ResponseRate, ...]
    notes: tuple[Note, ...] = ()


class IfSilent(msgspec.Struct, frozen=True):
    """The score of everybody if the silent customers are `lower` units lower than those who answered."""

    lower: float
    estimate: float
    low: float
    high: float
    note: Note


class Sensitivity(msgspec.Struct, frozen=True):
    """A score under assumptions about the silent ones, who gave no data; `response` is the share who
    answered.
    """

    unit: Unit
    response: float
    rows: tuple[IfSilent, ...]
    notes: tuple[Note, ...] = ()
