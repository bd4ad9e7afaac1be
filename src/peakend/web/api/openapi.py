"""What the API says about itself: OpenAPI, made from the routes, with what no route says a second time.

Who may ask, how a refusal looks, what a parameter means wherever it stands: each is written once, here and in
`words.py`, so that a new route is described whole by declaring what it needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts

from peakend.web.api.words import ABOUT, ERRORS, NOUNS, PARAMETERS, SAMPLES
from peakend.web.callers import SAFE, Need

OURS: Final = ("/api/v1", "/v1/")
"""Where machines ask: everything else is a page."""
_METHODS: Final = ("get", "post", "put", "patch", "delete")
_PROBLEM: Final = "#/components/schemas/Problem"
_PROBLEM_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "description": "An error (RFC 9457): what was wrong, where, and what to do, in English and Chinese.",
    "required": ["type", "title", "status", "detail", "title_zh", "detail_zh"],
    "properties": {
        "type": {"type": "string", "description": "Always about:blank: `word` tells the reason to programs"},
        "status": {"type": "integer", "description": "The status of the answer"},
        "title": {"type": "string", "description": "What was wrong"},
        "detail": {"type": "string", "description": "What to do"},
        "title_zh": {"type": "string", "description": "哪里出了错"},
        "detail_zh": {"type": "string", "description": "怎样处理"},
        "place": {"type": "string", "description": "The field, file and line, or row that it is about"},
        "word": {"type": "string", "description": "The reason in one word, for programs"},
    },
    "example": {
        "type": "about:blank",
        "title": "`limit` is 0, which is less than 1",
        "status": 422,
        "detail": "Write 1 or more",
        "title_zh": "limit 的值 0 小于 1",
        "detail_zh": "请填 1 或更大的数",
        "place": "query.limit",
        "word": "misfit",
    },
}
_SCHEMES: Final[dict[str, Any]] = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "pk_…",
        "description": "An API key, made under Settings, Keys: `Authorization: Bearer pk_…`",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "peakend",
        "description": "Somebody who is signed in in a browser (`__Host-peakend` over HTTPS); what changes "
        "something also needs the header `X-CSRF-Token` of a page",
    },
}


class Described(FastAPI):
    """An application whose OpenAPI is ours."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = document(self)
        return self.openapi_schema


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of everything that machines may ask."""
    whole = get_openapi(title="Peakend", version="1", description=ABOUT, routes=app.routes)
    needs = dict(_needs_of(app))
    paths = {path: ways for path, ways in whole["paths"].items() if path.startswith(OURS)}
    names: set[str] = set()
    for path, ways in paths.items():
        for method in [one for one in _METHODS if one in ways]:
            _complete(path, method, ways[method], needs.get((path, method)), names)
    used = {tag for ways in paths.values() for one in ways.values() for tag in one["tags"]}
    tags = [
        {"name": tag, "description": "{} · {}".format(*NOUNS.get(tag, (tag, tag)))} for tag in sorted(used)
    ]
    schemas = {**whole.get("components", {}).get("schemas", {}), "Problem": _PROBLEM_SCHEMA}
    parts = {"schemas": _used(paths, schemas), "responses": _refusals(), "securitySchemes": _SCHEMES}
    return {"openapi": whole["openapi"], "info": whole["info"], "tags": tags, "paths": paths} | {
        "components": parts
    }


def _needs_of(app: FastAPI) -> Iterator[tuple[tuple[str, str], Need]]:
    for route in iter_route_contexts(app.routes):
        for need in _within(getattr(route, "dependant", None)):
            for method in route.methods or ():
                yield (str(route.path), method.lower()), need


def _within(dependant: Any) -> Iterator[Need]:
    for one in getattr(dependant, "dependencies", ()):
        if isinstance(one.call, Need):
            yield one.call
        yield from _within(one)


def _complete(path: str, method: str, way: dict[str, Any], need: Need | None, names: set[str]) -> None:
    noun = path.removeprefix("/api/v1").strip("/").partition("/")[0] or "api"
    way.setdefault("tags", [noun])
    name = _named(way["operationId"], path, method, noun)
    way["operationId"] = name if name not in names else f"{name}_{method}"
    names.add(way["operationId"])
    way["summary"] = way.get("description", way["summary"]).partition("\n")[0].partition(". ")[0].rstrip(".")
    for one in way.get("parameters", ()):
        if "description" not in one:
            one["description"] = PARAMETERS.get(one["name"]) or f"See {one['name'].replace('_', ' ')}"
    if body := way.get("requestBody"):
        for media in body["content"].values():
            if "example" not in media and "examples" not in media and "schema" in media:
                media["example"] = None  # filled in once the parts are known
    way["security"], said = _who(need)
    way["description"] = f"{way.get('description', way['summary'])}\n\n{said}"
    _refused(path, method, way, need)


def _named(unique: str, path: str, method: str, noun: str) -> str:
    """A stable name: that of the function, with the noun where it does not say it."""
    name = unique.removesuffix(f"_{method}").removesuffix(re.sub(r"\W", "_", path)).rstrip("_")
    return name if noun.rstrip("s").replace("-", "_") in name else f"{noun.replace('-', '_')}_{name}"


def _who(need: Need | None) -> tuple[list[dict[str, list[str]]], str]:
    if need is None or need.role is None:
        return [], "Everybody may ask."
    ways: list[dict[str, list[str]]] = [{"session": [need.role]}]
    if need.scope is None:
        return ways, f"Needs somebody signed in whose role is at least `{need.role}`."
    return (
        [{"key": [need.scope]}, *ways],
        f"Needs a key with the scope `{need.scope}`, or a role of at least `{need.role}`.",
    )


def _refused(path: str, method: str, way: dict[str, Any], need: Need | None) -> None:
    changes = method.upper() not in SAFE
    wanted = {400, 429, 503}
    wanted |= {401, 403} if need is not None and need.role is not None else set()
    wanted |= {404} if "{" in path else set()
    wanted |= {422} if way.get("parameters") or "requestBody" in way else set()
    wanted |= {409, 413} if changes else set()
    wanted |= {415} if "requestBody" in way else set()
    said = way["responses"]
    if "422" in said and 422 not in wanted:
        del said["422"]
    for status in sorted(wanted):
        own = said.get(str(status))
        if own is None or "application/problem+json" not in own.get("content", {}):
            said[str(status)] = {"$ref": f"#/components/responses/{ERRORS[status][0]}"}
    for status, answer in said.items():
        if "application/problem+json" in answer.get("content", {}):
            answer["content"]["application/problem+json"] = {"schema": {"$ref": _PROBLEM}}
        if status == "200" and answer["description"] == "Successful Response":
            answer["description"] = way["summary"]


def _refusals() -> dict[str, Any]:
    again = {
        "Retry-After": {
            "description": "Seconds after which the same may be asked again",
            "schema": {"type": "string"},
        }
    }
    return {
        name: {
            "description": f"{english} · {chinese}",
            "content": {"application/problem+json": {"schema": {"$ref": _PROBLEM}}},
            **({"headers": again} if status in (429, 503) else {}),
        }
        for status, (name, english, chinese) in ERRORS.items()
    }


def _used(paths: Mapping[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """The parts that the paths name, directly or by another part; their bodies get an example on the way."""
    for ways in paths.values():
        for way in ways.values():
            for media in way.get("requestBody", {}).get("content", {}).values():
                if "example" in media and media["example"] is None:
                    media["example"] = sample(media["schema"], schemas)
    wanted, found = {"Problem"}, set[str]()
    text = msgspec.json.encode(paths).decode()
    while new := (wanted | set(re.findall(r"#/components/schemas/([\w.-]+)", text))) - found:
        found |= new
        text = "".join(msgspec.json.encode(schemas[one]).decode() for one in new)
    return {name: schemas[name] for name in sorted(found)}


def sample(schema: Mapping[str, Any], parts: Mapping[str, Any], name: str = "") -> Any:
    """A value of a schema, as somebody might send it."""
    if "$ref" in schema:
        return sample(parts[schema["$ref"].rpartition("/")[2]], parts, name)
    for key in ("example", "const", "default"):
        if key in schema and schema[key] not in ("", None):
            return schema[key]
    if schema.get("enum"):
        return schema["enum"][0]
    for several in ("anyOf", "oneOf", "allOf"):
        if schema.get(several):
            return sample(schema[several][0], parts, name)
    kind = schema.get("type", "object")
    if kind == "object":
        return {key: sample(one, parts, key) for key, one in schema.get("properties", {}).items()}
    if kind == "array":
        return [sample(schema.get("items", {}), parts, name)]
    plain = {"integer": schema.get("minimum", 1), "number": 1.0, "boolean": True, "null": None}
    return plain.get(kind, SAMPLES.get(name, "…")) if kind in plain else SAMPLES.get(name, "…")
