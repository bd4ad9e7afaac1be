"""Messages in a database: who may hand one over, what became of it, and the notes that people fetch.

A change of a message and what follows from it, another delivery or an input, are one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from peakend.model.stored import Arrival, Delivery, Message, Note, NoteState, Planned
from peakend.store import schema
from peakend.store.hooks import card_made
from peakend.store.rows import (
    MESSAGE,
    NOTE,
    Row,
    check_arrivals,
    digest,
    message_from,
    note_from,
    note_row,
    planned_row,
    shard_of,
    storable,
)
from peakend.store.schema import insert
from peakend.store.session import Session
from peakend.store.sql_hooks import tell

PLANNED = insert(schema.message, without=("number", "worker"), tail="ON CONFLICT (send_key) DO NOTHING")
_NOTED = insert(
    schema.note,
    without=("number",),
    tail="ON CONFLICT (send_key) DO UPDATE SET subject = excluded.subject, body = excluded.body, "
    "severity = excluded.severity, link = excluded.link",
)
_HELD = "state IN ('claimed', 'handed')"


class SqlMessages:
    """The part of a store that is about messages on their way."""

    def __init__(self, session: Session) -> None:
        self._db = session

    def claim_messages(
        self,
        worker: str,
        now: int,
        lease: int,
        limit: int,
        *,
        channels: Sequence[str] | None = None,
        spared: Sequence[str] = (),
    ) -> list[Message]:
        claimed: list[Row] = []
        with self._db.transaction():
            self._db.run(
                f"""WITH lost AS (SELECT number FROM message WHERE {_HELD} AND lease <= ?
                                  {self._db.skip_locked})
                    UPDATE message SET changed = ?,
                      state = CASE WHEN state = 'handed' AND at_most_once THEN 'unknown' ELSE 'planned' END
                    WHERE number IN (SELECT number FROM lost)""",
                (now, now),
            )
            wanted = self._channels() if channels is None else channels
            rank = self._next_rank(wanted, -1)
            while len(claimed) < limit and rank is not None:
                for channel in wanted:
                    chosen = (rank, channel, now, self._db.texts(spared), limit - len(claimed))
                    claimed += self._claim_of(chosen, (now + lease, now, worker))
                rank = self._next_rank(wanted, rank)
        return [message_from(row[1:]) for row in claimed]

    def waiting_channels(self, now: int) -> list[str]:
        with self._db.alone():
            return [channel for channel in self._channels() if self._earliest(channel) <= now]

    def move(
        self,
        send_key: str,
        token: int,
        state: Delivery,
        now: int,
        *,
        receipt: str = "",
        since: int | None = None,
        then: Sequence[Planned] = (),
        tell: Sequence[Arrival] = (),
    ) -> bool:
        check_arrivals(tell, self._db.shards)
        with self._db.transaction():
            changed = self._db.run(
                f"""UPDATE message SET state = ?, changed = ?, attempts = attempts + ?,
                      since = coalesce(?, since), receipt = coalesce(nullif(?, ''), receipt)
                    WHERE send_key = ? AND token = ? AND {_HELD}""",
                (state, now, int(state == "handed"), since, storable(receipt), send_key, token),
            )
            return self._follow(changed, then, tell)

    def decide(
        self,
        send_key: str,
        state: Delivery,
        now: int,
        receipt: str,
        *,
        then: Sequence[Planned] = (),
        tell: Sequence[Arrival] = (),
    ) -> bool:
        check_arrivals(tell, self._db.shards)
        with self._db.transaction():
            changed = self._db.run(
                f"""UPDATE message SET state = ?, changed = ?, receipt = coalesce(nullif(?, ''), receipt)
                    WHERE send_key = ? AND NOT {_HELD}""",
                (state, now, storable(receipt), send_key),
            )
            return self._follow(changed, then, tell)

    def hold_for_review(self, now: int) -> int:
        with self._db.transaction():
            return self._db.run(
                "UPDATE message SET state = 'review', changed = ? WHERE state IN ('planned', 'claimed')",
                (now,),
            )

    def messages(self, customer: str | None = None, states: Sequence[Delivery] = ()) -> list[Message]:
        wanted, parameters = ["1 = 1"], []
        if customer is not None:
            wanted.append("customer = ?")
            parameters.append(customer)
        if states:
            wanted.append(f"state {self._db.among}")
            parameters.append(self._db.texts(states))
        return self._messages(" AND ".join(wanted), parameters)

    def delivery(self, send_key: str) -> Message | None:
        return next(iter(self._messages("send_key = ?", (send_key,))), None)

    def deliveries_like(self, beginning: str) -> list[Message]:
        return self._messages("send_key >= ? AND send_key < ?", (beginning, beginning + "~"))

    def deliveries_of(self, message: str) -> list[Message]:
        return self._messages("message = ?", (message,))

    def contents(self, message: str) -> list[bytes]:
        rows = self._read("SELECT body FROM content WHERE message = ? ORDER BY instant, part", (message,))
        return [bytes(body) for (body,) in rows]

    def how_ended(self, customer: str, play: str, key: str, occurrence: int) -> str | None:
        rows = self._read(
            "SELECT how FROM run WHERE customer = ? AND play = ? AND lane = ? AND occurrence = ?",
            (customer, play, digest(key), occurrence),
        )
        return rows[0][0] if rows else None

    def put_note(self, note: Note) -> None:
        with self._db.transaction():
            told = card_made(note)
            if told and self._db.rows("SELECT 1 FROM note WHERE send_key = ?", (storable(note.send_key),)):
                told = []
            self._db.write(_NOTED, [note_row(note)])
            tell(self._db, told)

    def notes(
        self, *, kind: str = "", customer: str = "", who: str = "", states: Sequence[NoteState] = ()
    ) -> list[Note]:
        named = {"kind": kind, "customer": customer, "who": who}
        wanted = ["1 = 1", *(f"{column} = ?" for column, value in named.items() if value)]
        parameters = [value for value in named.values() if value]
        if states:
            wanted.append(f"state {self._db.among}")
            parameters.append(self._db.texts(states))
        rows = self._read(f"SELECT {NOTE} FROM note WHERE {' AND '.join(wanted)} ORDER BY number", parameters)
        return [note_from(row) for row in rows]

    def start(self, worker: str) -> int:
        with self._db.transaction():
            rows = self._db.rows(
                """INSERT INTO start (worker, epoch) VALUES (?, 1)
                   ON CONFLICT (worker) DO UPDATE SET epoch = start.epoch + 1 RETURNING epoch""",
                (worker,),
            )
        return int(rows[0][0])

    def starts(self) -> dict[str, int]:
        return {worker: int(epoch) for worker, epoch in self._read("SELECT worker, epoch FROM start")}

    def owners(self, now: int) -> set[str]:
        rows = self._read("SELECT DISTINCT owner FROM shard WHERE owner IS NOT NULL AND lease > ?", (now,))
        return {str(owner) for (owner,) in rows}

    def busy(self, now: int) -> set[int]:
        rows = self._read(
            """SELECT number FROM shard
               WHERE EXISTS (SELECT 1 FROM inbox WHERE inbox.shard = shard.number)
                  OR EXISTS (SELECT 1 FROM state WHERE state.shard = shard.number AND wake <= ?)
                  OR EXISTS (SELECT 1 FROM alias WHERE waits = shard.number)
                  OR number = ? AND EXISTS (SELECT 1 FROM fan_out)""",
            (now, shard_of("", self._db.shards)),
        )
        return {int(number) for (number,) in rows}

    def overdue(self, now: int) -> int:
        rows = self._read(
            """SELECT (SELECT count(*) FROM state WHERE wake <= ?)
                    + (SELECT count(*) FROM message WHERE state = 'planned' AND since <= ?)""",
            (now, now),
        )
        return int(rows[0][0])

    def _read(self, statement: str, parameters: Sequence[Any] = ()) -> list[Row]:
        with self._db.alone():
            return self._db.rows(statement, parameters)

    def _messages(self, condition: str, parameters: Sequence[Any]) -> list[Message]:
        rows = self._read(f"SELECT {MESSAGE} FROM message WHERE {condition} ORDER BY number", parameters)
        return [message_from(row) for row in rows]

    def _follow(self, changed: int, then: Sequence[Planned], tell: Sequence[Arrival]) -> bool:
        """Write what a change of a message leads to, if it was changed at all."""
        if changed and then:
            self._db.write(PLANNED, [planned_row(one) for one in then])
        if changed and tell:
            self._db.append(tell)
        return changed > 0

    def _channels(self) -> list[str]:
        """The channels on which something is planned, read one by one from the index."""
        found: list[str] = []
        while True:
            after = found[-1] if found else ""
            rows = self._db.rows(
                "SELECT min(channel) FROM message WHERE state = 'planned' AND channel > ?", (after,)
            )
            if rows[0][0] is None:
                return found
            found.append(str(rows[0][0]))

    def _earliest(self, channel: str) -> int:
        """The earliest `since` of what is planned on a channel: read rank by rank, not sorted."""
        found, rank = [], self._next_rank([channel], -1)
        while rank is not None:
            statement = "SELECT min(since) FROM message WHERE state = 'planned' AND channel = ? AND rank = ?"
            found.append(int(self._db.rows(statement, (channel, rank))[0][0]))
            rank = self._next_rank([channel], rank)
        return min(found)

    def _next_rank(self, channels: Sequence[str], rank: int) -> int | None:
        """The next rank of which something is planned: read rank by rank, the queue need not be sorted."""
        found = [
            self._db.rows(
                "SELECT min(rank) FROM message WHERE state = 'planned' AND channel = ? AND rank > ?",
                (channel, rank),
            )[0][0]
            for channel in channels
        ]
        return min((int(one) for one in found if one is not None), default=None)

    def _claim_of(self, chosen: tuple[Any, ...], claim: tuple[Any, ...]) -> list[Row]:
        """Rows of one rank and channel with their number before them, the earliest first."""
        rows = self._db.rows(
            f"""WITH chosen AS MATERIALIZED (
                  SELECT number FROM message WHERE state = 'planned' AND rank = ? AND channel = ?
                    AND since <= ? AND NOT play {self._db.among}
                  ORDER BY since, number LIMIT ? {self._db.skip_locked})
                UPDATE message SET state = 'claimed', token = token + 1, lease = ?, changed = ?, worker = ?
                WHERE number IN (SELECT number FROM chosen) RETURNING number, {MESSAGE}""",
            (*chosen, *claim),
        )
        since = 1 + MESSAGE.split(", ").index("since")
        return sorted(rows, key=lambda row: (row[since], row[0]))
