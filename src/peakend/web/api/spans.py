"""Instants as parameters: ISO 8601 with an offset, or the microseconds that answers have."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Query

from peakend.errors import PeakendError, TimeError
from peakend.when import parse_instant

Instant = Annotated[str, Query(max_length=40, examples=["2026-03-01T09:00:00+08:00"])]
_FURTHEST: Final = 253_402_300_800_000_000
"""The end of the year 9999."""


def instant_of(name: str, text: str, otherwise: int) -> int:
    """Microseconds UTC of a parameter; `otherwise` where it is empty. Raises PeakendError."""
    text = text.strip()
    if not text:
        return otherwise
    try:
        found = int(text) if text.removeprefix("-").isascii() and text.isdigit() else parse_instant(text)
    except (TimeError, ValueError):
        found = _FURTHEST
    if not 0 <= found < _FURTHEST:
        raise PeakendError(
            f"`{name}` is no instant: {text[:40]!r}",
            place=f"query.{name}",
            fix="Write 2026-03-01T09:00:00+08:00, or microseconds since 1970",
            what_zh=f"{name} 不是时刻：{text[:40]!r}",
            fix_zh="请写成 2026-03-01T09:00:00+08:00，或 1970 年起的微秒数",
        )
    return found
