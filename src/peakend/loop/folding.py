"""One turn's folding: customers in pieces between their joins, each under the pack that made its state.

Nothing is read from the inbox here and nothing is sent; what comes of it is handed to the store's turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from peakend.fold import join, pins, running, step, unheld
from peakend.loop.arriving import Inputs
from peakend.loop.budgets import LiveBudgets
from peakend.loop.customers import Customers
from peakend.loop.deliveries import planned, told
from peakend.loop.programs import Programs
from peakend.model.event import Event
from peakend.model.looked import Clock
from peakend.model.outcome import Content, Output
from peakend.model.stored import Adoption, Planned, Shard
from peakend.store.base import Turn


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


class Folding:
    """What a turn folds. `seen` is that of its inputs, and of what budgets answer."""

    def __init__(
        self, turn: Turn, programs: Programs, customers: Customers, inputs: Inputs, seen: int
    ) -> None:
        self._turn, self._programs, self._customers = turn, programs, customers
        self._inputs, self._seen = inputs, seen
        self._opened = customers.open(turn, inputs.of)
        self._budgets = LiveBudgets(turn)
        self._concluded = Concluded()
        self._places = dict.fromkeys(inputs.of, 0)
        self._current = programs.current.program.hash
        self._running = self._clocks()

    def run(self, until: int | None) -> None:
        """Fold everything in the order that joins ask for, tick to `until`, and write all that follows."""
        for event in self._inputs.joins:
            self._join(event)
        for name, events in self._inputs.of.items():
            if name in self._opened.customers:
                self._advance(name, len(events), until)
        self._write(until)

    def _advance(self, name: str, end: int, until: int | None = None) -> None:
        """Fold a customer's inputs up to the place `end`."""
        events = self._inputs.of[name]
        self._bring_over(name, events[0].seen if events else self._seen if until is None else until)
        self._step(name, events[self._places[name] : end], until)
        self._places[name] = end

    def _bring_over(self, name: str, upto: int) -> None:
        """Let a customer of this shard go through what the shard has adopted up to an instant."""
        one = self._opened.customers[name]
        for adoption in self._customers.changes(self._turn, one, upto):
            self._change(name, adoption)

    def _change(self, name: str, adoption: Adoption) -> None:
        one, past = self._opened.customers[name], self._opened.lanes.of(name)
        self._step(name, (), adoption.since - 1)
        renewed = self._customers.renewed(self._turn, one, adoption, past)
        self._keep(one.program, Concluded(renewed))

    def _join(self, event: Event) -> None:
        """Two names are one customer from here: both as far as the join, under one pack, then one state."""
        name, former = event.customer, event.data["from"]
        stays, goes = self._opened.customers[name], self._opened.customers[former]
        self._bring_over(name, event.seen)
        self._advance(name, next(n for n, one in enumerate(self._inputs.of[name]) if one is event))
        if self._turn.shard_of(former) == self._turn.shard.number:
            self._bring_over(former, event.seen)
            self._advance(former, len(self._inputs.of[former]))
        elif goes.program != stays.program:
            self._change(former, Adoption(event.seen, stays.program))
        for one in (former, name):
            self._step(one, (), event.seen - 1)
        lanes = self._opened.lanes
        lanes.ask(name, unheld(stays.state, goes.state))
        lanes.ask(former, unheld(goes.state, stays.state))
        program = self._programs.version(stays.program).program
        past, gone = lanes.of(name), lanes.of(former)
        outputs = join(program, stays.state, goes.state, event, past=past, past_of_former=gone)[1]
        self._keep(stays.program, Concluded(outputs))
        lanes.join(former, name)
        self._customers.join(self._turn, self._opened.customers.pop(former), stays)
        self._places[name] += 1

    def _step(self, name: str, events: Sequence[Event], until: int | None) -> None:
        """Fold one customer by the program that made its state."""
        one = self._opened.customers[name]
        program = self._programs.version(one.program).program
        pinned = pins(one.state) if one.state.pinned else {}
        contents: list[Content] = []
        purse = self._budgets.of(program, name) if program.budgets else None
        past = self._opened.lanes.of(name)
        one.state, outputs = step(program, one.state, events, until, purse, contents, past)
        one.due -= len(events) + len(outputs)
        messages = [*planned(program, outputs, contents, pinned)]
        self._keep(one.program, Concluded(outputs, messages, contents))

    def _keep(self, pack: str, found: Concluded) -> None:
        """Keep what was concluded for the end of the turn; at once where another pack than today's did it."""
        if pack == self._current:
            self._concluded.add(found)
        elif found.outputs:
            messages = _unspent(self._turn, found.messages)
            self._turn.keep((), (), found.outputs, messages, told(found.contents), pack=pack)

    def _write(self, until: int | None) -> None:
        turn, inputs, concluded = self._turn, self._inputs, self._concluded
        recorded = inputs.recorded
        upto = (recorded[-1].seen, recorded[-1].seq) if recorded else _last(turn.shard)
        states, snapshots = self._customers.rows(
            turn,
            self._opened.customers,
            until if until is not None else upto[0],
            upto,
            turn.place + len(concluded.outputs),
            inputs.asleep,
        )
        answered = self._budgets.recorded(self._seen, turn.shard.next_seq + len(recorded))
        turn.keep(
            [*recorded, *answered],
            states,
            concluded.outputs,
            _unspent(turn, concluded.messages),
            told(concluded.contents),
            ticked_to=until,
            pack=self._current,
        )
        turn.keep_snapshots(snapshots)
        self._watch()
        turn.rename(inputs.aliases)
        turn.joined(inputs.gone)
        turn.pass_on(inputs.passed)
        turn.fan_out(inputs.fans)
        if inputs.aside:
            turn.put_aside(inputs.aside)

    def _watch(self) -> None:
        """Write the clocks of those for whom one began, stopped or got another deadline."""
        before, now = self._running, self._clocks()
        moved = [name for name in self._opened.customers if before.get(name) != now.get(name)]
        if moved:
            self._turn.watch(moved, [clock for name in moved for clock in now.get(name, ())])

    def _clocks(self) -> dict[str, list[Clock]]:
        """The clocks that run, of those who have any."""
        return {
            name: clocks
            for name, one in self._opened.customers.items()
            if one.state.points
            and (clocks := running(self._programs.version(one.program).program, one.state))
        }


def _unspent(turn: Turn, messages: Sequence[Planned]) -> list[Planned]:
    """Those that were not sent to somebody who was erased since."""
    spent = turn.spent([one.send_key for one in messages]) if messages else set()
    return [one for one in messages if one.send_key not in spent]


def _last(shard: Shard) -> tuple[int, int]:
    """The (seen, seq) up to which all inputs of a shard are folded."""
    return shard.last_seen, shard.next_seq - 1
