"""What one YAML scalar is worth, and what to propose when it is not what was meant.

Texts are taken as they were written, so that `version: 1` is the text 1 and a date in a story stays a date.
Nothing here knows of packs or lines.
"""

from __future__ import annotations

import re
import typing
from math import isfinite
from typing import Any, Final

from msgspec import inspect

from peakend.design.nodes import MappingNode, Node, ScalarNode, SequenceNode, tag_of
from peakend.design.words import Pair
from peakend.errors import TimeError
from peakend.model.parts import Clock, Share, Span
from peakend.when import parse_duration

FOREIGN: Final = object()
TAGS = frozenset({"str", "int", "float", "bool", "null", "timestamp"})


def _pattern(annotated: Any) -> str:
    return str(typing.get_args(annotated)[1].pattern)


SPAN, CLOCK, SHARE = _pattern(Span), _pattern(Clock), _pattern(Share)


def fits(node: ScalarNode, shape: inspect.Type) -> bool:
    """Whether the scalar can be taken for `shape` at all; a text takes every scalar."""
    text, tag = str(node.value), tag_of(node)
    if isinstance(shape, inspect.LiteralType):
        return text in shape.values
    if isinstance(shape, inspect.BoolType):
        return tag == "bool" and text in ("true", "false")
    if isinstance(shape, inspect.IntType):
        return tag == "int" and re.fullmatch(r"[+-]?[0-9]{1,18}", text) is not None
    if isinstance(shape, inspect.FloatType):
        return tag in ("int", "float") and isinstance(anything(text, tag), int | float)
    if isinstance(shape, inspect.DateType):
        return tag == "timestamp"
    return True


def anything(text: str, tag: str) -> Any:
    """The plain value of a scalar where any will do; dates stay text. FOREIGN for a tag that YAML lacks."""
    if tag == "null":
        return None
    if tag == "bool":
        return text.lower() == "true"
    if tag in ("int", "float"):
        number = _number(text, tag)
        return text if number is None else number
    return text if tag in TAGS else FOREIGN


def is_for_spans(pattern: str) -> bool:
    """Whether a pattern of the model is for durations, with or without months, alone or beside a word."""
    return SPAN[:7] in pattern


def is_span(text: str) -> bool:
    """Whether `when` can read the duration."""
    try:
        parse_duration(text)
    except TimeError:
        return False
    return True


def span_hint(text: str) -> Pair:
    """How the duration that was probably meant is written."""
    try:
        parse_duration(text)
    except TimeError as error:
        if found := re.search(r"\b(PT?\d+[A-Z][A-Z0-9]*)$", error.fix):
            return f"Write {found[1]}", f"请写成 {found[1]}"
    return "Write P30D, PT48H or P1M", "请写成 P30D（30 天）、PT48H（48 小时）或 P1M（1 个月）"


def clock_hint(text: str) -> str:
    """The time of day that was probably meant: 9:00 and 900 are 09:00."""
    found = re.fullmatch(r"(\d{1,2})(?:[:.：h]?(\d{2}))?(:\d{2})?", text)
    if found and int(found[1]) < 24 and int(found[2] or 0) < 60:
        return f"{int(found[1]):02}:{found[2] or '00'}"
    return "09:00"


def share_hint(text: str) -> str:
    """The share that was probably meant: 0.1 and 10 are 10%."""
    try:
        number = float(text.rstrip("%％ "))
    except ValueError:
        return "10%"
    if not isfinite(number) or number < 0:
        return "10%"
    return f"{number * 100 if number < 1 else number:g}%"


def kind_of(node: Node) -> Pair:
    """What a node is, in words."""
    if isinstance(node, MappingNode):
        return "a mapping (key: value)", "键值结构"
    if isinstance(node, SequenceNode):
        return "a list", "列表"
    return f"the text '{node.value}'", f"文字“{node.value}”"


def wanted(shape: inspect.Type) -> tuple[Pair, str]:
    """What `shape` asks for, in words and as an example."""
    if isinstance(shape, inspect.UnionType):
        choices = [wanted(m)[0] for m in shape.types if not isinstance(m, inspect.NoneType)]
        example = next(wanted(m)[1] for m in shape.types if not isinstance(m, inspect.NoneType))
        pair = " or ".join(en for en, _ in choices), "或".join(zh for _, zh in choices)
        return pair, example
    if isinstance(shape, inspect.Metadata):
        return wanted(shape.type)
    if isinstance(shape, inspect.ListType | inspect.VarTupleType):
        return ("a list", "列表"), f"[{wanted(shape.item_type)[1]}]"
    if isinstance(shape, inspect.TupleType):
        number = len(shape.item_types)
        values = ", ".join(str(n) for n in range(1, number + 1))
        return (f"a list of {number}", f"含 {number} 项的列表"), f"[{values}]"
    if isinstance(shape, inspect.DictType):
        return ("a mapping (key: value)", "键值结构"), f"{{key: {wanted(shape.value_type)[1]}}}"
    if isinstance(shape, inspect.StructType):
        keys = [field for field in shape.fields if field.required] or list(shape.fields[:1])
        inner = ", ".join(f"{field.encode_name}: …" for field in keys)
        return ("a mapping (key: value)", "键值结构"), f"{{{inner}}}"
    return _SIMPLE.get(type(shape), (("a text", "文字"), "text"))


_SIMPLE: dict[type, tuple[Pair, str]] = {
    inspect.BoolType: (("true or false", "true 或 false"), "true"),
    inspect.IntType: (("a whole number", "整数"), "3"),
    inspect.FloatType: (("a number", "数字"), "3"),
    inspect.DateType: (("a date", "日期"), "2026-03-31"),
}


def _number(text: str, tag: str) -> int | float | None:
    plain = text.replace("_", "")
    try:
        if tag == "float":
            number = float(plain.replace(".inf", "inf").replace(".nan", "nan"))
            return number if isfinite(number) else None
        return int(plain, 0 if re.match(r"[+-]?0[xob]", plain) else 10)
    except ValueError:
        return None
