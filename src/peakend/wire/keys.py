"""Keys of programs."""

from __future__ import annotations

import msgspec

from peakend.model.account import Scope


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A key: who uses it, what it opens, when it was used last and revoked (0: never)."""

    id: str
    label: str
    scopes: list[Scope]
    who: str
    made: int
    used: int
    revoked: int


class Made(Key, frozen=True, kw_only=True):
    """A key with its text, which is told this once."""

    text: str


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """All keys in the order in which they were made, also those that are revoked."""

    keys: list[Key]
