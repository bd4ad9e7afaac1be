"""Today as JSON: what happens now, what is at risk, what waits, and what was not sent."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request

from peakend.web.answers import Json
from peakend.web.api.shapes import described
from peakend.web.callers import Caller, scoped
from peakend.web.daily.today import today_of
from peakend.web.house import Ours
from peakend.web.reader import looking_of
from peakend.wire.today import Today

router = APIRouter(prefix="/api/v1", tags=["today"])


@router.get("/today", responses=described(Today))
def today(request: Request, caller: Annotated[Caller, scoped("read", "viewer")], house: Ours) -> Json:
    """What is to be seen now."""
    with house.store() as store:
        return Json(today_of(store, house.pack(), looking_of(request, caller).zone, house.clock()))
