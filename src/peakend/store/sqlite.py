"""SQLite: the embedded database, one file and one shard, for one machine.

Every commit is on the disk before it returns (WAL, synchronous=FULL). Several processes may open the file;
writers take turns, and one that has waited for long says who to look for.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from peakend.model.stored import Arrival, Fate
from peakend.store import schema
from peakend.store.base import Away, StoreError
from peakend.store.rows import ARRIVAL, Row, arrival_from, arrival_rows, fates
from peakend.store.schema import Insert, insert

PATIENCE = 20
"""Seconds that a writer waits for another one."""

_INBOX = insert(schema.inbox)
_KNOWN = f"""SELECT {ARRIVAL} FROM event WHERE source = ? AND id = ?
             UNION ALL SELECT {ARRIVAL} FROM inbox WHERE source = ? AND id = ?"""
_BATCH = 10_000


def connect(path: Path) -> sqlite3.Connection:
    """Open a file as every part of Peakend does. Raises StoreError where it is no database."""
    with told(path):
        connection = sqlite3.connect(path, PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA cache_size = -65536")
        except sqlite3.Error:
            connection.close()
            raise
    return connection


class SqliteDatabase:
    """A connection to a file."""

    shards = 1
    begin = "BEGIN IMMEDIATE"
    skip_locked = ""
    keep_turns_out = ""  # BEGIN IMMEDIATE has done so
    among = "IN (SELECT value FROM json_each(?))"
    asked = """FROM (SELECT json_extract(value, '$[0]') AS a, json_extract(value, '$[1]') AS b,
                       json_extract(value, '$[2]') AS c FROM json_each(?)) AS asked"""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = connect(path)

    def texts(self, values: Sequence[str]) -> str:
        return json.dumps(values)

    def triples(self, rows: Sequence[Row]) -> list[str]:
        return [json.dumps(rows)]

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[Row]:
        with told(self._path):
            return self._connection.execute(statement, parameters).fetchall()

    def run(self, statement: str, parameters: Sequence[Any] = ()) -> int:
        with told(self._path):
            return self._connection.execute(statement, parameters).rowcount

    def write(self, what: Insert, rows: Sequence[Row]) -> None:
        with told(self._path):
            self._connection.executemany(_statement(what), rows)

    def append(self, arrivals: Sequence[Arrival]) -> list[Fate]:
        known = {}
        for key in {(one.source, one.id) for one in arrivals}:
            for row in self.rows(_KNOWN, key + key):
                known[key] = arrival_from(row)
        found = fates(arrivals, known)
        new = [one for one, fate in zip(arrivals, found, strict=True) if fate == "taken"]
        if new:
            self.write(_INBOX, arrival_rows(new, self.shards, self.numbers(len(new))))
        return found

    def numbers(self, count: int) -> range:
        (last,) = self.rows("SELECT coalesce(max(number), 0) FROM inbox WHERE shard = 0")[0]
        return range(last + 1, last + 1 + count)

    def lock_merges(self) -> None:
        """The one writer is alone anyway."""

    def lock_shards(self, customers: Sequence[str]) -> None:
        """The one writer is alone anyway."""

    def forget(self) -> None:
        """The file is written anew without what was deleted, and the journal beside it is emptied."""
        self.run("VACUUM")
        (busy, *_) = self.rows("PRAGMA wal_checkpoint(TRUNCATE)")[0]
        if busy:
            raise StoreError(
                "what was erased is deleted, but another process is reading the file and keeps a copy alive",
                place=str(self._path),
                fix="End the other process, then erase the same customer again",
                what_zh="相关数据已删除，但另一个进程正在读取该文件，旧内容仍留在日志文件中",
                fix_zh="请结束该进程，然后对同一客户再执行一次删除",
            )

    def stream(self, statement: str) -> Iterator[list[Row]]:
        connection = connect(self._path)
        try:
            with told(self._path):
                cursor = connection.execute(statement)
                while rows := cursor.fetchmany(_BATCH):
                    yield rows
        finally:
            connection.close()

    def roll_back(self) -> None:
        with suppress(sqlite3.Error):  # after some errors SQLite has done so itself
            self._connection.execute("ROLLBACK")

    def close(self) -> None:
        self._connection.close()


@cache
def _statement(what: Insert) -> str:
    marks = ", ".join("?" * len(what.columns))
    names = ", ".join(f'"{name}"' for name in what.columns)
    return f'INSERT INTO "{what.table}" ({names}) VALUES ({marks}) {what.tail}'


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Errors of the driver as errors that name the file and the fix."""
    try:
        yield
    except (sqlite3.Error, OverflowError, UnicodeEncodeError) as error:
        fix, fix_zh = _fix(str(error))
        kind = Away if isinstance(error, sqlite3.OperationalError) else StoreError
        raise kind(
            f"SQLite: {error}",
            place=str(path),
            fix=fix,
            what_zh=f"SQLite：{error}",
            fix_zh=fix_zh,
        ) from error


def _fix(said: str) -> tuple[str, str]:
    for part, fix in _FIXES.items():
        if part in said:
            return fix
    return (
        "Check the file with: sqlite3 FILE 'PRAGMA integrity_check'",
        "请检查文件：sqlite3 FILE 'PRAGMA integrity_check'",
    )


_FIXES = {
    "not a database": (
        "Name a file that Peakend made, or a new one",
        "请指定由 Peakend 创建的文件，或一个新文件",
    ),
    "unable to open": (
        "Check that the folder exists and may be written to",
        "请检查文件夹是否存在、是否有写入权限",
    ),
    "readonly": (
        "Check that the file and its folder may be written to",
        "请检查文件及其文件夹的写入权限",
    ),
    "locked": (
        f"Another process has been writing for {PATIENCE} seconds: end it, or try again",
        f"另一个进程已连续写入 {PATIENCE} 秒：请结束它，或稍后重试",
    ),
    "full": (
        "Make room on the disk: nothing is lost, what was not written is asked for again",
        "请清理磁盘空间：没有数据丢失，未写入的内容会再次处理",
    ),
    "UNIQUE": (
        "Keep what was taken from the inbox, once",
        "只保存从收件箱取出的动态，且只保存一次",
    ),
}
