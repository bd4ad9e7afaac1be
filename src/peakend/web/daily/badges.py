"""How much waits behind each way of the navigation: asked every other second, however many pages open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from threading import Lock
from typing import Final

from peakend.store import Store
from peakend.web.daily.letters import rare

KEPT: Final = 2_000_000
"""Microseconds for which an answer is given again."""


class Badges:
    """What waits, by the address of its page; what does not wait is left out."""

    def __init__(self, store: Callable[[], AbstractContextManager[Store]], clock: Callable[[], int]) -> None:
        self._store, self._clock, self._lock = store, clock, Lock()
        self._looked, self._found = -KEPT, dict[str, int]()

    def forget(self) -> None:
        """Ask anew next time: something was just done that changes what waits."""
        with self._lock:
            self._looked = -KEPT

    def waiting(self) -> Mapping[str, int]:
        """How much waits. Raises StoreError and Busy."""
        with self._lock:
            now = self._clock()
            if not self._looked <= now < self._looked + KEPT:
                with self._store() as store:
                    found = {
                        "/inbox": sum(one.waiting for one in store.card_counts(now)),
                        "/messages": rare(store, "review") + rare(store, "unknown"),
                        "/quarantine": sum(one.number for one in store.aside_counts()),
                    }
                self._looked, self._found = now, {way: number for way, number in found.items() if number}
            return self._found
