"""GET /api/v1: what there is, for whoever comes without a map."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Request

from peakend.web.answers import Json
from peakend.web.api.shapes import described
from peakend.web.callers import Caller, anyone

router = APIRouter(tags=["api"])


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that may be asked: its method and path, its name, and what it does."""

    method: str
    path: str
    name: str
    does: str


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """What there is: where the whole description lies, and every way in."""

    openapi: str
    ways: list[Way]


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
