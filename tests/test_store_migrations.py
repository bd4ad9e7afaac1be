"""The tables of a store grow with data in place, and nobody else's tables are touched."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Literal

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import StaticPool
from store_contract import NINE, OUTPUTS, arrival, as_event, aside, everything, own, planned

from peakend.model.stored import StateRow
from peakend.store import StoreError, open_store
from peakend.store import postgres as of_postgres
from peakend.store import sqlite as of_sqlite
from peakend.store.migrate import config, migrate
from peakend.store.postgres import PostgresDatabase
from peakend.store.schema import VERSION, VERSIONS, tables
from peakend.store.sql import SqlStore
from peakend.store.sqlite import SqliteDatabase

LATER = {"alias", "relation", "fan_out", "erased"}
"""Tables that the first version did not have."""

Dialect = Literal["sqlite", "postgresql"]


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> Dialect:
    return "sqlite" if request.param == "sqlite" else "postgresql"


@pytest.fixture
def url(dialect: Dialect, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """An empty database."""
    return str(tmp_path / "peakend.db") if dialect == "sqlite" else str(request.getfixturevalue("database"))


def connector(url: str) -> Callable[[], Any]:
    if url.startswith("postgresql:"):
        return lambda: of_postgres.connect(url)
    return lambda: of_sqlite.connect(Path(url))


def run(url: str, statement: str) -> list[tuple[Any, ...]]:
    if url.startswith("postgresql:"):
        with psycopg.connect(url, autocommit=True) as server:
            cursor = server.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []
    with closing(sqlite3.connect(url, isolation_level=None)) as file:
        return file.execute(statement).fetchall()


@contextmanager
def inspected(url: str) -> Iterator[Connection]:
    name = "postgresql+psycopg://" if url.startswith("postgresql:") else "sqlite://"
    engine = create_engine(name, creator=connector(url), poolclass=StaticPool)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_the_migrations_make_the_tables_that_the_schema_tells(url: str) -> None:
    open_store(url).close()
    with inspected(url) as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSIONS})
        differences = [one for one in compare_metadata(context, tables) if VERSIONS not in str(one)]
    assert differences == []


def test_the_version_of_the_schema_is_that_of_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(config()).get_heads() == [VERSION]


def test_every_version_is_reached_with_data_in_place(dialect: Dialect, url: str) -> None:
    """A store of the first version is filled by its own statements, then brought through every later one."""
    migrate(dialect, connector(url), "0001")
    old = SqlStore(SqliteDatabase(Path(url)) if dialect == "sqlite" else PostgresDatabase(url))
    old.append([arrival("e-1"), arrival("e-2")])
    with old.turn(own(old)) as turn:
        events = [as_event(turn.take(1)[0], NINE, 0)]
        turn.keep(events, [StateRow("c-1", 5, "p", b"x")], OUTPUTS, [planned("k-1")])
        turn.put_aside([aside()])
    old.claim_messages("d-1", NINE, 5, 1)
    before = everything(old)
    old.close()
    first = [name for name in tables.tables if name not in LATER]
    rows = {name: run(url, f'SELECT * FROM "{name}" ORDER BY 1, 2') for name in first}
    revisions = [one.revision for one in ScriptDirectory.from_config(config()).walk_revisions()]
    for version in reversed(revisions):
        migrate(dialect, connector(url), version)
        assert run(url, f"SELECT version_num FROM {VERSIONS}") == [(version,)]
    assert {name: run(url, f'SELECT * FROM "{name}" ORDER BY 1, 2') for name in first} == rows
    with closing(open_store(url)) as new:
        assert everything(new) == before
        assert new.append([arrival("e-1"), arrival("e-2"), arrival("e-3")]) == ["known", "known", "taken"]


def test_what_a_play_did_lately_is_looked_up_since_the_second_version(dialect: Dialect, url: str) -> None:
    migrate(dialect, connector(url), "0001")
    assert not _indexes(url, "verdict_play")
    open_store(url).close()
    assert _indexes(url, "verdict_play")


def test_a_store_of_a_newer_peakend_is_left_alone(url: str) -> None:
    open_store(url).close()
    run(url, f"UPDATE {VERSIONS} SET version_num = '9999'")
    with pytest.raises(StoreError, match="version 9999") as caught:
        open_store(url)
    assert "newest Peakend" in caught.value.fix
    assert "9999" in caught.value.what_zh
    assert run(url, f"SELECT version_num FROM {VERSIONS}") == [("9999",)]


def test_tables_of_somebody_else_are_left_alone(url: str) -> None:
    run(url, "CREATE TABLE event (title TEXT)")
    with pytest.raises(StoreError, match="not Peakend's: event") as caught:
        open_store(url)
    assert "of its own" in caught.value.fix
    with pytest.raises((psycopg.Error, sqlite3.Error)):
        run(url, "SELECT 1 FROM verdict")
    assert run(url, "SELECT * FROM event") == []


def test_a_migration_that_fails_changes_nothing(dialect: Dialect, url: str) -> None:
    migrate(dialect, connector(url), "0001")
    run(url, "CREATE INDEX verdict_play ON verdict (play)")
    with pytest.raises(StoreError, match="already exists") as caught:
        open_store(url)
    assert "as it was" in caught.value.fix
    assert run(url, f"SELECT version_num FROM {VERSIONS}") == [("0001",)]
    run(url, "DROP INDEX verdict_play")
    open_store(url).close()
    assert run(url, f"SELECT version_num FROM {VERSIONS}") == [(VERSION,)]


def test_a_neighbour_of_another_name_does_not_disturb_a_server(database: str) -> None:
    run(database, "CREATE TABLE alembic_version (version_num TEXT)")
    open_store(database).close()
    assert run(database, "SELECT * FROM alembic_version") == []


def _indexes(url: str, name: str) -> list[tuple[Any, ...]]:
    if url.startswith("postgresql:"):
        return run(url, f"SELECT indexname FROM pg_indexes WHERE indexname = '{name}'")
    return run(url, f"SELECT name FROM sqlite_master WHERE type = 'index' AND name = '{name}'")
