"""All that the fold concludes from a small log, in full: for `why` and for the stories of a pack.

It prepares the log as every backtest does and folds with the same functions; only the outputs are kept
instead of being counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from peakend.backtest.contested import Answers, fold_together
from peakend.backtest.prepare import prepare
from peakend.fold import Program, compile_program, new_state, step
from peakend.listen.reading import Reader, Refused
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
        program = compile_program(pack, explain=explain)
        prepared = prepare(connection, program, log, scratch, customer)
        facts = prepared.facts
        program = program.told(contacts_known="contact.set" in facts.kinds, in_order=facts.in_order)
        reader = Reader(pack)
        events = list(reader.events(read_customers(connection, prepared.sorted_log, None, "seen")))
        end = until if until is not None else facts.last or 0
        answers = prepared.answers
        if customer is not None and _competes(program, events, end, answers):
            # Alone it would find every budget full, and be told another story than the backtest counted.
            among_all = prepare(connection, program, log, scratch).sorted_log
            everybody = Reader(pack).events(read_customers(connection, among_all, None, "seen"))
            outputs = _outputs(program, everybody, end, answers, events[0].customer)
        else:
            outputs = _outputs(program, events, end, answers)
    in_turn = [output for name in sorted(outputs) for output in outputs[name]]
    return Concluded(facts, events, in_turn, [*prepared.refused, *reader.refused])


def _outputs(
    program: Program, events: Iterable[Event], until: int, answers: Answers, only: str | None = None
) -> dict[str, list[Output]]:
    """What each customer's events led to, or those of one among all."""
    found: dict[str, list[Output]] = {}

    def keep(customer: str, outputs: list[Output]) -> None:
        if only in (None, customer):
            found.setdefault(customer, []).extend(outputs)

    fold_together(program, events, until, keep, answers)
    return found


def _competes(program: Program, events: Sequence[Event], until: int, answers: Answers) -> bool:
    """Whether one customer's steps ask a budget, which all customers share, what nobody asked it live."""
    if not program.budgets or not events:
        return False
    budgets = program.new_budgets(unlimited=True, answers=answers)
    step(program, new_state(events[0].customer), events, until, budgets)
    return budgets.reckoned
