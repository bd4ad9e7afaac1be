"""Every example is asked of both sides: the naive matcher and the fold."""

from __future__ import annotations

import pytest

from naive.small import Conclude, by_fold, by_naive


@pytest.fixture(params=[by_naive, by_fold], ids=["naive", "fold"])
def conclude(request: pytest.FixtureRequest) -> Conclude:
    found: Conclude = request.param
    return found
