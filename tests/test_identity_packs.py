"""Customers who are joined while packs change: what was concluded live is what the recorded inputs give.

Two workers run different packs and change them, so a join meets states of two packs. The retelling knows no
turns, rows or workers: it folds every name by the packs of its shard, and joins where the record says so.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
import pytest
from building import at, do, pack, play
from naive.compare import rows
from random_packs import typed
from test_identity_live import NAMES, Service, live

from peakend import fold
from peakend.listen.identity import Identities, names_of
from peakend.listen.reading import Reader
from peakend.loop import Loop, customers
from peakend.loop.programs import Version
from peakend.model.event import JOINED, Event
from peakend.model.outcome import Merged, Output, Passed, Verdict
from peakend.model.pack import Pack
from peakend.model.stored import ADOPTED, Arrival, Recorded
from peakend.store import MemoryStore, Store
from peakend.store.rows import shard_of
from peakend.trigger.rules import StepRule
from peakend.trigger.state import NEVER

MANY = bool(os.environ.get("PEAKEND_LAWS"))
BLOCKS = range(40 if MANY else 4)
EVERYBODY = [*NAMES, *(f"visitor-{name}" for name in NAMES)]


def changed(drawn: dict[str, object], seed: int, number: int) -> Pack:
    """A pack as its designer published it the next time."""
    again, chance = msgspec.json.decode(msgspec.json.encode(drawn)), random.Random(seed + number)
    for one in again["plays"] if number else ():
        what = chance.randrange(4)
        if what == 0:
            one["priority"] = one.get("priority", 0) + 1
        elif what == 1:
            one["steps"] = one["steps"][:1]
        elif what == 2:
            one["again"] = chance.choice(["once", "after_exit", "every"])
    return msgspec.structs.replace(typed(again), hash=f"pack-{number}")


class Published(Service):
    """A service whose workers run packs of their own, and others when they come back."""

    budgeted = False  # the retelling knows nothing of what others draw

    def __init__(self, seed: int, again: Callable[[], Store]) -> None:
        self.packs: dict[str, Pack] = {}
        super().__init__(seed, again)

    def worker(self, name: str) -> Loop:
        if not self.packs:
            made = [changed(self.crowd.drawn, self.seed, number) for number in range(3)]
            self.packs = {one.hash: one for one in made}
        store, of = self.again(), self.packs[self.chance.choice([*self.packs])]
        half = (store.shards + 1) // 2
        return Loop(store, of, worker=name, most_shards=half, contacts_known=self.known, older=self.packs)

    def finish(self) -> int:
        """Everybody hears once more: who is not touched does not change over. The instant of the end."""
        clock = 1 + max(one.seen for name in ("", *EVERYBODY) for one in self.store.events_of(name))
        self.own(clock)
        word = [Arrival("end", n, n, "consent.withdrawn", clock, "", '{"what":"-"}') for n in EVERYBODY]
        self.workers[0].ingest(word, clock)
        while self.store.waiting():
            for one in self.workers:
                one.fold(clock)
        end = max(one.seen for name in EVERYBODY for one in self.store.events_of(name))
        self.tick(end)
        return end


@dataclass
class Name:
    """One name while it is folded, with its log and those of the names that were joined to it."""

    state: fold.CustomerState
    by: str
    log: list[tuple[Event | Recorded, list[object]]] = field(default_factory=list)


class Retelling:
    def __init__(self, service: Published, end: int) -> None:
        self.service, self.end = service, end
        self.names: dict[str, Name] = {}
        self.known = Identities()
        self.of_shard: dict[int, str] = {}
        self.outputs: list[Output] = []
        self.versions = {hash_: self._version(hash_) for hash_ in service.packs}
        store = service.store
        names = store._names.aliases.values()  # type: ignore[attr-defined]
        self.asleep = {
            one.customer: one.since
            for one in names
            if shard_of(one.customer, store.shards)
            != shard_of(store._known["peakend", f"joined {one.customer}"].customer, store.shards)  # type: ignore[attr-defined]
        }

    def _version(self, hash_: str) -> Version:
        packs, known = self.service.packs, self.service.known
        older = [one for one in reversed(packs.values()) if one.hash != hash_]
        return Version(
            fold.compile_published(packs[hash_], older, contacts_known=known), Reader(packs[hash_], older)
        )

    def tell(self) -> list[Output]:
        store = self.service.store
        told = [one for name in ("", *EVERYBODY) for one in store.events_of(name)]
        for one in sorted(told, key=lambda one: (one.seen, one.kind != ADOPTED, one.seq)):
            if one.kind == ADOPTED:
                data = msgspec.json.decode(one.data)
                self._adopt(data["shard"], data["hash"], one.seen)
            elif one.kind == JOINED:
                self._join(one)
            elif one.customer:
                self._input(one)
        for name in self.names.values():
            self._step(name, [], self.end)
        return self.outputs

    def _name(self, name: str) -> Name:
        if name not in self.names:
            by = self.of_shard[shard_of(name, self.service.store.shards)]
            self.names[name] = Name(fold.new_state(name), by)
        return self.names[name]

    def _step(self, name: Name, events: list[Event], until: int | None) -> None:
        self.outputs += fold.step(self.versions[name.by].program, name.state, events, until)[1]

    def _input(self, one: Recorded) -> None:
        data = msgspec.json.decode(one.data or "{}")
        names = names_of(one.kind, one.customer, data)
        name = self.known.of(names[0] if names else one.customer)
        if not one.kind.startswith("relation.") and any(
            one.kind in version.program.kinds for version in self.versions.values()
        ):
            of = self._name(name)
            of.log.append((one, []))
            self._step(of, self.versions[of.by].typed([one]), None)

    def _adopt(self, shard: int, hash_: str, instant: int) -> None:
        self.of_shard[shard] = hash_
        for customer, name in self.names.items():
            asleep = self.asleep.get(customer, self.end) < instant
            if shard_of(customer, self.service.store.shards) == shard and not asleep:
                self._change(name, hash_, instant)

    def _change(self, name: Name, hash_: str, instant: int) -> None:
        if hash_ == name.by:
            return
        old, new = self.versions[name.by].program, self.versions[hash_]
        self._step(name, [], instant - 1)
        program = fold.muted(new.program)
        anew = self._muted(new, program, name.state.customer, name.log)
        fold.step(program, anew, [], instant - 1)
        name.state, outputs = fold.change_over(
            old, new.program, name.state, anew, lambda play, key: (0, NEVER), instant
        )
        self.outputs += outputs
        name.by = hash_

    def _muted(self, version: Version, program: fold.Program, who: str, log: list) -> fold.CustomerState:  # type: ignore[type-arg]
        state = fold.new_state(who)
        for one, inner in log:
            if isinstance(one, Event):
                former = self._muted(version, program, one.data["from"], inner)
                fold.join(program, state, former, one)
            else:
                fold.step(program, state, version.typed([one]))
        return state

    def _join(self, one: Recorded) -> None:
        former = msgspec.json.decode(one.data)["from"]
        self.known.merge(former, one.customer)
        stays, goes = self._name(one.customer), self._name(former)
        self._change(goes, stays.by, one.seen)
        event = Event(one.customer, JOINED, one.at, one.seen, one.seq, {"from": former})
        program = self.versions[stays.by].program
        self.outputs += fold.join(program, stays.state, goes.state, event)[1]
        stays.log.append((event, goes.log))  # type: ignore[arg-type]
        del self.names[former]


def _steps(of: Pack) -> list[StepRule]:
    return [step for rule in fold.compile_program(of).rules.plays.values() for step in rule.steps]


@pytest.mark.law
@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("block", BLOCKS)
def test_a_log_with_joins_told_again_by_its_packs_gives_what_was_concluded_live(
    block: int, large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if large:
        monkeypatch.setattr(customers, "LARGE", 100)
        monkeypatch.setattr(customers, "EACH", 40)
    joins = 0
    for seed in range(block * 10, block * 10 + 10):
        store = MemoryStore(shards=1 + seed % 4)
        service = Published(seed, lambda store=store: store)  # type: ignore[misc]
        if any(rule.budget for rule in _steps(service.packs["pack-0"])):
            continue
        service.run()
        end = service.finish()
        outputs = live(store, EVERYBODY)
        assert rows(outputs) == rows(Retelling(service, end).tell()), f"seed {seed}"
        joins += sum(isinstance(one, Merged) for one in outputs)
    assert joins


# --- by hand


def test_a_run_that_comes_from_a_shard_of_another_pack_follows_its_play_as_it_was() -> None:
    first, later = (
        msgspec.structs.replace(
            pack(play("greets", do(step, after=after, through=["sms"]), key="order")), hash=step
        )
        for step, after in (("hello", "PT2H"), ("welcome", "PT5H"))
    )
    store = MemoryStore(shards=2)
    old, new = (next(n for n in "abcdefgh" if shard_of(n, 2) == number) for number in (0, 1))
    one = Loop(store, first, worker="w-0", most_shards=1, contacts_known=False)
    two = Loop(store, later, worker="w-1", most_shards=1, contacts_known=False, older={first.hash: first})
    now = at("03-02 10:00")
    assert (one.own(now), two.own(now)) == (1, 1)
    one.ingest([Arrival("crm", "1", old, "order.made", now, "", '{"order":"O1"}')], now)
    two.ingest([Arrival("crm", "2", new, "order.made", now, "", '{"order":"O2"}')], now)
    merge = msgspec.json.encode({"from": old, "into": new}).decode()
    one.ingest([Arrival("crm", "3", new, "customer.merged", now + 1, "", merge)], now + 1)
    for loop in (one, two, one, two):
        loop.fold(now + 2)
    two.tick(at("03-03 10:00"))
    found = [v for v in store.story(new) if isinstance(v, Verdict)]
    assert [(v.step, v.key, v.instant) for v in found] == [
        ("hello", "O1", at("03-02 12:00")),
        ("welcome", "O2", at("03-02 15:00")),
    ]
    assert store.states([old]) == {} and [m.planned.customer for m in store.messages()] == [new, new]


def test_a_lane_that_was_let_go_under_either_name_has_run_for_the_one_customer() -> None:
    greets = pack(play("greets", do("hello", through=["sms"]), key="order"))
    store, now = MemoryStore(shards=3), at("03-02 10:00")
    loop = Loop(store, greets, contacts_known=False)
    loop.own(now)
    told = [(who, "order.made", {"order": f"O-{who}"}) for who in ("a", "b", "c")]
    told += [("a", "customer.merged", {"from": "a", "into": "b"})]
    told += [("b", "customer.merged", {"from": "b", "into": "c"})]
    told += [("a", "order.made", {"order": f"O-{who}"}) for who in ("a", "b", "c")]
    for number, (who, kind, data) in enumerate(told):
        text = msgspec.json.encode(data).decode()
        loop.ingest([Arrival("crm", str(number), who, kind, now + number, "", text)], now + 1000 * number)
        loop.tick(now + 1000 * number + 500)
    passed = [one.reason for one in store.story("c") if isinstance(one, Passed)]
    assert passed == ["already_ran"] * 3
    assert store.names_within("c") == ["c", "b", "a"]
