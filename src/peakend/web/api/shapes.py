"""What the JSON routes of daily work answer, for OpenAPI: written from the structs that are sent."""

from __future__ import annotations

from typing import Any, Final

import msgspec

_REF: Final = "#/components/schemas/{name}"


def described(shape: type, media_type: str = "application/json", status: int = 200) -> dict[int | str, Any]:
    """The `responses` of a route that sends a struct, or a list of them."""
    (root,), parts = msgspec.json.schema_components([shape], ref_template=_REF)
    schema = _whole(root, parts)
    return {
        status: {
            "description": (shape.__doc__ or "").strip().partition("\n")[0],
            "content": {media_type: {"schema": schema}},
        }
    }


def _whole(node: Any, parts: dict[str, Any], within: tuple[str, ...] = ()) -> Any:
    """A schema with its parts written in place; what holds itself is written out once, then is any object."""
    if isinstance(node, list):
        return [_whole(one, parts, within) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        return {"type": "object"} if name in within else _whole(parts[name], parts, (*within, name))
    alike = node.get("prefixItems", ())
    if alike and all(one == alike[0] for one in alike):  # a pair of numbers: every reader knows it so
        node = {name: one for name, one in node.items() if name != "prefixItems"} | {"items": alike[0]}
    return {name: _whole(one, parts, within) for name, one in node.items()}
