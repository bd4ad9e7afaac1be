"""What a SERVQUAL survey says: items and dimensions with expectation, perception and gap, and the five gaps.

Nothing here computes. A field is None where the data cannot carry the number; the remarks say why.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from peakend.model.finding import Estimate, Remark
from peakend.model.parts import Dimension


class Reliability(msgspec.Struct, frozen=True):
    """How well the items of one score agree.

    `alpha` is Cronbach's with Feldt's interval, for perception; `expectation` the same for expectation;
    `difference` is the reliability of perception minus expectation, mostly lower than both.
    """

    alpha: Estimate | None
    expectation: Estimate | None = None
    difference: float | None = None


class ItemGap(msgspec.Struct, frozen=True, kw_only=True):
    """One item over the customers who answered it; with an expectation, those who gave both answers."""

    item: str
    n: int
    perception: Estimate | None
    expectation: Estimate | None = None
    gap: Estimate | None = None


class DimensionGap(msgspec.Struct, frozen=True, kw_only=True):
    """One dimension: `below` is the share of customers with a gap under zero, `weight` its points of 100.

    Where an adequate level was asked, `adequacy` is perception less that level, and `inside` the share of
    customers whose perception lies in their zone of tolerance, from adequate to expected.
    `alone` says whether the dimension may be reported by itself; where not, `remarks` say why.
    """

    dimension: Dimension
    items: tuple[str, ...]
    n: int
    weight: float
    perception: Estimate | None
    expectation: Estimate | None = None
    gap: Estimate | None = None
    below: Estimate | None = None
    adequacy: Estimate | None = None
    inside: Estimate | None = None
    reliability: Reliability
    alone: bool
    remarks: tuple[Remark, ...] = ()


class GapResult(msgspec.Struct, frozen=True, kw_only=True):
    """A whole survey: `perception` (SERVPERF), `expectation` and `gap` (SERVQUAL) weighted by dimension.

    `factors` is how many factors the perceptions show by parallel analysis, None below enough full answers.
    """

    customers: int
    dimensions: tuple[DimensionGap, ...]
    items: tuple[ItemGap, ...]
    perception: Estimate | None
    expectation: Estimate | None = None
    gap: Estimate | None = None
    reliability: Reliability
    factors: int | None = None
    remarks: tuple[Remark, ...] = ()


GapNumber = Literal[1, 2, 3, 4, 5]
GapUnit = Literal["rating points", "hours", "share"]


class ServiceGap(msgspec.Struct, frozen=True, kw_only=True):
    """One of the five gaps, about a dimension or the whole service.

    Either `measured` (with interval and n), or `written` (the difference of two written figures, without
    chance and so without interval), or neither, and then `remark` says what would be needed.
    """

    number: GapNumber
    name: Remark
    about: str
    unit: GapUnit
    measured: Estimate | None = None
    written: float | None = None
    remark: Remark | None = None
