"""What customers share: the money of the pack's budgets, counted anew from all draws at every question.

Every amount is the fraction that its decimals say: a sum of floats would not be the money that was given.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from peakend.model.pack import Pack
from peakend.when import zone


@dataclass
class Draw:
    """Money that one send took from a budget."""

    budget: str
    instant: int
    amount: float
    message: str
    returned: bool = False


@dataclass
class Purse:
    """All draws of all customers so far."""

    pack: Pack
    draws: list[Draw] = field(default_factory=list)

    def left(self, budget: str, t: int) -> Fraction:
        """What is left of a budget in the day, month or year of t in the pack's zone."""
        period = self._period(budget, t)
        drawn = sum(
            Fraction(str(draw.amount))
            for draw in self.draws
            if draw.budget == budget and not draw.returned and self._period(budget, draw.instant) == period
        )
        return Fraction(str(self.pack.head.policy.budgets[budget].at_most)) - drawn

    def give_back(self, message: str) -> None:
        """A message failed: all that was drawn for it is free again."""
        for draw in self.draws:
            if draw.message == message:
                draw.returned = True

    def _period(self, budget: str, t: int) -> tuple[int, ...]:
        day = zone(self.pack.head.zone).local(t)
        whole = (day.year, day.month, day.day)
        return whole[: ("year", "month", "day").index(self.pack.head.policy.budgets[budget].per) + 1]
