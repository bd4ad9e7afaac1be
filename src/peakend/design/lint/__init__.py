"""The lint: what a pack means, held against itself, before any customer can be touched by it.

Every problem is told, each at its line with the nearest right word. Conditions are compiled by whoever
compiles them for the fold, handed in as a function, so that what passes here cannot fail there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from peakend.design.lint.finding import Known, known_names
from peakend.design.lint.head import check_facts, check_head
from peakend.design.lint.journeys import check_journeys
from peakend.design.lint.plays import check_plays
from peakend.design.lint.stories import check_stories
from peakend.design.lint.texts import check_texts
from peakend.design.lint.titles import check_titles
from peakend.design.words import problem
from peakend.errors import PeakendError, Place
from peakend.model.pack import Pack
from peakend.model.problem import Problem
from peakend.model.vocabulary import Vocabulary, condition_texts

__all__ = ["CompileCondition", "lint"]

CompileCondition = Callable[[str, Vocabulary, Place], object]
"""Compiles a condition at a place, or raises ConditionError."""


def lint(pack: Pack, compile_condition: CompileCondition, already: Iterable[Problem] = ()) -> list[Problem]:
    """All problems of a pack beyond its shape, in the order of files and lines.

    `already` are the problems found while reading: what only follows from one of them is not told again.
    """
    broken = [found.path for found in already if found.severity == "error"]
    problems = [
        found
        for found in _every(pack, known_names(pack))
        if not any(_follows(found, path) for path in broken)
    ]
    names = {part for path in broken for part in path if isinstance(part, str)}
    problems += _conditions(pack, compile_condition, names)
    return sorted(dict.fromkeys(problems), key=lambda found: (found.place, found.code))


def _every(pack: Pack, known: Known) -> Iterator[Problem]:
    yield from check_head(pack, known)
    yield from check_facts(pack, known)
    yield from check_journeys(pack, known)
    yield from check_plays(pack, known)
    yield from check_texts(pack, known)
    yield from check_titles(pack)
    yield from check_stories(pack, known)


def _conditions(pack: Pack, compile_condition: CompileCondition, left_out: set[str]) -> Iterator[Problem]:
    """Problems of conditions, but for those that mention a name whose declaration could not be read."""
    for path, text, vocabulary in condition_texts(pack):
        place = pack.place(*path)
        try:
            compile_condition(text, vocabulary, place)
        except PeakendError as error:
            if left_out.isdisjoint(re.findall(r"[\w-]+", text)):
                yield problem("condition", place, path, text=text, what=error.what, fix=error.fix)


def _follows(found: Problem, broken: tuple[str | int, ...]) -> bool:
    """Whether the node that was left out stands at or just below the one that is complained about."""
    depth = len(found.path)
    return bool(depth) and broken[:depth] == found.path and len(broken) - depth <= 1
