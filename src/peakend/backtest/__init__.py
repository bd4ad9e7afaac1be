"""History through the fold: what every play would have done, all gates included, with muted channels.

It sorts what matters, folds span after span of customers in worker processes, with the very `step` that
runs live, and adds the tallies up. Nothing here decides anything. Any number of workers gives one result.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import reduce
from multiprocessing import get_context
from pathlib import Path

from peakend.backtest.contested import count_together
from peakend.backtest.notes import notes
from peakend.backtest.prepare import Prepared, prepare
from peakend.backtest.reading import Reader, Refused
from peakend.backtest.spans import Job, SpanResult, Task, Worker, fold_span, program_of, start, verdict_line
from peakend.backtest.tally import Counter, Tally, added, empty, finish
from peakend.errors import SourceError
from peakend.model.outcome import Output, Verdict
from peakend.model.pack import Pack
from peakend.model.result import BacktestResult, Conflict
from peakend.tables import Span, connect, read_customers, spans

__all__ = ["backtest", "log_files"]

Progress = Callable[[int, int], None]
_FEW = 60_000


def backtest(
    pack: Pack,
    log: Sequence[Path],
    *,
    workers: int = 2,
    listing: Path | None = None,
    quarantine: Path | None = None,
    quarantined: int = 0,
    samples: list[list[Output]] | None = None,
    progress: Progress | None = None,
) -> BacktestResult:
    """Run a pack over a native log (Parquet files) and count what it would have done.

    `listing` gets every verdict as JSONL, `quarantine` every event that could not be typed; `quarantined` is
    what the intake has already put aside. The history ends with the last event. `samples` receives all
    outputs of some customers. `progress` is told (spans done, spans in all).
    Raises SourceError for a log that cannot be read, PackError or ConditionError for a pack that does not
    compile.
    """
    with tempfile.TemporaryDirectory(prefix="peakend-") as folder:
        scratch = Path(folder)
        connection = connect(scratch)
        task = Task(pack, scratch / "relevant.parquet", scratch, True, False, 0, listing is not None)
        prepared = prepare(connection, program_of(task), log, scratch)
        if not prepared.facts.events:
            raise SourceError(
                "The log holds no events", place=str(log[0]), fix="Give a log that is not empty"
            )
        task = task._replace(
            contacts_known="contact.set" in prepared.facts.kinds,
            in_order=prepared.facts.in_order,
            until=prepared.facts.last or 0,
        )
        cuts = spans(connection, prepared.sorted_log)
        results = _fold_all(task, cuts, workers if prepared.relevant > _FEW else 1, progress)
        tally, refused, last_lines = _together(task, results)
        refused = [*prepared.refused, *refused]
        if samples is not None:
            samples += [outputs for result in results for outputs in result.sampled]
        if listing:
            _join(listing, [r.listed for r in results if r.listed], last_lines)
        if quarantine and refused:
            _put_aside(quarantine, refused)
        return _result(pack, task, prepared, finish(tally), quarantined)


def log_files(path: Path) -> list[Path]:
    """The Parquet files that a path means: itself, those of a folder, or those of a glob."""
    if path.is_file():
        return [path]
    found = sorted(path.glob("*.parquet")) if path.is_dir() else sorted(path.parent.glob(path.name))
    if not found:
        raise SourceError("There is no such log", place=str(path), fix="Give a file, a folder or a glob")
    return found


def _fold_all(task: Task, cuts: Sequence[Span], workers: int, progress: Progress | None) -> list[SpanResult]:
    """Fold all spans; the results come in the order of the spans.

    The largest span is begun first: a customer who is a whale must not be what all wait for in the end.
    """
    jobs = sorted(
        ((number, cut.low, cut.high) for number, cut in enumerate(cuts)), key=lambda job: -cuts[job[0]].rows
    )
    results: dict[int, SpanResult] = {}
    with _folding(task, workers if len(jobs) > 1 else 1) as fold:
        for job, result in zip(jobs, fold(jobs), strict=True):
            results[job[0]] = result
            if progress:
                progress(len(results), len(jobs))
    return [results[number] for number in range(len(jobs))]


@contextmanager
def _folding(task: Task, workers: int) -> Iterator[Callable[[Iterable[Job]], Iterable[SpanResult]]]:
    """A way to fold spans: in this process, or in several others."""
    if workers < 2:
        worker = Worker(task)
        yield lambda jobs: (worker.fold(*job) for job in jobs)
        return
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=start, initargs=(task,)) as pool:
        yield lambda jobs: pool.map(fold_span, jobs)


def _together(task: Task, results: Iterable[SpanResult]) -> tuple[Tally, list[Refused], list[bytes]]:
    """Add up the spans, then the contested customers in the order of time."""
    program = program_of(task)
    kept = list(results)
    tally: Tally = reduce(added, (result.tally for result in kept), empty(program))
    refused = [one for result in kept for one in result.refused]
    contested = [customer for result in kept for customer in result.contested]
    if not contested:
        return tally, refused, []
    counter, reader = Counter(program), Reader(task.pack)
    rows = read_customers(connect(task.scratch), task.sorted_log, contested, "seen")
    outputs = count_together(counter, program, reader.events(rows), task.until)
    lines = [verdict_line(o) for o in outputs if task.listing and isinstance(o, Verdict)]
    return added(tally, counter.tally), refused, lines


def _join(listing: Path, parts: Iterable[Path], last: Iterable[bytes]) -> None:
    """Write the list of verdicts whole or not at all."""
    half = listing.with_name(f".{listing.name}.part")
    with half.open("wb") as out:
        for part in parts:
            out.write(part.read_bytes())
        out.writelines(last)
    half.replace(listing)


def _put_aside(quarantine: Path, refused: Iterable[Refused]) -> None:
    with quarantine.open("a", encoding="utf-8") as out:
        for one in refused:
            out.write(json.dumps(one._asdict(), ensure_ascii=False) + "\n")


def _result(pack: Pack, task: Task, prepared: Prepared, tally: Tally, quarantined: int) -> BacktestResult:
    facts = prepared.facts
    result = BacktestResult(
        pack=pack.head.pack,
        hash=pack.hash,
        events=facts.events,
        relevant=prepared.relevant,
        customers=facts.customers,
        quarantined=quarantined + len(prepared.refused) + tally.quarantined,
        first=facts.first,
        last=task.until,
        plays=tally.plays,
        touchpoints=tally.touchpoints,
        conflicts=[
            Conflict(first=first, second=second, days=days)
            for (first, second), days in sorted(
                ((tuple(pair.split("|")), days) for pair, days in tally.conflicts.items()),
                key=lambda item: (-item[1], item[0]),
            )
        ],
        kinds=facts.kinds,
    )
    result.notes = notes(pack, result, task, prepared.shared)
    return result
