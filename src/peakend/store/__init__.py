"""Where a service's log, states, conclusions and messages live: three twins behind one contract (base.py).

A store is brought to the newest tables as it is opened.
"""

from __future__ import annotations

from pathlib import Path

from peakend.store.base import Fenced, Store, StoreError, Turn
from peakend.store.memory import MemoryStore
from peakend.store.migrate import migrate
from peakend.store.postgres import PostgresDatabase
from peakend.store.postgres import connect as connect_postgres
from peakend.store.sql import SqlStore
from peakend.store.sqlite import SqliteDatabase
from peakend.store.sqlite import connect as connect_sqlite

__all__ = ["Fenced", "MemoryStore", "Store", "StoreError", "Turn", "open_store"]


def open_store(url: str) -> Store:
    """Open the store at `memory:`, a file path, `sqlite:///PATH`, or `postgresql://HOST/DATABASE`.

    What is not there yet is made, an older version is brought to the newest. Raises StoreError for another
    scheme, a server that cannot be reached, a file that is no database, and tables of a newer Peakend.
    """
    scheme, colon, rest = url.partition(":")
    if url == "memory:":
        return MemoryStore()
    if scheme in ("postgresql", "postgres") and colon:
        migrate("postgresql", lambda: connect_postgres(url))
        return SqlStore(PostgresDatabase(url))
    if scheme == "sqlite" and rest.startswith("///") and len(rest) > 3:
        return _in_file(Path(rest[3:]))
    if "://" in url or scheme == "memory" or not url:
        raise StoreError(
            f"'{url}' is no store",
            fix="Write a file path, sqlite:///peakend.db, postgresql://host/database, or memory:",
            what_zh=f"'{url}' 不是可用的数据存储",
            fix_zh="请写文件路径、sqlite:///peakend.db、postgresql://host/database 或 memory:",
        )
    return _in_file(Path(url))


def _in_file(path: Path) -> Store:
    migrate("sqlite", lambda: connect_sqlite(path))
    return SqlStore(SqliteDatabase(path))
