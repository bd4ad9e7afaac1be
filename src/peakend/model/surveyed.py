"""What a survey says: its score wave by wave, what the items asked in a wave have to do with it, and the
gaps.

Every number carries its interval and its n. What was not asked or cannot be told is None, never zero; the
remarks say why, and what would be needed.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from peakend.model.finding import Estimate, Remark
from peakend.model.gap import GapResult, ServiceGap
from peakend.model.importance import ImportanceResult
from peakend.model.scale import Change, Score


class ItemAsked(msgspec.Struct, frozen=True, kw_only=True):
    """One item in one wave: `n` sheets rated it, 0 where it was not asked; `mean.n` counts what is
    independent.

    `mean` is None where nobody, or only one, rated it.
    """

    item: str
    n: int
    mean: Estimate | None


class Wave(msgspec.Struct, frozen=True, kw_only=True):
    """One wave: `respondents` sheets from `clusters` independent ones (customers, or a survey's own
    clusters).

    `score` is None where the overall score was not asked; `weighted` is the same under the survey's weights;
    `change` is that to the wave before, whose own interval alone may colour an arrow.
    """

    wave: str
    respondents: int
    clusters: int
    score: Score | None
    weighted: Score | None = None
    change: Change | None = None
    weighted_change: Change | None = None
    items: tuple[ItemAsked, ...]


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """An item that was asked in the wave but is not compared, and why."""

    item: str
    n: int
    mean: Estimate | None
    remark: Remark


class Surveyed(msgspec.Struct, frozen=True, kw_only=True):
    """A whole survey. `wave` is the one whose items are explained, on which `importance`, `gaps` rest.

    `scale` is that of the overall score: nps, csat, ces or LOW..HIGH. `cluster` names what is independent
    where that is not the customer. `importance` is None where it cannot be told; a remark then says why.
    """

    survey: str
    outcome: str
    scale: str
    mode: Literal["survey"] = "survey"
    respondents: int
    customers: int
    clusters: int
    cluster: str = ""
    wave: str
    waves: tuple[Wave, ...]
    importance: ImportanceResult | None
    left_out: tuple[LeftOut, ...] = ()
    gaps: GapResult | None = None
    five_gaps: tuple[ServiceGap, ...] = ()
    badge: Remark
    remarks: tuple[Remark, ...] = ()

    @property
    def explained(self) -> Wave:
        """The wave whose items are explained."""
        return next(one for one in self.waves if one.wave == self.wave)
