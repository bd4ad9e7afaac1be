"""Fit YAML nodes to the typed model, collecting every misfit instead of stopping at the first.

Each node that does not fit becomes one problem in words that its author knows, is left out, and the rest is
read on: a required key that is left out takes its node with it. The line of every node is kept all the same.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import msgspec
from msgspec import inspect

from peakend.design import values
from peakend.design.nodes import MappingNode, Node, ScalarNode, SequenceNode, line_of, tag_of
from peakend.design.words import PARTS, Pair, hint, listed, problem
from peakend.errors import Place
from peakend.model.problem import Path, Problem

LEFT_OUT: Final = object()
"""What stands in for a node that did not fit."""


class Fitting:
    """The fitting of one file: it gathers `places` and `problems` while it reads."""

    def __init__(self, file: str, places: dict[Path, Place], problems: list[Problem]) -> None:
        self._file = file
        self._places = places
        self._problems = problems

    def struct(self, node: Node, cls: type[msgspec.Struct], path: Path) -> Any:
        """The node as a `cls`, or LEFT_OUT."""
        shape = _shape(cls)
        if not isinstance(node, MappingNode):
            return self._wrong(node, shape, path)
        named = {field.encode_name: field for field in shape.fields}
        given: dict[str, Any] = {}
        strangers: list[str] = []
        for word, inner, child in self._entries(node, path):
            field = named.get(word)
            if field is None and "：" in word:
                self._say("wide_colon", self._places[inner].line, inner)
                strangers.append(word.partition("：")[0])
            elif field is None:
                strangers.append(word)
                self._say(
                    "unknown_key", self._places[inner].line, inner, word=word, known=named, of=_called(cls)
                )
            else:
                given[field.name] = self.value(child, field.type, inner)
        missing = [f.encode_name for f in shape.fields if f.required and f.name not in given]
        meant = {_meant(word, named) for word in strangers}
        if unseen := [word for word in missing if word not in meant]:
            self._missing(node, cls, path, unseen)
        for field in shape.fields:
            if field.required and given.get(field.name, LEFT_OUT) is LEFT_OUT:
                written = (*path, field.encode_name) in self._places
                given[field.name] = _stand_in(field.type, written=written)
                if given[field.name] is LEFT_OUT:
                    return LEFT_OUT
        return cls(**{name: value for name, value in given.items() if value is not LEFT_OUT})

    def value(self, node: Node, shape: inspect.Type, path: Path) -> Any:
        """The node as `shape` asks, or LEFT_OUT."""
        if isinstance(shape, inspect.Metadata):
            return self.value(node, shape.type, path)
        if isinstance(shape, inspect.UnionType):
            return self._one_of(node, shape, path)
        if isinstance(shape, inspect.AnyType):
            return self._anything(node, path)
        if isinstance(node, ScalarNode) and tag_of(node) == "null":
            return self._problem("empty_value", node, path, word=_name(path))
        if isinstance(shape, _CONTAINERS):
            return self._container(node, shape, path)
        return (
            self._scalar(node, shape, path)
            if isinstance(node, ScalarNode)
            else self._wrong(node, shape, path)
        )

    def _container(self, node: Node, shape: inspect.Type, path: Path) -> Any:
        if isinstance(shape, inspect.StructType):
            return self.struct(node, shape.cls, path)
        if isinstance(shape, inspect.DictType) and isinstance(node, MappingNode):
            return self._dict(node, shape, path)
        if isinstance(shape, inspect.TupleType):
            return self._pair(node, shape, path)
        if isinstance(shape, inspect.ListType | inspect.VarTupleType) and isinstance(node, SequenceNode):
            fitted = self._list(node, shape.item_type, path)
            return tuple(fitted) if isinstance(shape, inspect.VarTupleType) else fitted
        return self._wrong(node, shape, path)

    def _entries(self, node: MappingNode, path: Path) -> Iterator[tuple[str, Path, Node]]:
        seen: dict[str, int] = {}
        for key, child in node.value:
            if not isinstance(key, ScalarNode):
                self._say("not_a_key", line_of(key), path)
                continue
            word, line = str(key.value), line_of(key)
            if node.flow_style and "：" in word and isinstance(child, ScalarNode) and tag_of(child) == "null":
                self._say("wide_colon", line, path)
                continue
            if node.flow_style and " " in word and isinstance(child, ScalarNode) and tag_of(child) == "null":
                self._say("cut_by_comma", line, path, word=word)
                continue
            if word in seen:
                self._say("duplicate_key", line, (*path, word), word=word, first=seen[word])
                continue
            seen[word] = line
            self._places[(*path, word)] = Place(self._file, line)
            yield word, (*path, word), child

    def _dict(self, node: MappingNode, shape: inspect.DictType, path: Path) -> dict[str, Any]:
        fitted = {
            word: self.value(child, shape.value_type, inner)
            for word, inner, child in self._entries(node, path)
            if self._is_key(word, shape.key_type, inner)
        }
        return {word: value for word, value in fitted.items() if value is not LEFT_OUT}

    def _is_key(self, word: str, shape: inspect.Type, path: Path) -> bool:
        known = [str(value) for value in shape.values] if isinstance(shape, inspect.LiteralType) else [word]
        if word not in known:
            self._say("not_one_of", self._places[path].line, path, word=word, all=listed(known), known=known)
        return word in known

    def _list(self, node: SequenceNode, item: inspect.Type, path: Path) -> list[Any]:
        fitted = []
        for index, child in enumerate(node.value):
            self._places[(*path, index)] = Place(self._file, line_of(child))
            fitted.append(self.value(child, item, (*path, index)))
        return [value for value in fitted if value is not LEFT_OUT]

    def _pair(self, node: Node, shape: inspect.TupleType, path: Path) -> Any:
        if not isinstance(node, SequenceNode) or len(node.value) != len(shape.item_types):
            return self._wrong(node, shape, path)
        fitted = self._list(node, shape.item_types[0], path)
        return tuple(fitted) if len(fitted) == len(shape.item_types) else LEFT_OUT

    def _anything(self, node: Node, path: Path) -> Any:
        if isinstance(node, MappingNode):
            return self._dict(node, _ANY_DICT, path)
        if isinstance(node, SequenceNode):
            return self._list(node, inspect.AnyType(), path)
        value = values.anything(str(node.value), tag_of(node))
        if value is values.FOREIGN:
            return self._problem("yaml_tag", node, path, word=str(node.tag))
        return value

    def _one_of(self, node: Node, shape: inspect.UnionType, path: Path) -> Any:
        """The first member of the union that takes the node; else the problem of the likeliest one."""
        members = [m.type if isinstance(m, inspect.Metadata) else m for m in shape.types]
        if isinstance(node, ScalarNode):
            if tag_of(node) == "null" and any(isinstance(m, inspect.NoneType) for m in members):
                if str(node.value):
                    return None
                return self._problem("empty_value", node, path, word=_name(path))
            members = _merge_literals(
                [m for m in members if not isinstance(m, (*_CONTAINERS, inspect.NoneType))]
            )
            for member in members:
                if values.fits(node, member):
                    return self.value(node, member, path)
        else:
            wanted = _MAPPINGS if isinstance(node, MappingNode) else _LISTS
            members = [m for m in members if isinstance(m, wanted)]
        return self.value(node, members[-1], path) if members else self._wrong(node, shape, path)

    def _scalar(self, node: ScalarNode, shape: inspect.Type, path: Path) -> Any:
        text = str(node.value)
        if tag_of(node) not in values.TAGS:
            return self._problem("yaml_tag", node, path, word=str(node.tag))
        if isinstance(shape, inspect.LiteralType):
            known = [str(value) for value in shape.values]
            if text in known:
                return text
            return self._problem("not_one_of", node, path, word=text, all=listed(known), known=known)
        if isinstance(shape, inspect.BoolType | inspect.IntType | inspect.FloatType):
            if values.fits(node, shape):
                return values.anything(text, tag_of(node))
            return self._problem(_MISFITS[type(shape)], node, path, word=text)
        if isinstance(shape, inspect.DateType):
            return self._date(node, text, path)
        if isinstance(shape, inspect.StrType) and shape.pattern:
            return self._patterned(node, text, shape.pattern, path)
        return text

    def _date(self, node: ScalarNode, text: str, path: Path) -> Any:
        try:
            return datetime.date.fromisoformat(text if len(text) == 10 else "")
        except ValueError:
            return self._problem("not_date", node, path, word=text)

    def _patterned(self, node: ScalarNode, text: str, pattern: str, path: Path) -> Any:
        if wide := re.search("[“”‘’]", text):
            return self._problem("wide_quote", node, path, word=wide[0], text=text)
        matches = re.search(pattern, text) is not None
        if values.is_for_spans(pattern) and not (matches and (text == "day" or values.is_span(text))):
            if values.is_span(text):
                return self._problem("months", node, path, word=text, key=_name(path))
            return self._problem("not_duration", node, path, word=text, hint=values.span_hint(text))
        if pattern == values.CLOCK and not matches:
            return self._problem("not_time_of_day", node, path, word=text, hint=values.clock_hint(text))
        if pattern == values.SHARE and not matches:
            return self._problem("not_share", node, path, word=text, hint=values.share_hint(text))
        if not matches:
            return self._problem("not_in_form", node, path, word=text, wanted=pattern)
        if pattern == values.CLOCK and node.style not in ("'", '"'):
            self._say("unquoted_time", line_of(node), path, word=text)
        return text

    def _missing(self, node: MappingNode, cls: type, path: Path, missing: list[str]) -> None:
        words = ", ".join(f"'{word}'" for word in missing)
        line = self._places[path].line if path in self._places else line_of(node)
        self._say("missing_key", line, path, of=_called(cls), word=words, example=f"{missing[0]}: …")

    def _wrong(self, node: Node, shape: inspect.Type, path: Path) -> Any:
        got, wanted, example = values.kind_of(node), *values.wanted(shape)
        return self._problem(
            "wrong_shape", node, path, word=_name(path), got=got, wanted=wanted, example=example
        )

    def _problem(self, code: str, node: Node, path: Path, **words: Any) -> Any:
        line = line_of(node)
        if isinstance(node, ScalarNode) and tag_of(node) == "null" and path in self._places:
            line = self._places[path].line  # an empty value begins where the next key stands
        self._say(code, line, path, **words)
        return LEFT_OUT

    def _say(self, code: str, line: int, path: Path, **words: Any) -> None:
        self._problems.append(problem(code, Place(self._file, line), path, **words))


_CONTAINERS = (
    inspect.StructType,
    inspect.DictType,
    inspect.ListType,
    inspect.VarTupleType,
    inspect.TupleType,
)
_MAPPINGS = (inspect.StructType, inspect.DictType, inspect.AnyType)
_MISFITS = {
    inspect.BoolType: "not_boolean",
    inspect.IntType: "not_whole",
    inspect.FloatType: "not_number",
}
_LISTS = (inspect.ListType, inspect.VarTupleType, inspect.TupleType, inspect.AnyType)
_ANY_DICT = inspect.DictType(key_type=inspect.StrType(), value_type=inspect.AnyType())


@cache
def _shape(cls: type[msgspec.Struct]) -> inspect.StructType:
    shape = inspect.type_info(cls)
    assert isinstance(shape, inspect.StructType)
    return shape


def _stand_in(shape: inspect.Type, *, written: bool) -> Any:
    """A value for a required key that is wrong, where the rest can be judged without it; else LEFT_OUT.

    The pack cannot be used either way; but what else is wrong in the file is told in the same run.
    """
    if isinstance(shape, inspect.LiteralType):
        return shape.values[-1]
    if written and isinstance(shape, inspect.DictType) and isinstance(shape.value_type, inspect.StrType):
        return {}
    return LEFT_OUT


def _called(cls: type) -> Pair:
    return PARTS.get(cls.__name__, (cls.__name__, cls.__name__))


def _name(path: Path) -> str:
    return next((str(part) for part in reversed(path) if isinstance(part, str)), "the file")


def _meant(word: str, known: dict[str, Any]) -> str:
    english, _ = hint(word, known)
    return english.split("'")[1] if english.startswith("Did you mean") else ""


def _merge_literals(members: list[inspect.Type]) -> list[inspect.Type]:
    """Several lists of words as one, and before all else: a word of the list wins over free text."""
    words = [value for m in members if isinstance(m, inspect.LiteralType) for value in m.values]
    others = [m for m in members if not isinstance(m, inspect.LiteralType)]
    others.sort(key=lambda member: isinstance(member, inspect.StrType))
    return [inspect.LiteralType(values=tuple(words)), *others] if words else others
