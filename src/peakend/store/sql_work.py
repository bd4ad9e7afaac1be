"""Jobs, drafts and agreements in a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import astuple

from peakend.model.draft import Agreement, AgreementState, Changes, Draft, DraftState, Revision
from peakend.model.job import OVER, Job, JobNote, JobState
from peakend.store import schema_work as schema
from peakend.store.rows import as_stored, storable
from peakend.store.schema import insert
from peakend.store.session import Session
from peakend.store.work import (
    AGREEMENT,
    DRAFT,
    JOB,
    REVISION,
    after_save,
    agreement_from,
    changed_files,
    changes_from,
    draft_from,
    job_from,
    packed_changes,
    real_changes,
    revision_from,
    revision_of,
    revision_row,
)

_JOB, _DRAFT, _AGREEMENT = insert(schema.job), insert(schema.draft), insert(schema.agreement)
_REVISION = insert(schema.draft_revision)
_OVER = ", ".join(f"'{state}'" for state in sorted(OVER))


class SqlWork:
    """The part of a store in a database that keeps work; `_db` is the store's."""

    _db: Session

    def put_job(self, job: Job) -> None:
        with self._db.transaction():
            self._db.write(_JOB, [astuple(as_stored(job))])

    def job(self, id_: str) -> Job | None:
        return next(iter(self._jobs("WHERE id = ?", (id_,))), None)

    def jobs(self, *, kind: str = "", who: str = "", limit: int = 100) -> list[Job]:
        where, asked = _asked(kind=kind, who=who)
        return self._jobs(f"{where} ORDER BY created DESC, id DESC LIMIT ?", (*asked, limit))

    def claim_job(self, token: str, now: int, lease: int, most: int) -> Job | None:
        with self._db.alone():  # who looks each second shall not keep those waiting who write
            if not self._db.rows("SELECT 1 FROM job WHERE state IN ('waiting', 'running') LIMIT 1"):
                return None
        with self._db.transaction():
            self._db.run(
                """UPDATE job SET state = 'interrupted', note = 'gave_up', token = '', ended = ?
                   WHERE state = 'running' AND heartbeat <= ? AND attempts >= ?""",
                (now, now - lease, most),
            )
            rows = self._db.rows(
                f"""UPDATE job SET state = 'running', token = ?, started = ?, heartbeat = ?, done = 0,
                      total = 0, attempts = attempts + 1,
                      note = CASE WHEN attempts > 0 THEN 'again' ELSE '' END
                    WHERE id = (SELECT id FROM job
                                WHERE state = 'waiting' OR (state = 'running' AND heartbeat <= ?)
                                ORDER BY created, id LIMIT 1 {self._db.skip_locked}) RETURNING {JOB}""",
                (token, now, now, now - lease),
            )
        return job_from(rows[0]) if rows else None

    def beat(self, id_: str, token: str, now: int, done: int, total: int) -> bool:
        return self._changed(
            """UPDATE job SET heartbeat = ?, done = ?, total = ?
               WHERE id = ? AND token = ? AND state = 'running'""",
            (now, done, total, id_, token),
        )

    def end_job(
        self, id_: str, token: str, now: int, state: JobState, *, result: str = "", note: JobNote = ""
    ) -> bool:
        return self._changed(
            """UPDATE job SET state = ?, result = ?, note = CASE WHEN ? = '' THEN note ELSE ? END, ended = ?,
                 token = '' WHERE id = ? AND token = ? AND state = 'running'""",
            (state, storable(result), note, note, now, id_, token),
        )

    def cancel_job(self, id_: str, now: int) -> bool:
        return self._changed(
            f"""UPDATE job SET state = 'cancelled', ended = ?, token = ''
                WHERE id = ? AND state NOT IN ({_OVER})""",
            (now, id_),
        )

    def forget_jobs(self, before: int) -> int:
        with self._db.transaction():
            return self._db.run(f"DELETE FROM job WHERE state IN ({_OVER}) AND ended < ?", (before,))

    def begin_draft(self, draft: Draft, files: Mapping[str, bytes]) -> None:
        kept = as_stored(draft)
        with self._db.transaction():
            self._db.write(_DRAFT, [(*astuple(kept), packed_changes(files))])
            self._db.write(_REVISION, [revision_row(revision_of(kept, files), files)])

    def save_draft(
        self, id_: str, revision: int, changes: Changes, who: str, now: int, back_to: int = -1
    ) -> Draft | None:
        with self._db.transaction():
            # The row is locked before it is read: of two who save at once the second finds another revision.
            if not self._db.run(
                "UPDATE draft SET state = state WHERE id = ? AND revision = ? AND state = 'open'",
                (id_, revision),
            ):
                return None
            (row,) = self._db.rows(f"SELECT {DRAFT}, files FROM draft WHERE id = ?", (id_,))
            before, files = draft_from(row[:-1]), _files(row[-1])
            real = real_changes(files, changes)
            if not real:
                return before
            after = after_save(before, who, now)
            self._db.run(
                "UPDATE draft SET revision = ?, changed = ?, changed_by = ?, files = ? WHERE id = ?",
                (
                    *(after.revision, after.changed, after.changed_by),
                    *(packed_changes(changed_files(files, real)), id_),
                ),
            )
            self._db.write(_REVISION, [revision_row(revision_of(after, real, back_to), real)])
        return after

    def draft(self, id_: str) -> Draft | None:
        return next(iter(self._drafts("WHERE id = ?", (id_,))), None)

    def drafts(self, states: Sequence[DraftState] = ()) -> list[Draft]:
        with self._db.alone():
            among = f"WHERE state {self._db.among}" if states else ""
            parameters = (self._db.texts(states),) if states else ()
        return self._drafts(f"{among} ORDER BY changed DESC, id DESC", parameters)

    def draft_files(self, id_: str, revision: int | None = None) -> dict[str, bytes]:
        with self._db.alone():
            if revision is None:
                return next(
                    (_files(row[0]) for row in self._db.rows("SELECT files FROM draft WHERE id = ?", (id_,))),
                    {},
                )
            rows = self._db.rows(
                "SELECT changes FROM draft_revision WHERE draft = ? AND number <= ? ORDER BY number",
                (id_, revision),
            )
        files: dict[str, bytes] = {}
        for (content,) in rows:
            files = changed_files(files, changes_from(content))
        return files

    def revisions(self, id_: str) -> list[Revision]:
        with self._db.alone():
            rows = self._db.rows(
                f"SELECT {REVISION} FROM draft_revision WHERE draft = ? ORDER BY number", (id_,)
            )
        return [revision_from(row) for row in rows]

    def close_draft(self, id_: str, revision: int, state: DraftState, who: str, now: int) -> bool:
        return self._changed(
            """UPDATE draft SET state = ?, changed = ?, changed_by = ?
               WHERE id = ? AND revision = ? AND state = 'open'""",
            (state, now, storable(who), id_, revision),
        )

    def ask_agreement(self, one: Agreement) -> None:
        with self._db.transaction():
            self._db.write(_AGREEMENT, [astuple(as_stored(one))])

    def agreement(self, id_: str) -> Agreement | None:
        return next(iter(self._agreements("WHERE id = ?", (id_,))), None)

    def agreements(self, states: Sequence[AgreementState] = (), *, hash_: str = "") -> list[Agreement]:
        where, asked = _asked(hash=hash_)
        found = self._agreements(f"{where} ORDER BY at DESC, id DESC", asked)
        return [one for one in found if not states or one.state in states]

    def answer_agreement(self, id_: str, state: AgreementState, who: str, answer: str, now: int) -> bool:
        return self._changed(
            """UPDATE agreement SET state = ?, answered = ?, answer = ?, answered_at = ?
               WHERE id = ? AND state = 'open'""",
            (state, storable(who), storable(answer), now, id_),
        )

    def _changed(self, statement: str, parameters: Sequence[Any]) -> bool:
        with self._db.transaction():
            return self._db.run(statement, parameters) > 0

    def _jobs(self, tail: str, parameters: Sequence[Any]) -> list[Job]:
        with self._db.alone():
            return [job_from(row) for row in self._db.rows(f"SELECT {JOB} FROM job {tail}", parameters)]

    def _drafts(self, tail: str, parameters: Sequence[Any]) -> list[Draft]:
        with self._db.alone():
            return [draft_from(row) for row in self._db.rows(f"SELECT {DRAFT} FROM draft {tail}", parameters)]

    def _agreements(self, tail: str, parameters: Sequence[Any]) -> list[Agreement]:
        with self._db.alone():
            rows = self._db.rows(f"SELECT {AGREEMENT} FROM agreement {tail}", parameters)
        return [agreement_from(row) for row in rows]


def _asked(**columns: str) -> tuple[str, tuple[str, ...]]:
    """A condition on the columns that are asked for, and its parameters."""
    asked = {name: value for name, value in columns.items() if value}
    where = " AND ".join(f"{name} = ?" for name in asked)
    return f"WHERE {where}" if where else "", tuple(asked.values())


def _files(content: bytes) -> dict[str, bytes]:
    return changed_files({}, changes_from(content))
