"""What one pack concluded over a log, kept in a folder: the next draft beside it then costs one fold.

What is kept is a copy and never the truth. It holds for the very files that it was made of, and while hardly
anything was recorded since; otherwise it is made anew. One process at a time may use a folder.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from shutil import rmtree
from typing import Final, NamedTuple

import msgspec

from peakend.backtest.past import Past
from peakend.fold import compile_program
from peakend.model.pack import Pack
from peakend.model.result import BacktestResult
from peakend.tables import connect, row_count

_INDEX: Final = "index.msgpack"
_NEWER: Final = 100
"""It is used again while it lacks at most one event for so many that it holds."""


class Concluded(NamedTuple):
    """What a pack concluded over a past: the counts, the list of its verdicts, and that of who came to which
    play (None: nobody asked for it)."""

    past: Past
    result: BacktestResult
    listing: Path
    entrants: Path | None = None


class _Index(msgspec.Struct, frozen=True):
    """What was found, by which pack, and the files and rows of the log that it looked at."""

    pack: str
    files: list[str]
    rows: int
    found: Concluded


def kept(folder: Path, pack: Pack, other: Pack, log: Sequence[Path]) -> Concluded | None:
    """What a folder keeps of a pack over a log, if it holds and has all that another pack looks at."""
    try:
        index = msgspec.msgpack.decode((folder / _INDEX).read_bytes(), type=_Index, dec_hook=_path)
    except (OSError, msgspec.MsgspecError):
        return None
    past = index.found.past
    looked_at = compile_program(other).kinds.keys() & past.prepared.facts.kinds.keys()
    same = index.pack == pack.hash and index.files == [path.name for path in log][: len(index.files)]
    if same and looked_at <= past.kinds and 0 <= (_rows(log) - index.rows) * _NEWER <= index.rows:
        return index.found
    return None


def remember(folder: Path, pack: Pack, log: Sequence[Path], found: Concluded) -> None:
    """Keep what a pack concluded about all customers; its past and its listing lie in the folder."""
    index = _Index(pack.hash, [path.name for path in log], _rows(log), found)
    part = folder / f"{_INDEX}.part"
    part.write_bytes(msgspec.msgpack.encode(index, enc_hook=str))
    part.replace(folder / _INDEX)


def forget(folder: Path) -> None:
    """Let go of what is kept; the index goes first."""
    (folder / _INDEX).unlink(missing_ok=True)
    rmtree(folder, ignore_errors=True)


def _rows(log: Sequence[Path]) -> int:
    with connect() as connection:
        return row_count(connection, log)


def _path(type_: type[Path], text: str) -> Path:
    return type_(text)
