"""The three stores: the contract of all, what each must do beside it, and that nobody can tell them apart."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from store_accounts_contract import AccountsContract
from store_contract import (
    HOUR,
    NINE,
    OUTPUTS,
    DurableContract,
    StoreContract,
    arrival,
    as_event,
    everything,
    keep,
    own,
    plan,
    planned,
)
from store_hooks_contract import HooksContract
from store_looking_contract import LookingContract
from store_message_contract import MessageContract
from store_states_contract import StatesContract
from store_work_contract import WorkContract

from peakend.model.money import Draw
from peakend.model.outcome import Entered, Verdict
from peakend.model.stored import StateRow
from peakend.store import Fenced, MemoryStore, Store, StoreError, open_store
from peakend.store.rows import shard_of
from peakend.store.schema import tables

PAGE = Path(__file__).resolve().parent.parent / "docs" / "store.md"


class TestMemory(
    StoreContract,
    MessageContract,
    StatesContract,
    AccountsContract,
    LookingContract,
    WorkContract,
    HooksContract,
):
    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore(shards=64)


class Opened(
    DurableContract,
    MessageContract,
    StatesContract,
    AccountsContract,
    LookingContract,
    WorkContract,
    HooksContract,
):
    @pytest.fixture
    def again(self, url: str) -> Iterator[Callable[[], Store]]:
        stores: list[Store] = []

        def again() -> Store:
            stores.append(open_store(url))
            return stores[-1]

        yield again
        for store in stores:
            store.close()

    @pytest.fixture
    def store(self, again: Callable[[], Store]) -> Store:
        return again()


class TestSqlite(Opened):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return str(tmp_path / "a store.db")

    def test_every_commit_is_on_the_disk(self, store: Store) -> None:
        connection = store._db._database._connection  # type: ignore[attr-defined]
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)

    def test_a_second_writer_waits_for_the_first(self, store: Store, again: Callable[[], Store]) -> None:
        other = again()
        with ThreadPoolExecutor(1) as pool:
            with store.turn(own(store)) as turn:
                waiting = pool.submit(other.append, [arrival("e-1")])
                turn.append([arrival("e-1")])
                turn.take(1)
                turn.keep([as_event(arrival("e-1"), NINE, 0)], [], [], [])
            assert waiting.result(30) == ["known"]

    def test_a_story_among_many_is_looked_up(self, store: Store, url: str) -> None:
        keep(store, own(store), outputs=OUTPUTS)
        with closing(sqlite3.connect(url)) as connection:
            for table in ("verdict", "encounter", "output"):
                query = (
                    f"EXPLAIN QUERY PLAN SELECT place, body FROM {table} WHERE customer = 'c-1' ORDER BY 1"
                )
                (plan_,) = connection.execute(query).fetchall()
                assert plan_[3].startswith(f"SEARCH {table} USING INDEX"), plan_

    def test_a_full_disk_is_said_and_loses_nothing(self, store: Store) -> None:
        shard = own(store)
        store.append([arrival("e-1")])
        before = everything(store)
        connection = store._db._database._connection  # type: ignore[attr-defined]
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreError, match="full") as caught, store.turn(shard) as turn:
            turn.take(1)
            turn.keep([], [StateRow("c-1", None, "p", bytes(100_000))], [], [])
        assert "Make room" in caught.value.fix
        connection.execute("PRAGMA max_page_count = 1000000")
        assert everything(store) == before


class TestPostgres(Opened):
    @pytest.fixture
    def url(self, postgres: str) -> str:
        return postgres

    def test_a_shard_in_the_middle_of_a_turn_is_not_taken_and_holds_nobody_up(
        self, store: Store, again: Callable[[], Store]
    ) -> None:
        frozen, other = own(store, worker="w-1"), again()
        with store.turn(frozen) as turn:
            taken = other.claim_shards("w-2", NINE + HOUR, HOUR, 64)
            assert len(taken) == 63
            assert frozen.number not in {shard.number for shard in taken}
            turn.keep([], [StateRow("c-1", None, "p", b"in time")], [], [])
        (last,) = [
            shard
            for shard in other.claim_shards("w-2", NINE + HOUR, HOUR, 64)
            if shard.number == frozen.number
        ]
        assert last.epoch == frozen.epoch + 1
        with pytest.raises(Fenced):
            keep(store, frozen, states=[StateRow("c-1", None, "p", b"late")])
        assert store.states(["c-1"])["c-1"].data == b"in time"

    def test_a_worker_that_froze_in_a_turn_is_cut_off_and_can_do_no_harm(
        self, again: Callable[[], Store], url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("peakend.store.postgres.FROZEN", 1)
        store, other = again(), again()
        frozen = own(store, worker="w-1")
        with pytest.raises(StoreError), store.turn(frozen) as turn:
            turn.keep([], [StateRow("c-1", None, "p", b"late")], [], [])
            for _ in range(400):
                taken = other.claim_shards("w-2", NINE + HOUR, HOUR, 64)
                if len(taken) == 64:
                    break
                with psycopg.connect(url) as connection:
                    connection.execute("SELECT pg_sleep(0.05)")
            assert len(taken) == 64
            turn.keep([], [StateRow("c-1", None, "p", b"later")], [], [])
        assert other.states(["c-1"]) == {}
        with pytest.raises(Fenced):
            keep(store, frozen, states=[StateRow("c-1", None, "p", b"latest")])

    def test_doors_go_on_while_a_shard_is_folded(self, store: Store, again: Callable[[], Store]) -> None:
        door = again()
        with store.turn(own(store)) as turn:
            assert door.append([arrival("e-1")]) == ["taken"]
            assert turn.take(9) == [arrival("e-1")]

    def test_a_connection_that_is_lost_is_said_and_made_anew(self, store: Store, url: str) -> None:
        shard = own(store)
        store.append([arrival("e-1")])
        before = everything(store)
        _cut_off(url)
        with pytest.raises(StoreError) as caught:
            store.waiting()
        assert "the next call connects anew" in caught.value.fix
        assert everything(store) == before
        with pytest.raises(StoreError), store.turn(shard) as turn:
            turn.take(1)
            turn.keep([as_event(arrival("e-1"), NINE, 0)], [], OUTPUTS, [planned("k-1")])
            _cut_off(url)
        assert everything(store) == before
        with store.turn(shard) as turn:
            assert turn.take(1) == [arrival("e-1")]

    def test_a_server_that_promises_less_is_not_believed(self, store: Store, url: str) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            (name,) = connection.execute("SELECT current_database()").fetchone() or ("",)
            connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = off".encode())
        with closing(open_store(url)) as again:
            found = again._db.rows("SHOW synchronous_commit")  # type: ignore[attr-defined]
        assert found == [("on",)]

    def test_a_story_among_many_is_looked_up(self, store: Store, url: str) -> None:
        keep(store, own(store), outputs=OUTPUTS)
        with psycopg.connect(url) as connection:
            connection.execute(
                """INSERT INTO verdict
                   SELECT 'c-' || n % 1000, 1000 + n, 'p', '', 0, 's', 0, 0, n, 'send', '', 0, '', '', '',
                          0, '', 0, '\\x' FROM generate_series(1, 20000) AS n"""
            )
            connection.execute("ANALYZE")
            query = "EXPLAIN SELECT place, body FROM verdict WHERE customer = 'c-1' ORDER BY 1"
            assert "verdict_pkey" in str(connection.execute(query).fetchall())


def _cut_off(url: str) -> None:
    """End every other connection to a database, as a restart of the server would."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            """SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()"""
        )


# --- opening ------------------------------------------------------------------------------------------


def test_a_store_is_opened_by_its_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    absolute = tmp_path / "deep 50%.db"
    for url in ("memory:", "here.db", "sqlite:///there.db", f"sqlite:///{absolute}", str(absolute)):
        with closing(open_store(url)) as store:
            assert store.append([arrival(url)]) == ["taken"]
    assert sorted(path.name for path in tmp_path.glob("*.db")) == ["deep 50%.db", "here.db", "there.db"]
    with closing(open_store(str(absolute))) as store:
        assert store.waiting() == 2


@pytest.mark.parametrize("url", ["mysql://host/db", "redis://x", "memory:x", "sqlite://x", "sqlite:///", ""])
def test_an_unknown_scheme_is_refused(url: str) -> None:
    with pytest.raises(StoreError, match="is no store") as caught:
        open_store(url)
    assert "postgresql://" in caught.value.fix


def test_a_server_that_cannot_be_reached_is_named_without_its_password() -> None:
    with pytest.raises(StoreError) as caught:
        open_store("postgresql://anna:secret@127.0.0.1:9/peakend")
    assert str(caught.value.place) == "postgresql://127.0.0.1/peakend"
    assert "secret" not in str(caught.value)
    assert "Check that the server runs" in caught.value.fix


@pytest.mark.parametrize("url", ["postgresql://host:port/x", "postgresql://h/x?nonsense=1"])
def test_a_url_that_postgresql_does_not_understand_is_refused(url: str) -> None:
    with pytest.raises(StoreError, match="PostgreSQL"):
        open_store(url)


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("customer,kind\n" * 100, "utf-8")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="not a database") as caught:
        open_store(str(path))
    assert str(path) in str(caught.value)
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="unable to open") as caught:
        open_store(str(tmp_path / "nowhere" / "peakend.db"))
    assert "folder exists" in caught.value.fix
    assert "文件夹" in caught.value.text("zh")


def test_many_may_open_a_new_store_at_once(tmp_path: Path, database: str) -> None:
    for url in (str(tmp_path / "new.db"), database):
        with ThreadPoolExecutor(4) as pool:
            for store in pool.map(open_store, [url] * 4):
                store.claim_shards("w-1", NINE, HOUR, 1)
                store.close()


def test_shards_are_those_of_the_design() -> None:
    assert [shard_of(name, 64) for name in ("", "customer-42", "客户")] == [
        0xD41D8CD9 % 64,
        0xCD8E59EE % 64,
        0xFF0B2077 % 64,
    ]
    assert shard_of("anybody", 1) == 0
    spread = [shard_of(f"c-{number}", 64) for number in range(6400)]
    assert {spread.count(number) > 60 for number in range(64)} == {True}


# --- tables that people can query ---------------------------------------------------------------------


def test_a_run_is_one_row_from_its_entry_to_its_end(tmp_path: Path, postgres: str) -> None:
    for url in (str(tmp_path / "peakend.db"), postgres):
        with closing(open_store(url)) as store:
            shard = own(store)
            keep(store, shard, outputs=OUTPUTS[:1])
            columns = "customer, play, key, occurrence, entry_kind, entered_at, how, end_kind, ended_at"
            entry = ("c-1", "renewal", "CON1", 0, "contract.signed", NINE)
            assert query(url, f"SELECT {columns} FROM run") == [(*entry, None, None, None)]
            keep(store, shard, outputs=OUTPUTS[1:])
            end = ("success", "contract.renewed", NINE + 3)
            assert query(url, f"SELECT {columns} FROM run") == [(*entry, *end)]


def test_a_message_tells_who_holds_it(tmp_path: Path) -> None:
    path = str(tmp_path / "peakend.db")
    with closing(open_store(path)) as store:
        plan(store, planned("k-1"))
        store.claim_messages("door-2", NINE, HOUR, 1)
        assert query(path, "SELECT worker, state, lease FROM message") == [("door-2", "claimed", NINE + HOUR)]


def test_a_verdict_can_be_read_without_peakend(tmp_path: Path, postgres: str) -> None:
    held = OUTPUTS[3]
    assert isinstance(held, Verdict)
    for url in (str(tmp_path / "peakend.db"), postgres):
        with closing(open_store(url)) as store:
            keep(store, own(store), outputs=OUTPUTS)
        columns = "step, round, due, outcome, reason, until, channels, amount, failed, holds"
        found = query(url, f"SELECT {columns} FROM verdict WHERE outcome = 'hold'")
        assert found == [
            ("renewal-7d", 1, NINE, "hold", "quiet", NINE + HOUR, "sms, email", 12.5, "quiet, cap", 1)
        ]
        found = query(url, "SELECT touchpoint, state, standards, rating FROM encounter ORDER BY place")
        assert found == [
            ("incident", "miserable", "restore breached", None),
            ("incident", "neutral", "", 3.5),
        ]
        found = query(url, "SELECT type, what FROM output ORDER BY place")
        assert found == [
            ("entered", "contract.signed"), ("passed", "where_unknown"), ("merged", "visitor-7"),
            ("exposed", "holdout"),
            ("breached", "incident.restore"), ("regretted", "renewal-7d"), ("ended", "success"),
        ]  # fmt: skip


def test_the_page_of_the_store_names_every_table_and_column() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*`.*) \|$", PAGE.read_text("utf-8"), re.MULTILINE))
    named = {table: re.findall(r"`(\w+)`", rows.get(table, "")) for table in tables.tables}
    assert named == {name: list(table.columns.keys()) for name, table in tables.tables.items()}


def test_the_questions_of_the_page_are_answered(tmp_path: Path, postgres: str) -> None:
    questions = re.findall(r"^```sql\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    for url in (str(tmp_path / "peakend.db"), postgres):
        with closing(open_store(url)) as store:
            keep(store, own(store), outputs=[*OUTPUTS, Entered("c-1", "renewal", "CON2", 0, 1, 1, "x.done")])
            plan(store, planned("k-1"), planned("k-2", channel="email"))
            store.hold_for_review(NINE)
            with store.turn(own(store)) as turn:
                turn.draw(Draw("goodwill", "2026-05", "c-1", "m-1", 605_000, NINE))
                turn.draw(Draw("goodwill", "2026-05", "c-1", "m-2", 1, NINE))
        decided, waiting, given, runs = (query(url, question) for question in questions)
        assert decided == [("renewal-30d", "suppress", "no_due", 1), ("renewal-7d", "hold", "quiet", 1)]
        assert waiting == [("review", "email", 1, NINE), ("review", "sms", 1, NINE)]
        ((budget, period, sum_, draws),) = given
        assert (budget, period, float(sum_), draws) == ("goodwill", "2026-05", 60.5001, 2)
        assert sorted(runs) == [("renewal", "open", 1), ("renewal", "success", 1)]


def query(url: str, statement: str) -> list[tuple[Any, ...]]:
    """What anybody's SQL finds in a store."""
    if url.startswith("postgresql:"):
        with psycopg.connect(url) as server:
            return server.execute(statement.encode()).fetchall()
    assert os.path.exists(url)
    with closing(sqlite3.connect(url)) as file:
        return file.execute(statement).fetchall()
