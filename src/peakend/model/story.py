"""A story: dated events in, and the verdicts and states that must and must not come of them."""

from __future__ import annotations

from typing import Any, Literal

from peakend.model.parts import Part, Titles


class Given(Part, frozen=True, kw_only=True):
    """One event of a story; `for_each: {i: "1..300"}` makes many of it."""

    at: str
    kind: str
    customer: str | None = None
    subject: str | None = None
    seen: str | None = None
    data: dict[str, Any] = {}
    id: str | None = None
    for_each: dict[str, str] = {}


class Expected(Part, frozen=True, kw_only=True):
    """What a story expects of verdicts: only the keys that are given are compared."""

    at: str | None = None
    customer: str | None = None
    play: str | None = None
    key: str | None = None
    says: str | None = None
    verdict: Literal["send", "hold", "suppress"] | None = None
    reason: str | None = None
    until: str | None = None
    contact: str | None = None
    channel: str | None = None
    count: int | None = None
    messages: int | None = None


class ExpectedState(Part, frozen=True, kw_only=True):
    touchpoint: str
    state: Literal["magical", "neutral", "miserable"]
    key: str | None = None
    customer: str | None = None
    settled: bool | None = None
    standards: dict[str, Literal["kept", "breached", "open"]] = {}


class Story(Part, frozen=True, kw_only=True):
    """stories/NAME.yaml"""

    story: str
    title: Titles = {}
    zone: str | None = None
    given: list[Given]
    until: str
    then: list[Expected] = []
    never: list[Expected] = []
    states: list[ExpectedState] = []
    left_out: list[Titles] = []
