"""How fast, and in how much memory: the fold, a condition, whole backtests, a whale, and finding moments.

Every benchmark runs in a process of its own on a log that is made for it from a seed. Backtests stand beside
DuckDB's own reading and sorting of the same log in the same run, because a ratio travels between machines and
seconds do not. Nothing here is printed, and nothing passes or fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, NamedTuple

from peakend.bench.log import EVENTS_EACH, Shape, write_log
from peakend.bench.meter import in_fresh_process
from peakend.bench.work import (
    Measured,
    ask_conditions,
    compared,
    fold_in_memory,
    read_by_duckdb,
    remembering,
    run_backtest,
    sorted_events,
)
from peakend.errors import PeakendError, nearest

__all__ = ["BENCHMARKS", "FULL", "QUICK", "Measured", "Sizes", "run"]

Progress = Callable[[int, int], None]


class Sizes(NamedTuple):
    """How many events each benchmark takes; `backtest` names one or more logs."""

    fold: int
    condition: int
    backtest: tuple[int, ...]
    whale: int
    find: int = 100_000


QUICK = Sizes(fold=100_000, condition=200_000, backtest=(200_000,), whale=200_000, find=100_000)
FULL = Sizes(
    fold=1_000_000, condition=1_000_000, backtest=(1_000_000, 10_000_000), whale=1_000_000, find=1_000_000
)


def run(
    sizes: Literal["quick", "full"] | Sizes = "full",
    only: Sequence[str] = (),
    *,
    workers: int = 2,
    progress: Progress | None = None,
) -> list[Measured]:
    """Run the benchmarks named in `only` (one of BENCHMARKS each), or all, and return what was measured.

    `sizes` is 'quick' (under a minute), 'full', or how many events each shall take. `progress` is told
    (figures done, figures in all). Raises PeakendError for a benchmark that does not exist.
    """
    for name in only:
        if name not in BENCHMARKS:
            fix = nearest(name, BENCHMARKS) or f"There are {', '.join(BENCHMARKS)}"
            raise PeakendError(f"There is no benchmark '{name}'", fix=fix)
    wanted = {"quick": QUICK, "full": FULL}[sizes] if isinstance(sizes, str) else sizes
    chosen = [name for name in BENCHMARKS if not only or name in only]
    figures = {"condition": 3, "fold": 2, "backtest": 3 * len(wanted.backtest), "whale": 2, "find": 4}
    total, found = sum(figures[name] for name in chosen), list[Measured]()
    for name in chosen:
        with TemporaryDirectory(prefix="peakend-bench-") as folder:
            for one in BENCHMARKS[name](wanted, workers, Path(folder)):
                found.append(one)
                if progress:
                    progress(len(found), total)
    return found


def _condition(sizes: Sizes, _: int, folder: Path) -> Iterator[Measured]:
    path, _facts = sorted_events(_log(folder, Shape(40 * EVENTS_EACH)), relevant=True)
    yield from in_fresh_process(ask_conditions, path, sizes.condition)


def _fold(sizes: Sizes, _: int, folder: Path) -> Iterator[Measured]:
    for relevant in (0.05, 1.0):
        log = _log(folder, Shape(sizes.fold, relevant, turning=0.2))
        path, facts = sorted_events(log, relevant=False)
        yield in_fresh_process(fold_in_memory, path, facts, f"fold, {relevant:.0%} relevant")


def _backtest(sizes: Sizes, workers: int, folder: Path) -> Iterator[Measured]:
    first: Measured | None = None
    for events in sizes.backtest:
        log = _log(folder, Shape(events))
        scan, peer = in_fresh_process(read_by_duckdb, log, f"{events:,} events")
        yield scan
        yield peer
        whole = in_fresh_process(run_backtest, log, workers, f"backtest, {events:,} events")
        yield compared(remembering(whole, first) if first else whole, peer)
        first = first or whole
        log.unlink()


def _whale(sizes: Sizes, workers: int, folder: Path) -> Iterator[Measured]:
    even = in_fresh_process(run_backtest, _log(folder, Shape(sizes.whale)), workers, "all customers alike")
    yield even
    log = _log(folder, Shape(sizes.whale, whale=0.3))
    yield compared(in_fresh_process(run_backtest, log, workers, "one customer has 30 % of the events"), even)


def _find(sizes: Sizes, _: int, folder: Path) -> Iterator[Measured]:
    from peakend.bench import finding  # noqa: PLC0415  it loads scipy and ibis, which no other command waits for

    answers, met = finding.write_tables(folder, sizes.find)
    peer = in_fresh_process(finding.read_by_join, answers, met)
    yield peer
    yield in_fresh_process(finding.find_in_tables, answers, met, peer)
    yield in_fresh_process(finding.solve_replicates)
    yield in_fresh_process(finding.share_out)


def _log(folder: Path, shape: Shape) -> Path:
    path = folder / f"log-{shape.events}-{shape.relevant:g}-{shape.whale:g}.parquet"
    write_log(path, shape)
    return path


BENCHMARKS: dict[str, Callable[[Sizes, int, Path], Iterator[Measured]]] = {
    "condition": _condition,
    "fold": _fold,
    "backtest": _backtest,
    "whale": _whale,
    "find": _find,
}
"""What can be measured, in the order in which it is."""
