"""How long to wait: before the next attempt, and between two letters of a channel that takes only so many.

No clock and no chance: instants are handed in, and the jitter of an attempt follows from its send key.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

FIRST: Final = 30_000_000
"""Microseconds before the second attempt; each further wait is twice as long."""
LONGEST: Final = 3_600_000_000
SECOND: Final = 1_000_000


def wait_before(send_key: str, attempt: int) -> int:
    """Microseconds after the attempt `attempt` (from 1) before the next one.

    A quarter more or less, so that what failed together is not tried again together.

    >>> round(wait_before("k", 1) / 1e6), round(wait_before("k", 3) / 1e6)
    (23, 139)
    """
    base = min(FIRST << min(attempt - 1, 20), LONGEST)
    share = int(sha256(f"{send_key}|{attempt}".encode()).hexdigest()[:8], 16) / 16**8
    return int(base * (0.75 + share / 2))


class Rate:
    """At most `per_second` letters a second over a longer time, and `burst` at once (token bucket)."""

    def __init__(self, per_second: float, burst: int | None = None) -> None:
        self._alone = self._step = SECOND / per_second
        self._burst = burst if burst is not None else max(1, int(per_second))
        self._full_at = 0.0

    def share(self, workers: int) -> None:
        """So many workers use the channel at once: each has its part."""
        self._step = self._alone * max(workers, 1)

    def room(self, now: int) -> int:
        """How many letters may leave now."""
        missing = max(self._full_at - now, 0.0) / self._step
        return max(int(self._burst - missing + 1e-9), 0)

    def take(self, now: int) -> None:
        """A letter has left."""
        self._full_at = max(self._full_at, float(now)) + self._step
