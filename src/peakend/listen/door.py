"""The door of the log: which events may enter, and what their fields are worth once inside.

History and live events pass the same checks and get the same typed values, so that a condition cannot see
a number tonight where it saw a text in the backtest. The door never guesses: a value that is not what the
pack declares is refused with the field, the value and the fix.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from math import isfinite
from typing import Any

from peakend import when
from peakend.errors import PeakendError, TimeError, Unusable
from peakend.model.event import ANNOUNCED, RESERVED, FieldType

Convert = Callable[[Any], Any]

LONGEST_ID = 512
"""Bytes of UTF-8 in an id of a customer, a subject or an event."""

EARLIEST = 0
LATEST = 7_258_118_400_000_000
"""Instants from 1970 to 2199, in microseconds: dates outside are typing errors or fillers."""

FUTURE_ALLOWED = 300_000_000
"""Microseconds by which an event may lie ahead of its arrival: clocks differ."""


class Moment(int):
    """An instant that a typed column stated, told apart from a bare number whose unit nobody knows."""


def typed(
    kind: str, data: Mapping[str, Any], fields: Mapping[str, FieldType], zone: when.Zone | None = None
) -> dict[str, Any]:
    """Convert the declared fields of one event to run-time values. Raises Unusable, naming the field."""
    return typer(fields, zone, kind)(data)


def typer(
    fields: Mapping[str, FieldType], zone: when.Zone | None = None, kind: str = ""
) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Prepare the conversion of one kind's events.

    The result takes the data of an event and returns a new dict: text as str, number as a finite int or
    float, boolean, date as 'YYYY-MM-DD', timestamp as microseconds UTC (a text without offset is read in
    `zone`), zone as a name that exists. Nulls and undeclared fields are kept as they are.
    """
    steps = tuple((name, converter(kind_of, zone)) for name, kind_of in fields.items())
    of_kind = f" of {kind}" if kind else ""

    def convert(data: Mapping[str, Any]) -> dict[str, Any]:
        out = dict(data)
        name = ""
        try:
            for name, to_value in steps:
                value = out.get(name)
                if value is not None:
                    out[name] = to_value(value)
        except Unusable as error:
            raise Unusable(
                f"field '{name}'{of_kind} {error.what}",
                fix=error.fix,
                what_zh=f"{kind} 的字段 {name} {error.what_zh}".strip(),
                fix_zh=error.fix_zh,
            ) from None
        return out

    return convert


def converter(kind_of: FieldType, zone: when.Zone | None = None) -> Convert:
    """The conversion of one value to a declared type; it raises Unusable whose text starts with 'is'."""
    if kind_of == "timestamp":
        return _timestamps(zone)
    return _CONVERTERS[kind_of]


def check_kind(kind: object) -> None:
    """Refuse kinds that are no `noun.past_participle`, and those that only Peakend may write."""
    if not isinstance(kind, str) or len(kind) > LONGEST_ID or not KIND.fullmatch(kind):
        raise Unusable(
            f"the kind {shown(kind)} is not written noun.past_participle",
            fix="Write it in lower case with a full stop, for example incident.opened",
            what_zh=f"客户动态的名称 {shown(kind)} 没有写成“名词.过去分词”",
            fix_zh="请用小写字母加句点，例如 incident.opened",
        )
    if kind in ANNOUNCED:
        raise Unusable(
            f"the kind '{kind}' is recorded by Peakend's own commands and taken from no source",
            fix="Use peakend publish, pause, resume or stop, or give what your system says its own name",
            what_zh=f"{kind} 由系统自己的命令记录，不接受外部来源",
            fix_zh="请使用 peakend publish、pause、resume 或 stop，或另取名称",
        )
    if kind in RESERVED:
        raise Unusable(
            f"the kind '{kind}' is written by Peakend itself and never taken from a source",
            fix="Leave these rows out, or give what your system says its own name",
            what_zh=f"{kind} 由系统自行写入，不接受外部来源",
            fix_zh="请去掉这些行，或另取名称",
        )


def check_name(name: str, what: str) -> None:
    """Refuse an id that no system means: empty, with a NUL byte, or longer than LONGEST_ID bytes."""
    if not name or (len(name) * 4 > LONGEST_ID and len(name.encode("utf-8", "replace")) > LONGEST_ID):
        size = len(name.encode("utf-8", "replace"))
        raise Unusable(
            f"the {what} has {size} bytes" if name else f"the {what} is empty",
            fix=f"An id has 1 to {LONGEST_ID} bytes; map the column that holds the id",
            what_zh=f"{_ID_ZH.get(what, what)}有 {size} 字节" if name else f"{_ID_ZH.get(what, what)}为空",
            fix_zh=f"编号应为 1 至 {LONGEST_ID} 字节；请映射存放编号的列",
        )
    if "\0" in name:
        raise Unusable(
            f"the {what} contains a NUL byte",
            fix="Clean the export",
            what_zh=f"{_ID_ZH.get(what, what)}含有空字节",
            fix_zh="请清理导出文件",
        )


def check_times(at: int, seen: int, scheduled: bool) -> None:
    """Refuse instants outside 1970 to 2199, and events from a future that the source does not declare."""
    for what, instant in (("at", at), ("seen", seen)):
        if not EARLIEST <= instant < LATEST:
            raise Unusable(
                f"{what} lies outside the years 1970 to 2199",
                fix="It looks like a filler; add its text to `missing:`, or correct the date",
                what_zh=f"{'发生' if what == 'at' else '得知'}时间不在 1970 至 2199 年之间",
                fix_zh="看来是占位值：请把它写进 missing，或更正日期",
            )
    if at > seen + FUTURE_ALLOWED and not scheduled:
        raise Unusable(
            f"it happened at {when.format_instant(at)}, after it was seen at {when.format_instant(seen)}",
            fix="If the source plans ahead, say `scheduled: true`",
            what_zh="发生时间晚于得知时间",
            fix_zh="若来源记录的是计划，请写 scheduled: true",
        )


def as_text(value: Any) -> str:
    """The text of a scalar as its source would print it: 5.0 from a float column is the id '5'."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Moment):
        return when.format_instant(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    fix, fix_zh = "Map the column that holds one value", "请映射只含一个值的列"
    raise _not(value, "a single value", "单个值", fix, fix_zh)


def as_number(value: Any) -> int | float:
    """A finite number. Thousands separators and decimal commas are refused: they mean two things."""
    if isinstance(value, int | float) and not isinstance(value, bool | Moment) and isfinite(value):
        return value
    if isinstance(value, str):
        text = value.strip()
        if _WHOLE.fullmatch(text):
            return int(text)
        if _DECIMAL.fullmatch(text) and isfinite(number := float(text)):
            return number
    fix, fix_zh = "Write 1234.5, without unit or separator", "请写成 1234.5，不带单位和千分位"
    raise _not(value, "a number", "数字", fix, fix_zh)


def as_boolean(value: Any) -> bool:
    """True or false, also from the words that exports use for them."""
    found = value if isinstance(value, bool) else _BOOLEANS.get(str(value).strip().lower())
    if found is None:
        raise _not(value, "true or false", "是或否", "Translate it with `values:`", "请用 values 说明其含义")
    return found


def as_date(value: Any) -> str:
    """A day as 'YYYY-MM-DD'; of an ISO 8601 timestamp the day that is written in it."""
    if isinstance(value, str):
        return _day(value)
    if isinstance(value, Moment):
        return when.format_instant(value)[:10]
    if isinstance(value, date):
        return value.isoformat()[:10]
    raise _not(value, "a date", "日期", "Write 2026-03-31", "请写成 2026-03-31")


def as_zone(value: Any) -> str:
    """The name of a time zone that exists."""
    try:
        when.zone(value)
    except TimeError as error:
        raise _not(value, "a time zone", "时区", error.fix, "请写 Asia/Shanghai 这样的时区名") from None
    return str(value)


def shown(value: object, longest: int = 80) -> str:
    """A value inside a message: quoted, and cut where it would flood the line."""
    text = repr(value)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


@lru_cache(maxsize=65_536)
def _day(text: str) -> str:
    text = text.strip()
    try:
        day = when.parse_date(text[:10])
        if len(text) > 10:
            datetime.fromisoformat(text)
    except (TimeError, ValueError):
        raise _not(text, "a date", "日期", "Write 2026-03-31", "请写成 2026-03-31") from None
    return day.isoformat()


def _timestamps(zone: when.Zone | None) -> Convert:
    @lru_cache(maxsize=65_536)
    def read(text: str) -> int:
        try:
            return when.parse_instant(text.strip(), zone)
        except PeakendError as error:
            fix_zh = "请写成 2026-03-01T10:00:00+08:00"
            raise _not(text, "a timestamp", "时间", error.fix, fix_zh) from None

    def convert(value: Any) -> int:
        if isinstance(value, str):
            return read(value)
        if isinstance(value, Moment):
            return int(value)
        if isinstance(value, date):
            return read(value.isoformat())
        example = "2026-03-01T10:00:00+08:00"
        raise _not(value, "a timestamp", "时间", f"Write {example}", f"请写成 {example}")

    return convert


def _not(value: object, what: str, what_zh: str, fix: str, fix_zh: str) -> Unusable:
    """The refusal of a value; whoever knows the field puts its name before it."""
    return Unusable(
        f"is {shown(value)}, not {what}",
        fix=fix,
        what_zh=f"为 {shown(value)}，不是{what_zh}",
        fix_zh=fix_zh,
    )


_ID_ZH = {"customer": "客户", "subject": "对象", "id": "编号", "source": "来源"}


KIND = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+")
# The lengths keep Python from spending minutes on, or refusing, a number of a million digits.
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?")
_BOOLEANS = {
    **dict.fromkeys(("true", "yes", "y", "t", "1", "是"), True),
    **dict.fromkeys(("false", "no", "n", "f", "0", "否"), False),
}
_CONVERTERS: dict[str, Convert] = {
    "text": as_text,
    "number": as_number,
    "boolean": as_boolean,
    "date": as_date,
    "zone": as_zone,
}
