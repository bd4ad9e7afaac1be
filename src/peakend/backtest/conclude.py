"""All that the fold concludes from a small log, in full: for `why` and for the stories of a pack.

It prepares the log as every backtest does and folds with the same functions; only the outputs are kept
instead of being counted.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from peakend.backtest.contested import fold_together
from peakend.backtest.people import fold_person, named
from peakend.backtest.prepare import prepare
from peakend.fold import Program, compile_program
from peakend.listen.reading import Reader, Refused
from peakend.model.event import JOINED, Event
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
        program = compile_program(pack, explain=explain)
        prepared = prepare(connection, program, log, scratch, customer, apart=True)
        facts = prepared.facts
        program = program.told(contacts_known="contact.set" in facts.kinds, in_order=facts.in_order)
        reader = Reader(pack)
        rows = read_customers(connection, prepared.sorted_log, None, "seen")
        heard = list(reader.events(named(rows) if prepared.identities else rows))
        events = [event for event in heard if event.kind != JOINED]
        end = until if until is not None else facts.last or 0
        if customer is not None and _competes(program, heard, end):
            # Alone it would find every budget full, and be told another story than the backtest counted.
            among_all = prepare(connection, program, log, scratch, apart=True)
            rows = read_customers(connection, among_all.sorted_log, None, "seen")
            everybody = Reader(pack).events(named(rows) if among_all.identities else rows)
            outputs = _outputs(program, everybody, end, {event.customer for event in heard})
        else:
            outputs = _outputs(program, heard, end)
    in_turn = [output for name in sorted(outputs) for output in outputs[name]]
    return Concluded(facts, events, in_turn, [*prepared.refused, *reader.refused])


def _outputs(
    program: Program, events: Iterable[Event], until: int, only: Container[str] | None = None
) -> dict[str, list[Output]]:
    """What each customer's events led to, or those of some names among all."""
    found: dict[str, list[Output]] = {}

    def keep(customer: str, outputs: list[Output]) -> None:
        if only is None or customer in only:
            found.setdefault(customer, []).extend(outputs)

    fold_together(program, events, until, keep)
    return found


def _competes(program: Program, events: Sequence[Event], until: int) -> bool:
    """Whether one customer's steps ask for a budget, which all customers share."""
    if not program.budgets or not events:
        return False
    budgets = program.new_budgets(unlimited=True)
    fold_person(program, events[-1].customer, events, until, budgets, lambda _: None)
    return budgets.asked
