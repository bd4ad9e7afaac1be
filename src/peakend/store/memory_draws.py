"""Draws on budgets within a turn of the store in memory, where turns come one after the other anyway."""

from __future__ import annotations

from peakend.model.money import Draw
from peakend.store.memory_held import HeldTurn


class MemoryDraws(HeldTurn):
    """The part of a turn that draws on budgets: it works on a list of its own until the turn has ended."""

    def drawn(self, budget: str, period: str) -> int:
        self._check()
        return sum(one.amount for one in self._draws if (one.budget, one.period) == (budget, period))

    def draw(self, one: Draw) -> None:
        self._check()
        self._draws.append(one)

    def give_back(self, message: str) -> None:
        self._check()
        self._draws[:] = [one for one in self._draws if one.message != message]
