"""The states of customers between two turns: as rows, as large ones held in memory, under the right program.

A small state is a row, read and written whole. A large one is held by the owner of its shard, who is its only
writer; its row says when it wants to be woken, and an older snapshot lies apart. What happened since then is
folded again from the log when another owner loads it. Nothing here commits or reads a clock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from peakend.fold import (
    Budgets,
    CustomerState,
    change_over,
    decode_state,
    encode_state,
    hits,
    let_go,
    muted,
    new_state,
    pack_is_missing,
    step,
    unknown_play,
    wakes_at,
)
from peakend.loop.budgets import answers_in
from peakend.loop.programs import Programs, Version
from peakend.loop.retelling import Retelling, whose
from peakend.model.event import Event
from peakend.model.money import Answer
from peakend.model.outcome import Output
from peakend.model.stored import Adoption, Recorded, Shard, Snapshot, StateRow
from peakend.store.base import Lane, Turn
from peakend.trigger.state import NEVER
from peakend.trigger.turn import Past

LARGE: Final = 64 * 1024
"""Bytes of a state above which it is not written at every turn."""
EACH: Final = 1024
"""Bytes of a large state for each event or conclusion after which it is written again."""
MOST_HELD: Final = 256 * 1024 * 1024
"""Bytes, as written, of large states that one worker holds; those that were not touched for longest go."""
_PIECE: Final = 5000
_AT_LAST: Final = 1 << 62


class Source(Protocol):
    """Where states lie: a turn, or a store between two turns."""

    def states(self, customers: Sequence[str]) -> dict[str, StateRow]: ...

    def snapshots(self, customers: Sequence[str]) -> dict[str, Snapshot]: ...

    def events_after(self, customer: str, seen: int, seq: int, limit: int) -> list[Recorded]: ...

    def names_within(self, customer: str) -> list[str]: ...

    def lanes(self, lanes: Sequence[Lane], before: int | None = None) -> dict[Lane, tuple[int, int]]: ...


@dataclass
class Known:
    """A customer's state in memory, the program that made it and since when it does.

    `size` is that of its snapshot (0: it is small), `due` how much may happen before that is written again.
    """

    state: CustomerState
    program: str
    since: int
    size: int = 0
    due: int = 0


class Lanes:
    """What runs tell of lanes: what was asked for at once, and the rest one by one."""

    def __init__(self, source: Source, wanted: Iterable[Lane] = (), before: int | None = None) -> None:
        self._source, self._before = source, before
        self._known: dict[Lane, tuple[int, int]] = {}
        self._parts: dict[str, list[str]] = {}
        self._read(wanted)

    def of(self, customer: str) -> Past:
        """The answers for one customer."""

        def past(play: str, key: str) -> tuple[int, int]:
            lanes = [(name, play, key) for name in self._names(customer)]
            self._read(lanes)
            found = [self._known[lane] for lane in lanes]
            return sum(number for number, _ in found), max(last for _, last in found)

        return past

    def ask(self, customer: str, lanes: Iterable[tuple[str, str]]) -> None:
        """Read what will be asked for of a customer, in one question."""
        self._read((name, *lane) for lane in lanes for name in self._names(customer))

    def join(self, former: str, customer: str) -> None:
        """From here on, what runs tell of `former` they tell of `customer`, too."""
        self._parts[customer] = [*self._names(customer), *self._names(former)]

    def _names(self, customer: str) -> list[str]:
        return self._parts.get(customer, [customer])

    def _read(self, wanted: Iterable[Lane]) -> None:
        new = {lane: (0, NEVER) for lane in wanted if lane not in self._known}
        if new:
            self._known |= new | self._source.lanes([*new], self._before)


def load(source: Source, programs: Programs, customers: Sequence[str]) -> dict[str, Known]:
    """The states of those customers who have one, as of now."""
    rows = source.states(customers)
    large = source.snapshots([name for name, row in rows.items() if not row.data])
    known = {}
    for name, row in rows.items():
        if row.data:
            state, size = decode_state(row.data), 0
        else:
            state, size = _caught_up(source, programs.version(row.program), row, large[name])
        if play := unknown_play(programs.version(row.program).program, state):
            raise pack_is_missing(play)
        known[name] = Known(state, row.program, row.since, size)
    return known


def _caught_up(
    source: Source, version: Version, row: StateRow, snapshot: Snapshot
) -> tuple[CustomerState, int]:
    """A large state as it is now: what came after its snapshot is folded again, and concludes nothing new.

    All its timers before `wake` have rung; a cut of the log elsewhere changes nothing (docs/semantics.md).
    A join writes a snapshot, so none lies behind it.
    """
    state, size = decode_state(snapshot.data), len(snapshot.data)
    past = Lanes(source, before=snapshot.place).of(row.customer)
    purse = _purse(source, version, snapshot)
    names = {*source.names_within(row.customer)}
    for events in _pieces(source, row.customer, snapshot.seen, snapshot.seq):
        own = [event for event in version.typed(events) if whose(event) in names]
        step(version.program, state, own, None, purse, past=past)
    step(version.program, state, (), _AT_LAST if row.wake is None else row.wake - 1, purse, past=past)
    return state, size


def _purse(source: Source, version: Version, snapshot: Snapshot) -> Budgets | None:
    """Budgets that answer as they did: an answer is recorded after the inputs that led to its question."""
    if not version.program.budgets:
        return None
    answers: dict[tuple[str, int], Answer] = {}
    for events in _pieces(source, snapshot.customer, snapshot.seen, snapshot.seq):
        answers |= answers_in(events)
    return version.program.new_budgets(answers=answers)


def _pieces(source: Source, customer: str, seen: int, seq: int) -> Iterator[list[Recorded]]:
    """The inputs of a customer after (seen, seq), some at a time: a server cuts off who is silent."""
    while events := source.events_after(customer, seen, seq, _PIECE):
        yield events
        seen, seq = events[-1].seen, events[-1].seq


class Customers:
    """The customers of the shards of one worker: large ones are held, others read when they are due."""

    def __init__(self, programs: Programs) -> None:
        self._programs = programs
        self._held: dict[_Owned, dict[str, Known]] = {}
        self._adopted: dict[_Owned, list[Adoption]] = {}

    def own(self, shards: Sequence[Shard]) -> list[Shard]:
        """Know what is owned, and forget all else; the shards of which `adopt` knows nothing yet."""
        owned = {_owned(shard): shard for shard in shards}
        self._held = {one: held for one, held in self._held.items() if one in owned}
        self._adopted = {one: known for one, known in self._adopted.items() if one in owned}
        return [shard for one, shard in owned.items() if one not in self._adopted]

    def adopt(self, shard: Shard, adoptions: Sequence[Adoption]) -> None:
        """Know by which packs a shard was folded, the last being the one that is run."""
        self._adopted[_owned(shard)] = [*adoptions]

    @contextmanager
    def safely(self, shard: Shard) -> Iterator[None]:
        """A turn of a shard: when it fails, what is held may be ahead of the store, and is forgotten."""
        try:
            yield
        except BaseException:
            self._held.pop(_owned(shard), None)
            raise

    def open(self, turn: Turn, inputs: Mapping[str, Sequence[Event]]) -> Opened:
        """The customers of a turn, read in a few questions for all of them."""
        held = self._held.setdefault(_owned(turn.shard), {})
        known = load(turn, self._programs, [name for name in inputs if name not in held])
        program = self._programs.current.program
        since = self._adopted[_owned(turn.shard)][-1].since
        customers = {
            name: held.get(name) or known.get(name) or Known(new_state(name), program.hash, since)
            for name in inputs
        }
        lanes = Lanes(
            turn,
            [
                (name, *hit)
                for name, events in inputs.items()
                for hit in hits(program, customers[name].state, events)
            ],
        )
        return Opened(customers, lanes)

    def changes(self, turn: Turn, one: Known, upto: int) -> Iterator[Adoption]:
        """What the shard has adopted since a state was made, up to an instant."""
        for adoption in self._adopted[_owned(turn.shard)]:
            if one.since < adoption.since <= upto:
                yield adoption

    def join(self, turn: Turn, former: Known, one: Known) -> None:
        """A state has become part of another one, which is written whole: no join lies behind a snapshot."""
        self._held[_owned(turn.shard)].pop(former.state.customer, None)
        one.due = 0

    def rows(
        self,
        turn: Turn,
        customers: Mapping[str, Known],
        now: int,
        upto: tuple[int, int],
        place: int,
        asleep: Collection[str] = (),
    ) -> tuple[list[StateRow], list[Snapshot]]:
        """What is to be written of customers after a turn, and hold the large ones.

        All inputs up to `upto` are folded, all timers up to `now`; the next conclusion has the place `place`.
        Who is `asleep` is woken by the shard that joins the state, and lies there whole until then.
        """
        held = self._held[_owned(turn.shard)]
        rows, snapshots = [], []
        for name, one in customers.items():
            held.pop(name, None)
            data = b""
            if not one.size or one.due <= 0 or name in asleep:
                let_go(self._programs.version(one.program).program, one.state, now)
                data = encode_state(one.state)
                if len(data) > LARGE and name not in asleep:
                    one.size, one.due = len(data), len(data) // EACH
                    snapshots.append(Snapshot(name, *upto, place, data))
                    data = b""
                elif one.size:
                    one.size = 0
                    snapshots.append(Snapshot(name, *upto, place, b""))
            if one.size:
                held[name] = one
            wake = None if name in asleep else wakes_at(one.state)
            rows.append(StateRow(name, wake, one.program, data, one.since))
        _keep_within(held, MOST_HELD)
        return rows, snapshots

    def renewed(self, turn: Turn, one: Known, adoption: Adoption, past: Past) -> list[Output]:
        """Change a customer over to what the shard adopted: by then all its earlier timers must have rung."""
        old, new = (self._programs.version(hash_) for hash_ in (one.program, adoption.hash))
        outputs: list[Output] = []
        if adoption.hash != one.program:
            again = Retelling(new, muted(new.program))
            for events in _pieces(turn, one.state.customer, NEVER, NEVER):
                again.tell([event for event in events if event.seen < adoption.since])
                again.let_go(events[-1].seen)
            anew = again.told(one.state.customer, adoption.since - 1)
            one.state, outputs = change_over(old.program, new.program, one.state, anew, past, adoption.since)
            one.due = 0
        one.program, one.since = adoption.hash, adoption.since
        return outputs


class Opened(NamedTuple):
    """The customers of a turn, and what is known of their closed lanes."""

    customers: dict[str, Known]
    lanes: Lanes


_Owned = tuple[int, int]


def _owned(shard: Shard) -> _Owned:
    return shard.number, shard.epoch


def _keep_within(held: dict[str, Known], most: int) -> None:
    """Let the states go that were not touched for longest: they can be read again."""
    size = sum(one.size for one in held.values())
    for name in list(held)[:-1]:
        if size <= most:
            return
        size -= held.pop(name).size
