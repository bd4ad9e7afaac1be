"""The truth beside a simulated log: what was drawn, so that what is found in the log can be held against it.

Counted from the states that were meant, never from the log.
"""

from __future__ import annotations

from datetime import date

import msgspec
import numpy as np

from peakend.model.pack import Pack
from peakend.simulate.clocks import Clocks, micros
from peakend.simulate.columns import NEVER, Ints
from peakend.simulate.effects import STATES, Memory
from peakend.simulate.world import World, courses_of, share_of


class TouchpointTruth(msgspec.Struct, kw_only=True):
    """One touchpoint: encounters begun; of those that settled within the period, how many went how.

    `customers` had at least one. `share_magical` and `share_miserable` are those of the settled ones.
    `penalty` and `reward` are points of the outcome's scale that a miserable encounter takes, a magical adds.
    """

    begun: int = 0
    settled: int = 0
    magical: int = 0
    miserable: int = 0
    customers: int = 0
    share_magical: float = 0.0
    share_miserable: float = 0.0
    penalty: float = 0.0
    reward: float = 0.0


class EpisodeTruth(msgspec.Struct, kw_only=True):
    """The shares with which the courses of one kind of episode were drawn, by state."""

    touchpoint: str
    magical: float
    miserable: float


class OutcomeTruth(msgspec.Struct, kw_only=True):
    """How an answer comes about: base + mood + effects within the window + noise, on the scale."""

    name: str
    scale: tuple[int, ...]
    base: float
    mood: float
    noise: float
    window: str


class WhaleTruth(msgspec.Struct, kw_only=True):
    """The one customer who has a share of all events."""

    customer: str
    share: float
    events: int


class Truth(msgspec.Struct, kw_only=True):
    """What was simulated. `late` and `duplicates` are counts of events; instants are microseconds UTC."""

    pack: str
    seed: int
    customers: int
    start: date
    days: int
    events: int = 0
    first: int | None = None
    last: int | None = None
    late: int = 0
    duplicates: int = 0
    whale: WhaleTruth | None = None
    outcome: OutcomeTruth | None = None
    touchpoints: dict[str, TouchpointTruth] = {}
    episodes: dict[str, EpisodeTruth] = {}
    kinds: dict[str, int] = {}


class Tally:
    """Counts the encounters of block after block."""

    def __init__(self, pack: Pack, world: World, clocks: Clocks) -> None:
        self._end = clocks.end
        self._settles = {
            name: micros(point.encounter.settles)
            for name, point in pack.touchpoints.items()
            if point.encounter
        }
        self.points = {name: TouchpointTruth() for name in self._settles}
        for name, effect in (world.outcome.effects if world.outcome else {}).items():
            self.points[name].penalty, self.points[name].reward = effect.penalty, effect.reward

    def add(self, memory: Memory) -> None:
        """Count the encounters of one block."""
        for name, found in memory.met.items():
            point = self.points[name]
            owners: list[Ints] = []
            for met in found:
                # As the fold does: what settles at the very end of the log is settled.
                settled = (met.ended != NEVER) & (met.ended + self._settles[name] <= self._end)
                point.begun += len(met.begun)
                point.settled += int(settled.sum())
                point.magical += int((settled & (met.state == STATES.index("magical"))).sum())
                point.miserable += int((settled & (met.state == STATES.index("miserable"))).sum())
                owners.append(met.customer)
            point.customers += len(np.unique(np.concatenate(owners)))

    def finish(self) -> dict[str, TouchpointTruth]:
        """The truth of every touchpoint that was met or has an effect."""
        for point in self.points.values():
            if point.settled:
                point.share_magical = round(point.magical / point.settled, 6)
                point.share_miserable = round(point.miserable / point.settled, 6)
        return {name: p for name, p in self.points.items() if p.begun or p.penalty or p.reward}


def drawn(world: World) -> dict[str, EpisodeTruth]:
    """The shares with which each episode with a touchpoint is drawn."""
    found = {}
    for name, episode in world.episodes.items():
        if episode.touchpoint:
            courses = courses_of(episode).values()
            total = sum(share_of(course.share) for course in courses)
            shares = {
                state: sum(share_of(c.share) for c in courses if c.state == state) / total
                for state in ("magical", "miserable")
            }
            found[name] = EpisodeTruth(touchpoint=episode.touchpoint, **shares)
    return found


def outcome_of(world: World) -> OutcomeTruth | None:
    """The outcome's own truth."""
    answer = world.outcome
    if answer is None:
        return None
    return OutcomeTruth(
        name=answer.name,
        scale=answer.scale,
        base=answer.base,
        mood=answer.mood,
        noise=answer.noise,
        window=answer.window,
    )
