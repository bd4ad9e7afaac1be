"""What the encounters of a store add up to, for the journey map and the coverage of touchpoints.

It is reckoned by a job and kept as it is, so that a page shows it at once and says as of when.
Instants are microseconds since 1970-01-01T00:00Z.
"""

from __future__ import annotations

import msgspec

from peakend.model.result import TouchpointResult


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """How often a standard was kept or breached in settled encounters, and its kept share with Wilson's 95 %
    interval; `share`, `low` and `high` are None where nothing was decided."""

    kept: int
    breached: int
    share: float | None = None
    low: float | None = None
    high: float | None = None


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One touchpoint: its settled encounters, its standards, and its standards month by month.

    `months` has standards by their name, and for each 'YYYY-MM' of the pack's zone in which encounters began.
    """

    result: TouchpointResult
    standards: dict[str, Kept] = {}
    months: dict[str, dict[str, Kept]] = {}


class Did(msgspec.Struct, frozen=True, kw_only=True):
    """What a play did since the store began: final decisions about its steps, and exposures by arm."""

    send: int = 0
    suppress: dict[str, int] = {}
    exposed: dict[str, int] = {}


class Mapped(msgspec.Struct, frozen=True, kw_only=True):
    """All touchpoints of a pack as of an instant. `customers` are those with a settled encounter, anywhere;
    `first` and `last` are the begins of the first and the last of these encounters (None: there are none).
    """

    pack: str
    hash: str
    at: int
    customers: int
    encounters: int
    first: int | None
    last: int | None
    touchpoints: dict[str, Measured] = {}
    plays: dict[str, Did] = {}
