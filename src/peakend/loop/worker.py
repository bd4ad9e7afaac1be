"""A worker: folds what arrives, rings what is due, and delivers, until it is told to stop.

One thread folds and ticks; each channel has a thread and a store of its own, so that a mail server that hangs
keeps nobody else waiting. Whatever the database or a channel does, the worker says it and goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Final

from peakend.deliver.channels import Bouncing
from peakend.errors import PeakendError
from peakend.loop import LEASE, Loop
from peakend.loop.clock import Steady
from peakend.loop.delivering import Courier, Post
from peakend.loop.starting import Marker, Start, start
from peakend.model.pack import Pack
from peakend.store.base import Fenced, Store

POLL: Final = 0.1
"""Seconds between two looks where nothing is to be done."""
LOOK: Final = 2_000_000
"""Microseconds between two looks for another published pack."""
MINUTE: Final = 60_000_000
"""Microseconds between two looks for what came back, and for who else is at work."""
AGAIN: Final = 2.0
"""Seconds before a worker tries again what the database refused."""

BEHIND: Final = 60_000_000
"""Microseconds by which a clock may be behind without a word."""

log = logging.getLogger("peakend")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What a worker runs with. `open_store` opens the database once more, `clock` gives microseconds UTC."""

    open_store: Callable[[], Store]
    pack: Pack
    post: Post
    clock: Callable[[], int]
    worker: str = "worker"
    most_shards: int | None = None
    contacts_known: bool = True
    older: Mapping[str, Pack] = field(default_factory=dict)


class Worker:
    """Runs until `stop`, or until another pack is published: then `outdated`, and another worker goes on.

    `begun` is its start, which says whether what waited is under review.
    """

    def __init__(self, setting: Setting, marker: Marker) -> None:
        self.setting = setting
        self._stop = Event()
        self._store = setting.open_store()
        self._clock = self._steady = Steady(setting.clock)
        self._behind = False
        self.begun: Start = start(self._store, marker, setting.worker, self._clock())
        self.reviewed = 0
        self.outdated = False
        self._loop = Loop(
            self._store,
            setting.pack,
            worker=self.begun.owner,
            most_shards=setting.most_shards,
            contacts_known=setting.contacts_known,
            older=setting.older,
        )
        if self.begun.why:
            self._look_first()

    @property
    def pack(self) -> str:
        """The pack that is run, with the beginning of its hash where it is published."""
        pack = self.setting.pack
        return f"{pack.head.pack}@{pack.hash[:12]}" if pack.hash in self.setting.older else pack.head.pack

    def stop(self) -> None:
        """End after what is being done: safe to be called by a signal."""
        self._stop.set()

    def run(self) -> None:
        """Work until it is stopped; its shards are free when this returns."""
        threads = [Thread(target=self._deliver, args=(name,), name=name) for name in self._routes()]
        for thread in threads:
            thread.start()
        try:
            self._fold()
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()
            self._give_back()

    def _look_first(self) -> None:
        """Bring the fold up to now, and put under review whatever would leave."""
        self._own(self._clock())
        while self._loop.work(self._clock()):
            self._own(self._clock())
        self.reviewed = self._store.hold_for_review(self._clock())
        log.warning("start: %s; %d messages are under review", self.begun.why, self.reviewed)

    def _fold(self) -> None:
        renewed = looked = 0
        while not self._stop.is_set():
            now = self._clock()
            try:
                if not looked <= now < looked + LOOK:
                    looked = now
                    self.outdated = self._store.published_hash() not in ("", self.setting.pack.hash)
                    if self.outdated:
                        return
                if not renewed <= now < renewed + LEASE // 3:
                    self._own(now)
                    renewed = now
                if not self._loop.work(now):
                    self._stop.wait(POLL)
            except Fenced:
                renewed = 0
            except PeakendError as error:
                log.error("fold: %s", error.text("en"))
                self._stop.wait(AGAIN)
                renewed = 0

    def _own(self, now: int) -> None:
        """Own shards, and be no earlier than anything that was seen in them."""
        self._loop.own(now)
        self._steady.at_least(self._loop.furthest)
        ahead = self._steady.ahead
        if ahead > BEHIND and not self._behind:
            log.warning(
                "the clock is %d s behind what was seen: time goes on at half pace", ahead // 1_000_000
            )
        self._behind = ahead > BEHIND

    def _routes(self) -> list[str]:
        """The channels that are set up, and '' for all the others together."""
        return [*self.setting.post.channels, ""]

    def _deliver(self, route: str) -> None:
        setting = self.setting
        store = self._opened()
        if store is None:
            return
        with closing(store):
            courier = Courier(
                store, self._loop.programs, setting.post, worker=self.begun.owner, clock=self._clock
            )
            looked = 0
            while not self._stop.is_set():
                try:
                    taken = self._hand_over(courier, store, route)
                    now = self._clock()
                    if not looked <= now < looked + MINUTE:
                        looked = now
                        self._share(store, route, now)
                        self._take_back(courier, route, now)
                except PeakendError as error:
                    log.error("deliver %s: %s", route or "notes", error.text("en"))
                    self._stop.wait(AGAIN)
                    continue
                if not taken:
                    self._stop.wait(POLL)

    def _hand_over(self, courier: Courier, store: Store, route: str) -> int:
        paused = store.paused()
        if paused.everything:
            return 0
        wanted = [route] if route else self._others(store)
        channels = [name for name in wanted if name not in paused.channels]
        if not channels:
            return 0
        return courier.deliver(channels, spared=sorted(paused.plays), until=self._stop.is_set)

    def _share(self, store: Store, route: str, now: int) -> None:
        """A channel's rate is that of all workers together."""
        rate = self.setting.post.rates.get(route)
        if rate is not None:
            rate.share(len(store.owners(now)))

    def _take_back(self, courier: Courier, route: str, now: int) -> None:
        """What came back of a channel: each is written down before the next one is asked for."""
        channel: object = self.setting.post.channels.get(route)
        if isinstance(channel, Bouncing):
            for bounce in channel.bounces(now):
                courier.bounced(bounce)

    def _opened(self) -> Store | None:
        """A store of one's own as soon as the database is there; None where the worker is stopped first."""
        while not self._stop.is_set():
            try:
                return self.setting.open_store()
            except PeakendError as error:
                log.error("deliver: %s", error.text("en"))
                self._stop.wait(AGAIN)
        return None

    def _others(self, store: Store) -> list[str]:
        return [
            name for name in store.waiting_channels(self._clock()) if name not in self.setting.post.channels
        ]

    def _give_back(self) -> None:
        try:
            self._store.release_shards(self.begun.owner)
        except PeakendError as error:
            log.error("stop: %s", error.text("en"))
        self._store.close()
