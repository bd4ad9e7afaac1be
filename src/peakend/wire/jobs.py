"""Work that takes longer than one answer, as it is shown."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from peakend.model.job import JobNote, JobState

T = TypeVar("T")


class JobView(msgspec.Struct, frozen=True, kw_only=True):
    """A job as it is shown; instants are microseconds UTC. `result` is what its kind gives, an error, or
    null."""

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
    result: msgspec.Raw

    def read(self, type_: type[T]) -> T:
        """What came out of it, as a type: `dict[str, Any]` or a struct. Raises msgspec.DecodeError, also
        where nothing came out.
        """
        return msgspec.json.decode(self.result, type=type_)


class JobList(msgspec.Struct, frozen=True, kw_only=True):
    """The newest jobs, the newest first, without their results."""

    jobs: list[JobView]
