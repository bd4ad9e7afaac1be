"""Server-sent events: what is new, as it comes (`event: news`); its id is the place from which to go on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Header, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from peakend.tell.names import Names
from peakend.web.api.shapes import described
from peakend.web.callers import Caller, scoped
from peakend.web.daily.called import Called
from peakend.web.daily.live import Fresh, Live
from peakend.web.house import House, Ours

router = APIRouter(prefix="/api/v1", tags=["live"])


@router.get("/stream", response_class=StreamingResponse, responses=described(Fresh, "text/event-stream"))
async def stream(
    request: Request,
    caller: Annotated[Caller, scoped("read", "viewer")],
    house: Ours,
    after: Annotated[str, Query(max_length=2000)] = "",
    last_event_id: Annotated[str, Header(max_length=2000)] = "",
) -> StreamingResponse:
    """What is new since `after`, or since now. A connection lasts ten minutes; come back with the last id."""
    live: Live = request.app.state.live
    return StreamingResponse(
        _lines(live, house, caller.language, await live.begin(last_event_id or after)),
        media_type="text/event-stream",
        headers={"x-accel-buffering": "no"},
    )


async def _lines(live: Live, house: House, language: str, first: Fresh) -> AsyncIterator[bytes]:
    yield b"retry: 3000\n\n"
    async with aclosing(live.watch(first)) as watched:
        async for fresh in watched:
            yield b":\n\n" if fresh is None else await run_in_threadpool(_told, fresh, house, language)


def _told(fresh: Fresh, house: House, language: str) -> bytes:
    pack = house.pack()
    called = Called(Names(pack) if pack else None, language)
    body: dict[str, Any] = msgspec.to_builtins(fresh)
    for one in body["newest"]:
        one["says"] = called.word(one["kind"])
    return b"event: news\nid: " + fresh.after.encode() + b"\ndata: " + msgspec.json.encode(body) + b"\n\n"
