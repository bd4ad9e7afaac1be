"""The record of changes."""

from __future__ import annotations

import msgspec

from peakend.model.account import AuditEntry


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the record of changes; `after` asks for the next, '' where there is none."""

    entries: list[AuditEntry]
    after: str
