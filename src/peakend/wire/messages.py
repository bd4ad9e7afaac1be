"""Deliveries: in a list, one whole, and what is under review."""

from __future__ import annotations

from typing import Literal

import msgspec

from peakend.model.stored import Delivery

Waits = Literal["", "turn", "quiet", "retry", "queue", "paused", "review", "decision"]
"""What a delivery waits for: its time, the end of quiet hours, another try, its channel's rate, that sending
is switched on again, or a person; '' where it waits for nothing."""

Decision = Literal["again", "accepted", "delivered", "failed", "withdrawn"]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery in a list. `since` is when it may leave, `changed` when something became of it, `waits` for
    what it has not left."""

    key: str
    customer: str
    customer_name: str
    play: str
    step: str
    channel: str
    class_: str
    state: Delivery
    since: int
    until: int
    changed: int
    attempts: int
    receipt: str
    waits: Waits = ""


class Listed(msgspec.Struct, frozen=True):
    """A page of deliveries; `after` asks for the next, '' where there is none."""

    messages: list[Line]
    after: str


class Because(msgspec.Struct, frozen=True):
    """The verdict that let it go: when it was due and decided, and how often it had been held."""

    outcome: str
    reason: str
    due: int | None
    instant: int
    holds: int


class Letter(Line, frozen=True, kw_only=True):
    """One delivery whole. `words`: it has some that can be shown; `decisions`: what may be decided."""

    message: str
    run: str
    contact: str
    at_most_once: bool
    words: bool
    subject: str
    text: str
    verdict: Because | None
    others: list[Line]
    decisions: list[Decision]


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """What is under review: how many to how many customers, by channel and play, and the first few.

    `mark` stands for exactly these: it goes with the decision, so that nobody releases what she has not seen.
    """

    number: int
    customers: int
    channels: list[tuple[str, int]]
    plays: list[tuple[str, int]]
    first: list[Line]
    mark: str


class Released(msgspec.Struct, frozen=True):
    """How many deliveries were let go at once; what is more needs another look."""

    released: int
