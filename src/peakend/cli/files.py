"""The files that a command is given, as a log: as they are, or made into one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from peakend.cli.progress import Step
from peakend.errors import PeakendError
from peakend.listen.history import History, open_history
from peakend.model.pack import Pack


@contextmanager
def history_of(pack: Pack, events: list[Path], quarantine: Path, step: Step) -> Iterator[History]:
    """The user's files as a log that lives as long as the command."""
    with TemporaryDirectory(prefix="peakend-") as folder:
        history = open_history(pack, events, Path(folder) / "log.parquet", quarantine, step("read"))
        if history.intake is None:
            # What a backtest puts aside is added to the file: it would grow with every run.
            quarantine.unlink(missing_ok=True)
        yield history


def aside_of(pack: Pack) -> Path:
    """Where unusable rows go unless told otherwise: a file of this pack's own in the current folder."""
    return Path(f"{Path(pack.root).resolve().name}.quarantine.jsonl")


def refuse_other_than_parquet(out: Path) -> None:
    """Refuse a log under a name that says something else."""
    if out.suffix != ".parquet":
        raise PeakendError(
            "A log is written as Parquet",
            place=str(out),
            fix=f"Write --out {out.with_suffix('.parquet')}",
            what_zh="日志只写成 Parquet",
            fix_zh=f"请写 --out {out.with_suffix('.parquet')}",
        )
