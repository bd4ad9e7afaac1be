"""The loop: what arrives tonight goes through the very fold that history went through, and is kept at once.

It conducts and decides nothing. A turn of a shard is one transaction: arrivals get their `seen` and `seq`,
every customer's state is folded on, and events, states, conclusions and planned deliveries are written
together. A crash between two turns loses nothing, and within one leaves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType
from typing import Final

import msgspec

from peakend.errors import PeakendError
from peakend.fold import Program, pins, step
from peakend.loop.budgets import LiveBudgets
from peakend.loop.customers import Customers, Known
from peakend.loop.deliveries import planned, told
from peakend.loop.programs import Programs, row
from peakend.model.event import Event
from peakend.model.outcome import Content, Output
from peakend.model.pack import Pack
from peakend.model.stored import (
    ADOPTED,
    OURS,
    Adoption,
    Arrival,
    Fate,
    Planned,
    Recorded,
    Shard,
    Unusable,
)
from peakend.store.base import Store, Turn
from peakend.trigger.pauses import pauses_of
from peakend.trigger.turn import Past

__all__ = ["Loop"]

BATCH: Final = 500
"""Arrivals, or customers to be woken, that one turn takes: more share one commit, fewer wait for it."""
LEASE: Final = 30_000_000
"""Microseconds for which a worker owns its shards without saying so again."""


@dataclass
class Concluded:
    """What came of some inputs: conclusions, deliveries that follow, what their words may speak of."""

    outputs: list[Output] = field(default_factory=list)
    messages: list[Planned] = field(default_factory=list)
    contents: list[Content] = field(default_factory=list)

    def add(self, more: Concluded) -> None:
        """Take in what came after it."""
        self.outputs += more.outputs
        self.messages += more.messages
        self.contents += more.contents


class Loop:
    """One worker over a store. `now` is handed in by whoever has a clock; microseconds UTC.

    `contacts_known` says whether the service tells its contacts (`contact.set`): where it does not, consent
    and reach pass for everybody, as in a backtest of such a log. `older` are the packs that were published
    before, by their hash, the newest last: states and open runs may still follow them.
    """

    def __init__(
        self,
        store: Store,
        pack: Pack,
        *,
        worker: str = "worker",
        most_shards: int | None = None,
        contacts_known: bool = True,
        older: Mapping[str, Pack] = MappingProxyType({}),
    ) -> None:
        self._store, self._worker = store, worker
        self.programs = Programs(pack, older, contacts_known)
        self.program, self._reader = self.programs.current
        self._customers = Customers(self.programs)
        self._told: list[tuple[str, int, dict[str, str]]] = []
        self._decode = msgspec.json.Decoder(dict[str, str]).decode
        _refuse_backfill(pack)
        self._most = most_shards or store.shards
        self._shards: list[Shard] = []

    def own(self, now: int) -> int:
        """Own shards from now on, and say so again before LEASE is over; how many there are."""
        self._shards = self._store.claim_shards(self._worker, now, LEASE, self._most)
        for shard in self._customers.own(self._shards):
            self._adopt(shard, now)
        return len(self._shards)

    @property
    def furthest(self) -> int:
        """The last instant that was seen or rung in the shards, as they were owned."""
        return max((max(one.last_seen, one.ticked_to) for one in self._shards), default=0)

    def ingest(self, arrivals: Sequence[Arrival], now: int) -> list[Fate]:
        """Take arrivals in, and fold what waits; the fate of each arrival, in order.

        On a store of one shard an arrival is taken and folded in one transaction.
        """
        if self._store.shards > 1:
            fates = self._store.append(arrivals)
            self.fold(now)
            return fates
        (shard,) = self._shards
        with self._turn(shard) as turn:
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
                with self._turn(shard) as turn:
                    taken = self._fold(turn, now, BATCH)
                folded += taken
        return folded

    def tick(self, now: int, shards: Sequence[Shard] | None = None) -> int:
        """Run all timers up to `now` in the shards that are owned; how many customers were woken."""
        woken = 0
        for shard in self._shards if shards is None else shards:
            due = BATCH
            while due == BATCH:
                with self._turn(shard) as turn:
                    due = self._wake(turn, max(now, turn.shard.ticked_to))
                woken += due
        return woken

    @contextmanager
    def _turn(self, shard: Shard) -> Iterator[Turn]:
        with self._customers.safely(shard), self._store.turn(shard) as turn:
            yield turn

    def _adopt(self, shard: Shard, now: int) -> None:
        """Fold a shard by this pack from now on, and record since when."""
        with self._turn(shard) as turn:
            adoptions, shard = turn.adoptions(), turn.shard
            if not adoptions or adoptions[-1].hash != self.program.hash:
                # After all that was folded by the pack before it, and before all that is still to come.
                seen = max(now, shard.last_seen + 1, shard.ticked_to + 1)
                turn.keep([adopted(self.program, shard, seen)], (), (), ())
                adoptions = [*adoptions, Adoption(seen, self.program.hash)]
        self._customers.adopt(shard, adoptions)

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
            events += self._reader.events((row(one),))
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
        self._hear(turn)
        opened = self._customers.open(turn, inputs)
        budgets = LiveBudgets(turn)
        concluded = Concluded()
        for customer, events in inputs.items():
            one, past = opened.customers[customer], opened.lanes.of(customer)
            upto = events[0].seen if events else until or 0
            for adoption in self._customers.changes(turn, one, upto):
                pack, before = one.program, self._step(one, (), adoption.since - 1, past, budgets)
                _write(turn, pack, before)
                renewed = self._customers.renewed(turn, one, adoption, past)
                _write(turn, one.program, Concluded(renewed))
            found = self._step(one, events, until, past, budgets)
            if one.program == self.program.hash:
                concluded.add(found)
            else:
                _write(turn, one.program, found)
        upto_seq = (recorded[-1].seen, recorded[-1].seq) if recorded else _last(turn.shard)
        now = until if until is not None else upto_seq[0]
        place = turn.place + len(concluded.outputs)
        states, snapshots = self._customers.rows(turn, opened.customers, now, upto_seq, place)
        answered = budgets.recorded(seen, turn.shard.next_seq + len(recorded))
        turn.keep(
            [*recorded, *answered],
            states,
            concluded.outputs,
            concluded.messages,
            told(concluded.contents),
            ticked_to=until,
            pack=self.program.hash,
        )
        turn.keep_snapshots(snapshots)

    def _step(
        self, one: Known, events: Sequence[Event], until: int | None, past: Past, budgets: LiveBudgets
    ) -> Concluded:
        """Fold one customer by the program that made its state."""
        program = self.programs.version(one.program).program
        pinned = pins(one.state) if one.state.pinned else {}
        contents: list[Content] = []
        purse = budgets.of(program, one.state.customer) if program.budgets else None
        one.state, outputs = step(program, one.state, events, until, purse, contents, past)
        one.due -= len(events) + len(outputs)
        return Concluded(outputs, [*planned(program, outputs, contents, pinned)], contents)

    def _hear(self, turn: Turn) -> None:
        """Take in what was announced since the last turn: the pauses that this turn must know."""
        new = turn.announced(self._told[-1][1] if self._told else -1)
        if new:
            self._told += [(one.kind, one.seen, self._decode(one.data)) for one in new]
            self.programs.pause(pauses_of(self._told))


def _write(turn: Turn, pack: str, found: Concluded) -> None:
    """Write what another pack than the one that is run has concluded."""
    if found.outputs:
        turn.keep((), (), found.outputs, found.messages, told(found.contents), pack=pack)


def _recorded(one: Arrival, seen: int, seq: int) -> Recorded:
    return Recorded(one.customer, one.kind, one.at, seen, seq, one.data, one.source, one.id, one.subject)


def adopted(program: Program, shard: Shard, seen: int) -> Recorded:
    """The input that a shard is folded by a pack from `seen` on."""
    said = {"pack": program.pack, "hash": program.hash, "shard": shard.number}
    data = msgspec.json.encode(said, order="sorted").decode()
    return Recorded(
        "", ADOPTED, seen, seen, shard.next_seq, data, OURS, f"{ADOPTED}/{shard.number}/{seen}", ""
    )


def _last(shard: Shard) -> tuple[int, int]:
    """The (seen, seq) up to which all inputs of a shard are folded."""
    return shard.last_seen, shard.next_seq - 1


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


def _refuse_backfill(pack: Pack) -> None:
    """Who is in a play's reach already may enter by a changed pack only with an approval of its backtest."""
    asking = sorted(name for name, play in pack.plays.items() if play.backfill)
    if asking:
        raise PeakendError(
            f"Plays that take in customers of before (backfill) cannot be approved yet: {', '.join(asking)}",
            fix="Leave `backfill: true` out: the play takes in what happens from now on",
            what_zh=f"服务剧本要求纳入以往客户（backfill），目前还不能审批：{'、'.join(asking)}",
            fix_zh="请去掉 backfill: true：剧本只接纳从现在起发生的客户动态",
        )
