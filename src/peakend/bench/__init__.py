"""How fast, and in how much memory: the fold, conditions, backtests, a whale, finding moments, the live loop.

Every benchmark runs in a process of its own on a log that is made for it from a seed. Backtests stand beside
DuckDB's own reading and sorting of the same log in the same run, because a ratio travels between machines and
seconds do not. Nothing here is printed, and nothing passes or fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, NamedTuple

from peakend.bench import latency, live, server
from peakend.bench.log import EVENTS_EACH, Shape, write_log
from peakend.bench.meter import in_fresh_process
from peakend.bench.work import (
    Measured,
    ask_conditions,
    backtest_drafts,
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
    """How many events each benchmark takes; `backtest` names one or more logs.

    `timers` are customers who wait, `lanes` what one customer has open.
    """

    fold: int
    condition: int
    backtest: tuple[int, ...]
    whale: int
    editor: int = 200_000
    find: int = 100_000
    live: int = 10_000
    server: int = 10_000
    latency: int = 6_000
    http: int = 10_000
    timers: int = 10_000
    memory: int = 200_000
    lanes: int = 2_000
    pages: int = 20_000


class Means(NamedTuple):
    """What the benchmarks may use: worker processes, and a PostgreSQL."""

    workers: int
    database: str | None = None


QUICK = Sizes(fold=100_000, condition=200_000, backtest=(200_000,), whale=200_000, find=100_000)
FULL = Sizes(
    fold=1_000_000,
    condition=1_000_000,
    backtest=(1_000_000, 10_000_000),
    whale=1_000_000,
    editor=1_000_000,
    find=1_000_000,
    live=500_000,
    server=200_000,
    latency=60_000,
    http=100_000,
    timers=500_000,
    memory=5_000_000,
    lanes=100_000,
    pages=1_000_000,
)


def run(
    sizes: Literal["quick", "full"] | Sizes = "full",
    only: Sequence[str] = (),
    *,
    workers: int = 2,
    database: str | None = None,
    progress: Progress | None = None,
) -> list[Measured]:
    """Run the benchmarks named in `only` (one of BENCHMARKS each), or all, and return what was measured.

    `sizes` is 'quick' (two minutes), 'full', or how many events each shall take. `database` is a PostgreSQL
    for `server`, which makes a database of its own there and drops it. `progress` is told (figures done,
    figures in all). Raises PeakendError for a benchmark that does not exist.
    """
    for name in only:
        if name not in BENCHMARKS:
            fix = nearest(name, BENCHMARKS) or f"There are {', '.join(BENCHMARKS)}"
            raise PeakendError(f"There is no benchmark '{name}'", fix=fix)
    wanted = {"quick": QUICK, "full": FULL}[sizes] if isinstance(sizes, str) else sizes
    chosen = [name for name in BENCHMARKS if not only or name in only]
    figures = _FIGURES | {"backtest": 3 * len(wanted.backtest)}
    total, found = sum(figures[name] for name in chosen), list[Measured]()
    for name in chosen:
        with TemporaryDirectory(prefix="peakend-bench-") as folder:
            for one in BENCHMARKS[name](wanted, Means(workers, database), Path(folder)):
                found.append(one)
                if progress:
                    progress(len(found), total)
    return found


def _condition(sizes: Sizes, _: Means, folder: Path) -> Iterator[Measured]:
    path, _facts = sorted_events(_log(folder, Shape(40 * EVENTS_EACH)), relevant=True)
    yield from in_fresh_process(ask_conditions, path, sizes.condition)


def _fold(sizes: Sizes, _: Means, folder: Path) -> Iterator[Measured]:
    for relevant in (0.05, 1.0):
        log = _log(folder, Shape(sizes.fold, relevant, turning=0.2))
        path, facts = sorted_events(log, relevant=False)
        yield in_fresh_process(fold_in_memory, path, facts, f"fold, {relevant:.0%} relevant")


def _backtest(sizes: Sizes, means: Means, folder: Path) -> Iterator[Measured]:
    first: Measured | None = None
    for events in sizes.backtest:
        log = _log(folder, Shape(events))
        scan, peer = in_fresh_process(read_by_duckdb, log, f"{events:,} events")
        yield scan
        yield peer
        whole = in_fresh_process(run_backtest, log, means.workers, f"backtest, {events:,} events")
        yield compared(remembering(whole, first) if first else whole, peer)
        first = first or whole
        log.unlink()


def _whale(sizes: Sizes, means: Means, folder: Path) -> Iterator[Measured]:
    even = in_fresh_process(
        run_backtest, _log(folder, Shape(sizes.whale)), means.workers, "all customers alike"
    )
    yield even
    log = _log(folder, Shape(sizes.whale, whale=0.3))
    yield compared(
        in_fresh_process(run_backtest, log, means.workers, "one customer has 30 % of the events"), even
    )


def _editor(sizes: Sizes, means: Means, folder: Path) -> Iterator[Measured]:
    log = _log(folder, Shape(sizes.editor))
    whole = in_fresh_process(run_backtest, log, means.workers, f"backtest, {sizes.editor:,} events")
    first, next_ = in_fresh_process(backtest_drafts, log, means.workers, f"{sizes.editor:,} events")
    yield whole
    yield compared(first, whole)
    yield compared(next_, whole)


def _find(sizes: Sizes, _: Means, folder: Path) -> Iterator[Measured]:
    from peakend.bench import finding  # noqa: PLC0415  it loads scipy and ibis, which no other command waits for

    answers, met = finding.write_tables(folder, sizes.find)
    peer = in_fresh_process(finding.read_by_join, answers, met)
    yield peer
    yield in_fresh_process(finding.find_in_tables, answers, met, peer)
    yield in_fresh_process(finding.solve_replicates)
    yield in_fresh_process(finding.share_out)


def _live(sizes: Sizes, _: Means, folder: Path) -> Iterator[Measured]:
    for relevant, events in ((0.25, sizes.live), (1.0, sizes.live // 4)):
        log = _log(folder, Shape(events, relevant))
        peers = in_fresh_process(live.bare, log, f"{events:,} events, {relevant:.0%} relevant")
        yield from peers
        yield in_fresh_process(live.follow, log, f"live on SQLite, {relevant:.0%} relevant", peers)


def _server(sizes: Sizes, means: Means, folder: Path) -> Iterator[Measured]:
    name = "live on PostgreSQL, 25% relevant"
    with server.database(means.database) as place:
        if place is None:
            yield server.nothing_measured(name)
            return
        log = _log(folder, Shape(max(5 * sizes.server, 100_000)))
        yield from in_fresh_process(server.follow, log, sizes.server, place, means.workers, name)


def _latency(sizes: Sizes, _: Means, folder: Path) -> Iterator[Measured]:
    yield in_fresh_process(
        latency.arrive, _log(folder, Shape(max(sizes.latency * 2, 200_000))), sizes.latency
    )


def _http(sizes: Sizes, _: Means, folder: Path) -> Iterator[Measured]:
    from peakend.bench import incoming  # noqa: PLC0415  it loads the application, which no other command waits for

    log = _log(folder, Shape(max(sizes.http * 2, 200_000)))
    yield from in_fresh_process(incoming.bring, log, sizes.http)


def _timers(sizes: Sizes, _: Means, folder: Path) -> Iterator[Measured]:
    yield from in_fresh_process(live.wait, _log(folder, Shape(sizes.timers // 4)), sizes.timers)


def _memory(sizes: Sizes, _: Means, folder: Path) -> Iterator[Measured]:
    log = _log(folder, Shape(sizes.memory, relevant=0.05))
    yield in_fresh_process(live.remember, log, "memory of the live loop, 5% relevant")


def _lanes(sizes: Sizes, _: Means, folder: Path) -> Iterator[Measured]:
    log = _log(folder, Shape(live.ORDINARY * EVENTS_EACH))
    yield from in_fresh_process(live.crowd, log, sizes.lanes, min(max(sizes.lanes // 5, 1_000), 20_000))


def _pages(sizes: Sizes, _: Means, folder: Path) -> Iterator[Measured]:
    from peakend.bench import visits  # noqa: PLC0415  it loads the application, which no other command waits for

    yield from in_fresh_process(visits.visit, folder, sizes.pages)


def _log(folder: Path, shape: Shape) -> Path:
    path = folder / f"log-{shape.events}-{shape.relevant:g}-{shape.whale:g}.parquet"
    write_log(path, shape)
    return path


BENCHMARKS: dict[str, Callable[[Sizes, Means, Path], Iterator[Measured]]] = {
    "condition": _condition,
    "fold": _fold,
    "backtest": _backtest,
    "whale": _whale,
    "editor": _editor,
    "find": _find,
    "live": _live,
    "server": _server,
    "latency": _latency,
    "http": _http,
    "timers": _timers,
    "memory": _memory,
    "lanes": _lanes,
    "pages": _pages,
}
"""What can be measured, in the order in which it is."""

_FIGURES = {
    "condition": 3,
    "fold": 2,
    "whale": 2,
    "editor": 3,
    "find": 4,
    "live": 6,
    "server": 2,
    "latency": 1,
    "http": 2,
    "timers": 3,
    "memory": 1,
    "lanes": 2,
    "pages": 14,
}
"""How many figures each gives; a backtest three for every log."""
