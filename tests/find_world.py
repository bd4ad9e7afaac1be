"""A service of which the truth is known: what each touchpoint does to satisfaction was put in by hand.

Twelve touchpoints: three do nothing, one has the worst ratings and does nothing either, one is met by few and
matters most. Segments meet other touchpoints, fare otherwise and start from another level; moods make some
customers harsh everywhere. The truth is what the outcome would have been in worlds that differ in one state
only. Design of the study: Peakend methods 4.4.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


class Touch(NamedTuple):
    """One touchpoint: chance to be met, to be miserable, to be magical; what that does; what meeting does."""

    name: str
    met: float
    miserable: float
    magical: float
    penalty: float
    reward: float
    meeting: float


TOUCHES = (
    Touch("onboarding", 0.55, 0.10, 0.15, 0.9, 0.9, 0.2),
    Touch("fault", 0.12, 0.35, 0.20, 3.0, 1.2, -0.6),
    Touch("bill", 0.85, 0.06, 0.05, 1.8, 0.0, 0.0),
    Touch("renewal", 0.30, 0.15, 0.10, 1.6, 0.5, 0.1),
    Touch("review", 0.10, 0.05, 0.35, 0.2, 2.0, 0.3),
    Touch("portal", 0.80, 0.30, 0.10, 0.0, 0.0, 0.0),
    Touch("hotline", 0.40, 0.25, 0.05, 0.8, 0.0, -0.3),
    Touch("surprise", 0.15, 0.02, 0.50, 0.0, 1.3, 0.2),
    Touch("newsletter", 0.60, 0.12, 0.10, 0.0, 0.0, 0.0),
    Touch("branch", 0.35, 0.08, 0.20, 0.6, 0.6, 0.1),
    Touch("login", 0.90, 0.10, 0.15, 0.0, 0.0, 0.0),
    Touch("farewell", 0.25, 0.10, 0.25, 1.0, 1.4, 0.1),
)
NAMES = tuple(touch.name for touch in TOUCHES)
MET, MISERABLE, MAGICAL, PENALTY, REWARD, MEETING = (
    np.array([touch[i] for touch in TOUCHES], dtype=float) for i in range(1, 7)
)
_SEGMENTS = np.array([0.4, 0.3, 0.2, 0.1])
_LEVEL = np.array([0.0, -0.5, 0.4, 0.8])
_MEETS = np.array([1.0, 0.7, 1.2, 1.5])
_SUFFERS = np.array([1.0, 1.6, 0.8, 0.6])
_ENJOYS = np.array([1.0, 0.7, 1.2, 1.3])


class World(NamedTuple):
    """Answers and what came before: `state` is NaN where not met, else -1, 0, 1; (answers, touchpoints).

    `rating` are the stars of an encounter, NaN where nobody gave any.
    """

    customer: NDArray[np.int64]
    segment: NDArray[np.int64]
    outcome: Numbers
    state: Numbers
    known: NDArray[np.bool_]
    rating: Numbers

    def episodes(self) -> pa.Table:
        """One row an answer."""
        return pa.table(
            {
                "episode": np.arange(len(self.customer)),
                "customer": [f"c-{one}" for one in self.customer],
                "segment": [f"segment {one}" for one in self.segment],
                "outcome": self.outcome,
            }
        )

    def encounters(self) -> pa.Table:
        """One row an encounter before an answer; its state is null where nobody knows it."""
        row, column = np.nonzero(~np.isnan(self.state))
        state = pa.array(self.state[row, column], pa.float64(), mask=~self.known[row, column])
        return pa.table(
            {
                "episode": row,
                "touchpoint": np.array(NAMES)[column],
                "state": state.cast(pa.int8(), safe=False),
            }
        )


class Scenario(NamedTuple):
    """How a world differs: the weight of best, worst and last, moods, whole answers from 0 to 10."""

    peak_end: float = 0.0
    mood: float = 0.0
    whole: bool = False


PLAIN = Scenario()


def world(
    customers: int, seed: int, scenario: Scenario = PLAIN, force: tuple[int, int] | None = None
) -> World:
    """Draw a world; `force` (touchpoint, state) makes everybody who meets the touchpoint fare like that."""
    draw = np.random.default_rng(seed)
    answers = draw.integers(1, 5, customers)
    of = np.repeat(np.arange(customers), answers)
    segment = draw.choice(4, customers, p=_SEGMENTS)[of]
    mood = scenario.mood * draw.normal(size=customers)[of]
    shape = (len(of), len(TOUCHES))
    met = draw.random(shape) < np.clip(MET * _MEETS[segment][:, None], 0, 0.97)
    miserable = np.clip(MISERABLE * (_SUFFERS[segment] * np.exp(-0.25 * mood))[:, None], 0, 0.8)
    magical = MAGICAL * _ENJOYS[segment][:, None]
    fate = draw.random(shape)
    state = np.where(fate < miserable, -1.0, np.where(fate > 1 - magical, 1.0, 0.0))
    noise, known = draw.normal(0, 1.5, len(of)), draw.random(shape) >= 0.25
    if force:
        state[:, force[0]] = force[1]
    felt = np.where(met, np.where(state > 0, REWARD, np.where(state < 0, -PENALTY, 0.0)), 0.0)
    outcome = 6.2 + _LEVEL[segment] + (felt + met * MEETING).sum(1) + 0.9 * mood + noise
    outcome += scenario.peak_end * (felt.max(1) + felt.min(1) + felt[:, -1])
    if scenario.whole:
        outcome = np.clip(np.round(outcome), 0, 10)
    stars = np.clip(np.round(3.6 + 1.35 * state + 0.55 * mood[:, None] + draw.normal(0, 0.55, shape)), 1, 5)
    return World(
        of, segment, outcome, np.where(met, state, np.nan), known, np.where(met & known, stars, np.nan)
    )


def truth(scenario: Scenario, customers: int = 60_000, seed: int = 777) -> tuple[Numbers, Numbers]:
    """What miserable costs and magical adds against neutral, among those who met it; (touchpoints,) each."""
    penalty, reward = np.zeros(len(TOUCHES)), np.zeros(len(TOUCHES))
    for i in range(len(TOUCHES)):
        bad, plain, good = (world(customers, seed, scenario, (i, state)) for state in (-1, 0, 1))
        met = ~np.isnan(plain.state[:, i])
        penalty[i] = (plain.outcome - bad.outcome)[met].mean()
        reward[i] = (good.outcome - plain.outcome)[met].mean()
    return penalty, reward
