"""What may be written where the cursor stands: keys of the typed model, and the names that the pack knows.

The text around the cursor need not be sound, because somebody is writing it: the word at the cursor is set
aside, open brackets are closed, and what is then readable says where the cursor is. Nothing is changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import inspect

from peakend.design.explanations import KEYS
from peakend.design.nodes import MappingNode, Node, ScalarNode, SequenceNode, compose
from peakend.design.offers import Offer, Offers
from peakend.design.pack import FOLDERS, SINGLE, FrontMatter
from peakend.model.pack import Channels, Pack
from peakend.model.parts import as_list
from peakend.model.vocabulary import declared_kinds, fields_of, steps_of

_MARK: Final = "peakend_cursor"
_WORD = re.compile(r"[\w.%-]*")
_CLOSERS = ("", "}", "]", "}}", "}]", "]}", "}]}", '"', "'", '"}', "'}", '"}]', "'}]")
_MOST = 100


class _Spot(NamedTuple):
    """Where the cursor is: the keys above it, whether a key is written there, and what the file says."""

    path: list[str | int]
    is_key: bool
    data: Any
    text: str


def complete(pack: Pack, file: str, text: str, line: int, column: int) -> Offers:
    """The words that fit in a file at a line and a column, both from 0; none where nothing is known.

    `pack` is the pack as far as it reads; `text` is the file as it is being written.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    if not 0 <= line < len(lines) or not 0 <= column <= len(lines[line]):
        return Offers(column, column, [])
    begins = column
    while begins and _WORD.fullmatch(lines[line][begins - 1]):
        begins -= 1
    match = _WORD.match(lines[line], begins)
    ends = match.end() if match else column
    typed = lines[line][begins:column].lower()
    root, first = _root_of(file, lines)
    spot = _spot(lines, first, line, begins, ends) if root else None
    if root is None or spot is None:
        return Offers(begins, ends, [])
    found = _keys(root, spot) if spot.is_key else _values(pack, root, spot)
    fitting = [one for one in dict.fromkeys(found) if typed in one.word.lower()]
    fitting.sort(key=lambda one: not one.word.lower().startswith(typed))
    return Offers(begins, ends, fitting[:_MOST])


def _root_of(file: str, lines: list[str]) -> tuple[type[msgspec.Struct] | None, int]:
    """The typed model of a file, and the line on which its YAML begins."""
    first, _, rest = file.partition("/")
    if file.endswith(".md"):
        inside = lines[0].rstrip() == "---"
        return (FrontMatter, 1) if inside and first in ("texts", "cards") else (None, 0)
    if rest:
        return FOLDERS.get(first), 0
    return SINGLE.get(first.rpartition(".")[0]), 0


def _spot(lines: list[str], first: int, line: int, begins: int, ends: int) -> _Spot | None:
    last = len(lines)
    if first:
        last = next((n for n in range(first, len(lines)) if lines[n].rstrip() == "---"), len(lines))
        if not first <= line < last:
            return None
    before, after = lines[line][:begins], lines[line][ends:]
    for tail in dict.fromkeys((after, "")):
        for mark in (_MARK, f"{_MARK}: 0"):
            for closer in _CLOSERS:
                body = "\n".join(
                    [*lines[first:line], f"{before}{mark}{closer}{tail}", *lines[line + 1 : last]]
                )
                root = compose(body, "", [])
                found = next(_marked(root, []), None) if root is not None else None
                if found is not None and root is not None:
                    return _Spot(found[0], found[1], _plain(root), lines[line])
    return None


def _marked(node: Node, path: list[str | int]) -> Iterator[tuple[list[str | int], bool]]:
    if isinstance(node, ScalarNode):
        if _MARK in str(node.value):
            yield path, False
    elif isinstance(node, MappingNode):
        for key, inner in node.value:
            if _MARK in str(key.value):
                yield path, True
            yield from _marked(inner, [*path, str(key.value)])
    elif isinstance(node, SequenceNode):
        for index, inner in enumerate(node.value):
            yield from _marked(inner, [*path, index])


def _plain(node: Node) -> Any:
    """The tree without types, which is enough to look at what stands beside the cursor."""
    if isinstance(node, MappingNode):
        return {str(key.value): _plain(inner) for key, inner in node.value}
    if isinstance(node, SequenceNode):
        return [_plain(inner) for inner in node.value]
    return str(node.value)


def _at(data: Any, path: Iterable[str | int]) -> Any:
    for step in path:
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data


def _shapes(root: type[msgspec.Struct], path: list[str | int]) -> list[inspect.Type]:
    """What the typed model allows at a path: one shape, or several."""
    shapes: list[inspect.Type] = [inspect.type_info(root)]
    for step in path:
        shapes = [inner for shape in shapes for inner in _below(shape, step)]
    return [one for shape in shapes for one in _alternatives(shape)]


def _alternatives(shape: inspect.Type) -> list[inspect.Type]:
    if isinstance(shape, inspect.Metadata):
        return _alternatives(shape.type)
    if isinstance(shape, inspect.UnionType):
        return [inner for one in shape.types for inner in _alternatives(one)]
    return [shape]


def _below(shape: inspect.Type, step: str | int) -> Iterator[inspect.Type]:
    for one in _alternatives(shape):
        if isinstance(one, inspect.StructType):
            yield from (field.type for field in one.fields if field.encode_name == step)
        elif isinstance(one, inspect.DictType) and isinstance(step, str):
            yield one.value_type
        elif isinstance(one, inspect.ListType | inspect.VarTupleType) and isinstance(step, int):
            yield one.item_type


def _keys(root: type[msgspec.Struct], spot: _Spot) -> Iterator[Offer]:
    there = _at(spot.data, spot.path)
    present = set(there) if isinstance(there, dict) else set()
    for shape in _shapes(root, spot.path):
        if isinstance(shape, inspect.StructType):
            for field in shape.fields:
                if field.encode_name not in present:
                    en, zh = KEYS.get(f"{shape.cls.__name__}.{field.encode_name}") or KEYS[field.encode_name]
                    yield Offer(field.encode_name, "key", zh, en)


def _values(pack: Pack, root: type[msgspec.Struct], spot: _Spot) -> Iterator[Offer]:
    key = next((str(step) for step in reversed(spot.path) if isinstance(step, str)), "")
    above = [step for step in spot.path if isinstance(step, str)][:-1]
    owner = above[-1] if above else ""
    for shape in _shapes(root, spot.path):
        if isinstance(shape, inspect.LiteralType):
            yield from (Offer(str(word), "value") for word in shape.values)
        elif isinstance(shape, inspect.BoolType):
            yield from (Offer(word, "value") for word in ("true", "false"))
    offer = _VALUES.get(f"{owner}.{key}") or _VALUES.get(key)
    if offer is not None:
        yield from offer(pack, spot)


def _kinds(pack: Pack, _: _Spot) -> Iterator[Offer]:
    yield from (_named(pack, kind, "kind") for kind in declared_kinds(pack))


def _texts(pack: Pack, _: _Spot) -> Iterator[Offer]:
    for name in sorted({name for _, name in pack.texts}):
        zh, en = (pack.texts.get((spoken, name)) for spoken in ("zh", "en"))
        yield Offer(name, "text", zh.subject if zh else "", en.subject if en else "")


def _cards(pack: Pack, _: _Spot) -> Iterator[Offer]:
    for name in sorted({name for _, name in pack.cards}):
        zh, en = (pack.cards.get((spoken, name)) for spoken in ("zh", "en"))
        yield Offer(name, "card", zh.subject if zh else "", en.subject if en else "")


def _channels(pack: Pack, _: _Spot) -> Iterator[Offer]:
    used: dict[str, None] = {}
    for play in pack.plays.values():
        for _path, step, _kinds in steps_of(play):
            through = step.through.all if isinstance(step.through, Channels) else step.through or []
            used |= dict.fromkeys(through)
    for point in pack.touchpoints.values():
        used |= dict.fromkeys(point.channels)
    yield from (_named(pack, name, "channel") for name in used)


def _roles(pack: Pack, _: _Spot) -> Iterator[Offer]:
    used = dict.fromkeys(pack.head.roles)
    for play in pack.plays.values():
        used |= dict.fromkeys(step.role for _path, step, _kinds in steps_of(play) if step.role)
    used |= {point.owner: None for point in pack.touchpoints.values() if point.owner}
    yield from (_named(pack, name, "role") for name in used)


def _fields(pack: Pack, spot: _Spot) -> Iterator[Offer]:
    for name, kind_of in _known_fields(pack, spot).items():
        yield _named(pack, name, "field")._replace(en=kind_of)


def _dates(pack: Pack, spot: _Spot) -> Iterator[Offer]:
    for name, kind_of in _known_fields(pack, spot).items():
        if kind_of in ("date", "timestamp"):
            yield _named(pack, name, "field")


def _condition(pack: Pack, spot: _Spot) -> Iterator[Offer]:
    yield from _fields(pack, spot)
    for name, attribute in pack.head.customer.items():
        yield _titled(f"customer.{name}", "field", attribute.title)
    for name, fact in pack.facts.items():
        yield _titled(f"facts.{name}", "field", fact.title)
    yield from (Offer(word, "value") for word in ("and", "or", "not", "in", "between", "is null", "open"))


def _standards(pack: Pack, spot: _Spot) -> Iterator[Offer]:
    point = pack.touchpoints.get(str(_at(spot.data, ["touchpoint"])))
    for name, standard in point.standards.items() if point else ():
        yield _titled(name, "name", standard.title)


def _touchpoints(pack: Pack, _: _Spot) -> Iterator[Offer]:
    for name, point in pack.touchpoints.items():
        yield _titled(name, "name", point.title)


def _budgets(pack: Pack, _: _Spot) -> Iterator[Offer]:
    yield from (Offer(name, "name") for name in pack.head.policy.budgets)


def _calendars(pack: Pack, _: _Spot) -> Iterator[Offer]:
    yield Offer("always", "value")
    for name, calendar in pack.head.calendars.items():
        yield _titled(name, "name", calendar.title)


def _plays(pack: Pack, _: _Spot) -> Iterator[Offer]:
    for name, play in pack.plays.items():
        yield _titled(name, "name", play.title)


def _stages(pack: Pack, spot: _Spot) -> Iterator[Offer]:
    for stage in _at(spot.data, ["stages"]) or ():
        if isinstance(stage, dict) and "id" in stage:
            yield Offer(str(stage["id"]), "name")


def _known_fields(pack: Pack, spot: _Spot) -> dict[str, Any]:
    """The fields of the events that the cursor's node is about: of the nearest key that names any."""
    kinds: list[str] = []
    for depth in range(len(spot.path), -1, -1):
        there = _at(spot.data, spot.path[:depth])
        if isinstance(there, dict):
            for key in ("on", "updates", "event", "of", "from"):
                words = there.get(key)
                kinds += as_list(words) if isinstance(words, str | list) else []
            encounter = there.get("encounter")
            if isinstance(encounter, dict):
                kinds += as_list(encounter.get("begins"))
    return dict(fields_of(pack, [kind for kind in kinds if isinstance(kind, str)]))


def _named(pack: Pack, word: str, what: str) -> Offer:
    return _titled(word, what, pack.head.words.get(word, {}))


def _titled(word: str, what: str, titles: dict[str, str]) -> Offer:
    return Offer(word, what, titles.get("zh", ""), titles.get("en", ""))


_VALUES: Final[dict[str, Callable[[Pack, _Spot], Iterator[Offer]]]] = {
    **dict.fromkeys(
        (
            "on",
            "updates",
            "unless",
            "event",
            "begins",
            "ends",
            "reopens",
            "pauses",
            "resumes",
            "against",
            "of",
        ),
        _kinds,
    ),
    "repeat.until": _kinds,
    **dict.fromkeys(("say", "give", "ask", "attach"), _texts),
    **dict.fromkeys(("card", "task"), _cards),
    **dict.fromkeys(("through", "all", "channels"), _channels),
    **dict.fromkeys(("role", "else", "owner"), _roles),
    **dict.fromkeys(("before", "yearly"), _dates),
    **dict.fromkeys(("key", "holdout_unit", "field", "amount"), _fields),
    **dict.fromkeys(("where", "while", "miserable", "magical", "moment"), _condition),
    "before_breach_of": _standards,
    "touchpoint": _touchpoints,
    "budget": _budgets,
    "calendar": _calendars,
    "play": _plays,
    "stage": _stages,
}
