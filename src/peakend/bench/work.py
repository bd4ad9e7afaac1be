"""The pieces of work that are measured; each is called in a process of its own and returns what it measured.

Only what is named is on the clock: making the log and compiling the pack are not, sorting it is.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from peakend.backtest import backtest
from peakend.backtest.diff import difference
from peakend.bench.meter import Cost, Meter
from peakend.bench.service import service
from peakend.fold import Program, compile_program, new_state, step
from peakend.listen.reading import Reader
from peakend.model.event import Event
from peakend.model.outcome import Verdict
from peakend.model.result import BacktestResult
from peakend.tables import LogFacts, connect, read_span, read_through, sort_relevant, survey
from peakend.trigger.turn import Turn


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One figure: how long `events` took, on the clock and of all processors together.

    `peak_memory_mb` is that of the process, `worker_memory_mb` that of its largest worker (0: none).
    `ratio` is seconds as a multiple of what `ratio_to` names. `note` says what the work consisted of, or why
    nothing was measured (no events then).

    `p50_ms` and `p99_ms` are milliseconds that half and 99 % of the events waited at most;
    `mb_per_million_events` is by how much memory grew.
    """

    name: str
    events: int
    seconds: float
    cpu_seconds: float
    events_per_second: float
    peak_memory_mb: float
    worker_memory_mb: float = 0.0
    ratio: float | None = None
    ratio_to: str = ""
    note: str = ""
    p50_ms: float | None = None
    p99_ms: float | None = None
    mb_per_million_events: float | None = None


def measured(name: str, events: int, cost: Cost, note: str) -> Measured:
    """A cost as a figure."""
    return Measured(
        name=name,
        events=events,
        seconds=cost.seconds,
        cpu_seconds=cost.cpu_seconds,
        events_per_second=events / cost.seconds,
        peak_memory_mb=cost.memory_mb,
        worker_memory_mb=cost.worker_memory_mb,
        note=note,
    )


def compared(one: Measured, other: Measured) -> Measured:
    """The figure with its ratio to another one of the same run."""
    return msgspec.structs.replace(one, ratio=one.seconds / other.seconds, ratio_to=other.name)


def waiting_for(one: Measured, p50_ms: float, p99_ms: float) -> Measured:
    """The figure with how long events waited."""
    return msgspec.structs.replace(one, p50_ms=p50_ms, p99_ms=p99_ms)


def sloping(one: Measured, slope: float) -> Measured:
    """The figure with the MB by which memory grew over a million events."""
    return msgspec.structs.replace(one, mb_per_million_events=slope)


def remembering(one: Measured, other: Measured) -> Measured:
    """The figure with a note of how many times the memory of another one it took: 1.0 is flat."""
    times = one.peak_memory_mb / other.peak_memory_mb
    return msgspec.structs.replace(one, note=f"{one.note}, {times:.1f} times the memory of {other.name}")


def sorted_events(log: Path, *, relevant: bool) -> tuple[Path, LogFacts]:
    """Sort all events of a log by customer, or those that matter, as a backtest does; tell what it holds."""
    connection, path = connect(log.parent), log.with_name(f"sorted-{log.name}")
    facts = survey(connection, [log])
    matter = compile_program(service()).kinds
    sort_relevant(connection, [log], [kind for kind in facts.kinds if kind in matter or not relevant], path)
    return path, facts


def fold_in_memory(sorted_log: Path, facts: LogFacts, name: str) -> Measured:
    """One core folds every event of a log, customer by customer, each customer's events lying in memory."""
    program, reader = compile_program(service(), in_order=True), Reader(service())
    rows = read_span(connect(sorted_log.parent), sorted_log, "", None)
    meter, verdicts = Meter(), 0
    for customer, own in reader.customers(rows):
        events = list(own)
        with meter:
            _, outputs = step(program, new_state(customer), events, facts.last)
        verdicts += sum(isinstance(output, Verdict) for output in outputs)
    relevant = sum(number for kind, number in facts.kinds.items() if kind in program.kinds)
    note = f"{len(program.rules.plays)} plays, {verdicts / relevant:.2f} verdicts a relevant event"
    return measured(name, facts.events, meter.cost(), note)


def ask_conditions(sorted_log: Path, number: int) -> list[Measured]:
    """Ask three conditions, from a comparison to a fact with a window, of a customer who has a past."""
    program, reader = compile_program(service(), in_order=True), Reader(service())
    rows = read_span(connect(sorted_log.parent), sorted_log, "", None)
    customer, own = next(reader.customers(rows))
    events = list(own)
    state, _ = step(program, new_state(customer), events)
    turn = Turn(program.rules, state)
    return [
        _ask(program, turn, play, events, number)
        for play in ("trial-reminder", "contract-reminder", "bill-reminder")
    ]


def _ask(program: Program, turn: Turn, play: str, events: list[Event], number: int) -> Measured:
    condition = program.rules.plays[play].where
    if condition is None:
        raise AssertionError(f"the play {play} of the measured service has no condition")
    ask: Callable[[Any], bool | None] = condition.test
    asked = [event for event in events if "word" in event.data]
    turn.instant = events[-1].at
    meter = Meter()
    with meter:
        for event in islice(cycle(asked), number):
            turn.fields = event.data
            ask(turn)
    cost = meter.cost()
    return measured(
        f"condition {condition.text}", number, cost, f"{cost.seconds / number * 1e6:.2f} µs an evaluation"
    )


def run_backtest(log: Path, workers: int, name: str) -> Measured:
    """A whole backtest, from the log as it lies to the counts."""
    pack = service()
    with (meter := Meter()):
        result = backtest(pack, [log], workers=workers)
    firings = sum(play.firings for play in result.plays.values())
    return measured(
        name,
        result.events,
        meter.cost(),
        f"{len(result.plays)} plays, {result.relevant / result.events:.0%} relevant, "
        f"{firings / result.events:.2f} verdicts an event, {workers} workers",
    )


def backtest_drafts(log: Path, workers: int, of: str) -> list[Measured]:
    """Two drafts of one play, one after the other, beside what is published, as the editor asks."""
    found, old = list[Measured](), replace(service(), hash="published")
    for name, hours in (("first draft", 18), ("next draft", 24)):
        play = old.plays["contract-reminder"]
        first, last = play.steps
        later = replace(first, due=replace(first.due, after=f"PT{hours}H"))
        draft = replace(old, plays={**old.plays, play.play: replace(play, steps=[later, last])}, hash=name)
        results, keep = list[BacktestResult](), log.with_name("kept")
        with (meter := Meter()):
            changes = difference(old, draft, [log], workers=workers, results=results, keep=keep)
        note = f"something changes for {changes.people} of {results[1].customers} customers"
        found.append(measured(f"editor, {name}, {of}", results[1].events, meter.cost(), note))
    return found


def read_by_duckdb(log: Path, of: str) -> list[Measured]:
    """DuckDB reads the columns of a backtest, as they lie and in its order, and adds up a checksum."""
    connection, found = connect(log.parent), list[Measured]()
    for name, in_order in (("DuckDB scan", False), ("DuckDB scan and sort", True)):
        with (meter := Meter()):
            events, checksum = read_through(connection, [log], in_order=in_order)
        found.append(measured(f"{name}, {of}", events, meter.cost(), f"checksum {checksum}"))
    return found
