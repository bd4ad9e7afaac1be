"""The loop: what arrives tonight goes through the very fold that history went through, and is kept at once.

It conducts and decides nothing. A turn of a shard is one transaction: arrivals get their `seen` and `seq`,
every customer's state is folded on, and events, states, conclusions and planned deliveries are written
together. A crash between two turns loses nothing, and within one leaves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Final

import msgspec

from peakend.errors import PeakendError
from peakend.fold import Program
from peakend.loop.arriving import Inputs, Sorter, names_in
from peakend.loop.customers import Customers
from peakend.loop.folding import Folding
from peakend.loop.programs import Programs
from peakend.model.event import MERGES
from peakend.model.pack import Pack
from peakend.model.stored import ADOPTED, OURS, Adoption, Arrival, Fate, Recorded, Shard
from peakend.store.base import Store, Turn
from peakend.trigger.pauses import pauses_of

__all__ = ["Loop"]

BATCH: Final = 500
"""Arrivals, or customers to be woken, that one turn takes: more share one commit, fewer wait for it."""
CHUNK: Final = 1_000
"""Customers whom one turn hands an event about a subject."""
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
        self.programs = Programs(pack, older, contacts_known)
        self._reader = self.programs.current.reader
        self._customers = Customers(self.programs)
        self._told: list[tuple[str, int, dict[str, str]]] = []
        self._decode = msgspec.json.Decoder(dict[str, str]).decode
        _refuse_backfill(pack)
        self._most = most_shards or store.shards
        self._shards: list[Shard] = []

    @property
    def program(self) -> Program:
        """The program of the pack that is run."""
        return self.programs.current.program

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
            _, more = self._fold(turn, now, len(arrivals) + BATCH)
        if more:
            self.fold(now)
        return fates

    def work(self, now: int) -> bool:
        """One turn of whatever waits, or else is due, in each owned shard that has any; whether one had.

        Only one: a worker has to say again that it owns its shards, however much waits. What is due rings
        when nothing waits: a reminder must not overtake the renewal that came before it.
        """
        busy = self._store.busy(now)
        mine = [shard for shard in self._shards if shard.number in busy]
        for shard in mine:
            with self._turn(shard) as turn:
                taken, more = self._fold(turn, now, BATCH)
            if taken < BATCH and not more:
                with self._turn(shard) as turn:
                    self._wake(turn, max(now, turn.shard.ticked_to))
        return bool(mine)

    def fold(self, now: int) -> int:
        """Fold all that waits in the inboxes of the shards that are owned; how many arrivals that were."""
        folded, more = 0, True
        while more:
            more = False
            for shard in self._shards:
                taken = BATCH
                while taken == BATCH:
                    with self._turn(shard) as turn:
                        taken, again = self._fold(turn, now, BATCH)
                    folded += taken
                    more = more or again
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
            if not adoptions or adoptions[-1].hash != self.program.hash:
                # After all that was folded by the pack before it, and before all that is still to come.
                seen = max(now, shard.last_seen + 1, shard.ticked_to + 1)
                turn.keep([adopted(self.program, shard, seen)], (), (), ())
                adoptions = [*adoptions, Adoption(seen, self.program.hash)]
        self._customers.adopt(shard, adoptions)

    def _fold(self, turn: Turn, now: int, most: int) -> tuple[int, bool]:
        """Fold the oldest arrivals of a shard: they are seen now, and never before what was seen already.

        Returns how many there were, and whether something waits now that did not before: what was passed on,
        a name that another shard has to join, an event on its way to everyone concerned.
        """
        arrivals, shard = turn.take(most), turn.shard
        names = {one.customer for one in arrivals}
        merges = [one for one in arrivals if one.kind in MERGES]
        for one in merges:
            names.update(names_in(one.data))
        identified = turn.identities([*names], merging=bool(merges))
        reaching = self._reach(turn)
        if not arrivals and not identified.waiting:
            return 0, reaching
        # A state that comes from another shard was seen there up to `since`.
        since = max((one.since for one in identified.waiting), default=0)
        seen = max(now, shard.last_seen, shard.ticked_to + 1, since + 1)
        self._hear(turn)
        sorter = Sorter(turn, self._reader, self.program.kinds, self.program.rules.zone, identified, seen)
        inputs = sorter.sort(arrivals)
        Folding(turn, self.programs, self._customers, inputs, seen).run(None)
        return len(arrivals), bool(reaching or inputs.passed or inputs.asleep or inputs.fans)

    def _reach(self, turn: Turn) -> bool:
        """Hand the next copies of an event about a subject on; whether there is such an event."""
        fan = turn.fan() if turn.shard_of("") == turn.shard.number else None
        if fan is None:
            return False
        customers = turn.related(fan, CHUNK)
        copies = [
            Arrival(fan.source, f"{fan.id}|{one}", one, fan.kind, fan.at, fan.subject, fan.data)
            for one in customers
        ]
        turn.fanned(fan, copies, customers[-1] if len(customers) == CHUNK else None)
        return True

    def _wake(self, turn: Turn, until: int) -> int:
        # What is seen from here on lies after `until`, also if other customers are woken in later turns only.
        customers = turn.due(until, BATCH)
        self._hear(turn)
        inputs = Inputs(of={who: [] for who in customers})
        Folding(turn, self.programs, self._customers, inputs, max(until, turn.shard.last_seen)).run(until)
        return len(customers)

    def _hear(self, turn: Turn) -> None:
        """Take in what was announced since the last turn: the pauses that this turn must know."""
        new = turn.announced(self._told[-1][1] if self._told else -1)
        if new:
            self._told += [(one.kind, one.seen, self._decode(one.data)) for one in new]
            self.programs.pause(pauses_of(self._told))


def adopted(program: Program, shard: Shard, seen: int) -> Recorded:
    """The input that a shard is folded by a pack from `seen` on."""
    said = {"pack": program.pack, "hash": program.hash, "shard": shard.number}
    data = msgspec.json.encode(said, order="sorted").decode()
    return Recorded(
        "", ADOPTED, seen, seen, shard.next_seq, data, OURS, f"{ADOPTED}/{shard.number}/{seen}", ""
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
