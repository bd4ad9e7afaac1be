"""Prepare a log for the backtest: who is who in the end, who is reached through a subject, what is relevant.

The outcome is one sorted file of the events that matter, so that memory stays flat however long the log is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from peakend.errors import Unusable
from peakend.fold import Program
from peakend.listen.door import typer
from peakend.listen.fanout import RELATIONS, Relations
from peakend.listen.identity import REFUSALS, Identities, names_of
from peakend.listen.reading import Refused
from peakend.model.event import ANNOUNCED, BUILT_IN, JOINED, MERGES, REACHED
from peakend.model.money import Answer
from peakend.tables import KindRow, LogFacts, read_kinds, shared_keys, sort_relevant, survey
from peakend.trigger.pauses import Pauses, pauses_of

Reading = Callable[[KindRow], dict[str, Any]]

_decode = msgspec.json.Decoder(dict[str, Any]).decode
_answer = msgspec.json.Decoder(Answer).decode
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
    only: str | frozenset[str] | None = None,
    *,
    apart: bool = False,
    also: Sequence[Program] = (),
) -> Prepared:
    """Sort the events of a log that matter to a program into one file; `only` keeps one customer, or
    those who have any event of these kinds; `also` are other programs to which it shall matter.

    With `apart` customers who were merged come with the names of their time and their joins, to be folded as
    they were known then (`people.py`); without it they are one customer from the beginning.
    """
    facts = survey(connection, log)
    refused: list[Refused] = []
    read = _reading(program, refused)
    merged = _merged(connection, log, facts, read, refused)
    identities = merged.identities
    programs = (program, *also)
    kinds = [kind for kind in facts.kinds if any(kind in one.kinds for one in programs)]
    subjects = sorted(facts.subject_kinds & set(kinds))
    fanned_file = None
    if subjects:
        fanned_file = scratch / "fanned.parquet"
        reached = {
            (row[7], _decode(row[6])["event"])
            for row in (read_kinds(connection, log, [REACHED]) if REACHED in facts.kinds else ())
        }
        rows = read_kinds(connection, log, [*RELATIONS, *subjects])
        asked = (row for row in rows if (row[7], row[8]) not in reached)
        fan_out = _FanOut(Relations(program.rules.zone), merged, apart)
        fan_out.write(asked, read, fanned_file)
    sorted_log = scratch / "relevant.parquet"
    whose = identities.get(only, only) if isinstance(only, str) else only
    relevant = sort_relevant(
        connection,
        log,
        kinds,
        sorted_log,
        identities=identities,
        fanned=fanned_file,
        joins=_write_joins(merged, scratch / "joins.parquet") if apart and identities else None,
        only=whose,
    )
    shared = {
        field: found
        for field, listening in _key_fields(programs, subjects).items()
        if (found := shared_keys(connection, sorted_log, field, listening))
    }
    told = "budget.answered" in facts.kinds and bool(program.budgets)
    answers = _answers(connection, log, refused) if told else {}
    pauses = _pauses(connection, log, facts)
    return Prepared(facts, sorted_log, relevant, shared, identities, answers, refused, pauses)


def _pauses(connection: duckdb.DuckDBPyConnection, log: Sequence[Path], facts: LogFacts) -> Pauses:
    """When which plays let nobody in, as the log itself tells it."""
    kinds = [kind for kind in facts.kinds if kind in ANNOUNCED]
    rows = read_kinds(connection, log, kinds) if kinds else ()
    return pauses_of((row[2], row[4], _decode(row[6] or "{}")) for row in rows if row[1] is None)


def _key_fields(programs: Sequence[Program], subjects: Sequence[str]) -> dict[str, set[str]]:
    """The fields that tell encounters apart, with every kind that plays or encounters pair by them.

    Kinds that arrive through a subject are left out: the same key for many customers is their purpose.
    """
    fields: dict[str, set[str]] = {}
    for point in (point for program in programs for point in program.rules.points.values()):
        if point.key:
            fields.setdefault(point.key, set()).update(point.keyed)
    for play in (play for program in programs for play in program.rules.plays.values()):
        if len(play.key) == 1 and play.key[0] in fields:
            fields[play.key[0]] |= play.on | play.updates.keys()
            fields[play.key[0]] |= {kind for exit_ in play.exits for kind in exit_.masks}
    return {field: kinds.difference(subjects) for field, kinds in fields.items()}


class _Join(NamedTuple):
    """From (seen, seq) on `former` is `customer`."""

    seen: int
    seq: int
    former: str
    customer: str
    source: str
    id: str


class _Merged(NamedTuple):
    """Who every name turned out to be, and the joins in the order of (seen, seq)."""

    identities: dict[str, str]
    joins: list[_Join]


def _merged(
    connection: duckdb.DuckDBPyConnection,
    log: Sequence[Path],
    facts: LogFacts,
    read: Reading,
    refused: list[Refused],
) -> _Merged:
    """The merges of a log; one that was recorded live says itself where states were joined."""
    known, joins = Identities(), list[_Join]()
    kinds = [JOINED] if JOINED in facts.kinds else [kind for kind in MERGES if kind in facts.kinds]
    for row in read_kinds(connection, log, kinds) if kinds else ():
        customer, kind, data = row[1] or "", row[2], read(row)
        names = (data["from"], customer) if kind == JOINED else names_of(kind, customer, data)
        if names is None or not data:
            continue
        merge = known.merge(*names)
        if merge.objection in REFUSALS:
            refused.append(Refused(row[8], customer, kind, REFUSALS[merge.objection][0]))
        elif not merge.objection:
            joins.append(_Join(row[4], row[5], merge.former, merge.customer, row[7], row[8]))
    return _Merged(known.all(), joins)


def _write_joins(merged: _Merged, out: Path) -> Path:
    """The joins as rows of the log, each under the name that stays."""
    joins = merged.joins
    columns: dict[str, list[Any]] = {
        "customer": [one.customer for one in joins],
        "kind": [JOINED] * len(joins),
        "happened_at": [one.seen for one in joins],
        "seen_at": [one.seen for one in joins],
        "seq": [one.seq for one in joins],
        "data": [msgspec.json.encode({"from": one.former}).decode() for one in joins],
        "source": [one.source for one in joins],
        "id": [one.id for one in joins],
    }
    pq.write_table(pa.table({f.name: pa.array(columns[f.name], f.type) for f in _COLUMNS}), out)
    return out


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
    typers = {kind: typer(BUILT_IN[kind], program.rules.zone, kind) for kind in (*RELATIONS, *MERGES)}
    typers[JOINED] = typer({"from": "text"}, None, JOINED)

    def read(row: KindRow) -> dict[str, Any]:
        try:
            return typers[row[2]](_decode(row[6] or "{}"))
        except (Unusable, msgspec.DecodeError) as error:
            refused.append(Refused(row[8], row[1] or "", row[2], str(error)))
            return {}

    return read


class _FanOut:
    """Events about subjects, for everyone who was related at their time, under the name of that time."""

    def __init__(self, relations: Relations, merged: _Merged, apart: bool) -> None:
        self._relations, self._identities, self._apart = relations, merged.identities, apart
        self._joins, self._known = list(reversed(merged.joins)), Identities()

    def write(self, rows: Iterable[KindRow], read: Reading, out: Path) -> None:
        relations = self._relations
        with pq.ParquetWriter(out, _COLUMNS) as writer:
            for row in rows:
                subject, customer, kind, at = row[0], row[1], row[2], row[3]
                self._join_until((row[4], row[5]))
                if customer is not None:
                    relations.learn(
                        kind, self._known.of(customer), at, read(row) if kind in RELATIONS else {}
                    )
                elif subject is not None:
                    # Folded as one from the beginning, two who were merged later must not hear of it twice.
                    names = relations.related(subject, at)
                    customers = names if self._apart else {self._identities.get(name, name) for name in names}
                    writer.write_table(_copies(row, sorted(customers)))

    def _join_until(self, place: tuple[int, int]) -> None:
        while self._joins and self._joins[-1][:2] < place:
            one = self._joins.pop()
            self._known.merge(one.former, one.customer)
            self._relations.join(one.former, one.customer)


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
