"""Draws on budgets in the three stores: exact, undone with their turn, and in one order over all shards."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from math import inf
from pathlib import Path
from threading import Event
from time import sleep

import pytest
from store_contract import NINE, own

from peakend.model.money import MOST, PARTS, Draw, exact
from peakend.model.stored import Shard
from peakend.store import MemoryStore, Store, StoreError, open_store
from peakend.store.rows import shard_of

Again = Callable[[], Store]
MAY = ("goodwill", "2026-05")


def draw(message: str, amount: int = 100, period: str = "2026-05", budget: str = "goodwill") -> Draw:
    return Draw(budget, period, "c-1", message, amount, NINE)


def drawn(store: Store, shard: Shard, budget: str = "goodwill", period: str = "2026-05") -> int:
    with store.turn(shard) as turn:
        return turn.drawn(budget, period)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def again(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Again]:
    """What opens one store once more."""
    if request.param == "memory":
        store = MemoryStore(shards=64)
        yield lambda: store
        return
    url = tmp_path / "draws.db" if request.param == "sqlite" else request.getfixturevalue("postgres")
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(open_store(str(url))))


def test_what_was_drawn_is_that_of_one_budget_in_one_period(again: Again) -> None:
    store = again()
    shard = own(store)
    with store.turn(shard) as turn:
        assert turn.drawn(*MAY) == 0
        for one in (draw("m-1"), draw("m-2", 30), draw("m-3", 7, "2026-06"), draw("m-4", 5, budget="gifts")):
            turn.draw(one)
        assert turn.drawn(*MAY) == 130
    assert [drawn(again(), shard, *of) for of in (MAY, ("goodwill", "2026-06"), ("gifts", "2026-05"))] == [
        130, 7, 5,
    ]  # fmt: skip


def test_all_that_was_drawn_for_a_failed_message_comes_back_once(again: Again) -> None:
    store = again()
    shard = own(store)
    long = "c-1|renewal|" + "键" * 5000 + "|0|sorry|0"
    with store.turn(shard) as turn:
        for one in (draw(long), draw(long, 30), draw("m-2", 7)):
            turn.draw(one)
        turn.give_back("unknown")
        assert turn.drawn(*MAY) == 137
    with store.turn(shard) as turn:
        turn.give_back(long)
        turn.give_back(long)
    assert drawn(store, shard) == 7


def test_a_turn_that_fails_has_drawn_nothing_and_given_nothing_back(again: Again) -> None:
    store = again()
    shard = own(store)
    with store.turn(shard) as turn:
        turn.draw(draw("m-1"))
    with pytest.raises(ZeroDivisionError), store.turn(shard) as turn:
        turn.give_back("m-1")
        turn.draw(draw("m-2", 5))
        assert turn.drawn(*MAY) == 5
        raise ZeroDivisionError
    assert drawn(store, shard) == 100


def test_a_turn_that_is_over_draws_nothing(again: Again) -> None:
    store = again()
    with store.turn(own(store)) as turn:
        pass
    for late in (lambda: turn.drawn(*MAY), lambda: turn.draw(draw("m-1")), lambda: turn.give_back("m-1")):
        with pytest.raises(StoreError):
            late()


def test_money_beyond_what_a_float_counts_exactly_is_added_up_exactly(again: Again) -> None:
    store = again()
    shard = own(store)
    with store.turn(shard) as turn:
        turn.draw(draw("m-1", 2**53))
        turn.draw(draw("m-2", 1))
    assert drawn(store, shard) == 2**53 + 1


def test_amounts_beyond_all_reason_fit_a_database() -> None:
    assert exact(1e300) == exact(inf) == MOST
    assert exact(MOST / PARTS) <= MOST


def test_a_database_whose_order_of_draws_is_gone_gives_no_money(tmp_path: Path) -> None:
    path = tmp_path / "draws.db"
    with closing(open_store(str(path))) as store:
        with closing(sqlite3.connect(path)) as file, file:
            file.execute("DELETE FROM draw_order")
        with pytest.raises(StoreError, match="draw_order"), store.turn(own(store)) as turn:
            turn.drawn(*MAY)


def test_whoever_asks_second_waits_for_the_first_turn_to_end_and_sees_its_draws(postgres: str) -> None:
    with closing(open_store(postgres)) as first, closing(open_store(postgres)) as second:
        mine = own(first)
        (other, *_) = (
            shard for shard in first.claim_shards("w-1", NINE, 1, 64) if shard.number != mine.number
        )
        asked, answered = Event(), Event()

        def ask() -> int:
            with second.turn(other) as turn:
                asked.set()
                found = turn.drawn(*MAY)
                answered.set()
                return found

        with ThreadPoolExecutor(1) as pool:
            with first.turn(mine) as turn:
                turn.draw(draw("m-1"))
                found = pool.submit(ask)
                assert asked.wait(10)
                sleep(0.2)
                assert not answered.is_set()
            assert found.result() == 100
    assert shard_of("c-1", 64) == mine.number
