"""The style sheets, scripts and pictures of pages, for everybody: there is nothing of a customer in them."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from peakend.web.assets import PREFIX
from peakend.web.callers import public
from peakend.web.screen import screens_of

router = APIRouter(include_in_schema=False)


@router.get(f"{PREFIX}{{name}}", dependencies=[public])
def static(name: str, request: Request) -> Response:
    """One file, kept for good by whoever fetched it; 404 for any other name."""
    found = screens_of(request).assets.get(name)
    if found is None:
        return Response(status_code=404)
    asks = request.headers
    status, body, headers = found.answer(asks.get("accept-encoding", ""), asks.get("if-none-match", ""))
    return Response(body, status, headers)
