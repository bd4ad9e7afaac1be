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
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.pool import StaticPool
from store_contract import NINE, OUTPUTS, arrival, as_event, aside, everything, own, planned

from peakend.model.stored import StateRow
from peakend.store import StoreError, open_store
from peakend.store import postgres as of_postgres
from peakend.store import sqlite as of_sqlite
from peakend.store.migrate import config, migrate
from peakend.store.schema import VERSION, VERSIONS, tables

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
    """A filled store is put back into the tables of the first version, and brought through all later ones."""
    old = open_store(url)
    old.append([arrival("e-1"), arrival("e-2")])
    with old.turn(own(old)) as turn:
        events = [as_event(turn.take(1)[0], NINE, 0)]
        turn.keep(events, [StateRow("c-1", 5, "p", b"x")], OUTPUTS, [planned("k-1")])
        turn.put_aside([aside()])
    old.claim_messages("d-1", NINE, 5, 1)
    before = everything(old)
    old.close()
    first = back_to_the_first_version(dialect, url)
    rows = {name: run(url, f"SELECT {columns} FROM {name} ORDER BY 1, 2") for name, columns in first.items()}
    revisions = [one.revision for one in ScriptDirectory.from_config(config()).walk_revisions()]
    for version in reversed(revisions):
        migrate(dialect, connector(url), version)
        assert run(url, f"SELECT version_num FROM {VERSIONS}") == [(version,)]
    kept = {name: run(url, f"SELECT {columns} FROM {name} ORDER BY 1, 2") for name, columns in first.items()}
    assert kept == rows
    assert all(rows[name] for name in rows)
    with closing(open_store(url)) as new:
        assert everything(new) == before
        assert new.append([arrival("e-1"), arrival("e-2"), arrival("e-3")]) == ["known", "known", "taken"]


def back_to_the_first_version(dialect: Dialect, url: str) -> dict[str, str]:
    """Put the rows of a store into tables of the first version, as far as they had columns then; these."""
    full = {name: list(table.columns.keys()) for name, table in tables.tables.items()}
    found = {name: run(url, f'SELECT * FROM "{name}"') for name in full}
    if dialect == "sqlite":
        Path(url).unlink()
    else:
        run(url, "DROP SCHEMA public CASCADE")
        run(url, "CREATE SCHEMA public")
    migrate(dialect, connector(url), "0001")
    with inspected(url) as connection:
        inspector = inspect(connection)
        first = {
            name: [column["name"] for column in inspector.get_columns(name)]
            for name in full
            if inspector.has_table(name)
        }
        connection.rollback()
        for name, columns in first.items():
            marks = ", ".join(f":c{place}" for place, _ in enumerate(columns))
            connection.execute(text(f'DELETE FROM "{name}"'))
            for row in found[name]:
                values = dict(zip(full[name], row, strict=True))
                given = {f"c{place}": values[column] for place, column in enumerate(columns)}
                named = ", ".join(f'"{column}"' for column in columns)
                connection.execute(text(f'INSERT INTO "{name}" ({named}) VALUES ({marks})'), given)
        if dialect == "postgresql":
            connection.execute(text("SELECT setval('inbox_number', 9)"))
        connection.commit()
    return {name: ", ".join(f'"{column}"' for column in columns) for name, columns in first.items()}


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
