"""Budgets live: the store's turn answers what is left, and every answer becomes an input of its customer.

It decides only whether an amount still fits. What it answers stands in the log, where the past finds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Final

import msgspec

from peakend.fold import Program
from peakend.model.money import PARTS, Answer, Draw, exact
from peakend.model.stored import Recorded
from peakend.store.base import Turn

SOURCE: Final = "peakend"
"""The source of inputs that the loop records itself."""


ANSWERED: Final = "budget.answered"
_decode = msgspec.json.Decoder(Answer).decode


class LiveBudgets:
    """What the customers of one turn ask of the budgets."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._answers: list[tuple[str, int, Answer]] = []

    def of(self, program: Program, customer: str) -> LiveBudgets:
        """The same, asked from now on for one customer, by the limits of a program."""
        self._program, self._customer = program, customer
        return self

    def affords(self, budget: str, instant: int, amount: float, name: str) -> bool:
        period, at_most = self._program.period(budget, instant), self._program.budgets[budget]
        drawn = self._turn.drawn(budget, period)
        enough = drawn + exact(amount) <= exact(at_most)
        answer = Answer(name, budget, period, amount, at_most, drawn / PARTS, enough)
        self._answers.append((self._customer, instant, answer))
        return enough

    def draw(self, budget: str, instant: int, amount: float, message: str) -> None:
        period = self._program.period(budget, instant)
        self._turn.draw(Draw(budget, period, self._customer, message, exact(amount), instant))

    def give_back(self, message: str) -> None:
        self._turn.give_back(message)

    def recorded(self, seen: int, seq: int) -> Iterator[Recorded]:
        """The answers as inputs, the first of them with `seq`."""
        for place, (customer, instant, answer) in enumerate(self._answers, seq):
            id_ = sha256(f"{answer.message}\0{instant}".encode()).hexdigest()
            data = msgspec.json.encode(answer, order="sorted").decode()
            yield Recorded(customer, ANSWERED, instant, seen, place, data, SOURCE, id_, "")


def answers_in(recorded: Iterable[Recorded]) -> dict[tuple[str, int], Answer]:
    """What budgets have answered, out of inputs that a loop has recorded: (step's message, instant)."""
    answers = ((one.at, _decode(one.data)) for one in recorded if one.kind == ANSWERED)
    return {(answer.message, at): answer for at, answer in answers}
