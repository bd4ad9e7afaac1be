"""The lint: what a pack means, held against itself, before any customer can be touched by it.

Every problem is told, each at its line with the nearest right word. Conditions are compiled by whoever
compiles them for the fold, handed in as a function, so that what passes here cannot fail there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from peakend.design.lint.distances import check_distances
from peakend.design.lint.finding import Known, known_names
from peakend.design.lint.head import check_facts, check_head
from peakend.design.lint.journeys import check_journeys
from peakend.design.lint.plays import check_plays
from peakend.design.lint.sources import check_sources
from peakend.design.lint.stories import check_stories
from peakend.design.lint.surveys import check_surveys
from peakend.design.lint.texts import check_texts
from peakend.design.lint.titles import check_titles
from peakend.design.words import problem
from peakend.errors import PeakendError, Place
from peakend.model.pack import Pack
from peakend.model.problem import Path, Problem
from peakend.model.vocabulary import Vocabulary, condition_texts

__all__ = ["CompileCondition", "lint", "lint_sources"]

BY_CLASS = frozenset({"holdout_refused", "extra_is_owed", "urgent_refused", "discount_word"})
"""Problems that rest on the class of a play; they wait until nothing else is wrong in its file."""

CompileCondition = Callable[[str, Vocabulary, Place], object]
"""Compiles a condition at a place, or raises ConditionError."""


def lint(pack: Pack, compile_condition: CompileCondition, already: Iterable[Problem] = ()) -> list[Problem]:
    """All problems of a pack beyond its shape, in the order of files and lines.

    `already` are the problems found while reading: what only follows from one of them is not told again.
    """
    broken = _broken(already)
    problems = _own(_every(pack, known_names(pack)), broken)
    names = {part for path in broken for part in path if isinstance(part, str)}
    problems += _conditions(pack, compile_condition, names)
    in_order = sorted(dict.fromkeys(problems), key=lambda found: (found.place, found.code))
    return _once_each(in_order)


def lint_sources(pack: Pack, already: Iterable[Problem] = ()) -> list[Problem]:
    """The problems of the mappings alone, for whoever is about to read rows by them."""
    problems = _own(check_sources(pack, known_names(pack)), _broken(already))
    return sorted(problems, key=lambda found: (found.place, found.code))


def _every(pack: Pack, known: Known) -> Iterator[Problem]:
    yield from check_head(pack, known)
    yield from check_facts(pack, known)
    yield from check_journeys(pack, known)
    yield from check_plays(pack, known)
    yield from check_texts(pack, known)
    yield from check_distances(pack)
    yield from check_titles(pack)
    yield from check_stories(pack, known)
    yield from check_sources(pack, known)
    yield from check_surveys(pack, known)


def _conditions(pack: Pack, compile_condition: CompileCondition, left_out: set[str]) -> Iterator[Problem]:
    """Problems of conditions, but for those that mention a name whose declaration could not be read."""
    for path, text, vocabulary in condition_texts(pack):
        place = pack.place(*path)
        try:
            compile_condition(text, vocabulary, place)
        except PeakendError as error:
            if left_out.isdisjoint(re.findall(r"[\w-]+", text)):
                what, fix = (error.what, error.what_zh), (error.fix, error.fix_zh)
                yield problem("condition", place, path, what=what, fix=fix)


def _broken(already: Iterable[Problem]) -> list[Path]:
    return [found.path for found in already if found.severity == "error"]


def _own(problems: Iterable[Problem], broken: list[Path]) -> list[Problem]:
    """The problems that do not only follow from a node that could not be read."""
    spoilt = {path[:2] for path in broken}
    return [
        found
        for found in problems
        if not any(_follows(found, path) for path in broken)
        and not (found.code in BY_CLASS and found.path[:2] in spoilt)
    ]


def _once_each(problems: list[Problem]) -> list[Problem]:
    """A play that is not there is told where it is first named, with the number of the other places."""
    firsts: dict[str, Problem] = {}
    others = Counter[str]()
    for found in problems:
        if found.code == "unknown_play":
            others[found.what] += found.what in firsts
            firsts.setdefault(found.what, found)
    kept = [found for found in problems if found.code != "unknown_play" or firsts[found.what] is found]
    return [_with_others(found, others[found.what]) if others[found.what] else found for found in kept]


def _with_others(found: Problem, others: int) -> Problem:
    fix = f"{found.fix} (named in {others} more {'place' if others == 1 else 'places'})"
    return replace(found, fix=fix, fix_zh=f"{found.fix_zh}（另有 {others} 处提到它）")


def _follows(found: Problem, broken: Path) -> bool:
    """Whether the node that was left out stands at or just below the one that is complained about."""
    depth = len(found.path)
    return bool(depth) and broken[:depth] == found.path and len(broken) - depth <= 1
