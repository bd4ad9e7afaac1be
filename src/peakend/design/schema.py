"""JSON Schema of the pack files, so that editors complete and explain every key.

It is generated from the typed model, the same that the reader fits files to; nothing is said twice.
What a schema cannot say (which names exist, which fields a kind has) is left to `peakend check`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from peakend.design.explanations import FILES, KEYS
from peakend.design.pack import FOLDERS, SINGLE, FrontMatter

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def pack_schema() -> dict[str, dict[str, Any]]:
    """The schema of each kind of YAML: of every file of its own, and of the head of a text."""
    kinds: dict[str, type[msgspec.Struct]] = {**SINGLE, **FOLDERS, "texts": FrontMatter}
    return {name: _schema(name, cls) for name, cls in kinds.items()}


def _schema(name: str, cls: type[msgspec.Struct]) -> dict[str, Any]:
    (root,), parts = msgspec.json.schema_components([cls], ref_template="#/$defs/{name}")
    for part, schema in parts.items():
        schema.pop("description", None)
        _open_codes(schema)
        for key, inner in schema.get("properties", {}).items():
            schema["properties"][key] = _explained(part, key, inner)
    return {"$schema": DRAFT, "title": name, "description": _both(FILES[name]), **root, "$defs": parts}


def _explained(part: str, key: str, schema: dict[str, Any]) -> dict[str, Any]:
    words = KEYS.get(f"{part}.{key}") or KEYS[key]
    if schema.get("default", ...) in (None, [], {}):
        schema = {name: value for name, value in schema.items() if name != "default"}
    return {"description": _both(words), **{k: v for k, v in schema.items() if k != "description"}}


def _open_codes(node: Any) -> None:
    """Let codes of an export be written without quotes: the reader takes them as they stand."""
    if isinstance(node, dict) and node.get("format") == "code":
        del node["format"]
        node["type"] = ["string", "number", "boolean"]
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _open_codes(inner)


def _both(words: tuple[str, str]) -> str:
    return f"{words[0]} · {words[1]}"
