"""How much each item of one survey has to do with the overall score of the same survey.

Importance here is a share of explained variance, never an effect: the badge says so with every result.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from peakend.model.finding import Estimate, Remark


class ItemImportance(msgspec.Struct, frozen=True, kw_only=True):
    """One item: `answered` of all respondents rated it, `mean` is over those whose answers count.

    `weight` is its part of R², `share` the part of the explained part (None where nothing is explained).
    `rank` is the interval of its rank, 1 being the most important; `ties` are the items that the data cannot
    put above or below it; `side` tells whether its share is surely above (1) or below (-1) the mean share.
    All three allow for as many comparisons as there are other items; the intervals hold 95 % each.
    """

    item: str
    answered: int
    mean: Estimate | None
    weight: Estimate
    share: Estimate | None
    rank: tuple[int, int]
    ties: tuple[str, ...]
    side: Literal[-1, 0, 1]


class ImportanceResult(msgspec.Struct, frozen=True, kw_only=True):
    """The items, heaviest first; `rows` are respondents who rated everything, `groups` the jackknife's."""

    method: Literal["lmg", "johnson"]
    respondents: int
    rows: int
    customers: int
    groups: int
    r2: Estimate
    items: tuple[ItemImportance, ...]
    badge: Remark
    remarks: tuple[Remark, ...] = ()
