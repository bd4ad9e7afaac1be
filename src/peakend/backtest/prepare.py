"""Prepare a log for the backtest: who is who in the end, who is reached through a subject, what is relevant.

The outcome is one sorted file of the events that matter, so that memory stays flat however long the log is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from peakend.errors import Unusable
from peakend.fold import Program
from peakend.listen.door import typer
from peakend.listen.fanout import Relations
from peakend.listen.reading import Refused
from peakend.model.event import ANNOUNCED, BUILT_IN
from peakend.model.money import Answer
from peakend.tables import KindRow, LogFacts, read_kinds, shared_keys, sort_relevant, survey
from peakend.trigger.pauses import Pauses, pauses_of

Reading = Callable[[KindRow], dict[str, Any]]

_decode = msgspec.json.Decoder(dict[str, Any]).decode
_answer = msgspec.json.Decoder(Answer).decode
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
    """A log made ready for the fold.

    `shared` names, for each business key, the values that occur with more than one customer;
    `identities` says who merged customers turned out to be; `answers` are those that budgets gave live, by
    the step that asked and the instant; `refused` are relations, merges and answers that could not be read.
    """

    facts: LogFacts
    sorted_log: Path
    relevant: int
    shared: dict[str, list[str]]
    identities: dict[str, str]
    answers: dict[tuple[str, int], Answer]
    refused: list[Refused]
    pauses: Pauses


def prepare(
    connection: duckdb.DuckDBPyConnection,
    program: Program,
    log: Sequence[Path],
    scratch: Path,
    only: str | None = None,
) -> Prepared:
    """Sort the events of a log that matter to a program into one file; `only` keeps one customer."""
    facts = survey(connection, log)
    refused: list[Refused] = []
    read = _reading(program, refused)
    identities = _identities(connection, log, read) if "customer.merged" in facts.kinds else {}
    kinds = [kind for kind in facts.kinds if kind in program.kinds]
    subjects = sorted(facts.subject_kinds & set(kinds))
    fanned_file = None
    if subjects:
        fanned_file = scratch / "fanned.parquet"
        relations = Relations(program.rules.zone)
        rows = read_kinds(connection, log, [*_RELATIONS, *subjects])
        _fan_out(rows, relations, identities, read, fanned_file)
    sorted_log = scratch / "relevant.parquet"
    whose = identities.get(only, only) if only else None
    relevant = sort_relevant(
        connection, log, kinds, sorted_log, identities=identities, fanned=fanned_file, only=whose
    )
    shared = {
        field: found
        for field, listening in _key_fields(program, subjects).items()
        if (found := shared_keys(connection, sorted_log, field, listening))
    }
    asked = "budget.answered" in facts.kinds and bool(program.budgets)
    answers = _answers(connection, log, refused) if asked else {}
    pauses = _pauses(connection, log, facts)
    return Prepared(facts, sorted_log, relevant, shared, identities, answers, refused, pauses)


def _pauses(connection: duckdb.DuckDBPyConnection, log: Sequence[Path], facts: LogFacts) -> Pauses:
    """When which plays let nobody in, as the log itself tells it."""
    kinds = [kind for kind in facts.kinds if kind in ANNOUNCED]
    rows = read_kinds(connection, log, kinds) if kinds else ()
    return pauses_of((row[2], row[4], _decode(row[6] or "{}")) for row in rows if row[1] is None)


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


def _identities(connection: duckdb.DuckDBPyConnection, log: Sequence[Path], read: Reading) -> dict[str, str]:
    """Who every merged customer turned out to be."""
    into: dict[str, str] = {}
    for row in read_kinds(connection, log, ["customer.merged"]):
        data = read(row)
        old, new = str(data.get("from") or row[1] or ""), str(data.get("into") or "")
        if old and new and _final(into, new) != old:
            into[old] = new
    return {old: _final(into, old) for old in into}


def _final(into: dict[str, str], customer: str) -> str:
    while customer in into:
        customer = into[customer]
    return customer


def _answers(
    connection: duckdb.DuckDBPyConnection, log: Sequence[Path], refused: list[Refused]
) -> dict[tuple[str, int], Answer]:
    """What budgets answered live: they are known before the fold asks again at the same instant."""
    found: dict[tuple[str, int], Answer] = {}
    for _, customer, kind, at, _, _, text, _, id_ in read_kinds(connection, log, ["budget.answered"]):
        try:
            answer = _answer(text)
        except msgspec.DecodeError as error:
            refused.append(Refused(id_, customer or "", kind, str(error)))
            continue
        found[answer.message, at] = answer
    return found


def _reading(program: Program, refused: list[Refused]) -> Reading:
    """What gives the typed fields of a relation or a merge; none, and a refusal, where that fails."""
    kinds = (*_RELATIONS, "customer.merged")
    typers = {kind: typer(BUILT_IN[kind], program.rules.zone, kind) for kind in kinds}

    def read(row: KindRow) -> dict[str, Any]:
        try:
            return typers[row[2]](_decode(row[6] or "{}"))
        except (Unusable, msgspec.DecodeError) as error:
            refused.append(Refused(row[8], row[1] or "", row[2], str(error)))
            return {}

    return read


def _fan_out(
    rows: Iterable[KindRow],
    relations: Relations,
    identities: Mapping[str, str],
    read: Reading,
    out: Path,
) -> None:
    with pq.ParquetWriter(out, _COLUMNS) as writer:
        for row in rows:
            subject, customer, kind, at = row[0], row[1], row[2], row[3]
            if customer is not None:
                if kind in _RELATIONS:
                    relations.learn(kind, customer, at, read(row))
            elif subject is not None:
                # Two who were later merged are one person, who must not hear of it twice.
                customers = sorted({identities.get(name, name) for name in relations.related(subject, at)})
                writer.write_table(_copies(row, customers))


def _copies(row: KindRow, customers: Iterable[str]) -> pa.Table:
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
