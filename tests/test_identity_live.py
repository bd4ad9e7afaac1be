"""Names that turn out to be one customer, live: what was concluded equals the backtest of what was recorded.

A case is one integer: a random pack, customers of several names who act at the same instants, merges in any
order (known ones, circles and merges into themselves among them), told in random pieces to two workers who
own half of the shards each. A failing seed is in the message.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from building import at, do, event, pack, play, write_log
from naive.compare import knows_contacts, rows
from random_crowds import Crowd, as_written, make_crowd
from test_loop_crash import mortal

from peakend.backtest import backtest
from peakend.backtest.conclude import conclude
from peakend.loop import LEASE, Loop, customers
from peakend.model.event import JOINED, Event
from peakend.model.outcome import Ended, Entered, Exposed, Merged, Output, Verdict
from peakend.model.pack import Pack
from peakend.model.stored import Arrival
from peakend.store import MemoryStore, Store, open_store

MANY = bool(os.environ.get("PEAKEND_LAWS"))
BLOCKS = range(100 if MANY else 6)
DATABASES = range(40 if MANY else 3)
NAMES = [f"{letter}{number}" for letter in "cbd" for number in range(3)]


def arrival(one: Event, number: int) -> Arrival:
    data = msgspec.json.encode(as_written(one).data, order="sorted").decode()
    return Arrival(one.source or "crm", f"e-{number}", one.customer, one.kind, one.at, one.subject, data)


def spiteful(crowd: Crowd, chance: random.Random) -> list[Event]:
    """The log of a crowd with merges that say nothing new, close a circle, or name an anonymous visitor."""
    told = list(crowd.told)
    for _ in range(4):
        old, new = chance.choice(NAMES), chance.choice(NAMES)
        when = chance.choice(crowd.told).seen
        kind, data = "customer.merged", {"from": old, "into": new}
        if chance.random() < 0.4:
            kind, data = "customer.identified", {"anonymous": f"visitor-{old}"}
        told.append(Event(new, kind, when, when, 0, data))
    return sorted(told, key=lambda one: one.seen)


class Service:
    """A crowd told live to two workers, from a seed."""

    budgeted = True

    def __init__(self, seed: int, again: Callable[[], Store]) -> None:
        self.seed, self.chance, self.again = seed, random.Random(seed), again
        self.crowd = make_crowd(seed, self.budgeted)
        self.told = [
            (one.seen, arrival(one, number)) for number, one in enumerate(spiteful(self.crowd, self.chance))
        ]
        self.known = knows_contacts(self.crowd.told)
        self.store = again()
        self.workers = [self.worker("w-0"), self.worker("w-1")][: self.store.shards]

    def worker(self, name: str) -> Loop:
        store = self.again()
        half = (store.shards + 1) // 2
        return Loop(store, self.crowd.pack, worker=name, most_shards=half, contacts_known=self.known)

    def run(self) -> None:
        clock, waiting = self.told[0][0], list(self.told)
        self.own(clock)
        while waiting:
            size = self.chance.choice((1, 1, 2, 5, 20))
            piece, waiting = waiting[:size], waiting[size:]
            clock = max(clock, piece[-1][0])
            fates = self.chance.choice(self.workers).ingest([one for _, one in piece], clock)
            assert set(fates) == {"taken"}
            if self.chance.random() < 0.3:
                self.chance.choice(self.workers).fold(clock)
            if waiting and waiting[0][0] - clock > 2 and self.chance.random() < 0.3:
                clock = self.chance.randrange(clock, waiting[0][0])
                self.chance.choice(self.workers).tick(clock)
            if self.chance.random() < 0.1:
                clock += LEASE + 1
                self.workers = [self.worker(f"w-{self.chance.randrange(10**9)}") for _ in self.workers]
                self.own(clock)
        while self.store.waiting():
            for one in self.workers:
                one.fold(clock)
        for one in self.workers:
            one.fold(clock)

    def own(self, clock: int) -> None:
        assert sum(one.own(clock) for one in self.workers) == self.store.shards

    def tick(self, until: int) -> None:
        for one in self.workers:
            one.tick(until)


def recorded(store: Store, path: Path) -> Path:
    pq.write_table(pa.Table.from_batches(list(store.recorded())), path)
    return path


def last_seen(log: Path) -> int:
    return int(pc.max(pq.read_table(log)["seen_at"].cast(pa.int64())).as_py())


def live(store: Store, names: list[str]) -> list[Output]:
    return [one for who in names for one in store.story(who)]


@contextmanager
def opened(url: str) -> Iterator[Callable[[], Store]]:
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(open_store(url)))


def assert_same(seed: int, again: Callable[[], Store], folder: Path) -> None:
    """What was concluded live was the past of its record."""
    service = Service(seed, again)
    of = service.crowd.pack
    service.run()
    log = folder / f"{seed}.parquet"
    last = last_seen(recorded(service.store, log))
    service.tick(last)
    # What budgets answer on the way to the end is an input as well: shards ask in another order than a past.
    assert last_seen(recorded(service.store, log)) == last
    past = conclude(of, [log])
    names = [*NAMES, *(f"visitor-{name}" for name in NAMES)]
    assert rows(live(service.store, names)) == rows(past.outputs), f"seed {seed}"
    assert all(
        row.reason_en.startswith(("a customer cannot", "the merge would close"))
        for row in service.store.put_aside_rows()
    )


@pytest.mark.law
@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("block", BLOCKS)
def test_merges_live_on_several_shards_equal_the_backtest_of_their_record(
    block: int, large: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if large:
        monkeypatch.setattr(customers, "LARGE", 100)
        monkeypatch.setattr(customers, "EACH", 40)
    for seed in range(block * 10, block * 10 + 10):
        store = MemoryStore(shards=1 + seed % 4)
        assert_same(seed, lambda store=store: store, tmp_path)


@pytest.mark.law
@pytest.mark.parametrize("seed", DATABASES)
def test_merges_live_on_sqlite_equal_the_backtest_of_their_record(seed: int, tmp_path: Path) -> None:
    with opened(str(tmp_path / "peakend.db")) as again:
        assert_same(seed, again, tmp_path)


@pytest.mark.law
@pytest.mark.parametrize("seed", DATABASES)
def test_merges_live_on_postgresql_with_two_workers_equal_the_backtest_of_their_record(
    seed: int, tmp_path: Path, postgres: str
) -> None:
    with opened(postgres) as again:
        assert_same(seed, again, tmp_path)


@pytest.mark.law
@pytest.mark.parametrize("seed", range(40 if MANY else 3))
def test_any_number_of_workers_counts_merged_customers_alike(seed: int, tmp_path: Path) -> None:
    crowd = make_crowd(seed)
    log = [write_log(tmp_path / "log.parquet", [as_written(one) for one in crowd.told])]
    one, two = (backtest(crowd.pack, log, workers=workers) for workers in (1, 2))
    assert one == two


# --- crashes


def assert_nothing_is_lost(seed: int, url: str, folder: Path) -> bool:
    """Kill a service at one statement, tell everything once more to another one; whether it was killed."""
    chance = random.Random(seed)
    left, after = [chance.randrange(2, 400)], chance.random() < 0.5
    child = os.fork()
    if not child:
        try:
            Service(seed, lambda: mortal(url, left, after)).run()
        finally:
            os._exit(0)
    was_killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
    with closing(open_store(url)) as store:
        service = Service(seed, lambda: store)
        clock = service.told[-1][0] + 1000 * LEASE
        service.own(clock)
        fates = service.workers[0].ingest([one for _, one in service.told], clock)
        assert "other_body" not in fates
        while store.waiting():
            for one in service.workers:
                one.fold(clock)
        for one in service.workers:
            one.fold(clock)
        log = recorded(store, folder / f"{seed}.parquet")
        service.tick(int(pc.max(pq.read_table(log)["seen_at"].cast(pa.int64())).as_py()))
        past = conclude(service.crowd.pack, [log])
        names = [*NAMES, *(f"visitor-{name}" for name in NAMES)]
        assert rows(live(store, names)) == rows(past.outputs), f"seed {seed}"
        kept = [one["id"] for one in pq.read_table(log).to_pylist() if one["source"] != "peakend"]
        assert sorted(kept) == sorted(one.id for _, one in service.told), f"seed {seed}"
    return was_killed


def test_a_service_on_sqlite_that_is_killed_while_it_merges_goes_on_as_if_it_had_not_been(
    tmp_path: Path,
) -> None:
    seeds = range(500, 560 if MANY else 508)
    assert any([assert_nothing_is_lost(seed, str(tmp_path / f"{seed}.db"), tmp_path) for seed in seeds])


@pytest.mark.parametrize("seed", range(600, 640 if MANY else 604))
def test_a_service_on_postgresql_that_is_killed_while_it_merges_goes_on_as_if_it_had_not_been(
    seed: int, tmp_path: Path, postgres: str
) -> None:
    assert_nothing_is_lost(seed, postgres, tmp_path)


# --- by hand


def merged(when: str, old: str, new: str, **own: str) -> Event:
    return event(
        when, "customer.merged", customer=own.pop("customer", new), **{"from": old, "into": new}, **own
    )


def made(when: str, who: str, order: str = "O1", **data: object) -> Event:
    return event(when, "order.made", customer=who, order=order, **data)


GREETS = pack(play("greets", do("hello", after="P2D", through=["sms"]), key="order"))


def past(folder: Path, of: Pack, *told: Event, until: str = "03-31 00:00") -> list[Output]:
    """What a backtest of a log concludes, which the same log told live to three shards must conclude too."""
    ordered = sorted(told, key=lambda one: one.seen)
    log = write_log(folder / "log.parquet", ordered)
    found = conclude(of, [log], until=at(until))
    store = MemoryStore(shards=3)
    loop = Loop(store, of, contacts_known=False)
    loop.own(ordered[0].seen)
    for number, one in enumerate(ordered):
        loop.ingest([arrival(one, number)], one.seen)
    loop.tick(at(until))
    again = conclude(of, [recorded(store, folder / "live.parquet")], until=at(until))
    names = sorted({one.customer for one in found.outputs})
    assert rows(live(store, names)) == rows(again.outputs)
    return found.outputs


def runs(outputs: list[Output]) -> list[tuple[str, str, int, str]]:
    return [
        (one.customer, one.key, one.occurrence, one.how if isinstance(one, Ended) else "enter")
        for one in outputs
        if isinstance(one, Entered | Ended)
    ]


def sends(outputs: list[Output]) -> list[tuple[str, str]]:
    return [(one.customer, one.key) for one in outputs if isinstance(one, Verdict) and one.outcome == "send"]


def test_an_open_run_goes_on_under_the_name_that_stays(tmp_path: Path) -> None:
    told = past(tmp_path, GREETS, made("03-02 10:00", "web"), merged("03-03 10:00", "web", "ann"))
    assert sends(told) == [("ann", "O1")]
    assert sorted(runs(told)) == [
        ("ann", "O1", 0, "completed"),
        ("ann", "O1", 0, "enter"),
        ("web", "O1", 0, "carried"),
        ("web", "O1", 0, "enter"),
    ]


def test_of_two_open_runs_of_one_lane_the_earlier_entry_stays(tmp_path: Path) -> None:
    log = made("03-02 10:00", "web"), made("03-02 12:00", "ann"), merged("03-03 10:00", "web", "ann")
    told = past(tmp_path, GREETS, *log)
    assert sends(told) == [("ann", "O1")]
    (send,) = (one for one in told if isinstance(one, Verdict))
    assert (send.instant, send.occurrence) == (at("03-04 10:00"), 1)
    assert ("ann", "O1", 0, "merged") in runs(told)


def test_what_ran_under_one_name_has_run_for_the_other(tmp_path: Path) -> None:
    log = made("03-02 10:00", "web"), merged("03-08 10:00", "web", "ann"), made("03-09 10:00", "ann")
    assert sends(past(tmp_path, GREETS, *log)) == [("web", "O1")]


def test_news_of_the_old_name_belongs_to_the_new_one(tmp_path: Path) -> None:
    log = merged("03-02 10:00", "web", "ann"), made("03-03 10:00", "web"), made("03-04 10:00", "web", "O2")
    assert sends(past(tmp_path, GREETS, *log)) == [("ann", "O1"), ("ann", "O2")]


def test_merges_form_chains(tmp_path: Path) -> None:
    log = (
        made("03-02 10:00", "a"),
        merged("03-02 11:00", "a", "b"),
        merged("03-02 12:00", "b", "c"),
        made("03-02 13:00", "a", "O2"),
        merged("03-02 14:00", "a", "d"),
    )
    assert sends(past(tmp_path, GREETS, *log)) == [("d", "O1"), ("d", "O2")]


def test_an_anonymous_visitor_is_identified(tmp_path: Path) -> None:
    found = event("03-03 10:00", "customer.identified", customer="ann", anonymous="visitor-7")
    told = past(tmp_path, GREETS, made("03-02 10:00", "visitor-7"), found)
    assert sends(told) == [("ann", "O1")]


def test_messages_of_both_names_count_together_toward_a_cap(tmp_path: Path) -> None:
    of = pack(
        play("greets", do("hello", through=["sms"]), key="order", **{"class": "care"}),
        caps=[{"class": "care", "at_most": 2, "within": "PT168H"}],
    )
    log = (
        made("03-02 10:00", "web", "O1"),
        made("03-02 11:00", "ann", "O2"),
        merged("03-03 10:00", "web", "ann"),
        made("03-04 10:00", "ann", "O3"),
    )
    assert sends(past(tmp_path, of, *log)) == [("ann", "O2"), ("web", "O1")]


def test_facts_of_both_names_add_up(tmp_path: Path) -> None:
    of = pack(
        play("greets", do("hello", through=["sms"]), key="order", where="facts.orders >= 3"),
        facts={"orders": {"of": "order.made", "take": "count"}},
    )
    log = (
        made("03-02 10:00", "web", "O1"),
        made("03-02 11:00", "ann", "O2"),
        merged("03-03 10:00", "web", "ann"),
        made("03-04 10:00", "web", "O3"),
    )
    assert sends(past(tmp_path, of, *log)) == [("ann", "O3")]


def test_exposures_of_both_names_leave_the_proof(tmp_path: Path) -> None:
    of = pack(play("greets", do("hello", through=["sms"]), holdout="50%", again="every", **{"class": "care"}))
    log = [
        made("03-02 10:00", "web"),
        made("03-02 11:00", "ann"),
        merged("03-03 10:00", "web", "ann"),
        made("03-04 10:00", "ann"),
    ]
    told = past(tmp_path, of, *log)
    assert sum(isinstance(one, Exposed) for one in told) == 3
    assert [one for one in told if isinstance(one, Merged)] == [Merged("ann", "web", at("03-03 10:00"))]
    result = backtest(of, [tmp_path / "log.parquet"], workers=1).plays["greets"]
    assert sum(result.exposed.values()) == 1 and result.people <= 1


def test_a_merge_that_cannot_be_believed_is_put_aside_with_its_reason() -> None:
    store = MemoryStore(shards=4)
    loop = Loop(store, GREETS, contacts_known=False)
    loop.own(at("03-02 10:00"))
    told = [
        merged("03-02 10:00", "a", "b"),
        merged("03-02 10:01", "a", "b"),
        merged("03-02 10:02", "b", "a"),
        merged("03-02 10:03", "a", "a"),
        event("03-02 10:04", "customer.merged", customer="", into="a"),
    ]
    for number, one in enumerate(told):
        loop.ingest([arrival(one, number)], one.seen)
    assert [(row.place, row.reason_en.partition(";")[0]) for row in store.put_aside_rows()] == [
        ("e-2", "the merge would close a circle: `into` has been merged into `from` already"),
        ("e-3", "a customer cannot be merged into itself"),
        ("e-4", "a merge needs two names"),
    ]
    assert all("；" in row.reason_zh for row in store.put_aside_rows())
    assert store.names_of("a") == store.names_of("b") == ["b", "a"]


def test_a_merge_of_somebody_unknown_holds_for_later() -> None:
    store = MemoryStore(shards=4)
    loop = Loop(store, GREETS, contacts_known=False)
    loop.own(at("03-02 10:00"))
    loop.ingest([arrival(merged("03-02 10:00", "nobody", "ann"), 1)], at("03-02 10:00"))
    assert loop.ingest([arrival(made("03-03 10:00", "nobody"), 2)], at("03-03 10:00")) == ["taken"]
    assert loop.ingest([arrival(made("03-03 10:00", "nobody"), 2)], at("03-03 10:00")) == ["known"]
    loop.tick(at("03-09 10:00"))
    assert sends(store.story("ann")) == [("ann", "O1")] and sends(store.story("nobody")) == []
    assert store.states(["nobody", "ann"]).keys() == {"ann"}


def test_a_worker_that_dies_between_a_merge_and_its_join_loses_no_timer() -> None:
    store = MemoryStore(shards=64)
    first, second = (
        Loop(store, GREETS, worker=name, most_shards=32, contacts_known=False) for name in ("w-1", "w-2")
    )
    first.own(at("03-02 10:00"))
    second.own(at("03-02 10:00"))
    by = {
        name: loop for loop in (first, second) for name in (f"n{i}" for i in range(200)) if _owns(loop, name)
    }
    web = next(name for name, loop in by.items() if loop is first)
    ann = next(name for name, loop in by.items() if loop is second)
    first.ingest([arrival(made("03-02 10:00", web), 1)], at("03-02 10:00"))
    first.ingest([arrival(merged("03-02 11:00", web, ann, customer=web), 2)], at("03-02 11:00"))
    first.tick(at("03-05 10:00"))
    assert sends(store.story(web)) == []
    late = Loop(store, GREETS, worker="w-3", contacts_known=False)
    late.own(at("03-05 10:00") + LEASE)
    late.fold(at("03-05 11:00"))
    assert sends(store.story(web)) == [(web, "O1")]
    assert [one.kind for one in store.events_of(ann)] == [JOINED]


def _owns(loop: Loop, name: str) -> bool:
    shard = MemoryStore(shards=64)
    with shard.turn(shard.claim_shards("x", 0, 1, 1)[0]) as turn:
        return turn.shard_of(name) in {one.number for one in loop._shards}
