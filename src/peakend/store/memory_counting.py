"""Counts from memory, and what is new since a place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

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
from peakend.model.outcome import Breached, Encountered, Exposed, Merged, Verdict
from peakend.model.stored import Unusable
from peakend.store.memory_looking import MemoryLooking, waits
from peakend.store.paging import CAUSES, NEWEST, REACHED, UNDER_WAY, place_of, text_of
from peakend.store.rows import cause_of


class MemoryCounting(MemoryLooking):
    """The part of a store in memory that counts."""

    def verdict_counts(self, since: int, until: int, play: str = "") -> list[VerdictCount]:
        with self._alone():
            found = Counter(
                (one.play, one.outcome, one.reason)
                for _, one in self._concluded("")
                if isinstance(one, Verdict) and play in ("", one.play) and since <= one.instant < until
            )
            return [VerdictCount(*key, number) for key, number in sorted(found.items())]

    def exposure_counts(self) -> list[ExposureCount]:
        with self._alone():
            rows = list(self._concluded(""))
            gone = {one.former for _, one in rows if isinstance(one, Merged)}
            joined = {one.customer: row.place for row, one in rows if isinstance(one, Merged)}
            found = Counter(
                (one.play, one.arm)
                for row, one in rows
                if isinstance(one, Exposed)
                and one.customer not in gone
                and row.place > joined.get(one.customer, -1)
            )
            return [ExposureCount(*key, number) for key, number in sorted(found.items())]

    def encounter_counts(self, since: int, until: int, *, settled: bool) -> list[EncounterCount]:
        with self._alone():
            found = Counter(
                (one.touchpoint, one.state)
                for _, one in self._concluded("")
                if isinstance(one, Encountered) and one.settled == settled and since <= one.instant < until
            )
            return [EncounterCount(*key, number) for key, number in sorted(found.items())]

    def breach_counts(self, since: int, until: int) -> list[BreachCount]:
        with self._alone():
            found = Counter(
                f"{one.touchpoint}.{one.standard}"
                for _, one in self._concluded("")
                if isinstance(one, Breached) and since <= one.instant < until
            )
            return [BreachCount(*one) for one in sorted(found.items())]

    def sent_counts(self, since: int, until: int) -> list[MessageCount]:
        with self._alone():
            found = Counter(
                (one.planned.channel, one.planned.rank, one.state)
                for one in self._messages.values()
                if since <= one.planned.since < until
            )
            return [MessageCount(*key, number) for key, number in sorted(found.items())]

    def card_counts(self, now: int) -> list[CardCount]:
        with self._alone():
            waiting = [one for one in self._notes.values() if waits(one, now)]
            counts = []
            for who in sorted({one.who for one in waiting}):
                own = [one for one in waiting if one.who == who]
                late = sum(one.until <= now for one in own)
                counts.append(CardCount(who, len(own), min(one.at for one in own), late))
            return counts

    def aside_counts(self) -> list[AsideCount]:
        with self._alone():
            groups: dict[tuple[str, str], list[Unusable]] = {}
            for one in self._aside:
                if not one.mended:
                    groups.setdefault((one.source, cause_of(one.reason_en)), []).append(one)
            found = [
                AsideCount(*key, rows[-1].reason_zh, rows[-1].reason_en, len(rows))
                for key, rows in groups.items()
            ]
            return sorted(found, key=lambda one: (-one.number, one.source, one.cause))[:CAUSES]

    def reach_of(self, subject: str, at: int, since: int) -> Reach:
        with self._alone():
            concerned = self._concerned(subject, at)
            told = [
                one
                for one in self._messages.values()
                if one.planned.since >= since
                and one.planned.channel != "card"
                and one.planned.customer in concerned
            ]

            def number(states: Sequence[str]) -> int:
                return len({one.planned.customer for one in told if one.state in states})

            return Reach(len(concerned), number(REACHED), number(UNDER_WAY))

    def news(self, after: str = "") -> News:
        with self._alone():
            before = place_of(after, (int,) * 7)
            pulse = (
                sum(one.next_seq for one in self._shards),
                sum(self._kept.places.values()),
                len(self._messages),
                max((one.changed for one in self._messages.values()), default=0),
                len(self._notes),
                self._acted,
                self._numbered,
            )
            events = max(pulse[0] - before[0], 0) if before else 0
            rows = [(one.seen, one.seq, shard, one) for own in self._events.values() for one, shard in own]
            newest = sorted(rows, key=lambda row: row[:3], reverse=True)[: min(events, NEWEST)]
        changed = [one != known for one, known in zip(pulse, before or pulse, strict=True)]
        return News(
            events,
            changed[1],
            changed[2] or changed[3],
            changed[4] or changed[5],
            changed[6],
            [row[3] for row in newest],
            text_of(pulse),
        )
