"""How often one may try: by name and by address, within this process.

An attempt is counted before it is judged, or many at once would all be the first. What is kept is bounded:
where too many names are tried at once, those that were tried longest ago are let go.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Final, NamedTuple

SECOND: Final = 1_000_000
WINDOW: Final = 15 * 60 * SECOND
BY_NAME: Final = 10
BY_ADDRESS: Final = 60
_KEPT: Final = 20_000


class Bound(NamedTuple):
    """What is counted, and how many times it may happen within the window."""

    key: str
    at_most: int


class Tries:
    """Attempts of the last quarter of an hour."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._lock = Lock()
        self._kept = kept
        self._tried: OrderedDict[str, list[int]] = OrderedDict()

    def attempt(self, bounds: list[Bound], now: int) -> int:
        """Count an attempt: 0, or, where one bound is reached, for how many microseconds to wait instead."""
        with self._lock:
            wait = max(self._wait(bound, now) for bound in bounds)
            if not wait:
                for bound in bounds:
                    self._tried.setdefault(bound.key, []).append(now)
                    self._tried.move_to_end(bound.key)
                while len(self._tried) > self._kept:
                    self._tried.popitem(last=False)
            return wait

    def forgive(self, key: str) -> None:
        """Whoever has shown who she is starts from nothing."""
        with self._lock:
            self._tried.pop(key, None)

    def uncount(self, key: str) -> None:
        """The last attempt was none: many may sign in from one office."""
        with self._lock:
            if tried := self._tried.get(key):
                tried.pop()

    def _wait(self, bound: Bound, now: int) -> int:
        recent = [one for one in self._tried.get(bound.key, ()) if now - WINDOW < one <= now]
        if recent:
            self._tried[bound.key] = recent
        else:
            self._tried.pop(bound.key, None)
        return recent[-bound.at_most] + WINDOW - now if len(recent) >= bound.at_most else 0
