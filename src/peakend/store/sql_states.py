"""What the loop asks of a database about states: closed lanes, large states, packs that a shard adopted."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from peakend.model.stored import ADOPTED, OURS, Adoption, Recorded, Shard, Snapshot
from peakend.store import schema
from peakend.store.base import Lane
from peakend.store.rows import RECORDED, digest
from peakend.store.schema import insert
from peakend.store.session import Session

_AT_LAST = 1 << 62
SNAPSHOT = insert(
    schema.snapshot,
    tail="ON CONFLICT (customer) DO UPDATE SET seen_at = excluded.seen_at, seq = excluded.seq, "
    "place = excluded.place, data = excluded.data",
)


class StatesOfTurn:
    """The part of a turn that is about states."""

    shard: Shard
    _place: int

    @property
    def _db(self) -> Session:
        raise NotImplementedError

    @property
    def place(self) -> int:
        return self._place

    def lanes(self, lanes: Sequence[Lane], before: int | None = None) -> dict[Lane, tuple[int, int]]:
        return closed_lanes(self._db, lanes, before)

    def snapshots(self, customers: Sequence[str]) -> dict[str, Snapshot]:
        return snapshots(self._db, customers)

    def keep_snapshots(self, snapshots: Sequence[Snapshot]) -> None:
        if snapshots:
            self._db.write(SNAPSHOT, [*snapshots])

    def events_after(self, customer: str, seen: int, seq: int, limit: int) -> list[Recorded]:
        return events_after(self._db, customer, seen, seq, limit)

    def adoptions(self) -> list[Adoption]:
        rows = self._db.rows(
            """SELECT seen_at, data FROM event WHERE source = ? AND id > ? AND id < ? AND kind = ?
               ORDER BY seq""",
            (OURS, f"{ADOPTED}/{self.shard.number}/", f"{ADOPTED}/{self.shard.number}0", ADOPTED),
        )
        return [Adoption(seen, msgspec.json.decode(data)["hash"]) for seen, data in rows]


def closed_lanes(
    session: Session, lanes: Sequence[Lane], before: int | None = None
) -> dict[Lane, tuple[int, int]]:
    if not lanes:
        return {}
    named = {(customer, play, digest(key)): (customer, play, key) for customer, play, key in lanes}
    rows = session.rows(
        f"""SELECT asked.a, asked.b, asked.c, max(run.occurrence), max(run.entered_at)
            {session.asked} JOIN run ON run.customer = asked.a AND run.play = asked.b
              AND run.lane = asked.c AND run.place < ? AND run.entered_at IS NOT NULL
            GROUP BY asked.a, asked.b, asked.c""",
        (*session.triples([*named]), _AT_LAST if before is None else before),
    )
    return {named[a, b, c]: (occurrence + 1, last) for a, b, c, occurrence, last in rows}


def snapshots(session: Session, customers: Sequence[str]) -> dict[str, Snapshot]:
    rows = session.rows(
        f"SELECT customer, seen_at, seq, place, data FROM snapshot WHERE customer {session.among}",
        (session.texts(customers),),
    )
    return {row[0]: Snapshot(*row) for row in rows}


def events_after(session: Session, customer: str, seen: int, seq: int, limit: int) -> list[Recorded]:
    rows = session.rows(
        f"""SELECT {RECORDED} FROM event WHERE customer = ? AND (seen_at, seq) > (?, ?)
            ORDER BY seen_at, seq LIMIT ?""",
        (customer, seen, seq, limit),
    )
    return [Recorded(*row) for row in rows]
