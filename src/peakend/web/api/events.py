"""POST /api/v1/events: events in the native form, as JSON lines, and as CloudEvents, one or many.

The answer is 202 with what became of each event, in order. An event that cannot be used is put aside with its
reason and never spoils the others; only a request that cannot be read at all is refused as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from peakend.listen import cloudevents
from peakend.listen.sent import read_native
from peakend.model.pack import Pack
from peakend.web.answers import Json
from peakend.web.api.intake import (
    REFUSALS,
    Batch,
    Item,
    Split,
    decoded_list,
    decoded_object,
    intake_of,
    refusal,
    results,
)
from peakend.web.callers import Caller, scoped
from peakend.web.people.refused import Refused

SOURCE: Final = "api"
"""The source of native events that name none."""

router = APIRouter(tags=["events"])


def _one_or_many(body: bytes, pack: Pack | None) -> Batch:
    """A native object, or a list of them."""
    if body.lstrip()[:1] == b"[":
        return Batch([Item(bytes(one)) for one in decoded_list(body)], read_native, SOURCE)
    return Batch(_single(body), read_native, SOURCE)


def _lines(body: bytes, pack: Pack | None) -> Batch:
    """One native object a line; empty lines say nothing."""
    return Batch([Item(line) for line in body.splitlines() if line.strip()], read_native, SOURCE)


def _cloud_event(body: bytes, pack: Pack | None) -> Batch:
    return Batch(_single(body), cloudevents.reader(_declared(pack)), SOURCE)


def _cloud_events(body: bytes, pack: Pack | None) -> Batch:
    items = [Item(bytes(one)) for one in decoded_list(body)]
    return Batch(items, cloudevents.reader(_declared(pack)), SOURCE)


def _binary(headers: dict[str, str], body: bytes, pack: Pack | None) -> Batch:
    """A CloudEvent whose attributes are headers; it is kept in the JSON form where it is put aside."""
    event = cloudevents.of_headers(headers, body)
    return Batch([Item(msgspec.json.encode(event), event)], cloudevents.reader(_declared(pack)), SOURCE)


FORMS: Final[dict[str, Callable[[bytes, Pack | None], Batch]]] = {
    "application/json": _one_or_many,
    "application/x-ndjson": _lines,
    "application/jsonl": _lines,
    "application/cloudevents+json": _cloud_event,
    "application/cloudevents-batch+json": _cloud_events,
}
"""How the body is read, by Content-Type."""


_OBJECT: Final = {"type": "object"}
_MANY: Final = {"type": "array", "items": _OBJECT}
_BODY: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {"anyOf": [_OBJECT, _MANY]},
            "example": {
                "id": "e-1",
                "customer": "c-1",
                "kind": "order.completed",
                "at": "2026-03-01T09:00:00+08:00",
                "data": {"order": "A-1", "total": 120},
            },
        },
        "application/x-ndjson": {"schema": {"type": "string"}},
        "application/cloudevents+json": {"schema": _OBJECT},
        "application/cloudevents-batch+json": {"schema": _MANY},
    },
}
_OUTCOME: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["taken", "known", "other_body", "aside", "results"],
    "properties": {
        **{name: {"type": "integer"} for name in ("taken", "known", "other_body", "aside")},
        "results": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "outcome"],
                "properties": {
                    "id": {"type": "string"},
                    "outcome": {"enum": ["taken", "known", "other_body", "aside"]},
                    "reason": {
                        "type": "object",
                        "properties": {"zh": {"type": "string"}, "en": {"type": "string"}},
                    },
                },
            },
        },
    },
}
_PROBLEM: Final = {"application/problem+json": {"schema": _OBJECT}}
REFUSED: Final[dict[int | str, dict[str, Any]]] = {
    400: {"description": "The body is broken, or no JSON; nothing was taken", "content": _PROBLEM},
    401: {"description": "No key, or one that opens nothing", "content": _PROBLEM},
    403: {"description": "The key lacks the scope events:write", "content": _PROBLEM},
    413: {"description": "Too large, or too many events at once", "content": _PROBLEM},
    415: {"description": "A form or a packing that is not read here", "content": _PROBLEM},
    422: {"description": "JSON of another form than was announced", "content": _PROBLEM},
    429: {"description": "Too fast, or too much waits: send the same again", "content": _PROBLEM},
    503: {"description": "The database is away, or Peakend is ending", "content": _PROBLEM},
}


@router.post(
    "/api/v1/events",
    status_code=202,
    response_model=None,
    summary="Send events",
    openapi_extra={"requestBody": _BODY},
    responses={
        202: {"description": "What became of each", "content": {"application/json": {"schema": _OUTCOME}}},
        **REFUSED,
    },
)
async def send_events(
    request: Request, caller: Annotated[Caller, scoped("events:write", "admin")]
) -> Response:
    """Take events in: 202 once they are durable, with the outcome of each in order."""
    try:
        taken = await intake_of(request).take(request, caller.name, _split(request))
    except REFUSALS as error:
        return refusal(error)
    return Json(results(taken), 202)


def _split(request: Request) -> Split:
    form = request.headers.get("content-type", "")
    if "ce-specversion" in request.headers:
        return partial(_binary, dict(request.headers))
    kind, _, rest = form.partition(";")
    charset = rest.lower().replace(" ", "").replace('"', "").partition("charset=")[2].partition(";")[0]
    split = FORMS.get(kind.strip().lower())
    if split is None or charset not in ("", "utf-8", "utf8", "us-ascii"):
        raise Refused(
            415,
            "strange_form",
            (f"The form {form[:80]!r} is not read here", f"Send UTF-8 in one of {', '.join(FORMS)}"),
            (f"不支持 {form[:80]!r} 这种形式", f"请用 UTF-8，形式为 {'、'.join(FORMS)} 之一"),
        )
    return split


def _single(body: bytes) -> list[Item]:
    return [Item(body, decoded_object(body))]


def _declared(pack: Pack | None) -> frozenset[str]:
    return frozenset(pack.head.events) if pack else frozenset()
