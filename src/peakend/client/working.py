"""Long work and what it reckons: jobs, the map, and which moments matter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

import msgspec

from peakend.client.asking import ApiError
from peakend.client.noun import EVERY, PATIENCE, Noun
from peakend.model.outcome import State
from peakend.wire.finds import Question, Questions
from peakend.wire.jobs import JobList, JobView
from peakend.wire.journeys import EncounterTold, Journeys, Refreshed, TouchpointWhole


class JobsAsked(Noun):
    """Work that takes longer than one answer. Of a job that is not there ApiError is raised, 404."""

    def all(self, *, kind: str = "", who: str = "", limit: int = 50) -> list[JobView]:
        """The newest jobs, the newest first, 200 at most, without their results."""
        return self._get(JobList, "jobs", kind=kind, who=who, limit=limit).jobs

    def one(self, job: str) -> JobView:
        """One job, and what came out of it."""
        return self._get(JobView, "jobs", job)

    def wait(
        self,
        job: str,
        tell: Callable[[JobView], object] | None = None,
        *,
        every: float = EVERY,
        patience: float = PATIENCE,
    ) -> JobView:
        """The job once it is done, with its result; `tell` hears of it at every look, with `done` of `total`.

        Looks `every` so many seconds, for `patience` seconds. Raises ApiError: with the job's own words where
        it failed (`job_failed`), where it was cancelled or interrupted, and where it is not over
        (`not_over`).
        """
        found = self._over(lambda: self.one(job), tell, every, patience)
        if found.state != "done":
            raise _failed(found)
        return found

    def cancel(self, job: str) -> JobView:
        """Nobody needs this job any more: whatever works on it ends. Of one that is over nothing changes."""
        return self._post(JobView, "jobs", job, "cancel", again=True)


class JourneysAsked(Noun):
    """Journeys: stages, touchpoints, standards and feelings. Without a published pack ApiError is raised,
    404.
    """

    def all(self) -> Journeys:
        """All journeys, their stages, touchpoints and standards, with the newest figures."""
        return self._get(Journeys, "journeys")

    def refresh(self) -> str:
        """Let the figures be reckoned anew: the job, for `jobs.wait`; '' where there is no pack."""
        return self._post(Refreshed, "journeys", "refresh", again=True).job

    def touchpoint(self, journey: str, touchpoint: str, state: State | None = None) -> TouchpointWhole:
        """One touchpoint: standards month by month, the latest encounters with the facts why (those of a
        `state`), words of customers, plays.
        """
        return self._touchpoint(journey, touchpoint, state, "")

    def encounters(
        self, journey: str, touchpoint: str, state: State | None = None
    ) -> Iterator[EncounterTold]:
        """All encounters at one touchpoint, the newest first, with the facts why."""
        after = ""
        while True:
            page = self._touchpoint(journey, touchpoint, state, after).encounters
            yield from page.rows
            after = page.next
            if not after:
                return

    def _touchpoint(self, journey: str, touchpoint: str, state: State | None, after: str) -> TouchpointWhole:
        path = ("journeys", journey, "touchpoints", touchpoint)
        return self._get(TouchpointWhole, *path, state=state, after=after)


class FindsAsked(Noun):
    """Questions to find: which touchpoints move an outcome."""

    def all(self) -> list[Question]:
        """The newest questions, the newest first, without their answers."""
        return self._get(Questions, "finds").finds

    def ask(
        self, outcome: str, segment: str = "", window: Literal["P30D", "P90D", "P180D", "P365D"] = "P90D"
    ) -> Question:
        """Ask which touchpoints move an outcome of the pack, looking back a `window`; compared by the
        attribute `segment`, or by one that find chooses. The answer takes its time: `wait`.
        """
        body = {"outcome": outcome, "segment": segment, "window": window}
        return self._post(Question, "finds", body=body)

    def one(self, question: str) -> Question:
        """One question with its answer (`found`), or with why there is none (`lacking`). Raises ApiError,
        404.
        """
        return self._get(Question, "finds", question)

    def wait(
        self,
        question: str,
        tell: Callable[[Question], object] | None = None,
        *,
        every: float = EVERY,
        patience: float = PATIENCE,
    ) -> Question:
        """A question once it is over, looked at `every` so many seconds for `patience` seconds; where there
        is no answer, `lacking` says why. Raises ApiError, `not_over`.
        """
        return self._over(lambda: self.one(question), tell, every, patience)


def _failed(job: JobView) -> ApiError:
    """What a job says that did not come to its end."""
    result: Any = msgspec.json.decode(job.result)
    told = result["error"] if job.state == "failed" and result else {}
    ended = job.note or job.state
    words = {
        "title": told.get("what") or f"The job '{job.kind}' has not come to its end: {ended}",
        "detail": told.get("fix") or "Begin it once more",
        "title_zh": told.get("what_zh") or f"任务“{job.kind}”没有完成：{ended}",
        "detail_zh": told.get("fix_zh") or "请重新发起",
        "place": told.get("place", ""),
    }
    return ApiError(200, f"job_{job.state}", words)
