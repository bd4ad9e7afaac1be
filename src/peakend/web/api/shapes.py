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


def _whole(node: Any, parts: dict[str, Any]) -> Any:
    """A schema with its parts written in place: no struct of ours holds itself."""
    if isinstance(node, list):
        return [_whole(one, parts) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _whole(parts[node["$ref"].rpartition("/")[2]], parts)
    if "prefixItems" in node:  # a tuple: its places are told apart by few who read such a document
        places = [_whole(one, parts) for one in node["prefixItems"]]
        alike = all(one == places[0] for one in places)
        rest = {name: one for name, one in node.items() if name not in ("prefixItems", "items")}
        return rest | {"items": places[0] if alike else {"anyOf": places}}
    return {name: _whole(one, parts) for name, one in node.items()}
