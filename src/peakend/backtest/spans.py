"""Fold one span of customers: the piece of work that a worker process does.

A customer whose plays asked for a budget is contested: its outputs are left out here, and it is folded
again with all other contested customers in order of time (`contested.py`), because a budget is shared.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from peakend.backtest.people import Consume, fold_person, people
from peakend.backtest.side_by_side import Job
from peakend.backtest.tally import Counter, Tally
from peakend.fold import Program, compile_program
from peakend.listen.reading import Reader, Refused
from peakend.model.outcome import Entered, Output, Passed, Verdict
from peakend.model.pack import Pack
from peakend.tables import Some, connect, read_span
from peakend.trigger.pauses import Pauses
from peakend.when import format_instant

_SAMPLED = 300
_json = msgspec.json.Encoder()


class Task(NamedTuple):
    """What every span of one backtest has in common. `until` is the last instant of the log.

    `apart` says that the sorted log holds people of several names, each row with the name of its time.
    `some` are the customers who are folded, None means all. `entrants` asks for a list of who came to the
    entry of which play, whether or not it was let in.
    """

    pack: Pack
    sorted_log: Path
    scratch: Path
    contacts_known: bool
    in_order: bool
    until: int
    listing: bool
    pauses: Pauses = {}
    apart: bool = False
    some: Some | None = None
    entrants: bool = False


class SpanResult(NamedTuple):
    """What one span gives: sums, contested customers, its parts of the quarantine, of the listing and of the
    list of entrants, and all outputs of a few customers."""

    tally: Tally
    contested: list[str]
    refused: Path | None
    listed: Path | None
    entrants: Path | None
    sampled: list[list[Output]]


class Worker:
    """One process's program, reader and connection; it folds span after span."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.program = program_of(task)
        self._connection = connect(task.scratch, "500MB")

    def __call__(self, job: Job) -> SpanResult:
        """Fold the customers of one span."""
        (number, low, high), task, program = job, self.task, self.program
        reader, counter = Reader(task.pack), Counter(program)
        contested: list[str] = []
        listed = task.scratch / f"verdicts-{number:06}.jsonl" if task.listing else None
        entrants = task.scratch / f"entrants-{number:06}.jsonl" if task.entrants else None
        lines, came = list[bytes](), list[bytes]()
        sampled: list[list[Output]] = []
        rows = read_span(self._connection, task.sorted_log, low, high, task.some)
        for customer, events in people(reader, rows, task.apart):
            held_back: list[Output] = []
            budgets = program.new_budgets(unlimited=True) if program.budgets else None
            sampling = number == 0 and len(sampled) < _SAMPLED
            holding = budgets or sampling or entrants
            consume = held_back.extend if holding else _consumer(counter, lines if listed else None)
            state = fold_person(program, customer, events, task.until, budgets, consume)
            if entrants:
                came += _came(customer, held_back)
            if budgets and budgets.asked:
                contested.append(customer)
                continue
            if held_back:
                _consumer(counter, lines if listed else None)(held_back)
            if sampling:
                sampled.append(held_back)
            counter.close(state)
        if listed:
            listed.write_bytes(b"".join(lines))
        if entrants:
            entrants.write_bytes(b"".join(came))
        counter.tally.quarantined = len(reader.refused)
        refused = task.scratch / f"refused-{number:06}.jsonl" if reader.refused else None
        if refused:
            refused.write_bytes(b"".join(refused_line(one) for one in reader.refused))
        return SpanResult(counter.tally, contested, refused, listed, entrants, sampled)


def program_of(task: Task) -> Program:
    """The program of a backtest: that of live, told what this log cannot show."""
    program = compile_program(task.pack, contacts_known=task.contacts_known, in_order=task.in_order)
    return program.paused(task.pauses)


def _came(customer: str, outputs: Iterable[Output]) -> Iterator[bytes]:
    """A line for every play to whose entry a customer came."""
    for play in {one.play for one in outputs if isinstance(one, Entered | Passed)}:
        yield _json.encode({"customer": customer, "play": play}) + b"\n"


def refused_line(refused: Refused) -> bytes:
    """One line of the quarantine."""
    return json.dumps(refused._asdict(), ensure_ascii=False).encode() + b"\n"


def verdict_line(verdict: Verdict) -> bytes:
    """One line of the list of verdicts."""
    return (
        _json.encode(
            {
                "customer": verdict.customer,
                "play": verdict.play,
                "key": verdict.key,
                "occurrence": verdict.occurrence,
                "step": verdict.step,
                "round": verdict.round,
                "due": format_instant(verdict.due) if verdict.due is not None else None,
                "instant": format_instant(verdict.instant),
                "outcome": verdict.outcome,
                "reason": verdict.reason,
            }
        )
        + b"\n"
    )


def _consumer(counter: Counter, lines: list[bytes] | None) -> Consume:
    if lines is None:
        return counter.add

    def consume(outputs: Iterable[Output]) -> None:
        outputs = list(outputs)
        counter.add(outputs)
        lines.extend(verdict_line(output) for output in outputs if isinstance(output, Verdict))

    return consume
