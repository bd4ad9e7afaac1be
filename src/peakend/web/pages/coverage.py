"""Coverage: each touchpoint from identified to proven, the empty cells being what is to be done."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from starlette.responses import Response

from peakend.tell.names import Names
from peakend.tell.said import titled
from peakend.web.callers import Caller, needs
from peakend.web.covering import COLUMNS, coverage_of
from peakend.web.house import Ours
from peakend.web.known import known_of
from peakend.web.reader import page
from peakend.web.reckoning import refresh

router = APIRouter(include_in_schema=False)
Show = Literal["", "to_do", "moments"]


@router.get("/coverage")
def covered(
    request: Request, caller: Annotated[Caller, needs("viewer")], house: Ours, show: Show = ""
) -> Response:
    """How far every touchpoint has come; only those with a to-do, or only moments of truth."""
    refresh(house, caller.name, only_stale=True)
    known = known_of(house)
    if known is None:
        return page(request, caller, "coverage.html", {"found": None})
    found = coverage_of(house, known)
    rows = [
        row
        for row in found.rows
        if (show != "to_do" or any(cell.mark == "to_do" for cell in row.cells.values()))
        and (show != "moments" or row.moment)
    ]
    names = Names(known.pack)
    values = {
        "found": found,
        "rows": rows,
        "all": len(found.rows),
        "columns": COLUMNS,
        "names": names,
        "show": show,
        "stages": {
            (journey.journey, stage.id): titled(stage.title, stage.id)
            for journey in known.pack.journeys.values()
            for stage in journey.stages
        },
    }
    return page(request, caller, "coverage.html", values)
