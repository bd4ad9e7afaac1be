"""The routes of Segment's HTTP API, so that its clients send here by changing one address.

They answer 200 with `success`, as those clients expect, and with what became of each message beside it. The
key comes as the user name of HTTP Basic.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from peakend.listen import segment
from peakend.model.pack import Pack
from peakend.web.answers import Json
from peakend.web.api.events import REFUSED
from peakend.web.api.intake import (
    REFUSALS,
    Batch,
    Item,
    Split,
    decoded_object,
    intake_of,
    no_json,
    refusal,
    results,
)
from peakend.web.callers import Caller, scoped

Sender = Annotated[Caller, scoped("events:write", "admin")]

router = APIRouter(tags=["segment"])

_ANSWER: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Taken in, with what became of each message",
        "content": {"application/json": {"schema": {"type": "object", "required": ["success", "results"]}}},
    },
    **REFUSED,
}


class _Batch(msgspec.Struct):
    """The body of a batch: its messages as they were sent, and when the sender's clock says they were."""

    batch: list[msgspec.Raw]
    sent_at: Any = msgspec.field(default=None, name="sentAt")


def _many(body: bytes, pack: Pack | None) -> Batch:
    try:
        found = _decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise no_json(error) from None
    items = [Item(bytes(one)) for one in found.batch]
    return Batch(items, segment.reader(sent_at=found.sent_at), segment.SOURCE)


def _one(kind: str, body: bytes, pack: Pack | None) -> Batch:
    return Batch([Item(body, decoded_object(body))], segment.reader(kind), segment.SOURCE)


async def _take(request: Request, caller: Caller, split: Split) -> Response:
    try:
        taken = await intake_of(request).take(request, caller.name, split)
    except REFUSALS as error:
        return refusal(error, {"success": False, "message": error.what})
    return Json({"success": True, **results(taken)})


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


_MANY: Final = {
    "type": "object",
    "required": ["batch"],
    "properties": {"batch": {"type": "array", "items": {"type": "object"}}},
}


@router.post("/v1/batch", response_model=None, responses=_ANSWER, openapi_extra=_body(_MANY))
@router.post("/v1/import", response_model=None, responses=_ANSWER, openapi_extra=_body(_MANY))
async def send_batch(request: Request, caller: Sender) -> Response:
    """Many messages, each with its type."""
    return await _take(request, caller, _many)


def _route(kind: str) -> None:
    @router.post(
        f"/v1/{kind}",
        name=f"send_{kind}",
        response_model=None,
        responses=_ANSWER,
        openapi_extra=_body({"type": "object"}),
    )
    async def send(request: Request, caller: Sender) -> Response:
        return await _take(request, caller, partial(_one, kind))

    send.__doc__ = f"One message of the type {kind}."


for _kind in segment.TYPES:
    _route(_kind)

_decode = msgspec.json.Decoder(_Batch).decode
