"""Cards that wait for colleagues, as they are listed and shown."""

from __future__ import annotations

from typing import Literal

import msgspec

from peakend.model.stored import NoteState

Which = Literal["waiting", "late", "snoozed", "done"]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A card in a list. `due` is the instant after which it helps no more; all instants are microseconds."""

    key: str
    subject: str
    customer: str
    customer_name: str
    role: str
    assignee: str
    state: NoteState
    play: str
    at: int
    due: int
    late: bool
    snoozed: int
    changed: int
    changed_by: str
    result: str


class Waiting(msgspec.Struct, frozen=True):
    """How many cards wait for a role, since when the oldest, and how many of them are late."""

    role: str
    waiting: int
    oldest: int
    late: int


class Inbox(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the inbox; `after` asks for the next, '' where there is none."""

    cards: list[Line]
    roles: list[Waiting]
    waiting: int
    late: int
    after: str


class Fact(msgspec.Struct, frozen=True):
    """One thing that is known: the path of its field, and its value; an instant as microseconds."""

    field: str
    value: str | float | bool | None
    instant: bool = False


class Section(msgspec.Struct, frozen=True):
    """What stands under one of the four headings; `heading` is 0 to 3, -1 for what stands before them."""

    heading: int
    text: str


class Act(msgspec.Struct, frozen=True):
    """One step of a card's history."""

    at: int
    who: str
    what: str
    text: str
    role: str
    assignee: str
    until: int


class Card(Line, frozen=True, kw_only=True):
    """One card whole: its text by headings, what is known of the matter and the customer, its history."""

    sections: list[Section]
    about: list[Fact]
    customer_facts: list[Fact]
    history: list[Act]
