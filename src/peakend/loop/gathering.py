"""Many who bring events at once share one commit: a thread gathers what waits and hands it to the inlet.

Whoever brings something waits until it is on the disk, or hears that it is not. What waits is bounded; beyond
that the answer is "later". Nothing that was brought is forgotten when it ends: it is settled first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import Condition, Thread
from typing import Final, NamedTuple

from peakend.errors import PeakendError
from peakend.loop.inlet import MOST_WAITING, Inlet, Later, Taken
from peakend.loop.receiving import Received
from peakend.store.base import Away, Store, StoreError

AT_ONCE: Final = 2_000
"""Events that share one transaction, or those of one bringer where these are more."""
MOST_GATHERED: Final = 20_000
"""Events that may wait for a transaction."""


class Ended(PeakendError):
    """The process is about to end: send the same again in a moment; nothing of it was taken."""

    def __init__(self) -> None:
        super().__init__(
            "Peakend is being stopped; none of these events was taken",
            fix="Send the same again in a few seconds",
            what_zh="Peakend 正在停止，这一批没有收下",
            fix_zh="请过几秒重发同一批",
        )


class _Brought(NamedTuple):
    messages: Sequence[Received]
    events: int
    result: Future[list[Taken]]


class Gathering:
    """One thread over one store of its own, which it opens when the first events come."""

    def __init__(
        self,
        open_store: Callable[[], Store],
        clock: Callable[[], int],
        *,
        most_waiting: int = MOST_WAITING,
        most_gathered: int = MOST_GATHERED,
    ) -> None:
        self._open, self._clock = open_store, clock
        self._most_waiting, self._most_gathered = most_waiting, most_gathered
        self._store: Store | None = None
        self._inlet: Inlet | None = None
        self._brought: deque[_Brought] = deque()
        self._events = 0
        self._changed = Condition()
        self._ended = False
        self._thread: Thread | None = None

    def take(self, messages: Sequence[Received]) -> list[Taken]:
        """Wait until these are durable; the outcome of each, in order.

        Raises Later, Ended and StoreError; none of them is taken then, as far as anybody can know.
        """
        events = sum(len(one.parts) for one in messages)
        one = _Brought(messages, events, Future())
        with self._changed:
            if self._ended:
                raise Ended
            if self._events and self._events + events > self._most_gathered:
                raise Later(self._events, 1)
            if self._thread is None:
                self._thread = Thread(target=self._run, name="gathering")
                self._thread.start()
            self._brought.append(one)
            self._events += events
            self._changed.notify()
        return one.result.result()

    def close(self) -> None:
        """Settle what was brought, take nothing more, and end."""
        with self._changed:
            self._ended = True
            self._changed.notify()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        while group := self._next():
            self._settle(group)
        self._let_go()

    def _next(self) -> list[_Brought]:
        """What waits, up to AT_ONCE events; nothing once it has ended."""
        with self._changed:
            while not self._brought and not self._ended:
                self._changed.wait()
            group: list[_Brought] = []
            events = 0
            while self._brought and (not group or events + self._brought[0].events <= AT_ONCE):
                group.append(self._brought.popleft())
                events += group[-1].events
            self._events -= events
            return group

    def _settle(self, group: Sequence[_Brought]) -> None:
        try:
            now = self._clock()
            taken = iter(self._now_open().settle([one for each in group for one in each.messages], now))
        except Later as error:
            self._refuse(group, error)
        except StoreError as error:
            self._let_go()
            # One bringer's events may be what the database refuses: the others shall not suffer for it. A
            # database that is away would only keep everybody waiting.
            if len(group) == 1 or isinstance(error, Away):
                self._refuse(group, error)
            else:
                for one in group:
                    self._settle([one])
        except BaseException as error:  # whoever waits must hear of it, whatever it is
            self._let_go()
            self._refuse(group, error)
        else:
            for each in group:
                each.result.set_result([next(taken) for _ in each.messages])

    def _refuse(self, group: Sequence[_Brought], error: BaseException) -> None:
        for one in group:
            one.result.set_exception(error)

    def _now_open(self) -> Inlet:
        if self._inlet is None:
            self._store = self._open()
            self._inlet = Inlet(self._store, most_waiting=self._most_waiting)
        return self._inlet

    def _let_go(self) -> None:
        """The next one starts with a sound connection."""
        if self._store is not None:
            self._store.close()
        self._store = self._inlet = None
