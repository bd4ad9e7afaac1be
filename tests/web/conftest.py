"""What tests of pages may ask for: the static files, and one browser for the folder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from peakend.web.assets import Assets
from tests.web.browsing import browsing


@pytest.fixture(scope="session")
def assets() -> Assets:
    return Assets()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    with browsing() as launched:
        yield launched
