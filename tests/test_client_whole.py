"""The client knows the whole API: each of its methods asks an operation of the document, with all of its
parameters, and reads exactly what the operation says it answers."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from people_world import whole_app

from peakend.client import ApiError, Client
from peakend.client.asking import Asking
from peakend.client.noun import Noun
from peakend.web.api.shapes import described

WITHOUT: dict[str, str] = {
    "GET /api/v1/stream": "server-sent events; the client reads whole answers: webhooks tell a program",
    "GET /api/v1/jobs/{id_}/events": "server-sent events for a page: `jobs.wait` asks instead",
    **dict.fromkeys(
        (
            f"POST /v1/{kind}"
            for kind in ("alias", "batch", "group", "identify", "import", "page", "screen", "track")
        ),
        "for the clients of Segment; `send` is ours",
    ),
    **dict.fromkeys(
        (
            "POST /api/v1/agreements/{id_}/answer",
            "POST /api/v1/drafts/{id_}/agreements",
            "POST /api/v1/drafts/{id_}/publish",
            "POST /api/v1/plays/pause",
            "POST /api/v1/plays/resume",
            "POST /api/v1/plays/stop",
        ),
        "a person's word: the server takes it from somebody who is signed in, never from a key",
    ),
}
"""Operations that no method asks, and why."""
UNREAD = {"export_customer", "send_events"}
"""Operations whose bodies and answers are written by hand, not from a struct."""
HEAVY = ("fastapi", "starlette", "sqlalchemy", "numpy", "scipy", "pyarrow", "duckdb", "liquid", "peakend.web")


class Asked(Exception):
    """A method has asked something."""

    def __init__(self, method: str, path: str, type_: Any, query: dict[str, Any], body: Any) -> None:
        super().__init__(f"{method} {path}")
        self.method, self.path, self.type, self.query, self.body = method, path, type_, query, body


class Listening(Asking):
    """Asks nobody, and says what would have been asked."""

    def ask(self, method: str, path: str, type_: Any, **more: Any) -> Any:
        body = msgspec.to_builtins(more.get("body"))
        raise Asked(method, path, type_, dict(more.get("query") or {}), body)


def methods() -> Iterator[tuple[str, Any]]:
    """Every public method of the client, by its full name, of a client that asks nobody."""
    client = Client("http://nowhere", "pk_x")
    for noun in [client, *(one for one in vars(client).values() if isinstance(one, Noun))]:
        noun._asking = Listening("http://nowhere", "pk_x")
        for name, method in inspect.getmembers(noun, inspect.ismethod):
            if not name.startswith("_"):
                yield f"{type(noun).__name__}.{name}", method


def asked_by(method: Any) -> Asked:
    """What a method asks first, when it is called with anything that fits."""
    of_type = {"int": 7, "Sequence[Change]": [], "Mapping[str, str | None]": {}, "Iterable[Event]": [{}]}
    given = {
        one.name: of_type.get(
            str(one.annotation), ["x"] if "Sequence" in str(one.annotation) else f"{{{one.name}}}"
        )
        for one in inspect.signature(method).parameters.values()
        if one.default is one.empty
    }
    with pytest.raises(Asked) as asked:
        found = method(**given)
        next(iter(found))
    return asked.value


def operation_of(asked: Asked, document: dict[str, Any]) -> str:
    """The operation of the document that a path belongs to: a name that is written out goes first."""
    parts = asked.path.split("/")
    fitting = [
        path
        for path, ways in document["paths"].items()
        if asked.method.lower() in ways
        and len(path.split("/")) == len(parts)
        and all(known == part or known[:1] == "{" for known, part in zip(path.split("/"), parts, strict=True))
    ]
    assert fitting, asked
    return min(fitting, key=lambda path: path.count("{"))


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return whole_app(Path("nowhere") / "none.db")[0].openapi()


def test_no_operation_is_without_a_method(document: dict[str, Any]) -> None:
    asked = {name: asked_by(method) for name, method in methods()}
    reached = {f"{one.method} {operation_of(one, document)}" for one in asked.values()}
    known = {f"{method.upper()} {path}" for path, ways in document["paths"].items() for method in ways}
    assert len(known) > 70
    assert reached - known == set()
    assert known - reached == set(WITHOUT)


def test_where_a_person_s_word_is_needed_no_key_is_taken(document: dict[str, Any]) -> None:
    persons = {one for one, why in WITHOUT.items() if why.startswith("a person's word")}
    without_key = {
        f"{method.upper()} {path}"
        for path, ways in document["paths"].items()
        for method, way in ways.items()
        if way["security"] and not any("key" in one for one in way["security"])
    }
    assert persons | {"GET /api/v1/jobs/{id_}/events"} == without_key


def test_a_method_can_ask_all_that_an_operation_takes(document: dict[str, Any]) -> None:
    asked, bodies = dict[str, set[str]](), dict[str, set[str]]()
    for _, method in methods():
        one = asked_by(method)
        name = f"{one.method} {operation_of(one, document)}"
        asked.setdefault(name, set()).update(one.query)
        bodies.setdefault(name, set()).update(one.body if isinstance(one.body, dict) else ())
    for name, query in asked.items():
        way = way_of(name, document)
        assert query == {one["name"] for one in way.get("parameters", ()) if one["in"] == "query"}, name
        if way["operationId"] not in UNREAD:
            assert bodies[name] == set(taken_by(way, document)), name


@pytest.mark.parametrize(("name", "method"), [pytest.param(*one, id=one[0]) for one in methods()])
def test_a_method_reads_exactly_what_is_answered(name: str, method: Any, document: dict[str, Any]) -> None:
    asked = asked_by(method)
    way = way_of(f"{asked.method} {operation_of(asked, document)}", document)
    if way["operationId"] in UNREAD:
        return
    (said,) = [one for status, one in way["responses"].items() if status.startswith("2")]
    ours = described(asked.type)[200]["content"]["application/json"]["schema"]
    assert without_null(ours) == without_null(said["content"]["application/json"]["schema"])


def way_of(name: str, document: dict[str, Any]) -> dict[str, Any]:
    """What the document says of an operation."""
    method, path = name.split(" ")
    way: dict[str, Any] = document["paths"][path][method.lower()]
    return way


def taken_by(way: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """The fields of the body that an operation takes."""
    schema = way.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    fields: dict[str, Any] = schema.get("properties", {})
    return fields


def without_null(schema: Any) -> Any:
    """A schema as JSON, without the defaults that are null: FastAPI leaves those out."""
    if isinstance(schema, dict):
        return {key: without_null(one) for key, one in schema.items() if one is not None}
    return [without_null(one) for one in schema] if isinstance(schema, list | tuple) else schema


def test_every_method_says_what_it_gives() -> None:
    for name, method in methods():
        said = inspect.getdoc(method)
        assert said and said[0].isupper() and said.rstrip().endswith((".", ")", "`")), name
        assert "return" in method.__annotations__, name


def test_the_client_loads_nothing_of_the_application() -> None:
    code = f"import sys, peakend.client; print([one for one in {HEAVY!r} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_error_without_a_server_is_an_api_error() -> None:
    client = Client("http://127.0.0.1:1", "pk_x", tries=1)
    with pytest.raises(ApiError) as refused:
        client.today()
    assert refused.value.status == 0 and refused.value.text("zh")
