"""From HTTP to the outbox: senders, a whole server, and a whole worker, each in a process of its own.

On the clock is everything from the first request until the last event's verdicts and planned deliveries are
committed. Beside it the same events through the loop alone: no door, no server, no second writer.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import islice
from multiprocessing import get_context
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, Final

import msgspec

from peakend.bench import latency
from peakend.bench.log import START
from peakend.bench.meter import Meter, cpu_of
from peakend.bench.stream import BATCH, in_batches, live_service, things
from peakend.bench.work import Measured, compared, measured
from peakend.deliver.egress import Egress
from peakend.loop import Loop
from peakend.model.account import ApiKey, AuditEntry, token_hash
from peakend.model.stored import Arrival
from peakend.store import Store, open_store
from peakend.web.people.tokens import new_key
from peakend.web.serving import Serving, serve
from peakend.when import DAY, MINUTE, SECOND, format_instant

SENDERS: Final = 4
"""Senders at once, each with one request on its way."""
PACE: Final = 200
"""Microseconds between two events by the clock of the log: no timer comes due meanwhile."""
_FILE: Final = "serve: {host: 127.0.0.1, port: 0, events: {a_second: 0}}\n"
_GIVES_UP: Final = 600.0
_LOOK_EVERY: Final = 0.005
_DONE: Final = 202


def bring(log: Path, events: int) -> list[Measured]:
    """So many events through `ingest` and `tick` of the loop alone, and the same ones by HTTP."""
    stream = [*in_batches(islice(things(log, PACE), events))]
    alone = _ingested(str(log.with_suffix(".alone.db")), log, stream)
    return [alone, compared(_brought(str(log.with_suffix(".http.db")), log, stream), alone)]


def _ingested(path: str, log: Path, stream: Sequence[Sequence[Arrival]]) -> Measured:
    latency.set_up(path, log)
    with closing(open_store(path)) as store:
        loop, meter = Loop(store, live_service(at_once=True)), Meter()
        loop.own(START - DAY)
        with meter:
            for batch in stream:
                loop.ingest(batch, batch[-1].at)
                loop.tick(batch[-1].at)
        return measured("the loop alone, 25% relevant", _number(stream), meter.cost(), _note(store))


def _brought(path: str, log: Path, stream: Sequence[Sequence[Arrival]]) -> Measured:
    latency.set_up(path, log)
    headers = {"authorization": f"Bearer {_key(path)}", "content-type": "application/json"}
    bodies = [msgspec.json.encode([_told(one) for one in batch]) for batch in stream]
    context = get_context("spawn")
    ready, over, began = context.Event(), context.Event(), context.Value("d", 0.0)
    working = context.Process(target=latency.work, args=(path, began, ready, over))
    working.start()
    try:
        with serving(path) as (home, server):
            if not ready.wait(_GIVES_UP):
                raise AssertionError("the worker of the benchmark did not start")
            both = server.pid or 0, working.pid or 0
            before = [cpu_of(one) for one in both]
            with closing(open_store(path)) as store, (meter := Meter()):
                began.value = time.monotonic()
                again = _send(f"{home}/api/v1/events", headers, bodies)
                _wait_until_decided(store, began.value)
                seconds = time.monotonic() - began.value
                took = [cpu_of(one) - was for one, was in zip(both, before, strict=True)]
                note = _note(store)
            cost = meter.cost()
    finally:
        over.set()
        working.join(_GIVES_UP)
    senders = cost.cpu_seconds
    each = [f"{1e6 * one / _number(stream):.0f} µs" for one in (*took, senders)]
    note += (
        f"; of the processors an event took {each[0]} of the server, {each[1]} of the worker, {each[2]} of "
    )
    note += f"the {SENDERS} senders; {again} requests were sent again"
    cost = cost._replace(seconds=seconds, cpu_seconds=sum(took) + senders)
    return measured("HTTP to outbox, 25% relevant", _number(stream), cost, note)


def _send(address: str, headers: dict[str, str], bodies: Sequence[bytes]) -> int:
    """Send every body until it is taken; how many had to be sent again."""

    def send(body: bytes) -> int:
        egress = Egress(seconds=60, private_hosts=("127.0.0.1",))
        for attempt in range(10_000):
            answer = egress.send("POST", address, headers, body)
            if answer.status == _DONE:
                return attempt
            if answer.status not in (429, 503):
                raise AssertionError(answer.body)
            time.sleep(float(answer.headers.get("retry-after", "1")))
        raise AssertionError("the server took nothing more")

    with ThreadPoolExecutor(SENDERS) as pool:
        return sum(pool.map(send, bodies))


def _wait_until_decided(store: Store, began: float) -> None:
    """Until nothing waits and nothing comes due soon by the worker's clock, which decides a follow-up some
    milliseconds after its event: all is decided, planned and committed."""
    end = time.monotonic() + _GIVES_UP
    while store.busy(START + int((time.monotonic() - began) * SECOND) + MINUTE):
        if time.monotonic() > end:
            raise AssertionError("the worker of the benchmark did not decide everything")
        time.sleep(_LOOK_EVERY)


@contextmanager
def serving(path: str) -> Iterator[tuple[str, SpawnProcess]]:
    """A whole server on a store, without workers of its own: its address without a slash, and its process."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(path, theirs))
    process.start()
    try:
        if not ours.poll(_GIVES_UP):
            raise AssertionError("the server of the benchmark did not start")
        yield ours.recv().rstrip("/"), process
    finally:
        process.terminate()
        process.join(_GIVES_UP)


def _serve(path: str, address: Any) -> None:
    """A server process without workers of its own."""
    file = Path(path).with_suffix(".yaml")
    file.write_text(_FILE, "utf-8")
    serve(
        Serving(orders=(), config=file, url=path, named="", host="127.0.0.1", port=0, quiet=True),
        address.send,
    )


def _key(path: str) -> str:
    text, id_ = new_key()
    key = ApiKey(
        id=id_, hash=token_hash(text), label="bench", scopes=("events:write",), who="bench", made=START
    )
    with closing(open_store(path)) as store:
        store.add_key(key, AuditEntry(at=START, who="bench", what="key.made", about=id_))
    return text


def _told(one: Arrival) -> dict[str, Any]:
    """An arrival as a sender sends it."""
    told = {"id": one.id, "source": one.source, "customer": one.customer, "kind": one.kind}
    return told | {"at": format_instant(one.at), "data": msgspec.json.decode(one.data)}


def _number(stream: Sequence[Sequence[Arrival]]) -> int:
    return sum(map(len, stream))


def _note(store: Store) -> str:
    planned = sum(store.message_counts().values())
    return f"20 plays, {BATCH} events a request or commit, {planned:,} deliveries planned"
