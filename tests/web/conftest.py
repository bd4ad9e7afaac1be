"""What tests of pages may ask for: the static files, and one browser for the folder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from peakend.web.assets import Assets
from peakend.web.reckoning import MAP, OfPack
from tests.web.at_work import AtWork, at_work
from tests.web.browsing import browsing
from tests.web.world import World, lived


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A service that was lived through; whoever writes into it copies the database first."""
    return lived(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="session")
def reckoned(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AtWork]:
    """The application over that service, the figures of its map reckoned."""
    with at_work(world, tmp_path_factory.mktemp("reckoned")) as found:
        assert found.at_once(MAP, OfPack()).state == "done"
        yield found


@pytest.fixture(scope="session")
def assets() -> Assets:
    return Assets()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    with browsing() as launched:
        yield launched
