"""Stores lent to requests: each does one thing at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, LifoQueue
from typing import Final

from peakend.errors import PeakendError
from peakend.store import Store
from peakend.store.base import StoreError

MOST: Final = 16
"""Stores that are open at once; whoever comes then waits."""
PATIENCE: Final = 10.0
"""Seconds that somebody waits for a store."""


class Busy(PeakendError):
    """All stores are lent, and none came back in time: ask again."""


class Stores:
    """At most `most` stores, opened when they are first needed and used again."""

    def __init__(self, open_store: Callable[[], Store], most: int = MOST) -> None:
        self._open = open_store
        self._free: LifoQueue[Store | None] = LifoQueue()
        for _ in range(most):
            self._free.put(None)
        self._most = most

    @contextmanager
    def lend(self) -> Iterator[Store]:
        """A store for one request. Raises Busy, and StoreError where the database cannot be opened.

        A store that could not do what was asked is closed: the next one starts with a sound connection.
        """
        try:
            store = self._free.get(timeout=PATIENCE)
        except Empty:
            raise _busy() from None
        try:
            store = store or self._open()
            yield store
        except StoreError:
            if store is not None:
                store.close()
                store = None
            raise
        finally:
            self._free.put(store)

    def close(self) -> None:
        """Close all of them, waiting for those that are lent."""
        for _ in range(self._most):
            store = self._free.get(timeout=PATIENCE)
            if store is not None:
                store.close()


def _busy() -> Busy:
    return Busy(
        "All connections to the database are in use",
        fix="Ask again in a few seconds",
        what_zh="数据库连接都在使用中",
        fix_zh="请过几秒再试",
    )
