"""PostgreSQL: many machines, 64 shards, one owner each.

Doors write into the inbox from anywhere; who owns a shard is fenced by its epoch. A connection that was lost
is a StoreError, and the next call connects again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any, cast

import psycopg
from psycopg.conninfo import conninfo_to_dict

from peakend.model.stored import Arrival, Fate
from peakend.store import schema
from peakend.store.base import Away, StoreError
from peakend.store.refusals import unstorable
from peakend.store.rows import (
    ARRIVAL,
    Key,
    Row,
    arrival_from,
    arrival_rows,
    fates,
    first_of_each,
    shard_of,
)
from peakend.store.schema import Insert, insert

Connection = psycopg.Connection[Row]

FROZEN = 60
"""Seconds without a word within a transaction after which the server takes a worker for frozen."""

# A worker that froze in the middle of a transaction is cut off, or its shard could never be taken over (which
# is why nothing is pipelined: a server that waits for the rest of a pipeline does not count as idle); a
# plan that was made while a table was empty is not kept; a server set up to promise less is not believed.
_SETTINGS = """SET idle_in_transaction_session_timeout = '{frozen}s'; SET lock_timeout = '20s';
               SET plan_cache_mode = force_custom_plan; SET synchronous_commit = on;
               SET default_transaction_isolation = 'read committed'"""

_INBOX = insert(schema.inbox, tail="ON CONFLICT (source, id) DO NOTHING RETURNING source, id")
_ASKED = "FROM unnest(?::text[], ?::text[]) AS asked (source, id)"
_NAMED = ", ".join(f"found.{name}" for name in ARRIVAL.split(", "))
_BATCH = 10_000
_PLACES = 1_000_000
_MERGES = 7325946202
"""The lock that whoever merges customers holds."""


def connect(url: str) -> Connection:
    """Connect as every part of Peakend does. Raises StoreError where the server cannot be reached."""
    with told(url):
        connection = psycopg.connect(url, autocommit=True, **_defaults(url))
        connection.execute(_SETTINGS.format(frozen=FROZEN).encode())
    return cast(Connection, connection)


class PostgresDatabase:
    """A connection to a server. The next statement makes a lost one anew; within a transaction there is no
    next one, because a session lets nothing through after an error.
    """

    shards = 64
    begin = "BEGIN"
    skip_locked = "FOR UPDATE SKIP LOCKED"
    # Every turn begins with a change of its shard, and whoever changes a row holds its table so far.
    keep_turns_out = "LOCK TABLE shard IN EXCLUSIVE MODE"
    among = "= ANY(?::text[])"
    asked = "FROM unnest(?::text[], ?::text[], ?::text[]) AS asked (a, b, c)"

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection = connect(url)

    def texts(self, values: Sequence[str]) -> str:
        return _array(values, "TEXT") if values else "{}"

    def triples(self, rows: Sequence[Row]) -> list[str]:
        return [_array(column, "TEXT") for column in zip(*rows, strict=True)]

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[Row]:
        return self._execute(_statement(statement), parameters).fetchall()

    def run(self, statement: str, parameters: Sequence[Any] = ()) -> int:
        return self._execute(_statement(statement), parameters).rowcount

    def write(self, what: Insert, rows: Sequence[Row]) -> None:
        self._written(what, rows)

    def append(self, arrivals: Sequence[Arrival]) -> list[Fate]:
        """Insert first and look then: whoever moves one of these from the inbox to the events meanwhile has
        either committed, and is seen, or holds the row, and is waited for.
        """
        firsts = first_of_each(arrivals)
        if not firsts:
            return []
        numbers = self.numbers(_PLACES)
        # Two doors that insert the same ids in one order wait for each other; in two orders they would
        # deadlock.
        rows = sorted(arrival_rows(firsts.values(), self.shards, numbers), key=lambda row: row[2:4])
        inserted = set(cast(list[Key], self._written(_INBOX, rows).fetchall()))
        known = self._found("inbox", [key for key in firsts if key not in inserted])
        kept = self._found("event", [*firsts])
        twice = [key for key in kept if key in inserted]
        if twice:
            self.run(f"DELETE FROM inbox WHERE (source, id) IN (SELECT source, id {_ASKED})", _columns(twice))
        known |= kept
        if lost := [one for key, one in firsts.items() if key not in inserted and key not in known]:
            self.append(lost)  # another door's, which was taken and thrown away between the two looks
        return fates(arrivals, known)

    def numbers(self, count: int) -> range:
        (batch,) = self.rows("SELECT nextval('inbox_number')")[0]
        return range(batch * _PLACES, batch * _PLACES + count)

    def lock_merges(self) -> None:
        self.rows(f"SELECT pg_advisory_xact_lock({_MERGES})")

    def lock_shards(self, customers: Sequence[str]) -> None:
        numbers = sorted({shard_of(name, self.shards) for name in customers})
        for number in numbers:
            self.rows("SELECT number FROM shard WHERE number = ? FOR UPDATE", (number,))

    def forget(self) -> None:
        """The server frees what was deleted when it cleans up, at the latest now."""
        self.run("VACUUM")

    def stream(self, statement: str) -> Iterator[list[Row]]:
        connection = connect(self._url)
        try:
            with told(self._url), connection.transaction(), connection.cursor("recorded") as cursor:
                cursor.execute(statement)
                while rows := cursor.fetchmany(_BATCH):
                    yield rows
        finally:
            connection.close()

    def roll_back(self) -> None:
        with suppress(psycopg.Error):  # where the connection is gone, the server has done so itself
            self._connection.execute("ROLLBACK")

    def close(self) -> None:
        self._connection.close()

    def _found(self, table: str, keys: list[Key]) -> dict[Key, Arrival]:
        if not keys:
            return {}
        rows = self.rows(f"SELECT {_NAMED} {_ASKED} JOIN {table} AS found USING (source, id)", _columns(keys))
        return {(row[0], row[1]): arrival_from(row) for row in rows}

    def _written(self, what: Insert, rows: Sequence[Row]) -> psycopg.Cursor[Row]:
        columns = zip(zip(*rows, strict=True), what.types, strict=True)
        return self._execute(_insertion(what), [_array(*column) for column in columns])

    def _execute(self, statement: bytes, parameters: Sequence[Any]) -> psycopg.Cursor[Row]:
        if self._connection.closed:
            self._connection = connect(self._url)
        with told(self._url):
            return self._connection.execute(statement, parameters)


@cache
def _statement(text: str) -> bytes:
    return text.replace("?", "%s").encode()


@cache
def _insertion(what: Insert) -> bytes:
    """One statement for many rows: the server runs it once, and a conflict is settled row by row."""
    names = ", ".join(f'"{name}"' for name in what.columns)
    columns = ", ".join(f"%s::{type_}[]" for type_ in what.types)
    return f'INSERT INTO "{what.table}" ({names}) SELECT * FROM unnest({columns}) {what.tail}'.encode()


def _columns(keys: Sequence[Key]) -> list[str]:
    return [_array(column, "TEXT") for column in zip(*keys, strict=True)]


def _array(column: Sequence[Any], type_: str) -> str:
    """A column as the text of an array. The driver's own way costs a microsecond or more for each element."""
    if type_ == "TEXT":
        joined = "\0".join(column)
        if joined.count("\0") != len(column) - 1:
            raise unstorable(column)
        escaped = joined.replace("\\", "\\\\").replace('"', '\\"')
        return '{"' + escaped.replace("\0", '","') + '"}'
    if type_ == "BYTEA":
        return '{"\\\\x' + '","\\\\x'.join([one.hex() for one in column]) + '"}'
    return "{" + ",".join(["NULL" if one is None else str(one) for one in column]) + "}"


def _defaults(url: str) -> dict[str, Any]:
    """What a URL leaves open: an unreachable host, and a peer that vanished, are noticed within a minute."""
    with suppress(psycopg.ProgrammingError):
        said = conninfo_to_dict(url)
        wanted = {
            "connect_timeout": 10,
            "keepalives_idle": 20,
            "keepalives_interval": 10,
            "keepalives_count": 3,
        }
        return {name: value for name, value in wanted.items() if name not in said}
    return {}


@contextmanager
def told(url: str) -> Iterator[None]:
    """Errors of the driver as errors that name the server, never its password, and the fix."""
    try:
        yield
    except psycopg.Error as error:
        said = str(error).strip().partition("\n")[0] or type(error).__name__
        fix, fix_zh = _fix(error)
        kind = StoreError if isinstance(error, psycopg.DataError | psycopg.IntegrityError) else Away
        raise kind(
            f"PostgreSQL: {said}", place=shown(url), fix=fix, what_zh=f"PostgreSQL：{said}", fix_zh=fix_zh
        ) from error


def shown(url: str) -> str:
    """Where a URL leads, without user and password."""
    with suppress(psycopg.ProgrammingError):
        said = conninfo_to_dict(url)
        return f"postgresql://{said.get('host', 'localhost')}/{said.get('dbname', '')}"
    return "postgresql://"


def _fix(error: psycopg.Error) -> tuple[str, str]:
    for kind, fix in _FIXES.items():
        if isinstance(error, kind):
            return fix
    return "Look into the server's log", "请查看数据库服务器的日志"


_FIXES: dict[type[psycopg.Error], tuple[str, str]] = {
    psycopg.errors.LockNotAvailable: (
        "Another process holds the rows for long: try again, and look for it in pg_stat_activity",
        "另一个进程长时间占用这些数据：请重试，并在 pg_stat_activity 中查找该进程",
    ),
    psycopg.errors.UniqueViolation: (
        "Keep what was taken from the inbox, once",
        "只保存从收件箱取出的动态，且只保存一次",
    ),
    psycopg.errors.DiskFull: (
        "Make room on the server's disk: nothing is lost, what was not written is asked for again",
        "请清理数据库服务器的磁盘空间：没有数据丢失，未写入的内容会再次处理",
    ),
    psycopg.OperationalError: (
        "Check that the server runs, and host, database, user and password; the next call connects anew",
        "请检查服务器是否在运行，以及主机、数据库、用户和密码是否正确；下次调用会重新连接",
    ),
}
