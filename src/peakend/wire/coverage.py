"""How far each touchpoint has come."""

from __future__ import annotations

from typing import Literal

import msgspec

from peakend.wire.journeys import Titles

Column = Literal["identified", "standard", "play", "live", "proven"]
Mark = Literal["done", "under_way", "to_do", "later", "not_meant"]


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One step of one touchpoint. `what` names how it stands and `numbers` what it rests on; a `to_do` leads
    to `where` it is done, `later` ones wait for the step before, `not_meant` ones need nothing."""

    mark: Mark
    what: str
    numbers: dict[str, int] = {}
    where: str = ""


class Covered(msgspec.Struct, frozen=True, kw_only=True):
    """One touchpoint with its five steps."""

    id: str
    journey: str
    stage: str
    title: Titles
    moment: list[str]
    cells: dict[Column, Cell]


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """All touchpoints in the order of their journeys, as of the newest figures (None: there are none), and
    how many of them have come through each step."""

    as_of: int | None
    rows: list[Covered]
    done: dict[Column, int]
