"""Events as they are sent, and what became of each."""

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
