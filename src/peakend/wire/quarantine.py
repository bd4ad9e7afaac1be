"""Rows that could not be used, and what became of them."""

from __future__ import annotations

import msgspec


class Cause(msgspec.Struct, frozen=True):
    """Why rows of a source were put aside, and how many."""

    source: str
    cause: str
    reason_zh: str
    reason_en: str
    number: int


class Row(msgspec.Struct, frozen=True):
    """A row in a list."""

    number: int
    source: str
    place: str
    kind: str
    reason_zh: str
    reason_en: str
    at: int
    mended: bool


class Aside(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the quarantine; `after` asks for the next, '' where there is none."""

    causes: list[Cause]
    rows: list[Row]
    after: str


class One(Row, frozen=True):
    """One row whole; `body` is as it came, JSON laid out for reading where it is any."""

    body: str


class Tried(msgspec.Struct, frozen=True):
    """What became of a row, or would: taken, known, refold (it counts when the log is folded again), or aside
    with the reason."""

    outcome: str
    reason_zh: str
    reason_en: str


class Again(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which rows are replayed: of a source, a kind, a cause ('' for any), those behind `after`."""

    source: str = ""
    kind: str = ""
    cause: str = ""
    after: str = ""


class Replay(msgspec.Struct, frozen=True):
    """What became of the rows of one step; `after` goes on behind them, '' where these were the last."""

    tried: int
    taken: int
    known: int
    aside: int
    after: str
