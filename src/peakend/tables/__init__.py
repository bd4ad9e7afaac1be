"""The one door to DuckDB: everything that reads or sorts whole logs as tables stands here.

The log is Parquet in the native form (docs/log.md). Nothing here decides anything; it counts, filters and
sorts, with bounded memory, so that only the events that matter reach Python (`sorted_log.py`). Generated SQL
quotes every name and every value (`sql.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb

from peakend.errors import SourceError
from peakend.tables.sorted_log import (
    Some,
    Span,
    names_of,
    read_customers,
    read_span,
    shared_keys,
    sort_relevant,
    spans,
)
from peakend.tables.sql import BATCH, among, files_of, quoted, row_count

__all__ = [
    "KindRow",
    "LogFacts",
    "Some",
    "Span",
    "connect",
    "customer_names",
    "names_of",
    "read_customers",
    "read_kinds",
    "read_span",
    "read_through",
    "row_count",
    "shared_keys",
    "sort_relevant",
    "spans",
    "survey",
]

KindRow = tuple[str | None, str | None, str, int, int, int, str, str, str]
"""subject, customer, kind, at, seen, seq, data (JSON text), source, id."""


class LogFacts(NamedTuple):
    """What a log holds. `in_order` says that everything was seen as it happened."""

    events: int
    customers: int
    first: int | None
    last: int | None
    kinds: dict[str, int]
    in_order: bool
    subject_kinds: frozenset[str]


def connect(scratch: Path | None = None, memory: str = "600MB") -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB that spills to `scratch`, if given, instead of growing beyond `memory`."""
    connection = duckdb.connect()
    # Every thread pins memory of its own: with dozens of them a sort cannot keep within the limit and fails.
    (threads,) = connection.execute("SELECT least(current_setting('threads'), 8)").fetchall()[0]
    connection.execute(f"SET threads = {threads}")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    connection.execute(f"SET memory_limit = '{memory}'")
    if scratch:
        connection.execute(f"SET temp_directory = {quoted(str(scratch))}")
    return connection


def survey(connection: duckdb.DuckDBPyConnection, log: Sequence[Path]) -> LogFacts:
    """Count a log. Raises SourceError when a file is missing or no native log."""
    for path in log:
        if not path.exists():
            raise SourceError("There is no such log", place=str(path), fix="Give a file, a folder or a glob")
    try:
        rows = connection.execute(
            f"""SELECT "kind", count(*), epoch_us(min("seen_at")), epoch_us(max("seen_at")),
                       bool_and("seen_at" = "happened_at"), count("subject") FILTER ("customer" IS NULL)
                FROM {files_of(log)} GROUP BY 1 ORDER BY 1"""
        ).fetchall()
        customers = connection.execute(f'SELECT count(DISTINCT "customer") FROM {files_of(log)}').fetchall()[
            0
        ][0]
    except duckdb.Error as error:
        raise SourceError(
            f"This is not a native log ({str(error).splitlines()[0]})",
            place=str(log[0]),
            fix="Convert it first: peakend ingest PACK --events FILE --out LOG.parquet",
        ) from error
    return LogFacts(
        events=sum(row[1] for row in rows),
        customers=customers,
        first=min((row[2] for row in rows), default=None),
        last=max((row[3] for row in rows), default=None),
        kinds={row[0]: row[1] for row in rows},
        in_order=all(row[4] for row in rows),
        subject_kinds=frozenset(row[0] for row in rows if row[5]),
    )


def read_kinds(
    connection: duckdb.DuckDBPyConnection, log: Sequence[Path], kinds: Sequence[str]
) -> Iterator[KindRow]:
    """The rows of some kinds, by (seen, seq)."""
    cursor = connection.execute(
        f"""SELECT "subject", "customer", "kind", epoch_us("happened_at"), epoch_us("seen_at"), "seq", "data",
                   coalesce("source", ''), coalesce("id", '')
            FROM {files_of(log)} WHERE "kind" IN {among(kinds)} ORDER BY 5, 6"""
    )
    while rows := cursor.fetchmany(BATCH):
        yield from rows


def read_through(
    connection: duckdb.DuckDBPyConnection, log: Sequence[Path], *, in_order: bool
) -> tuple[int, int]:
    """Read all that a backtest reads, as it lies or in its order: the number of rows and their checksum.

    This is what DuckDB alone would take for it, to set a backtest's time against.
    """
    columns = '"customer", "kind", "happened_at", "seen_at", "seq", "data", "source", "id"'
    if not in_order:
        query = f"SELECT count(*), sum(hash({columns}) % 1000003) FROM {files_of(log)}"
        rows, checksum = connection.execute(query).fetchall()[0]
        return rows, int(checksum)
    query = f'SELECT {columns} FROM {files_of(log)} ORDER BY "customer", "seen_at", "seq", "id"'
    rows = checksum = 0
    for batch in connection.execute(query).to_arrow_reader(BATCH):
        rows += batch.num_rows
        checksum += int(batch.column("seq").to_numpy().sum())
    return rows, checksum


def customer_names(connection: duckdb.DuckDBPyConnection, log: Sequence[Path]) -> list[str]:
    """Some customers of a log, in the order of their names."""
    rows = connection.execute(
        f"""SELECT DISTINCT "customer" FROM {files_of(log)} WHERE "customer" IS NOT NULL
            ORDER BY 1 LIMIT 20000"""
    ).fetchall()
    return [row[0] for row in rows]
