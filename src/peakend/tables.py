"""The one door to DuckDB: everything that reads or sorts whole logs as tables stands here.

The log is Parquet in the native form (docs/log.md). Nothing here decides anything; it counts, filters and
sorts, with bounded memory, so that only the events that matter reach Python. Generated SQL quotes every name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa

from peakend.errors import SourceError

Row = tuple[str, str, int, int, int, str, str, str]
"""customer, kind, at, seen, seq, data (JSON text), source, id; instants in microseconds UTC."""

KindRow = tuple[str | None, str | None, str, int, int, int, str, str, str]
"""subject, customer, kind, at, seen, seq, data (JSON text), source, id."""

_BATCH = 65_536
_GROUP = 61_440


class LogFacts(NamedTuple):
    """What a log holds. `in_order` says that everything was seen as it happened."""

    events: int
    customers: int
    first: int | None
    last: int | None
    kinds: dict[str, int]
    in_order: bool
    subject_kinds: frozenset[str]


class Span(NamedTuple):
    """The customers from `low` up to, not with, `high` (None: to the end), with about so many rows."""

    low: str
    high: str | None
    rows: int


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
        connection.execute(f"SET temp_directory = {_quoted(str(scratch))}")
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
                FROM {_files(log)} GROUP BY 1 ORDER BY 1"""
        ).fetchall()
        customers = connection.execute(f'SELECT count(DISTINCT "customer") FROM {_files(log)}').fetchall()[0][
            0
        ]
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


def sort_relevant(
    connection: duckdb.DuckDBPyConnection,
    log: Sequence[Path],
    kinds: Iterable[str],
    out: Path,
    *,
    identities: Mapping[str, str] | None = None,
    fanned: Path | None = None,
    only: str | None = None,
) -> int:
    """Write the events of `kinds` in the order of customer, seen, seq; return how many there are.

    `identities` replaces customers by who they turned out to be; `fanned` adds the events that reached
    customers through a subject; `only` keeps one customer.
    """
    known = pa.table(
        {"known": list((identities or {}).keys()), "final": list((identities or {}).values())},
        schema=pa.schema([("known", pa.string()), ("final", pa.string())]),
    )
    connection.register("identity", known)
    connection.register("wanted", pa.table({"kind": pa.array(sorted(kinds), pa.string())}))
    columns = '"customer", "kind", "happened_at", "seen_at", "seq", "data", "source", "id"'
    also = f"UNION ALL BY NAME SELECT {columns} FROM {_files([fanned])}" if fanned else ""
    connection.execute(
        f"""COPY (
              SELECT coalesce("final", "customer") AS "customer", "kind", epoch_us("happened_at") AS "at",
                     epoch_us("seen_at") AS "seen", "seq", "data", coalesce("source", '') AS "source",
                     coalesce("id", '') AS "id"
              FROM (SELECT {columns} FROM {_files(log)} {also})
              LEFT JOIN "identity" ON "known" = "customer"
              WHERE "customer" IS NOT NULL AND "kind" IN (SELECT "kind" FROM "wanted")
                AND coalesce("final", "customer") = coalesce($only, "final", "customer")
              ORDER BY "customer", "seen", "seq", "id"
            ) TO {_quoted(str(out))} (FORMAT parquet, ROW_GROUP_SIZE {_GROUP})""",
        {"only": only},
    )
    return int(connection.execute(f"SELECT count(*) FROM {_files([out])}").fetchall()[0][0])


def spans(connection: duckdb.DuckDBPyConnection, sorted_log: Path) -> list[Span]:
    """Cut a sorted log at the first customer of each row group; no customer is in two spans."""
    rows = connection.execute(
        f"""SELECT "stats_min_value", sum("num_values") FROM parquet_metadata({_quoted(str(sorted_log))})
            WHERE "path_in_schema" = 'customer' AND "stats_min_value" IS NOT NULL GROUP BY 1 ORDER BY 1"""
    ).fetchall()
    lows = ["", *(low for low, _ in rows[1:])]
    highs = [*lows[1:], None]
    return [Span(lows[place], highs[place], int(count)) for place, (_, count) in enumerate(rows)]


def read_span(
    connection: duckdb.DuckDBPyConnection, sorted_log: Path, low: str, high: str | None
) -> Iterator[Row]:
    """The rows of one span of customers, in order."""
    below = 'AND "customer" < $high' if high is not None else ""
    parameters = {"low": low, "high": high} if high is not None else {"low": low}
    yield from _rows(
        connection, f'SELECT * FROM {_files([sorted_log])} WHERE "customer" >= $low {below}', parameters
    )


def read_customers(
    connection: duckdb.DuckDBPyConnection, sorted_log: Path, customers: Sequence[str] | None, order: str
) -> Iterator[Row]:
    """The rows of some customers (None: of all), by 'customer' (each one's log) or 'seen' (in time)."""
    connection.register("some", pa.table({"customer": pa.array(customers or (), pa.string())}))
    by = '"customer", "seen", "seq"' if order == "customer" else '"seen", "customer", "seq"'
    among = "" if customers is None else 'WHERE "customer" IN (FROM "some")'
    yield from _rows(connection, f"SELECT * FROM {_files([sorted_log])} {among} ORDER BY {by}", {})


def read_kinds(
    connection: duckdb.DuckDBPyConnection, log: Sequence[Path], kinds: Sequence[str]
) -> Iterator[KindRow]:
    """The rows of some kinds, by (seen, seq)."""
    connection.register("some", pa.table({"kind": pa.array(kinds, pa.string())}))
    cursor = connection.execute(
        f"""SELECT "subject", "customer", "kind", epoch_us("happened_at"), epoch_us("seen_at"), "seq", "data",
                   coalesce("source", ''), coalesce("id", '')
            FROM {_files(log)} WHERE "kind" IN (FROM "some") ORDER BY 5, 6"""
    )
    while rows := cursor.fetchmany(_BATCH):
        yield from rows


def shared_keys(
    connection: duckdb.DuckDBPyConnection, sorted_log: Path, field: str, kinds: Iterable[str]
) -> list[str]:
    """The values of a key field that occur with more than one customer, at most a thousand of them."""
    connection.register("keyed", pa.table({"kind": pa.array(sorted(kinds), pa.string())}))
    rows = connection.execute(
        f"""SELECT "key" FROM (
              SELECT "customer", TRY(json_extract_string("data", $path)) AS "key" FROM {_files([sorted_log])}
              WHERE "kind" IN (FROM "keyed"))
            WHERE "key" IS NOT NULL GROUP BY 1 HAVING min("customer") <> max("customer")
            ORDER BY 1 LIMIT 1000""",
        {"path": f'$."{field}"'},
    ).fetchall()
    return [row[0] for row in rows]


def read_through(
    connection: duckdb.DuckDBPyConnection, log: Sequence[Path], *, in_order: bool
) -> tuple[int, int]:
    """Read all that a backtest reads, as it lies or in its order: the number of rows and their checksum.

    This is what DuckDB alone would take for it, to set a backtest's time against.
    """
    columns = '"customer", "kind", "happened_at", "seen_at", "seq", "data", "source", "id"'
    if not in_order:
        query = f"SELECT count(*), sum(hash({columns}) % 1000003) FROM {_files(log)}"
        rows, checksum = connection.execute(query).fetchall()[0]
        return rows, int(checksum)
    query = f'SELECT {columns} FROM {_files(log)} ORDER BY "customer", "seen_at", "seq", "id"'
    rows = checksum = 0
    for batch in connection.execute(query).to_arrow_reader(_BATCH):
        rows += batch.num_rows
        checksum += int(batch.column("seq").to_numpy().sum())
    return rows, checksum


def customer_names(connection: duckdb.DuckDBPyConnection, log: Sequence[Path]) -> list[str]:
    """Some customers of a log, in the order of their names."""
    rows = connection.execute(
        f"""SELECT DISTINCT "customer" FROM {_files(log)} WHERE "customer" IS NOT NULL
            ORDER BY 1 LIMIT 20000"""
    ).fetchall()
    return [row[0] for row in rows]


def compare_listings(
    connection: duckdb.DuckDBPyConnection, old: Path, new: Path
) -> tuple[list[tuple[str, str, int, int, list[str]]], int]:
    """(play, change, steps, people, examples) of two lists of verdicts, and the people with any change."""
    key = '"customer", "play", "key", "occurrence", "step", "round"'
    finals = {
        name: f"""SELECT {key}, "instant", "outcome", "reason"
                  FROM read_json({_quoted(str(path))}, format = 'newline_delimited', columns = {_VERDICT})
                  WHERE "outcome" <> 'hold'"""
        for name, path in (("old", old), ("new", new))
    }
    connection.execute(
        f"""CREATE OR REPLACE TABLE "changed" AS
            SELECT {key},
              CASE WHEN n."outcome" = 'send' AND o."outcome" IS DISTINCT FROM 'send' THEN 'new'
                   WHEN o."outcome" = 'send' AND n."outcome" IS DISTINCT FROM 'send' THEN 'gone'
                   WHEN o."outcome" = 'send' AND o."instant" <> n."instant" THEN 'moved'
                   WHEN o."outcome" = 'suppress' AND n."outcome" = 'suppress' AND o."reason" <> n."reason"
                   THEN 'reason' END AS "change"
            FROM ({finals["old"]}) o FULL JOIN ({finals["new"]}) n USING ({key})"""
    )
    rows = connection.execute(
        """SELECT "play", "change", count(*), count(DISTINCT "customer"), min(DISTINCT "customer", 5)
           FROM "changed" WHERE "change" IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"""
    ).fetchall()
    people = connection.execute(
        """SELECT count(DISTINCT "customer") FROM "changed" WHERE "change" IS NOT NULL"""
    ).fetchall()[0][0]
    return rows, people


_VERDICT = (
    "{customer: 'VARCHAR', play: 'VARCHAR', key: 'VARCHAR', occurrence: 'BIGINT', step: 'VARCHAR', "
    "round: 'BIGINT', due: 'VARCHAR', instant: 'VARCHAR', outcome: 'VARCHAR', reason: 'VARCHAR'}"
)


def _rows(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Mapping[str, object]
) -> Iterator[Row]:
    reader = connection.execute(query, parameters).to_arrow_reader(_BATCH)
    for batch in reader:
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _files(paths: Sequence[Path]) -> str:
    names = ", ".join(_quoted(str(path)) for path in paths)
    return f"read_parquet([{names}], union_by_name = true)"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
