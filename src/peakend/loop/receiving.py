"""What was sent, judged: each message as arrivals that a store can take, or the reason why it cannot.

Nothing here touches a store, so that many messages can be read while one thread writes. The same checks as
for files apply (`listen`), and two more: how large and deep a message may be, and how far ahead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec

from peakend.errors import PeakendError, Unusable
from peakend.listen.cells import plain
from peakend.listen.door import FUTURE_ALLOWED, LONGEST_ID
from peakend.listen.native import NativeRows
from peakend.listen.rows import Made
from peakend.listen.sent import Read, Row, read_native
from peakend.model.pack import Pack
from peakend.model.stored import Arrival
from peakend.store.base import StoreError
from peakend.store.rows import check_arrivals
from peakend.when import format_instant, zone

LARGEST: Final = 1_000_000
"""Bytes of one message."""
DEEPEST: Final = 64
"""Levels of one message."""
EXAMPLE: Final = '{"id": "1", "customer": "c-1", "kind": "order.made", "at": "2026-03-01T09:00:00Z"}'


class Part(NamedTuple):
    """One event of a message: as an arrival, or why it is none; and its body, where it has one of its own."""

    found: Arrival | Unusable
    body: bytes = b""

    @property
    def kept(self) -> bytes:
        """What is kept of it if it is put aside: in the native form, if it was read that far."""
        if self.body or isinstance(self.found, Unusable):
            return self.body
        return msgspec.json.encode(_native(self.found))


class Received(NamedTuple):
    """One message that was judged. `source` is what it belongs to if it names none itself; `id` is what its
    sender calls it ('' where that cannot be read); `reckoned` as in `listen.sent`."""

    parts: tuple[Part, ...]
    source: str
    id: str = ""
    reckoned: bool = False


class Receiving:
    """Judges messages for one pack; None where nothing is published yet."""

    def __init__(self, pack: Pack | None) -> None:
        self._native = NativeRows(zone(pack.head.zone) if pack else None)
        sources = pack.sources if pack else {}
        self._scheduled = frozenset(name for name, one in sources.items() if one.scheduled)

    def read(self, body: bytes, source: str, now: int, form: Read = read_native) -> Received:
        """Judge the body of one message; never an error."""
        try:
            if len(body) > LARGEST:
                raise _too_large(len(body))
            message = read_object(body)
        except Unusable as error:
            return Received((Part(error, body),), source)
        return self.judge(message, body, source, now, form)

    def judge(self, message: Row, body: bytes, source: str, now: int, form: Read = read_native) -> Received:
        """Judge one message that was decoded already; `body` is what is kept of it."""
        id_ = message.get("id", message.get("messageId"))
        name = id_[:LONGEST_ID] if isinstance(id_, str) else ""
        try:
            if body.count(b"{") + body.count(b"[") > DEEPEST:
                check_depth(message)
            rows, reckoned = form(message, now)
        except Unusable as error:
            return Received((Part(error, body),), source, name)
        parts = tuple(self._part(row, body, row is message, source, now) for row in rows)
        if not name and isinstance(parts[-1].found, Arrival):
            name = parts[-1].found.id
        return Received(parts, source, name, reckoned)

    def admitted(self, arrivals: Sequence[Arrival], now: int) -> list[Received]:
        """Judge events that a mapping has made already."""
        found = [(one, self._checked(one, now)) for one in arrivals]
        return [
            Received((Part(judged, b"" if judged is one else Part(one).kept),), "", one.id)
            for one, judged in found
        ]

    def _part(self, row: Row, body: bytes, own: bool, source: str, now: int) -> Part:
        """`own`: the body says this very row. Else it is kept as the row, which is what a person can mend."""
        found = self._arrival(row, source, now)
        if own:
            return Part(found, body)
        return Part(found, _written(row) or body if isinstance(found, Unusable) else b"")

    def _arrival(self, row: Row, source: str, now: int) -> Arrival | Unusable:
        reading = self._native.read(row, "")
        if reading.refused:
            return reading.refused[0].error()
        (made,) = reading.made
        return self._checked(arrival_of(made, source), now)

    def _checked(self, one: Arrival, now: int) -> Arrival | Unusable:
        try:
            self._check_ahead(one, now)
            check_arrivals([one], 1)
        except Unusable as error:
            return error
        except StoreError as error:
            return Unusable(error.what, fix=error.fix, what_zh=error.what_zh, fix_zh=error.fix_zh)
        return one

    def _check_ahead(self, one: Arrival, now: int) -> None:
        if one.at > now + FUTURE_ALLOWED and one.source not in self._scheduled:
            when = format_instant(one.at)
            raise Unusable(
                f"it is said to happen at {when}, which is still to come",
                fix="Send it when it has happened; a source that plans ahead says `scheduled: true`",
                what_zh=f"发生时间 {when} 尚未到来",
                fix_zh="请在发生之后再送；若来源记录的是计划，请在映射里写 scheduled: true",
            )


def _native(one: Arrival) -> dict[str, Any]:
    """An arrival as a source would have sent it in the native form."""
    told = {"id": one.id, "customer": one.customer or None, "kind": one.kind, "at": format_instant(one.at)}
    told |= {"source": one.source, "subject": one.subject or None, "data": msgspec.json.decode(one.data)}
    return told


def _written(row: Row) -> bytes:
    """A row in the native form as text; nothing where a time of it cannot be written."""
    try:
        return msgspec.json.encode(plain(row))
    except PeakendError:
        return b""


def arrival_of(made: Made, source: str) -> Arrival:
    """An event that was read, of `source` where it names none."""
    customer, subject = made.customer or "", made.subject or ""
    return Arrival(made.source or source, made.id, customer, made.kind, made.at, subject, made.data)


def read_object(body: bytes) -> Row:
    """The JSON object that a body is. Raises Unusable."""
    try:
        return _decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        said = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Unusable(
            f"it is no JSON object: {said}",
            fix=f"Send for example {EXAMPLE}",
            what_zh=f"不是 JSON 对象：{said}",
            fix_zh=f"例如 {EXAMPLE}",
        ) from None


def check_depth(message: Row) -> None:
    """Refuse what is too deep, counted level by level and no further than it matters."""
    level: list[object] = [message]
    for _ in range(DEEPEST + 1):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return
    raise Unusable(
        f"it is nested more than {DEEPEST} levels deep",
        fix="Flatten it: conditions see only the fields right below `data`",
        what_zh=f"嵌套超过 {DEEPEST} 层",
        fix_zh="请把结构拉平：条件只能看到 data 的直接字段",
    )


def _too_large(size: int) -> Unusable:
    return Unusable(
        f"it has {size:,} bytes",
        fix=f"An event has at most {LARGEST:,} bytes: send what documents it as a link",
        what_zh=f"共 {size:,} 字节",
        fix_zh=f"一条动态最多 {LARGEST:,} 字节；附带的材料请只送链接",
    )


_decode = msgspec.json.Decoder(Row).decode
