"""Which names each condition of a pack may use, with their types.

The lint and the compiler of the fold both take the list of conditions from here, so that a condition that
passed `peakend check` can never meet an unknown name at night. Nothing here reads the condition itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from peakend.model.event import BUILT_IN, DERIVED, FieldType
from peakend.model.pack import Channels, Fact, Pack, Play, Step, Touchpoint
from peakend.model.parts import Kinds, as_list

Type = Literal["text", "number", "boolean", "date", "timestamp"]
Types = dict[str, Type]


@dataclass(frozen=True)
class Vocabulary:
    """The names a condition may use, as the pack declares them."""

    fields: Mapping[str, Type]
    customer: Mapping[str, Type]
    facts: Mapping[str, Type]
    touchpoints: frozenset[str]
    standards: frozenset[str]
    kinds: frozenset[str]


class ConditionText(NamedTuple):
    """A condition as it was written: its path in the pack, its text, and what it may name."""

    path: tuple[str | int, ...]
    text: str
    vocabulary: Vocabulary


def condition_texts(pack: Pack) -> Iterator[ConditionText]:
    """All conditions of a pack, each with its vocabulary.

    Paths are those of `Pack.places`, for example ('plays', P, 'steps', 0, 'where'),
    ('plays', P, 'unless', 'where') or ('journeys', J, 'touchpoints', T, 'miserable').
    What each may name: the fields of the events it is asked about, customer.*, facts.* (not within
    facts.yaml), open() for every touchpoint, and the standards of its own touchpoint.
    """
    base = Vocabulary(
        fields={},
        customer={name: _plain(attribute.type) for name, attribute in pack.head.customer.items()},
        facts={name: fact_type(pack, fact) for name, fact in pack.facts.items()},
        touchpoints=frozenset(pack.touchpoints),
        standards=frozenset(),
        kinds=frozenset(declared_kinds(pack)),
    )
    for path, text, fields, standards in _written(pack):
        if text is not None:
            facts = {} if path[0] == "facts" else base.facts
            yield ConditionText(
                path, text, replace(base, fields=fields, facts=facts, standards=frozenset(standards))
            )


def declared_kinds(pack: Pack) -> list[str]:
    """Every kind that an event of this pack can have: declared, built in, or derived by the fold."""
    return list(dict.fromkeys([*pack.head.events, *BUILT_IN, *DERIVED]))


def fields_of(pack: Pack, kinds: Kinds | None) -> dict[str, FieldType]:
    """The fields that events of any of `kinds` declare.

    A derived event also carries the fields of the event with which its encounter began. Where two kinds
    give one field different types, the first counts here and the lint refuses the mix.
    """
    fields: dict[str, FieldType] = {}
    for kind in as_list(kinds):
        for name, kind_of in _kind_fields(pack, kind).items():
            fields.setdefault(name, kind_of)
    return fields


def fact_type(pack: Pack, fact: Fact) -> Type:
    """The type of a fact's value."""
    if fact.take in ("count", "sum", "avg", "days_since"):
        return "number"
    return _plain(fields_of(pack, fact.of).get(fact.field or "", "text"))


def step_fields(pack: Pack, play: Play, exit_kinds: Kinds | None = None) -> dict[str, FieldType]:
    """What a step of the play knows: the fields of the entry, of `updates`, and of the exit before it."""
    return fields_of(pack, [*as_list(play.on), *as_list(play.updates), *as_list(exit_kinds)])


def used_channels(pack: Pack) -> list[str]:
    """The channels by which the plays of a pack speak to customers, in their order."""
    found: dict[str, None] = {}
    for play in pack.plays.values():
        for _, step, _ in steps_of(play):
            through = step.through.all if isinstance(step.through, Channels) else step.through
            found |= dict.fromkeys(through or ())
    return [*found]


def used_roles(pack: Pack) -> list[str]:
    """The roles for which the plays of a pack have something to do or to read, in their order."""
    roles = (step.role for play in pack.plays.values() for _, step, _ in steps_of(play))
    return [*dict.fromkeys(role for role in roles if role)]


def steps_of(play: Play) -> Iterator[tuple[tuple[str | int, ...], Step, Kinds | None]]:
    """Every step with its path inside the play and the kinds of the exit that it follows, if any.

    The card that is given when nobody was reached comes last.
    """
    for index, step in enumerate(play.steps):
        yield ("steps", index), step, None
    for index, way_out in enumerate(play.exits):
        for place, step in enumerate(way_out.then):
            yield ("exits", index, "then", place), step, way_out.on
    if play.if_unreached is not None:
        yield ("if_unreached",), play.if_unreached.step, None


_Written = tuple[tuple[str | int, ...], str | None, Types, Iterable[str]]


def _written(pack: Pack) -> Iterator[_Written]:
    yield ("pack", "policy", "moment"), pack.head.policy.moment, {}, ()
    for name, outcome in pack.head.outcomes.items():
        yield ("pack", "outcomes", name, "where"), outcome.where, _types(fields_of(pack, outcome.event)), ()
    for name, survey in pack.surveys.items():
        yield ("surveys", name, "where"), survey.where, _types(fields_of(pack, survey.event)), ()
    for name, fact in pack.facts.items():
        yield ("facts", name, "where"), fact.where, _types(fields_of(pack, fact.of)), ()
    for journey, map_ in pack.journeys.items():
        for name, point in map_.touchpoints.items():
            yield from _of_touchpoint(pack, ("journeys", journey, "touchpoints", name), point)
    for play in pack.plays.values():
        yield from _of_play(pack, play)


def _of_touchpoint(pack: Pack, path: tuple[str | int, ...], point: Touchpoint) -> Iterator[_Written]:
    begins = fields_of(pack, point.encounter.begins) if point.encounter else {}
    if point.encounter:
        yield (*path, "encounter", "where"), point.encounter.where, _types(begins), ()
    updates = as_list(point.encounter.updates) if point.encounter else []
    for name, standard in point.standards.items():
        asked = fields_of(pack, [standard.from_, *updates])
        yield (*path, "standards", name, "where"), standard.where, _types(asked), ()
    judged: Types = {**_types(fields_of(pack, updates)), **_types(begins), "rating": "number"}
    yield (*path, "miserable"), point.miserable, judged, point.standards
    yield (*path, "magical"), point.magical, judged, point.standards


def _of_play(pack: Pack, play: Play) -> Iterator[_Written]:
    path = ("plays", play.play)
    point = pack.touchpoints.get(play.touchpoint)
    standards = point.standards if point else {}
    yield (*path, "where"), play.where, _types(fields_of(pack, play.on)), standards
    yield (*path, "while"), play.while_, _types(step_fields(pack, play)), standards
    for index, way_out in enumerate(play.exits):
        yield (*path, "exits", index, "where"), way_out.where, _types(fields_of(pack, way_out.on)), standards
    if play.unless is not None and not isinstance(play.unless, str):
        fields = _types(fields_of(pack, play.unless.on))
        yield (*path, "unless", "where"), play.unless.where, fields, standards
    if play.goal:
        yield (*path, "goal", "where"), play.goal.where, _types(fields_of(pack, play.goal.event)), standards
    for inner, step, exit_kinds in steps_of(play):
        fields = _types(step_fields(pack, play, exit_kinds))
        yield (*path, *inner, "where"), step.where, fields, standards


def _kind_fields(pack: Pack, kind: str) -> dict[str, FieldType]:
    if kind not in DERIVED:
        return {**BUILT_IN.get(kind, {}), **pack.head.events.get(kind, {})}
    fields = dict(DERIVED[kind])
    for point in pack.touchpoints.values():
        for begins in as_list(point.encounter.begins) if point.encounter else []:
            for name, kind_of in pack.head.events.get(begins, {}).items():
                fields.setdefault(name, kind_of)
    return fields


def _types(fields: Mapping[str, FieldType]) -> Types:
    return {name: _plain(kind_of) for name, kind_of in fields.items()}


def _plain(kind_of: FieldType) -> Type:
    """A zone is a text to a condition."""
    return "text" if kind_of == "zone" else kind_of
