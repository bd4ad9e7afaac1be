"""The one door to DuckDB: everything that reads or sorts whole logs as tables stands here.

The log is Parquet in the native form (docs/log.md). Nothing here decides anything; it counts, filters and
sorts, with bounded memory, so that only the events that matter reach Python. Generated SQL quotes every name
and every value: to bind a parameter DuckDB loads pandas, as Arrow does to take a list, which costs every
process 60 MB and a second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from shutil import rmtree
from typing import NamedTuple, TypeVar

import duckdb
import msgspec

from peakend.errors import SourceError
from peakend.model.event import JOINED, MERGES
from peakend.model.log import Row

T = TypeVar("T")

KindRow = tuple[str | None, str | None, str, int, int, int, str, str, str]
"""subject, customer, kind, at, seen, seq, data (JSON text), source, id."""

_BATCH = 65_536
_GROUP = 61_440
_LEAST = 2_048
_PART = 24_000_000
_DEALT = 8_000_000
_SAMPLED = 20_000
_FIXED = 56
_PLACE = f""" "seq", "kind" = '{JOINED}' """


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


def row_count(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> int:
    """How many rows some Parquet files have, as they say themselves."""
    names = ", ".join(_quoted(str(path)) for path in files)
    (rows,) = connection.execute(f"SELECT sum(num_rows) FROM parquet_file_metadata([{names}])").fetchall()[0]
    return int(rows or 0)


def sort_relevant(
    connection: duckdb.DuckDBPyConnection,
    log: Sequence[Path],
    kinds: Iterable[str],
    out: Path,
    *,
    identities: Mapping[str, str] | None = None,
    fanned: Path | None = None,
    joins: Path | None = None,
    only: str | frozenset[str] | None = None,
) -> int:
    """Write the events of `kinds` in the order of customer, seen, seq; return how many there are.

    `out` becomes a folder of Parquet files, each with the customers behind those of the file before.
    `identities` replaces customers by who they turned out to be; `fanned` adds the events that reached
    customers through a subject; `only` keeps one customer, or those who have any event of these kinds, under
    whatever name. `joins` adds where the names of one person were
    joined, each behind the merge that said so, and with them a last column: the name that a row was told of.
    """
    columns = '"customer", "kind", "happened_at", "seen_at", "seq", "data", "source", "id"'
    more = [file for file in (fanned, joins) if file]
    plain = f"""WHERE "kind" <> '{JOINED}'""" if joins else ""
    also = f"UNION ALL BY NAME SELECT {columns} FROM {_files(more)}" if more else ""
    who, told = ('"named"', f', {_name_told()} AS "named"') if joins else ('"customer"', "")
    final, join = who, ""
    if identities:
        merged = _written(out.with_name("identities.jsonl"), ("known", "final"), identities.items())
        final, join = f'coalesce("final", {who})', f'LEFT JOIN {merged} ON "known" = {who}'
    whose = f"AND {final} = {_quoted(only)}" if isinstance(only, str) else ""
    wanted = _list([*kinds, *([JOINED] if joins else [])])
    source = f"(SELECT *{told} FROM (SELECT {columns} FROM {_files(log)} {plain} {also})) {join}"
    if isinstance(only, frozenset):
        whose += f""" AND {final} IN (SELECT {final} FROM {source}
                      WHERE {who} IS NOT NULL AND "kind" IN {_list(only)})"""
    relevant = f"""SELECT {final} AS "customer", "kind", epoch_us("happened_at") AS "at",
                          epoch_us("seen_at") AS "seen", "seq", "data", coalesce("source", '') AS "source",
                          coalesce("id", '') AS "id" {', "named"' if joins else ""}
                   FROM {source}
                   WHERE {who} IS NOT NULL AND "kind" IN {wanted} {whose}"""
    files = [*log, *more]
    _with_room(connection, lambda: _write_sorted(connection, relevant, files, out))
    return int(connection.execute(f"SELECT count(*) FROM {_sorted(out)}").fetchall()[0][0])


def spans(connection: duckdb.DuckDBPyConnection, sorted_log: Path) -> list[Span]:
    """Cut a sorted log at the first customer of each row group; no customer is in two spans."""
    rows = connection.execute(
        f"""SELECT "stats_min_value", sum("num_values") FROM parquet_metadata({_quoted(_parts(sorted_log))})
            WHERE "path_in_schema" = 'customer' AND "stats_min_value" IS NOT NULL GROUP BY 1 ORDER BY 1"""
    ).fetchall()
    lows = ["", *(low for low, _ in rows[1:])]
    highs = [*lows[1:], None]
    return [Span(lows[place], highs[place], int(count)) for place, (_, count) in enumerate(rows)]


def read_span(
    connection: duckdb.DuckDBPyConnection,
    sorted_log: Path,
    low: str,
    high: str | None,
    touched: frozenset[str] | None = None,
) -> Iterator[Row]:
    """The rows of one span of customers, in order; of those who have any of these kinds (None: of all)."""
    source = f'{_sorted(sorted_log)} WHERE "customer" >= {_quoted(low)}'
    source += f' AND "customer" < {_quoted(high)}' if high is not None else ""
    rows = _rows(connection, f"SELECT * FROM {source}")
    if touched is None:
        yield from rows
        return
    # A join would not keep the order of the rows.
    names = connection.execute(f'SELECT DISTINCT "customer" FROM {source} AND "kind" IN {_list(touched)}')
    some = {name for (name,) in names.fetchall()}
    yield from (row for row in rows if row[0] in some)


def names_with(sorted_log: Path, kinds: Iterable[str], identities: Mapping[str, str]) -> str:
    """SQL for all names of the customers of a sorted log who have any event of some kinds."""
    some = f'SELECT "customer" FROM {_sorted(sorted_log)} WHERE "kind" IN {_list(kinds)}'
    if not identities:
        return some
    merged = _written(sorted_log.with_name("names.jsonl"), ("known", "final"), identities.items())
    return f'{some} UNION SELECT "known" FROM {merged} WHERE "final" IN ({some})'


def read_customers(
    connection: duckdb.DuckDBPyConnection, sorted_log: Path, customers: Sequence[str] | None, order: str
) -> Iterator[Row]:
    """The rows of some customers (None: of all), by 'customer' (each one's log) or 'seen' (in time)."""
    by = '"customer", "seen"' if order == "customer" else '"seen", "customer"'
    among = ""
    if customers is not None:
        some = _written(sorted_log.with_name("some.jsonl"), ("name",), ((name,) for name in customers))
        among = f'WHERE "customer" IN (SELECT "name" FROM {some})'
    yield from _rows(connection, f"SELECT * FROM {_sorted(sorted_log)} {among} ORDER BY {by}, {_PLACE}")


def read_kinds(
    connection: duckdb.DuckDBPyConnection, log: Sequence[Path], kinds: Sequence[str]
) -> Iterator[KindRow]:
    """The rows of some kinds, by (seen, seq)."""
    cursor = connection.execute(
        f"""SELECT "subject", "customer", "kind", epoch_us("happened_at"), epoch_us("seen_at"), "seq", "data",
                   coalesce("source", ''), coalesce("id", '')
            FROM {_files(log)} WHERE "kind" IN {_list(kinds)} ORDER BY 5, 6"""
    )
    while rows := cursor.fetchmany(_BATCH):
        yield from rows


def shared_keys(
    connection: duckdb.DuckDBPyConnection, sorted_log: Path, field: str, kinds: Iterable[str]
) -> list[str]:
    """The values of a key field that occur with more than one customer, at most a thousand of them."""
    path = _quoted(f'$."{field}"')
    query = f"""SELECT "key" FROM (
                  SELECT "customer", TRY(json_extract_string("data", {path})) AS "key"
                  FROM {_sorted(sorted_log)} WHERE "kind" IN {_list(kinds)})
                WHERE "key" IS NOT NULL GROUP BY 1 HAVING min("customer") <> max("customer")
                ORDER BY 1 LIMIT 1000"""
    rows = _with_room(connection, lambda: connection.execute(query).fetchall())
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


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[Row]:
    reader = connection.execute(query).to_arrow_reader(_BATCH)
    for batch in reader:
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _with_room(connection: duckdb.DuckDBPyConnection, work: Callable[[], T]) -> T:
    """Do some work; where the limit of the connection is too little for it, with what the machine has.

    Rows of many kilobytes do not fit where others do, and no result would be worse than much memory.
    """
    try:
        return work()
    except duckdb.OutOfMemoryException:
        (most,) = duckdb.connect().execute("SELECT current_setting('memory_limit')").fetchall()[0]
        connection.execute(f"SET memory_limit = {_quoted(most)}")
    try:
        return work()
    except duckdb.OutOfMemoryException as error:
        raise SourceError(
            f"There is too little memory for this log ({str(error).splitlines()[0]})",
            fix="Leave long texts out of the fields of its events, or use a machine with more memory",
        ) from error


def _write_sorted(
    connection: duckdb.DuckDBPyConnection, relevant: str, log: Sequence[Path], out: Path
) -> None:
    if out.exists():
        rmtree(out)
    out.mkdir()
    cuts, width = _cuts(connection, relevant, log)
    if cuts:
        _sort_in_parts(connection, relevant, cuts, width, out)
    else:
        _sort(connection, f"({relevant})", out / "part-00000.parquet", width)


def _cuts(connection: duckdb.DuckDBPyConnection, relevant: str, log: Sequence[Path]) -> tuple[list[str], int]:
    """The first customers of all parts but the first, and the bytes of a row; both from a sample of rows."""
    step = max(1, row_count(connection, log) // _SAMPLED)
    sample = connection.execute(
        f"""SELECT "customer", strlen("customer") + strlen("id") + coalesce(strlen("data"), 0) + {_FIXED}
            FROM ({relevant}) WHERE hash("customer", "seen", "seq", "id") % {step} = 0 ORDER BY 1"""
    ).fetchall()
    cuts: list[str] = []
    held, last = 0, None
    for customer, width in sample:
        if held >= _PART and customer != last:
            cuts.append(customer)
            held = 0
        held, last = held + width * step, customer
    return cuts, sum(width for _, width in sample) // max(len(sample), 1) or _FIXED


def _sort_in_parts(
    connection: duckdb.DuckDBPyConnection, relevant: str, cuts: Sequence[str], width: int, out: Path
) -> None:
    """Deal the rows out to the parts, then sort one part after the other.

    One sort of everything would spill, but what it has to hold while it merges grows with the log.
    """
    dealt = out / "dealt"
    rows = max(_LEAST, min(_DEALT // width, _GROUP))
    connection.execute(f"SET partitioned_write_flush_threshold = {rows}")
    connection.execute(
        f"""COPY (SELECT *, {_part_of(cuts, 0, len(cuts))} AS "part" FROM ({relevant}))
            TO {_quoted(str(dealt))} (FORMAT parquet, PARTITION_BY ("part"), ROW_GROUP_SIZE {rows // 16})"""
    )
    (threads,) = connection.execute("SELECT current_setting('threads')").fetchall()[0]
    # A second thread would not make these small sorts cheaper, but doubles what they hold.
    connection.execute("SET threads = 1")
    for part in range(len(cuts) + 1):
        files = _quoted(str(dealt / f"part={part}" / "*.parquet"))
        source = f"read_parquet({files}, hive_partitioning = false)"
        _sort(connection, source, out / f"part-{part:05}.parquet", width)
        rmtree(dealt / f"part={part}")
    connection.execute(f"SET threads = {threads}")


def _part_of(cuts: Sequence[str], low: int, high: int) -> str:
    """SQL for the part of a row's customer, which is one of those from `low` to `high`."""
    if low == high:
        return str(low)
    middle = (low + high) // 2
    below, above = _part_of(cuts, low, middle), _part_of(cuts, middle + 1, high)
    return f'CASE WHEN "customer" < {_quoted(cuts[middle])} THEN {below} ELSE {above} END'


def _sort(connection: duckdb.DuckDBPyConnection, source: str, out: Path, width: int) -> None:
    group = max(_LEAST, min(_GROUP, _PART // width))
    connection.execute(
        f"""COPY (FROM {source} ORDER BY "customer", "seen", {_PLACE}, "id")
            TO {_quoted(str(out))} (FORMAT parquet, ROW_GROUP_SIZE {group})"""
    )


def _sorted(log: Path) -> str:
    """The rows of a sorted log."""
    return f"read_parquet({_quoted(_parts(log))})"


def _parts(sorted_log: Path) -> str:
    return str(sorted_log / "part-*.parquet")


def _name_told() -> str:
    """SQL for the customer whom a row is told of: a merge is an input of the name that goes."""
    fields = " ".join(
        f"""WHEN "kind" = '{kind}' THEN coalesce(nullif(TRY(json_extract_string("data", '$."{goes}"')), ''),
            "customer")"""
        for kind, (goes, _) in MERGES.items()
    )
    return f'CASE {fields} ELSE "customer" END'


def _list(texts: Iterable[str]) -> str:
    return f"({', '.join(['NULL', *(_quoted(text) for text in sorted(texts))])})"


def _written(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Some texts of Python as a table of DuckDB."""
    with path.open("wb") as out:
        out.writelines(msgspec.json.encode(dict(zip(columns, row, strict=True))) + b"\n" for row in rows)
    types = ", ".join(f"{name}: 'VARCHAR'" for name in columns)
    return f"read_json({_quoted(str(path))}, format = 'newline_delimited', columns = {{{types}}})"


def _files(paths: Sequence[Path]) -> str:
    names = ", ".join(_quoted(str(path)) for path in paths)
    return f"read_parquet([{names}], union_by_name = true)"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
