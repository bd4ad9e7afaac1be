"""What a text would stumble over while it is filled in: arguments of filters, gathered items, values by type.

Filters are held against their own signatures and against the types that the pack declares. Then the text is
filled in with an example of every value, and with none at all: a comparison of a text with a number, or a
loop that never ends, is found at the desk and not at night. Names are judged elsewhere.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache

from liquid import BoundTemplate, RenderContext
from liquid.ast import Node
from liquid.builtin.expressions import Filter, FilteredExpression, KeywordArgument, Path
from liquid.exceptions import LiquidError
from liquid.expression import Expression

from peakend.design.words import problem, unknown
from peakend.errors import Place
from peakend.model.event import FieldType
from peakend.model.liquid import LIQUID, fill, parsed
from peakend.model.problem import Path as NodePath
from peakend.model.problem import Problem

Types = Mapping[str, FieldType]

DATED = frozenset({"date", "in_days"})
ENCOUNTER: Types = {
    "touchpoint": "text",
    "title": "text",
    "key": "text",
    "state": "text",
    "rating": "number",
    "unfinished": "boolean",
}
"""What a text may name of the encounter that its play is about; the last three where an event tells them."""


def check_filling(text: str, place: Place, path: NodePath, fields: Types, named: Types) -> Iterator[Problem]:
    """Problems of one readable piece of text.

    `fields` are those of the event, `named` the types of all other names (customer.name, facts.tickets, …).
    """
    yield from _found(text, place, path, tuple(fields.items()), tuple(named.items()))


@lru_cache(maxsize=4096)
def _found(
    text: str,
    place: Place,
    path: NodePath,
    fields: tuple[tuple[str, FieldType], ...],
    named: tuple[tuple[str, FieldType], ...],
) -> list[Problem]:
    """The same once for each piece: whoever edits a pack asks after every word about all others too."""
    template, types = parsed(text), dict([*fields, *named])
    dated: Types = {**types, "sent": "timestamp", "due": "timestamp"}
    found = [*_filters(template, text, place, path, dated), *_items(text, place, path, dict(fields))]
    return found or [*_filled(text, place, path, dict(fields), dict(named))]


def names_of_items(text: str) -> Iterator[tuple[str, int]]:
    """Every field of an item that a text names, with where it stands; items[0] and items.first count too."""
    loops = {found[1] for found in _LOOP.finditer(text)}
    owners = "|".join([*map(re.escape, sorted(loops)), r"items(?:\[\d+\]|\.first|\.last)"])
    for tag in _TAG.finditer(text):
        for found in re.finditer(rf"(?<![\w.'\"])(?:{owners})\.(\w+)", tag[0]):
            yield found[1], tag.start() + found.start(1)


_LOOP = re.compile(r"{%-?\s*for\s+(\w+)\s+in\s+items\b")
_TAG = re.compile(r"{[{%].*?[}%]}", re.DOTALL)


def _items(text: str, place: Place, path: NodePath, fields: Types) -> Iterator[Problem]:
    for word, index in names_of_items(text):
        if fields and word not in fields and word not in {"size", "first", "last"}:
            yield unknown("variable", word, fields, _spot(text, place, index), path)


def _filters(
    template: BoundTemplate, text: str, place: Place, path: NodePath, types: Types
) -> Iterator[Problem]:
    for left, filters in _filtered(template):
        for number, one in enumerate(filters):
            spot = _spot(text, place, one.token.start_index)
            usage = _usage(one)
            if usage:
                yield problem("filter_arguments", spot, path, word=one.name, usage=usage)
            elif one.name in DATED and number == 0 and isinstance(left, Path):
                kind_of = types.get(str(left))
                if kind_of not in {None, "date", "timestamp"}:
                    yield problem("not_a_date", spot, path, word=str(left), filter=one.name)


def _usage(one: Filter) -> str:
    """How a filter is written, '' where it is written so or where nobody knows the filter."""
    filter_ = LIQUID.filters.get(one.name)
    if filter_ is None:
        return ""
    positional = [argument for argument in one.args if not isinstance(argument, KeywordArgument)]
    named = {argument.name: None for argument in one.args if isinstance(argument, KeywordArgument)}
    signature = inspect.signature(filter_)
    given = [*signature.parameters.values()][1:]
    own = [one for one in given if one.name not in {"context", "environment"}]
    asked = signature.replace(parameters=own)
    try:
        asked.bind(*positional, **named)
    except TypeError:
        words = [_asked(one) for one in own if one.kind is not inspect.Parameter.KEYWORD_ONLY]
        return f"{one.name}: {', '.join(words)}" if words else one.name
    return ""


def _asked(parameter: inspect.Parameter) -> str:
    word = parameter.name.strip("_").upper()
    return word if parameter.default is inspect.Parameter.empty else f"[{word}]"


def _filtered(template: BoundTemplate) -> Iterator[tuple[Expression, list[Filter]]]:
    """Every value of a template that passes filters."""
    context = RenderContext(template)
    expressions = [one for node in _nodes(template.nodes, context) for one in node.expressions()]
    while expressions:
        expression = expressions.pop()
        if isinstance(expression, FilteredExpression) and expression.filters:
            yield expression.left, expression.filters
        expressions += expression.children()


def _nodes(nodes: list[Node], context: RenderContext) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _nodes(list(node.children(context, include_partials=False)), context)


def _filled(text: str, place: Place, path: NodePath, fields: Types, named: Types) -> Iterator[Problem]:
    """The first thing that stops the text from being filled in with examples, one item, two, or nothing."""
    examples = {name: EXAMPLES[kind_of] for name, kind_of in fields.items()}
    known: dict[str, object] = {**examples, "due": _SENT, "sender": {"name": "A", "phone": "1"}}
    for name, kind_of in named.items():
        owner, _, word = name.partition(".")
        inner = known.setdefault(owner, {})
        if isinstance(inner, dict):
            inner[word] = EXAMPLES[kind_of]
    always = {"sent": _SENT, "language": "en"}
    for values in ({}, {**known, "items": [examples]}, {**known, "items": [examples, examples]}):
        try:
            fill(text, {**values, **always})
        except LiquidError as error:
            start = error.token.start_index if error.token is not None else 0
            why = str(error.args[0]) if error.args else type(error).__name__
            yield problem("not_filled", _spot(text, place, start), path, why=why)
            return


_SENT = datetime(2026, 3, 30, 10, tzinfo=timezone(timedelta(hours=8)))
EXAMPLES: Mapping[FieldType, object] = {
    "text": "text",
    "number": 3,
    "boolean": True,
    "date": date(2026, 3, 31),
    "timestamp": _SENT,
    "zone": "Asia/Shanghai",
}


def _spot(text: str, place: Place, index: int) -> Place:
    return place._replace(line=place.line + text.count("\n", 0, max(index, 0)))
