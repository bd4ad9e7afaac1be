"""What all parts of the lint share: the names that a pack knows, and how a problem gets its place.

A name whose node could not be read still counts as known: its own problem is told already, and telling it
again at every mention would bury it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from peakend.design.words import problem, unknown
from peakend.model.event import BUILT_IN, DERIVED, FieldType
from peakend.model.pack import Pack
from peakend.model.parts import Kinds, as_list
from peakend.model.problem import Path, Problem
from peakend.model.vocabulary import fields_of, steps_of
from peakend.when import parse_duration


class Known(NamedTuple):
    """The names that may be referred to; `standards` by touchpoint.

    `unsound` are plays that could not be read, or that say a text which does not exist. `complete` is False
    where there are any, or a play or story names what is not there: then nobody can say what is unused.
    """

    kinds: frozenset[str]
    plays: frozenset[str]
    texts: frozenset[str]
    cards: frozenset[str]
    calendars: frozenset[str]
    budgets: frozenset[str]
    touchpoints: frozenset[str]
    standards: dict[str, frozenset[str]]
    unsound: frozenset[str]
    complete: bool


def known_names(pack: Pack) -> Known:
    """Every name of the pack, read or left out."""

    def under(*path: str | int) -> frozenset[str]:
        depth = len(path)
        return frozenset(str(p[depth]) for p in pack.places if len(p) == depth + 1 and p[:depth] == path)

    plays = under("plays")
    texts = frozenset(str(p[2]) for p in pack.places if len(p) == 3 and p[0] == "texts")
    cards = frozenset(str(p[2]) for p in pack.places if len(p) == 3 and p[0] == "cards")
    said = {name: {step.says for _, step, _ in steps_of(play)} for name, play in pack.plays.items()}
    unsound = {name for name in plays if not said.get(name, {""}) <= texts | cards}
    told = {expected.play for story in pack.stories.values() for expected in (*story.then, *story.never)}
    points = [p for p in pack.places if len(p) == 4 and p[0] == "journeys" and p[2] == "touchpoints"]
    touchpoints = frozenset(str(p[3]) for p in points)
    return Known(
        kinds=under("pack", "events") | BUILT_IN.keys() | DERIVED.keys(),
        plays=plays,
        texts=texts,
        cards=cards,
        calendars=under("pack", "calendars"),
        budgets=under("pack", "policy", "budgets"),
        touchpoints=touchpoints,
        standards={str(p[3]): under(*p, "standards") for p in points},
        unsound=frozenset(unsound),
        complete=not unsound
        and told <= {None, *plays}
        and all(play.touchpoint in touchpoints for play in pack.plays.values()),
    )


def found(
    pack: Pack, code: str, *path: str | int, known: Iterable[str] | None = None, **values: Any
) -> Problem:
    """The problem `code` at the node `path` of the pack."""
    return problem(code, pack.place(*path), path, known=known, **values)


def stranger(pack: Pack, noun: str, word: str, known: Iterable[str], *path: str | int) -> Problem:
    """`word`, written at `path`, names no `noun` of the pack."""
    return unknown(noun, word, sorted(known), pack.place(*path), path)


def given_fields(pack: Pack, kind: str) -> dict[str, FieldType]:
    """The fields that an event of `kind` may bring: what it declares, and what the profile reads of it."""
    fields = fields_of(pack, kind)
    for attribute in pack.head.customer.values():
        source, _, name = attribute.from_.rpartition(".")
        if source == kind:
            fields.setdefault(name, attribute.type)
    return fields


def unknown_kinds(pack: Pack, known: Known, kinds: Kinds | None, *path: str | int) -> Iterator[Problem]:
    """One problem for each kind that nobody declares."""
    for index, kind in enumerate(as_list(kinds)):
        if kind not in known.kinds:
            inner: Path = path if isinstance(kinds, str) else (*path, index)
            yield stranger(pack, "kind", kind, known.kinds, *inner)


def mixed_types(pack: Pack, kinds: list[str], known: Iterable[str], *path: str | int) -> Iterator[Problem]:
    """A problem where one of `kinds`, listed at `path`, gives a field another type than one of `known`."""
    first: dict[str, str] = {}
    for kind in known:
        for field in fields_of(pack, kind):
            first.setdefault(field, kind)
    for index, kind in enumerate(kinds):
        for field, kind_of in fields_of(pack, kind).items():
            other = first.setdefault(field, kind)
            was = fields_of(pack, other)[field]
            if was != kind_of:
                words = {"one": other, "other": kind, "first": was, "second": kind_of}
                yield found(pack, "types_differ", *path, index, field=field, **words)


def elapsed(pack: Pack, span: str | None, *path: str | int, positive: bool = False) -> Iterator[Problem]:
    """A problem where the span at `path` has months, or is zero although `positive` is asked."""
    if span is None:
        return
    duration = parse_duration(span)
    if duration.months:
        yield found(pack, "months", *path, word=span, key=str(path[-1]))
    elif positive and not duration.elapsed():
        yield found(pack, "zero_span", *path, key=str(path[-1]))


def share(pack: Pack, text: str | None, *path: str | int) -> Iterator[Problem]:
    """A problem where a holdout would leave one of its groups empty."""
    if text is not None and not 0 < float(text.rstrip("%")) < 100:
        yield found(pack, "share_range", *path, word=text)
