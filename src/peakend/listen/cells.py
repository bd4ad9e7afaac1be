"""What one cell of an export says: nothing, a value, an instant or a day.

Exports write the same thing in many ways; here it becomes plain JSON, as it will stand in the log. A date
without an offset is read on the clock that the source declares and is refused where it declares none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from math import isnan
from typing import Any

import msgspec

from peakend import when
from peakend.errors import PeakendError, Unusable
from peakend.listen.door import Convert, Moment, as_date, as_text, converter, shown
from peakend.model.event import FieldType
from peakend.model.source import ISO


def known(value: Any, missing: frozenset[str]) -> Any:
    """The value of a cell, or None where the export says that it has none."""
    if isinstance(value, str):
        return None if value.strip() in missing else value
    if value is None or (isinstance(value, float) and isnan(value)):
        return None
    return None if cell_text(value) in missing else value


def cell_text(value: Any) -> str:
    """The text of a cell, to compare it with the codes that a mapping names."""
    value = plain(value)
    return _ENCODE(value).decode() if isinstance(value, list | dict) else as_text(value)


def plain(value: Any) -> Any:
    """The value as JSON knows it: instants in UTC with Z, days as YYYY-MM-DD."""
    if type(value) in _JSON:
        return value
    if isinstance(value, Moment):
        return when.format_instant(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return when.format_instant(when.parse_instant(value.isoformat()))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal) and value.is_finite():
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return str(value)


def json_object(data: dict[str, Any]) -> str:
    """The data of an event as the log keeps it: keys in order, so that the same content is the same text."""
    text = _ENCODE(data).decode()
    if "\\u0000" in text and _NUL.search(text):
        raise Unusable(
            "a value contains a NUL byte",
            fix="Clean the export",
            what_zh="值里含有空字节",
            fix_zh="请清理导出文件",
        )
    return text


class Remembered(dict[str, Any]):
    """A conversion of cells that remembers short texts: exports repeat themselves from row to row."""

    def __init__(self, convert: Convert, missing: frozenset[str]) -> None:
        super().__init__()
        self._convert = convert
        self._missing = missing

    def of(self, value: Any) -> Any:
        """The converted value of a cell, None where it has none. Raises what the conversion raises."""
        return self[value] if type(value) is str else self._fresh(value)

    def __missing__(self, text: str) -> Any:
        value = self._fresh(text)
        if len(text) <= _SHORT:
            if len(self) >= _REMEMBERED:
                self.clear()
            self[text] = value
        return value

    def _fresh(self, value: Any) -> Any:
        value = known(value, self._missing)
        return None if value is None else self._convert(value)


class Dates:
    """How one source writes dates: its patterns, tried in order, and the zone of its clock."""

    def __init__(self, patterns: Sequence[str], zone: when.Zone | None) -> None:
        self._patterns = tuple(patterns)
        self._zone = zone

    def instant(self, value: Any) -> int:
        """The instant of a cell. Raises Unusable, its text starting with 'is'."""
        if isinstance(value, str):
            return self._read(value.strip())
        if isinstance(value, Moment):
            return int(value)
        if isinstance(value, date):
            return self._iso(value.isoformat())
        raise Unusable(
            f"is {shown(value)}, a bare number",
            fix="Nobody can tell its unit: write dates as text, for example 2026-03-01T09:00:00+08:00",
            what_zh=f"为 {shown(value)}，只是一个数",
            fix_zh="单位无从得知：请把日期写成文字，例如 2026-03-01T09:00:00+08:00",
        )

    def day(self, value: Any) -> str:
        """The day that a cell names, as it is written there, as YYYY-MM-DD."""
        if not isinstance(value, str):
            return as_date(value)
        for pattern in self._patterns:
            try:
                if pattern == ISO:
                    return as_date(value)
                return datetime.strptime(value.strip(), pattern).date().isoformat()
            except (ValueError, Unusable):
                continue
        raise self._unlike(value)

    def stamp(self, value: Any) -> str:
        """The instant of a cell as the log writes it, in UTC with Z."""
        return when.format_instant(self.instant(value))

    def _read(self, text: str) -> int:
        for pattern in self._patterns:
            if pattern == ISO:
                if _LIKE_ISO.match(text):
                    return self._iso(text)
                continue
            try:
                moment = datetime.strptime(text, pattern)
            except ValueError:
                continue
            return self._iso(moment.isoformat())
        raise self._unlike(text)

    def _iso(self, text: str) -> int:
        try:
            return when.parse_instant(text, self._zone)
        except PeakendError as error:
            if self._zone is None and "offset" in error.what:
                raise Unusable(
                    f"is {shown(text)}, without a zone",
                    fix=_NO_ZONE,
                    what_zh=f"为 {shown(text)}，没有时区",
                    fix_zh="请在映射里写明时区，例如 zone: Asia/Shanghai",
                ) from None
            raise Unusable(
                f"is {shown(text)}, not a date",
                fix=error.fix,
                what_zh=f"为 {shown(text)}，不是日期",
                fix_zh="请写成 2026-03-01T09:00:00+08:00",
            ) from None

    def _unlike(self, text: str) -> Unusable:
        expected = " or ".join("ISO 8601" if pattern == ISO else pattern for pattern in self._patterns)
        guess = next((pattern for pattern in _USUAL if _fits(text.strip(), pattern)), None)
        guess = guess or (ISO if _LIKE_ISO.match(text.strip()) else None)
        written = f"`dates: {guess if guess == ISO else shown(guess)}`"
        return Unusable(
            f"is {shown(text)}, expected {expected}",
            fix=f"It looks like {guess}; say {written} in the mapping" if guess else _SAY_DATES,
            what_zh=f"为 {shown(text)}，应写成 {expected.replace(' or ', ' 或 ')}",
            fix_zh=f"看来是 {guess}：请在映射里写 {written}" if guess else _SAY_DATES_ZH,
        )


def field_conversion(kind_of: FieldType | None, dates: Dates) -> Convert:
    """How a field of a declared type is written into the log; without a type it stays as it is."""
    if kind_of is None:
        return plain
    if kind_of == "date":
        return dates.day
    if kind_of == "timestamp":
        return dates.stamp
    return converter(kind_of)


def _fits(text: str, pattern: str) -> bool:
    try:
        datetime.strptime(text, pattern)
    except ValueError:
        return False
    return True


_JSON = frozenset((str, int, float, bool, type(None)))
_ENCODE = msgspec.json.Encoder(order="sorted").encode
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_LIKE_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_REMEMBERED = 20_000
_SHORT = 64
_NO_ZONE = "Say in the mapping on which clock it was written, for example `zone: Asia/Shanghai`"
_SAY_DATES = 'Say in the mapping how dates are written, for example `dates: "%d/%m/%Y %H:%M"`'
_SAY_DATES_ZH = '请在映射里写明日期的写法，例如 `dates: "%d/%m/%Y %H:%M"`'
_USUAL = tuple(
    f"{day}{clock}"
    for day in ("%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d.%m.%Y", "%Y年%m月%d日", "%d-%m-%Y", "%Y%m%d")
    for clock in ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")
)
