"""The journeys of the pack with what was lived at each touchpoint, and one touchpoint from near."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from peakend.model.job import OVER
from peakend.model.outcome import State
from peakend.web.answers import Json, problem
from peakend.web.api.shapes import described
from peakend.web.callers import Caller, scoped
from peakend.web.house import Ours
from peakend.web.known import known_of
from peakend.web.reckoning import refresh
from peakend.web.touchpoint import touchpoint as near
from peakend.wire.journeys import Journeys, Refreshed, TouchpointWhole

router = APIRouter(tags=["journeys"])
Reader = Annotated[Caller, scoped("read", "viewer")]


@router.get("/api/v1/journeys", responses=described(Journeys))
def list_journeys(caller: Reader, house: Ours) -> Response:
    """All journeys, their stages, touchpoints and standards, with the newest figures."""
    known = known_of(house)
    return Json(known.told) if known else no_pack()


@router.post("/api/v1/journeys/refresh", status_code=202, responses=described(Refreshed, status=202))
def refresh_journeys(caller: Annotated[Caller, scoped("write", "frontline")], house: Ours) -> Response:
    """Let the figures be reckoned anew, as a job; `job` is '' where there is no pack to reckon them for."""
    job = refresh(house, caller.name)
    return Json(Refreshed(job=job.id if job and job.state not in OVER else ""), 202)


@router.get("/api/v1/journeys/{journey}/touchpoints/{touchpoint}", responses=described(TouchpointWhole))
def show_touchpoint(
    caller: Reader,
    house: Ours,
    journey: str,
    touchpoint: str,
    state: State | None = None,
    after: Annotated[str, Query(max_length=500)] = "",
) -> Response:
    """One touchpoint: standards month by month, encounters with the facts why, words of customers, plays."""
    known = known_of(house)
    told = known.points.get(touchpoint) if known else None
    if known is None or told is None or told.journey != journey:
        return problem(
            404,
            "There is no such touchpoint in this journey",
            "See GET /api/v1/journeys for what there is",
            "这段旅程里没有这个接触点",
            "现有的见 GET /api/v1/journeys",
        )
    with house.store() as store:
        return Json(
            near(told, known.pack, known.reckoned.mapped, store, house.clock(), state=state, after=after)
        )


def no_pack() -> Response:
    """There is no pack that anything could be said about."""
    return problem(
        404,
        "No pack is published, so there are no journeys",
        "Publish one: peakend publish PACK",
        "还没有发布行业模板，没有旅程可看",
        "请先发布：peakend publish 模板",
    )
