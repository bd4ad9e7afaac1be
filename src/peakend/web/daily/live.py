"""What is new, for everybody who watches: the store is asked once a second, however many pages are open.

Nobody asks while nobody watches: of those who do, the first to wake asks for all.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractContextManager
from threading import Event
from typing import Final

import anyio
import msgspec
from starlette.concurrency import run_in_threadpool

from peakend.errors import PeakendError
from peakend.model.looked import News
from peakend.store import Store
from peakend.web.daily.called import names_of_customers
from peakend.web.daily.today import happened
from peakend.wire.today import Happened

EVERY: Final = 1.0
"""Seconds between two looks."""
BEAT: Final = 15.0
"""Seconds after which a watcher is told that nothing is new, so that a dead connection is noticed."""
LIFE: Final = 600.0
"""Seconds for which one connection watches: whoever comes back is asked again who she is."""
MOST: Final = 500
"""Watchers of one process."""
_SHOWN: Final = 20
_KEPT: Final = 30


class Fresh(msgspec.Struct, frozen=True, kw_only=True):
    """What is new: how many events and the newest of them, and in what else something has changed.

    `after` is the place to ask from next time.
    """

    events: int
    outputs: bool
    messages: bool
    cards: bool
    quarantine: bool
    newest: list[Happened]
    after: str

    @property
    def is_any(self) -> bool:
        """Whether anything has changed at all."""
        return bool(self.events or self.outputs or self.messages or self.cards or self.quarantine)


class Full(PeakendError):
    """As many watch as this process can serve."""


class Live:
    """One board for all watchers. `ending` says that the server wants to end: all are let go."""

    def __init__(self, store: Callable[[], AbstractContextManager[Store]], ending: Event) -> None:
        self._store, self._ending = store, ending
        self._board: deque[tuple[int, Fresh]] = deque(maxlen=_KEPT)
        self._place, self._number, self._looked, self._looking = "", 0, 0.0, False
        self.watching = self.looks = 0

    async def begin(self, after: str = "") -> Fresh:
        """What was missed since a place; without one, where to go on from.

        Raises Full, and StoreError for a place that is none.
        """
        if self.watching >= MOST:
            raise _full()
        return await run_in_threadpool(self._look, after)

    async def watch(self, first: Fresh) -> AsyncGenerator[Fresh | None, None]:
        """What was missed, then news as they come; None now and then where there are none."""
        if not self.watching:
            self._place = first.after
        self.watching += 1
        try:
            known, silent, end = self._number, 0.0, anyio.current_time() + LIFE
            yield first
            while not self._ending.is_set() and anyio.current_time() < end:
                await anyio.sleep(EVERY)
                await self._ask()
                news = [fresh for number, fresh in self._board if number > known]
                known, silent = self._number, 0.0 if news else silent + EVERY
                for fresh in news:
                    yield fresh
                if silent >= BEAT:
                    silent = 0.0
                    yield None
        finally:
            self.watching -= 1

    async def _ask(self) -> None:
        """Look, unless somebody does or has just done."""
        if self._looking or anyio.current_time() - self._looked < EVERY / 2:
            return
        self._looking = True
        try:
            fresh = await run_in_threadpool(self._look, self._place)
        except PeakendError:
            return  # the database is away: whoever asks for a page is told, and the next look tells the rest
        finally:
            self._looking, self._looked = False, anyio.current_time()
        self._place = fresh.after
        if fresh.is_any:
            self._number += 1
            self._board.append((self._number, fresh))

    def _look(self, after: str) -> Fresh:
        self.looks += 1
        with self._store() as store:
            found = store.news(after)
            newest = happened(found.newest, _SHOWN)
            names = names_of_customers(store, {one.customer for one in newest})
        return _fresh(
            found, [msgspec.structs.replace(one, customer_name=names.get(one.customer, "")) for one in newest]
        )


def _fresh(found: News, newest: list[Happened]) -> Fresh:
    return Fresh(
        events=found.events,
        outputs=found.outputs,
        messages=found.messages,
        cards=found.notes,
        quarantine=found.aside,
        newest=newest,
        after=found.after,
    )


def _full() -> Full:
    return Full(
        f"{MOST} pages are watched already",
        fix="Close one, or look at the page again later",
        what_zh=f"同时查看实时更新的页面已有 {MOST} 个",
        fix_zh="请关闭几个页面，或稍后再看",
    )
