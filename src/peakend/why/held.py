"""All that a store holds about one person, under any name, so that it can be read: for the person herself.

What belongs to whom the store decides; here instants become times and bytes become their parts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from peakend.errors import Missing
from peakend.fold import decode_state
from peakend.model.outcome import Content
from peakend.store.base import Store
from peakend.tell.masked import masked_in
from peakend.when import format_instant

_INSTANTS: Final = frozenset(
    "happened_at seen_at entered_at entered_seen_at ended_at ended_seen_at wake instant due until since "
    "lease changed at begun ended begins ends learnt deadline seen".split()
)


class Unknown(Missing):
    """The store knows nobody of that name."""


def held(store: Store, customer: str, *, unmask: bool) -> dict[str, Any]:
    """Every row about a person by table, beside `customer` and `names`. Raises Unknown.

    Addresses are masked, wherever they stand, unless `unmask` is given.
    """
    tables = store.export(customer) if can_be(customer) else {}
    if not any(tables.values()):
        raise unknown(customer)
    names = store.names_of(customer)
    readable = {name: [_row(name, row) for row in rows] for name, rows in tables.items()}
    whole: dict[str, Any] = {"customer": names[0], "names": names, **readable}
    if unmask:
        return whole
    shown: dict[str, Any] = masked_in(whole, _addresses(whole))
    return shown


def can_be(customer: str) -> bool:
    """Whether an id may be somebody's: to a store, nothing at all means nobody in particular."""
    return bool(customer) and "\0" not in customer


def unknown(customer: str) -> Unknown:
    """What to say of a customer of whom the store holds nothing."""
    return Unknown(
        f"The store knows nobody as '{customer}'",
        fix="Copy the id from where the customer is shown; capital letters count",
        what_zh=f"数据库里没有客户“{customer}”",
        fix_zh="请从显示该客户的地方复制编号；大小写有区别",
    )


def _row(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with instants as times, JSON as what it says, a state and what words speak of as their parts."""
    return {name: _readable(table, name, value) for name, value in row.items()}


def _readable(table: str, name: str, value: Any) -> Any:
    if isinstance(value, bytes):
        if not value:
            return None  # it lies in `snapshot`
        content = table == "content"
        return _parts(msgspec.msgpack.decode(value, type=Content) if content else decode_state(value))
    if name in {"data", "body"}:
        try:
            return msgspec.json.decode(value)
        except msgspec.DecodeError:
            return value
    if name in _INSTANTS and isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return format_instant(value) if value < 1 << 61 else None
    return _parts(value)


def _parts(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return {name: _parts(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, dict):
        return {str(name): _parts(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_parts(one) for one in value]
    return value


def _addresses(whole: Mapping[str, Any]) -> set[str]:
    """All addresses that her contacts were ever given, also as they are looked up."""
    told = [*whole.get("event", ()), *whole.get("inbox", ())]
    data = [one["data"] for one in told if one["kind"].startswith("contact.")]
    found = {str(one["address"]) for one in data if isinstance(one, dict) and one.get("address")}
    return found | {one["folded"] for one in whole.get("known_by", ()) if one["what"] == "address"}
