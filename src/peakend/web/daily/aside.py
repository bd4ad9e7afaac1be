"""Quarantine: what could not be used, by its cause; one row mended by the same door; a cause replayed."""

from __future__ import annotations

from collections import Counter
from typing import Final

import msgspec

from peakend.errors import Missing, PeakendError
from peakend.loop.mending import Mending, Replayed
from peakend.model.account import AuditEntry
from peakend.model.looked import AskedAside
from peakend.model.pack import Pack
from peakend.model.stored import Unusable
from peakend.store import Store
from peakend.tell.masked import masked_text
from peakend.web.house import needed
from peakend.wire.quarantine import Aside, Cause, One, Replay, Row, Tried

SHOWN: Final = 50
AT_ONCE: Final = 200
"""Rows that one step replays: the next step goes on behind them."""
LONGEST: Final = 1_000_000


def aside_of(store: Store, asked: AskedAside, after: str = "", limit: int = SHOWN) -> Aside:
    """The rows that are asked for, the newest first, and all causes with their numbers."""
    found = store.list_aside(asked, after, limit)
    return Aside(
        causes=[Cause(*one) for one in store.aside_counts()],
        rows=[_row(one) for one in found.rows],
        after=found.after,
    )


def one_of(store: Store, number: int, *, whole: bool) -> One:
    """One row; unless it is wanted `whole`, phone numbers and mail addresses in it are masked.

    Raises Missing where there is none of this number.
    """
    one = _meant(store, number)
    body = laid_out(one.body)
    return One(**msgspec.structs.asdict(_row(one)), body=body if whole else masked_text(body))


def check(store: Store, pack: Pack | None, number: int, body: str, now: int) -> Tried:
    """What would become of a row with this body, without doing it."""
    return _tried(Mending(store, needed(pack), now).check(_meant(store, number), _short(body)))


def mend(store: Store, pack: Pack | None, number: int, body: str, who: str, now: int) -> Tried:
    """Send a row through the door once more, corrected. What fails stays as it was, with its new reason."""
    row = _waiting(store, number)
    found = _tried(Mending(store, needed(pack), now).replay(row, _short(body)))
    store.record(AuditEntry(at=now, who=who, what="aside.mended", about=str(number), after=found.outcome))
    return found


def replay(store: Store, pack: Pack | None, asked: AskedAside, who: str, now: int, after: str = "") -> Replay:
    """Try the next rows once more as they are; safe to be asked twice, since nothing counts twice."""
    found = store.list_aside(asked, after, AT_ONCE)
    mending = Mending(store, needed(pack), now)
    counts = Counter(mending.replay(row).outcome for row in found.rows)
    told = Replay(
        len(found.rows), counts["taken"], counts["known"] + counts["refold"], counts["aside"], found.after
    )
    about = asked.cause or asked.source or "all"
    entry = AuditEntry(at=now, who=who, what="aside.replayed", about=about[:100], after=str(told.tried))
    store.record(entry)
    return told


def replay_one(store: Store, pack: Pack | None, number: int, who: str, now: int) -> Tried:
    """Try one row once more as it is."""
    found = _tried(Mending(store, needed(pack), now).replay(_waiting(store, number)))
    entry = AuditEntry(at=now, who=who, what="aside.replayed", about=str(number), after=found.outcome)
    store.record(entry)
    return found


def laid_out(body: str) -> str:
    """A body as people read it."""
    try:
        return msgspec.json.format(body, indent=2)
    except msgspec.DecodeError:
        return body


def _row(one: Unusable) -> Row:
    return Row(one.number, one.source, one.place, one.kind, one.reason_zh, one.reason_en, one.at, one.mended)


def _tried(one: Replayed) -> Tried:
    return Tried(one.outcome, one.reason_zh, one.reason_en)


def _meant(store: Store, number: int) -> Unusable:
    one = store.put_aside_row(number)
    if one is None:
        raise Missing(
            f"There is no row {number} in quarantine",
            fix="Look at the list again",
            what_zh=f"待修正数据中没有第 {number} 条",
            fix_zh="请刷新列表",
        )
    return one


def _waiting(store: Store, number: int) -> Unusable:
    one = _meant(store, number)
    if one.mended:
        raise PeakendError(
            f"Row {number} was mended already",
            fix="Look at the list again",
            what_zh=f"第 {number} 条已经修正过",
            fix_zh="请刷新列表",
        )
    return one


def _short(body: str) -> str:
    if len(body) > LONGEST:
        raise PeakendError(
            f"The row has {len(body)} characters",
            fix=f"Write at most {LONGEST}",
            what_zh=f"这条数据有 {len(body)} 个字符",
            fix_zh=f"最多 {LONGEST} 个字符",
        )
    return body
