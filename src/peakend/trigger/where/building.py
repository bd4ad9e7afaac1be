"""From the tree of a condition to typed closures.

Each kind of node has one method, which checks the types of its operands and returns a Part. A node, or an
argument of a node, that no method knows is refused: the list of what is allowed is closed, so a newer
parser cannot widen it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from sqlglot import exp

from peakend.errors import ConditionError, Place
from peakend.trigger.where import closures, functions, words
from peakend.trigger.where.names import Names
from peakend.trigger.where.nouns import Read, Type, Vocabulary
from peakend.trigger.where.parts import (
    Part,
    as_date,
    label,
    literal,
    mend,
    not_boolean,
    number,
    said,
    word_of,
)
from peakend.trigger.where.reading import way_out


class Builder:
    """Builds one condition; `names` gathers what it reads."""

    def __init__(self, vocabulary: Vocabulary, place: Place | None) -> None:
        self.place = place
        self.names = Names(vocabulary, place)

    def whole(self, node: exp.Expression) -> Part:
        """The part that is the whole condition: true or false, and not NULL for ever."""
        part = self.need(self.part(node), "boolean")
        if part.type is None:
            raise self._error("never_true", words.MISSING, node=said(node))
        return part

    def part(self, node: exp.Expression) -> Part:
        """The typed closure of one node and all below it."""
        method = _METHODS.get(type(node))
        if method is not None:
            return method(self, node)
        if isinstance(node, exp.Anonymous) or type(node) in _FUNCTIONS:
            return self._function(node)
        word = word_of(node)
        raise self._error("not_had", way_out(word) or words.ALLOWED, word=word)

    def need(self, part: Part, wanted: Type) -> Part:
        """The part as the wanted type; a text literal that is a date will do for a date."""
        if wanted == "date":
            part = as_date(part)
        if part.type in (wanted, None):
            return part
        fix = words.A_DATE if wanted == "date" and part.literal else words.NO_FIX
        if wanted == "boolean":
            fix = not_boolean(part)
        values = {"node": said(part.node), "got": words.A[part.type], "wanted": words.A[wanted]}
        raise self._error("other_type", fix, **values)

    # names and literals

    def _column(self, node: exp.Expression) -> Part:
        return self.names.column(node)

    def _literal(self, node: exp.Expression) -> Part:
        if node.is_string:
            return literal(node, "text", node.this)
        part = number(node)
        if part is None:
            raise self._error("not_number", words.NUMBERS, word=node.this)
        return part

    def _boolean(self, node: exp.Expression) -> Part:
        return literal(node, "boolean", bool(node.this))

    def _null(self, node: exp.Expression) -> Part:
        return literal(node, None, None)

    def _cast(self, node: exp.Expression) -> Part:
        inner, kind = self._only(node, "this", "to")
        if not kind.is_type("date") or not isinstance(inner, exp.Literal):
            raise self._error("changes_type", way_out("cast") or words.NO_FIX, node=said(node))
        day = as_date(literal(node, "text", inner.this))
        if day.type != "date":
            raise self._error("not_date", words.A_DATE, word=inner.this)
        return day

    def _paren(self, node: exp.Expression) -> Part:
        (inner,) = self._only(node, "this")
        return self.part(inner)._replace(node=node)

    # logic

    def _and(self, node: exp.Expression) -> Part:
        return Part("boolean", closures.both(self._chain(node)), node)

    def _or(self, node: exp.Expression) -> Part:
        return Part("boolean", closures.either(self._chain(node)), node)

    def _chain(self, node: exp.Expression) -> list[Read]:
        """The tests of a and b and c, read flat: a long chain must not nest as deep as it is long."""
        rest, chain = [node], []
        while rest:
            link = rest.pop()
            if type(link) is type(node):
                left, right = self._only(link, "this", "expression")
                rest += [right, left]
            else:
                chain.append(self.need(self.part(link), "boolean").read)
        return chain

    def _not(self, node: exp.Expression) -> Part:
        (inner,) = self._only(node, "this")
        return Part("boolean", closures.negate(self.need(self.part(inner), "boolean").read), node)

    # comparisons

    def _compare(self, node: exp.Expression) -> Part:
        left, right = self._alike(self._operands(node, "this", "expression"))
        name = type(node)
        if left.literal and not right.literal:
            left, right, name = right, left, _MIRRORED.get(name, name)
        test = _COMPARISONS[name]
        if not right.literal:
            return Part("boolean", closures.strict_two(test, left.read, right.read), node)
        if left.field is None:
            return Part("boolean", closures.compare_literal(test, left.read, right.value), node)
        return Part("boolean", closures.compare_field(test, left.field, right.value), node)

    def _between(self, node: exp.Expression) -> Part:
        value, low, high = self._alike(self._operands(node, "this", "low", "high"))
        above = closures.strict_two(operator.ge, value.read, low.read)
        below = closures.strict_two(operator.le, value.read, high.read)
        return Part("boolean", closures.both([above, below]), node)

    def _in(self, node: exp.Expression) -> Part:
        subject, listed = self._only(node, "this", "expressions")
        if not listed:
            raise self._error("empty_list", words.IN, node=said(node))
        items = [self.part(item) for item in listed]
        other = next((item for item in items if not item.literal), None)
        if other is not None:
            raise self._error("not_literal", words.IN, node=said(other.node))
        value, *items = self._alike([self._operand(subject), *items])
        test = frozenset(item.value for item in items).__contains__
        return Part("boolean", closures.strict_one(test, value.read), node)

    def _like(self, node: exp.Expression) -> Part:
        subject, wanted, negated = self._only(node, "this", "expression", "negate")
        value, pattern = self._operand(subject), self.part(wanted)
        if not pattern.literal or pattern.type != "text":
            raise self._error("not_pattern", words.LIKE, node=said(pattern.node))
        test = closures.strict_one(closures.like(pattern.value), self.need(value, "text").read)
        return Part("boolean", closures.negate(test) if negated else test, node)

    def _is(self, node: exp.Expression) -> Part:
        value, wanted = self._operands(node, "this", "expression")
        if not isinstance(wanted.node, exp.Null | exp.Boolean):
            raise self._error("after_is", words.AFTER_IS, node=said(wanted.node))
        if wanted.type == "boolean":
            value = self.need(value, "boolean")
        return Part("boolean", closures.same(value.read, wanted.value), node)

    # arithmetic

    def _add(self, node: exp.Expression) -> Part:
        left, right = self._operands(node, "this", "expression")
        if right.type == "date":
            left, right = right, left
        if left.type == "date":
            return self._strict(node, "date", functions.add_days, left, self.need(right, "number"))
        return self._numbers(node, left, right)

    def _subtract(self, node: exp.Expression) -> Part:
        left, right = self._operands(node, "this", "expression")
        if left.type == "date":
            right = as_date(right)
        if right.type == "date":
            return self._strict(node, "number", functions.days_between, right, self.need(left, "date"))
        if left.type == "date":
            return self._strict(node, "date", functions.take_days, left, self.need(right, "number"))
        return self._numbers(node, left, right)

    def _arithmetic(self, node: exp.Expression) -> Part:
        return self._numbers(node, *self._operands(node, "this", "expression"))

    def _remainder(self, node: exp.Expression) -> Part:
        """The parser lets % bind like +, SQL like *: where that matters, brackets are asked for."""
        left, right = self._only(node, "this", "expression")
        if isinstance(left, exp.Add | exp.Sub) or isinstance(right, exp.Mul | exp.Div):
            raise self._error("brackets", words.REMAINDER, node=said(node))
        return self._arithmetic(node)

    def _numbers(self, node: exp.Expression, left: Part, right: Part) -> Part:
        left, right = self.need(left, "number"), self.need(right, "number")
        return self._strict(node, "number", _ARITHMETIC[type(node)], left, right)

    def _minus(self, node: exp.Expression) -> Part:
        (inner,) = self._operands(node, "this")
        inner = self.need(inner, "number")
        if inner.literal and inner.type:
            return literal(node, "number", -inner.value)
        return self._strict(node, "number", operator.neg, inner)

    def _strict(self, node: exp.Expression, gives: Type, call: Callable[..., Any], *parts: Part) -> Part:
        if len(parts) == 1:
            return Part(gives, closures.strict_one(call, parts[0].read), node)
        return Part(gives, closures.strict_two(call, parts[0].read, parts[1].read), node)

    # functions

    def _function(self, node: exp.Expression) -> Part:
        name, arguments = self._call(node)
        if name in functions.OF_ENCOUNTER:
            self._count(name, arguments, 2 if name == "exceeded" else 1)
            return self.names.of_encounter(name, node, arguments)
        parts = [self.part(argument) for argument in arguments]
        if name in functions.OF_ONE_TYPE:
            return self._of_one_type(name, node, parts)
        function = functions.STRICT[name]
        self._count(name, parts, len(function.takes))
        needed = [self.need(part, kind) for part, kind in zip(parts, function.takes, strict=True)]
        return self._strict(node, function.gives, function.call, *needed)

    def _call(self, node: exp.Expression) -> tuple[str, list[exp.Expression]]:
        if isinstance(node, exp.Anonymous):
            return node.name.lower(), node.expressions
        arguments: list[exp.Expression] = []
        for key, value in node.args.items():
            if isinstance(value, list):
                arguments += value
            elif isinstance(value, exp.Expression):
                arguments.append(value)
            elif value and key not in _SET_BY_PARSER:
                raise self._error("says_more", words.ALLOWED, node=said(node))
        return _FUNCTIONS[type(node)], arguments

    def _of_one_type(self, name: str, node: exp.Expression, parts: list[Part]) -> Part:
        self._count(name, parts, 2 if name == "nullif" else max(len(parts), 1))
        parts = self._one_type(parts)
        kind = next((part.type for part in parts if part.type), None)
        return Part(kind, _OF_ONE_TYPE[name]([part.read for part in parts]), node)

    # what several of them check

    def _error(self, code: str, fix: words.Pair = words.NO_FIX, **values: object) -> ConditionError:
        return words.refusal(code, self.place, fix, **values)

    def _only(self, node: exp.Expression, *names: str) -> list[Any]:
        """The named arguments; refuses whatever else the parser has hung on the node."""
        extra = [name for name, value in node.args.items() if value and name not in names]
        if extra:
            fix = way_out("select") if "query" in extra else None
            raise self._error("says_more", fix or words.ALLOWED, node=said(node))
        return [node.args.get(name) for name in names]

    def _operands(self, node: exp.Expression, *names: str) -> list[Part]:
        return [self._operand(operand) for operand in self._only(node, *names)]

    def _operand(self, node: exp.Expression) -> Part:
        """One side of an operator; a bare comparison there is read differently by every SQL."""
        if isinstance(node, _PREDICATES):
            bracketed = f"({label(node)})"
            fix = (
                f"Write {bracketed}; a range is NAME between 1 and 5",
                f"请写成 {bracketed}；范围写 名称 between 1 and 5",
            )
            raise self._error("inner_brackets", fix, node=said(node))
        return self.part(node)

    def _alike(self, parts: Sequence[Part]) -> list[Part]:
        """The sides of a comparison: of one type, and none the literal NULL, which nothing ever equals."""
        if any(part.literal and part.type is None for part in parts):
            raise self._error("with_null", words.NULL)
        return self._one_type(parts)

    def _one_type(self, parts: Sequence[Part]) -> list[Part]:
        if any(part.type == "date" for part in parts):
            parts = [as_date(part) for part in parts]
        typed = [part for part in parts if part.type]
        other = next((part for part in typed if part.type != typed[0].type), None)
        if other is not None:
            sides = {"one": said(typed[0].node), "other": said(other.node)}
            types = {"first": words.A[typed[0].type], "second": words.A[other.type]}
            raise self._error("two_types", mend(typed[0], other), **sides, **types)
        return list(parts)

    def _count(self, name: str, given: Sequence[object], wanted: int) -> None:
        if len(given) != wanted:
            values = f"{wanted} {'value' if wanted == 1 else 'values'}"
            raise self._error("arguments", name=name, wanted=values, count=wanted, given=len(given))


_METHODS: Mapping[type[exp.Expression], Callable[[Builder, Any], Part]] = {
    exp.Add: Builder._add,
    exp.And: Builder._and,
    exp.Between: Builder._between,
    exp.Boolean: Builder._boolean,
    exp.Cast: Builder._cast,
    exp.Column: Builder._column,
    exp.Div: Builder._arithmetic,
    exp.EQ: Builder._compare,
    exp.GT: Builder._compare,
    exp.GTE: Builder._compare,
    exp.In: Builder._in,
    exp.Is: Builder._is,
    exp.LT: Builder._compare,
    exp.LTE: Builder._compare,
    exp.Like: Builder._like,
    exp.Literal: Builder._literal,
    exp.Mod: Builder._remainder,
    exp.Mul: Builder._arithmetic,
    exp.NEQ: Builder._compare,
    exp.Neg: Builder._minus,
    exp.Not: Builder._not,
    exp.Null: Builder._null,
    exp.Or: Builder._or,
    exp.Paren: Builder._paren,
    exp.Sub: Builder._subtract,
}
_COMPARISONS: Mapping[type[exp.Expression], Callable[[Any, Any], bool]] = {
    exp.EQ: operator.eq,
    exp.GT: operator.gt,
    exp.GTE: operator.ge,
    exp.LT: operator.lt,
    exp.LTE: operator.le,
    exp.NEQ: operator.ne,
}
_MIRRORED: Mapping[type[exp.Expression], type[exp.Expression]] = {
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
}
_PREDICATES = (*_COMPARISONS, exp.Between, exp.In, exp.Is, exp.Like, exp.Not)
_ARITHMETIC: Mapping[type[exp.Expression], Callable[[Any, Any], Any]] = {
    exp.Add: functions.ADD,
    exp.Div: functions.DIVIDE,
    exp.Mod: functions.REMAINDER,
    exp.Mul: functions.MULTIPLY,
    exp.Sub: functions.SUBTRACT,
}
_FUNCTIONS: Mapping[type[exp.Expression], str] = {
    exp.Abs: "abs",
    exp.Ceil: "ceil",
    exp.Coalesce: "coalesce",
    exp.Contains: "contains",
    exp.Count: "count",
    exp.Day: "day",
    exp.Floor: "floor",
    exp.Greatest: "greatest",
    exp.Least: "least",
    exp.Length: "length",
    exp.Lower: "lower",
    exp.Month: "month",
    exp.Nullif: "nullif",
    exp.Round: "round",
    exp.StartsWith: "starts_with",
    exp.Trim: "trim",
    exp.Upper: "upper",
    exp.Year: "year",
}
_SET_BY_PARSER = frozenset({"big_int", "ignore_nulls"})
_OF_ONE_TYPE: Mapping[str, Callable[[list[Read]], Read]] = {
    "coalesce": closures.coalesce,
    "greatest": partial(closures.pick, max),
    "least": partial(closures.pick, min),
    "nullif": closures.nullif,
}
