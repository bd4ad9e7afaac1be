"""History through the fold: what every play would have done, all gates included, with muted channels.

It sorts what matters, folds span after span of customers in worker processes, with the very `step` that
runs live, and adds the tallies up. Nothing here decides anything. Any number of workers gives one result.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from peakend.backtest.contested import count_together
from peakend.backtest.notes import notes
from peakend.backtest.past import Past, make_ready
from peakend.backtest.people import named
from peakend.backtest.prepare import Prepared
from peakend.backtest.side_by_side import side_by_side
from peakend.backtest.spans import (
    SpanResult,
    Task,
    Worker,
    program_of,
    refused_line,
    verdict_line,
)
from peakend.backtest.tally import Counter, Tally, added, empty, finish
from peakend.errors import SourceError
from peakend.listen.reading import Reader, Refused
from peakend.model.outcome import Output, Verdict
from peakend.model.pack import Pack
from peakend.model.result import BacktestResult, Conflict
from peakend.tables import Some, Span, connect, read_customers

__all__ = ["backtest", "folded", "log_files"]

Progress = Callable[[int, int], None]


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
        past = make_ready([pack], log, Path(folder))
        return folded(
            pack,
            past,
            workers=workers,
            listing=listing,
            quarantine=quarantine,
            quarantined=quarantined,
            samples=samples,
            progress=progress,
        )


def folded(  # noqa: PLR0913  every one of them is asked for by somebody alone
    pack: Pack,
    past: Past,
    *,
    workers: int = 2,
    listing: Path | None = None,
    quarantine: Path | None = None,
    quarantined: int = 0,
    samples: list[list[Output]] | None = None,
    entrants: Path | None = None,
    some: Some | None = None,
    progress: Progress | None = None,
) -> BacktestResult:
    """As `backtest`, over a log that was made ready for this pack, maybe among others.

    `entrants` gets as JSONL who came to the entry of which play, whether or not it was let in; `some` are the
    customers who are folded, None means all of the log made ready.
    """
    prepared = past.prepared
    with tempfile.TemporaryDirectory(prefix="peakend-") as folder:
        task = Task(
            pack,
            prepared.sorted_log,
            Path(folder),
            contacts_known="contact.set" in prepared.facts.kinds,
            in_order=prepared.facts.in_order,
            until=prepared.facts.last or 0,
            listing=listing is not None,
            pauses=prepared.pauses,
            apart=bool(prepared.identities),
            some=some,
            entrants=entrants is not None,
        )
        tally, results = _fold_all(task, past.cuts, workers, progress)
        contested = [customer for result in results for customer in result.contested]
        last_lines: list[bytes] = []
        if contested:
            tally, last_lines = _fold_contested(task, contested, prepared, tally)
        if samples is not None:
            samples += [outputs for result in results for outputs in result.sampled]
        if listing:
            _join(listing, [r.listed for r in results if r.listed], last_lines)
        if entrants:
            _join(entrants, [r.entrants for r in results if r.entrants], ())
        put_aside = [r.refused for r in results if r.refused]
        if quarantine and (prepared.refused or put_aside):
            _put_aside(quarantine, prepared.refused, put_aside)
        return _result(pack, task, prepared, finish(tally), quarantined)


def log_files(path: Path) -> list[Path]:
    """The Parquet files that a path means: itself, those of a folder, or those of a glob."""
    if path.is_file():
        return [path]
    found = sorted(path.glob("*.parquet")) if path.is_dir() else sorted(path.parent.glob(path.name))
    if not found:
        raise SourceError("There is no such log", place=str(path), fix="Give a file, a folder or a glob")
    return found


def _fold_all(
    task: Task, cuts: Sequence[Span], workers: int, progress: Progress | None
) -> tuple[Tally, list[SpanResult]]:
    """Fold all spans; the sum of their tallies, and the results without them in the order of the spans."""
    tally = empty(program_of(task))
    results: dict[int, SpanResult] = {}
    for number, result in side_by_side(Worker, task, cuts, workers):
        tally = added(tally, result.tally)
        # A tally knows every day of every play: all of them kept would grow with the log.
        results[number] = result._replace(tally=Tally())
        if progress:
            progress(len(results), len(cuts))
    return tally, [results[number] for number in range(len(cuts))]


def _fold_contested(
    task: Task, contested: Sequence[str], prepared: Prepared, tally: Tally
) -> tuple[Tally, list[bytes]]:
    """Add the contested customers, in the order of time; with their part of the listing, if there is one."""
    program = program_of(task)
    counter, reader = Counter(program), Reader(task.pack)
    lines: dict[str, list[bytes]] = {}

    def keep(customer: str, outputs: Iterable[Output]) -> None:
        found = [verdict_line(output) for output in outputs if isinstance(output, Verdict)]
        lines.setdefault(customer, []).extend(found)

    with connect(task.scratch) as connection:
        rows = read_customers(connection, task.sorted_log, contested, "seen")
        events = reader.events(named(rows) if task.apart else rows)
        identities, answers = prepared.identities, prepared.answers
        keeping = keep if task.listing else None
        count_together(counter, program, events, task.until, identities, keeping, answers)
    return added(tally, counter.tally), [line for customer in sorted(lines) for line in lines[customer]]


def _join(listing: Path, parts: Iterable[Path], last: Iterable[bytes]) -> None:
    """Write a list whole or not at all."""
    half = listing.with_name(f".{listing.name}.part")
    with half.open("wb") as out:
        for part in parts:
            out.write(part.read_bytes())
        out.writelines(last)
    half.replace(listing)


def _put_aside(quarantine: Path, refused: Iterable[Refused], parts: Iterable[Path]) -> None:
    with quarantine.open("ab") as out:
        out.writelines(refused_line(one) for one in refused)
        out.writelines(part.read_bytes() for part in parts)


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
    without_days = {name: [int(year) for year in years] for name, years in tally.without_days.items()}
    result.notes = notes(pack, result, task, prepared.shared, without_days)
    return result
