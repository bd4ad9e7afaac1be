"""What there is to be asked."""

from __future__ import annotations

import msgspec


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that may be asked: its method and path, its name, and what it does."""

    method: str
    path: str
    name: str
    does: str


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """What there is: where the whole description lies, and every way in."""

    openapi: str
    ways: list[Way]
