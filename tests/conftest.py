"""What every test may ask for: the real data, and how hard the properties are tried.

The suite is offline and repeatable: under the default profile Hypothesis draws the same examples on every
machine. `make laws` sets PEAKEND_LAWS and draws many more, new ones every time.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

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
