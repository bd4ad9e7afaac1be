"""GET /api/v1: what there is, for whoever comes without a map."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request

from peakend.web.answers import Json
from peakend.web.api.shapes import described
from peakend.web.callers import Caller, anyone
from peakend.wire.overview import Overview, Way

router = APIRouter(tags=["api"])


@router.get("/api/v1", responses=described(Overview))
def list_ways(request: Request, caller: Annotated[Caller, anyone]) -> Json:
    """What there is."""
    document: dict[str, Any] = request.app.openapi()
    ways = [
        Way(method=method.upper(), path=path, name=one["operationId"], does=one["summary"])
        for path, methods in sorted(document["paths"].items())
        for method, one in methods.items()
    ]
    return Json(Overview(openapi=request.app.openapi_url, ways=ways))
