"""The contract of every store about work on a pack: the log as a backtest reads it, jobs, drafts, agreements.

It is part of `base.py`, and stands apart because it is one subject.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import pyarrow as pa

from peakend.model.draft import Agreement, AgreementState, Changes, Draft, DraftState, Revision
from peakend.model.job import Job, JobNote, JobState


class StoreOfWork(Protocol):
    """What a store knows of work that goes on."""

    def recorded(
        self, since: Mapping[int, int] | None = None, until: Mapping[int, int] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """All inputs as the native log, in the order of (seen, seq): what a backtest of them reads. `since`
        and `until` leave out what has a `seq` below, or not below, the one of its shard.

        It shows one instant of the store, however long it is read. `seq` counts within a shard; an empty
        customer or subject is null there.
        """

    def places(self) -> dict[int, int]:
        """By shard the `seq` that its next input will have: all inputs below it are there."""

    def recorded_below(self, until: Mapping[int, int]) -> int:
        """How many inputs `recorded` shows up to there: fewer than there were where somebody was erased."""

    def put_job(self, job: Job) -> None:
        """Let a job wait for whoever works on jobs."""

    def job(self, id_: str) -> Job | None:
        """One job and how far it has come."""

    def jobs(self, *, kind: str = "", who: str = "", limit: int = 100) -> list[Job]:
        """The newest jobs, the newest first; what is left empty is not asked."""

    def claim_job(self, token: str, now: int, lease: int, most: int) -> Job | None:
        """The oldest job that waits, or whose worker has not been heard of for `lease`; now it is `token`'s.

        A job that was begun `most` times and never came to its end is `interrupted` instead, noted `gave_up`.
        One that is begun again starts from nothing, and is noted `again`.
        """

    def beat(self, id_: str, token: str, now: int, done: int, total: int) -> bool:
        """Its worker lives, and is so far; False where the job is not `token`'s any more: let go of it."""

    def end_job(
        self, id_: str, token: str, now: int, state: JobState, *, result: str = "", note: JobNote = ""
    ) -> bool:
        """Its worker has come to an end with it; False, and nothing written, where it is not `token`'s."""

    def cancel_job(self, id_: str, now: int) -> bool:
        """Nobody needs it any more; False where it is over already."""

    def forget_jobs(self, before: int) -> int:
        """Delete what was over before an instant; how many jobs."""

    def begin_draft(self, draft: Draft, files: Mapping[str, bytes]) -> None:
        """Keep a draft as it begins, with all its files: its revision 0."""

    def save_draft(
        self, id_: str, revision: int, changes: Changes, who: str, now: int, back_to: int = -1
    ) -> Draft | None:
        """Change files of an open draft whose revision is this; the draft after it.

        None, and nothing written, where the draft is not there, not open, or has another revision.
        """

    def draft(self, id_: str) -> Draft | None:
        """One draft, without its files."""

    def drafts(self, states: Sequence[DraftState] = ()) -> list[Draft]:
        """Drafts, the one that was changed last first; no states means any."""

    def draft_files(self, id_: str, revision: int | None = None) -> dict[str, bytes]:
        """The files of a draft by name, as they are or as they were at a revision; none where it has none."""

    def revisions(self, id_: str) -> list[Revision]:
        """Every change of a draft, the first first."""

    def close_draft(self, id_: str, revision: int, state: DraftState, who: str, now: int) -> bool:
        """An open draft of this revision is published or dropped; False where it is not so."""

    def ask_agreement(self, one: Agreement) -> None:
        """Ask a second account to agree."""

    def agreement(self, id_: str) -> Agreement | None:
        """One agreement and what became of it."""

    def agreements(self, states: Sequence[AgreementState] = (), *, hash_: str = "") -> list[Agreement]:
        """Agreements, the newest first; what is left empty is not asked."""

    def answer_agreement(self, id_: str, state: AgreementState, who: str, answer: str, now: int) -> bool:
        """Somebody has answered, or who asked takes it back; False where it is not open any more."""
