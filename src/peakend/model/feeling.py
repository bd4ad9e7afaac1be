"""What customers felt along a journey, and what of it they remember: emotion curve and peak-end profile.

A touchpoint whose feeling is unknown has none here, never a zero.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from peakend.model.finding import Estimate, Remark

Feature = Literal["mean", "max", "min", "last", "first", "count"]
FEATURES: tuple[Feature, ...] = ("mean", "max", "min", "last", "first", "count")


class FeatureWeight(msgspec.Struct, frozen=True):
    """Points of the outcome for a unit of a feature, the others held; None where it cannot be told apart."""

    feature: Feature
    weight: Estimate | None


class PeakEndProfile(msgspec.Struct, frozen=True, kw_only=True):
    """What of an episode its outcome goes with.

    `index` is (max + min + last) / sum of all absolute weights, in -1..1. `average` and `peak_end` are the
    adjusted R² of two rival models (mean alone; max, min and last), `lead` is the second less the first.
    """

    episodes: int
    customers: int
    groups: int
    left_out: int
    weights: tuple[FeatureWeight, ...]
    index: Estimate | None
    average: float
    peak_end: float
    lead: Estimate
    remarks: tuple[Remark, ...] = ()


class CurvePoint(msgspec.Struct, frozen=True, kw_only=True):
    """One touchpoint of the curve: `hours` is the median time since the start of the episode.

    `encounters` of all `met` and `customers` are those with a known feeling; `reach` is the share of all
    customers who met the touchpoint; `grey` marks fewer than 30 customers, drawn but never compared.
    """

    touchpoint: str
    hours: float
    reach: float
    met: int
    encounters: int
    customers: int
    emotion: Estimate | None
    grey: bool


class Extreme(msgspec.Struct, frozen=True):
    """The touchpoint with the highest or lowest feeling, and those whose interval overlaps with its own."""

    touchpoint: str
    ties: tuple[str, ...]


class EmotionCurve(msgspec.Struct, frozen=True, kw_only=True):
    """The touchpoints of a journey in the order in which they are met.

    `end` is where most episodes end, `end_share` the share of the episodes that do.
    """

    episodes: int
    customers: int
    points: tuple[CurvePoint, ...]
    peak: Extreme | None
    trough: Extreme | None
    end: str
    end_share: float
    remarks: tuple[Remark, ...] = ()
