"""A database read and written whole, table by table, for backups: SQLite and PostgreSQL in one form.

What is read is one instant, whoever writes meanwhile; what is written appears in one transaction. No program
of a database's makers is needed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, Protocol

from peakend.store import sqlite
from peakend.store.base import StoreError
from peakend.store.rows import Row
from peakend.store.schema import VERSIONS, tables

Dialect = Literal["sqlite", "postgresql"]
BATCH = 5_000


class Whole(Protocol):
    """A database within one transaction. Every error leaves it as a StoreError."""

    dialect: Dialect
    shards: int

    def there(self) -> list[str]:
        """The tables of Peakend that the database has."""

    def columns(self, table: str) -> list[str]: ...

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[list[Row]]:
        """All rows of a table, in pieces."""

    def fill(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Add rows to a table."""

    def ask(self, statement: str) -> list[Row]: ...

    def run(self, statement: str) -> int:
        """How many rows a statement has changed."""


def dialect_of(url: str) -> Dialect:
    """The kind of database that a URL of a store leads to."""
    if is_of_a_file(url):
        return "sqlite"
    if url.startswith(("postgresql://", "postgres://")):
        return "postgresql"
    raise StoreError(
        f"'{url}' cannot be backed up or restored",
        fix="Write a file path, sqlite:///peakend.db, or postgresql://host/database",
        what_zh=f"'{url}' 不能备份或恢复",
        fix_zh="请写文件路径、sqlite:///peakend.db 或 postgresql://host/database",
    )


def is_of_a_file(url: str) -> bool:
    """Whether a URL leads to a file, and neither to a server nor into memory.

    Ask it before `file_of`: a path has lost the two strokes by which a server is known.
    """
    scheme, there, _ = url.partition("://")
    return url != "memory:" and (not there or scheme == "sqlite")


def file_of(url: str) -> Path:
    """The file of a store in SQLite."""
    return Path(url.removeprefix("sqlite:///"))


def connector(url: str) -> Any:
    """What connects to the database of a URL, as its driver does."""
    if dialect_of(url) == "sqlite":
        return lambda: sqlite.connect(file_of(url))
    from peakend.store import postgres  # noqa: PLC0415  who keeps a file waits for no driver of a server

    return lambda: postgres.connect(url)


@contextmanager
def read_whole(url: str) -> Iterator[Whole]:
    """A database as it is at this instant. A file is copied by SQLite itself, so that nobody waits for us."""
    if dialect_of(url) == "postgresql":
        with _on_server(url, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") as found:
            yield found
        return
    path = file_of(url)
    with TemporaryDirectory(prefix="peakend-") as folder, sqlite.told(path):
        copy = sqlite3.connect(Path(folder) / "copy.db", isolation_level=None)
        with closing(copy), closing(sqlite.connect(path)) as source:
            source.backup(copy)
            yield _InFile(copy)


@contextmanager
def written_whole(url: str) -> Iterator[Whole]:
    """A database to be written: all of it when the block ends well, and nothing otherwise."""
    if dialect_of(url) == "postgresql":
        with _on_server(url, "BEGIN") as found:
            yield found
        return
    path = file_of(url)
    with sqlite.told(path), closing(sqlite.connect(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield _InFile(connection)
        connection.execute("COMMIT")


@contextmanager
def _on_server(url: str, begin: str) -> Iterator[Whole]:
    from peakend.store import postgres  # noqa: PLC0415

    with postgres.told(url), closing(postgres.connect(url)) as connection:
        connection.execute(begin.encode())
        yield _OnServer(connection)
        connection.execute(b"COMMIT")


class _InFile:
    dialect: Dialect = "sqlite"
    shards = 1

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def there(self) -> list[str]:
        found = {name for (name,) in self.ask("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return [name for name in _OURS if name in found]

    def columns(self, table: str) -> list[str]:
        return [row[1] for row in self.ask(f'PRAGMA table_info("{table}")')]

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[list[Row]]:
        cursor = self._connection.execute(f'SELECT {_listed(columns)} FROM "{table}"')
        while rows := cursor.fetchmany(BATCH):
            yield rows

    def fill(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        marks = ", ".join("?" * len(columns))
        self._connection.executemany(f'INSERT INTO "{table}" ({_listed(columns)}) VALUES ({marks})', rows)

    def ask(self, statement: str) -> list[Row]:
        return self._connection.execute(statement).fetchall()

    def run(self, statement: str) -> int:
        return self._connection.execute(statement).rowcount


class _OnServer:
    dialect: Dialect = "postgresql"
    shards = 64

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def there(self) -> list[str]:
        rows = self.ask("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        found = {name for (name,) in rows}
        return [name for name in _OURS if name in found]

    def columns(self, table: str) -> list[str]:
        return [name for name, _ in self._typed(table)]

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[list[Row]]:
        types: dict[str, str] = {name: kind for name, kind in self._typed(table)}
        statement = f'COPY (SELECT {_listed(columns)} FROM "{table}") TO STDOUT (FORMAT BINARY)'
        piece: list[Row] = []
        with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types([types[name] for name in columns])
            for row in copy.rows():
                piece.append(row)
                if len(piece) == BATCH:
                    yield piece
                    piece = []
        if piece:
            yield piece

    def fill(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        statement = f'COPY "{table}" ({_listed(columns)}) FROM STDIN'
        with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)

    def ask(self, statement: str) -> list[Row]:
        found: list[Row] = self._connection.execute(statement.encode()).fetchall()
        return found

    def run(self, statement: str) -> int:
        return int(self._connection.execute(statement.encode()).rowcount)

    def _typed(self, table: str) -> list[Row]:
        return self.ask(
            "SELECT column_name, udt_name FROM information_schema.columns "
            f"WHERE table_schema = current_schema() AND table_name = '{table}' ORDER BY ordinal_position"
        )


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


_OURS = (VERSIONS, *tables.tables)
