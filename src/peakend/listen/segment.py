"""Messages as the clients of Segment send them: track, identify, alias, page, screen and group.

What each becomes is in docs/events.md. A device whose clock is wrong says so by `sentAt`, and its times are
corrected. `context` and `integrations` are not taken: they describe the device and other receivers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from peakend import when
from peakend.errors import TimeError, Unusable
from peakend.listen.door import Moment, shown
from peakend.listen.kinds import kind_of_words
from peakend.listen.sent import Row, Rows, fields_of

SOURCE: Final = "segment"
"""The source of these events: their ids are random, and unique without the name of a sender."""
MINUTE_OF_TRUST: Final = 60_000_000
"""Microseconds between sending and receiving that are the network's and not a clock's."""


def reader(kind: str = "", sent_at: Any = None) -> Callable[[Row, int], Rows]:
    """A reader of messages of one kind, or of those that name their own `type`.

    `sent_at` is what the request around them says, where they do not say it themselves.
    """

    def read(message: Row, received: int) -> Rows:
        found = kind or message.get("type")
        make = _ROWS.get(found) if isinstance(found, str) else None
        if make is None:
            raise Unusable(
                f"the type is {shown(found)}, not one of {', '.join(_ROWS)}",
                fix='Say for example "type": "track"',
                what_zh=f"type 为 {shown(found)}，应为 {'、'.join(_ROWS)} 之一",
                fix_zh='例如写 "type": "track"',
            )
        head: Row = {"id": message.get("messageId"), "source": SOURCE}
        head["at"], reckoned = _instant(message, sent_at, received)
        return Rows(tuple(make(message, head)), reckoned)

    return read


def _instant(message: Row, sent_at: Any, received: int) -> tuple[Any, bool]:
    """When it happened, corrected by the sender's clock; and whether that rests on `received`."""
    said = message.get("timestamp") or message.get("originalTimestamp")
    if said in (None, ""):
        return Moment(received), True
    sent = _read(message.get("sentAt") or sent_at)
    if sent is None or abs(received - sent) <= MINUTE_OF_TRUST:
        return said, False
    at = _read(said)
    return (said, False) if at is None else (Moment(received - (sent - at)), True)


def _read(value: Any) -> int | None:
    try:
        return when.parse_instant(value, _UTC)
    except (TimeError, ValueError, OverflowError):
        return None


def _track(message: Row, head: Row) -> list[Row]:
    name = message.get("event")
    if not isinstance(name, str) or not name.strip():
        raise Unusable(
            f"event is {shown(name)}, not the name of what happened",
            fix='Say for example "event": "Order Completed"',
            what_zh=f"event 为 {shown(name)}，没有写明发生了什么",
            fix_zh='例如写 "event": "Order Completed"',
        )
    return [_row(message, head, kind_of_words(name.strip()), _properties(message))]


def _identify(message: Row, head: Row) -> list[Row]:
    """What is known of somebody; and if a known person was anonymous before, that the two are one."""
    rows = [_row(message, head, "customer.updated", fields_of(message.get("traits"), "traits"))]
    known, anonymous = message.get("userId"), message.get("anonymousId")
    if known in _NONE or anonymous in _NONE or known == anonymous:
        return rows
    id_ = head["id"]
    joins = head | {"id": f"{id_}/customer.identified" if isinstance(id_, str) and id_ else None}
    return [_row(message, joins, "customer.identified", {"anonymous": anonymous}), *rows]


def _alias(message: Row, head: Row) -> list[Row]:
    former = message.get("previousId")
    if former in _NONE or message.get("userId") in _NONE:
        raise Unusable(
            "an alias needs two names, and one is missing",
            fix='Say for example "previousId": "visitor-7", "userId": "c-1"',
            what_zh="alias 需要新旧两个编号，缺了一个",
            fix_zh='例如写 "previousId": "visitor-7", "userId": "c-1"',
        )
    return [_row(message, head, "customer.merged", {"from": former, "into": message["userId"]})]


def _group(message: Row, head: Row) -> list[Row]:
    group = message.get("groupId")
    if group in _NONE:
        raise Unusable(
            "groupId is missing",
            fix='Say which group, for example "groupId": "acme"',
            what_zh="没有 groupId",
            fix_zh='请写明群组，例如 "groupId": "acme"',
        )
    traits = fields_of(message.get("traits"), "traits")
    data = {"subject": group, "traits": traits} if traits else {"subject": group}
    return [_row(message, head, "relation.set", data)]


def _viewed(what: str) -> Callable[[Row, Row], list[Row]]:
    def rows(message: Row, head: Row) -> list[Row]:
        named = {name: message[name] for name in ("name", "category") if message.get(name) not in _NONE}
        return [_row(message, head, f"{what}.viewed", named | _properties(message))]

    return rows


def _row(message: Row, head: Row, kind: str, data: dict[str, Any]) -> Row:
    customer = message.get("userId")
    if customer in _NONE:
        customer = message.get("anonymousId")
    if customer in _NONE:
        raise Unusable(
            "neither userId nor anonymousId is there",
            fix='Say whom it concerns, for example "userId": "c-1"',
            what_zh="userId 和 anonymousId 都没有",
            fix_zh='请写明是哪位客户，例如 "userId": "c-1"',
        )
    return {**head, "customer": customer, "kind": kind, "data": data}


def _properties(message: Row) -> dict[str, Any]:
    return fields_of(message.get("properties"), "properties")


_NONE = (None, "")
_UTC = when.zone("UTC")
"""The types of messages."""
_ROWS: dict[str, Callable[[Row, Row], list[Row]]] = {
    "track": _track,
    "identify": _identify,
    "alias": _alias,
    "page": _viewed("page"),
    "screen": _viewed("screen"),
    "group": _group,
}
TYPES: Final = tuple(_ROWS)
