"""A real server on loopback over a store on the disk, with a key, for the tests of the way in."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pyarrow as pa
import uvicorn
from people_world import key_of

from peakend.instance.file import Instance, Placed
from peakend.loop import Loop
from peakend.model.account import Scope
from peakend.model.pack import Pack
from peakend.model.stored import Recorded
from peakend.store import Store, open_store
from peakend.web.app import create_app
from peakend.web.house import House


def now() -> int:
    return time.time_ns() // 1000


class Server:
    """A server that runs, and the file behind it."""

    def __init__(self, url: str, database: str, key: str) -> None:
        self.url, self.database, self.key = url, database, key

    def client(self, **headers: str) -> httpx.Client:
        return httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {self.key}"} | headers, timeout=60
        )

    def store(self) -> Any:
        return closing(open_store(self.database))

    def log(self, pack: Pack) -> list[Recorded]:
        """What a worker has made of everything that was sent, in the order in which it came."""
        with self.store() as store:
            loop = Loop(store, pack, worker="test")
            loop.own(now())
            loop.fold(now())
            return [one for one in _recorded(store) if one.source != "peakend"]


@contextmanager
def serving(
    folder: Path,
    scopes: Sequence[Scope] = ("events:write",),
    opened: Callable[[str], Store] = open_store,
    **limits: Any,
) -> Iterator[Server]:
    """A server whose routes for events have these limits, until the block ends."""
    database = str(folder / "events.db")
    with closing(open_store(database)) as store:
        key = key_of(store, *scopes)["Authorization"].removeprefix("Bearer ")
    raw = {"serve": {"events": limits}}
    house = House(lambda: opened(database), Placed(msgspec.convert(raw, Instance), None, None), now)
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        settings = uvicorn.Config(create_app(house), log_config=None, access_log=False, http="httptools")
        server = uvicorn.Server(settings)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield Server(f"http://127.0.0.1:{listener.getsockname()[1]}", database, key)
        finally:
            server.should_exit = True
            thread.join()


def _recorded(store: Store) -> list[Recorded]:
    return [Recorded(*row) for batch in store.recorded() for row in _rows(batch)]


def _rows(batch: Any) -> list[tuple[Any, ...]]:
    columns = [batch.column(name) for name in _COLUMNS]
    columns[2:4] = [one.cast(pa.int64()) for one in columns[2:4]]
    columns = [one.to_pylist() for one in columns]
    return list(zip(*columns, strict=True))


_COLUMNS = ("customer", "kind", "happened_at", "seen_at", "seq", "data", "source", "id", "subject")
