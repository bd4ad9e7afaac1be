"""Is it alive, and can it work: for whoever watches over the process."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from peakend.errors import PeakendError
from peakend.web.answers import Json
from peakend.web.callers import public
from peakend.web.house import Ours

router = APIRouter()


@router.get("/health", include_in_schema=False, dependencies=[public])
def health() -> Response:
    """The process answers."""
    return Json({"status": "alive"})


@router.get("/ready", include_in_schema=False, dependencies=[public])
def ready(house: Ours) -> Response:
    """The database answers, and a worker of this process or of another one is at work; else 503."""
    try:
        with house.store() as store:
            owners = len(store.owners(house.clock()))
            waiting = store.waiting()
    except PeakendError as error:
        return Json({"status": "no database", "title": error.what, "title_zh": error.what_zh}, 503)
    told = {"status": "ready" if owners else "no worker", "workers": owners, "waiting": waiting}
    return Json(told, 200 if owners else 503)
