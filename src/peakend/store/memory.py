"""The store in memory: for tests, stories and simulations, and the plainest reading of the contract.

A turn works beside the store and is merged into it as its block ends; until then nobody sees it. Nothing
outlives the process.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from threading import RLock
from typing import cast

import pyarrow as pa
from msgspec.structs import replace

from peakend.model.outcome import Output
from peakend.model.stored import (
    Arrival,
    Delivery,
    Fate,
    Message,
    Planned,
    Recorded,
    Shard,
    StateRow,
    Unusable,
)
from peakend.store.memory_erasing import ErasingMemory
from peakend.store.memory_identity import Names, NamingTurn
from peakend.store.refusals import fenced, known_event, not_now, nothing_there, over, spoilt
from peakend.store.rows import (
    Key,
    arrival_of,
    body,
    check_arrivals,
    decode_output,
    fates,
    log_batch,
    moved,
    play_of,
    shard_of,
    storable,
    untouched,
)

HELD: tuple[Delivery, ...] = ("claimed", "handed")
_BATCH = 10_000


class MemoryStore(ErasingMemory):
    """A store that lives as long as this object."""

    def __init__(self, shards: int = 1) -> None:
        self.shards = shards
        self._lock = RLock()
        self._open = False
        self._shards = [Shard(number, 0, 0, 0, 0) for number in range(shards)]
        self._owners: list[str | None] = [None] * shards
        self._leases = [0] * shards
        self._inboxes: list[list[Arrival]] = [[] for _ in range(shards)]
        self._known: dict[Key, Arrival] = {}
        self._events: dict[str, list[tuple[Recorded, int]]] = {}
        self._states: dict[str, StateRow] = {}
        self._outputs: dict[str, list[tuple[str | None, bytes]]] = {}
        self._messages: dict[str, Message] = {}
        self._aside: list[Unusable] = []
        self._numbered = 0
        self._names = Names()

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

    def waiting(self) -> int:
        with self._alone():
            return sum(len(inbox) for inbox in self._inboxes)

    def states(self, customers: Sequence[str]) -> dict[str, StateRow]:
        with self._alone():
            return {name: self._states[name] for name in customers if name in self._states}

    def claim_messages(self, worker: str, now: int, lease: int, limit: int) -> list[Message]:
        with self._alone():
            for key, one in self._messages.items():
                if one.state in HELD and one.lease <= now:
                    lost = one.state == "handed" and one.planned.at_most_once
                    self._messages[key] = replace(one, state="unknown" if lost else "planned", changed=now)
            ready = [m for m in self._messages.values() if m.state == "planned" and m.planned.since <= now]
            ready.sort(key=lambda one: (one.planned.rank, one.planned.since))
            claimed = [
                replace(one, state="claimed", token=one.token + 1, lease=now + lease, changed=now)
                for one in ready[:limit]
            ]
            self._messages |= {one.planned.send_key: one for one in claimed}
            return claimed

    def move(
        self,
        send_key: str,
        token: int,
        state: Delivery,
        now: int,
        *,
        receipt: str = "",
        since: int | None = None,
    ) -> bool:
        with self._alone():
            one = self._messages.get(send_key)
            if one is None or one.state not in HELD or one.token != token:
                return False
            planned = one.planned if since is None else replace(one.planned, since=since)
            self._messages[send_key] = replace(
                one,
                planned=planned,
                state=state,
                attempts=one.attempts + (state == "handed"),
                receipt=storable(receipt) or one.receipt,
                changed=now,
            )
            return True

    def decide(self, send_key: str, state: Delivery, now: int, receipt: str) -> bool:
        with self._alone():
            one = self._messages.get(send_key)
            if one is None or one.state in HELD:
                return False
            receipt = storable(receipt) or one.receipt
            self._messages[send_key] = replace(one, state=state, receipt=receipt, changed=now)
            return True

    def hold_for_review(self, now: int) -> int:
        with self._alone():
            waiting = [one for one in self._messages.values() if one.state in ("planned", "claimed")]
            for one in waiting:
                self._messages[one.planned.send_key] = replace(one, state="review", changed=now)
            return len(waiting)

    def messages(self, customer: str | None = None, states: Sequence[Delivery] = ()) -> list[Message]:
        with self._alone():
            return [
                one
                for one in self._messages.values()
                if customer in (None, one.planned.customer) and (not states or one.state in states)
            ]

    def story(self, customer: str, play: str | None = None) -> list[Output]:
        with self._alone():
            rows = self._outputs.get(customer, [])
            return [decode_output(whole) for named, whole in rows if play in (None, named)]

    def events_of(self, customer: str) -> list[Recorded]:
        with self._alone():
            found = [event for event, _ in self._events.get(customer, [])]
            return sorted(found, key=lambda event: (event.seen, event.seq))

    def recorded(self) -> Iterator[pa.RecordBatch]:
        with self._alone():
            rows = [row for own in self._events.values() for row in own]
        rows.sort(key=lambda row: (row[0].seen, row[0].seq, row[1]))
        for start in range(0, len(rows), _BATCH):
            yield log_batch([event for event, _ in rows[start : start + _BATCH]])

    def put_aside(self, rows: Sequence[Unusable]) -> None:
        with self._alone():
            self._put_aside(rows)

    def put_aside_rows(self, *, mended: bool = False) -> list[Unusable]:
        with self._alone():
            return [row for row in self._aside if row.mended == mended]

    def mend(self, number: int) -> None:
        with self._alone():
            place = next((n for n, one in enumerate(self._aside) if one.number == number), None)
            if place is None:
                raise nothing_there(number)
            self._aside[place] = replace(self._aside[place], mended=True)

    def close(self) -> None:
        """Nothing is held."""

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._lock:
            if self._open:
                raise not_now()
            yield

    def _hand_over(self, number: int, owner: str | None, lease: int) -> None:
        self._owners[number], self._leases[number] = owner, lease
        self._shards[number] = self._shards[number]._replace(epoch=self._shards[number].epoch + 1)

    def _take_in(self, arrivals: Iterable[Arrival]) -> None:
        for one in arrivals:
            self._known[one.source, one.id] = one
            self._inboxes[shard_of(one.customer, self.shards)].append(one)

    def _put_aside(self, rows: Sequence[Unusable]) -> None:
        for row in rows:
            texts = {
                n: storable(getattr(row, n)) for n in ("source", "place", "reason_zh", "reason_en", "body")
            }
            self._numbered += 1
            self._aside.append(replace(row, number=self._numbered, **texts))


class MemoryTurn(NamingTurn):
    """A turn: what it has written so far, beside the store that it was opened on."""

    def __init__(self, store: MemoryStore, shard: Shard) -> None:
        self.shard = shard
        self.open = True
        self._spoilt = False
        self._store = store
        self._after = shard
        self._inbox = list(store._inboxes[shard.number])
        self._known = ChainMap[Key, Arrival | None]({}, cast(dict[Key, Arrival | None], store._known))
        self._shards = store.shards
        self._kept, self._own = store._names, None
        self._elsewhere: list[tuple[int, Arrival]] = []
        self._states: dict[str, StateRow | None] = {}
        self._events: list[Recorded] = []
        self._outputs: list[tuple[str, str | None, bytes]] = []
        self._messages: list[Message] = []
        self._aside: list[Unusable] = []

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
        *,
        ticked_to: int | None = None,
    ) -> None:
        self._check()
        for event in events:
            if self._known.get((event.source, event.id)):
                self._spoilt = True
                raise known_event(event.source, event.id)
            self._known[event.source, event.id] = arrival_of(event)
        self._events += events
        self._states |= {row.customer: row for row in states}
        self._outputs += [(one.customer, play_of(one), body(one)) for one in outputs]
        self._messages += [untouched(one) for one in messages]
        self._after = moved(self._after, events, ticked_to)

    def put_aside(self, rows: Sequence[Unusable]) -> None:
        self._check()
        self._aside += rows

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
        for event in self._events:
            store._events.setdefault(event.customer, []).append((event, number))
        for customer, play, whole in self._outputs:
            store._outputs.setdefault(customer, []).append((play, whole))
        for message in self._messages:
            store._messages.setdefault(message.planned.send_key, message)
        store._put_aside(self._aside)

    def _knows(self, key: Key) -> bool:
        return self._known.get(key) is not None

    def _remember(self, one: Arrival) -> None:
        self._known[one.source, one.id] = one

    def _is_own(self, customer: str) -> bool:
        return shard_of(customer, self._store.shards) == self.shard.number

    def _check(self) -> None:
        if not self.open:
            raise over()
        if self._spoilt:
            raise spoilt()
