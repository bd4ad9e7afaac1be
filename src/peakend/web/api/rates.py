"""How often each sender may ask, or bring events: a bucket of tokens that fills up again at a steady rate."""

from __future__ import annotations

from collections import OrderedDict
from math import ceil
from threading import Lock
from typing import Final

SECOND: Final = 1_000_000
_KEPT: Final = 10_000


class Rates:
    """One bucket a sender, which holds `burst` events and gets `a_second` of them back every second.

    Whoever has any left may bring as many as come in one request, and owes what is missing: a request is
    never cut in two. A rate of 0 bounds nothing.
    """

    def __init__(self, a_second: float, burst: float) -> None:
        self._rate, self._burst = a_second, max(burst, 1.0)
        self._lock = Lock()
        self._left: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def wait(self, sender: str, now: int) -> int:
        """0, or in how many whole seconds this sender may bring something again."""
        if self._rate <= 0:
            return 0
        with self._lock:
            left = self._now(sender, now)
        return 0 if left > 0 else max(1, ceil((1 - left) / self._rate))

    def count(self, sender: str, events: int, now: int) -> None:
        """This sender has brought so many events."""
        if self._rate <= 0:
            return
        with self._lock:
            self._left[sender] = self._now(sender, now) - events, now
            self._left.move_to_end(sender)
            while len(self._left) > _KEPT:
                self._left.popitem(last=False)

    def _now(self, sender: str, now: int) -> float:
        left, since = self._left.get(sender, (self._burst, now))
        return min(self._burst, left + self._rate * max(now - since, 0) / SECOND)
