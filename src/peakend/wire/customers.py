"""Customers: in a list, one whole, her timeline, why plays did what they did, and what she wants."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from peakend.model.outcome import State

Show = Literal["", "miserable", "magical"]
What = Literal["event", "encounter", "message", "card", "verdict"]
Standing = Literal["sent", "held", "suppressed", "inside", "ended", "never"]
Do = Literal["quiet", "again", "agree", "withdraw"]


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted: quiet about `what` for some days (0: for good), or to hear of it again; or consent."""

    do: Do
    what: str = "do_not_disturb"
    days: int = 0


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One address on a channel, and whether it may be used."""

    channel: str
    address: str
    consent: bool


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """One of the customer's people."""

    contact: str
    name: str
    roles: tuple[str, ...]
    ways: tuple[Way, ...]


class Consented(msgspec.Struct, frozen=True, kw_only=True):
    """A consent that was given or withdrawn, when and where."""

    what: str
    given: bool
    at: int
    source: str


class Wished(msgspec.Struct, frozen=True, kw_only=True):
    """A preference and whether it is in force; `until` None: for good, or while something is open."""

    what: str
    active: bool
    at: int
    until: int | None


class Felt(msgspec.Struct, frozen=True, kw_only=True):
    """An encounter that is over, and how it went."""

    touchpoint: str
    key: str
    state: State
    at: int
    settled: bool


class Current(msgspec.Struct, frozen=True, kw_only=True):
    """An encounter that is going on: `state` is None while nothing can be said yet; `standards` by name."""

    touchpoint: str
    key: str
    begun: int
    ended: int | None
    state: State | None
    standards: dict[str, Literal["kept", "breached", "open"]]


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """One customer now. `names` are the other ids; `pack` is the hash of the pack whose words these are.

    `peak` and `pit` are the last magical and the last miserable encounter, `end` the last of all.
    """

    customer: str
    names: tuple[str, ...]
    called: str
    masked: bool
    zone: str
    attributes: dict[str, Any]
    facts: dict[str, Any]
    people: tuple[Person, ...]
    consents: tuple[Consented, ...]
    preferences: tuple[Wished, ...]
    now: tuple[Current, ...]
    peak: Felt | None
    pit: Felt | None
    end: Felt | None
    last_seen: int
    pack: str


class Words(msgspec.Struct, frozen=True):
    """A text in both languages."""

    zh: str
    en: str


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A customer in a list: the last event, the open runs, the last peak or pit ('' where there was none)."""

    customer: str
    name: str
    last_seen: int
    last_kind: str
    open_runs: int
    felt: State | Literal[""]
    felt_at: int
    touchpoint: str


class Customers(msgspec.Struct, frozen=True, kw_only=True):
    """A page of customers; `after` asks for the next, '' where there is none."""

    customers: list[Found]
    after: str


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened: `at` is when it was known, `happened` when it came about."""

    at: int
    happened: int
    what: What
    kind: str
    said: Words
    state: str
    reason: str
    play: str
    key: str
    pack: str


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a customer's story, the newest first; `after` asks for the next, '' where there is none."""

    customer: str
    rows: list[Row]
    after: str


class Play(msgspec.Struct, frozen=True, kw_only=True):
    """How one play stands with a customer, and what was decided last; `at` is null where it never began."""

    play: str
    standing: Standing
    said: Words
    at: int | None
    reason: str
    runs: int
    pack: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a play's ledger; `pack` is the hash of the version that decided."""

    at: int
    weight: str
    said: Words
    key: str
    pack: str


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """Every play; or with `play` one alone and its ledger, line by line (`more`: earlier lines exist)."""

    customer: str
    plays: list[Play]
    lines: list[Line]
    more: bool


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer asked for, what is in force of it, and which consents were given or withdrawn."""

    customer: str
    preferences: list[Wished]
    consents: list[Consented]


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """It is durable, and counts once it is folded."""

    customer: str
    noted: Wish


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows of each table are gone for good."""

    rows: dict[str, int]
