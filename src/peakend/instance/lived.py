"""A log lived through: events go in at their own instants, time passes, and what is due is handed over.

With it a new store has a past, by the very loop and courier that go on with it afterwards. Nothing is written
that a worker would not have written, had it been there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from threading import Event
from typing import Any, Final

import pyarrow.parquet as pq
from msgspec.structs import replace

from peakend.loop import Loop
from peakend.loop.delivering import Courier, Post
from peakend.loop.inlet import Inlet, Later
from peakend.model.pack import Pack
from peakend.model.stored import Arrival
from peakend.store import Store

STEP: Final = 7_200_000_000
"""Microseconds that pass at once: a letter leaves at most so much later than it was due."""
FASTER: Final = 60
"""How many times as fast as the log events go on."""
LONGEST: Final = 20.0
"""Seconds between two events that go on, at most: a night is not waited for."""
_NAME: Final = "past"

Seen = tuple[int, Arrival]


def live_through(
    store: Store,
    pack: Pack,
    told: Sequence[Seen],
    until: int,
    post: Post,
    tell: Callable[[int, int], None],
    beside: Callable[[int], None] = lambda clock: None,
) -> int:
    """Let time pass from the first event to `until`; returns how many events went in.

    `told` is in the order of its instants, as `seen_in` gives it; `tell` hears how much of the time is over,
    and `beside` is called at each step, for what people do meanwhile. Then the shards are free, and what
    waits for a later instant waits in the store.
    """
    begin = clock = told[0][0]
    loop, inlet = Loop(store, pack, worker=_NAME), Inlet(store, pack)
    courier = Courier(store, loop.programs, post, worker=_NAME, clock=lambda: clock)
    loop.own(begin)  # nobody else is here yet, so that it need not be said again
    spans = groupby((one for one in told if one[0] <= until), key=lambda one: one[0] // STEP)
    taken = 0
    for number, group in spans:
        while clock < number * STEP:
            clock = min(clock + STEP, number * STEP)
            _pass_on(loop, courier, clock)
        clock = min((number + 1) * STEP, until)
        taken += len(inlet.admit([one for _, one in group], clock))
        _pass_on(loop, courier, clock)
        beside(clock)
        tell(clock - begin, until - begin)
    while clock < until:
        clock = min(clock + STEP, until)
        _pass_on(loop, courier, clock)
    store.release_shards(_NAME)
    return taken


def go_on(
    inlet: Inlet, told: Sequence[Seen], clock: Callable[[], int], stopped: Event, sent: Callable[[int], None]
) -> None:
    """Let events happen now, one after the other, an hour of them in a minute, until `stopped`.

    What is said to happen at an instant of the log happens at that of the clock; `sent` hears how many have.
    """
    for number, (seen, one) in enumerate(told, 1):
        before = told[number - 2][0] if number > 1 else seen
        if stopped.wait(min((seen - before) / FASTER / 1_000_000, LONGEST)):
            return
        now = clock()
        while True:
            try:
                inlet.admit([replace(one, at=now)], now)
                break
            except Later as later:
                if stopped.wait(later.seconds):
                    return
        sent(number)


def seen_in(log: Path) -> list[Seen]:
    """The events of a native log in the order in which they were seen, each with that instant."""
    table = pq.read_table(log).sort_by([("seen_at", "ascending"), ("seq", "ascending")])
    return [(_micros(row["seen_at"]), arrival_of(row)) for row in _rows(table)]


def arrival_of(row: dict[str, Any]) -> Arrival:
    """A row of a native log as an arrival."""
    customer, subject = row["customer"] or "", row["subject"] or ""
    at = _micros(row["happened_at"])
    return Arrival(row["source"], row["id"], customer, row["kind"], at, subject, row["data"])


def _rows(table: Any) -> Iterator[dict[str, Any]]:
    for batch in table.to_batches(max_chunksize=5_000):
        yield from batch.to_pylist()


def _micros(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000 + at.microsecond


def _pass_on(loop: Loop, courier: Courier, clock: int) -> None:
    while loop.work(clock):
        pass
    while courier.deliver():
        pass
