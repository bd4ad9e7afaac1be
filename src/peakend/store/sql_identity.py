"""Statements about who is who: names that have gone, relations to subjects, events on their way to many."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from peakend.model.event import JOINED
from peakend.model.stored import OURS, Alias, Arrival, Fan, Identified, Relation, joined_as
from peakend.store import schema
from peakend.store.erasing import known_hashes
from peakend.store.rows import arrival_rows, digest, parts, shard_of
from peakend.store.schema import insert
from peakend.store.session import Session
from peakend.store.sql_turn import OpenTurn

_INBOX, _RELATION, _FAN = insert(schema.inbox), insert(schema.relation), insert(schema.fan_out)
_ALIAS = "customer, whom, since, waits"
_RELATED = "customer, subject, begins, ends, learnt"
_JOINED = f"'{joined_as('')}' || alias.customer"
_FANNED = "source, id, kind, happened_at, subject, data, seen_at, seq, after"


class IdentityTurn(OpenTurn):
    """The part of a turn that knows several names of one customer."""

    def shard_of(self, customer: str) -> int:
        return shard_of(customer, self._db.shards)

    def identities(self, names: Sequence[str], *, merging: bool) -> Identified:
        if merging:
            self._db.lock_merges()
        rows = self._db.rows(
            f"""SELECT {_ALIAS}, place FROM alias WHERE customer {self._db.among}
                UNION SELECT {_ALIAS}, place FROM alias WHERE waits = ? ORDER BY 3, 1""",
            (self._db.texts(names), self.shard.number),
        )
        found = [Alias(*row[:-1]) for row in rows]
        behind = [row[-1] for row in rows if row[3] == self.shard.number]
        self._place = max(self._place, *behind, 0)
        waiting = [one for one in found if one.waits == self.shard.number]
        return Identified({one.customer: one.whom for one in found}, waiting)

    def rename(self, aliases: Sequence[Alias]) -> None:
        for one in aliases:
            self._db.run("UPDATE alias SET whom = ? WHERE whom = ?", (one.whom, one.customer))
            self._db.run(f"INSERT INTO alias ({_ALIAS}, place) VALUES (?, ?, ?, ?, ?)", (*one, self._place))

    def joined(self, formers: Sequence[str]) -> None:
        if formers:
            names = (self._db.texts(formers),)
            self._db.run(f"UPDATE alias SET waits = NULL WHERE customer {self._db.among}", names)
            self._db.run(f"DELETE FROM state WHERE customer {self._db.among}", names)
            self._db.run(f"DELETE FROM snapshot WHERE customer {self._db.among}", names)
            self._db.run(f"DELETE FROM clock WHERE customer {self._db.among}", names)

    def pass_on(self, arrivals: Sequence[tuple[Arrival, str]]) -> None:
        if arrivals:
            found, whose = zip(*arrivals, strict=True)
            numbers = self._db.numbers(len(found))
            self._db.write(_INBOX, arrival_rows(found, self._db.shards, numbers, whose))

    def names_within(self, customer: str) -> list[str]:
        return names_within(self._db, [customer])[customer]

    def relations(self, customers: Sequence[str]) -> list[Relation]:
        rows = self._db.rows(
            f"SELECT {_RELATED} FROM relation WHERE customer {self._db.among}", (self._db.texts(customers),)
        )
        return [Relation(*row) for row in rows]

    def relate(self, customers: Sequence[str], relations: Sequence[Relation]) -> None:
        self._db.run(f"DELETE FROM relation WHERE customer {self._db.among}", (self._db.texts(customers),))
        if relations:
            self._db.write(_RELATION, relations)

    def fan_out(self, fans: Sequence[Fan]) -> None:
        if fans:
            self._db.write(_FAN, fans)

    def fan(self) -> Fan | None:
        rows = self._db.rows(f"SELECT {_FANNED} FROM fan_out ORDER BY seen_at, seq LIMIT 1")
        return Fan(*rows[0]) if rows else None

    def related(self, fan: Fan, limit: int) -> list[str]:
        rows = self._db.rows(
            """SELECT DISTINCT customer FROM relation
               WHERE subject = ? AND customer > ? AND begins <= ? AND ends > ? AND learnt <= ?
               ORDER BY customer LIMIT ?""",
            (fan.subject, fan.after, fan.at, fan.at, fan.seen, limit),
        )
        return [customer for (customer,) in rows]

    def fanned(self, fan: Fan, copies: Sequence[Arrival], after: str | None) -> None:
        self._db.append(copies)
        place = (fan.source, fan.id)
        if after is None:
            self._db.run("DELETE FROM fan_out WHERE source = ? AND id = ?", place)
        else:
            self._db.run("UPDATE fan_out SET after = ? WHERE source = ? AND id = ?", (after, *place))

    def spent(self, send_keys: Sequence[str]) -> set[str]:
        return known_hashes(self._db, "send_key", send_keys)


def names_within(session: Session, customers: Collection[str]) -> dict[str, list[str]]:
    """By customer the names whose states are part of hers by now, her own first."""
    rows = session.rows(
        f"SELECT whom FROM alias WHERE customer {session.among}", (session.texts([*customers]),)
    )
    known_by = session.texts([*{*customers, *(whom for (whom,) in rows)}])
    rows = session.rows(
        f"""SELECT alias.customer, event.customer FROM alias JOIN event
            ON event.source = ? AND event.id = {_JOINED} WHERE alias.whom {session.among}""",
        (OURS, known_by),
    )
    return parts(dict(rows), customers)


def carried_to(
    session: Session, customer: str, play: str, key: str, occurrence: int
) -> tuple[str, int] | None:
    """Where a run goes on that ended as carried; of several of one entry's instant, the one of its rank."""
    lane = play, digest(key)
    before = session.rows(
        """SELECT one.occurrence FROM run JOIN run AS one ON one.customer = run.customer
             AND one.play = run.play AND one.lane = run.lane AND one.how = 'carried'
             AND one.entered_at = run.entered_at AND one.ended_seen_at = run.ended_seen_at
           WHERE run.customer = ? AND run.play = ? AND run.lane = ? AND run.occurrence = ?
           ORDER BY one.occurrence""",
        (customer, *lane, occurrence),
    )
    behind = session.rows(
        f"""SELECT there.customer, there.occurrence FROM event
            JOIN run ON run.customer = ? AND run.play = ? AND run.lane = ? AND run.occurrence = ?
            JOIN run AS there ON there.customer = event.customer AND there.play = run.play
              AND there.lane = run.lane AND there.entry_kind = '{JOINED}'
              AND there.entered_at = run.entered_at AND there.entered_seen_at = run.ended_seen_at
            WHERE event.source = ? AND event.id = ? ORDER BY there.occurrence""",
        (customer, *lane, occurrence, OURS, joined_as(customer)),
    )
    rank = sum(number < occurrence for (number,) in before)
    return (str(behind[rank][0]), int(behind[rank][1])) if rank < len(behind) else None
