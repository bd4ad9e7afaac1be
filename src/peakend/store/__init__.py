"""Where a service's log, states, conclusions and messages live: three twins behind one contract (base.py).

A store is brought to the newest tables as it is opened.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Literal

from peakend.store.base import Fenced, Overtaken, Store, StoreError, Turn
from peakend.store.memory import MemoryStore
from peakend.store.schema import VERSION, VERSIONS
from peakend.store.sql import SqlStore
from peakend.store.sqlite import SqliteDatabase
from peakend.store.sqlite import connect as connect_file

__all__ = ["Fenced", "MemoryStore", "Overtaken", "Store", "StoreError", "Turn", "open_store"]


def open_store(url: str) -> Store:
    """Open the store at `memory:`, a file path, `sqlite:///PATH`, or `postgresql://HOST/DATABASE`.

    What is not there yet is made, an older version is brought to the newest. Raises StoreError for another
    scheme, a server that cannot be reached, a file that is no database, and tables of a newer Peakend.
    """
    scheme, _, rest = url.partition("://")
    if url == "memory:":
        return MemoryStore()
    if rest and scheme in ("postgresql", "postgres"):
        return _on_server(url)
    if scheme == "sqlite" and rest.startswith("/") and rest != "/":
        return _in_file(Path(rest[1:]))
    if "://" in url or url.startswith("memory:") or not url:
        raise StoreError(
            f"'{url}' is no store",
            fix="Write a file path, sqlite:///peakend.db, postgresql://host/database, or memory:",
            what_zh=f"'{url}' 不是可用的数据存储",
            fix_zh="请写文件路径、sqlite:///peakend.db、postgresql://host/database 或 memory:",
        )
    return _in_file(Path(url))


def _in_file(path: Path) -> Store:
    _bring_up("sqlite", lambda: connect_file(path))
    return SqlStore(SqliteDatabase(path))


def _on_server(url: str) -> Store:
    from peakend.store import postgres  # noqa: PLC0415  who keeps a file waits for no driver of a server

    _bring_up("postgresql", lambda: postgres.connect(url))
    return SqlStore(postgres.PostgresDatabase(url))


def _bring_up(dialect: Literal["sqlite", "postgresql"], connect: Callable[[], Any]) -> None:
    with closing(connect()) as raw, suppress(Exception):  # no such table yet, in the words of either driver
        if raw.execute(f"SELECT version_num FROM {VERSIONS}").fetchone() == (VERSION,):
            return
    from peakend.store.migrate import migrate  # noqa: PLC0415  alembic takes a second, once in a store's life

    migrate(dialect, connect)
