"""A log sorted by customer: how it is made with bounded memory, cut into spans, and read again.

The rows are dealt out to parts, and one part is sorted after the other, so that memory does not grow with the
length of the log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from shutil import rmtree
from typing import NamedTuple, TypeVar

import duckdb

from peakend.errors import SourceError
from peakend.model.event import JOINED, MERGES
from peakend.model.log import Row
from peakend.tables.sql import among, files_of, quoted, row_count, rows_of, written

T = TypeVar("T")

_GROUP = 61_440
_SMALL = 10_240
_SPANS = 24
"""Spans of a log that is not large: many more than workers keep all of them at work to the end."""
_LEAST = 2_048
_PART = 24_000_000
_DEALT = 8_000_000
_SAMPLED = 20_000
_FIXED = 56
_PLACE = f""" "seq", "kind" = '{JOINED}' """


class Some(NamedTuple):
    """Some customers: who has any event of these kinds, and whom a list of (customer, play) names for any of
    these plays."""

    kinds: frozenset[str]
    plays: frozenset[str] = frozenset()
    list: Path | None = None


class Span(NamedTuple):
    """The customers from `low` up to, not with, `high` (None: to the end), with about so many rows."""

    low: str
    high: str | None
    rows: int


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
    also = f"UNION ALL BY NAME SELECT {columns} FROM {files_of(more)}" if more else ""
    who, told = ('"named"', f', {_name_told()} AS "named"') if joins else ('"customer"', "")
    final, join = who, ""
    if identities:
        merged = written(out.with_name("identities.jsonl"), ("known", "final"), identities.items())
        final, join = f'coalesce("final", {who})', f'LEFT JOIN {merged} ON "known" = {who}'
    whose = f"AND {final} = {quoted(only)}" if isinstance(only, str) else ""
    wanted = among([*kinds, *([JOINED] if joins else [])])
    source = f"(SELECT *{told} FROM (SELECT {columns} FROM {files_of(log)} {plain} {also})) {join}"
    if isinstance(only, frozenset):
        whose += f""" AND {final} IN (SELECT {final} FROM {source}
                      WHERE {who} IS NOT NULL AND "kind" IN {among(only)})"""
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
        f"""SELECT "stats_min_value", sum("num_values") FROM parquet_metadata({quoted(_parts(sorted_log))})
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
    some: Some | None = None,
) -> Iterator[Row]:
    """The rows of one span of customers, in order; of some of them alone, or of all."""
    source = f'{_sorted(sorted_log)} WHERE "customer" >= {quoted(low)}'
    source += f' AND "customer" < {quoted(high)}' if high is not None else ""
    rows = rows_of(connection, f"SELECT * FROM {source}")
    if some is None:
        yield from rows
        return
    # A join would not keep the order of the rows.
    names = {name for (name,) in connection.execute(_names(source, some)).fetchall()}
    yield from (row for row in rows if row[0] in names)


def names_of(sorted_log: Path, some: Some, identities: Mapping[str, str]) -> str:
    """SQL for all names of some customers of a sorted log."""
    names = _names(f"{_sorted(sorted_log)} WHERE true", some)
    if not identities:
        return names
    merged = written(sorted_log.with_name("names.jsonl"), ("known", "final"), identities.items())
    return f'{names} UNION SELECT "known" FROM {merged} WHERE "final" IN ({names})'


def read_customers(
    connection: duckdb.DuckDBPyConnection, sorted_log: Path, customers: Sequence[str] | None, order: str
) -> Iterator[Row]:
    """The rows of some customers (None: of all), by 'customer' (each one's log) or 'seen' (in time)."""
    by = '"customer", "seen"' if order == "customer" else '"seen", "customer"'
    whose = ""
    if customers is not None:
        some = written(sorted_log.with_name("some.jsonl"), ("name",), ((name,) for name in customers))
        whose = f'WHERE "customer" IN (SELECT "name" FROM {some})'
    yield from rows_of(connection, f"SELECT * FROM {_sorted(sorted_log)} {whose} ORDER BY {by}, {_PLACE}")


def shared_keys(
    connection: duckdb.DuckDBPyConnection, sorted_log: Path, field: str, kinds: Iterable[str]
) -> list[str]:
    """The values of a key field that occur with more than one customer, at most a thousand of them."""
    path = quoted(f'$."{field}"')
    query = f"""SELECT "key" FROM (
                  SELECT "customer", TRY(json_extract_string("data", {path})) AS "key"
                  FROM {_sorted(sorted_log)} WHERE "kind" IN {among(kinds)})
                WHERE "key" IS NOT NULL GROUP BY 1 HAVING min("customer") <> max("customer")
                ORDER BY 1 LIMIT 1000"""
    rows = _with_room(connection, lambda: connection.execute(query).fetchall())
    return [row[0] for row in rows]


def _with_room(connection: duckdb.DuckDBPyConnection, work: Callable[[], T]) -> T:
    """Do some work; where the limit of the connection is too little for it, with what the machine has.

    Rows of many kilobytes do not fit where others do, and no result would be worse than much memory.
    """
    try:
        return work()
    except duckdb.OutOfMemoryException:
        (most,) = duckdb.connect().execute("SELECT current_setting('memory_limit')").fetchall()[0]
        connection.execute(f"SET memory_limit = {quoted(most)}")
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
    plan = _planned(connection, relevant, log)
    if plan.cuts:
        _sort_in_parts(connection, relevant, plan, out)
    else:
        _sort(connection, f"({relevant})", out / "part-00000.parquet", plan.group)


class _Plan(NamedTuple):
    """The first customers of all parts but the first, the bytes of a row, and the rows of a span."""

    cuts: list[str]
    width: int
    group: int


def _planned(connection: duckdb.DuckDBPyConnection, relevant: str, log: Sequence[Path]) -> _Plan:
    """How to sort, as a sample of the rows tells it."""
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
    width = sum(width for _, width in sample) // max(len(sample), 1) or _FIXED
    even = max(len(sample) * step // _SPANS, _SMALL)
    return _Plan(cuts, width, max(_LEAST, min(even, _GROUP, _PART // width)))


def _sort_in_parts(connection: duckdb.DuckDBPyConnection, relevant: str, plan: _Plan, out: Path) -> None:
    """Deal the rows out to the parts, then sort one part after the other.

    One sort of everything would spill, but what it has to hold while it merges grows with the log.
    """
    dealt, cuts = out / "dealt", plan.cuts
    rows = max(_LEAST, min(_DEALT // plan.width, _GROUP))
    connection.execute(f"SET partitioned_write_flush_threshold = {rows}")
    connection.execute(
        f"""COPY (SELECT *, {_part_of(cuts, 0, len(cuts))} AS "part" FROM ({relevant}))
            TO {quoted(str(dealt))} (FORMAT parquet, PARTITION_BY ("part"), ROW_GROUP_SIZE {rows // 16})"""
    )
    (threads,) = connection.execute("SELECT current_setting('threads')").fetchall()[0]
    # A second thread would not make these small sorts cheaper, but doubles what they hold.
    connection.execute("SET threads = 1")
    for part in range(len(cuts) + 1):
        files = quoted(str(dealt / f"part={part}" / "*.parquet"))
        source = f"read_parquet({files}, hive_partitioning = false)"
        _sort(connection, source, out / f"part-{part:05}.parquet", plan.group)
        rmtree(dealt / f"part={part}")
    connection.execute(f"SET threads = {threads}")


def _part_of(cuts: Sequence[str], low: int, high: int) -> str:
    """SQL for the part of a row's customer, which is one of those from `low` to `high`."""
    if low == high:
        return str(low)
    middle = (low + high) // 2
    below, above = _part_of(cuts, low, middle), _part_of(cuts, middle + 1, high)
    return f'CASE WHEN "customer" < {quoted(cuts[middle])} THEN {below} ELSE {above} END'


def _sort(connection: duckdb.DuckDBPyConnection, source: str, out: Path, group: int) -> None:
    connection.execute(
        f"""COPY (FROM {source} ORDER BY "customer", "seen", {_PLACE}, "id")
            TO {quoted(str(out))} (FORMAT parquet, ROW_GROUP_SIZE {group})"""
    )


def _sorted(log: Path) -> str:
    """The rows of a sorted log."""
    return f"read_parquet({quoted(_parts(log))})"


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


def _names(source: str, some: Some) -> str:
    """SQL for some customers, by the names under which the rows of a sorted log stand."""
    names = f'SELECT "customer" FROM {source} AND "kind" IN {among(some.kinds)}'
    if some.list is None:
        return names
    listed = f"read_json({quoted(str(some.list))}, columns = {{customer: 'VARCHAR', play: 'VARCHAR'}})"
    return f'{names} UNION SELECT "customer" FROM {listed} WHERE "play" IN {among(some.plays)}'
