"""All that the fold concludes from a small log, in full: for `why` and for the stories of a pack.

It prepares the log as every backtest does and folds with the same functions; only the outputs are kept
instead of being counted.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from peakend.backtest.contested import Answers, fold_together
from peakend.backtest.people import fold_person, named
from peakend.backtest.prepare import prepare
from peakend.design.words import hint
from peakend.errors import SourceError
from peakend.fold import CustomerState, Program, compile_program
from peakend.listen.reading import Reader, Refused
from peakend.model.event import JOINED, Event
from peakend.model.outcome import Content, Output
from peakend.model.pack import Pack
from peakend.tables import LogFacts, connect, customer_names, read_customers


class Concluded(NamedTuple):
    """What the relevant events of some customers led to; outputs in the order of customers.

    `contents` are what the words of each send may speak of, where that was asked for, `program` and `states`
    how everybody stands at `until`. `without_days` are the years that each calendar was asked about although
    it does not know their days off.
    """

    facts: LogFacts
    events: list[Event]
    outputs: list[Output]
    refused: list[Refused]
    contents: list[Content]
    program: Program
    states: dict[str, CustomerState]
    until: int
    without_days: dict[str, set[int]]


def conclude(
    pack: Pack,
    log: Sequence[Path],
    *,
    customer: str | None = None,
    until: int | None = None,
    explain: bool = False,
    clauses: bool = False,
    contents: bool = False,
) -> Concluded:
    """Fold all customers of a log, or one, and keep every output.

    `until` (microseconds UTC) ends the history, by default with the last event of the log; `explain` also
    reports entries whose condition was false, `clauses` what of it did not hold, `contents` also gathers what
    each send may speak of.
    Raises SourceError for a log that cannot be read.
    """
    with TemporaryDirectory(prefix="peakend-") as folder:
        scratch = Path(folder)
        connection = connect(scratch)
        program = compile_program(pack, explain=explain, clauses=clauses, contents=contents)
        prepared = prepare(connection, program, log, scratch, customer, apart=True)
        facts = prepared.facts
        program = program.told(contacts_known="contact.set" in facts.kinds, in_order=facts.in_order)
        program = program.paused(prepared.pauses)
        reader = Reader(pack)
        rows = read_customers(connection, prepared.sorted_log, None, "seen")
        heard = list(reader.events(named(rows) if prepared.identities else rows))
        end = until if until is not None else facts.last or 0
        answers = prepared.answers
        if contents:
            heard = [event for event in heard if event.seen <= end]
        only: set[str] | None = None
        folded: Iterable[Event] = heard
        if customer is not None and _competes(program, heard, end, answers):
            # Alone it would find every budget full, and be told another story than the backtest counted.
            among_all = prepare(connection, program, log, scratch, apart=True)
            rows = read_customers(connection, among_all.sorted_log, None, "seen")
            everybody = Reader(pack).events(named(rows) if among_all.identities else rows)
            if contents:
                everybody = (event for event in everybody if event.seen <= end)
            folded, only = everybody, {name for event in heard for name in _names(event)}
        found: list[Content] | None = [] if contents else None
        outputs, states = _outputs(program, folded, end, only, found, answers)
        events = [event for event in heard if event.kind != JOINED]
    in_turn = [output for name in sorted(outputs) for output in outputs[name]]
    said = [one for one in found or () if only is None or one.customer in only]
    refused = [*prepared.refused, *reader.refused]
    days = program.years_without_days()
    return Concluded(facts, events, in_turn, refused, said, program, states, end, days)


def unknown_customer(log: Sequence[Path], customer: str) -> SourceError:
    """What to say of a customer whom the log does not know, naming some whom it does."""
    names = customer_names(connect(), log)
    english, chinese = hint(customer, names)
    if english.startswith("Known"):
        some = ", ".join(names[:3])
        english, chinese = f"Customers look like this: {some}", f"客户编号形如：{some}"
    return SourceError(
        f"The log holds nothing that the plays look at for customer '{customer}'",
        fix=english,
        what_zh=f"数据里没有客户“{customer}”的相关动态",
        fix_zh=chinese,
    )


def _outputs(
    program: Program,
    events: Iterable[Event],
    until: int,
    only: Container[str] | None,
    contents: list[Content] | None,
    answers: Answers,
) -> tuple[dict[str, list[Output]], dict[str, CustomerState]]:
    """What each customer's events led to, or those of some names among all, and how everybody stands then."""
    found: dict[str, list[Output]] = {}

    def keep(customer: str, outputs: list[Output]) -> None:
        if only is None or customer in only:
            found.setdefault(customer, []).extend(outputs)

    states = fold_together(program, events, until, keep, contents, answers)
    return found, states


def _competes(program: Program, events: Sequence[Event], until: int, answers: Answers) -> bool:
    """Whether one customer's steps ask a budget, which all customers share, what nobody asked it live."""
    if not program.budgets or not events:
        return False
    budgets = program.new_budgets(unlimited=True, answers=answers)
    fold_person(program, events[-1].customer, events, until, budgets, lambda _: None)
    return budgets.reckoned


def _names(event: Event) -> list[str]:
    """Whom an event tells of: a join of two names."""
    return [event.customer, event.data["from"]] if event.kind == JOINED else [event.customer]
