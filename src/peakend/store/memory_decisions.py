"""What people decided, in memory: publications, pauses and switches, whose signature counts."""

from __future__ import annotations

from collections import Counter

from msgspec.structs import replace

from peakend.model.outcome import Ended, Entered
from peakend.model.publication import Paused, Publication, Signer, Switch
from peakend.model.stored import Recorded
from peakend.store.decisions import announcement, check_signer, closed_switches, paused, revived_by
from peakend.store.hooks import pack_published
from peakend.store.memory_held import Held
from peakend.store.memory_hooks import told_to
from peakend.store.refusals import nothing_there
from peakend.store.rows import arrival_of, decode_output, shard_of, storable


class MemoryDecisions(Held):
    """The part of the store in memory that keeps decisions."""

    def announce(self, kind: str, data: dict[str, str], now: int) -> Recorded:
        with self._alone():
            home = shard_of("", self.shards)
            last = max(max(one.last_seen, one.ticked_to) for one in self._shards)
            made = announcement(kind, data, now, max(now, last + 1), self._shards[home].next_seq)
            self._shards = [one._replace(last_seen=made.seen) for one in self._shards]
            self._shards[home] = self._shards[home]._replace(next_seq=made.seq + 1)
            self._known[made.source, made.id] = arrival_of(made)
            self._events.setdefault("", []).append((made, home))
            self._announced.append(made)
            return made

    def announced(self) -> list[Recorded]:
        with self._alone():
            return list(self._announced)

    def publish(self, publication: Publication, now: int) -> Publication:
        with self._alone():
            revived = revived_by(publication, self._publications[-1:], self._switches)
        data = {"hash": publication.hash} | ({"revived": ",".join(revived)} if revived else {})
        kept = replace(publication, seen=self.announce("pack.published", data, now).seen)
        with self._alone():
            self._publications.append(kept)
            self._switches = [one for one in self._switches if not one.stopped or one.play not in revived]
            told_to(self, pack_published(kept))
            return kept

    def publications(self, hash_: str | None = None) -> list[Publication]:
        with self._alone():
            return [one for one in self._publications if hash_ in (None, one.hash)]

    def published_hash(self) -> str:
        with self._alone():
            return self._publications[-1].hash if self._publications else ""

    def hold_sends(self, switch: Switch) -> bool:
        with self._alone():
            known = closed_switches(self._switches, switch.play, switch.channel)
            if any(one.stopped or not switch.stopped for one in known):
                return False
            kept = [one for one in self._switches if one not in known]
            self._switches = sorted([*kept, switch], key=lambda one: (one.play, one.channel))
        if switch.stopped:
            self.announce("play.stopped", {"play": switch.play}, switch.since)
        return True

    def free_sends(self, play: str, channel: str) -> bool:
        with self._alone():
            gone = [one for one in closed_switches(self._switches, play, channel) if not one.stopped]
            self._switches = [one for one in self._switches if one not in gone]
            return bool(gone)

    def switches(self) -> list[Switch]:
        with self._alone():
            return list(self._switches)

    def paused(self) -> Paused:
        return paused(self.switches())

    def trust(self, signer: Signer) -> None:
        with self._alone():
            check_signer(signer, self._signers)
            self._signers = sorted([*self._signers, signer], key=lambda one: one.name)

    def signers(self) -> list[Signer]:
        with self._alone():
            return list(self._signers)

    def open_runs(self) -> dict[str, int]:
        with self._alone():
            found: Counter[str] = Counter()
            for rows in self._outputs.values():
                for row in rows:
                    one = decode_output(row.body)
                    if isinstance(one, Entered | Ended):
                        found[one.play] += 1 if isinstance(one, Entered) else -1
            return {play: number for play, number in sorted(found.items()) if number}

    def message_counts(self) -> dict[str, int]:
        with self._alone():
            return dict(sorted(Counter(one.state for one in self._messages.values()).items()))

    def still_aside(self, number: int, reason_zh: str, reason_en: str) -> None:
        with self._alone():
            if not 0 < number <= len(self._aside):
                raise nothing_there(number)
            said = {"reason_zh": storable(reason_zh), "reason_en": storable(reason_en)}
            self._aside[number - 1] = replace(self._aside[number - 1], **said)

    def event(self, source: str, id_: str) -> Recorded | None:
        with self._alone():
            found = (one for rows in self._events.values() for one, _ in rows)
            return next((one for one in found if (one.source, one.id) == (source, id_)), None)
