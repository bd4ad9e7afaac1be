"""What routes take and give, for OpenAPI: schemas of our own types, whole where they are used."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from starlette.requests import Request

from peakend.errors import PeakendError

T = TypeVar("T")
_HERE = "#/$defs/"


class NotSo(PeakendError):
    """What was sent has not the form that the route takes."""


def gives(shape: Any, description: str = "OK") -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that answers with a type of ours."""
    content = {"application/json": {"schema": schema_of(shape)}}
    return {200: {"description": description, "content": content}}


def takes(shape: Any) -> dict[str, Any]:
    """The `openapi_extra` of a route that reads a type of ours from its body."""
    content = {"application/json": {"schema": schema_of(shape)}}
    return {"requestBody": {"required": True, "content": content}}


def schema_of(shape: Any) -> dict[str, Any]:
    """A JSON Schema without references."""
    (root,), parts = msgspec.json.schema_components([shape], ref_template=_HERE + "{name}")
    found: dict[str, Any] = _whole(root, parts)
    return found


def _whole(node: Any, parts: dict[str, Any]) -> Any:
    if isinstance(node, dict):
        reference = node.get("$ref", "")
        if reference.startswith(_HERE):
            return _whole(parts[reference.removeprefix(_HERE)], parts)
        found = {key: _whole(inner, parts) for key, inner in node.items()}
        places = found.pop("prefixItems", None)  # not every reader of OpenAPI knows tuples
        if places:
            kinds = [one for number, one in enumerate(places) if one not in places[:number]]
            found["items"] = kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
        return found
    return [_whole(inner, parts) for inner in node] if isinstance(node, list) else node


async def body_of(request: Request) -> bytes:
    """The body of a request, for a route that reads it itself."""
    return await request.body()


def read(content: bytes, shape: type[T]) -> T:
    """A body as a type of ours. Raises NotSo with the place that does not fit."""
    try:
        return msgspec.json.decode(content, type=shape)
    except msgspec.ValidationError as error:
        raise _not_so(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _not_so(f"JSON: {error}") from None


def _not_so(why: str) -> NotSo:
    return NotSo(
        f"The body does not fit: {why}",
        fix="See /api/v1/openapi.json for its form",
        what_zh=f"请求内容的格式不对：{why}",
        fix_zh="格式见 /api/v1/openapi.json",
    )
