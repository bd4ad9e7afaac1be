"""Plays as older packs have them, for runs that began under them: rules that start nothing.

All else that a run meets is the current pack's: policy, calendars, encounters, facts. What the current pack
does not have any more, and an older play asks for, is taken from the newest pack that had it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from peakend.fold.plays import definition, play_kinds, play_part
from peakend.fold.program import Handlers, Program, compile_program
from peakend.model.pack import Pack
from peakend.trigger.rules import Part, PlayRule
from peakend.trigger.where import Condition

_NOTHING = Handlers((), (), (), (), False)


def compile_published(
    pack: Pack, older: Iterable[Pack], *, contacts_known: bool = True, contents: bool = False
) -> Program:
    """Compile a pack that knows the plays of older ones (the newest first); see `compile_program`."""
    program = compile_program(pack, contacts_known=contacts_known, contents=contents)
    known = {(name, definition(pack, play)) for name, play in pack.plays.items()}
    earlier: list[Program] = []
    for one in older:
        plays = {(name, definition(one, play)) for name, play in one.plays.items()}
        if plays - known:
            earlier.append(compile_program(one, contacts_known=contacts_known, contents=contents))
            known |= plays
    return _with_older(program, earlier) if earlier else program


def _with_older(program: Program, earlier: Sequence[Program]) -> Program:
    rules, kinds = program.rules, dict(program.kinds)
    known = {(rule.name, rule.definition) for rule in rules.plays.values()}
    older: dict[tuple[str, str], PlayRule] = {}
    facts, attributes = dict(rules.facts), dict(rules.attributes)
    budgets, periods = dict(program.budgets), dict(program.budget_periods)
    for one in earlier:
        for rule in one.rules.plays.values():
            if (rule.name, rule.definition) not in known:
                known.add((rule.name, rule.definition))
                older[rule.name, rule.definition] = _pinned(rule)
        for kind, handlers in one.kinds.items():
            mine = kinds.get(kind, _NOTHING)
            kinds[kind] = replace(
                mine,
                attributes=mine.attributes + tuple(a for a in handlers.attributes if a[0] not in attributes),
                facts=mine.facts + tuple(fact for fact in handlers.facts if fact.name not in facts),
            )
        facts = {**one.rules.facts, **facts}
        attributes = {**one.rules.attributes, **attributes}
        budgets, periods = {**one.budgets, **budgets}, {**one.budget_periods, **periods}
    for rule in sorted(older.values(), key=lambda rule: (rule.name, rule.pinned)):
        for kind in play_kinds(rule) - rule.on | _ends(rule):
            handlers = kinds.get(kind, _NOTHING)
            part = play_part(rule, kind)._replace(enters=False)
            kinds[kind] = replace(handlers, plays=_in_order(*handlers.plays, part))
    kept = {kind: handlers for kind, handlers in kinds.items() if handlers != _NOTHING}
    whole = replace(
        rules,
        facts=facts,
        attributes=attributes,
        older=older,
        breach_plays=_breach_plays(program, older),
        unreached_plays=(*rules.unreached_plays, *(rule for rule in older.values() if rule.unreached)),
    )
    return replace(program, rules=whole, kinds=kept, budgets=budgets, budget_periods=periods)


def _ends(rule: PlayRule) -> set[str]:
    """The kinds of `on` that do something else, too."""
    return {kind for kind in rule.on if any(play_part(rule, kind)[1:4])}


def _in_order(*parts: Part) -> tuple[Part, ...]:
    return tuple(sorted(parts, key=lambda part: (part.rule.name, part.rule.pinned)))


def _breach_plays(
    program: Program, older: dict[tuple[str, str], PlayRule]
) -> dict[str, tuple[PlayRule, ...]]:
    found = dict(program.rules.breach_plays)
    for rule in older.values():
        if rule.breach_steps:
            found[rule.touchpoint] = (*found.get(rule.touchpoint, ()), rule)
    return found


def _pinned(rule: PlayRule) -> PlayRule:
    return replace(
        rule,
        pinned=rule.definition,
        while_=_careful(rule.while_),
        exits=tuple(replace(exit_, where=_careful(exit_.where)) for exit_ in rule.exits),
        steps=tuple(replace(step, where=_careful(step.where)) for step in rule.steps),
        first=tuple(replace(step, where=_careful(step.where)) for step in rule.first),
    )


def _careful(condition: Condition | None) -> Condition | None:
    """The condition, unknown where a name has another type by now than it was checked against."""
    if condition is None:
        return None
    ask = condition.test

    def test(scope: Any) -> bool | None:
        try:
            return ask(scope)
        except TypeError:
            return None

    return replace(condition, test=test)
