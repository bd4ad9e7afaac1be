"""What goes to a channel and what comes back: a letter whose words are final, and a receipt.

A channel knows nothing of plays, and the loop knows nothing of channels' wires; these values are all that
passes between them. Instants are microseconds since 1970-01-01T00:00Z.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import msgspec

Answer = Literal["accepted", "delivered", "refused", "later", "unknown"]
"""What a channel says of a hand-over. `refused` is final for this address; `later` asks for another attempt;
`unknown` means that it was handed over, or may have been, and nobody can say whether it was taken."""

Severity = Literal["info", "success", "warning", "danger"]


class Attachment(NamedTuple):
    """A file that goes with a letter."""

    name: str
    media_type: str
    data: bytes


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """A text filled in for one customer, one language and one channel.

    `text` is plain: what a phone or a robot shows, and the twin of `html`, which is empty where the channel
    has a short variant of its own. `link` leads to the place where the customer can act ('' for none).
    `values` are the fields of the event, as text, for providers that fill in a template of their own.
    `unknown` are the names in the text that stood for nothing and left a gap: for the ledger, not the reader.
    """

    name: str
    language: str
    subject: str
    text: str
    html: str = ""
    severity: Severity = "info"
    link: str = ""
    attachments: tuple[Attachment, ...] = ()
    values: Mapping[str, str] = {}
    unknown: tuple[str, ...] = ()


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One delivery, ready to be handed over.

    `send_key` is the same at every attempt. `to` is the address on the channel ('' where it needs none),
    `to_name` who reads it. `unsubscribe` is the address of one-click unsubscribing ('' where a class has
    none). `data` is what a machine may want to know: customer, play, step, key and the fields.
    """

    send_key: str
    customer: str
    channel: str
    to: str
    to_name: str
    words: Words
    class_: str
    unsubscribe: str = ""
    attempt: int = 1
    data: Mapping[str, Any] = {}


class Receipt(NamedTuple):
    """What a channel answered: `said` in its own words and without any customer's text, `reference` its own
    number of the message, `wait` the microseconds after which it asks to be tried again (0 where it does not
    say).
    """

    answer: Answer
    said: str
    reference: str = ""
    wait: int = 0


class Bounce(NamedTuple):
    """A channel's late word on a delivery: `final` where the address does not work."""

    send_key: str
    final: bool
    said: str
