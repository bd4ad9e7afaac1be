"""The running half of conditions: small closures over reads, three-valued as in SQL.

Every closure takes a scope and returns a value or None for NULL. They hold no state, so the same scope
always gives the same answer. The shapes that packs write most (a field beside a literal) have closures
of their own, because each call saved is a tenth of the time of a condition.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from peakend.trigger.where.nouns import Read, Scope


def field(name: str) -> Read:
    return lambda scope: scope.fields.get(name)


def attribute(name: str) -> Read:
    return lambda scope: scope.customer(name)


def fact(name: str) -> Read:
    return lambda scope: scope.fact(name)


def constant(value: object) -> Read:
    return lambda scope: value


def compare_field(test: Callable[[Any, Any], bool], name: str, value: object) -> Read:
    """A field of the event beside a literal."""

    def compared(scope: Scope) -> bool | None:
        found = scope.fields.get(name)
        return None if found is None else test(found, value)

    return compared


def compare_literal(test: Callable[[Any, Any], bool], left: Read, value: object) -> Read:
    def compared(scope: Scope) -> bool | None:
        found = left(scope)
        return None if found is None else test(found, value)

    return compared


def strict_one(call: Callable[[Any], Any], argument: Read) -> Read:
    """A function of one value: NULL in, NULL out."""

    def called(scope: Scope) -> Any:
        value = argument(scope)
        return None if value is None else call(value)

    return called


def strict_two(call: Callable[[Any, Any], Any], left: Read, right: Read) -> Read:
    """A function or comparison of two values: NULL in, NULL out."""

    def called(scope: Scope) -> Any:
        first = left(scope)
        if first is None:
            return None
        second = right(scope)
        return None if second is None else call(first, second)

    return called


def both(parts: Sequence[Read]) -> Read:
    """AND: one FALSE decides, else one NULL leaves it unknown."""
    return _until(False, parts)


def either(parts: Sequence[Read]) -> Read:
    """OR: one TRUE decides, else one NULL leaves it unknown."""
    return _until(True, parts)


def negate(part: Read) -> Read:
    def negated(scope: Scope) -> bool | None:
        value = part(scope)
        return None if value is None else not value

    return negated


def same(part: Read, wanted: bool | None) -> Read:
    """IS NULL, IS TRUE, IS FALSE: never unknown itself."""
    return lambda scope: part(scope) is wanted


def like(pattern: str) -> Callable[[str], bool]:
    """LIKE: % is any text and _ is any one character, newlines too.

    Every piece between two % has a fixed length, so the first place where it fits is the best one and
    no hostile text can make the search go back.
    """
    first, *rest = (_piece(piece) for piece in pattern.split("%"))
    if not rest:
        return lambda text: first.fullmatch(text) is not None
    *middle, last = rest
    head, *_, tail = (len(piece) for piece in pattern.split("%"))

    def matches(text: str) -> bool:
        position, end = head, len(text) - tail
        if position > end or not first.match(text) or not last.match(text, end):
            return False
        for piece in middle:
            found = piece.search(text, position, end)
            if found is None:
                return False
            position = found.end()
        return True

    return matches


def coalesce(arguments: Sequence[Read]) -> Read:
    def first(scope: Scope) -> Any:
        for read in arguments:
            value = read(scope)
            if value is not None:
                return value
        return None

    return first


def pick(choose: Callable[[list[Any]], Any], arguments: Sequence[Read]) -> Read:
    """LEAST and GREATEST: of the values that are not NULL."""

    def picked(scope: Scope) -> Any:
        values = [value for read in arguments if (value := read(scope)) is not None]
        return choose(values) if values else None

    return picked


def nullif(arguments: Sequence[Read]) -> Read:
    left, right = arguments

    def unless_equal(scope: Scope) -> Any:
        value = left(scope)
        return None if value == right(scope) else value

    return unless_equal


def is_open(touchpoint: str) -> Read:
    return lambda scope: scope.is_open(touchpoint)


def breached(standard: str) -> Read:
    return lambda scope: scope.breached(standard)


def kept(standard: str) -> Read:
    return lambda scope: scope.kept(standard)


def exceeded(standard: str, share: float) -> Read:
    return lambda scope: scope.exceeded(standard, share)


def count(kind: str) -> Read:
    return lambda scope: scope.count(kind)


def _until(decisive: bool, parts: Sequence[Read]) -> Read:
    if len(parts) == 2:
        return _until_two(decisive, *parts)

    def joined(scope: Scope) -> Any:
        known = True
        for part in parts:
            value = part(scope)
            if value is decisive:
                return decisive
            known = known and value is not None
        return not decisive if known else None

    return joined


def _until_two(decisive: bool, left: Read, right: Read) -> Read:
    other = not decisive

    def joined(scope: Scope) -> Any:
        first = left(scope)
        if first is decisive:
            return decisive
        second = right(scope)
        if second is decisive:
            return decisive
        return other if first is other and second is other else None

    return joined


def _piece(piece: str) -> re.Pattern[str]:
    return re.compile("".join("." if sign == "_" else re.escape(sign) for sign in piece), re.DOTALL)
