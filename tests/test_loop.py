"""The loop against the past: what was concluded live equals the backtest of what the store recorded.

A case is one integer: a random pack with a random log of three customers, told to the loop in random pieces,
with ticks between them, repeated arrivals and restarts; several shards are shared by two workers, who fold at
different moments. A failing seed is in the message.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from building import at, do, event, pack, play
from naive.compare import knows_contacts, rows
from random_crowds import as_written
from random_packs import make_case

from peakend.backtest.conclude import conclude
from peakend.errors import PeakendError
from peakend.fold import running
from peakend.loop import LEASE, Loop, customers
from peakend.model.event import Event
from peakend.model.looked import FAR, Clock
from peakend.model.outcome import Output, Verdict
from peakend.model.pack import Pack
from peakend.model.stored import Arrival
from peakend.store import Fenced, MemoryStore, Store, open_store

MANY = bool(os.environ.get("PEAKEND_LAWS"))
BLOCK = 25
BLOCKS = range(400 if MANY else 8)
DATABASES = range(60 if MANY else 2)
WHO = ("c-1", "c-2", "c-3")


def arrival(one: Event, customer: str, number: int) -> Arrival:
    data = msgspec.json.encode(as_written(one).data, order="sorted").decode()
    return Arrival(one.source or "crm", f"{customer}/{number}", customer, one.kind, one.at, one.subject, data)


class Night:
    """One service run live from a seed: `clock` never reads a real one."""

    def __init__(self, seed: int, again: Callable[[], Store]) -> None:
        self.seed, self.chance = seed, random.Random(seed)
        case = make_case(seed)
        self.pack, self.again = case.pack, again
        self.known = knows_contacts(case.events)
        self.told = sorted(
            (
                (one.seen, number, arrival(one, who, number))
                for who in WHO
                for number, one in enumerate(case.events)
            ),
            key=lambda found: found[:2],
        )
        self.store = again()
        self.loops = self.workers("w")
        self.clocks = 0

    def workers(self, name: str) -> list[Loop]:
        """One worker, or two where there are shards to share, each with a connection of its own."""
        most = (self.store.shards + 1) // 2
        stores = [self.store, *([self.again()] if self.store.shards > 1 else [])]
        return [self.worker(f"{name}-{number}", store, most) for number, store in enumerate(stores)]

    def worker(self, name: str, store: Store, most: int) -> Loop:
        return Loop(store, self.pack, worker=name, most_shards=most, contacts_known=self.known)

    def own(self, clock: int) -> None:
        assert sum(loop.own(clock) for loop in self.loops) == self.store.shards

    def ingest(self, arrivals: list[Arrival], clock: int) -> list[str]:
        """Any worker takes arrivals in; the other one folds its part now or later."""
        (first, *others) = self.chance.sample(self.loops, len(self.loops))
        fates = first.ingest(arrivals, clock)
        for other in others:
            if self.chance.random() < 0.6:
                other.fold(clock)
        return [*fates]

    def fold(self, clock: int) -> None:
        for loop in self.loops:
            loop.fold(clock)

    def tick(self, clock: int) -> None:
        for loop in self.loops:
            loop.tick(clock)

    def run(self) -> int:
        """Tell everything, and tick to the last instant that was seen, which is returned."""
        clock = self.told[0][0] if self.told else 0
        self.own(clock)
        waiting = [found for found in self.told]
        while waiting:
            size = self.chance.choice((1, 1, 2, 5, 20))
            piece, waiting = waiting[:size], waiting[size:]
            clock = max(clock, piece[-1][0])
            again = [self.chance.choice(self.told)[2]] if self.chance.random() < 0.3 else []
            arrivals = [one for _, _, one in piece]
            assert "other_body" not in self.ingest([*arrivals, *arrivals[:1]], clock)
            if waiting and waiting[0][0] - clock > 2 and self.chance.random() < 0.4:
                clock = self.chance.randrange(clock, waiting[0][0])
                self.tick(clock)
            if again and again[0] in arrivals:
                assert self.ingest(again, clock) == ["known"]
            if len(waiting) % 3 == 0:
                clocks = shown_clocks(self)
                assert clocks == running_clocks(self)
                self.clocks += len(clocks)
            if self.chance.random() < 0.15:
                clock = self.restart(clock)
        self.fold(clock)
        return clock

    def restart(self, clock: int) -> int:
        """Others go on, after a clean end or once the leases are over."""
        if self.chance.random() < 0.5:
            for loop in self.loops:
                self.store.release_shards(loop._worker)
        else:
            clock += LEASE + 1
        self.store = self.again()
        self.loops = self.workers(f"w{self.chance.randrange(10**9)}")
        self.own(clock)
        return clock


def recorded(store: Store, path: Path) -> Path:
    """The inputs of a store as a log in a file."""
    batches = list(store.recorded())
    table = pa.Table.from_batches(batches)
    pq.write_table(table, path)
    return path


def live(store: Store) -> list[Output]:
    return [one for who in WHO for one in store.story(who)]


def last_seen(log: Path) -> int:
    return int(pa.compute.max(pq.read_table(log)["seen_at"].cast(pa.int64())).as_py())


def tick_to_the_end(night: Night, path: Path) -> Path:
    """Tick to the last arrival; the log with all that budgets answered until then, which ends there, too."""
    last = last_seen(recorded(night.store, path))
    night.tick(last)
    assert last_seen(recorded(night.store, path)) == last
    return path


@contextmanager
def opened(url: str) -> Iterator[Callable[[], Store]]:
    """What opens a store once more; all of them are closed in the end."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(open_store(url)))


def assert_same(seed: int, again: Callable[[], Store], tmp_path: Path) -> None:
    """Run a night, tick it to its last arrival, and hold its conclusions against the backtest of its log."""
    night = Night(seed, again)
    night.run()
    log = tick_to_the_end(night, tmp_path / f"{seed}.parquet")
    past = conclude(night.pack, [log])
    assert not past.refused
    assert rows(live(night.store)) == rows(past.outputs), f"seed {seed}"
    assert shown_clocks(night) == running_clocks(night), f"seed {seed}"
    sends = {one.message for one in past.outputs if isinstance(one, Verdict) and one.outcome == "send"}
    planned = [one.planned for one in night.store.messages()]
    assert {one.message for one in planned} <= sends
    assert len({one.send_key for one in planned}) == len(planned)


def shown_clocks(night: Night) -> list[Clock]:
    """The standards that the store shows as running, page by page."""
    found, after = list[Clock](), ""
    while True:
        rows, after = night.store.list_clocks(FAR, after, 3)
        found += rows
        if not after:
            assert [one.deadline for one in found] == sorted(one.deadline for one in found)
            return sorted(found)


def running_clocks(night: Night) -> list[Clock]:
    """Those that run in the states."""
    programs = night.loops[0].programs
    known = customers.load(night.store, programs, WHO).values()
    found = (clock for one in known for clock in running(programs.version(one.program).program, one.state))
    return sorted(found)


def test_the_nights_have_clocks_to_show() -> None:
    """A property that only ever sees none proves nothing."""
    found = 0
    for seed in range(BLOCK):
        store = MemoryStore()
        night = Night(seed, lambda store=store: store)
        night.run()
        found += night.clocks
    assert found > BLOCK // 4


@pytest.fixture(params=["small", "large"])
def states(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whether states are rows, or large ones that are held in memory and written now and then."""
    if request.param == "large":
        monkeypatch.setattr(customers, "LARGE", 100)
        monkeypatch.setattr(customers, "EACH", 40)
    return str(request.param)


@pytest.mark.law
@pytest.mark.usefixtures("states")
@pytest.mark.parametrize("block", BLOCKS)
def test_live_concludes_what_the_backtest_of_its_recorded_inputs_does(block: int, tmp_path: Path) -> None:
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        store = MemoryStore(shards=1 + seed % 3)
        assert_same(seed, lambda store=store: store, tmp_path)


@pytest.mark.law
@pytest.mark.usefixtures("states")
@pytest.mark.parametrize("block", DATABASES)
def test_live_on_sqlite_equals_the_backtest(block: int, tmp_path: Path) -> None:
    for seed in range(block * 5, block * 5 + 5):
        with opened(str(tmp_path / f"{seed}.db")) as again:
            assert_same(seed, again, tmp_path)


@pytest.mark.law
@pytest.mark.usefixtures("states")
@pytest.mark.parametrize("seed", DATABASES)
def test_live_on_postgresql_equals_the_backtest(seed: int, tmp_path: Path, postgres: str) -> None:
    with opened(postgres) as again:
        assert_same(seed, again, tmp_path)


# --- by hand


GREETS = play("greets", do("hello", after="PT2H", through=["sms"]), key="order")


def served(store: Store, of: Pack, worker: str = "w-1", now: str = "03-02 10:00") -> Loop:
    loop = Loop(store, of, worker=worker, contacts_known=False)
    loop.own(at(now))
    return loop


def orders(*when: str) -> list[Arrival]:
    return [arrival(event(one, "order.made", order=f"O{n}"), "c-1", n) for n, one in enumerate(when)]


def said(store: Store) -> list[tuple[str, str]]:
    return [(one.outcome, one.step) for one in store.story("c-1") if isinstance(one, Verdict)]


def test_nothing_is_decided_before_its_time_and_what_is_due_is_planned_once() -> None:
    store = MemoryStore()
    loop = served(store, pack(GREETS))
    assert loop.ingest(orders("03-02 10:00"), at("03-02 10:00")) == ["taken"]
    assert loop.tick(at("03-02 11:59")) == 0 and said(store) == []
    assert loop.tick(at("03-02 12:00")) == 1 and said(store) == [("send", "hello")]
    assert loop.tick(at("03-02 12:30")) == 0
    (message,) = store.messages()
    assert (message.planned.channel, message.state, message.planned.at_most_once) == ("sms", "planned", True)
    assert message.planned.since == at("03-02 12:00") < message.planned.until


def test_an_arrival_that_comes_again_changes_nothing() -> None:
    store = MemoryStore()
    loop = served(store, pack(GREETS))
    (order,) = orders("03-02 10:00")
    assert loop.ingest([order, order], at("03-02 10:00")) == ["taken", "known"]
    assert loop.ingest([order], at("03-02 10:05")) == ["known"]
    other = msgspec.structs.replace(order, data='{"order":"O9"}')
    assert loop.ingest([other], at("03-02 10:06")) == ["other_body"]
    loop.tick(at("03-03 10:00"))
    assert said(store) == [("send", "hello")]


def test_a_clock_that_steps_back_reorders_nothing() -> None:
    store = MemoryStore()
    loop = served(store, pack(GREETS))
    loop.ingest(orders("03-02 10:00"), at("03-02 10:00"))
    loop.tick(at("03-02 12:00"))
    loop.ingest(orders("03-02 10:00", "03-02 11:30")[1:], at("03-02 11:30"))
    seen = [one.seen for one in store.events_of("c-1")]
    assert seen == [at("03-02 10:00"), at("03-02 12:00") + 1]


def test_what_cannot_be_typed_stays_in_the_log_and_is_put_aside_with_its_reason() -> None:
    store = MemoryStore()
    loop = served(store, pack(GREETS, customer={"tier": {"type": "number", "from": "order.made.v"}}))
    strange = Arrival("crm", "e-1", "c-1", "order.made", at("03-02 10:00"), "", '{"order":"O1","v":"many"}')
    other = Arrival("shop", "e-1", "c-1", "order.made", at("03-02 10:00"), "", '{"order":"O1","v":"few"}')
    told = [strange, other, *orders("03-02 10:00")]
    assert loop.ingest(told, at("03-02 10:00")) == ["taken", "taken", "taken"]
    row, second = store.put_aside_rows()
    assert row.place == "e-1" and "many" in row.reason_en and row.body == strange.data
    assert (row.source, second.source, second.place, second.body) == ("crm", "shop", "e-1", other.data)
    assert len(store.events_of("c-1")) == 3
    loop.tick(at("03-02 12:00"))
    assert said(store) == [("send", "hello")]


def test_a_worker_that_was_replaced_writes_nothing_more() -> None:
    store = MemoryStore()
    frozen = served(store, pack(GREETS), "w-1")
    other = Loop(store, pack(GREETS), worker="w-2", contacts_known=False)
    other.own(at("03-02 10:00") + LEASE + 1)
    with pytest.raises(Fenced):
        frozen.ingest(orders("03-02 10:00"), at("03-02 10:01"))
    assert other.ingest(orders("03-02 10:00"), at("03-02 10:01")) == ["taken"]


def test_a_state_of_another_version_of_the_pack_is_refused_by_name() -> None:
    store = MemoryStore()
    served(store, pack(GREETS)).ingest(orders("03-02 10:00"), at("03-02 10:00"))
    newer = msgspec.structs.replace(pack(GREETS), hash="another")
    with pytest.raises(PeakendError, match="another version of the pack"):
        served(store, newer).ingest(orders("03-02 10:00", "03-02 10:01"), at("03-02 10:01"))


def test_steps_that_leave_together_are_one_delivery() -> None:
    gathers = play(
        "greets", do("hello", after="PT2H", through=["sms"]), key="order", gather={"within": "PT1H"}
    )
    store = MemoryStore()
    loop = served(store, pack(gathers))
    loop.ingest(orders("03-02 10:00", "03-02 10:20"), at("03-02 10:20"))
    loop.tick(at("03-02 13:00"))
    assert said(store) == [("send", "hello"), ("send", "hello")]
    (message,) = store.messages()
    assert message.planned.since == at("03-02 13:00")
