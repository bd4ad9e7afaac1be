"""A store in memory that tells, or forgets, all that it knows of one person."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec

from peakend.model.event import JOINED
from peakend.model.outcome import Ended, Entered
from peakend.model.stored import OURS, Arrival, Message, Recorded, Unusable, joined_as
from peakend.store.erasing import ADDRESS, SEND_KEY, addresses_in, hashed, mentions
from peakend.store.memory_held import Held
from peakend.store.rows import Key, decode_output, shard_of


class ErasingMemory(Held):
    """The part of the store that knows what belongs to one person."""

    def carried_to(self, customer: str, play: str, key: str, occurrence: int) -> tuple[str, int] | None:
        with self._alone():
            record = self._known.get((OURS, joined_as(customer)))
            entries, ends = self._runs_of(customer, play, key)
            end = ends.get(occurrence)
            if record is None or end is None:
                return None
            same = [n for n, one in ends.items() if one.seen == end.seen and one.how == end.how]
            of = [n for n in sorted(same) if entries[n].at == entries[occurrence].at]
            there, _ = self._runs_of(record.customer, play, key)
            behind = [
                n
                for n, one in sorted(there.items())
                if (one.kind, one.at, one.seen) == (JOINED, entries[occurrence].at, end.seen)
            ]
            rank = of.index(occurrence)
            return (record.customer, behind[rank]) if rank < len(behind) else None

    def _runs_of(self, customer: str, play: str, key: str) -> tuple[dict[int, Entered], dict[int, Ended]]:
        told = [one for one in self._outputs.get(customer, ()) if one.play == play]
        found = [decode_output(one.body) for one in told]
        entries = {one.occurrence: one for one in found if isinstance(one, Entered) and one.key == key}
        return entries, {one.occurrence: one for one in found if isinstance(one, Ended) and one.key == key}

    def names_of(self, customer: str) -> list[str]:
        with self._alone():
            return self._all_names(customer)

    def export(self, customer: str) -> dict[str, list[dict[str, Any]]]:
        with self._alone():
            return self._export(self._all_names(customer), ())

    def erase(self, customer: str, now: int, salt: str) -> dict[str, int]:
        with self._alone():
            names = self._all_names(customer)
            told = [(one.kind, one.data) for one in self._events_of(names)]
            told += [(one.kind, one.data) for one in self._waiting(names)]
            addresses = addresses_in(told)
            gone = {table: len(rows) for table, rows in self._export(names, addresses).items()}
            keys = [one.planned.send_key for one in self._messages_of(names)]
            self._delete(names, addresses)
            jobs = self._work.jobs
            for id_ in [one.id for one in jobs.values() if mentions(one.result, [*names, *addresses])]:
                del jobs[id_]
                gone["job"] = gone.get("job", 0) + 1
            if addresses or keys:
                known = self._names
                known.salt = known.salt or salt
                known.erased |= {(ADDRESS, hashed(known.salt, one)) for one in addresses}
                known.erased |= {(SEND_KEY, hashed(known.salt, one)) for one in keys}
            return {table: number for table, number in gone.items() if number}

    def suppressed(self, addresses: Sequence[str]) -> set[str]:
        with self._alone():
            return self._names.known(ADDRESS, addresses)

    def _delete(self, names: Collection[str], addresses: Collection[str]) -> None:
        places = self._places(names)
        aside = self._put_aside_of(places, [*names, *addresses])
        self._aside = [one for one in self._aside if one not in aside]
        self._inboxes = [[one for one in box if one.customer not in names] for box in self._inboxes]
        self._messages = {k: one for k, one in self._messages.items() if one.planned.customer not in names}
        for place in places:
            self._known.pop(place, None)
        known = self._names
        for key, fan in known.fans.items():
            if fan.after in names:
                before = [n for n, of in known.relations.items() if any(r.subject == fan.subject for r in of)]
                after = max((name for name in before if name < fan.after), default="")
                known.fans[key] = fan._replace(after=after)
        own = {key for key, one in self._notes.items() if one.customer in names}
        self._notes = {key: one for key, one in self._notes.items() if key not in own}
        self._acts = [one for one in self._acts if one.send_key not in own]
        self._calls = {n: one for n, one in self._calls.items() if one.customer not in names}
        self._draws = [
            one._replace(customer="", message="") if one.customer in names else one for one in self._draws
        ]
        for parts in self._contents.values():
            for part in [part for part, one in parts.items() if one.customer in names]:
                del parts[part]
        self._contents = {message: parts for message, parts in self._contents.items() if parts}
        for lane in [lane for lane in self._kept.begun if lane[0] in names]:
            del self._kept.begun[lane]
        if any(name in self._kept.snapshots for name in names):
            # Whoever holds her large state must forget it, too.
            for number in {shard_of(name, self.shards) for name in names}:
                self._hand_over(number, None, 0)
        kept = self._events, self._states, self._outputs, self._kept.snapshots, known.relations, known.aliases
        shown = self._known_by, self._clocks
        for name in names:
            for table in (*kept, *shown):
                table.pop(name, None)

    def _export(self, names: Sequence[str], addresses: Collection[str]) -> dict[str, list[dict[str, Any]]]:
        events, waiting, places = self._events_of(names), self._waiting(names), self._places(names)
        known = self._names
        return {
            "event": [one._asdict() for one in events],
            "inbox": [msgspec.structs.asdict(one) for one in waiting],
            "state": [self._states[name]._asdict() for name in names if name in self._states],
            "snapshot": [
                self._kept.snapshots[name]._asdict() for name in names if name in self._kept.snapshots
            ],
            "message": [_flat(one) for one in self._messages_of(names)],
            "content": [
                one._asdict()
                for of in self._contents.values()
                for one in of.values()
                if one.customer in names
            ],
            "note": [msgspec.structs.asdict(one) for one in self._notes.values() if one.customer in names],
            "note_act": [
                msgspec.structs.asdict(one)
                for one in self._acts
                if self._notes[one.send_key].customer in names
            ],
            "draw": [one._asdict() for one in self._draws if one.customer in names],
            "relation": [one._asdict() for name in names for one in known.relations.get(name, ())],
            "known_by": [
                {"customer": name, "what": what, "folded": fold, "text": text, "seen_at": seen}
                for name in names
                for (what, fold), (text, seen) in self._known_by.get(name, {}).items()
            ],
            "hook_call": [msgspec.structs.asdict(o) for o in self._calls.values() if o.customer in names],
            "clock": [one._asdict() for name in names for one in self._clocks.get(name, ())],
            "alias": [known.aliases[name]._asdict() for name in names[1:]],
            "quarantine": [
                msgspec.structs.asdict(o) for o in self._put_aside_of(places, [*names, *addresses])
            ],
            "output": [
                {"type": type(one).__name__.lower(), **msgspec.structs.asdict(one)}
                for one in map(decode_output, self._told_of(names))
            ],
        }

    def _all_names(self, customer: str) -> list[str]:
        aliases = self._names.aliases
        final = aliases[customer].whom if customer in aliases else customer
        gone = [one for one in aliases.values() if one.whom == final]
        gone.sort(key=lambda one: (one.since, one.customer))
        return [final, *(one.customer for one in gone)]

    def _places(self, names: Collection[str]) -> set[Key]:
        told = {(one.source, one.id) for one in self._events_of(names)}
        return told | {(one.source, one.id) for one in self._waiting(names)}

    def _events_of(self, names: Collection[str]) -> list[Recorded]:
        return [event for name in names for event, _ in self._events.get(name, ())]

    def _waiting(self, names: Collection[str]) -> list[Arrival]:
        return [one for box in self._inboxes for one in box if one.customer in names]

    def _told_of(self, names: Collection[str]) -> list[bytes]:
        return [one.body for name in names for one in self._outputs.get(name, ())]

    def _messages_of(self, names: Collection[str]) -> list[Message]:
        return [one for one in self._messages.values() if one.planned.customer in names]

    def _put_aside_of(self, places: Collection[Key], words: Sequence[str]) -> list[Unusable]:
        return [o for o in self._aside if (o.source, o.place) in places or mentions(o.body, words)]


def _flat(message: Message) -> dict[str, Any]:
    fields = msgspec.structs.asdict(message)
    return {**msgspec.structs.asdict(fields.pop("planned")), **fields}
