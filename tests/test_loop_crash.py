"""Kill -9 at every edge of ingest and tick: nothing is lost, nothing concluded twice, and the past agrees.

A forked process runs a night of `test_loop` on a real database and is killed at one statement of its store,
before or after it. Then somebody else tells everything once more, as sources do that were not answered.
"""

from __future__ import annotations

import os
import random
import signal
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from naive.compare import rows
from test_loop import Night, live, tick_to_the_end

from peakend.backtest.conclude import conclude
from peakend.loop import LEASE, customers
from peakend.model.event import OF_THE_LOOP
from peakend.store import Store, open_store

MANY = bool(os.environ.get("PEAKEND_CRASH"))
BLOCK = 10
ON_SQLITE = range(100 if MANY else 20)
ON_POSTGRESQL = range(100 if MANY else 20)


class Mortal:
    """A database that takes its process with it at one of its statements."""

    def __init__(self, database: Any, left: list[int], after: bool) -> None:
        self._database, self._left, self._after = database, left, after

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._database, name)
        if name not in ("rows", "run", "write", "append"):
            return found

        def call(*given: Any) -> Any:
            self._left[0] -= 1
            if not self._left[0] and not self._after:
                os.kill(os.getpid(), signal.SIGKILL)
            done = found(*given)
            if not self._left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
            return done

        return call


def mortal(url: str, left: list[int], after: bool) -> Store:
    store: Any = open_store(url)
    store._db._database = Mortal(store._db._database, left, after)
    return store


def killed(seed: int, url: str) -> bool:
    """Run a night in a process of its own until its statement comes; whether it came at all."""
    chance = random.Random(seed)
    left, after = [chance.randrange(2, 240)], chance.random() < 0.5
    child = os.fork()
    if not child:
        try:
            Night(seed, lambda: mortal(url, left, after)).run()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def nights(block: int) -> range:
    return range(block * BLOCK, (block + 1) * BLOCK)


def assert_nothing_is_lost(seed: int, url: str, tmp_path: Path) -> bool:
    was_killed = killed(seed, url)
    with closing(open_store(url)) as store:
        night = Night(seed, lambda: store)
        clock = max((seen for seen, _, _ in night.told), default=0) + LEASE * 1000
        night.own(clock)
        told = [one for _, _, one in night.told]
        assert "other_body" not in night.ingest(told, clock)
        night.fold(clock)
        log = tick_to_the_end(night, tmp_path / f"{seed}.parquet")
        past = conclude(night.pack, [log])
        assert rows(live(store)) == rows(past.outputs), f"seed {seed}"
        kept = [one for who in {one.customer for one in told} for one in store.events_of(who)]
        ids = [one.id for one in kept if one.kind not in OF_THE_LOOP]
        assert sorted(ids) == sorted(one.id for one in told), f"seed {seed}"
        assert store.waiting() == 0
        keys = [one.planned.send_key for one in store.messages()]
        assert len(keys) == len(set(keys))
    return was_killed


@pytest.fixture(autouse=True)
def held(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Every second night all states are large ones: held in memory, and written now and then."""
    (place,) = {"block", "seed"} & request.node.callspec.params.keys()
    if request.node.callspec.params[place] % 2:
        monkeypatch.setattr(customers, "LARGE", 100)
        monkeypatch.setattr(customers, "EACH", 40)


@pytest.mark.parametrize("block", ON_SQLITE)
def test_a_night_on_sqlite_that_is_killed_goes_on_as_if_it_had_not_been(block: int, tmp_path: Path) -> None:
    ends = [assert_nothing_is_lost(seed, str(tmp_path / f"{seed}.db"), tmp_path) for seed in nights(block)]
    assert any(ends)


@pytest.mark.parametrize("seed", ON_POSTGRESQL)
def test_a_night_on_postgresql_that_is_killed_goes_on_as_if_it_had_not_been(
    seed: int, tmp_path: Path, postgres: str
) -> None:
    assert_nothing_is_lost(seed, postgres, tmp_path)
