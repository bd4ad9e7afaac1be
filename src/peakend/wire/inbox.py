"""Messages within an application, and the token that opens them."""

from __future__ import annotations

from typing import Literal

import msgspec

from peakend.model.delivery import Severity


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One message: `note` names it; `link` is where the customer can act, https or a path, or ''."""

    note: str
    at: int
    until: int
    subject: str
    body: str
    severity: Severity
    link: str
    state: Literal["new", "fetched", "acknowledged"]


class Notes(msgspec.Struct, frozen=True, kw_only=True):
    """Messages that wait to be read, the oldest first."""

    notes: list[Shown]


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """What a page of one customer may hold, and until when it opens anything."""

    token: str
    until: int
