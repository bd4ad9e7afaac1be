"""The loop: what arrives tonight goes through the very fold that history went through, and is kept at once.

It conducts and decides nothing. A turn of a shard is one transaction: arrivals get their `seen` and `seq`,
every customer's state is folded on, and events, states, conclusions and planned deliveries are written
together. A crash between two turns loses nothing, and within one leaves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import Final

import msgspec

from peakend.errors import PeakendError
from peakend.fold import (
    CustomerState,
    Program,
    compile_program,
    decode_state,
    encode_state,
    new_state,
    step,
    wakes_at,
)
from peakend.listen.reading import Reader
from peakend.loop.budgets import LiveBudgets
from peakend.loop.deliveries import planned, told
from peakend.model.event import Event
from peakend.model.outcome import Content, Output
from peakend.model.pack import Pack
from peakend.model.stored import Arrival, Fate, Planned, Recorded, Shard, StateRow, Unusable
from peakend.store.base import Store, Turn
from peakend.trigger.pauses import pauses_of

__all__ = ["Loop"]

BATCH: Final = 500
"""Arrivals, or customers to be woken, that one turn takes: more share one commit, fewer wait for it."""
LEASE: Final = 30_000_000
"""Microseconds for which a worker owns its shards without saying so again."""


class Loop:
    """One worker over a store. `now` is handed in by whoever has a clock; microseconds UTC.

    `contacts_known` says whether the service tells its contacts (`contact.set`): where it does not, consent
    and reach pass for everybody, as in a backtest of such a log.
    """

    def __init__(
        self,
        store: Store,
        pack: Pack,
        *,
        worker: str = "worker",
        most_shards: int | None = None,
        contacts_known: bool = True,
    ) -> None:
        self._store, self._worker = store, worker
        self.program = compile_program(pack, contacts_known=contacts_known, contents=True)
        self._reader = Reader(pack)
        self._told: list[tuple[str, int, dict[str, str]]] = []
        self._decode = msgspec.json.Decoder(dict[str, str]).decode
        self._most = most_shards or store.shards
        self._shards: list[Shard] = []

    def own(self, now: int) -> int:
        """Own shards from now on, and say so again before LEASE is over; how many there are."""
        self._shards = self._store.claim_shards(self._worker, now, LEASE, self._most)
        return len(self._shards)

    def ingest(self, arrivals: Sequence[Arrival], now: int) -> list[Fate]:
        """Take arrivals in, and fold what waits; the fate of each arrival, in order.

        On a store of one shard an arrival is taken and folded in one transaction.
        """
        if self._store.shards > 1:
            fates = self._store.append(arrivals)
            self.fold(now)
            return fates
        (shard,) = self._shards
        with self._store.turn(shard) as turn:
            fates = turn.append(arrivals)
            self._fold(turn, now, len(arrivals) + BATCH)
        return fates

    def work(self, now: int) -> int:
        """Fold what waits and run what is due, in shards that have any; how much that was."""
        busy = self._store.busy(now)
        mine = [shard for shard in self._shards if shard.number in busy]
        return self.fold(now, mine) + self.tick(now, mine) if mine else 0

    def fold(self, now: int, shards: Sequence[Shard] | None = None) -> int:
        """Fold all that waits in the inboxes of the shards that are owned; how many arrivals that were."""
        folded = 0
        for shard in self._shards if shards is None else shards:
            taken = BATCH
            while taken == BATCH:
                with self._store.turn(shard) as turn:
                    taken = self._fold(turn, now, BATCH)
                folded += taken
        return folded

    def tick(self, now: int, shards: Sequence[Shard] | None = None) -> int:
        """Run all timers up to `now` in the shards that are owned; how many customers were woken."""
        woken = 0
        for shard in self._shards if shards is None else shards:
            due = BATCH
            while due == BATCH:
                with self._store.turn(shard) as turn:
                    due = self._wake(turn, max(now, turn.shard.ticked_to))
                woken += due
        return woken

    def _fold(self, turn: Turn, now: int, most: int) -> int:
        """Fold the oldest arrivals of a shard: they are seen now, and never before what was seen already."""
        arrivals, shard = turn.take(most), turn.shard
        if not arrivals:
            return 0
        seen = max(now, shard.last_seen, shard.ticked_to + 1)
        recorded = [_recorded(one, seen, shard.next_seq + place) for place, one in enumerate(arrivals)]
        events = sorted(self._typed(turn, recorded, seen), key=attrgetter("customer", "seq"))
        inputs = {who: list(own) for who, own in groupby(events, key=attrgetter("customer"))}
        self._keep(turn, recorded, inputs, None, seen)
        return len(arrivals)

    def _typed(self, turn: Turn, recorded: Sequence[Recorded], seen: int) -> list[Event]:
        """The events that the program looks at; what cannot be typed is put aside, and stays in the log."""
        events: list[Event] = []
        aside: list[Unusable] = []
        for one in recorded:
            if one.kind not in self.program.kinds or not one.customer:
                continue
            row = one.customer, one.kind, one.at, one.seen, one.seq, one.data, one.source, one.id
            events += self._reader.events((row,))
            aside += (_unusable(one, refused.reason, seen) for refused in self._reader.refused)
            self._reader.refused.clear()
        if aside:
            turn.put_aside(aside)
        return events

    def _wake(self, turn: Turn, until: int) -> int:
        # What is seen from here on lies after `until`, also if other customers are woken in later turns only.
        customers = turn.due(until, BATCH)
        self._keep(turn, (), {who: [] for who in customers}, until, max(until, turn.shard.last_seen))
        return len(customers)

    def _keep(
        self,
        turn: Turn,
        recorded: Sequence[Recorded],
        inputs: dict[str, list[Event]],
        until: int | None,
        seen: int,
    ) -> None:
        """Fold customers on, and write everything that follows; what budgets answered is seen at `seen`."""
        known = turn.states(list(inputs))
        program = self._as_announced(turn)
        states: list[StateRow] = []
        outputs: list[Output] = []
        messages: list[Planned] = []
        contents: list[Content] = []
        budgets = LiveBudgets(program, turn) if program.budgets else None
        for customer, events in inputs.items():
            state = self._state(customer, known.get(customer))
            if budgets:
                budgets.customer = customer
            said: list[Content] = []
            state, concluded = step(program, state, events, until, budgets, said)
            outputs += concluded
            messages += planned(self.program, concluded, said)
            contents += said
            states.append(StateRow(customer, wakes_at(state), self.program.hash, encode_state(state)))
        answered = budgets.recorded(seen, turn.shard.next_seq + len(recorded)) if budgets else ()
        turn.keep([*recorded, *answered], states, outputs, messages, told(contents), ticked_to=until)

    def _as_announced(self, turn: Turn) -> Program:
        """The program, told of every pause that this turn must know."""
        new = turn.announced(self._told[-1][1] if self._told else -1)
        if new:
            self._told += [(one.kind, one.seen, self._decode(one.data)) for one in new]
            self.program = self.program.paused(pauses_of(self._told))
        return self.program

    def _state(self, customer: str, row: StateRow | None) -> CustomerState:
        if row is None:
            return new_state(customer)
        if row.program != self.program.hash:
            raise PeakendError(
                f"The state of {customer} was made by another version of the pack ({row.program[:12]})",
                fix="Run the version of the pack that made this store, or begin a new store from its log",
                what_zh=f"客户 {customer} 的状态由模板的另一个版本得出（{row.program[:12]}）",
                fix_zh="请用当初的模板版本运行，或用其日志新建一个库",
            )
        return decode_state(row.data)


def _recorded(one: Arrival, seen: int, seq: int) -> Recorded:
    return Recorded(one.customer, one.kind, one.at, seen, seq, one.data, one.source, one.id, one.subject)


def _unusable(one: Recorded, reason: str, seen: int) -> Unusable:
    return Unusable(
        number=0,
        source=one.source,
        place=one.id,
        reason_zh=reason,
        reason_en=reason,
        body=one.data,
        at=seen,
        mended=False,
    )
