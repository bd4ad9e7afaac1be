"""Rows that already have the native form: id, customer, kind, at, and optionally seen, source, subject, data.

They pass the same checks as mapped rows. Columns outside the native form are refused rather than lost:
what an event says stands in `data`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from peakend import when
from peakend.errors import Unusable, nearest
from peakend.listen.cells import Dates, json_object, plain
from peakend.listen.door import as_text, check_kind, check_name, check_times, shown
from peakend.listen.rows import Made, Reading, Refusal, Values, content_id, said
from peakend.model.source import ISO

COLUMNS = frozenset(
    ("id", "customer", "kind", "at", "happened_at", "seen", "seen_at", "source", "subject", "data", "seq")
)
"""The columns of the native log; the times also under the names that the log itself gives them."""


class NativeRows:
    """Reads native rows. `zone` is the clock of times without an offset; without it they are refused."""

    compares_ids = True

    def __init__(self, zone: when.Zone | None = None) -> None:
        self._dates = Dates([ISO], zone)
        self._kinds: set[str] = set()

    def read(self, values: dict[str, Any], origin: str) -> Reading:
        """Read one row. A customer that is null is nobody (a public measure); an absent one is a fault."""
        del origin  # an event without an id is known by its content, wherever it stands
        try:
            return Reading((self._event(values),))
        except _NotADate as error:
            reason = f"{error.column} is not a date", f"{error.column} 不是日期"
            detail, fix = said(error)
            return Reading((), (Refusal("", error.column, reason, detail, fix, stops=True),))
        except Unusable as error:
            reason, fix = said(error)
            return Reading((), (Refusal("", "", reason, fix=fix),))

    def _event(self, values: Values) -> Made:
        if strange := values.keys() - COLUMNS:
            name = min(strange)
            raise Unusable(
                f"'{name}' is no column of the native log",
                fix=nearest(name, COLUMNS) or "Put the event's own fields into `data`, or write a mapping",
                what_zh=f"'{name}' 不是通用格式的列",
                fix_zh="请把动态自己的字段放进 data，或写一份映射",
            )
        kind = self._kind(values.get("kind"))
        customer, subject = _name(values, "customer"), _name(values, "subject")
        if customer is None and subject is None and values.get("customer", "") is not None:
            raise Unusable(
                "no customer",
                fix="Name the customer; null says that it is a public measure",
                what_zh="没有客户",
                fix_zh="请写明客户；null 表示公开数据",
            )
        at = self._instant("at" if "at" in values else "happened_at", values)
        seen_column = "seen" if "seen" in values else "seen_at"
        seen = at if values.get(seen_column) in _EMPTY else self._instant(seen_column, values)
        check_times(at, seen, scheduled=False)
        data = json_object(_object(values.get("data")))
        source = _name(values, "source") or ""
        event_id = _name(values, "id") or content_id(source, customer, kind, at, data)
        return Made(event_id, customer, kind, at, seen, source, subject, data)

    def _kind(self, kind: Any) -> str:
        if not isinstance(kind, str) or kind not in self._kinds:
            check_kind(kind)
            self._kinds.add(kind)
        return str(kind)

    def _instant(self, column: str, values: Values) -> int:
        value = values.get(column)
        if value in _EMPTY:
            raise Unusable(
                f"no date in {column}",
                fix="Write ISO 8601, for example 2026-03-01T09:00:00Z",
                what_zh=f"{column} 没有日期",
                fix_zh="请写 ISO 8601，例如 2026-03-01T09:00:00Z",
            )
        try:
            return self._dates.instant(value)
        except Unusable as error:
            raise _NotADate(column, error) from None


class _NotADate(Unusable):
    """A time that cannot be read: if most rows have one, the file writes its dates in another way."""

    def __init__(self, column: str, error: Unusable) -> None:
        super().__init__(
            f"{column} {error.what}",
            fix=error.fix,
            what_zh=f"{column} {error.what_zh}",
            fix_zh=error.fix_zh,
        )
        self.column = column


def _name(values: Values, column: str) -> str | None:
    value = values.get(column)
    if value in _EMPTY:
        return None
    try:
        name = as_text(value).strip()
    except Unusable as error:
        zh = {"what_zh": f"{column} {error.what_zh}", "fix_zh": error.fix_zh}
        raise Unusable(f"{column} {error.what}", fix=error.fix, **zh) from None
    check_name(name, column)
    return name


def _object(data: Any) -> dict[str, Any]:
    """The data of an event: an object, or the text of one as Parquet and CSV carry it."""
    if data in _EMPTY:
        return {}
    if isinstance(data, str):
        try:
            data = msgspec.json.decode(data)
        except msgspec.DecodeError as error:
            zh = {"what_zh": "data 不是 JSON", "fix_zh": _DATA_ZH}
            raise Unusable(f"data is no JSON: {error}", fix=_DATA, **zh) from None
    if not isinstance(data, dict):
        zh = {"what_zh": f"data 为 {shown(data)}，不是对象", "fix_zh": _DATA_ZH}
        raise Unusable(f"data is {shown(data)}, not an object", fix=_DATA, **zh)
    return {str(name): plain(value) for name, value in data.items()}


_EMPTY = (None, "")
_DATA = 'Write for example {"incident_id": "INC1", "priority": "P1"}'
_DATA_ZH = '请写成 {"incident_id": "INC1", "priority": "P1"} 这样'
