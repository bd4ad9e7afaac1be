"""Major incidents: a subject, what was said of it, and whom it concerns."""

from __future__ import annotations

from typing import Literal

import msgspec

Show = Literal["unreached", "reached", "all"]


class Said(msgspec.Struct, frozen=True):
    """One event about the subject, with its fields as text; instants among them as microseconds."""

    kind: str
    at: int
    fields: dict[str, str | int]


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """A subject of which something was said lately."""

    subject: str
    kind: str
    began: int
    last: int
    words: int
    affected: int
    reached: int


class Way(msgspec.Struct, frozen=True):
    """How somebody was told: the newest delivery on a channel, and its state."""

    channel: str
    state: str
    key: str


class Concerned(msgspec.Struct, frozen=True, kw_only=True):
    """A customer whom it concerns. `card` is one that waits for a colleague who should call."""

    customer: str
    customer_name: str
    heard: bool
    ways: list[Way]
    card: str
    card_role: str


class Outage(msgspec.Struct, frozen=True, kw_only=True):
    """One incident whole. `next_word` is when the next word was promised, 0 where nobody said."""

    subject: str
    began: int
    words: list[Said]
    next_word: int
    affected: int
    reached: int
    waiting: int
    customers: list[Concerned]
    after: str


class Incidents(msgspec.Struct, frozen=True):
    """The subjects of the last thirty days, what was said last first."""

    incidents: list[Brief]
