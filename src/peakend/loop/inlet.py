"""The live door: what somebody sends becomes an arrival, or is put aside with its reason.

It says "later" before what waits grows without bound, and it keeps every body that it refuses. The same
checks as for files apply (`listen`), and two more: how large and deep a body may be, and how far ahead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple

import msgspec

from peakend.errors import PeakendError, Unusable
from peakend.listen.door import FUTURE_ALLOWED
from peakend.listen.native import NativeRows
from peakend.model.pack import Pack
from peakend.model.stored import Arrival
from peakend.model.stored import Unusable as Aside
from peakend.store.base import Store, StoreError
from peakend.store.rows import check_arrivals
from peakend.when import format_instant, zone

MOST_WAITING: Final = 100_000
"""Arrivals that may wait for the fold before the door says "later"."""
LARGEST: Final = 1_000_000
"""Bytes of one body."""
DEEPEST: Final = 64
"""Levels of one body."""
KEPT: Final = 10_000
"""Characters that are kept of a body which is too large to be kept whole."""

Outcome = Literal["taken", "known", "other_body", "aside"]


class Later(PeakendError):
    """The fold is behind: send the same again after `seconds`; nothing of it was taken."""

    def __init__(self, waiting: int, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(
            f"{waiting} events wait already; none of these was taken",
            fix=f"Send the same again in {seconds} seconds",
            what_zh=f"已有 {waiting} 条动态在等待处理，这一批没有收下",
            fix_zh=f"请在 {seconds} 秒后重发同一批",
        )


class Taken(NamedTuple):
    """What became of one body: its event's id, and where it was put aside the reason in both languages."""

    outcome: Outcome
    id: str = ""
    reason_zh: str = ""
    reason_en: str = ""


class Inlet:
    """Takes in bodies in the native form for one store."""

    def __init__(self, store: Store, pack: Pack, *, most_waiting: int = MOST_WAITING) -> None:
        self._store, self._most = store, most_waiting
        self._free = 0
        self._native = NativeRows(zone(pack.head.zone))
        self._scheduled = frozenset(name for name, one in pack.sources.items() if one.scheduled)

    def take(self, bodies: Sequence[bytes], source: str, now: int) -> list[Taken]:
        """Take bodies in, durably when this returns; the outcome of each, in order.

        `source` is what a body belongs to that names none. Raises Later where too much waits.
        """
        self._say_later(len(bodies))
        found = [self._read(body, source, now) for body in bodies]
        return self._settle(found, bodies, source, now)

    def admit(self, arrivals: Sequence[Arrival], now: int) -> list[Taken]:
        """The same for events that a mapping has made already."""
        self._say_later(len(arrivals))
        found = [self._checked(one, now) for one in arrivals]
        return self._settle(found, [msgspec.json.encode(_native(one)) for one in arrivals], "", now)

    def _say_later(self, more: int) -> None:
        """Ask how much waits, but only once half of what was free the last time is used up."""
        if more > self._free:
            waiting = self._store.waiting()
            if waiting + more > self._most:
                raise Later(waiting, 1 + waiting // 20_000)
            self._free = (self._most - waiting) // 2
        self._free -= more

    def _settle(
        self, found: Sequence[Arrival | Unusable], bodies: Sequence[bytes], source: str, now: int
    ) -> list[Taken]:
        fates = iter(self._store.append([one for one in found if isinstance(one, Arrival)]))
        taken: list[Taken] = []
        aside: list[Aside] = []
        for body, one in zip(bodies, found, strict=True):
            fate: Outcome = next(fates) if isinstance(one, Arrival) else "aside"
            id_ = one.id if isinstance(one, Arrival) else ""
            fault = _used_before(one) if isinstance(one, Arrival) else one
            if fate in ("taken", "known"):
                taken.append(Taken(fate, id_))
                continue
            taken.append(Taken(fate, id_, fault.text("zh"), str(fault)))
            aside.append(_aside(source, taken[-1], body, now))
        if aside:
            self._store.put_aside(aside)
        return taken

    def _read(self, body: bytes, source: str, now: int) -> Arrival | Unusable:
        try:
            if len(body) > LARGEST:
                raise _too_large(len(body))
            reading = self._native.read(_object(body), "")
            if reading.refused:
                raise reading.refused[0].error()
        except Unusable as error:
            return error
        (made,) = reading.made
        return self._checked(
            Arrival(
                made.source or source,
                made.id,
                made.customer or "",
                made.kind,
                made.at,
                made.subject or "",
                made.data,
            ),
            now,
        )

    def _checked(self, one: Arrival, now: int) -> Arrival | Unusable:
        try:
            self._check_ahead(one, now)
            check_arrivals([one], self._store.shards)
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


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        said = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Unusable(
            f"it is no JSON object: {said}",
            fix=f"Send for example {_EXAMPLE}",
            what_zh=f"不是 JSON 对象：{said}",
            fix_zh=f"例如 {_EXAMPLE}",
        ) from None
    if _depth([found]) > DEEPEST:
        raise Unusable(
            f"it is nested more than {DEEPEST} levels deep",
            fix="Flatten it: conditions see only the fields right below `data`",
            what_zh=f"嵌套超过 {DEEPEST} 层",
            fix_zh="请把结构拉平：条件只能看到 data 的直接字段",
        )
    return found


_EXAMPLE = '{"id": "1", "customer": "c-1", "kind": "order.made", "at": "2026-03-01T09:00:00Z"}'


def _depth(level: Sequence[object]) -> int:
    """How many levels deep a value is, counted level by level and no further than it matters."""
    depth = 0
    while level and depth <= DEEPEST:
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        depth += 1
    return depth


def _aside(source: str, taken: Taken, body: bytes, now: int) -> Aside:
    text = body[: KEPT * 4].decode("utf-8", "replace")
    whole = len(body) <= LARGEST
    return Aside(
        number=0,
        source=source,
        place=taken.id,
        reason_zh=taken.reason_zh,
        reason_en=taken.reason_en,
        body=body.decode("utf-8", "replace") if whole else text[:KEPT] + "…",
        at=now,
        mended=False,
    )


def _too_large(size: int) -> Unusable:
    return Unusable(
        f"it has {size:,} bytes",
        fix=f"An event has at most {LARGEST:,} bytes: send what documents it as a link",
        what_zh=f"共 {size:,} 字节",
        fix_zh=f"一条动态最多 {LARGEST:,} 字节；附带的材料请只送链接",
    )


def _used_before(one: Arrival) -> Unusable:
    return Unusable(
        f"id '{one.id}' of source '{one.source}' was used before with other content",
        fix="An id names one event for ever; give the correction an id of its own",
        what_zh=f"来源 {one.source} 的编号 {one.id} 已用于另一内容",
        fix_zh="一个编号永远只指一条动态；更正请另给编号",
    )
