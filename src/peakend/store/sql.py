"""The store over a database: one set of statements for SQLite and PostgreSQL, so that the twins cannot part.

What differs, a database brings (session.py): how it connects, locks, writes many rows, looks up many keys.
Statements mark parameters with `?` and hold no other question mark or percent sign.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pyarrow as pa

from peakend.model.looked import Clock
from peakend.model.outcome import Output
from peakend.model.stored import (
    Arrival,
    Fate,
    Planned,
    Recorded,
    Shard,
    Snapshot,
    StateRow,
    Told,
    Unusable,
)
from peakend.store import schema
from peakend.store import schema_looking as looking
from peakend.store.base import Lane
from peakend.store.hooks import happened_in
from peakend.store.known_by import learnt
from peakend.store.refusals import fenced, nothing_there
from peakend.store.rows import (
    ARRIVAL,
    RECORDED,
    UNUSABLE,
    arrival_from,
    check_arrivals,
    clock_row,
    decode_output,
    event_row,
    log_batch,
    moved,
    planned_row,
    split,
    unusable_from,
    unusable_row,
)
from peakend.store.schema import insert
from peakend.store.session import Database, Session
from peakend.store.sql_accounts import SqlAccounts
from peakend.store.sql_acts import SqlActs
from peakend.store.sql_counting import SqlCounting
from peakend.store.sql_decisions import SqlDecisions, announced
from peakend.store.sql_draws import SqlDraws
from peakend.store.sql_erasing import ErasingStore
from peakend.store.sql_hooks import SqlHooks, tell
from peakend.store.sql_identity import IdentityTurn
from peakend.store.sql_looking import SqlLooking
from peakend.store.sql_messages import PLANNED, SqlMessages
from peakend.store.sql_states import StatesOfTurn, closed_lanes, events_after, snapshots
from peakend.store.sql_work import SqlWork

EVENT = insert(schema.event)
STATE = insert(
    schema.state,
    tail="ON CONFLICT (customer) DO UPDATE SET shard = excluded.shard, wake = excluded.wake, "
    "program = excluded.program, data = excluded.data, since = excluded.since",
)
_RUN = "ON CONFLICT (customer, play, lane, occurrence) DO UPDATE SET "
ENTERED = insert(
    schema.run,
    without=("how", "end_kind", "ended_at", "ended_seen_at"),
    tail=_RUN + "entry_kind = excluded.entry_kind, entered_at = excluded.entered_at, "
    "entered_seen_at = excluded.entered_seen_at, place = excluded.place, pack = excluded.pack",
)
ENDED = insert(
    schema.run,
    without=("entry_kind", "entered_at", "entered_seen_at", "place", "pack"),
    tail=_RUN + "how = excluded.how, end_kind = excluded.end_kind, ended_at = excluded.ended_at, "
    "ended_seen_at = excluded.ended_seen_at",
)
VERDICT, ENCOUNTER, OTHER = insert(schema.verdict), insert(schema.encounter), insert(schema.output)
CONTENT = insert(schema.content, tail="ON CONFLICT (message, part) DO NOTHING")
ASIDE = insert(schema.quarantine, without=("number",))
CLOCK = insert(looking.clock, tail="ON CONFLICT (customer, touchpoint, lane, begun, standard) DO NOTHING")
KNOWN_BY = insert(
    looking.known_by,
    tail="ON CONFLICT (customer, what, folded) DO UPDATE SET text = excluded.text, "
    "seen_at = excluded.seen_at",
)

_SHARD = "number, epoch, last_seen, ticked_to, next_seq"
_GIVE_BACK = "UPDATE shard SET owner = NULL, lease = 0, epoch = epoch + 1"


class SqlStore(
    SqlMessages, SqlActs, SqlDecisions, SqlAccounts, SqlWork, SqlHooks, SqlLooking, SqlCounting, ErasingStore
):
    """A store whose rows lie in a database."""

    def __init__(self, database: Database) -> None:
        super().__init__(Session(database))
        self.shards = database.shards

    def claim_shards(self, worker: str, now: int, lease: int, most: int) -> list[Shard]:
        with self._db.transaction():
            own = self._db.rows("SELECT number FROM shard WHERE owner = ? ORDER BY number", (worker,))
            for (number,) in own[most:]:
                self._db.run(
                    f"{_GIVE_BACK} WHERE number = ? AND owner = ?",
                    (number, worker),
                )
            kept = self._db.run("UPDATE shard SET lease = ? WHERE owner = ?", (now + lease, worker))
            # A shard whose owner is in the middle of a turn, or froze there, is left alone rather than waited
            # for.
            self._db.run(
                f"""WITH free AS (SELECT number FROM shard
                                  WHERE owner IS NULL OR (lease <= ? AND owner <> ?)
                                  ORDER BY number LIMIT ? {self._db.skip_locked})
                    UPDATE shard SET owner = ?, lease = ?, epoch = epoch + 1
                    WHERE number IN (SELECT number FROM free)""",
                (now, worker, max(most - kept, 0), worker, now + lease),
            )
            rows = self._db.rows(f"SELECT {_SHARD} FROM shard WHERE owner = ? ORDER BY number", (worker,))
        return [Shard(*row) for row in rows]

    def release_shards(self, worker: str) -> None:
        with self._db.transaction():
            self._db.run(f"{_GIVE_BACK} WHERE owner = ?", (worker,))

    @contextmanager
    def turn(self, shard: Shard) -> Iterator[SqlTurn]:
        with self._db.transaction():
            # The row is locked before anything is read: a second owner waits here, or finds another epoch.
            found = self._db.rows(
                f"""UPDATE shard SET epoch = epoch WHERE number = ? AND epoch = ?
                    RETURNING {_SHARD}, next_place""",
                (shard.number, shard.epoch),
            )
            if not found:
                raise fenced(shard)
            (*current, place) = found[0]
            turn = SqlTurn(self._db, Shard(*current), place)
            try:
                yield turn
                turn.move_on()
            finally:
                turn.open = False

    def append(self, arrivals: Sequence[Arrival]) -> list[Fate]:
        check_arrivals(arrivals, self.shards)
        with self._db.transaction():
            return self._db.append(arrivals)

    def arrival(self, source: str, id_: str) -> Arrival | None:
        rows = self._read(
            f"""SELECT {ARRIVAL} FROM event WHERE source = ? AND id = ?
                UNION ALL SELECT {ARRIVAL} FROM inbox WHERE source = ? AND id = ?""",
            (source, id_, source, id_),
        )
        return arrival_from(rows[0]) if rows else None

    def waiting(self) -> int:
        return int(self._read("SELECT count(*) FROM inbox")[0][0])

    def states(self, customers: Sequence[str]) -> dict[str, StateRow]:
        with self._db.alone():
            return _states(self._db, customers)

    def story(self, customer: str, play: str | None = None) -> list[Output]:
        if play is None:
            rows = self._read(
                """SELECT place, body FROM verdict WHERE customer = ?
                   UNION ALL SELECT place, body FROM encounter WHERE customer = ?
                   UNION ALL SELECT place, body FROM output WHERE customer = ? ORDER BY 1""",
                (customer, customer, customer),
            )
        else:
            rows = self._read(
                """SELECT place, body FROM verdict WHERE customer = ? AND play = ?
                   UNION ALL SELECT place, body FROM output WHERE customer = ? AND play = ? ORDER BY 1""",
                (customer, play, customer, play),
            )
        return [decode_output(body) for _, body in rows]

    def events_of(self, customer: str) -> list[Recorded]:
        rows = self._read(
            f"SELECT {RECORDED} FROM event WHERE customer = ? ORDER BY seen_at, seq", (customer,)
        )
        return [Recorded(*row) for row in rows]

    def recorded(
        self, since: Mapping[int, int] | None = None, until: Mapping[int, int] | None = None
    ) -> Iterator[pa.RecordBatch]:
        where = self._between(since, until)
        for rows in self._db.stream(f"SELECT {RECORDED} FROM event {where} ORDER BY seen_at, seq, shard"):
            yield log_batch([Recorded(*row) for row in rows])

    def places(self) -> dict[int, int]:
        return {number: place for number, place in self._read("SELECT number, next_seq FROM shard")}

    def recorded_below(self, until: Mapping[int, int]) -> int:
        return int(self._read(f"SELECT count(*) FROM event {self._between(None, until)}")[0][0])

    def _between(self, since: Mapping[int, int] | None, until: Mapping[int, int] | None) -> str:
        if since is None and until is None:
            return ""
        bounds = []
        for number in range(self.shards):
            first, last = (since or {}).get(number, 0), None if until is None else until.get(number, 0)
            if last is None or last > first:
                which = f"shard = {number:d} AND " if self.shards > 1 else ""
                below = "" if last is None else f" AND seq < {last:d}"
                bounds.append(f"({which}seq >= {first:d}{below})")
        return f"WHERE {' OR '.join(bounds) or '1 = 0'}"

    def put_aside(self, rows: Sequence[Unusable]) -> None:
        with self._db.transaction():
            _put_aside(self._db, rows)

    def put_aside_rows(self, *, mended: bool = False) -> list[Unusable]:
        rows = self._read(f"SELECT {UNUSABLE} FROM quarantine WHERE mended = ? ORDER BY number", (mended,))
        return [unusable_from(row) for row in rows]

    def put_aside_row(self, number: int) -> Unusable | None:
        rows = self._read(f"SELECT {UNUSABLE} FROM quarantine WHERE number = ?", (number,))
        return unusable_from(rows[0]) if rows else None

    def put_aside_of(self, customer: str) -> list[Unusable]:
        columns = ", ".join(f"aside.{name}" for name in UNUSABLE.split(", "))
        rows = self._read(
            f"""SELECT {columns} FROM event JOIN quarantine AS aside
                ON aside.source = event.source AND aside.place = event.id
                WHERE event.customer = ? ORDER BY aside.number""",
            (customer,),
        )
        return [unusable_from(row) for row in rows]

    def mend(self, number: int) -> None:
        with self._db.transaction():
            if not self._db.run("UPDATE quarantine SET mended = ? WHERE number = ?", (True, number)):
                raise nothing_there(number)

    def close(self) -> None:
        self._db.close()

    def snapshots(self, customers: Sequence[str]) -> dict[str, Snapshot]:
        with self._db.alone():
            return snapshots(self._db, customers)

    def lanes(self, lanes: Sequence[Lane], before: int | None = None) -> dict[Lane, tuple[int, int]]:
        with self._db.alone():
            return closed_lanes(self._db, lanes, before)

    def events_after(self, customer: str, seen: int, seq: int, limit: int) -> list[Recorded]:
        with self._db.alone():
            return events_after(self._db, customer, seen, seq, limit)


class SqlTurn(SqlDraws, IdentityTurn, StatesOfTurn):
    """A turn: the transaction of an owner, once its epoch has been found to be the shard's."""

    def append(self, arrivals: Sequence[Arrival]) -> list[Fate]:
        check_arrivals(arrivals, self._db.shards, self.shard.number)
        return self._db.append(arrivals)

    def take(self, limit: int) -> list[Arrival]:
        rows = self._db.rows(
            f"""WITH oldest AS MATERIALIZED (SELECT number FROM inbox WHERE shard = ? ORDER BY number LIMIT ?)
                DELETE FROM inbox WHERE shard = ? AND number IN (SELECT number FROM oldest)
                RETURNING number, {ARRIVAL}""",
            (self.shard.number, limit, self.shard.number),
        )
        return [arrival_from(row[1:]) for row in sorted(rows)]

    def due(self, until: int, limit: int) -> list[str]:
        rows = self._db.rows(
            "SELECT customer FROM state WHERE shard = ? AND wake <= ? ORDER BY wake, customer LIMIT ?",
            (self.shard.number, until, limit),
        )
        return [customer for (customer,) in rows]

    def states(self, customers: Sequence[str]) -> dict[str, StateRow]:
        return _states(self._db, customers)

    def keep(
        self,
        events: Sequence[Recorded],
        states: Sequence[StateRow],
        outputs: Sequence[Output],
        messages: Sequence[Planned],
        contents: Sequence[Told] = (),
        *,
        ticked_to: int | None = None,
        pack: str = "",
    ) -> None:
        db, number = self._db, self.shard.number
        parts = split(outputs, self._place, pack)
        newest = {row.customer: (row.customer, number, *row[1:]) for row in states}
        for what, rows in (
            (EVENT, [event_row(event, number) for event in events]),
            (STATE, [*newest.values()]),
            (ENTERED, parts.entered),
            (ENDED, parts.ended),
            (VERDICT, parts.verdicts),
            (ENCOUNTER, parts.encounters),
            (OTHER, parts.others),
            (PLANNED, [planned_row(one) for one in messages]),
            (CONTENT, [tuple(one) for one in contents]),
            (KNOWN_BY, learnt(events)),
        ):
            if rows:
                db.write(what, rows)
        tell(db, happened_in(events, outputs))
        self._place += len(outputs)
        self._after = moved(self._after, events, ticked_to)

    def watch(self, customers: Sequence[str], clocks: Sequence[Clock]) -> None:
        self._db.run(f"DELETE FROM clock WHERE customer {self._db.among}", (self._db.texts(customers),))
        if clocks:
            self._db.write(CLOCK, [clock_row(one) for one in clocks])

    def announced(self, after: int = -1) -> list[Recorded]:
        return announced(self._db, after)

    def put_aside(self, rows: Sequence[Unusable]) -> None:
        _put_aside(self._db, rows)

    def move_on(self) -> None:
        """Write how far the shard has come, as the last thing of the turn."""
        if (self._after, self._place) == (self.shard, self._first_place):
            return
        _, _, *far = self._after
        self._db.run(
            "UPDATE shard SET last_seen = ?, ticked_to = ?, next_seq = ?, next_place = ? WHERE number = ?",
            (*far, self._place, self.shard.number),
        )


def _put_aside(session: Session, rows: Sequence[Unusable]) -> None:
    if rows:
        session.write(ASIDE, [unusable_row(row) for row in rows])


def _states(session: Session, customers: Sequence[str]) -> dict[str, StateRow]:
    rows = session.rows(
        f"SELECT customer, wake, program, data, since FROM state WHERE customer {session.among}",
        (session.texts(customers),),
    )
    return {row[0]: StateRow(*row) for row in rows}
