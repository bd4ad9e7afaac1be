"""Bodies as types of ours: said to OpenAPI, and read strictly, with the place that does not fit."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import Depends, Request

from peakend.web.api.shapes import described
from peakend.web.people.refused import Refused

T = TypeVar("T")


async def _body_of(request: Request) -> bytes:
    return await request.body()


Body = Annotated[bytes, Depends(_body_of)]
"""The body of a request as it came, for `read`."""


def takes(shape: type) -> dict[str, Any]:
    """The `openapi_extra` of a route that reads a type of ours from its body."""
    content = described(shape)[200]["content"]
    return {"requestBody": {"required": True, "content": content}}


def read(content: bytes, shape: type[T]) -> T:
    """A body as a type of ours. Raises Refused, 422, where it does not fit."""
    try:
        return msgspec.json.decode(content, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        why = str(error)[:200]
        raise Refused(
            422,
            "misfit",
            (f"The body does not fit: {why}", "See /api/v1/openapi.json for what it may be"),
            (f"请求内容不符合要求：{why}", "可用的取值见 /api/v1/openapi.json"),
        ) from None
