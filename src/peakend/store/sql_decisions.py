"""What people decided, in a database: publications, pauses and switches, whose signature counts.

An input that concerns all customers is written while no turn runs, so that every turn before it was seen
before it, in every shard, and every turn after it knows it.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import astuple, replace

from peakend.model.publication import Paused, Publication, Signer, Switch
from peakend.model.stored import Recorded
from peakend.store import schema
from peakend.store.decisions import (
    ALL,
    announcement,
    check_signer,
    closed_switches,
    packed,
    paused,
    publication_from,
    revived_by,
)
from peakend.store.hooks import pack_published
from peakend.store.refusals import nothing_there
from peakend.store.rows import RECORDED, cause_of, event_row, shard_of, storable
from peakend.store.schema import insert
from peakend.store.session import Session
from peakend.store.sql_hooks import tell

EVENT = insert(schema.event)
PUBLICATION = insert(schema.publication)
SWITCH = insert(schema.switch, tail="ON CONFLICT (play, channel) DO NOTHING")
SIGNER = insert(schema.signer)
_PUBLICATION = "seen_at, hash, pack, who, backtest, approved, files"


class SqlDecisions:
    """The part of a store in a database that keeps decisions; `_db` and `shards` are the store's."""

    shards: int
    _db: Session

    def announce(self, kind: str, data: dict[str, str], now: int) -> Recorded:
        with self._db.transaction():
            return self._announce(kind, data, now)

    def announced(self) -> list[Recorded]:
        with self._db.alone():
            return announced(self._db)

    def publish(self, publication: Publication, now: int) -> Publication:
        with self._db.transaction():
            data = {"hash": publication.hash}
            before = self._publications("ORDER BY seen_at DESC LIMIT 1")
            switches = self._switches()
            if revived := revived_by(publication, before, switches):
                data["revived"] = ",".join(revived)
            kept = replace(publication, seen=self._announce("pack.published", data, now).seen)
            (seen, *texts), files = (kept.seen, *astuple(kept)[:3]), packed(kept.files)
            self._db.write(PUBLICATION, [(seen, *texts, kept.backtest, kept.approved, files)])
            for play in revived:
                self._db.run("DELETE FROM switch WHERE play = ? AND stopped", (play,))
            tell(self._db, pack_published(kept))
            return kept

    def publications(self, hash_: str | None = None) -> list[Publication]:
        with self._db.alone():
            if hash_ is None:
                return self._publications("ORDER BY seen_at")
            return self._publications("WHERE hash = ? ORDER BY seen_at", (hash_,))

    def published_hash(self) -> str:
        with self._db.alone():
            rows = self._db.rows("SELECT hash FROM publication ORDER BY seen_at DESC LIMIT 1")
        return str(rows[0][0]) if rows else ""

    def hold_sends(self, switch: Switch) -> bool:
        with self._db.transaction():
            known = closed_switches(self._switches(), switch.play, switch.channel)
            if any(one.stopped or not switch.stopped for one in known):
                return False
            for one in known:
                self._db.run("DELETE FROM switch WHERE play = ? AND channel = ?", (one.play, one.channel))
            self._db.write(SWITCH, [astuple(switch)])
            if switch.stopped:
                self._announce("play.stopped", {"play": switch.play}, switch.since)
            return True

    def free_sends(self, play: str, channel: str) -> bool:
        with self._db.transaction():
            gone = self._db.run(
                "DELETE FROM switch WHERE play = ? AND channel = ? AND NOT stopped", (play, channel)
            )
        return gone > 0

    def switches(self) -> list[Switch]:
        with self._db.alone():
            return self._switches()

    def paused(self) -> Paused:
        return paused(self.switches())

    def trust(self, signer: Signer) -> None:
        with self._db.transaction():
            check_signer(signer, self._signers())
            self._db.write(SIGNER, [astuple(signer)])

    def signers(self) -> list[Signer]:
        with self._db.alone():
            return self._signers()

    def open_runs(self) -> dict[str, int]:
        with self._db.alone():
            rows = self._db.rows(
                "SELECT play, count(*) FROM run WHERE how IS NULL GROUP BY play ORDER BY play"
            )
        return {play: number for play, number in rows}

    def message_counts(self) -> dict[str, int]:
        with self._db.alone():
            rows = self._db.rows("SELECT state, count(*) FROM message GROUP BY state ORDER BY state")
        return {state: number for state, number in rows}

    def still_aside(self, number: int, reason_zh: str, reason_en: str) -> None:
        with self._db.transaction():
            found = self._db.run(
                "UPDATE quarantine SET reason_zh = ?, reason_en = ?, cause = ? WHERE number = ?",
                (storable(reason_zh), storable(reason_en), cause_of(reason_en), number),
            )
            if not found:
                raise nothing_there(number)

    def event(self, source: str, id_: str) -> Recorded | None:
        with self._db.alone():
            rows = self._db.rows(f"SELECT {RECORDED} FROM event WHERE source = ? AND id = ?", (source, id_))
        return Recorded(*rows[0]) if rows else None

    def _announce(self, kind: str, data: dict[str, str], now: int) -> Recorded:
        if self._db.keep_turns_out:
            self._db.run(self._db.keep_turns_out)
        ((last, ticked),) = self._db.rows("SELECT max(last_seen), max(ticked_to) FROM shard")
        home = shard_of("", self.shards)
        ((following,),) = self._db.rows(
            "UPDATE shard SET next_seq = next_seq + 1 WHERE number = ? RETURNING next_seq", (home,)
        )
        made = announcement(kind, data, now, max(now, last + 1, ticked + 1), following - 1)
        self._db.write(EVENT, [event_row(made, home)])
        self._db.run("UPDATE shard SET last_seen = ?", (made.seen,))
        return made

    def _publications(self, tail: str, parameters: Sequence[str] = ()) -> list[Publication]:
        rows = self._db.rows(f"SELECT {_PUBLICATION} FROM publication {tail}", parameters)
        return [publication_from(row) for row in rows]

    def _switches(self) -> list[Switch]:
        rows = self._db.rows("SELECT play, channel, stopped, since, who FROM switch ORDER BY play, channel")
        return [
            Switch(play=play, channel=channel, stopped=bool(stopped), since=since, who=who)
            for play, channel, stopped, since, who in rows
        ]

    def _signers(self) -> list[Signer]:
        rows = self._db.rows("SELECT name, public, since FROM signer ORDER BY name")
        return [Signer(name=name, public=public, since=since) for name, public, since in rows]


def announced(session: Session, after: int = -1) -> list[Recorded]:
    """The inputs that concern all customers, in the order in which they were seen."""
    rows = session.rows(
        f"SELECT {RECORDED} FROM event WHERE source = ? AND seen_at > ? ORDER BY seen_at", (ALL, after)
    )
    return [Recorded(*row) for row in rows]
