"""The store in memory: for tests, stories and simulations, and the plainest reading of the contract.

A turn works beside the store and is merged into it as its block ends; until then nobody sees it. Nothing
outlives the process.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pyarrow as pa
from msgspec.structs import replace

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
from peakend.store.base import Lane
from peakend.store.hooks import happened_in
from peakend.store.known_by import learnt
from peakend.store.memory_accounts import MemoryAccounts
from peakend.store.memory_counting import MemoryCounting
from peakend.store.memory_decisions import MemoryDecisions
from peakend.store.memory_draws import MemoryDraws
from peakend.store.memory_erasing import ErasingMemory
from peakend.store.memory_held import Concluded, within
from peakend.store.memory_hooks import MemoryHooks, told_to
from peakend.store.memory_identity import NamingTurn
from peakend.store.memory_messages import MemoryMessages
from peakend.store.memory_states import StatesOfTurn, after, closed_lanes
from peakend.store.memory_work import MemoryWork
from peakend.store.refusals import fenced, known_event, nothing_there
from peakend.store.rows import (
    arrival_of,
    body,
    check_arrivals,
    decode_output,
    fates,
    log_batch,
    moved,
    play_of,
    shard_of,
    untouched,
)

_BATCH = 10_000


class MemoryStore(
    MemoryMessages, MemoryDecisions, MemoryAccounts, MemoryWork, MemoryHooks, MemoryCounting, ErasingMemory
):
    """A store that lives as long as this object."""

    def claim_shards(self, worker: str, now: int, lease: int, most: int) -> list[Shard]:
        with self._alone():
            own = [number for number, owner in enumerate(self._owners) if owner == worker]
            for number in own[most:]:
                self._hand_over(number, None, 0)
            own = own[:most]
            for number in own:
                self._leases[number] = now + lease
            free = [
                number
                for number, owner in enumerate(self._owners)
                if owner is None or (self._leases[number] <= now and owner != worker)
            ]
            for number in free[: most - len(own)]:
                self._hand_over(number, worker, now + lease)
                own.append(number)
            return [self._shards[number] for number in sorted(own)]

    def release_shards(self, worker: str) -> None:
        with self._alone():
            for number, owner in enumerate(self._owners):
                if owner == worker:
                    self._hand_over(number, None, 0)

    def owners(self, now: int) -> set[str]:
        with self._alone():
            return {
                owner
                for owner, lease in zip(self._owners, self._leases, strict=True)
                if owner is not None and lease > now
            }

    def busy(self, now: int) -> set[int]:
        with self._alone():
            full = {number for number, inbox in enumerate(self._inboxes) if inbox}
            woken = (
                row.customer for row in self._states.values() if row.wake is not None and row.wake <= now
            )
            joining = {one.waits for one in self._names.aliases.values() if one.waits is not None}
            fanning = {shard_of("", self.shards)} if self._names.fans else set()
            return full | joining | fanning | {shard_of(customer, self.shards) for customer in woken}

    @contextmanager
    def turn(self, shard: Shard) -> Iterator[MemoryTurn]:
        with self._alone():
            current = self._shards[shard.number]
            if current.epoch != shard.epoch:
                raise fenced(shard)
            turn = MemoryTurn(self, current)
            self._open = True
            try:
                yield turn
                turn.commit()
            finally:
                self._open = turn.open = False

    def append(self, arrivals: Sequence[Arrival]) -> list[Fate]:
        with self._alone():
            check_arrivals(arrivals, self.shards)
            found = fates(arrivals, self._known)
            self._take_in(one for one, fate in zip(arrivals, found, strict=True) if fate == "taken")
            return found

    def arrival(self, source: str, id_: str) -> Arrival | None:
        with self._alone():
            return self._known.get((source, id_))

    def waiting(self) -> int:
        with self._alone():
            return sum(len(inbox) for inbox in self._inboxes)

    def states(self, customers: Sequence[str]) -> dict[str, StateRow]:
        with self._alone():
            return {name: self._states[name] for name in customers if name in self._states}

    def story(self, customer: str, play: str | None = None) -> list[Output]:
        with self._alone():
            rows = self._outputs.get(customer, [])
            return [decode_output(one.body) for one in rows if play in (None, one.play)]

    def events_of(self, customer: str) -> list[Recorded]:
        with self._alone():
            found = [event for event, _ in self._events.get(customer, [])]
            return sorted(found, key=lambda event: (event.seen, event.seq))

    def recorded(
        self, since: Mapping[int, int] | None = None, until: Mapping[int, int] | None = None
    ) -> Iterator[pa.RecordBatch]:
        with self._alone():
            rows = self._between(since, until)
        rows.sort(key=lambda row: (row[0].seen, row[0].seq, row[1]))
        for start in range(0, len(rows), _BATCH):
            yield log_batch([event for event, _ in rows[start : start + _BATCH]])

    def places(self) -> dict[int, int]:
        with self._alone():
            return {shard.number: shard.next_seq for shard in self._shards}

    def recorded_below(self, until: Mapping[int, int]) -> int:
        with self._alone():
            return len(self._between(None, until))

    def _between(
        self, since: Mapping[int, int] | None, until: Mapping[int, int] | None
    ) -> list[tuple[Recorded, int]]:
        return [
            (event, shard)
            for own in self._events.values()
            for event, shard in own
            if event.seq >= (since or {}).get(shard, 0) and (until is None or event.seq < until.get(shard, 0))
        ]

    def put_aside(self, rows: Sequence[Unusable]) -> None:
        with self._alone():
            self._put_aside(rows)

    def put_aside_rows(self, *, mended: bool = False) -> list[Unusable]:
        with self._alone():
            return [row for row in self._aside if row.mended == mended]

    def put_aside_row(self, number: int) -> Unusable | None:
        with self._alone():
            return next((row for row in self._aside if row.number == number), None)

    def put_aside_of(self, customer: str) -> list[Unusable]:
        with self._alone():
            own = {(event.source, event.id) for event, _ in self._events.get(customer, [])}
            return [row for row in self._aside if (row.source, row.place) in own]

    def mend(self, number: int) -> None:
        with self._alone():
            place = next((n for n, one in enumerate(self._aside) if one.number == number), None)
            if place is None:
                raise nothing_there(number)
            self._aside[place] = replace(self._aside[place], mended=True)

    def close(self) -> None:
        """Nothing is held."""

    def snapshots(self, customers: Sequence[str]) -> dict[str, Snapshot]:
        with self._alone():
            return {name: self._kept.snapshots[name] for name in customers if name in self._kept.snapshots}

    def lanes(self, lanes: Sequence[Lane], before: int | None = None) -> dict[Lane, tuple[int, int]]:
        with self._alone():
            parts = within(self._names, self._known, {customer for customer, _, _ in lanes})
            return closed_lanes(lanes, before, parts, self._kept.begun)

    def events_after(self, customer: str, seen: int, seq: int, limit: int) -> list[Recorded]:
        with self._alone():
            names = within(self._names, self._known, [customer])[customer]
            found = [event for name in names for event, _ in self._events.get(name, ())]
        return after(found, seen, seq, limit)

    def names_within(self, customer: str) -> list[str]:
        with self._alone():
            return within(self._names, self._known, [customer])[customer]


class MemoryTurn(MemoryDraws, StatesOfTurn, NamingTurn):
    """A turn: what it has written so far, beside the store that it was opened on."""

    def append(self, arrivals: Sequence[Arrival]) -> list[Fate]:
        self._check()
        check_arrivals(arrivals, self._store.shards, self.shard.number)
        keys = {(one.source, one.id) for one in arrivals}
        found = fates(arrivals, {key: one for key in keys if (one := self._known.get(key))})
        for one, fate in zip(arrivals, found, strict=True):
            if fate == "taken":
                self._known[one.source, one.id] = one
                self._inbox.append(one)
        return found

    def take(self, limit: int) -> list[Arrival]:
        self._check()
        taken, self._inbox = self._inbox[:limit], self._inbox[limit:]
        for one in taken:
            self._known[one.source, one.id] = None
        return taken

    def due(self, until: int, limit: int) -> list[str]:
        self._check()
        rows = {**self._store._states, **self._states}.values()
        waking = [
            (row.wake, row.customer)
            for row in rows
            if row is not None and row.wake is not None and row.wake <= until and self._is_own(row.customer)
        ]
        return [customer for _, customer in sorted(waking)[:limit]]

    def states(self, customers: Sequence[str]) -> dict[str, StateRow]:
        self._check()
        found = ((n, self._states[n] if n in self._states else self._store._states.get(n)) for n in customers)
        return {name: row for name, row in found if row}

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
        self._check()
        for event in events:
            if self._known.get((event.source, event.id)):
                self._spoilt = True
                raise known_event(event.source, event.id)
            self._known[event.source, event.id] = arrival_of(event)
        self._events += events
        self._states |= {row.customer: row for row in states}
        self._outputs += [
            (one.customer, Concluded(play_of(one), body(one), place, pack))
            for place, one in enumerate(outputs, self._place)
        ]
        self._note(outputs)
        self._messages += [untouched(one) for one in messages]
        self._contents += contents
        self._happened += happened_in(events, outputs)
        self._after = moved(self._after, events, ticked_to)

    def put_aside(self, rows: Sequence[Unusable]) -> None:
        self._check()
        self._aside += rows

    def watch(self, customers: Sequence[str], clocks: Sequence[Clock]) -> None:
        self._check()
        self._clocks |= {name: [] for name in customers}
        for one in {(*one[:5],): one for one in reversed(clocks)}.values():
            self._clocks[one.customer].append(one)

    def announced(self, after: int = -1) -> list[Recorded]:
        self._check()
        return [one for one in self._store._announced if one.seen > after]

    def names_within(self, customer: str) -> list[str]:
        self._check()
        return self._parts([customer])[customer]

    def commit(self) -> None:
        """Merge what was written into the store: nothing here can fail half-way."""
        self._check()
        store, number = self._store, self.shard.number
        store._shards[number], store._inboxes[number] = self._after, self._inbox
        for key, known in self._known.maps[0].items():
            if known is None:
                store._known.pop(key, None)
            else:
                store._known[key] = known
        store._states |= {name: row for name, row in self._states.items() if row}
        for name in (name for name, row in self._states.items() if row is None):
            store._states.pop(name, None)
        for other, arrival in self._elsewhere:
            store._inboxes[other].append(arrival)
        store._names = self._names
        self._merge(number)
        for event in self._events:
            store._events.setdefault(event.customer, []).append((event, number))
        for customer, one in self._outputs:
            store._outputs.setdefault(customer, []).append(one)
        for who, what, fold, text, seen in learnt(self._events):
            store._known_by.setdefault(who, {})[what, fold] = text, seen
        for message in self._messages:
            store._messages.setdefault(message.planned.send_key, message)
        for told in self._contents:
            store._contents.setdefault(told.message, {}).setdefault(told.part, told)
        store._clocks |= self._clocks
        for name in (name for name, clocks in self._clocks.items() if not clocks):
            del store._clocks[name]
        store._put_aside(self._aside)
        told_to(store, self._happened)
        store._draws = self._draws
