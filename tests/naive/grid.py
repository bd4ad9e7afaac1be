"""Choices from one seeded source, and the coarse grid of time on which a random case lies.

Deadlines, window edges, quiet hours and ties are met to the microsecond only because everything lies on the
grid: nothing here may ever draw a free instant.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

from naive import alphabet as words
from peakend.when import DAY, HOUR, zone

T = TypeVar("T")


class Grid:
    """One seeded source of choices, and the instants that it may choose from."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.zone = self.pick(words.ZONES)
        self.step = self.pick((HOUR, HOUR, 2 * HOUR, 6 * HOUR, DAY, DAY, 30 * DAY))
        self.start = zone(self.zone).at_wall(self.pick(words.DAYS), 60 * self.pick((0, 2, 9, 12)))
        self.max_age = self.step * self.pick((1, 3, 5, 100))
        self.storm = self.one_in(3)  # many runs and many sends, so that caps and gathering have work
        self.ahead = self.one_in(4)  # clocks of sources run ahead: events are learnt before they happen

    def pick(self, choices: Sequence[T]) -> T:
        return self.random.choice(choices)

    def one_in(self, n: float) -> bool:
        return self.random.random() * n < 1

    def span(self, *counts: int) -> str:
        """An elapsed duration of a few steps of the grid."""
        return f"PT{self.pick(counts or (1, 1, 2, 3, 5, 8)) * self.step // HOUR}H"

    def calendar_span(self, *counts: int) -> str:
        """A duration of some steps, elapsed or on the calendar."""
        count = self.pick(counts or (0, 1, 1, 2, 3, 5))
        if self.step % DAY == 0 and not self.one_in(3):
            days = count * self.step // DAY
            return f"P{count}M" if days >= 30 and self.one_in(2) else f"P{days}D"
        return f"P{self.pick((0, 1, 2))}D" if self.one_in(3) else f"PT{count * self.step // HOUR}H"

    def instant(self, places: Sequence[int]) -> int:
        return self.start + self.pick(places) * self.step

    def day(self, places: Sequence[int]) -> str:
        return zone(self.zone).local(self.instant(places)).date().isoformat()

    def kinds(self, most: int = 1) -> list[str]:
        return self.random.sample(words.KINDS, self.random.randint(1, most))
