"""Events: the facts that everything else is computed from.

An event is immutable. It is what a source says happened (`at`) and when the log took it (`seen`);
conclusions such as verdicts or encounters are never events of the log.
All instants are microseconds since 1970-01-01T00:00Z.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

FieldType = Literal["text", "number", "boolean", "date", "timestamp", "zone"]


class Event(msgspec.Struct, array_like=True, gc=False):
    """One input of one customer.

    `at` and `seen` are instants (microseconds UTC), `seq` is the place in the log; (at, seq) orders
    what happened, (seen, seq) orders what was learnt. `data` holds typed values: text, number, boolean,
    'YYYY-MM-DD' for a date, microseconds for a timestamp.
    """

    customer: str
    kind: str
    at: int
    seen: int
    seq: int
    data: dict[str, Any]
    source: str = ""
    id: str = ""
    subject: str = ""


BUILT_IN: dict[str, dict[str, FieldType]] = {
    "customer.updated": {},
    "customer.identified": {"anonymous": "text"},
    "customer.merged": {"from": "text", "into": "text"},
    "contact.set": {
        "contact": "text",
        "role": "text",
        "name": "text",
        "channel": "text",
        "address": "text",
        "consent": "boolean",
    },
    "contact.removed": {"contact": "text", "channel": "text", "address": "text"},
    "consent.given": {"what": "text", "source": "text"},
    "consent.withdrawn": {"what": "text", "source": "text"},
    "preference.set": {"what": "text", "scope": "text", "until": "timestamp"},
    "preference.cleared": {"what": "text"},
    "relation.set": {"subject": "text", "from": "timestamp", "until": "timestamp"},
    "relation.ended": {"subject": "text", "at": "timestamp"},
    "message.failed": {"message": "text"},
    "message.withdrawn": {"message": "text", "reason": "text"},
    "message.replied": {"message": "text", "text": "text"},
    "card.done": {
        "card": "text",
        "play": "text",
        "key": "text",
        "step": "text",
        "role": "text",
        "result": "text",
        "by": "text",
    },
    "opportunity.spotted": {"touchpoint": "text", "text": "text", "by": "text"},
}
"""Input kinds that Peakend itself understands, with their fields."""

ANNOUNCED: dict[str, dict[str, FieldType]] = {
    "pack.published": {"hash": "text", "revived": "text"},
    "play.paused": {"play": "text"},
    "play.resumed": {"play": "text"},
    "play.stopped": {"play": "text"},
}
"""Inputs that concern every customer: people's decisions about plays, recorded by the store's own commands.

`play` is empty where all plays are meant; `revived` lists the stopped plays that begin again, by commas."""

DERIVED: dict[str, dict[str, FieldType]] = {
    "encounter.closed": {"touchpoint": "text", "state": "text", "unfinished": "boolean", "rating": "number"},
    "encounter.settled": {"touchpoint": "text", "state": "text", "unfinished": "boolean", "rating": "number"},
    "standard.breached": {"touchpoint": "text", "standard": "text", "deadline": "timestamp"},
}
"""Kinds that the fold itself derives; plays may start from them, and no source may send them."""

OF_THE_LOOP: dict[str, dict[str, FieldType]] = {
    "budget.answered": {
        "message": "text",
        "budget": "text",
        "period": "text",
        "amount": "number",
        "at_most": "number",
        "drawn": "number",
        "enough": "boolean",
    },
    "customer.joined": {"from": "text"},
    "subject.reached": {"event": "text"},
    "pack.adopted": {"pack": "text", "hash": "text", "shard": "number"},
}
"""Inputs that the loop itself records, with their fields: no source may send them, and no play sees them."""

RESERVED = frozenset({*DERIVED, *ANNOUNCED, *OF_THE_LOOP})
"""Kinds that no source may send and no pack may declare."""

MERGES = {"customer.merged": ("from", "into"), "customer.identified": ("anonymous", "")}
"""Kinds that say that two names are one customer: the fields of the name that goes and of the one that stays
(''; without a value, the customer of the event itself)."""

JOINED = "customer.joined"
"""What the loop records when the states of two names are joined: `from` goes on as the event's customer."""

REACHED = "subject.reached"
"""What the loop records when it fans an event out: it is in the log once more for each customer concerned."""
