"""The white list of functions, and arithmetic, on values that are already known not to be NULL.

What a function cannot answer (a division by zero, a date outside the calendar, a number past the largest
one) is NULL. No function here may raise, read anything but its arguments, or take longer than its texts.
"""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from peakend.trigger.where.nouns import Type

Number = int | float
LARGEST = sys.float_info.max


class Function(NamedTuple):
    """A function of values of fixed types; NULL in, NULL out."""

    takes: tuple[Type, ...]
    gives: Type
    call: Callable[..., Any]


def add_days(day: str, days: Number) -> str | None:
    """The date so many whole days later; NULL for part of a day or outside the years 1 to 9999."""
    if days != int(days):
        return None
    try:
        return date.fromordinal(date.fromisoformat(day).toordinal() + int(days)).isoformat()
    except (ValueError, OverflowError):
        return None


def take_days(day: str, days: Number) -> str | None:
    """The date so many whole days earlier; NULL where `add_days` is."""
    return add_days(day, -days)


def days_between(earlier: str, later: str) -> int:
    """The days from one date to another, negative when the second lies before the first."""
    return date.fromisoformat(later).toordinal() - date.fromisoformat(earlier).toordinal()


def _finite(work: Callable[[Any, Any], Any]) -> Callable[[Number, Number], Number | None]:
    def run(left: Number, right: Number) -> Number | None:
        try:
            result: Number = work(left, right)
        except (ZeroDivisionError, OverflowError):
            return None
        return result if -LARGEST <= result <= LARGEST else None

    return run


def _remainder(left: Number, right: Number) -> float:
    """The remainder with the sign of the left side, as in SQL; Python's own takes the right side's."""
    if not right:
        raise ZeroDivisionError
    return math.fmod(left, right)


def _round(value: Number) -> int:
    """Round half away from zero, as in SQL; Python's own rounds half to even."""
    whole = math.trunc(value)
    if abs(value - whole) < 0.5:
        return whole
    return whole + 1 if value > 0 else whole - 1


def _trim(text: str) -> str:
    return text.strip(_SPACES)


def _contains(text: str, piece: str) -> bool:
    return piece in text


_SPACES = "\u0020\u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u202f\u205f\u3000"

ADD = _finite(operator.add)
SUBTRACT = _finite(operator.sub)
MULTIPLY = _finite(operator.mul)
DIVIDE = _finite(operator.truediv)
REMAINDER = _finite(_remainder)

STRICT: Mapping[str, Function] = {
    "abs": Function(("number",), "number", abs),
    "ceil": Function(("number",), "number", math.ceil),
    "contains": Function(("text", "text"), "boolean", _contains),
    "day": Function(("date",), "number", lambda day: int(day[8:10])),
    "days_between": Function(("date", "date"), "number", days_between),
    "floor": Function(("number",), "number", math.floor),
    "length": Function(("text",), "number", len),
    "lower": Function(("text",), "text", str.lower),
    "month": Function(("date",), "number", lambda day: int(day[5:7])),
    "round": Function(("number",), "number", _round),
    "starts_with": Function(("text", "text"), "boolean", str.startswith),
    "trim": Function(("text",), "text", _trim),
    "upper": Function(("text",), "text", str.upper),
    "year": Function(("date",), "number", lambda day: int(day[:4])),
}
OF_ONE_TYPE = frozenset({"coalesce", "greatest", "least", "nullif"})
OF_ENCOUNTER = frozenset({"breached", "count", "exceeded", "kept", "open"})
NAMES = OF_ONE_TYPE | OF_ENCOUNTER | frozenset(STRICT)
