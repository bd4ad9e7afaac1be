"""The loop: what arrives tonight goes through the very fold that history went through, and is kept at once.

It conducts and decides nothing. A turn of a shard is one transaction: arrivals get their `seen` and `seq`,
every customer's state is folded on, and events, states, conclusions and planned deliveries are written
together. A crash between two turns loses nothing, and within one leaves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType
from typing import Final

import msgspec

from peakend.errors import PeakendError
from peakend.fold import Program, pins, step
from peakend.loop.customers import Customers, Known
from peakend.loop.deliveries import planned
from peakend.loop.programs import Programs, row
from peakend.model.event import Event
from peakend.model.outcome import Output
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
from peakend.trigger.turn import Past

__all__ = ["Loop"]

BATCH: Final = 500
"""Arrivals, or customers to be woken, that one turn takes: more share one commit, fewer wait for it."""
LEASE: Final = 30_000_000
"""Microseconds for which a worker owns its shards without saying so again."""


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
        self._programs = Programs(pack, older, contacts_known)
        self._program, self._reader = self._programs.current
        self._customers = Customers(self._programs)
        _refuse_budgets(self._program)
        _refuse_backfill(pack)
        self._most = most_shards or store.shards
        self._shards: list[Shard] = []

    def own(self, now: int) -> int:
        """Own shards from now on, and say so again before LEASE is over; how many there are."""
        self._shards = self._store.claim_shards(self._worker, now, LEASE, self._most)
        for shard in self._customers.own(self._shards):
            self._adopt(shard, now)
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
        with self._turn(shard) as turn:
            fates = turn.append(arrivals)
            self._fold(turn, now, len(arrivals) + BATCH)
        return fates

    def fold(self, now: int) -> int:
        """Fold all that waits in the inboxes of the shards that are owned; how many arrivals that were."""
        folded = 0
        for shard in self._shards:
            taken = BATCH
            while taken == BATCH:
                with self._turn(shard) as turn:
                    taken = self._fold(turn, now, BATCH)
                folded += taken
        return folded

    def tick(self, now: int) -> int:
        """Run all timers up to `now` in the shards that are owned; how many customers were woken."""
        woken = 0
        for shard in self._shards:
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
            if not adoptions or adoptions[-1].hash != self._program.hash:
                # After all that was folded by the pack before it, and before all that is still to come.
                seen = max(now, shard.last_seen + 1, shard.ticked_to + 1)
                turn.keep([adopted(self._program, shard, seen)], (), (), ())
                adoptions = [*adoptions, Adoption(seen, self._program.hash)]
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
        self._keep(turn, recorded, inputs, None)
        return len(arrivals)

    def _typed(self, turn: Turn, recorded: Sequence[Recorded], seen: int) -> list[Event]:
        """The events that the program looks at; what cannot be typed is put aside, and stays in the log."""
        events: list[Event] = []
        aside: list[Unusable] = []
        for one in recorded:
            if one.kind not in self._program.kinds or not one.customer:
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
        self._keep(turn, (), {who: [] for who in customers}, until)
        return len(customers)

    def _keep(
        self, turn: Turn, recorded: Sequence[Recorded], inputs: dict[str, list[Event]], until: int | None
    ) -> None:
        """Fold customers on, and write everything that follows."""
        opened = self._customers.open(turn, inputs)
        outputs: list[Output] = []
        messages: list[Planned] = []
        for customer, events in inputs.items():
            one, past = opened.customers[customer], opened.lanes.of(customer)
            upto = events[0].seen if events else until or 0
            for adoption in self._customers.changes(turn, one, upto):
                self._conclude(turn, *self._step(one, (), adoption.since - 1, past))
                renewed = self._customers.renewed(turn, one, adoption, past)
                self._conclude(turn, one.program, renewed, [])
            pack, concluded, deliveries = self._step(one, events, until, past)
            if pack == self._program.hash:
                outputs += concluded
                messages += deliveries
            else:
                self._conclude(turn, pack, concluded, deliveries)
        upto_seq = (recorded[-1].seen, recorded[-1].seq) if recorded else _last(turn.shard)
        now = until if until is not None else upto_seq[0]
        place = turn.place + len(outputs)
        states, snapshots = self._customers.rows(turn, opened.customers, now, upto_seq, place)
        turn.keep(recorded, states, outputs, messages, ticked_to=until, pack=self._program.hash)
        turn.keep_snapshots(snapshots)

    def _step(
        self, one: Known, events: Sequence[Event], until: int | None, past: Past
    ) -> tuple[str, list[Output], list[Planned]]:
        """Fold one customer by the program that made its state."""
        program = self._programs.version(one.program).program
        pinned = pins(one.state) if one.state.pinned else {}
        one.state, outputs = step(program, one.state, events, until, past=past)
        one.due -= len(events) + len(outputs)
        return one.program, outputs, [*planned(program, outputs, pinned)]

    def _conclude(self, turn: Turn, pack: str, outputs: list[Output], messages: list[Planned]) -> None:
        """Write what another pack than the one that is run has concluded."""
        if outputs:
            turn.keep((), (), outputs, messages, pack=pack)


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


def _refuse_budgets(program: Program) -> None:
    """What customers share must be drawn in one order by all workers; until it is, no play may draw."""
    drawing = sorted(
        rule.name for rule in program.rules.plays.values() if any(one.budget for one in rule.steps)
    )
    if drawing:
        raise PeakendError(
            f"Plays that draw on a budget do not run live yet: {', '.join(drawing)}",
            fix="Leave `budget:` out of their steps, or keep them to the backtest",
            what_zh=f"要支取预算的服务剧本还不能上线运行：{'、'.join(drawing)}",
            fix_zh="请去掉步骤里的 budget:，或只用于历史推演",
        )
