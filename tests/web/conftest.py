"""What tests of pages may ask for: a service that was lived through, and the static files."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from peakend.web.assets import Assets
from peakend.web.reckoning import MAP, OfPack
from tests.web.at_work import AtWork, at_work
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
