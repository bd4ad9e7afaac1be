"""A job: work that takes longer than a person waits for one page, and what became of it.

Instants are microseconds since 1970-01-01T00:00Z. A job is kept in the store, so that it outlives the process
that works on it.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

JobState = Literal["waiting", "running", "done", "failed", "cancelled", "interrupted"]
OVER: Final[frozenset[JobState]] = frozenset({"done", "failed", "cancelled", "interrupted"})
"""States that never change again."""

JobNote = Literal["", "again", "too_long", "too_large", "died", "gave_up"]
"""What a person should know of how it went: it was begun again after its server had gone; it took too long,
or too much memory; its process died; its server went away too often."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of work. `params` and `result` are JSON; the result of a failed job says what was wrong.

    `done` of `total` is how far it has come, in whatever its kind counts. `attempts` counts how often it was
    begun, `token` is who works on it now ('' where nobody does), and `heartbeat` when they last said so.
    """

    id: str
    kind: str
    params: str
    who: str
    state: JobState
    created: int
    done: int = 0
    total: int = 0
    note: JobNote = ""
    result: str = ""
    started: int = 0
    heartbeat: int = 0
    ended: int = 0
    attempts: int = 0
    token: str = ""
