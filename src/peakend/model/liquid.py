"""The Liquid of authors' texts: its filters, its limits, and how a text is filled in.

Whoever checks a text and whoever fills it in use the same environment, so that what passes the check can be
filled in. It reads no clock: a text is filled in with `sent`, the decided moment on the customer's clock, and
`language`, that of the text. A letter that is replayed a year later therefore still says "tomorrow".

A value never becomes part of the text that is read on: it leaves a numbered seal, and whoever writes the
letter puts it in last. What a customer is called can therefore be neither Markdown nor HTML nor Liquid.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache, wraps
from typing import Any, NamedTuple, TextIO

from liquid import BoundTemplate, Environment, RenderContext
from liquid.builtin.expressions import FilteredExpression
from liquid.builtin.output import Output, OutputNode
from liquid.exceptions import FilterArgumentError, LiquidError
from liquid.filter import with_context
from liquid.undefined import is_undefined
from liquid.utils import ReadOnlyChainMap

from peakend.errors import TimeError
from peakend.when import parse_date

SEAL = re.compile("\ue000(\\d+)\ue001")
LONGEST_VALUE = 2_000
"""Characters of one value; what is longer is cut, with a mark."""


LONGEST_TEXT = 100_000
"""Characters of one text of an author's: what takes longer to read than anybody would write."""
LARGEST_VALUE = 64_000
"""Characters that a filter may make of a value; as many bits of a number, and fewer items of a list."""


_MOST_OPEN = 50


class Filled(NamedTuple):
    """A text with a seal in place of every value, the values by their numbers, and the names without one."""

    text: str
    values: tuple[str, ...]
    unknown: tuple[str, ...]


def fill(text: str, values: Mapping[str, object]) -> Filled:
    """Fill in one piece of text. Raises LiquidError where that fails or passes the limits."""
    template = parsed(text)
    context = Filling(template, globals=values)
    context.sealed = []
    buffer = context.get_buffer()
    try:
        template.render_with_context(context, buffer)
    except (ArithmeticError, LookupError, TypeError, ValueError, RecursionError) as error:
        # What a filter of the library stumbles over: a number too large, a text that is no number.
        raise LiquidError(str(error) or type(error).__name__, token=None) from error
    return Filled(buffer.getvalue(), tuple(context.sealed), tuple(context.unknown))


def unsealed(text: str, values: Sequence[str]) -> str:
    """The text with every value in the place of its seal."""

    def value(seal: re.Match[str]) -> str:
        number = int(seal[1])
        return values[number] if number < len(values) else ""

    return SEAL.sub(value, text)


@lru_cache(maxsize=2048)
def parsed(text: str) -> BoundTemplate:
    """The template of a text. Raises LiquidError where it does not read."""
    if len(text) > LONGEST_TEXT:
        raise LiquidError(f"a text has at most {LONGEST_TEXT} characters", token=None)
    if any(
        text.count(begin, text.rfind(end) + 1) > _MOST_OPEN for begin, end in (("{{", "}}"), ("{%", "%}"))
    ):
        # The library looks for the end of each to the end of the text: some thousands take minutes.
        raise LiquidError("too many beginnings without an end", token=None)
    return LIQUID.from_string(text)


def as_text(value: object) -> str | None:
    """A value as it stands in a letter; None for one that no reader could make sense of, such as a list."""
    match value:
        case bool():
            return str(value).lower()
        case float():
            return str(int(value)) if value.is_integer() else str(value)
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M")
        case date():
            return value.isoformat()
        case str() | int():
            return clean(str(value))
        case _:
            return None


def clean(text: str) -> str:
    """The text without what would act instead of being read, and not without end.

    That is: control characters, marks that turn the direction of the letter around it, halves of characters,
    and the seals themselves.
    """
    if len(text) > LONGEST_VALUE:
        text = text[: LONGEST_VALUE - 1] + "…"
    return _ACTING.sub("", _LINE_END.sub("\n", text).replace("\t", " "))


_LINE_END = re.compile("\r\n?|[\u2028\u2029\x85\v\f]")
_ACTING = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060-\u2069\ufeff\ue000\ue001\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


class Filling(RenderContext):
    """One filling in: what is known, what was sealed (None: nothing is), and which names left a gap."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        # The library's own scope knows `now` and `today`.
        self.scope = ReadOnlyChainMap(self.locals, self.globals)
        self.sealed: list[str] | None = None
        self.unknown: dict[str, None] = {}

    def assign(self, key: str, val: Any) -> None:
        """Keep a value under a name; what was captured holds seals, and becomes a value again."""
        if isinstance(val, str):
            val = unsealed(val, self.sealed or ())
        super().assign(key, val)

    def put(self, text: str) -> str:
        """What stands in the text for a value."""
        if self.sealed is None or not text:
            return text
        self.sealed.append(text)
        return f"\ue000{len(self.sealed) - 1}\ue001"


class _Value(OutputNode):
    """`{{ … }}`: a value, sealed; where nothing is known nothing stands, and the name is kept."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        text, expression = None, self.expression
        left, filters = expression, []
        if isinstance(expression, FilteredExpression):
            left, filters = expression.left, expression.filters or []
        spared = any(one.name == "default" for one in filters)
        if spared or not is_undefined(left.evaluate(context)):
            value = expression.evaluate(context)
            text = None if is_undefined(value) else as_text(value)
        if isinstance(context, Filling):
            if text is None or not (text or spared):
                context.unknown[str(left)] = None
            text = context.put(text or "")
        return buffer.write(text or "")


class _Values(Output):
    node_class = _Value


class _Template(BoundTemplate):
    context_class = Filling


class _Liquid(Environment):
    """What a text may cost: loops, nesting, memory and length end, so that no text can hold up the others."""

    template_class = _Template
    block_nesting_limit = 12
    context_depth_limit = 12
    loop_iteration_limit = 5_000
    local_namespace_limit = 64_000
    output_stream_limit = 200_000


@with_context
def in_days(value: object, *, context: RenderContext) -> str:
    """How far a date lies from the day of sending: 'in 3 days', 'tomorrow'; nothing where none is known.

    A timestamp counts by its date on the clock of `sent`. Raises FilterArgumentError without `sent`.
    """
    sent = context.resolve("sent")
    if not isinstance(sent, datetime):
        raise FilterArgumentError("in_days needs 'sent', the moment of sending", token=None)
    day = _day(value, sent)
    if day is None:
        return ""
    words = _WORDS["zh" if context.resolve("language") == "zh" else "en"]
    days = (day - sent.date()).days
    return words.get(days) or words["later" if days > 0 else "ago"].format(abs(days))


def written(value: object, form: object) -> str:
    """The filter `date`: a date or a moment in the given form; other text as it stands."""
    if not isinstance(form, str):
        raise FilterArgumentError("date needs a form in quotes, for example '%-d %B'", token=None)
    if len(form) > 200:
        raise FilterArgumentError("the form of a date is short, for example '%-d %B'", token=None)
    if value in ("now", "today"):
        raise FilterArgumentError("a text reads no clock; write sent, the moment of sending", token=None)
    found = value if isinstance(value, date) else _read(value)
    return "" if is_undefined(value) else str(value) if found is None else found.strftime(form)


def _bounded(name: str, filter_: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that makes no more of a value than it may: chained, a few of them would fill the memory."""

    @wraps(filter_)
    def bounded(value: object, *given: Any, **named: Any) -> Any:
        if _grown(name, value, given) > LARGEST_VALUE or _size(value) > LARGEST_VALUE:
            raise _too_large(name)
        found = filter_(value, *given, **named)
        if _size(found) > LARGEST_VALUE:
            raise _too_large(name)
        return found

    return bounded


def _grown(name: str, value: object, given: Sequence[Any]) -> int:
    """How long a text would become by what multiplies: each match, or each item."""
    if name == "replace" and given:
        by = str(given[1]) if len(given) > 1 else ""
        return str(value).count(str(given[0])) * len(by)
    if name == "join" and isinstance(value, list | tuple):
        return sum(len(str(one)) for one in value) + len(value) * len(str(given[0]) if given else " ")
    return 0


def _size(value: object) -> int:
    match value:
        case str():
            return len(value)
        case bool():
            return 0
        case int():
            return value.bit_length()
        case Decimal():
            return abs(value.adjusted()) if value.is_finite() else 0
        case range() | list() | tuple():
            return len(value) * _ITEM
    return 0


def _too_large(name: str) -> FilterArgumentError:
    return FilterArgumentError(f"{name} makes more of a value than a letter could hold", token=None)


_ITEM = 10
"""An item of a list counts as so many characters."""
LIQUID = _Liquid()
LIQUID.add_filter("in_days", in_days)
LIQUID.add_filter("date", written)
for _name, _filter in [*LIQUID.filters.items()]:
    LIQUID.add_filter(_name, _bounded(_name, _filter))
LIQUID.add_tag(_Values)
for _tag in ("cycle", "decrement", "echo", "ifchanged", "increment", "liquid", "tablerow"):
    # They write past `{{ … }}`, or count where nobody sees it.
    LIQUID.tags.pop(_tag, None)

_WORDS: dict[str, dict[int | str, str]] = {
    "zh": {-1: "昨天", 0: "今天", 1: "明天", "later": "{} 天后", "ago": "{} 天前"},
    "en": {-1: "yesterday", 0: "today", 1: "tomorrow", "later": "in {} days", "ago": "{} days ago"},
}


def _day(value: object, sent: datetime) -> date | None:
    if isinstance(value, datetime):
        return (value.astimezone(sent.tzinfo) if value.tzinfo else value).date()
    try:
        return parse_date(value)
    except TimeError:
        return None


def _read(value: object) -> date | None:
    readers: tuple[Callable[[str], date], ...] = (parse_date, datetime.fromisoformat)
    for reader in readers:
        try:
            return reader(str(value))
        except (TimeError, ValueError):
            continue
    return None
