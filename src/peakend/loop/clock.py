"""A clock that never goes back: what was seen at an instant stays in the past of everything that follows.

A machine's clock can be set back by an hour. The log cannot: what was seen stays seen, and leases and what is
due lie ahead of the new time. Here time goes on from where it was at half its pace, until the machine's clock
has caught up, so that nothing stands still meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

Micros = Callable[[], int]


def _monotonic() -> int:
    return time.monotonic_ns() // 1000


class Steady:
    """Reads `wall` (microseconds UTC) and never returns less than before; `pace` counts what has passed."""

    def __init__(self, wall: Micros, pace: Micros = _monotonic) -> None:
        self._wall, self._pace = wall, pace
        self._lock = Lock()
        self._now, self._passed = wall(), pace()

    def __call__(self) -> int:
        with self._lock:
            passed = self._pace()
            self._now = max(self._wall(), self._now + (passed - self._passed) // 2)
            self._passed = passed
            return self._now

    def at_least(self, instant: int) -> None:
        """Something was seen at an instant already: time goes on from there."""
        with self._lock:
            self._now = max(self._now, instant)

    @property
    def ahead(self) -> int:
        """Microseconds by which the machine's clock is behind."""
        return max(self() - self._wall(), 0)
