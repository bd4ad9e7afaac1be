"""What encounters do to the outcome: the truth that an analysis of the log should find again.

The state of an encounter is the one that was meant when it was drawn; the log only shows its times.
An encounter counts from its end.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from peakend.simulate.clocks import micros
from peakend.simulate.columns import NEVER, Floats, Ints
from peakend.simulate.world import Answer, State

STATES: tuple[State, ...] = ("magical", "neutral", "miserable")


@dataclass
class Met:
    """The encounters of one block at one touchpoint; `state` is a place in STATES, `ended` may be NEVER."""

    customer: Ints
    begun: Ints
    ended: Ints
    state: Ints


@dataclass
class Memory:
    """All encounters of a block, by touchpoint, and the level of each customer's own mood."""

    mood: Floats
    met: dict[str, list[Met]] = field(default_factory=dict)

    def add(self, touchpoint: str, met: Met) -> None:
        self.met.setdefault(touchpoint, []).append(met)

    def score(self, answer: Answer, rng: np.random.Generator, customer: Ints, at: Ints) -> Floats:
        """The answers that these customers give at these instants."""
        level = answer.base + answer.mood * self.mood[customer]
        for touchpoint, effect in answer.effects.items():
            window = micros(answer.window)
            miserable = self._count(touchpoint, "miserable", customer, at, window) > 0
            magical = self._count(touchpoint, "magical", customer, at, window) > 0
            level = level - effect.penalty * miserable + effect.reward * (magical & ~miserable)
        noisy = np.rint(level + rng.normal(0.0, answer.noise, len(customer)))
        return np.clip(noisy, answer.scale[0], answer.scale[-1])

    def _count(self, touchpoint: str, state: State, customer: Ints, at: Ints, window: int) -> Ints:
        """How many encounters in that state ended in [at - window, at)."""
        found = self.met.get(touchpoint, [])
        owners, ends = [], []
        for met in found:
            wanted = (met.state == STATES.index(state)) & (met.ended != NEVER)
            owners.append(met.customer[wanted])
            ends.append(met.ended[wanted])
        if not owners:
            return np.zeros(len(customer), np.int64)
        # A customer and an instant as one number, so that one search answers for all of them.
        marks = np.sort(np.concatenate(owners) * _STRIDE + np.concatenate(ends) // _MILLI)
        here, back = customer * _STRIDE + at // _MILLI, window // _MILLI
        return np.searchsorted(marks, here, side="left") - np.searchsorted(marks, here - back, side="left")


_MILLI = 1_000
_STRIDE = 1 << 43
"""More milliseconds than there are until the year 2200, and room for a million customers in 63 bits."""
