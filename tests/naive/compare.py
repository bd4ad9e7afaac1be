"""The fold and the reference side by side on one case, and the smallest case that still tells them apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import msgspec
from random_packs import Case, typed

from naive.matcher import match
from peakend import fold
from peakend.model.event import Event
from peakend.model.outcome import Output
from peakend.model.pack import Channels, Step

Row = tuple[Any, ...]


def fold_outputs(case: Case) -> list[Output]:
    """What the fold concludes from the whole log at one go."""
    program = fold.compile_program(case.pack, contacts_known=knows_contacts(case.events), explain=True)
    customer = case.events[0].customer if case.events else ""
    _, outputs = fold.step(program, fold.new_state(customer), case.events, case.until, program.new_budgets())
    return outputs


def naive_outputs(case: Case) -> list[Output]:
    return match(case.pack, case.events, case.until)


def knows_contacts(events: Iterable[Event]) -> bool:
    return any(event.kind == "contact.set" for event in events)


def rows(outputs: list[Output]) -> list[Row]:
    """Outputs as plain rows in an order of their own."""
    found = []
    for output in outputs:
        row = msgspec.structs.asdict(output)
        if "pending" in row:
            row["pending"] = tuple(sorted(row["pending"]))
        if "standards" in row:
            row["standards"] = tuple(msgspec.structs.astuple(found) for found in row["standards"])
        found.append((type(output).__name__, *row.items()))
    return sorted(found, key=repr)


def differences(case: Case) -> tuple[list[Row], list[Row]]:
    """Rows that only the reference has, and rows that only the fold has."""
    mine, theirs = Counter(rows(naive_outputs(case))), Counter(rows(fold_outputs(case)))
    return sorted((mine - theirs).elements(), key=repr), sorted((theirs - mine).elements(), key=repr)


def shrink(case: Case) -> Case:
    """The case without all that it does not need in order to fail."""
    wanted = _how_it_fails(case)
    shrunk = True
    while shrunk:
        shrunk = False
        for smaller in _smaller(case):
            if _is_sound(smaller) and _how_it_fails(smaller) == wanted:
                case, shrunk = smaller, True
                break
    return case


def _how_it_fails(case: Case) -> tuple[set[str], set[str]]:
    """The kinds of output that only one side has: another fault must not take the place of the first."""
    try:
        mine, theirs = differences(case)
    except Exception as error:
        return {type(error).__name__}, set()
    return {row[0] for row in mine[:1]}, {row[0] for row in theirs[:1]}


def _is_sound(case: Case) -> bool:
    """Whether `check` would let the pack pass, as far as shrinking could break it."""
    plays = case.pack.plays.values()
    steps = [step for play in plays for step in [*play.steps, *(s for way in play.exits for s in way.then)]]
    touchpoints = case.pack.touchpoints
    return all(map(_is_whole, steps)) and all(play.steps and play.touchpoint in touchpoints for play in plays)


def _is_whole(step: Step) -> bool:
    due = step.due
    timed = any(word is not None for word in (due.after, due.before, due.yearly, due.before_breach_of))
    reached = step.action in ("card", "task") or step.through not in ([], Channels(all=[]))
    return bool(step.action) and timed and reached


def _smaller(case: Case) -> Iterable[Case]:
    for place in range(len(case.events)):
        yield replace(case, events=case.events[:place] + case.events[place + 1 :])
    for drawn in _without_one(case.drawn):
        try:
            yield replace(case, drawn=drawn, pack=typed(drawn))
        except (msgspec.ValidationError, KeyError):
            continue
    for place, event in enumerate(case.events):
        for name in event.data:
            data = {key: value for key, value in event.data.items() if key != name}
            smaller = msgspec.structs.replace(event, data=data)
            yield replace(case, events=[*case.events[:place], smaller, *case.events[place + 1 :]])


def _without_one(node: Any) -> Iterable[Any]:
    """The same tree without one of its branches, each in turn; the outer branches first."""
    if isinstance(node, dict):
        for key in node:
            yield {name: value for name, value in node.items() if name != key}
        for key, value in node.items():
            for less in _without_one(value):
                yield {**node, key: less}
    elif isinstance(node, list):
        for place in range(len(node)):
            yield node[:place] + node[place + 1 :]
        for place, value in enumerate(node):
            for less in _without_one(value):
                yield [*node[:place], less, *node[place + 1 :]]
