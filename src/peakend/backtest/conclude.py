"""All that the fold concludes from a small log, in full: for `why` and for the stories of a pack.

It prepares the log as every backtest does and folds with the same functions; only the outputs are kept
instead of being counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from peakend.backtest.contested import fold_together
from peakend.backtest.prepare import prepare
from peakend.backtest.reading import Reader, Refused
from peakend.fold import compile_program
from peakend.model.event import Event
from peakend.model.outcome import Output
from peakend.model.pack import Pack
from peakend.tables import LogFacts, connect, read_customers


class Concluded(NamedTuple):
    """What the relevant events of some customers led to; outputs in the order of customers."""

    facts: LogFacts
    events: list[Event]
    outputs: list[Output]
    refused: list[Refused]


def conclude(
    pack: Pack,
    log: Sequence[Path],
    *,
    customer: str | None = None,
    until: int | None = None,
    explain: bool = False,
) -> Concluded:
    """Fold all customers of a log, or one, and keep every output.

    `until` (microseconds UTC) ends the history, by default with the last event of the log; `explain` also
    reports entries whose condition was false. Raises SourceError for a log that cannot be read.
    """
    with TemporaryDirectory(prefix="peakend-") as folder:
        scratch = Path(folder)
        connection = connect(scratch)
        prepared = prepare(connection, compile_program(pack), log, scratch)
        facts = prepared.facts
        program = compile_program(
            pack,
            contacts_known="contact.set" in facts.kinds,
            in_order=facts.in_order,
            explain=explain,
        )
        names = None if customer is None else [customer]
        reader = Reader(pack)
        events = list(reader.events(read_customers(connection, prepared.sorted_log, names, "seen")))
    end = until if until is not None else facts.last or 0
    outputs, _ = fold_together(program, events, end)
    in_turn = [output for name in sorted(outputs) for output in outputs[name]]
    return Concluded(facts, events, in_turn, reader.refused)
