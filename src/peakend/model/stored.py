"""What a store keeps beside the fold's own nouns: arrivals, shards, states as rows, messages on their way.

All instants are microseconds since 1970-01-01T00:00Z.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import msgspec

Fate = Literal["taken", "known", "other_body"]
"""What became of an arrival: new, the same as one before, or an id that was used for something else."""

Delivery = Literal[
    "planned",
    "review",
    "claimed",
    "handed",
    "accepted",
    "delivered",
    "failed",
    "unknown",
    "withdrawn",
    "expired",
]
"""Where a message is. `review` waits for a person after downtime or a restored backup; `handed` is given to
the channel and not yet answered; `unknown` was handed over and nobody can say whether it arrived."""

NoteState = Literal["new", "fetched", "acknowledged", "snoozed", "handed", "done"]
"""What became of a note: nobody saw it, it was shown, its reader has read it. Of a card: it comes back later,
was handed over to somebody who has not seen it yet, or is done."""


OURS: Final = "peakend"
"""The source of inputs that Peakend records itself."""

ADOPTED: Final = "pack.adopted"
"""The kind of the input that says from when on a shard is folded by a pack: {pack, hash, shard}."""


class Arrival(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An event as a door accepted it, before the fold gave it `seen` and `seq`.

    `data` is a JSON object as text, times in UTC and keys in order: the same body is the same text.
    """

    source: str
    id: str
    customer: str
    kind: str
    at: int
    subject: str
    data: str


class Recorded(NamedTuple):
    """An input as the log keeps it: an arrival with the `seen` and `seq` that its fold gave it.

    `data` is the text of its arrival. It is typed when it is read, by the pack of that day: a store that kept
    typed values could not tell a backtest, or a later pack, what the source had said.
    """

    customer: str
    kind: str
    at: int
    seen: int
    seq: int
    data: str
    source: str
    id: str
    subject: str


class Shard(NamedTuple):
    """A fixed part of all customers. Whoever owns it folds it; `epoch` grows with every change of owner.

    `last_seen` and `ticked_to` are the greatest instants that were given out; `next_seq` is the next place.
    """

    number: int
    epoch: int
    last_seen: int
    ticked_to: int
    next_seq: int


class StateRow(NamedTuple):
    """A customer's state between two steps: when it wants to be woken, the program that made it, bytes.

    `since` is the instant from which the customer is folded by this program. Without `data` the state is a
    large one, and lies in a snapshot.
    """

    customer: str
    wake: int | None
    program: str
    data: bytes
    since: int = 0


class Snapshot(NamedTuple):
    """A large state as it was: after the event (`seen`, `seq`), and before the conclusion `place`.

    What it has become since follows from the events after it, and from when the state wants to be woken.
    """

    customer: str
    seen: int
    seq: int
    place: int
    data: bytes


class Adoption(NamedTuple):
    """A shard is folded by the pack of this hash, for what is seen at `since` or later."""

    since: int
    hash: str


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """One delivery of a verdict on one channel, as the fold planned it.

    `send_key` is unique for ever; `verdict` names customer, play, key, occurrence, step and round as the
    message of the verdict does. `since` is the earliest instant to hand it over, `until` the last.
    """

    send_key: str
    customer: str
    play: str
    key: str
    occurrence: int
    step: str
    round: int
    message: str
    channel: str
    contact: str
    rank: int
    since: int
    until: int
    at_most_once: bool


class Told(NamedTuple):
    """What the words of one send may speak of, as the fold told it: `body` is a Content in MessagePack.

    `message` is the one that it leaves in, `part` its own name: gathered sends are parts of one message.
    """

    message: str
    part: str
    customer: str
    instant: int
    body: bytes


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A planned delivery and what became of it.

    `token` counts its claims, and the last one is the one that may change it; `lease` is the instant at which
    another may claim it; `attempts` counts hand-overs; `receipt` is what the channel answered last; `changed`
    is 0 until something has become of it.
    """

    planned: Planned
    state: Delivery
    attempts: int
    token: int
    lease: int
    receipt: str
    changed: int


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What is fetched instead of being sent: a card for a colleague, a pop-up in a customer's console.

    `who` is the role that a card is for, or the contact that a pop-up is for ('' for all of the customer's).
    `state` is what its reader has made of it, `changed_by` who that was. A card may be given to an
    `assignee`, comes back at `snoozed`, and was done with a `result`.
    """

    send_key: str
    kind: Literal["card", "console"]
    customer: str
    who: str
    play: str
    message: str
    subject: str
    body: str
    severity: str
    link: str
    at: int
    until: int
    state: NoteState = "new"
    changed: int = 0
    changed_by: str = ""
    assignee: str = ""
    snoozed: int = 0
    result: str = ""


class NoteAct(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody did with a note: one step of its history.

    `text` is the result of what is done, or a remark. A card is handed to a `role` ('' leaves it with the one
    that has it) and there to an `assignee` ('' for whoever takes it); it is snoozed `until` an instant.
    """

    send_key: str
    at: int
    who: str
    what: Literal["fetched", "acknowledged", "snoozed", "handed", "done", "noted"]
    text: str = ""
    role: str = ""
    assignee: str = ""
    until: int = 0


class Alias(NamedTuple):
    """A name that has gone, and who it is by now; `waits` is the shard that has yet to join its state."""

    customer: str
    whom: str
    since: int
    waits: int | None = None


def joined_as(former: str) -> str:
    """The id of the record that a name's state was joined to another one (source OURS)."""
    return f"joined {former}"


class Identified(NamedTuple):
    """Who some names are by now, where they have gone, and the names whose states a shard has yet to join."""

    whom: dict[str, str]
    waiting: list[Alias]


class Relation(NamedTuple):
    """A customer is related to a subject in [begins, ends); `learnt` is the `seen` that told it."""

    customer: str
    subject: str
    begins: int
    ends: int
    learnt: int


class Fan(NamedTuple):
    """An event about a subject that is on its way to everyone concerned; `after` is who was reached last."""

    source: str
    id: str
    kind: str
    at: int
    subject: str
    data: str
    seen: int
    seq: int
    after: str = ""


class Unusable(msgspec.Struct, frozen=True, kw_only=True):
    """A row or event that was put aside: where it came from, why, the fix, and the row itself, as text.

    `number` is given by the store, and ignored in what is handed to it. Where no `kind` of event is handed
    in, the store takes the one that the body names.
    """

    number: int
    source: str
    place: str
    reason_zh: str
    reason_en: str
    body: str
    at: int
    mended: bool
    kind: str = ""
