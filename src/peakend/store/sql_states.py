"""What the loop asks of a database about states: closed lanes, large states, packs that a shard adopted."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from peakend.model.event import JOINED
from peakend.model.stored import ADOPTED, OURS, Adoption, Recorded, Snapshot
from peakend.store import schema
from peakend.store.base import Lane
from peakend.store.rows import RECORDED, digest
from peakend.store.schema import insert
from peakend.store.session import Session
from peakend.store.sql_identity import names_within
from peakend.store.sql_turn import OpenTurn

_AT_LAST = 1 << 62
SNAPSHOT = insert(
    schema.snapshot,
    tail="ON CONFLICT (customer) DO UPDATE SET seen_at = excluded.seen_at, seq = excluded.seq, "
    "place = excluded.place, data = excluded.data",
)


class StatesOfTurn(OpenTurn):
    """The part of a turn that is about states."""

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
    names = names_within(session, {customer for customer, _, _ in lanes})
    found = _begun(session, [(lane[0], lane) for lane in lanes], _AT_LAST if before is None else before)
    # Places are those of a shard, and all that another name began lies before its join.
    others = [(name, lane) for lane in lanes for name in names[lane[0]][1:]]
    for lane, (number, last) in _begun(session, others, _AT_LAST).items() if others else ():
        known = found.get(lane, (0, last))
        found[lane] = known[0] + number, max(known[1], last)
    return found


def _begun(session: Session, lanes: Sequence[tuple[str, Lane]], before: int) -> dict[Lane, tuple[int, int]]:
    """What began in lanes under a name each; a run that was carried from another name began there."""
    asked: dict[tuple[str, str, str], Lane] = {
        (name, play, digest(key)): (customer, play, key) for name, (customer, play, key) in lanes
    }
    rows = session.rows(
        f"""SELECT asked.a, asked.b, asked.c, max(run.entered_at),
              sum(CASE WHEN run.entry_kind = '{JOINED}' THEN 0 ELSE 1 END)
            {session.asked} JOIN run ON run.customer = asked.a AND run.play = asked.b
              AND run.lane = asked.c AND run.place < ? AND run.entered_at IS NOT NULL
            GROUP BY asked.a, asked.b, asked.c""",
        (*session.triples([*asked]), before),
    )
    found: dict[Lane, tuple[int, int]] = {}
    for a, b, c, last, number in rows:
        lane = asked[a, b, c]
        known = found.get(lane, (0, last))
        found[lane] = known[0] + int(number), max(known[1], last)
    return found


def snapshots(session: Session, customers: Sequence[str]) -> dict[str, Snapshot]:
    rows = session.rows(
        f"SELECT customer, seen_at, seq, place, data FROM snapshot WHERE customer {session.among}",
        (session.texts(customers),),
    )
    return {row[0]: Snapshot(*row) for row in rows}


def events_after(session: Session, customer: str, seen: int, seq: int, limit: int) -> list[Recorded]:
    names = names_within(session, [customer])[customer]
    which = f"SELECT {RECORDED} FROM event WHERE customer {session.among} AND (seen_at, seq)"
    rows = session.rows(
        f"{which} > (?, ?) ORDER BY seen_at, seq, shard LIMIT ?", (session.texts(names), seen, seq, limit)
    )
    if len(names) > 1 and len(rows) == limit:
        # Places are those of a shard: before a join, two names may have the same.
        last = Recorded(*rows[-1])
        found = session.rows(f"{which} = (?, ?) ORDER BY shard", (session.texts(names), last.seen, last.seq))
        rows += [row for row in found if row not in rows]
    return [Recorded(*row) for row in rows]
