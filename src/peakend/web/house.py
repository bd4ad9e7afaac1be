"""What all routes share: the stores, the clock, the file of the instance, and the pack that holds now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Event, Lock
from typing import Annotated, Final

from fastapi import Depends, FastAPI, Request

from peakend.design.pack import find_pack, load_pack
from peakend.errors import PeakendError
from peakend.instance.file import Instance, Placed
from peakend.loop.programs import Programs
from peakend.model.pack import Pack
from peakend.publish import pack_of, packs_of
from peakend.store import Store
from peakend.web.jobs import Jobs
from peakend.web.stores import Stores

LOOK: Final = 1_000_000
"""Microseconds between two looks for another published pack."""


class House:
    """One installation, as the routes see it. `named` is a pack that is tried out until one is published.

    `workers` tells how many workers this process has at work; `trial` opens the door of a trial.
    `ending` is set when the server is about to end, for those whose answers never end by themselves.
    `database` is the URL of its store.
    """

    def __init__(
        self,
        open_store: Callable[[], Store],
        placed: Placed,
        clock: Callable[[], int],
        *,
        named: str = "",
        workers: Callable[[], int] = lambda: 0,
        trial: str = "",
        database: str = "",
    ) -> None:
        self.open_store, self.placed, self.clock = open_store, placed, clock
        self.workers, self.trial, self.database = workers, trial, database
        self._stores = Stores(open_store)
        self._own = Stores(open_store, 1)
        self._jobs: Jobs | None = None
        self.named = named
        self._lock = Lock()
        self._pack: Pack | None = None
        self._programs: tuple[str, Programs] | None = None
        self._looked = 0
        self.ending = Event()

    @property
    def instance(self) -> Instance:
        """What the file of the instance says."""
        return self.placed.instance

    @contextmanager
    def store(self) -> Iterator[Store]:
        """A store for the one who asks now. Raises Busy and StoreError."""
        with self._stores.lend() as store:
            yield store

    def pack(self) -> Pack | None:
        """The published pack, the one that is tried out where nothing is published, or None."""
        with self._lock:
            now = self.clock()
            if not self._looked <= now < self._looked + LOOK:
                with self.lasting() as store:
                    hash_ = store.published_hash()
                    if hash_ and (self._pack is None or self._pack.hash != hash_):
                        self._pack = pack_of(store, hash_)
                if not hash_ and self.named and self._pack is None:
                    self._pack = load_pack(find_pack(self.named))
                self._looked = now
            return self._pack

    def programs(self) -> Programs | None:
        """What reads the states of customers, for the pack that holds now; None where there is none."""
        pack = self.pack()
        if pack is None:
            return None
        with self._lock:
            if self._programs is None or self._programs[0] != pack.hash:
                with self.lasting() as store:
                    older = packs_of(store)
                self._programs = pack.hash, Programs(pack, older, self.instance.contacts)
            return self._programs[1]

    def lasting(self) -> AbstractContextManager[Store]:
        """The one store for what is asked under a lock: whoever holds one of the others must never wait for
        somebody who waits for those. Raises Busy and StoreError."""
        return self._own.lend()

    @property
    def jobs(self) -> Jobs:
        """Who works on jobs. Raises PeakendError where this server has nobody."""
        if self._jobs is None:
            raise PeakendError(
                "This server works on no jobs",
                fix="Ask one that `peakend serve` has started",
                what_zh="当前服务不执行任务",
                fix_zh="请使用由 peakend serve 启动的服务",
            )
        return self._jobs

    @property
    def has_jobs(self) -> bool:
        """Whether this server has somebody who works on jobs."""
        return self._jobs is not None

    def give_jobs_to(self, jobs: Jobs) -> None:
        """From now on jobs are worked on."""
        self._jobs = jobs

    def close(self) -> None:
        """Close the stores."""
        self._stores.close()
        self._own.close()


def needed(pack: Pack | None) -> Pack:
    """The pack, for what cannot be done without one. Raises PeakendError where none is published."""
    if pack is None:
        raise PeakendError(
            "No pack is published yet",
            fix="Publish one under Plays",
            what_zh="还没有发布模板",
            fix_zh="请先在“服务剧本”里发布",
        )
    return pack


def house_of(request: Request) -> House:
    """The house that a request came to: a dependency of routes."""
    app: FastAPI = request.app
    house: House = app.state.house
    return house


Ours = Annotated[House, Depends(house_of)]
"""The house, as the type of a route's argument."""
