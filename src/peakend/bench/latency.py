"""How long an event waits for its verdict while events come at a steady rate: through a door and a worker.

The door stands in one process, a whole worker in another, couriers included, on one SQLite file. An event is
judged when the log holds it: its verdicts were committed with it. It waits from the instant at which it was
to be sent, whether or not the door was ready for it.
"""

from __future__ import annotations

import time
from contextlib import closing
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any, Final

import numpy as np

from peakend.bench.log import START
from peakend.bench.meter import Meter, cpu_of
from peakend.bench.stream import acquaintances, in_batches, live_service, things
from peakend.bench.work import Measured, measured, waiting_for
from peakend.loop import Loop
from peakend.loop.delivering import Post
from peakend.loop.inlet import Inlet
from peakend.loop.starting import Marker
from peakend.loop.worker import Setting, Worker
from peakend.model.delivery import Letter, Receipt, Words
from peakend.model.stored import Arrival
from peakend.store import Store, open_store
from peakend.when import DAY, SECOND

RATE: Final = 2_000
"""Events a second."""
AT_ONCE: Final = 20
"""Events that one sender sends together."""
_LOOK_EVERY: Final = 0.001
_GIVES_UP: Final = 60.0


def arrive(log: Path, events: int) -> Measured:
    """So many events at a steady rate, and how long they waited for their verdicts."""
    path = str(log.with_suffix(".db"))
    set_up(path, log)
    stream = [*in_batches(islice(things(log, SECOND // RATE), events), AT_ONCE)]
    context = get_context("spawn")
    ready, over, began = context.Event(), context.Event(), context.Value("d", 0.0)
    working = context.Process(target=work, args=(path, began, ready, over))
    working.start()
    try:
        if not ready.wait(_GIVES_UP):
            raise AssertionError("the worker of the benchmark did not start")
        before = cpu_of(working.pid or 0)
        with (meter := Meter()):
            waits = _send(path, stream, began)
            over.set()
            working.join(_GIVES_UP)
    finally:
        over.set()
        working.join(_GIVES_UP)
    cost = meter.cost()
    cost = cost._replace(cpu_seconds=cost.cpu_seconds - before)
    with closing(open_store(path)) as store:
        planned = sum(store.message_counts().values())
    half, most = (float(one) for one in np.percentile(waits, (50, 99)))
    note = (
        f"p50 {half:.0f} ms, p99 {most:.0f} ms, longest {max(waits):.0f} ms; {AT_ONCE} events at once, "
        f"{planned / events:.2f} deliveries an event"
    )
    return waiting_for(measured(f"verdicts at {RATE:,} events/s", events, cost, note), half, most)


def set_up(path: str, log: Path) -> None:
    """A new file on which everybody is known already."""
    with closing(open_store(path)) as store:
        loop = Loop(store, live_service(at_once=True), worker="before")
        loop.own(START - DAY)
        for batch in in_batches(acquaintances(log)):
            loop.ingest(batch, START - DAY)
        store.release_shards("before")


def _send(path: str, stream: list[list[Arrival]], began: Any) -> list[float]:
    """Send every batch at its instant; the milliseconds until each was judged."""
    sent, waits, lost = SimpleQueue[tuple[str, float] | None](), list[float](), Event()
    with closing(open_store(path)) as store, closing(open_store(path)) as beside:
        watching = Thread(target=_watch, args=(beside, sent, waits, lost))
        watching.start()
        inlet = Inlet(store, live_service(at_once=True))
        began.value = time.monotonic()
        for number, batch in enumerate(stream):
            due = began.value + number * AT_ONCE / RATE
            time.sleep(max(due - time.monotonic(), 0))
            inlet.admit(batch, batch[-1].at)
            sent.put((batch[-1].id, due))
        sent.put(None)
        watching.join()
    if lost.is_set():
        raise AssertionError(f"an event was not judged within {_GIVES_UP:.0f} seconds")
    return waits


def _watch(
    store: Store, sent: SimpleQueue[tuple[str, float] | None], waits: list[float], lost: Event
) -> None:
    """Look for the last event of each batch until the log holds it: they are folded in their order."""
    while (one := sent.get()) is not None:
        id_, due = one
        while not store.event("bench", id_):
            if time.monotonic() - due > _GIVES_UP:
                lost.set()
                return
            time.sleep(_LOOK_EVERY)
        waits.append(1000 * (time.monotonic() - due))


class _TakesAll:
    """A channel that takes everything and sends nothing."""

    def hand_over(self, letter: Letter, now: int) -> Receipt:
        return Receipt("accepted", "")


def work(path: str, began: Any, ready: Any, over: Any) -> None:
    """A worker process whose clock begins with the first event."""

    def clock() -> int:
        elapsed = time.monotonic() - began.value if began.value else 0.0
        return START + int(elapsed * SECOND)

    words = Words(name="bench", language="en", subject="", text="")
    setting = Setting(
        open_store=partial(open_store, path),
        pack=live_service(at_once=True),
        post=Post(channels={}, compose=lambda contents, who: words, otherwise=_TakesAll()),
        clock=clock,
    )
    marker = Marker(Path(path).with_suffix(".start"))
    worker = Worker(setting, marker)
    Thread(target=_stop, args=(worker, over)).start()
    ready.set()
    worker.run()
    marker.close()


def _stop(worker: Worker, over: Any) -> None:
    over.wait()
    worker.stop()
