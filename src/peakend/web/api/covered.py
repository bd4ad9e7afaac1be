"""How far each touchpoint has come, from identified to proven."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from peakend.web.answers import Json
from peakend.web.api.journeys import no_pack
from peakend.web.api.shapes import described
from peakend.web.callers import Caller, scoped
from peakend.web.covering import coverage_of
from peakend.web.house import Ours
from peakend.web.known import known_of
from peakend.wire.coverage import Coverage

router = APIRouter(tags=["coverage"])


@router.get("/api/v1/coverage", responses=described(Coverage))
def show_coverage(caller: Annotated[Caller, scoped("read", "viewer")], house: Ours) -> Response:
    """Every touchpoint with its five steps; an empty one is a to-do and says where it is done."""
    known = known_of(house)
    return Json(coverage_of(house, known)) if known else no_pack()
