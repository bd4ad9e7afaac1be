"""Questions to find: which there were, one with its answer, and a new one as a job."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Body
from starlette.responses import Response

from peakend.web.answers import Json, problem
from peakend.web.api.shapes import described
from peakend.web.callers import Caller, scoped
from peakend.web.house import Ours
from peakend.web.jobs import wrong
from peakend.web.reckoning import Answered, answer_of, ask, questions
from peakend.wire.finds import Lacking, Question, Questions

router = APIRouter(tags=["finds"])
Reader = Annotated[Caller, scoped("read", "viewer")]
Text = Annotated[str, Body(max_length=200)]


@router.get("/api/v1/finds", responses=described(Questions))
def list_finds(caller: Reader, house: Ours) -> Json:
    """The newest questions, the newest first, without their answers: those stand at each."""
    with house.store() as store:
        return Json(Questions(finds=[_told(one) for one in questions(store)]))


@router.post("/api/v1/finds", status_code=202, responses=described(Question, status=202))
def start_find(
    caller: Annotated[Caller, scoped("write", "designer")],
    house: Ours,
    outcome: Text,
    segment: Text = "",
    window: Annotated[Literal["P30D", "P90D", "P180D", "P365D"], Body()] = "P90D",
) -> Response:
    """Ask which touchpoints move an outcome; the answer comes as a job."""
    job = ask(house, outcome, segment, window, caller.name)
    with house.store() as store:
        found = answer_of(store, job.id)
    assert found is not None
    return Json(_told(found), 202)


@router.get("/api/v1/finds/{id}", responses=described(Question))
def show_find(caller: Reader, house: Ours, id: str) -> Response:
    """One question with its answer, or with why there is none."""
    with house.store() as store:
        found = answer_of(store, id)
    if found is None:
        return problem(
            404,
            "There is no such question",
            "See GET /api/v1/finds; answers are kept for 30 days",
            "没有这次分析",
            "现有的见 GET /api/v1/finds；结果保留 30 天",
        )
    return Json(_told(found))


def _told(one: Answered) -> Question:
    job, why = one.job, wrong(one.job)
    return Question(
        id=job.id,
        outcome=one.asked.outcome,
        segment=one.asked.segment,
        window=one.asked.window,
        who=job.who,
        state=job.state,
        created=job.created,
        ended=job.ended,
        done=job.done,
        total=job.total,
        pack=one.answer.hash if one.answer else "",
        refused=one.answer.refused if one.answer else 0,
        found=one.answer.found if one.answer else None,
        lacking=Lacking(
            what=why.what, fix=why.fix, what_zh=why.what_zh, fix_zh=why.fix_zh, place=str(why.place or "")
        )
        if why
        else None,
    )
