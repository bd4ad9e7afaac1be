"""Prepare a log for the backtest: who is who in the end, who is reached through a subject, what is relevant.

The outcome is one sorted file of the events that matter, so that memory stays flat however long the log is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from peakend.fold import Program
from peakend.listen.fanout import Relations
from peakend.tables import LogFacts, read_kinds, shared_keys, sort_relevant, survey

_decode = msgspec.json.Decoder(dict[str, Any]).decode
_RELATIONS = ("relation.set", "relation.ended")
_COLUMNS = pa.schema(
    [
        ("customer", pa.string()),
        ("kind", pa.string()),
        ("happened_at", pa.timestamp("us", "UTC")),
        ("seen_at", pa.timestamp("us", "UTC")),
        ("seq", pa.int64()),
        ("data", pa.string()),
        ("source", pa.string()),
        ("id", pa.string()),
    ]
)


class Prepared(NamedTuple):
    """A log made ready: `fanned` events were added because their subject concerns a customer.

    `shared` names, for each business key, the values that occur with more than one customer.
    """

    facts: LogFacts
    sorted_log: Path
    relevant: int
    fanned: int
    shared: dict[str, list[str]]


def prepare(
    connection: duckdb.DuckDBPyConnection, program: Program, log: Sequence[Path], scratch: Path
) -> Prepared:
    """Sort the events of a log that matter to a program into one file in `scratch`."""
    facts = survey(connection, log)
    identities = _identities(connection, log) if "customer.merged" in facts.kinds else {}
    kinds = [kind for kind in facts.kinds if kind in program.kinds]
    subjects = sorted(facts.subject_kinds & set(kinds))
    fanned_file, fanned = None, 0
    if subjects:
        fanned_file = scratch / "fanned.parquet"
        fanned = _fan_out(connection, program, log, subjects, fanned_file)
    sorted_log = scratch / "relevant.parquet"
    relevant = sort_relevant(connection, log, kinds, sorted_log, identities=identities, fanned=fanned_file)
    shared = {
        field: found
        for field, listening in _key_fields(program, subjects).items()
        if (found := shared_keys(connection, sorted_log, field, listening))
    }
    return Prepared(facts, sorted_log, relevant, fanned, shared)


def _key_fields(program: Program, subjects: Sequence[str]) -> dict[str, set[str]]:
    """The fields that tell encounters apart, with every kind that plays or encounters pair by them.

    Kinds that arrive through a subject are left out: the same key for many customers is their purpose.
    """
    fields: dict[str, set[str]] = {}
    for point in program.rules.points.values():
        if point.key:
            fields.setdefault(point.key, set()).update(point.keyed)
    for play in program.rules.plays.values():
        if len(play.key) == 1 and play.key[0] in fields:
            fields[play.key[0]] |= play.on | play.updates.keys()
            fields[play.key[0]] |= {kind for exit_ in play.exits for kind in exit_.masks}
    return {field: kinds.difference(subjects) for field, kinds in fields.items()}


def _identities(connection: duckdb.DuckDBPyConnection, log: Sequence[Path]) -> dict[str, str]:
    """Who every merged customer turned out to be."""
    into: dict[str, str] = {}
    for row in read_kinds(connection, log, ["customer.merged"]):
        data = _decode(row[6] or "{}")
        old, new = str(data.get("from") or row[1] or ""), str(data.get("into") or "")
        if old and new and _final(into, new) != old:
            into[old] = new
    return {old: _final(into, old) for old in into}


def _final(into: dict[str, str], customer: str) -> str:
    while customer in into:
        customer = into[customer]
    return customer


def _fan_out(
    connection: duckdb.DuckDBPyConnection,
    program: Program,
    log: Sequence[Path],
    subjects: Sequence[str],
    out: Path,
) -> int:
    relations = Relations(program.rules.zone)
    number = 0
    with pq.ParquetWriter(out, _COLUMNS) as writer:
        for row in read_kinds(connection, log, [*_RELATIONS, *subjects]):
            subject, customer, kind, at = row[0], row[1], row[2], row[3]
            if customer is not None:
                if kind in _RELATIONS:
                    relations.learn(kind, customer, at, _decode(row[6] or "{}"))
            elif subject is not None:
                customers = list(relations.related(subject, at))
                number += len(customers)
                writer.write_table(_copies(row, customers))
    return number


def _copies(row: Sequence[Any], customers: Iterable[str]) -> pa.Table:
    """One event of a subject, once for each customer that it concerns."""
    names = list(customers)
    _, _, kind, at, seen, seq, data, source, id_ = row
    same: dict[str, Any] = {
        "kind": kind, "happened_at": at, "seen_at": seen, "seq": seq, "data": data, "source": source
    }  # fmt: skip
    columns: dict[str, list[Any]] = {name: [value] * len(names) for name, value in same.items()}
    columns["customer"] = names
    columns["id"] = [f"{id_}|{name}" for name in names]
    return pa.table({field.name: pa.array(columns[field.name], field.type) for field in _COLUMNS})
