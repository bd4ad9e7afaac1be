"""Typed pieces of a condition, and the words in which errors speak of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlglot import exp

from peakend.trigger.where import words
from peakend.trigger.where.closures import constant
from peakend.trigger.where.nouns import Read, Type


class Part(NamedTuple):
    """A typed piece of a condition; type None is NULL, which goes with every type."""

    type: Type | None
    read: Read
    node: exp.Expression
    literal: bool = False
    value: Any = None
    field: str | None = None


def literal(node: exp.Expression, kind: Type | None, value: object) -> Part:
    return Part(kind, constant(value), node, literal=True, value=value)


def number(node: exp.Expression) -> Part | None:
    """A number literal, whole where it is exactly so; None for what is no finite number."""
    try:
        value = float(node.name)
    except ValueError:
        return None
    if not math.isfinite(value):
        return None
    whole = value.is_integer() and abs(value) < 2**53
    return literal(node, "number", int(value) if whole else value)


def as_date(part: Part) -> Part:
    """A text literal that is a canonical date as a date; any other part as it is."""
    if not part.literal or part.type != "text":
        return part
    try:
        canonical = date.fromisoformat(part.value).isoformat() == part.value
    except ValueError:
        return part
    return part._replace(type="date") if canonical else part


def label(node: exp.Expression) -> str:
    """The node as an author would write it, cut where it is long."""
    text = node.sql(dialect="duckdb", normalize_functions="lower")
    if isinstance(node, exp.Boolean | exp.Null):
        text = text.lower()
    if isinstance(node, exp.Cast) and isinstance(node.this, exp.Literal) and node.to.is_type("date"):
        text = f"DATE {label(node.this)}"
    return text if len(text) <= 60 else text[:59] + "…"


def said(node: exp.Expression) -> str:
    """The node between single quotes, for an error; a text has its own."""
    return label(node) if node.is_string else f"'{label(node)}'"


def word_of(node: exp.Expression) -> str:
    """The word of SQL by which an author would know a node that conditions do not have."""
    return _WORDS.get(type(node)) or label(node)


def not_boolean(part: Part) -> words.Pair:
    """The fix for a value that stands where a comparison belongs."""
    if part.literal:
        return words.REPEAT
    example = f"{label(part.node)} {_EXAMPLE[part.type]}"
    return f"Compare it with something, for example {example}", f"请与某个值比较，例如 {example}"


def mend(one: Part, other: Part) -> words.Pair:
    """The fix for two parts of different types side by side."""
    for written, beside in ((one, other), (other, one)):
        if not written.literal:
            continue
        if beside.type == "date":
            return words.A_DATE
        if beside.type == "number" and written.type == "text":
            return words.NO_QUOTES
        if beside.type == "text":
            return words.quoted(label(written.node))
        if beside.type == "boolean":
            return words.TRUE_OR_FALSE
    if "timestamp" in (one.type, other.type):
        return words.POINT_IN_TIME
    return words.ONE_TYPE


_EXAMPLE: Mapping[Type | None, str] = {
    "text": "= 'trial'",
    "number": "> 0",
    "date": ">= DATE '2026-01-31'",
    "timestamp": "is not null",
}
_WORDS: Mapping[type[exp.Expression], str] = {
    exp.Case: "case",
    exp.Concat: "concat",
    exp.CurrentDate: "current_date",
    exp.CurrentTime: "current_time",
    exp.CurrentTimestamp: "current_timestamp",
    exp.Distinct: "distinct",
    exp.Escape: "escape",
    exp.Exists: "exists",
    exp.Glob: "glob",
    exp.ILike: "ilike",
    exp.Interval: "interval",
    exp.NullSafeEQ: "distinct",
    exp.NullSafeNEQ: "distinct",
    exp.SimilarTo: "similar",
    exp.Star: "*",
    exp.Subquery: "select",
    exp.Window: "over",
}
