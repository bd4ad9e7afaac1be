"""The reference in docs/api.md, written from the OpenAPI document: `.venv/bin/python tests/test_docs.py`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
from people_world import whole_app

from peakend.web.api.words import NOUNS

_PLACE = re.compile(r"(<!-- api -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def with_reference(page: str) -> str:
    """The page with its reference as the application describes itself now."""
    return _PLACE.sub(lambda match: f"{match[1]}{_reference()}{match[3]}", page)


def _reference() -> str:
    document = whole_app(Path("nowhere") / "none.db")[0].openapi()
    by_tag: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, ways in document["paths"].items():
        for method, way in ways.items():
            by_tag.setdefault(way["tags"][0], []).append((method.upper(), path, way))
    return "\n".join(_noun(tag, by_tag[tag]) for tag in sorted(by_tag))


def _noun(tag: str, ways: list[tuple[str, str, dict[str, Any]]]) -> str:
    english, chinese = NOUNS.get(tag, (tag, tag))
    lines = [f"### {tag}", "", f"{english} · {chinese}", "", "| | who | |", "|---|---|---|"]
    examples = []
    for method, path, way in sorted(ways, key=lambda one: (one[1], one[0])):
        asked = ", ".join(f"`{one['name']}`" for one in way.get("parameters", ()) if one["in"] == "query")
        says = way["summary"].replace("|", "\\|") + (f"; {asked}" if asked else "")
        lines.append(f"| `{method} {path}` | {_who(way)} | {says} |")
        for media in way.get("requestBody", {}).get("content", {}).values():
            if media.get("example"):
                body = msgspec.json.encode(media["example"]).decode()
                examples += [f"`{method} {path}`", "", "```json", body, "```", ""]
                break
    return "\n".join([*lines, "", *examples])


def _who(way: dict[str, Any]) -> str:
    """The scope of a key, and the least role of somebody who is signed in."""
    ways = {name: of[0] for one in way["security"] for name, of in one.items()}
    if not ways:
        return "everybody"
    return f"key `{ways['key']}`, {ways['session']}" if "key" in ways else ways["session"]
