"""One step of a play: when it is due, what it does, whom it concerns, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from peakend.design.lint.finding import Known, elapsed, found, stranger, unknown_kinds
from peakend.design.words import hint
from peakend.errors import TimeError
from peakend.model.event import FieldType
from peakend.model.pack import Due, Pack, Play, Step
from peakend.model.parts import Kinds, as_list
from peakend.model.problem import Path, Problem
from peakend.model.vocabulary import fields_of, step_fields
from peakend.when import parse_on_day

TO_CUSTOMER = ("say", "ask", "give")
TO_COLLEAGUE = ("card", "task")


def check_step(
    pack: Pack, known: Known, play: Play, step: Step, exit_kinds: Kinds | None, path: Path
) -> Iterator[Problem]:
    """Everything that one step says, but for its condition; `exit_kinds` for a step after an exit."""
    yield from _action(pack, known, play, step, path)
    yield from _due(pack, known, play, step.due, exit_kinds, (*path, "due"))
    yield from _repeat(pack, known, play, step, path)
    if exit_kinds is not None:
        yield from _once(pack, step, path)
    yield from elapsed(pack, step.expires, *path, "expires")
    yield from elapsed(pack, step.catch_up, *path, "catch_up", positive=True)
    if step.on_day is not None:
        try:
            parse_on_day(step.on_day)
        except TimeError:
            yield found(pack, "not_a_day", *path, "on_day", word=step.on_day)
    yield from _money(pack, known, play, step, exit_kinds, path)


def _action(pack: Pack, known: Known, play: Play, step: Step, path: Path) -> Iterator[Problem]:
    given = [word for word in (*TO_CUSTOMER, *TO_COLLEAGUE) if getattr(step, word) is not None]
    if not given:
        yield found(pack, "no_action", *path)
    if len(given) > 1:
        yield found(pack, "two_actions", *path, given[1], word=", ".join(given))
    for word in given:
        name = getattr(step, word)
        noun, names = ("text", known.texts) if word in TO_CUSTOMER else ("card", known.cards)
        if name not in names:
            yield stranger(pack, noun, name, names, *path, word)
    for index, name in enumerate(step.attach):
        if name not in known.texts:
            yield stranger(pack, "text", name, known.texts, *path, "attach", index)
    point = pack.touchpoints.get(play.touchpoint)
    if step.action in TO_COLLEAGUE and step.role is None and point is not None and not point.owner:
        yield found(pack, "nobody", *path, step.action, word=step.says)


def _due(
    pack: Pack, known: Known, play: Play, due: Due, exit_kinds: Kinds | None, path: Path
) -> Iterator[Problem]:
    given = [
        key for key in ("after", "before", "before_breach_of", "yearly") if getattr(due, key) is not None
    ]
    if len(given) != 1:
        several = ("are " + ", ".join(given), "写了 " + "、".join(given))
        word = several if given else ("is none", "一个也没有")
        yield found(pack, "due_one_of", *path, word=word)
        return
    key = given[0]
    if key == "after":
        if due.by is not None:
            yield found(pack, "by_unused", *path, "by")
        return
    if due.by is None and (*path, "by") not in pack.places:
        yield found(pack, "by_missing", *path, key, key=key)
    if key == "before_breach_of":
        standards = known.standards.get(play.touchpoint, frozenset())
        if due.before_breach_of not in standards and play.touchpoint in known.touchpoints:
            yield stranger(pack, "standard", str(due.before_breach_of), standards, *path, key)
        return
    field = str(getattr(due, key))
    yield from _date_field(pack, known, play, field, exit_kinds, (*path, key))


def _date_field(
    pack: Pack, known: Known, play: Play, field: str, exit_kinds: Kinds | None, path: Path
) -> Iterator[Problem]:
    if field in fields_of(pack, exit_kinds):
        declared = {"": fields_of(pack, exit_kinds)}
    else:
        declared = {kind: fields_of(pack, kind) for kind in as_list(play.on) if kind in known.kinds}
    dates = sorted({name for fields in declared.values() for name in fields if fields[name] in _DATES})
    for kind, fields in declared.items():
        if field not in fields:
            code = "before_not_everywhere"
            yield found(pack, code, *path, word=field, kind=kind, known=dates)
        elif fields[field] not in _DATES:
            fix = hint(field, dates)
            wanted = "date / timestamp"
            yield found(pack, "field_type", *path, word=field, got=fields[field], wanted=wanted, hint=fix)


_DATES: tuple[FieldType, ...] = ("date", "timestamp")


def _repeat(pack: Pack, known: Known, play: Play, step: Step, path: Path) -> Iterator[Problem]:
    if step.repeat is None:
        return
    yield from unknown_kinds(pack, known, step.repeat.until, *path, "repeat", "until")
    yield from elapsed(pack, step.repeat.every, *path, "repeat", "every", positive=True)
    if step.repeat.times < 1:
        words = dict[str, Any](key="times", word=step.repeat.times, least=1)
        yield found(pack, "too_small", *path, "repeat", "times", **words)
    written = (*path, "repeat", "until") in pack.places or ("plays", play.play, "exits") in pack.places
    if step.repeat.until is None and not play.all_exits and not written:
        yield found(pack, "endless_repeat", *path, "repeat")


def _once(pack: Pack, step: Step, path: Path) -> Iterator[Problem]:
    """After its exit a run follows neither `until` nor a standard's clock: what repeats would never end."""
    if step.repeat is not None:
        yield found(pack, "once_after_exit", *path, "repeat", word="repeat")
    for key in ("yearly", "before_breach_of"):
        if getattr(step.due, key) is not None:
            yield found(pack, "once_after_exit", *path, "due", key, word=key)


def _money(
    pack: Pack, known: Known, play: Play, step: Step, exit_kinds: Kinds | None, path: Path
) -> Iterator[Problem]:
    if step.budget is not None and step.budget not in known.budgets:
        yield stranger(pack, "budget", step.budget, known.budgets, *path, "budget")
    if step.amount is None:
        return
    if step.budget is None:
        yield found(pack, "money_without_budget", *path, "amount")
    if isinstance(step.amount, str):
        fields = step_fields(pack, play, exit_kinds)
        if step.amount not in fields:
            yield stranger(pack, "field", step.amount, fields, *path, "amount")
        elif fields[step.amount] != "number":
            numbers = [name for name, kind_of in fields.items() if kind_of == "number"]
            words = {"word": step.amount, "got": fields[step.amount], "wanted": "number"}
            yield found(pack, "field_type", *path, "amount", hint=hint(step.amount, numbers), **words)
