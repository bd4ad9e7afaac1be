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
from peakend.model.outcome import State
from peakend.model.stored import Recorded
from peakend.store.paging import CAUSES, NEWEST, REACHED, UNDER_WAY, place_of, text_of
from peakend.store.rows import RECORDED, Row, storable
from peakend.store.session import Session
from peakend.store.sql_looking import TO_DO

_FELT: Final[tuple[State, ...]] = ("magical", "miserable", "neutral")
_PULSE: Final = """SELECT (SELECT sum(next_seq) FROM shard), (SELECT sum(next_place) FROM shard),
    (SELECT coalesce(max(number), 0) FROM message),
    (SELECT coalesce(max(changed), 0) FROM message WHERE changed > 0),
    (SELECT coalesce(max(number), 0) FROM note), (SELECT coalesce(max(number), 0) FROM note_act),
    (SELECT coalesce(max(number), 0) FROM quarantine)"""


class SqlCounting:
    """The part of a store in a database that counts; `_db` is the store's."""

    _db: Session

    def verdict_counts(self, since: int, until: int, play: str = "") -> list[VerdictCount]:
        with self._db.alone():
            plays = [storable(play)] if play else self._values("verdict", "play")
            found = list[Row]()
            for name in plays:
                for outcome in self._values("verdict", "outcome", play=name):
                    # A clean send has no reason, which is a value, too.
                    for reason in ["", *self._values("verdict", "reason", play=name, outcome=outcome)]:
                        number = self._decided((name, outcome, reason, since, until))
                        found += [(name, outcome, reason, number)] if number else []
        return [VerdictCount(*row) for row in found]

    def encounter_counts(self, since: int, until: int, *, settled: bool) -> list[EncounterCount]:
        with self._db.alone():
            points = self._values("encounter", "touchpoint")
            return [one for point in points for one in self._felt(point, settled, since, until)]

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
                ORDER BY counted.times DESC, counted.source, counted.cause LIMIT {CAUSES}""",
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

    def _values(self, table: str, column: str, **equal: str) -> list[str]:
        """The values of a column but '', read one by one from an index that begins with those of `equal`."""
        where = "".join(f"{name} = ? AND " for name in equal)
        found: list[str] = []
        while True:
            after = found[-1] if found else ""
            ((value,),) = self._db.rows(
                f"SELECT min({column}) FROM {table} WHERE {where}{column} > ?", (*equal.values(), after)
            )
            if value is None:
                return found
            found.append(str(value))

    def _decided(self, of: Row) -> int:
        rows = self._db.rows(
            """SELECT count(*) FROM verdict WHERE play = ? AND outcome = ? AND reason = ?
                 AND instant >= ? AND instant < ?""",
            of,
        )
        return int(rows[0][0])

    def _felt(self, point: str, settled: bool, since: int, until: int) -> list[EncounterCount]:
        """Three sums in one run along the index: a grouping would sort all of it first."""
        sums = ", ".join(f"sum(CASE WHEN state = '{one}' THEN 1 ELSE 0 END)" for one in _FELT)
        rows = self._db.rows(
            f"""SELECT {sums} FROM encounter
                WHERE touchpoint = ? AND settled = ? AND instant >= ? AND instant < ?""",
            (point, settled, since, until),
        )
        return [
            EncounterCount(point, state, int(number))
            for state, number in zip(_FELT, rows[0], strict=True)
            if number
        ]
