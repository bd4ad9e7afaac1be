"""The first run: a year of a service, every play backtested, and one report that opens in a browser.

Without events it simulates the pack's world; with events it does the same on one's own data. It must never
leave a log beside the truth of another one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from peakend.backtest import backtest
from peakend.backtest.notes import nothing_in_common
from peakend.cli.progress import Step
from peakend.design.pack import BUNDLED
from peakend.errors import EvidenceError
from peakend.listen.history import History, open_history
from peakend.model.outcome import Output
from peakend.model.pack import Pack
from peakend.model.result import BacktestResult
from peakend.report.page import render, write_report
from peakend.report.telling import telling
from peakend.simulate import simulate, truth_file

if TYPE_CHECKING:
    from peakend.moments import Findings

START = date(2025, 1, 1)
"""The first day of the simulated year: a fixed one, so that every first run tells the same story."""
SEED = 2025


class Demo(NamedTuple):
    """What a demo leaves behind."""

    pack: Pack
    result: BacktestResult
    history: History
    quarantine: Path
    report: Path


def demo_folder(pack: Pack, events: Sequence[Path]) -> Path:
    """Where a demo goes unless told otherwise: every pack has a folder of its own, and so has own data."""
    root = Path(pack.root).resolve()
    return Path("demo") if root == BUNDLED / "cloud" and not events else Path(f"demo-{root.name}")


def run_demo(
    pack: Pack,
    out: Path,
    step: Step,
    *,
    events: Sequence[Path] = (),
    customers: int = 5000,
    workers: int = 2,
    language: str = "zh",
) -> Demo:
    """Make `out` with the log, the quarantine and report.html; `step` is told of every long step."""
    out.mkdir(parents=True, exist_ok=True)
    log, quarantine = out / "log.parquet", out / "quarantine.jsonl"
    if events:
        history = open_history(pack, events, log, quarantine, step("read"))
        _clear(history, log, quarantine)
    else:
        quarantine.unlink(missing_ok=True)
        simulate(pack, log, customers=customers, start=START, seed=SEED, progress=step("simulate"))
        history = History([log], None)
    samples: list[list[Output]] = []
    result = backtest(
        pack,
        history.log,
        workers=workers,
        quarantine=quarantine,
        quarantined=history.quarantined,
        samples=samples,
        progress=step("backtest"),
    )
    nothing = nothing_in_common(pack, result)
    if nothing:
        raise nothing
    found = _moments(pack, history, workers, step)
    report = out / "report.html"
    page = render(
        pack, result, examples=telling(samples), found=found.found if found else None, language=language
    )
    write_report(report, page)
    return Demo(pack, result, history, quarantine, report)


def _moments(pack: Pack, history: History, workers: int, step: Step) -> Findings | None:
    """What moves the outcome, where the pack names one and the log has answers enough."""
    from peakend.moments import find  # noqa: PLC0415  it loads scipy and ibis, which not every command waits for

    asked = any(one.field or one.against for one in pack.head.outcomes.values())
    if not asked or not any(point.encounter for point in pack.touchpoints.values()):
        return None
    try:
        return find(pack, history.log, workers=workers, progress=step("find"))
    except EvidenceError:
        return None


def _clear(history: History, log: Path, quarantine: Path) -> None:
    """Remove what an earlier run left that does not belong to this history."""
    used = {path.resolve() for path in history.log}
    if history.intake is not None:
        truth_file(log).unlink(missing_ok=True)
        return
    quarantine.unlink(missing_ok=True)
    if log.resolve() not in used:
        log.unlink(missing_ok=True)
        truth_file(log).unlink(missing_ok=True)
