"""The answer sheets of one survey out of a native log, typed as the pack declares, event after event.

A sheet that cannot be typed is put aside with its reason and never guessed. Merged customers are one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec

from peakend.backtest.prepare import prepare
from peakend.errors import EvidenceError
from peakend.fold import Program, compile_program, holds, new_state
from peakend.fold.program import Handlers
from peakend.listen.reading import Reader, Refused
from peakend.model.event import Event
from peakend.model.pack import Outcome, Pack
from peakend.model.survey import Survey
from peakend.model.vocabulary import fields_of
from peakend.moments.history import Progress
from peakend.moments.surveys.sheets import Collected, Sheets, fields_asked
from peakend.tables import connect, read_span
from peakend.trigger.where import Condition, Vocabulary, compile_condition
from peakend.when import Zone, zone

BY_TIME: Final = ("year", "quarter", "month")
_TOLD: Final = 16_384


def sheets_of_log(
    pack: Pack,
    survey: Survey,
    outcome: str,
    log: Sequence[Path],
    scratch: Path,
    progress: Progress | None = None,
) -> tuple[Sheets, list[Refused]]:
    """Read a survey's sheets and the answers to `outcome` on them, and what could not be typed.

    Raises SourceError for a log that cannot be read, EvidenceError where no sheet is of this survey.
    """
    program = _program(pack, survey.event)
    overall = pack.head.outcomes[outcome]
    ours = _test(pack, program, survey.event, survey.where, ("surveys", survey.survey, "where"))
    counts = _test(pack, program, overall.event, overall.where, ("pack", "outcomes", outcome, "where"))
    connection = connect(scratch)
    prepared = prepare(connection, program, log, scratch)
    reader = Reader(pack)
    collected = Collected(columns_of(survey, overall.field))
    waves = _waves(survey, zone(pack.head.zone))
    seen = 0
    for event in (
        reader.events(read_span(connection, prepared.sorted_log, "", None)) if prepared.relevant else ()
    ):
        seen += 1
        if progress and seen % _TOLD == 0:
            progress(seen, prepared.relevant)
        if not ours(event):
            continue
        values = event.data if counts(event) else {**event.data, overall.field or "": None}
        cluster = _text(event, survey.cluster) if survey.cluster else event.customer
        # A sheet without its cluster is taken as independent: nothing says with what it would go together.
        collected.add(values, waves(event), event.at, cluster or f"# {event.id}", event.customer)
    connection.close()
    if not len(collected):
        raise _no_sheets(pack, survey, seen, collected.unnamed, len(reader.refused))
    refused = [*prepared.refused, *reader.refused]
    return collected.sheets(len(reader.refused)), refused


def columns_of(survey: Survey, overall: str | None) -> Sequence[str]:
    """Every field with numbers that a survey reads."""
    items = survey.items.values()
    return fields_asked(
        [
            *survey.items,
            *(item.expected_in for item in items),
            *(item.adequate_in for item in items),
            *(promise.expected_hours for promise in survey.promises),
            survey.weight,
            overall,
        ]
    )


def _program(pack: Pack, kind: str) -> Program:
    """A program that lets the sheets through and folds nothing."""
    program = compile_program(msgspec.structs.replace(pack, plays={}))
    return replace(program, kinds={kind: Handlers((), (), (), (), False)})


def _test(
    pack: Pack, program: Program, kind: str, text: str | None, path: tuple[str, ...]
) -> Callable[[Event], bool]:
    """What tells whether a condition on the fields of an event passes; without one all do."""
    if text is None:
        return lambda _: True
    condition: Condition = compile_condition(text, _fields(pack, kind), pack.place(*path))
    return lambda event: holds(program, new_state(event.customer), condition, event) is True


def _fields(pack: Pack, kind: str) -> Vocabulary:
    types = fields_of(pack, kind)
    return Vocabulary(
        fields={name: "text" if type_ == "zone" else type_ for name, type_ in types.items()},
        customer={},
        facts={},
        touchpoints=frozenset(),
        standards=frozenset(),
        kinds=frozenset(),
    )


def _waves(survey: Survey, at: Zone) -> Callable[[Event], str]:
    if survey.wave not in BY_TIME:
        return lambda event: _text(event, survey.wave)

    def of(event: Event) -> str:
        day = at.local(event.at)
        if survey.wave == "year":
            return f"{day.year}"
        if survey.wave == "quarter":
            return f"{day.year}-Q{(day.month + 2) // 3}"
        return f"{day.year}-{day.month:02}"

    return of


def _text(event: Event, field: str) -> str:
    value = event.data.get(field)
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _no_sheets(pack: Pack, survey: Survey, seen: int, unnamed: int, refused: int) -> EvidenceError:
    where = f" where {survey.where}" if survey.where else ""
    place = pack.place("surveys", survey.survey)
    if unnamed:
        return EvidenceError(
            f"{unnamed:,} sheets of the survey '{survey.survey}' have no value in '{survey.wave}', which "
            "names the wave",
            place=place,
            fix="Fill that field, or write wave: year",
            what_zh=f"问卷“{survey.survey}”的 {unnamed:,} 份答卷在“{survey.wave}”里都没有值，分不出是哪一期",
            fix_zh="请补上这个字段，或写 wave: year",
        )
    return EvidenceError(
        f"The log holds no answer sheet of the survey '{survey.survey}': {seen:,} events of the kind "
        f"{survey.event}, none of them{where}"
        + (f", and {refused:,} that could not be read" if refused else ""),
        place=place,
        fix="Bring the answers into the log, or choose another survey with --survey",
        what_zh=f"数据里没有问卷“{survey.survey}”的答卷：{survey.event} 共 {seen:,} 条，没有一条"
        + (f"符合 {survey.where}" if survey.where else "能用")
        + (f"；另有 {refused:,} 条读不出来" if refused else ""),
        fix_zh="请把答卷接进来，或用 --survey 换一份问卷",
    )


def asked_events(pack: Pack, survey: Survey) -> Iterator[tuple[str, Outcome]]:
    """The pack's outcomes that stand on the sheets of a survey."""
    for name, outcome in pack.head.outcomes.items():
        if outcome.event == survey.event and outcome.field:
            yield name, outcome
