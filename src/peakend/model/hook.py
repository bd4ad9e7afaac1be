"""Other systems that are told what happens: who, of what, and what waits to be told.

Instants are microseconds since 1970-01-01T00:00Z.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import msgspec

Happening = Literal[
    "verdict.sent",
    "card.created",
    "message.failed",
    "encounter.closed",
    "encounter.miserable",
    "pack.published",
]
HAPPENINGS: Final[tuple[Happening, ...]] = (
    "verdict.sent",
    "card.created",
    "message.failed",
    "encounter.closed",
    "encounter.miserable",
    "pack.published",
)


class Hook(msgspec.Struct, frozen=True, kw_only=True):
    """A system that is told: where, of what, and with which secrets, the newest first (Standard Webhooks).

    `failing` is the instant since which it has not answered (0: it does), `after` the one before which it is
    not tried, `disabled` the one since which it is told nothing (0: it is), `said` what came back last.
    """

    id: str
    url: str
    kinds: tuple[Happening, ...]
    secrets: tuple[str, ...]
    label: str
    who: str
    made: int
    failing: int = 0
    after: int = 0
    disabled: int = 0
    said: str = ""

    def __repr__(self) -> str:
        return f"Hook(id={self.id!r}, kinds={self.kinds!r})"


class Happened(NamedTuple):
    """Something that happened, to be told: `data` is JSON, and names a customer by id alone."""

    kind: Happening
    at: int
    customer: str
    data: str


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """What waits to be told to one system; the store gives the number, in the order of telling."""

    number: int = 0
    hook: str
    kind: Happening
    at: int
    customer: str
    data: str
