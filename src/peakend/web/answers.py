"""Errors as answers: what was wrong, where, and the fix, in both languages (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

from peakend.errors import PeakendError


class Json(Response):
    """A value as JSON, written by msgspec."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return msgspec.json.encode(content)


class Problem(Json):
    """An error as JSON."""

    media_type = "application/problem+json"
    told: Mapping[str, Any] = {}

    def render(self, content: Any) -> bytes:
        self.told = content
        return super().render(content)


def problem(
    status: int,
    what: str,
    fix: str,
    what_zh: str,
    fix_zh: str,
    *,
    place: str = "",
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Problem:
    """An answer that says what was wrong, where, and what to do."""
    told = {
        "type": "about:blank",
        "title": what,
        "status": status,
        "detail": fix,
        "title_zh": what_zh,
        "detail_zh": fix_zh,
    }
    if place:
        told["place"] = place
    return Problem(told | dict(more or {}), status, dict(headers or {}))


def problem_of(
    error: PeakendError,
    status: int,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Problem:
    """An error of ours as an answer."""
    place, words = str(error.place) if error.place else "", (error.what_zh, error.fix_zh)
    return problem(status, error.what, error.fix, *words, place=place, headers=headers, more=more)
