"""The live door: what somebody sends becomes an arrival, or is put aside with its reason.

It says "later" before what waits grows without bound, and it keeps every body that it refuses. What is
refused, and why, is judged in `loop/receiving.py`; here is what the store makes of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

from peakend.errors import PeakendError, Unusable
from peakend.loop.receiving import LARGEST, Part, Received, Receiving
from peakend.model.pack import Pack
from peakend.model.stored import Arrival, Fate
from peakend.model.stored import Unusable as Aside
from peakend.store.base import Store

MOST_WAITING: Final = 100_000
"""Arrivals that may wait for the fold before the door says "later"."""
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
    """What became of one message: its id, and where something was put aside the reason in both languages."""

    outcome: Outcome
    id: str = ""
    reason_zh: str = ""
    reason_en: str = ""


class Inlet:
    """Takes in what was sent for one store. `pack` judges bodies in `take` and `admit` alone."""

    def __init__(self, store: Store, pack: Pack | None = None, *, most_waiting: int = MOST_WAITING) -> None:
        self._store, self._most = store, most_waiting
        self._free = 0
        self._receiving = Receiving(pack)

    def take(self, bodies: Sequence[bytes], source: str, now: int) -> list[Taken]:
        """Take bodies in the native form in, durably when this returns; the outcome of each, in order.

        `source` is what a body belongs to that names none. Raises Later where too much waits.
        """
        return self.settle([self._receiving.read(body, source, now) for body in bodies], now)

    def admit(self, arrivals: Sequence[Arrival], now: int) -> list[Taken]:
        """The same for events that a mapping has made already."""
        return self.settle(self._receiving.admitted(arrivals, now), now)

    def settle(self, messages: Sequence[Received], now: int) -> list[Taken]:
        """The same for messages that were judged already, all in one transaction of the store."""
        parts = [part.found for message in messages for part in message.parts]
        self._say_later(len(parts))
        fates = iter(self._store.append([one for one in parts if isinstance(one, Arrival)]))
        aside: list[Aside] = []
        taken = [self._settled(message, fates, aside, now) for message in messages]
        if aside:
            self._store.put_aside(aside)
        return taken

    def _say_later(self, more: int) -> None:
        """Ask how much waits, but only once half of what was free the last time is used up."""
        if more > self._free:
            waiting = self._store.waiting()
            if waiting + more > self._most:
                raise Later(waiting, 1 + waiting // 20_000)
            self._free = (self._most - waiting) // 2
        self._free -= more

    def _settled(self, message: Received, fates: Iterator[Fate], aside: list[Aside], now: int) -> Taken:
        """What became of a message is the worst of what became of its parts."""
        worst: Outcome = "known"
        reason_zh = reason_en = ""
        for part in message.parts:
            outcome = self._outcome(message, part, fates)
            told = ("", "")
            if outcome not in ("taken", "known"):
                fault = _used_before(part.found) if isinstance(part.found, Arrival) else part.found
                told = fault.text("zh"), str(fault)
                aside.append(_aside(message, part, told, now))
            if _RANK[outcome] > _RANK[worst]:
                worst, (reason_zh, reason_en) = outcome, told
        return Taken(worst, message.id, reason_zh, reason_en)

    def _outcome(self, message: Received, part: Part, fates: Iterator[Fate]) -> Outcome:
        """A message whose time was reckoned is the same when all but its time is."""
        if not isinstance(part.found, Arrival):
            return "aside"
        fate = next(fates)
        if fate == "other_body" and message.reckoned:
            held = self._store.arrival(part.found.source, part.found.id)
            if held and _without_time(held) == _without_time(part.found):
                return "known"
        return fate


def _without_time(one: Arrival) -> tuple[str, ...]:
    return one.customer, one.kind, one.subject, one.data


def _aside(message: Received, part: Part, reason: tuple[str, str], now: int) -> Aside:
    arrival, body = part.found if isinstance(part.found, Arrival) else None, part.kept
    text = body[: KEPT * 4].decode("utf-8", "replace")
    whole = len(body) <= LARGEST
    return Aside(
        number=0,
        source=arrival.source if arrival else message.source,
        place=arrival.id if arrival else message.id,
        reason_zh=reason[0],
        reason_en=reason[1],
        body=body.decode("utf-8", "replace") if whole else text[:KEPT] + "…",
        at=now,
        mended=False,
    )


def _used_before(one: Arrival) -> Unusable:
    return Unusable(
        f"id '{one.id}' of source '{one.source}' was used before with other content",
        fix="An id names one event for ever; give the correction an id of its own",
        what_zh=f"来源 {one.source} 的编号 {one.id} 已用于另一内容",
        fix_zh="一个编号永远只指一条动态；更正请另给编号",
    )


_RANK: Final = {"known": 0, "taken": 1, "other_body": 2, "aside": 3}
