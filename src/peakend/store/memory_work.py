"""Jobs, drafts and agreements in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from peakend.model.draft import Agreement, AgreementState, Changes, Draft, DraftState, Revision
from peakend.model.job import OVER, Job, JobNote, JobState
from peakend.store.memory_held import Held
from peakend.store.rows import as_stored, storable
from peakend.store.work import after_save, real_changes, revision_of


class MemoryWork(Held):
    """The part of the store in memory that keeps work."""

    def put_job(self, job: Job) -> None:
        with self._alone():
            self._work.jobs[job.id] = as_stored(job)

    def job(self, id_: str) -> Job | None:
        with self._alone():
            return self._work.jobs.get(id_)

    def jobs(self, *, kind: str = "", who: str = "", limit: int = 100) -> list[Job]:
        with self._alone():
            found = [
                one for one in self._work.jobs.values() if kind in ("", one.kind) and who in ("", one.who)
            ]
        return sorted(found, key=lambda one: (one.created, one.id), reverse=True)[:limit]

    def claim_job(self, token: str, now: int, lease: int, most: int) -> Job | None:
        with self._alone():
            jobs, free = self._work.jobs, list[Job]()
            for one in list(jobs.values()):
                lost = one.state == "running" and one.heartbeat <= now - lease
                if lost and one.attempts >= most:
                    jobs[one.id] = replace(one, state="interrupted", note="gave_up", token="", ended=now)
                elif lost or one.state == "waiting":
                    free.append(one)
            if not free:
                return None
            one = min(free, key=lambda one: (one.created, one.id))
            jobs[one.id] = replace(
                one,
                state="running",
                token=token,
                started=now,
                heartbeat=now,
                done=0,
                total=0,
                attempts=one.attempts + 1,
                note="again" if one.attempts else "",
            )
            return jobs[one.id]

    def beat(self, id_: str, token: str, now: int, done: int, total: int) -> bool:
        with self._alone():
            one = self._work.jobs.get(id_)
            if one is None or one.token != token or one.state != "running":
                return False
            self._work.jobs[id_] = replace(one, heartbeat=now, done=done, total=total)
            return True

    def end_job(
        self, id_: str, token: str, now: int, state: JobState, *, result: str = "", note: JobNote = ""
    ) -> bool:
        with self._alone():
            one = self._work.jobs.get(id_)
            if one is None or one.token != token or one.state != "running":
                return False
            said = {"result": storable(result), "note": note or one.note}
            self._work.jobs[id_] = replace(one, state=state, ended=now, token="", **said)
            return True

    def cancel_job(self, id_: str, now: int) -> bool:
        with self._alone():
            one = self._work.jobs.get(id_)
            if one is None or one.state in OVER:
                return False
            self._work.jobs[id_] = replace(one, state="cancelled", ended=now, token="")
            return True

    def forget_jobs(self, before: int) -> int:
        with self._alone():
            gone = [one.id for one in self._work.jobs.values() if one.state in OVER and one.ended < before]
            for id_ in gone:
                del self._work.jobs[id_]
            return len(gone)

    def begin_draft(self, draft: Draft, files: Mapping[str, bytes]) -> None:
        with self._alone():
            kept = as_stored(draft)
            self._work.drafts[kept.id] = kept
            self._work.changes[kept.id] = [(revision_of(kept, files), dict(files))]

    def save_draft(
        self, id_: str, revision: int, changes: Changes, who: str, now: int, back_to: int = -1
    ) -> Draft | None:
        with self._alone():
            before = self._work.drafts.get(id_)
            if before is None or before.revision != revision or before.state != "open":
                return None
            real = real_changes(self._work.files(id_), changes)
            if not real:
                return before
            after = self._work.drafts[id_] = after_save(before, who, now)
            self._work.changes[id_].append((revision_of(after, real, back_to), real))
            return after

    def draft(self, id_: str) -> Draft | None:
        with self._alone():
            return self._work.drafts.get(id_)

    def drafts(self, states: Sequence[DraftState] = ()) -> list[Draft]:
        with self._alone():
            found = [one for one in self._work.drafts.values() if not states or one.state in states]
        return sorted(found, key=lambda one: (one.changed, one.id), reverse=True)

    def draft_files(self, id_: str, revision: int | None = None) -> dict[str, bytes]:
        with self._alone():
            return self._work.files(id_, revision)

    def revisions(self, id_: str) -> list[Revision]:
        with self._alone():
            return [one for one, _ in self._work.changes.get(id_, ())]

    def close_draft(self, id_: str, revision: int, state: DraftState, who: str, now: int) -> bool:
        with self._alone():
            one = self._work.drafts.get(id_)
            if one is None or one.revision != revision or one.state != "open":
                return False
            self._work.drafts[id_] = replace(one, state=state, changed=now, changed_by=storable(who))
            return True

    def ask_agreement(self, one: Agreement) -> None:
        with self._alone():
            self._work.agreements[one.id] = as_stored(one)

    def agreement(self, id_: str) -> Agreement | None:
        with self._alone():
            return self._work.agreements.get(id_)

    def agreements(self, states: Sequence[AgreementState] = (), *, hash_: str = "") -> list[Agreement]:
        with self._alone():
            found = [
                one
                for one in self._work.agreements.values()
                if (not states or one.state in states) and hash_ in ("", one.hash)
            ]
        return sorted(found, key=lambda one: (one.at, one.id), reverse=True)

    def answer_agreement(self, id_: str, state: AgreementState, who: str, answer: str, now: int) -> bool:
        with self._alone():
            one = self._work.agreements.get(id_)
            if one is None or one.state != "open":
                return False
            said = {"answered": storable(who), "answer": storable(answer), "answered_at": now}
            self._work.agreements[id_] = replace(one, state=state, **said)
            return True
