"""Nobody can tell the three stores apart: the same random operations get the same answers from each."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from store_contract import NINE, OUTPUTS, arrival, as_event, aside, everything, planned

from peakend.model.money import Draw
from peakend.model.stored import Shard, StateRow
from peakend.store import Fenced, MemoryStore, Store, StoreError, open_store
from peakend.store.rows import shard_of
from peakend.store.schema import tables

# Customers of one shard in every store, so that shards differ in nothing but their numbers.
CUSTOMERS = ["c-1", *(f"客{n}" for n in range(9999) if shard_of(f"客{n}", 64) == shard_of("c-1", 64))][:3]
WORKERS = ("w-1", "w-2")
STATES = "planned review handed accepted delivered failed unknown withdrawn expired".split()

customers = st.sampled_from(CUSTOMERS)
times = st.integers(0, 40)
names = st.sampled_from(["", "ok", 'a "quoted", {braced} \\ text', "客户", "%s ?", "NULL"])
texts = names | st.just("\0")
ids = st.integers(0, 9).map(lambda number: f"e-{number}")
arrivals = st.lists(st.builds(arrival, ids, customers, at=st.integers(0, 1)), max_size=4)
send_keys = st.integers(0, 5).map(lambda number: f"k-{number}")
plans = st.builds(
    planned,
    send_keys,
    customers,
    rank=st.integers(0, 2),
    since=times,
    at_most_once=st.booleans(),
    contact=names,
)
messages = st.sampled_from(["m-1", "客|m|2", 'a "quoted"'])
draws = st.builds(
    Draw,
    st.just("goodwill"),
    st.sampled_from(["2026-05", "2026"]),
    customers,
    messages,
    st.integers(0, 9),
    times,
)
kept = st.fixed_dictionaries(
    {
        "take": st.integers(0, 5),
        "states": st.lists(
            st.builds(StateRow, customers, st.none() | times, names, st.binary(max_size=3), times),
            max_size=3,
        ),
        "outputs": st.lists(st.sampled_from(OUTPUTS), max_size=3),
        "plans": st.lists(plans, max_size=3),
        "ticked_to": st.none() | times,
        "append": arrivals,
        "aside": st.lists(texts.map(aside), max_size=1),
        "draws": st.lists(draws, max_size=2),
        "back": messages,
        "fails": st.booleans() | st.just(False),
    }
)  # fmt: skip
operations = st.one_of(
    st.tuples(st.just("append"), arrivals),
    st.tuples(st.just("turn"), kept),
    st.tuples(st.just("turn"), kept),
    st.tuples(st.just("due"), times, st.integers(0, 3)),
    st.tuples(st.just("own"), st.sampled_from(WORKERS), times, st.integers(0, 9), st.sampled_from([0, 99])),
    st.tuples(st.just("release"), st.sampled_from(WORKERS)),
    st.tuples(st.just("claim"), st.sampled_from(WORKERS), times, st.integers(0, 9), st.integers(0, 4)),
    st.tuples(
        *(st.just("move"), send_keys, st.integers(0, 3), st.sampled_from(STATES), times),
        *(texts, st.none() | times),
    ),
    st.tuples(st.just("decide"), send_keys, st.sampled_from(STATES), times, texts),
    st.tuples(st.just("review"), times),
    st.tuples(st.just("aside"), texts),
    st.tuples(st.just("mend"), st.integers(0, 3)),
)  # fmt: skip


class Played:
    """One store with the shard that a worker of the test believes to own."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.number = shard_of("c-1", store.shards)
        self.shard = Shard(self.number, 0, 0, 0, 0)

    def play(self, operation: tuple[Any, ...]) -> Any:
        name, *arguments = operation
        try:
            return getattr(self, name)(*arguments)
        except (StoreError, ZeroDivisionError) as error:
            return type(error)

    def append(self, batch: list[Any]) -> Any:
        return self.store.append(batch)

    def turn(self, what: dict[str, Any]) -> Any:
        with self.store.turn(self.shard) as turn:
            fates = turn.append(what["append"])
            taken = turn.take(what["take"])
            events = [as_event(one, NINE, seq) for seq, one in enumerate(taken, turn.shard.next_seq)]
            turn.keep(events, what["states"], what["outputs"], what["plans"], ticked_to=what["ticked_to"])
            turn.put_aside(what["aside"])
            seen = turn.states(CUSTOMERS), turn.due(99, 9), turn.append(what["append"])
            for one in what["draws"]:
                turn.draw(one)
            turn.give_back(what["back"])
            drawn = turn.drawn("goodwill", "2026-05"), turn.drawn("goodwill", "2026")
            if what["fails"]:
                raise ZeroDivisionError
        return fates, taken, seen, drawn, turn.shard._replace(number=0)

    def due(self, until: int, limit: int) -> Any:
        with self.store.turn(self.shard) as turn:
            return turn.due(until, limit)

    def own(self, worker: str, now: int, lease: int, most: int) -> Any:
        found = [
            one for one in self.store.claim_shards(worker, now, lease, most) if one.number == self.number
        ]
        if found:
            self.shard = found[0]
        return [one._replace(number=0) for one in found]

    def release(self, worker: str) -> Any:
        self.store.release_shards(worker)

    def claim(self, worker: str, now: int, lease: int, limit: int) -> Any:
        return self.store.claim_messages(worker, now, lease, limit)

    def move(self, key: str, token: int, state: Any, now: int, receipt: str, since: int | None) -> Any:
        return self.store.move(key, token, state, now, receipt=receipt, since=since)

    def decide(self, key: str, state: Any, now: int, receipt: str) -> Any:
        return self.store.decide(key, state, now, receipt)

    def review(self, now: int) -> Any:
        return self.store.hold_for_review(now)

    def aside(self, body: str) -> Any:
        self.store.put_aside([aside(body)])

    def mend(self, number: int) -> Any:
        rows = self.store.put_aside_rows()
        self.store.mend(rows[number].number if number < len(rows) else 10**9)

    def shown(self) -> list[Any]:
        store = self.store
        waiting, states, messages, story, events, aside, log = everything(store)
        return [
            [waiting, states, messages, story, events, log, [replace(row, number=0) for row in aside]],
            [store.events_of(name) for name in CUSTOMERS],
            store.states(CUSTOMERS),
            [store.messages(name, ["planned", "unknown"]) for name in CUSTOMERS],
            store.story("c-1", "renewal"),
            [replace(row, number=0) for row in store.put_aside_rows(mended=True)],
        ]


@pytest.fixture(scope="module")
def databases(
    tmp_path_factory: pytest.TempPathFactory, server: str, template: str
) -> Iterator[tuple[str, str]]:
    path = str(tmp_path_factory.mktemp("twins") / "peakend.db")
    name = f"twins_{template}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        open_store(path).close()
        yield path, server.replace("/postgres?", f"/{name}?")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _emptied(path: str, url: str) -> None:
    names = [name for name in tables.tables if name not in ("shard", "draw_order")]
    zero = ", ".join(f"{name} = 0" for name in "epoch lease last_seen ticked_to next_seq next_place".split())
    fresh = f"UPDATE shard SET owner = NULL, {zero}"
    with closing(sqlite3.connect(path)) as file, file:
        for name in names:
            file.execute(f"DELETE FROM {name}")
        file.execute(fresh)
    with psycopg.connect(url) as server:
        server.execute(f"TRUNCATE {', '.join(names)} RESTART IDENTITY".encode())
        server.execute(fresh.encode())


@given(st.lists(operations, max_size=20))
def test_the_same_operations_get_the_same_answers(
    databases: tuple[str, str], chosen: list[tuple[Any, ...]]
) -> None:
    path, url = databases
    _emptied(path, url)
    with closing(open_store(path)) as in_file, closing(open_store(url)) as on_server:
        twins = [Played(MemoryStore()), Played(in_file), Played(on_server)]
        for operation in [("own", "w-1", 0, 20, 99), *chosen]:
            answers = [twin.play(operation) for twin in twins]
            assert answers[0] == answers[1] == answers[2], operation
        shown = [twin.shown() for twin in twins]
        assert shown[0] == shown[1]
        assert shown[1] == shown[2]


def test_the_operations_reach_what_they_shall() -> None:
    """A property that only ever sees refusals proves nothing."""
    twin = Played(MemoryStore())
    turn = {
        "take": 1, "states": [], "outputs": OUTPUTS, "plans": [planned("k-0", since=0)], "ticked_to": 3,
        "append": [arrival("e-1")], "aside": [], "fails": False,
        "draws": [Draw("goodwill", "2026", "c-1", "m-1", 7, 0)], "back": "m-2",
    }  # fmt: skip
    assert twin.play(("own", "w-1", 0, 20, 99))
    (fates, *_, drawn, _) = twin.play(("turn", turn))
    assert (fates, drawn) == (["taken"], (0, 7))
    assert twin.play(("turn", turn | {"fails": True})) is ZeroDivisionError
    assert len(twin.play(("claim", "w-1", 0, 5, 4))) == 1
    assert twin.play(("move", "k-0", 1, "handed", 1, "", None)) is True
    assert twin.play(("claim", "w-1", 9, 5, 4)) == []
    assert twin.play(("decide", "k-0", "planned", 9, "")) is True
    assert twin.play(("own", "w-2", 30, 5, 99))
    twin.shard = twin.shard._replace(epoch=1)
    assert twin.play(("turn", turn)) is Fenced
