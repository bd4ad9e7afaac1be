"""A log's answers and encounters as three Parquet tables: every customer folded once, on all cores.

The tables are what everything after it reads; they hold one row an answer, one an encounter before an
answer, and a customer's settled encounters counted by touchpoint, channel and standard, so memory stays flat
however long the log is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from peakend.backtest.prepare import prepare
from peakend.backtest.side_by_side import Job, side_by_side
from peakend.errors import EvidenceError, SourceError
from peakend.fold import Program, compile_program
from peakend.fold.program import Handlers
from peakend.listen.reading import Reader, Refused
from peakend.model.pack import Pack
from peakend.moments.collect import Question, collect
from peakend.moments.lived import Lived
from peakend.moments.question import question_of
from peakend.tables import LogFacts, connect, read_span, spans

Progress = Callable[[int, int], None]
_ANSWERS = [
    ("episode", pa.int64()), ("customer", pa.string()), ("at", pa.int64()), ("answer", pa.float64()),
    ("source", pa.string()),
]  # fmt: skip
MET = pa.schema(
    [("episode", pa.int64()), ("touchpoint", pa.string()), ("at", pa.int64()), ("state", pa.int8()),
     ("rating", pa.float64()), ("channel", pa.string())]
)  # fmt: skip
LIVED = pa.schema(
    [(name, pa.string() if name in ("touchpoint", "channel", "standard") else pa.int64())
     for name in Lived._fields]
)  # fmt: skip


class Tables(NamedTuple):
    """Where the tables lie, what the log holds, and what was refused.

    `answers` has episode, customer, at, answer, source and a column for each of `segments`; `met` and `lived`
    are as MET and LIVED say. Instants are microseconds UTC.
    """

    answers: list[Path]
    met: list[Path]
    lived: list[Path]
    segments: tuple[str, ...]
    facts: LogFacts
    refused: list[Refused]


class Task(NamedTuple):
    """What every piece of work has in common."""

    pack: Pack
    outcome: str
    window: str
    segments: tuple[str, ...]
    sorted_log: Path
    scratch: Path
    in_order: bool
    until: int


def walk_history(
    pack: Pack,
    log: Sequence[Path],
    scratch: Path,
    *,
    outcome: str,
    window: str,
    segments: tuple[str, ...],
    workers: int = 2,
    progress: Progress | None = None,
) -> Tables:
    """Fold a native log and write what came before each answer of `outcome` into `scratch`.

    Raises SourceError for a log that cannot be read, PackError or EvidenceError for a question that cannot
    be asked. `progress` is told (pieces done, pieces in all).
    """
    task = Task(pack, outcome, window, segments, scratch / "relevant.parquet", scratch, False, 0)
    program, question = _ready(task)
    connection = connect(scratch)
    prepared = prepare(connection, program, log, scratch)
    if not prepared.facts.events:
        raise SourceError("The log holds no events", place=str(log[0]), fix="Give a log that is not empty")
    task = task._replace(in_order=prepared.facts.in_order, until=prepared.facts.last or 0)
    cuts = spans(connection, prepared.sorted_log)
    connection.close()
    if not cuts:
        raise EvidenceError(
            f"The log holds no answer to '{outcome}', and no encounter at all",
            fix=f"Bring events of the kinds that the pack declares; answers are of {question.kind}",
            what_zh=f"数据里没有“{outcome}”的答卷，也没有任何接触记录",
            fix_zh=f"请接入模板里声明的客户动态；答卷的种类是 {question.kind}",
        )
    refused = list(prepared.refused)
    found: dict[int, list[Refused]] = {}
    for number, part in side_by_side(Worker, task, cuts, workers):
        found[number] = part
        if progress:
            progress(len(found), len(cuts))
    refused += (one for number in sorted(found) for one in found[number])
    written = [
        [scratch / f"{name}-{number}.parquet" for number in range(len(cuts))]
        for name in ("answers", "met", "lived")
    ]
    return Tables(written[0], written[1], written[2], segments, prepared.facts, refused)


def _ready(task: Task) -> tuple[Program, Question]:
    """The program of the pack's touchpoints, without plays, that also lets the answers through."""
    pack = msgspec.structs.replace(task.pack, plays={})
    program = compile_program(pack, in_order=task.in_order)
    question = question_of(task.pack, task.outcome, task.window, task.segments)
    nothing = Handlers((), (), (), (), False)
    answers = dict.fromkeys((question.kind, *question.against), nothing)
    return replace(program, kinds={**answers, **program.kinds}), question


class Worker:
    """One process's program, question and connection; it walks span after span."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._program, self._question = _ready(task)
        self._connection = connect(task.scratch, "300MB")

    def __call__(self, job: Job) -> list[Refused]:
        """Fold the customers of one span, write its three tables, and return what could not be used."""
        (number, low, high), task = job, self._task
        reader = Reader(task.pack)
        schema = pa.schema([*_ANSWERS, *((f"segment_{i}", pa.string()) for i in range(len(task.segments)))])
        files = (("answers", schema), ("met", MET), ("lived", LIVED))
        answers, met, lived = (_Writer(task.scratch / f"{name}-{number}.parquet", of) for name, of in files)
        episode = number << 40
        for customer, events in reader.customers(read_span(self._connection, task.sorted_log, low, high)):
            found, settled = collect(self._program, self._question, customer, events, task.until)
            for answer in found:
                episode += 1
                answers.add((episode, customer, answer.at, answer.value, answer.source, *answer.segments))
                for one in answer.met:
                    met.add((episode, one.touchpoint, one.at, one.state, one.rating, one.channel))
            for counted in settled:
                lived.add(counted)
        for writer in (answers, met, lived):
            writer.close()
        return reader.refused


class _Writer:
    """Rows to one Parquet file, in batches."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._file, self._schema, self._rows = pq.ParquetWriter(path, schema), schema, list[tuple[Any, ...]]()

    def add(self, row: tuple[Any, ...]) -> None:
        self._rows.append(row)
        if len(self._rows) >= 50_000:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._file.close()

    def _flush(self) -> None:
        columns = list(zip(*self._rows, strict=True)) or [()] * len(self._schema)
        arrays = [pa.array(c, f.type) for c, f in zip(columns, self._schema, strict=True)]
        self._file.write_table(pa.table(arrays, schema=self._schema))
        self._rows = []
