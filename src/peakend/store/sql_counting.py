"""Counts in a database, each along an index that holds all it needs, and what is new since a place."""

from __future__ import annotations

from typing import Final

from peakend.model.looked import (
    AsideCount,
    BreachCount,
    CardCount,
    EncounterCount,
    ExposureCount,
    MessageCount,
    News,
    Reach,
    VerdictCount,
)
from peakend.model.stored import Recorded
from peakend.store.paging import NEWEST, REACHED, UNDER_WAY, place_of, text_of
from peakend.store.rows import RECORDED, Row, storable
from peakend.store.session import Session
from peakend.store.sql_looking import TO_DO

_MOST_CAUSES: Final = 500
_PULSE: Final = """SELECT (SELECT sum(next_seq) FROM shard), (SELECT sum(next_place) FROM shard),
    (SELECT coalesce(max(number), 0) FROM message),
    (SELECT coalesce(max(changed), 0) FROM message WHERE changed > 0),
    (SELECT coalesce(max(number), 0) FROM note), (SELECT coalesce(max(number), 0) FROM note_act),
    (SELECT coalesce(max(number), 0) FROM quarantine)"""


class SqlCounting:
    """The part of a store in a database that counts; `_db` is the store's."""

    _db: Session

    def verdict_counts(self, since: int, until: int, play: str = "") -> list[VerdictCount]:
        rows = self._counted(
            f"""SELECT play, outcome, reason, count(*) FROM verdict
                WHERE instant >= ? AND instant < ? {"AND play = ?" if play else ""}
                GROUP BY play, outcome, reason ORDER BY play, outcome, reason""",
            (since, until, *([storable(play)] if play else [])),
        )
        return [VerdictCount(*row) for row in rows]

    def exposure_counts(self) -> list[ExposureCount]:
        rows = self._counted(
            """SELECT play, what, count(*) FROM output AS one WHERE type = 'exposed'
               AND NOT EXISTS (SELECT 1 FROM output AS merge WHERE merge.type = 'merged'
                   AND (merge.what = one.customer
                       OR (merge.customer = one.customer AND merge.place > one.place)))
               GROUP BY play, what ORDER BY play, what""",
            (),
        )
        return [ExposureCount(*row) for row in rows]

    def encounter_counts(self, since: int, until: int, *, settled: bool) -> list[EncounterCount]:
        with self._db.alone():
            found = [row for point in self._touchpoints() for row in self._felt(point, settled, since, until)]
        return [EncounterCount(*row) for row in found]

    def breach_counts(self, since: int, until: int) -> list[BreachCount]:
        rows = self._counted(
            """SELECT what, count(*) FROM output WHERE type = 'breached' AND instant >= ? AND instant < ?
               GROUP BY what ORDER BY what""",
            (since, until),
        )
        return [BreachCount(*row) for row in rows]

    def sent_counts(self, since: int, until: int) -> list[MessageCount]:
        rows = self._counted(
            """SELECT channel, rank, state, count(*) FROM message WHERE since >= ? AND since < ?
               GROUP BY channel, rank, state ORDER BY channel, rank, state""",
            (since, until),
        )
        return [MessageCount(*row) for row in rows]

    def card_counts(self, now: int) -> list[CardCount]:
        rows = self._counted(
            f"""SELECT who, count(*), min(at), sum(CASE WHEN until <= ? THEN 1 ELSE 0 END) FROM note
                WHERE {TO_DO} AND (state <> 'snoozed' OR snoozed <= ?) GROUP BY who ORDER BY who""",
            (now, now),
        )
        return [CardCount(who, number, oldest, int(late)) for who, number, oldest, late in rows]

    def aside_counts(self) -> list[AsideCount]:
        rows = self._counted(
            f"""SELECT counted.source, counted.cause, reason_zh, reason_en, counted.times
                FROM (SELECT source, cause, max(number) AS number, count(*) AS times FROM quarantine
                      WHERE mended = ? GROUP BY source, cause) AS counted
                JOIN quarantine ON quarantine.number = counted.number
                ORDER BY counted.times DESC, counted.source, counted.cause LIMIT {_MOST_CAUSES}""",
            (False,),
        )
        return [AsideCount(*row) for row in rows]

    def reach_of(self, subject: str, at: int, since: int) -> Reach:
        told = f"""SELECT count(DISTINCT customer) FROM message
            WHERE since >= ? AND channel <> 'card' AND state {self._db.among}
              AND EXISTS (SELECT 1 FROM relation WHERE relation.subject = ?
                AND relation.customer = message.customer AND begins <= ? AND ends > ?)"""
        of = storable(subject), at, at
        rows = self._counted(
            f"""SELECT (SELECT count(DISTINCT customer) FROM relation
                        WHERE subject = ? AND begins <= ? AND ends > ?), ({told}), ({told})""",
            (
                *of,
                *(since, self._db.texts(REACHED), *of),
                *(since, self._db.texts(UNDER_WAY), *of),
            ),
        )
        return Reach(*map(int, rows[0]))

    def news(self, after: str = "") -> News:
        with self._db.alone():
            before = place_of(after, (int,) * 7)
            pulse = tuple(int(one) for one in self._db.rows(_PULSE)[0])
            events = max(pulse[0] - before[0], 0) if before else 0
            newest: list[Row] = []
            if events:
                newest = self._db.rows(
                    f"SELECT {RECORDED} FROM event ORDER BY seen_at DESC, seq DESC, shard DESC LIMIT ?",
                    (min(events, NEWEST),),
                )
        changed = [one != known for one, known in zip(pulse, before or pulse, strict=True)]
        return News(
            events,
            changed[1],
            changed[2] or changed[3],
            changed[4] or changed[5],
            changed[6],
            [Recorded(*row) for row in newest],
            text_of(pulse),
        )

    def _counted(self, statement: str, parameters: Row) -> list[Row]:
        with self._db.alone():
            return self._db.rows(statement, parameters)

    def _touchpoints(self) -> list[str]:
        """All touchpoints that encounters have, read one by one from the index."""
        found: list[str] = []
        while True:
            after = found[-1] if found else ""
            ((point,),) = self._db.rows(
                "SELECT min(touchpoint) FROM encounter WHERE touchpoint > ?", (after,)
            )
            if point is None:
                return found
            found.append(str(point))

    def _felt(self, point: str, settled: bool, since: int, until: int) -> list[Row]:
        return self._db.rows(
            """SELECT touchpoint, state, count(*) FROM encounter
               WHERE touchpoint = ? AND settled = ? AND instant >= ? AND instant < ?
               GROUP BY touchpoint, state ORDER BY state""",
            (point, settled, since, until),
        )
