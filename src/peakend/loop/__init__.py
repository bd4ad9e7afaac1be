"""The loop: what arrives tonight goes through the very fold that history went through, and is kept at once.

It conducts and decides nothing. A turn of a shard is one transaction: arrivals get their `seen` and `seq`,
every customer's state is folded on, and events, states, conclusions and planned deliveries are written
together. A crash between two turns loses nothing, and within one leaves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from peakend.errors import PeakendError
from peakend.fold import (
    CustomerState,
    Program,
    compile_program,
    decode_state,
    encode_state,
    join,
    new_state,
    step,
    wakes_at,
)
from peakend.listen.reading import Reader
from peakend.loop.arriving import Inputs, Sorter, names_in
from peakend.loop.deliveries import planned
from peakend.model.event import MERGES
from peakend.model.outcome import Output
from peakend.model.pack import Pack
from peakend.model.stored import Arrival, Fate, Shard, StateRow
from peakend.store.base import Store, Turn

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
        self._program = compile_program(pack, contacts_known=contacts_known)
        _refuse_budgets(self._program)
        self._reader = Reader(pack)
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
            _, more = self._fold(turn, now, len(arrivals) + BATCH)
        if more:
            self.fold(now)
        return fates

    def fold(self, now: int) -> int:
        """Fold all that waits in the inboxes of the shards that are owned; how many arrivals were taken."""
        folded, more = 0, True
        while more:
            more = False
            for shard in self._shards:
                taken = BATCH
                while taken == BATCH:
                    with self._store.turn(shard) as turn:
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
                with self._store.turn(shard) as turn:
                    due = self._wake(turn, max(now, turn.shard.ticked_to))
                woken += due
        return woken

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
        sorter = Sorter(turn, self._reader, self._program.kinds, self._program.rules.zone, identified, seen)
        inputs = sorter.sort(arrivals)
        self._keep(turn, inputs, None)
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
        self._keep(turn, Inputs(of={who: [] for who in customers}), until)
        return len(customers)

    def _keep(self, turn: Turn, inputs: Inputs, until: int | None) -> None:
        """Fold customers on, and write everything that follows."""
        rows = turn.states([*inputs.of])
        states = {name: self._state(name, rows.get(name)) for name in inputs.of}
        outputs = self._folded(states, inputs, until)
        messages = list(planned(self._program, outputs))
        spent = turn.spent([one.send_key for one in messages]) if messages else set()
        kept = [
            # Who sleeps is woken by the shard that joins the state.
            StateRow(
                name,
                None if name in inputs.asleep else wakes_at(state),
                self._program.hash,
                encode_state(state),
            )
            for name, state in states.items()
        ]
        messages = [one for one in messages if one.send_key not in spent]
        turn.keep(inputs.recorded, kept, outputs, messages, ticked_to=until)
        turn.rename(inputs.aliases)
        turn.joined([name for name in inputs.gone])
        turn.pass_on(inputs.passed)
        turn.fan_out(inputs.fans)
        if inputs.aside:
            turn.put_aside(inputs.aside)

    def _folded(self, states: dict[str, CustomerState], inputs: Inputs, until: int | None) -> list[Output]:
        """Fold inputs into states, in the order that joins ask for; what was joined leaves the states."""
        program, outputs = self._program, list[Output]()
        places = dict.fromkeys(states, 0)

        def advance(name: str, end: int) -> None:
            piece = inputs.of[name][places[name] : end]
            if piece:
                outputs.extend(step(program, states[name], piece)[1])
            places[name] = end

        for event in inputs.joins:
            name, former = event.customer, event.data["from"]
            place = next(n for n, one in enumerate(inputs.of[name]) if one is event)
            advance(former, len(inputs.of[former]))
            advance(name, place)
            outputs += join(program, states[name], states.pop(former), event)[1]
            places[name] += 1
        for name, state in states.items():
            advance(name, len(inputs.of[name]))
            if until is not None:
                outputs += step(program, state, (), until)[1]
        return outputs

    def _state(self, customer: str, row: StateRow | None) -> CustomerState:
        if row is None:
            return new_state(customer)
        if row.program != self._program.hash:
            raise PeakendError(
                f"The state of {customer} was made by another version of the pack ({row.program[:12]})",
                fix="Run the version of the pack that made this store, or begin a new store from its log",
                what_zh=f"客户 {customer} 的状态由模板的另一个版本得出（{row.program[:12]}）",
                fix_zh="请用当初的模板版本运行，或用其日志新建一个库",
            )
        return decode_state(row.data)


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
