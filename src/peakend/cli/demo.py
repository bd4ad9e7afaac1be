"""The first run: a year of a service, every play backtested, and one report that opens in a browser.

Without events it simulates the pack's world; with events it does the same on one's own data.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from peakend.backtest import backtest
from peakend.listen.history import History, open_history
from peakend.model.outcome import Output
from peakend.model.pack import Pack
from peakend.model.result import BacktestResult
from peakend.report import render, telling, write_report
from peakend.simulate import simulate

START = date(2025, 1, 1)
"""The first day of the simulated year: a fixed one, so that every first run tells the same story."""
SEED = 2025

Step = Callable[[str], Callable[[int, int], None]]
"""Announces a long step and returns how its progress is told."""


class Demo(NamedTuple):
    """What a demo leaves behind."""

    pack: Pack
    result: BacktestResult
    history: History
    report: Path


def run_demo(
    pack: Pack,
    out: Path,
    step: Step,
    *,
    events: Sequence[Path] = (),
    customers: int = 5000,
    workers: int = 2,
) -> Demo:
    """Make `out` with the log, the quarantine and report.html; `step` is told of every long step."""
    out.mkdir(parents=True, exist_ok=True)
    log, quarantine = out / "log.parquet", out / "quarantine.jsonl"
    if events:
        history = open_history(Path(pack.root), pack.head.zone, events, log, quarantine, step("read"))
    else:
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
    report = out / "report.html"
    write_report(report, render(pack, result, examples=telling(samples)))
    return Demo(pack, result, history, report)
