"""Systems that are told what happens."""

from __future__ import annotations

import msgspec

from peakend.model.hook import Happening


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """A system that is told: of what, how much `waits`, since when it is `failing` or `disabled` (0: not)."""

    id: str
    url: str
    kinds: list[Happening]
    label: str
    who: str
    made: int
    waits: int
    failing: int
    disabled: int
    said: str


class WithSecret(Webhook, frozen=True, kw_only=True):
    """A system with the secret that signs what it is told, shown this once."""

    secret: str


class Webhooks(msgspec.Struct, frozen=True, kw_only=True):
    """All systems that are told, and the kinds that there are."""

    webhooks: list[Webhook]
    kinds: list[Happening]


class Tested(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a system took a `hook.tested`, and what it said."""

    accepted: bool
    said: str
