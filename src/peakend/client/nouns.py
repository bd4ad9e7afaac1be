"""What a client sends and gets. Fields that a newer server adds are passed over."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Outcome = Literal["taken", "known", "other_body", "aside"]


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event in the native form. `id` is yours, so that sending it again counts once; `at` is ISO 8601."""

    id: str
    kind: str
    at: str
    customer: str = ""
    source: str = ""
    subject: str = ""
    data: dict[str, Any] = {}


class Result(msgspec.Struct, frozen=True):
    """What became of one event; `reason` in English and Chinese where it was put aside."""

    id: str
    outcome: Outcome
    reason: dict[str, str] = {}


class Sent(msgspec.Struct, frozen=True):
    """What became of events: how many fared alike, and each in the order in which it was sent."""

    taken: int = 0
    known: int = 0
    other_body: int = 0
    aside: int = 0
    results: list[Result] = []

    def __add__(self, other: Sent) -> Sent:
        return Sent(
            self.taken + other.taken,
            self.known + other.known,
            self.other_body + other.other_body,
            self.aside + other.aside,
            [*self.results, *other.results],
        )


class Change(msgspec.Struct, frozen=True):
    """Somebody changed something; `at` in microseconds UTC."""

    number: int
    at: int
    who: str
    what: str
    about: str
    before: str = ""
    after: str = ""


class Key(msgspec.Struct, frozen=True):
    """A key of a program; `text` is there once, in the answer to its making."""

    id: str
    label: str
    scopes: list[str]
    who: str
    made: int
    used: int
    revoked: int
    text: str = ""


class Changes(msgspec.Struct, frozen=True):
    """A page of the record of changes."""

    entries: list[Change]
    after: str


class Keys(msgspec.Struct, frozen=True):
    """All keys."""

    keys: list[Key]
