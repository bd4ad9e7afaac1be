"""What tests of pages may ask for: the static files, and one browser for the folder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from peakend.web.assets import Assets
from tests.web.browsing import browsing
from tests.web.world import World, lived


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A service that was lived through; whoever writes into it copies the database first."""
    return lived(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="session")
def assets() -> Assets:
    return Assets()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    with browsing() as launched:
        yield launched
