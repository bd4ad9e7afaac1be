"""A log made ready for the fold once, for all packs that are folded over it: sorted, and who is who in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from peakend.backtest.prepare import Prepared, prepare
from peakend.errors import SourceError
from peakend.fold import compile_program
from peakend.model.pack import Pack
from peakend.tables import Span, connect, spans

_MEMORY = "150MB"


class Past(NamedTuple):
    """A log ready for the fold: what was prepared, the spans of its customers, the kinds it holds."""

    prepared: Prepared
    cuts: list[Span]
    kinds: frozenset[str]


def make_ready(
    packs: Sequence[Pack], log: Sequence[Path], folder: Path, touched: frozenset[str] | None = None
) -> Past:
    """Sort what matters to any of the packs, which differ in plays and words alone, into a folder.

    `touched` leaves out customers without an event of these kinds.
    Raises SourceError for a log that cannot be read or holds nothing.
    """
    program, *also = [compile_program(pack) for pack in packs]
    folder.mkdir(parents=True, exist_ok=True)
    # Closed before the workers start, it gives its memory back to them.
    with connect(folder, _MEMORY) as connection:
        prepared = prepare(connection, program, log, folder, touched, apart=True, also=also)
        cuts = spans(connection, prepared.sorted_log)
    if not prepared.facts.events:
        raise SourceError("The log holds no events", place=str(log[0]), fix="Give a log that is not empty")
    return Past(prepared, cuts, frozenset(program.kinds).union(*(one.kinds for one in also)))
