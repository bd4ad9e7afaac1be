"""GET /api/v1/audit: every change and who made it, the newest first."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from msgspec.structs import replace

from peakend.model.account import AuditQuery
from peakend.web.answers import Json
from peakend.web.api.shapes import described
from peakend.web.api.spans import Instant, instant_of
from peakend.web.callers import Caller, scoped
from peakend.web.house import Ours
from peakend.wire.audit import Changes

router = APIRouter(tags=["audit"])
Short = Annotated[str, Query(max_length=200)]


def _asked(
    who: Short = "", what: Short = "", about: Short = "", since: Instant = "", until: Instant = ""
) -> AuditQuery:
    span = {"since": instant_of("since", since, 0), "until": instant_of("until", until, 0)}
    return AuditQuery(who=who, what=what, about=about, **span)


@router.get("/api/v1/audit", responses=described(Changes))
def list_changes(
    caller: Annotated[Caller, scoped("admin", "admin")],
    house: Ours,
    asked: Annotated[AuditQuery, Depends(_asked)],
    after: Annotated[str, Query(max_length=18, pattern=r"^[0-9]*$", examples=["120"])] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Json:
    """Every change and who made it, the newest first. Nothing takes away from it."""
    with house.store() as store:
        found = store.recorded_changes(replace(asked, below=int(after or 0), limit=limit + 1))
    more = str(found[limit - 1].number) if len(found) > limit else ""
    return Json(Changes(entries=found[:limit], after=more))
