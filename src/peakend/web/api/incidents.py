"""Major incidents as JSON: subjects, and one of them with those whom it concerns."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from peakend.web.answers import Json
from peakend.web.api.shapes import described
from peakend.web.callers import Caller, scoped
from peakend.web.daily.outages import outage_of, outages_of
from peakend.web.house import Ours
from peakend.wire.incidents import Incidents, Outage, Show

router = APIRouter(prefix="/api/v1/incidents", tags=["incidents"])
Looks = Annotated[Caller, scoped("read", "viewer")]


@router.get("", responses=described(Incidents))
def list_incidents(caller: Looks, house: Ours) -> Json:
    """Subjects of which something was said in thirty days."""
    with house.store() as store:
        return Json(Incidents(outages_of(store, house.clock())))


@router.get("/{subject}", responses=described(Outage))
def one_incident(
    caller: Looks,
    house: Ours,
    subject: str,
    show: Show = "all",
    after: Annotated[str, Query(max_length=2000)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Json:
    """One subject: what was said, and a page of those whom it concerns."""
    with house.store() as store:
        return Json(outage_of(store, house.pack(), subject, house.clock(), show, after, limit))
