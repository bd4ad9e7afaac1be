"""An event about a region, live: everyone related to it then gets it once, however many, whatever dies."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from building import at, do, event, pack, play
from naive.compare import rows

from peakend.backtest.conclude import conclude
from peakend.loop import CHUNK, LEASE, Loop
from peakend.model.event import REACHED, Event
from peakend.model.outcome import Output, Verdict
from peakend.model.stored import Arrival
from peakend.store import MemoryStore, Store, open_store

DOWN = pack(
    play("sorry", do("sorry", through=["sms"]), on="shop.closed", again="every"),
    subjects={"shop": {"relation": "relation.set"}},
)
START = at("03-01 10:00")


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """What opens one store again and again."""
    if request.param == "memory":
        kept = MemoryStore(shards=8)
        yield lambda: kept
    else:
        file = str(tmp_path / "peakend.db")
        url = file if request.param == "sqlite" else str(request.getfixturevalue("postgres"))
        opened: list[Store] = []

        def open_once_more() -> Store:
            opened.append(open_store(url))
            return opened[-1]

        yield open_once_more
        for store in opened:
            store.close()


def arrival(one: Event, id_: str) -> Arrival:
    data = msgspec.json.encode(one.data, order="sorted").decode()
    return Arrival("crm", id_, one.customer, one.kind, one.at, one.subject, data)


def related(when: str, who: str, subject: str = "north", **data: str) -> Arrival:
    return arrival(event(when, "relation.set", customer=who, subject=subject, **data), f"r {when} {who}")


def closed(when: str, subject: str = "north") -> Arrival:
    return arrival(event(when, "shop.closed", about=subject), f"closed {when}")


def served(store: Store, worker: str = "w-1", now: int = START) -> Loop:
    loop = Loop(store, DOWN, worker=worker, contacts_known=False)
    loop.own(now)
    return loop


def reached(store: Store, *names: str) -> list[str]:
    told = [one for who in names for one in store.story(who)]
    return [one.customer for one in told if isinstance(one, Verdict) and one.outcome == "send"]


def agrees_with_the_past(store: Store, names: list[str], folder: Path, until: int) -> None:
    log = folder / "log.parquet"
    pq.write_table(pa.Table.from_batches(list(store.recorded())), log)
    told: list[Output] = [one for who in names for one in store.story(who)]
    assert rows(told) == rows(conclude(DOWN, [log], until=until).outputs)


def test_everyone_related_at_its_time_gets_it_once_and_the_past_agrees(
    opener: Callable[[], Store], tmp_path: Path
) -> None:
    store = opener()
    loop = served(store)
    told = [
        related("03-01 10:00", "a"),
        related("03-01 10:00", "b", "south"),
        related("03-01 10:00", "c", until="2026-03-02T09:00:00+08:00"),
        related("03-01 10:00", "d"),
        arrival(event("03-01 12:00", "relation.ended", customer="d", subject="north"), "ended d"),
        related("03-01 10:00", "e"),
    ]
    loop.ingest(told, at("03-01 12:00"))
    assert loop.ingest([closed("03-02 10:00")], at("03-02 10:00")) == ["taken"]
    assert loop.ingest([closed("03-02 10:00")], at("03-02 10:00")) == ["known"]
    loop.tick(at("03-03 10:00"))
    assert reached(store, *"abcde") == ["a", "e"]
    kinds = [one.kind for one in store.events_of("") if one.kind != "pack.adopted"]
    assert kinds == ["shop.closed", REACHED]
    agrees_with_the_past(store, list("abcde"), tmp_path, at("03-03 10:00"))


def test_a_relation_learnt_after_the_event_reaches_nobody_though_it_is_dated_before(
    opener: Callable[[], Store], tmp_path: Path
) -> None:
    store = opener()
    loop = served(store)
    loop.ingest([closed("03-02 10:00")], at("03-02 10:00"))
    loop.ingest([related("03-01 10:00", "a")], at("03-02 12:00"))
    loop.ingest([closed("03-02 11:00")], at("03-02 13:00"))
    loop.tick(at("03-03 10:00"))
    assert reached(store, "a") == ["a"]
    (send,) = [one for one in store.story("a") if isinstance(one, Verdict)]
    assert send.instant == at("03-02 13:00")
    agrees_with_the_past(store, ["a"], tmp_path, at("03-03 10:00"))


def test_a_merged_customer_is_reached_once_through_the_relations_of_both_names(
    opener: Callable[[], Store], tmp_path: Path
) -> None:
    store = opener()
    loop = served(store)
    loop.ingest([related("03-01 10:00", "web"), related("03-01 10:00", "ann")], at("03-01 10:00"))
    merge = event("03-01 11:00", "customer.merged", customer="ann", **{"from": "web", "into": "ann"})
    loop.ingest([arrival(merge, "m-1")], at("03-01 11:00"))
    loop.ingest([closed("03-02 10:00")], at("03-02 10:00"))
    ended = event("03-03 10:00", "relation.ended", customer="web", subject="north")
    loop.ingest([arrival(ended, "x-1")], at("03-03 10:00"))
    loop.ingest([closed("03-04 10:00")], at("03-04 10:00"))
    loop.tick(at("03-05 10:00"))
    assert reached(store, "web", "ann") == ["ann"]
    agrees_with_the_past(store, ["web", "ann"], tmp_path, at("03-05 10:00"))


def test_a_fan_out_goes_on_after_a_crash_between_two_chunks(opener: Callable[[], Store]) -> None:
    store, names = opener(), [f"c-{number:05}" for number in range(2 * CHUNK + 10)]
    loop = served(store)
    for place in range(0, len(names), 500):
        loop.ingest([related("03-01 10:00", who) for who in names[place : place + 500]], START)
    store.append([closed("03-02 10:00")])
    shard = next(one for one in loop._shards if _is_nobodys(store, one))
    for _ in range(2):
        with store.turn(shard) as turn:
            loop._fold(turn, at("03-02 10:00"), 500)
    with pytest.raises(RuntimeError), store.turn(shard) as turn:
        loop._fold(turn, at("03-02 10:00"), 500)
        raise RuntimeError("the process dies here")
    late = served(opener(), "w-2", at("03-02 10:00") + LEASE)
    late.fold(at("03-02 11:00"))
    late.tick(at("03-03 10:00"))
    assert reached(store, *names) == names


def _is_nobodys(store: Store, shard: object) -> bool:
    with store.turn(shard) as turn:  # type: ignore[arg-type]
        return turn.shard_of("") == turn.shard.number


def test_a_hundred_thousand_customers_are_reached_with_flat_memory(tmp_path: Path) -> None:
    """The store holds them all; what a turn holds does not grow with them."""
    peaks = []
    for number in (10_000, 100_000):
        with closing(open_store(str(tmp_path / f"{number}.db"))) as store:
            loop = served(store)
            names = [f"c-{who:06}" for who in range(number)]
            for place in range(0, number, 5_000):
                loop.ingest([related("03-01 10:00", who) for who in names[place : place + 5_000]], START)
            tracemalloc.start()
            loop.ingest([closed("03-02 10:00")], at("03-02 10:00"))
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
            assert store.waiting() == 0
            assert len(store.events_of(names[-1])) == 2 and len(store.events_of(names[0])) == 2
            assert (
                sum(batch.num_rows for batch in store.recorded()) == 2 * number + 2 + 1
            )  # the pack that was adopted
    assert peaks[1] < 1.5 * peaks[0], peaks
