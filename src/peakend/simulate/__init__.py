"""A service with known truth: the events of a year for demo, tests and training, of any size.

What happens is drawn from a seed as the pack's simulation.yaml says; what is true of it (which share of the
encounters went well, what each does to the outcome) is written beside the log. It streams: blocks of
customers are drawn, written and forgotten. It never reads a clock, and the same seed gives the same events.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import msgspec
import numpy as np

from peakend.errors import PeakendError
from peakend.model.pack import Pack
from peakend.simulate import people as those
from peakend.simulate.checking import Declared, declared
from peakend.simulate.clocks import Clocks, micros
from peakend.simulate.columns import Words
from peakend.simulate.episodes import Block
from peakend.simulate.reading import read_world
from peakend.simulate.truth import (
    EpisodeTruth,
    OutcomeTruth,
    Tally,
    TouchpointTruth,
    Truth,
    WhaleTruth,
    drawn,
    outcome_of,
)
from peakend.simulate.world import World
from peakend.simulate.writing import Faults, Log
from peakend.when import DAY, zone

__all__ = [
    "EpisodeTruth",
    "OutcomeTruth",
    "TouchpointTruth",
    "Truth",
    "WhaleTruth",
    "simulate",
    "truth_file",
]

BLOCK = 500
"""Customers drawn together. Part of what a seed means: another number gives other events."""

LARGEST_WHALE = 0.9


def simulate(  # noqa: PLR0913 - the sizes and faults of a log are independent of each other
    pack: Pack,
    out: Path,
    *,
    customers: int,
    days: int = 365,
    start: date,
    seed: int,
    whale: float = 0.0,
    late: float = 0.0,
    duplicates: float = 0.0,
    progress: Callable[[int, int], None] | None = None,
) -> Truth:
    """Write a simulated log as Parquet in the native form, and its truth as JSON beside it.

    `start` is the first day (in the pack's zone); what the world puts before it, such as contracts already
    signed, comes with earlier dates. `whale` is the share of all events that the last customer has, `late`
    and `duplicates` the shares of events that arrive later than they happened, or twice. `progress` is told
    the customers done and all. Raises PackError where the pack has no usable simulation.yaml, PeakendError
    for sizes and shares that cannot be. A file that was there stays as it was unless all goes well.
    """
    _check(customers, days, seed, {"whale": whale, "late": late, "duplicates": duplicates})
    world = read_world(pack)
    home = zone(pack.head.zone)
    begin = home.at_wall(start, 0)
    end = home.from_wall(home.wall(begin) + days * DAY)
    clocks = Clocks(pack, begin, end, those.zones_of(pack, world))
    part = out.with_name(f"{out.name}.part")
    log = _opened(part, declared(pack, world), Faults(late, duplicates))
    try:
        run = _Run(pack, world, clocks, log, seed, declared(pack, world))
        run.subjects()
        run.all(customers, whale, progress)
    except BaseException:
        log.close()
        part.unlink()
        raise
    log.close()
    part.replace(out)
    truth = Truth(
        pack=pack.head.pack,
        seed=seed,
        customers=customers,
        start=start,
        days=days,
        events=log.events,
        first=log.first,
        last=log.last,
        late=log.late,
        duplicates=log.duplicates,
        whale=run.whale,
        outcome=outcome_of(world),
        touchpoints=run.tally.finish(),
        episodes=drawn(world),
        kinds=dict(sorted(log.kinds.items())),
    )
    truth_file(out).write_bytes(msgspec.json.format(msgspec.json.encode(truth), indent=2))
    return truth


def truth_file(out: Path) -> Path:
    """Where the truth of a log stands: log.parquet has log.truth.json beside it."""
    return out.with_suffix(".truth.json")


class _Run:
    """One run over all blocks; it keeps what the whale must be measured by."""

    def __init__(
        self, pack: Pack, world: World, clocks: Clocks, log: Log, seed: int, declared: Declared
    ) -> None:
        self._pack, self._world, self._clocks, self._log = pack, world, clocks, log
        self._seed, self._declared = seed, declared
        self._grown, self._exposed, self._met = 0, 0.0, 0
        self._grows_with = next((e.grows_with for e in world.episodes.values() if e.grows_with), "")
        self.tally = Tally(pack, world, clocks)
        self.whale: WhaleTruth | None = None

    def subjects(self) -> None:
        """Draw and write what happens to subjects."""
        for number, (name, places) in enumerate(self._world.subjects.items()):
            self._live(those.subjects(places, self._clocks), [self._seed, 1, number], name)

    def all(self, customers: int, whale: float, progress: Callable[[int, int], None] | None) -> None:
        """Draw and write block after block; the whale comes last, when the others' events are known."""
        others = customers - 1 if whale else customers
        for first in range(0, others, BLOCK):
            count = min(BLOCK, others - first)
            seed = [self._seed, 0, first]
            people = self._customers(seed, first + 1, count)
            self._measure(self._live(people, seed), people)
            if progress:
                progress(first + count, customers)
        if whale:
            self._whale(customers, whale)
            if progress:
                progress(customers, customers)

    def _customers(self, seed: list[int], first: int, count: int) -> those.People:
        rng = np.random.default_rng([*seed, 0])
        return those.customers(self._pack, self._world, self._clocks, rng, first, count)

    def _live(self, people: those.People, seed: list[int], about: str | None = None) -> Block:
        block = Block(self._pack, self._world, self._declared, self._clocks, people, seed)
        block.live(about)
        self._log.write(people, block.batches, np.random.default_rng([*seed, 1]))
        self.tally.add(block.memory)
        return block

    def _measure(self, block: Block, people: those.People) -> None:
        self._grown += sum(len(batch.at) for batch in block.batches if batch.table.grown)
        self._met += sum(len(batch.at) for batch in block.batches if not batch.table.grown)
        if self._grows_with:
            sizes = people.traits[self._grows_with]
            self._exposed += float((sizes * people.exposure(self._clocks)).sum())

    def _whale(self, customers: int, share: float) -> None:
        """One customer so active that its events are the wanted share of all."""
        if not self._grown:
            raise PeakendError(
                "nothing in this world grows with a customer's size", fix="Give an episode grows_with:"
            )
        seed = [self._seed, 2]
        people = self._customers(seed, customers, 1)
        ordinary = self._met / max(customers - 1, 1)
        wanted = (self._grown + self._met) * share / (1 - share) - ordinary
        period = (self._clocks.end - self._clocks.begin) / DAY
        size = wanted / max(self._grown, 1) * self._exposed / period
        people.traits[self._grows_with] = np.array([max(size, 0.0)])
        people.known["newcomer"] = Words(np.zeros(1, np.int64), ("false", "true"), quoted=False)
        people.joined[:] = self._clocks.begin - micros(self._world.customers.before)
        people.active[:] = self._clocks.begin
        people.stays = True
        before = self._log.events
        self._live(people, seed)
        self.whale = WhaleTruth(
            customer=people.ids.text()[0].as_py(), share=share, events=self._log.events - before
        )


def _opened(path: Path, kinds: Declared, faults: Faults) -> Log:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return Log(path, kinds, faults)
    except OSError as error:
        raise PeakendError(
            f"the log cannot be written ({error.strerror})",
            place=str(path.parent),
            fix="Choose a folder that you may write to",
        ) from error


def _check(customers: int, days: int, seed: int, shares: dict[str, float]) -> None:
    if customers < 1 or days < 1:
        raise PeakendError(
            f"{customers} customers over {days} days are no service", fix="Give at least one of each"
        )
    if seed < 0:
        raise PeakendError(f"the seed {seed} is negative", fix="Any whole number from 0 on will do")
    for name, share in shares.items():
        most = LARGEST_WHALE if name == "whale" else 1.0
        if not 0 <= share <= most:
            raise PeakendError(f"{name} = {share} is no share", fix=f"Give a number from 0 to {most}")
    if shares["whale"] and customers < 2:
        raise PeakendError("one customer alone cannot be a whale", fix="Give at least two customers")
