"""Today 今日: what happens now, what is at risk, what waits, how the week felt, and what was not sent."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from peakend.web.callers import Caller, needs
from peakend.web.daily.called import Called
from peakend.web.daily.today import today_of
from peakend.web.house import Ours
from peakend.web.reader import looking_of, page

router = APIRouter(include_in_schema=False)


@router.get("/")
@router.get("/today")
def today(request: Request, caller: Annotated[Caller, needs("viewer")], house: Ours) -> Response:
    """The page that one begins the day with."""
    looking = looking_of(request, caller)
    with house.store() as store:
        found = today_of(store, house.pack(), looking.zone, house.clock())
    values = {"today": found, "called": Called(looking.names, looking.language)}
    return page(request, caller, "today.html", values)
