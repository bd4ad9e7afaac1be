"""What goes on now."""

from __future__ import annotations

import msgspec

from peakend.wire.cards import Waiting


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """A standard that runs; `share` of its time is used up. Standards of declared moments come first."""

    customer: str
    customer_name: str
    touchpoint: str
    key: str
    standard: str
    begun: int
    deadline: int
    share: float
    moment_of_truth: bool


class Felt(msgspec.Struct, frozen=True):
    """How one encounter went."""

    customer: str
    customer_name: str
    touchpoint: str
    key: str
    at: int
    rating: float | None


class Week(msgspec.Struct, frozen=True):
    """Encounters that closed in seven days by how they went, with the newest of the best and worst."""

    magical: int
    neutral: int
    miserable: int
    best: list[Felt]
    worst: list[Felt]


class Stopped(msgspec.Struct, frozen=True):
    """A reason for which steps were not sent today: how many, of which play most, and one of them."""

    reason: str
    number: int
    play: str
    customer: str
    customer_name: str


class Sent(msgspec.Struct, frozen=True):
    """What a channel was given today: handed over for good, in doubt or under way, and failed."""

    channel: str
    sent: int
    under_way: int
    failed: int


class Happened(msgspec.Struct, frozen=True):
    """Events of one kind that came in together, as the ticker shows them: of one customer, or of `number`."""

    customer: str
    customer_name: str
    kind: str
    seen: int
    number: int


class Today(msgspec.Struct, frozen=True, kw_only=True):
    """All that the page shows. `since` is the beginning of the day in the pack's zone."""

    since: int
    published: bool
    events: bool
    people: bool
    moments: list[Running]
    open_moments: int
    at_risk: list[Running]
    risky: int
    cards: list[Waiting]
    week: Week
    stopped: list[Stopped]
    stopped_number: int
    sent: list[Sent]
    review: int
    unknown: int
    newest: list[Happened]
