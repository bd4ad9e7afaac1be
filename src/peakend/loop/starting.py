"""How a worker starts: alone under its name, and careful where a backup may have been restored.

Each start raises the worker's epoch in the database and in a marker file that no backup of it holds. Where
the two disagree, somebody has put an older database in its place, and what it would send may have been sent.
Source: DESIGN G7.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from peakend.errors import PeakendError
from peakend.store.base import Store

try:
    import fcntl
except ImportError:  # a system without file locks: an older start's leases are waited for instead
    fcntl = None  # type: ignore[assignment]

MANY_OVERDUE: Final = 50
"""Steps and messages past due at a start, beyond which a person looks at them before they leave."""
GRACE: Final = 300_000_000
"""Microseconds that a restart may take before what came due meanwhile counts as past due."""


@dataclass(frozen=True)
class Start:
    """One start: `owner` names it among all, `why` says why what waits must be looked at ('' where not)."""

    owner: str
    epoch: int
    why: str


class Marker:
    """A file that one running worker holds, with the epoch of its last start."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if fcntl is not None:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise PeakendError(
                "A worker of this name runs here already",
                place=str(path),
                fix="End it first, or give this one a name of its own: --worker NAME",
                what_zh="本机已有同名的工作进程在运行",
                fix_zh="请先停止它，或为本进程另起名称：--worker NAME",
            ) from None

    @property
    def epoch(self) -> int | None:
        """The epoch of the last start, None where there was none or nobody can read it."""
        said = os.pread(self._file, 32, 0).decode("ascii", "replace").strip()
        return int(said) if said.isdecimal() else None

    def write(self, epoch: int) -> None:
        """Remember an epoch, on the disk when this returns."""
        os.pwrite(self._file, f"{epoch:<31}\n".encode(), 0)
        os.fsync(self._file)

    def close(self) -> None:
        """Let go of the name."""
        os.close(self._file)


def marker_path(database: str, worker: str) -> Path:
    """Where the marker of a worker lies: with the user's state, away from the database and its backups."""
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    key = sha256(f"{database}\0{worker}".encode()).hexdigest()[:16]
    return state / "peakend" / f"{key}.start"


def start(store: Store, marker: Marker, worker: str, now: int) -> Start:
    """Raise the epoch in both places; what an earlier start of this name still owned is free at once."""
    starts, said = store.starts(), marker.epoch
    before = starts.get(worker)
    others = store.owners(now) - {_owner(worker, before or 0)}
    if before is not None and fcntl is not None:
        store.release_shards(_owner(worker, before))
    epoch = store.start(worker)
    marker.write(epoch)
    overdue = 0 if others else store.overdue(now - GRACE)
    return Start(_owner(worker, epoch), epoch, _why(before, said, bool(starts) and not others, overdue))


def _why(before: int | None, said: int | None, nobody_knows: bool, overdue: int) -> str:
    if before != said:
        return "restored"
    if before is None and nobody_knows:
        return "moved"
    return "overdue" if overdue > MANY_OVERDUE else ""


def _owner(worker: str, epoch: int) -> str:
    return f"{worker}#{epoch}"
