"""What a customer is found by: names, attributes and addresses, as events told them.

What was told once stays: whoever calls from an old number is found by it. An erasure takes all of it away.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from peakend.model.stored import Recorded
from peakend.store.rows import storable

ATTRIBUTE, CONTACT, ADDRESS = "customer.", "contact", "address"
"""What a text is: `customer.NAME` for an attribute, else a contact's name or address."""
LONGEST: Final = 200
"""Characters of a text by which it is found."""

_TELLING = frozenset({"customer.updated", "contact.set"})
_object = msgspec.json.Decoder(dict[str, Any]).decode


def told_by(customer: str, kind: str, data: str, seen: int) -> list[tuple[str, str, str, str, int]]:
    """The rows (customer, what, folded, text, seen_at) that an event adds."""
    if not customer or kind not in _TELLING:
        return []
    try:
        fields = _object(data)
    except msgspec.DecodeError:
        return []
    if kind == "contact.set":
        named = [(CONTACT, fields.get("name")), (ADDRESS, fields.get("address"))]
    else:
        named = [(ATTRIBUTE + name, value) for name, value in fields.items() if len(name) <= LONGEST]
    return [
        (customer, what, folded(text), text, seen)
        for what, value in named
        if (text := _text(value)) and "\0" not in what
    ]


def learnt(events: Iterable[Recorded]) -> list[tuple[str, str, str, str, int]]:
    """The rows that some events in their order add, each once."""
    telling = [one for one in events if one.kind in _TELLING]
    rows = (row for one in telling for row in told_by(one.customer, one.kind, one.data, one.seen))
    return [*{row[:3]: row for row in rows}.values()]


def folded(text: str) -> str:
    """A text as it is searched: without regard to case and to space around it."""
    return text.strip().casefold()[:LONGEST]


def _text(value: Any) -> str:
    if isinstance(value, bool) or value is None or isinstance(value, dict | list):
        return ""
    return storable(str(value)).strip()[:LONGEST]
