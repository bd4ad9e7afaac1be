"""Questions to find and their answers."""

from __future__ import annotations

import msgspec

from peakend.model.found import Found
from peakend.model.job import JobState


class Lacking(msgspec.Struct, frozen=True, kw_only=True):
    """Why there is no answer, and what would be needed."""

    what: str
    fix: str
    what_zh: str
    fix_zh: str
    place: str


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A question to find. `done` of `total` is how far its job has come; `found` is its answer once there is
    one, `lacking` says why there is none, and `refused` how many events could not be used."""

    id: str
    outcome: str
    segment: str
    window: str
    who: str
    state: JobState
    created: int
    ended: int
    done: int
    total: int
    pack: str = ""
    refused: int = 0
    found: Found | None = None
    lacking: Lacking | None = None


class Questions(msgspec.Struct, frozen=True, kw_only=True):
    """The newest questions, the newest first, without their answers."""

    finds: list[Question]
