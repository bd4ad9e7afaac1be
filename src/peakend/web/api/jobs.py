"""Jobs: how far they are, what came out, and that nobody needs one any more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

import anyio
import msgspec
from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from peakend.errors import Missing, PeakendError
from peakend.model.account import AuditEntry
from peakend.model.job import OVER, Job
from peakend.web.answers import Json
from peakend.web.api.shapes import described
from peakend.web.callers import Caller, needs, scoped
from peakend.web.house import House, Ours
from peakend.wire.jobs import JobList, JobView

router = APIRouter(prefix="/api/v1", tags=["jobs"])
Short = Annotated[str, Query(max_length=200)]
_LOOK = 0.3
"""Seconds between two looks at a job that somebody watches."""


class NoJob(Missing):
    """There is no such job."""


@router.get("/jobs", responses=described(JobList))
def jobs(
    house: Ours,
    caller: Annotated[Caller, scoped("read", "viewer")],
    kind: Short = "",
    who: Short = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """The newest jobs, the newest first, without their results."""
    with house.store() as store:
        found = store.jobs(kind=kind, who=who, limit=limit)
    return Json(JobList(jobs=[shown(one, whole=False) for one in found]))


@router.get("/jobs/{id_}", responses=described(JobView))
def job(id_: str, house: Ours, caller: Annotated[Caller, scoped("read", "viewer")]) -> Response:
    """One job, and what came out of it."""
    return Json(shown(_existing(house, id_)))


@router.post("/jobs/{id_}/cancel", responses=described(JobView))
def cancel(id_: str, house: Ours, caller: Annotated[Caller, scoped("write", "designer")]) -> Response:
    """Nobody needs this job any more: whatever works on it ends."""
    _existing(house, id_)
    with house.store() as store:
        now = house.clock()
        if store.cancel_job(id_, now):
            store.record(AuditEntry(at=now, who=caller.name, what="job.cancelled", about=id_))
    return Json(shown(_existing(house, id_)))


@router.get(
    "/jobs/{id_}/events",
    response_class=StreamingResponse,
    responses={200: {"description": "Its progress", "content": {"text/event-stream": {}}}},
)
async def watch(
    id_: str, request: Request, house: Ours, caller: Annotated[Caller, needs("viewer")]
) -> StreamingResponse:
    """Server-sent events: `progress` whenever it comes on, `over` at the end; without the result."""
    first = await run_in_threadpool(_existing, house, id_)

    async def told() -> AsyncIterator[bytes]:
        one, last, quiet = first, b"", 0
        while True:
            said = msgspec.json.encode(shown(one, whole=False))
            quiet = 0 if said != last else quiet + 1
            if said != last or one.state in OVER:
                kind = b"over" if one.state in OVER else b"progress"
                yield b"event: " + kind + b"\ndata: " + said + b"\n\n"
            elif quiet % 50 == 0:
                yield b": still there\n\n"
            last = said
            if one.state in OVER or house.ending.is_set() or await request.is_disconnected():
                return
            await anyio.sleep(_LOOK)
            try:
                one = await run_in_threadpool(_existing, house, id_)
            except PeakendError:
                return

    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(told(), media_type="text/event-stream", headers=headers)


def shown(one: Job, *, whole: bool = True) -> JobView:
    """A job as it is shown."""
    return JobView(
        id=one.id,
        kind=one.kind,
        who=one.who,
        state=one.state,
        note=one.note,
        done=one.done,
        total=one.total,
        created=one.created,
        started=one.started,
        ended=one.ended,
        params=msgspec.Raw(one.params.encode()),
        result=msgspec.Raw(one.result.encode() if whole and one.result else b"null"),
    )


def _existing(house: House, id_: str) -> Job:
    with house.store() as store:
        found = store.job(id_)
    if found is None:
        raise NoJob(
            "There is no such job",
            fix="Jobs that are over are kept for a month; begin it once more",
            what_zh="没有这个任务",
            fix_zh="结束的任务只保留一个月，请重新发起",
        )
    return found
