"""Money that customers share: exact amounts, what was drawn of a budget, and what was answered about it.

Amounts are reckoned in whole ten-thousandths, finer than any currency's smallest coin: sums of floats would
differ by their order, and then two stores, or live and the past, could answer differently at the edge.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

import msgspec

PARTS = 10_000
MOST = 2**63 - 1
"""The greatest amount in ten-thousandths: what a database can hold."""


def exact(amount: float) -> int:
    """An amount in whole ten-thousandths, at most MOST.

    >>> exact(0.1) + exact(0.2) == exact(0.3)
    True
    """
    if amount * PARTS >= MOST:
        return MOST
    return int((Decimal(repr(amount)) * PARTS).to_integral_value(ROUND_HALF_EVEN))


class Draw(NamedTuple):
    """What one step took: `message` is the one it left in, `period` the day, month or year of the budget.

    `amount` is in whole ten-thousandths.
    """

    budget: str
    period: str
    customer: str
    message: str
    amount: int
    instant: int


class Answer(msgspec.Struct, frozen=True, gc=False):
    """One question to a budget and its answer, as the log keeps it (`budget.answered`).

    `message` names the step that asked, `drawn` is what others had drawn in the period by then.
    """

    message: str
    budget: str
    period: str
    amount: float
    at_most: float
    drawn: float
    enough: bool
