"""The log of a store as Parquet files that the next backtest uses again: only what came since is written.

The files lie in a folder of their owner alone and are a copy, never the truth: where they do not hold what
the store holds any more, because somebody was erased or a backup was restored, all of them are made anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path

import msgspec
import pyarrow.parquet as pq

from peakend.backtest import kept
from peakend.model.log import LOG_SCHEMA
from peakend.store import Store

_INDEX = "index.json"
_PAST = "past"
_MANY = 40
"""Files; more are written into one, or every look at them would open too many."""


class Segments(msgspec.Struct, frozen=True):
    """Files that hold the log up to some places, in their order, and how many events are in them."""

    files: list[str] = []
    places: dict[int, int] = {}
    rows: int = 0


def segments(store: Store, folder: Path) -> list[Path]:
    """The whole log of a store as files in a folder, brought up to now; none where nothing was recorded.

    Several processes may ask at once: one writes while the others wait.
    """
    with _alone(folder):
        known = _known(folder)
        if known.rows != store.recorded_below(known.places) or len(known.files) >= _MANY:
            forget(folder)
            known = Segments()
        now = store.places()
        if now != known.places:
            name = f"log-{sum(now.values()):012}-{len(known.files):03}.parquet"
            rows = _write(store, folder / name, known.places, now)
            files = [*known.files, name] if rows else known.files
            known = Segments(files, now, known.rows + rows)
            _replace(folder / _INDEX, msgspec.json.encode(known))
        return [folder / name for name in known.files]


@contextmanager
def past_of(folder: Path) -> Iterator[Path]:
    """A folder for what was concluded from the copy, to oneself; it goes with the copy."""
    with _alone(folder, "past.lock"):
        yield folder / _PAST


def forget_past(folder: Path) -> None:
    """Delete what was concluded from the copy."""
    kept.forget(folder / _PAST)


def forget(folder: Path) -> None:
    """Delete the copy, and what was concluded from it: when somebody was erased, or nobody needs it."""
    forget_past(folder)
    for path in [folder / _INDEX, *folder.glob("log-*.parquet*")]:
        path.unlink(missing_ok=True)


def _known(folder: Path) -> Segments:
    try:
        found = msgspec.json.decode((folder / _INDEX).read_bytes(), type=Segments)
    except (OSError, msgspec.MsgspecError):
        return Segments()
    return found if all((folder / name).is_file() for name in found.files) else Segments()


def _write(store: Store, path: Path, since: Mapping[int, int], until: Mapping[int, int]) -> int:
    part, rows = path.with_suffix(".parquet.part"), 0
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file, pq.ParquetWriter(file, LOG_SCHEMA) as out:
        for batch in store.recorded(since, until):
            out.write_batch(batch)
            rows += batch.num_rows
    if rows:
        part.replace(path)
    else:
        part.unlink()
    return rows


def _replace(path: Path, content: bytes) -> None:
    part = path.with_suffix(".part")
    part.write_bytes(content)
    part.replace(path)


@contextmanager
def _alone(folder: Path, name: str = "lock") -> Iterator[None]:
    """Have what a lock in a folder stands for to oneself: other processes wait."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        flock(descriptor, LOCK_EX)
        yield
    finally:
        os.close(descriptor)
