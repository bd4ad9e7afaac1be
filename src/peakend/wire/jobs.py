"""Work that takes longer than one answer, as it is shown."""

from __future__ import annotations

import msgspec

from peakend.model.job import JobNote, JobState


class JobView(msgspec.Struct, frozen=True, kw_only=True):
    """A job as it is shown; instants are microseconds UTC. `result` is what its kind gives, or an error."""

    id: str
    kind: str
    who: str
    state: JobState
    note: JobNote
    done: int
    total: int
    created: int
    started: int
    ended: int
    params: msgspec.Raw
    result: msgspec.Raw | None


class JobList(msgspec.Struct, frozen=True, kw_only=True):
    """The newest jobs, the newest first, without their results."""

    jobs: list[JobView]
