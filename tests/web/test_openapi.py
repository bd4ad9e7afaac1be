"""The API as a whole: it is described whole, and does what it says however it is asked.

Each operation is asked a number of things that it may be asked, and as much nonsense, over HTTP, of a service
that was lived through; the same every time. What an answer may be is what the document says.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from hypothesis import HealthCheck, Phase, given, settings
from msgspec.structs import replace
from people_world import TimedHouse, key_of, whole_app
from schemathesis import GenerationMode, checks
from schemathesis.core.failures import FailureGroup
from schemathesis.generation.case import Case

from peakend.instance.file import Asking, Placed, Served
from peakend.store import open_store
from peakend.web.answers import Json
from peakend.web.api.openapi import OURS, Described
from peakend.web.api.shapes import described
from peakend.web.app import create_app
from tests.web.served import served
from tests.web.world import World

ASKED = 8
"""Things that each operation is asked of each kind."""
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
ENDLESS = "text/event-stream"
"""A stream of events has no end to wait for; it has tests of its own."""


class Tea(msgspec.Struct):
    """How many cups."""

    cups: int


def as_schemathesis_reads_it(node: Any) -> Any:
    """A copy in which a list of a fixed length says of each item that it is one of them: schemathesis writes
    `prefixItems` as an older `items`, and then refuses it (its issues 3842 and 4099)."""
    if isinstance(node, list):
        return [as_schemathesis_reads_it(one) for one in node]
    if not isinstance(node, dict):
        return node
    found = {name: as_schemathesis_reads_it(one) for name, one in node.items()}
    if isinstance(found.get("prefixItems"), list):
        found["items"] = {"anyOf": found.pop("prefixItems")}
    return found


def document(folder: Path = Path("nowhere")) -> dict[str, Any]:
    """What the application says about itself; no database is opened for it."""
    return whole_app(folder / "none.db")[0].openapi()


DOCUMENT = document()
OPERATIONS = {
    f"{method.upper()} {path}": way
    for path, ways in DOCUMENT["paths"].items()
    for method, way in ways.items()
}
SCHEMA = schemathesis.openapi.from_dict(as_schemathesis_reads_it(DOCUMENT))
ASKABLE = [
    label
    for label, way in OPERATIONS.items()
    if not any(ENDLESS in answer.get("content", {}) for answer in way["responses"].values())
]


@pytest.fixture(scope="module")
def open_to(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of the whole application over a copy of the world, and the key of an admin."""
    copy = tmp_path_factory.mktemp("asked") / "world.db"
    shutil.copy(world.database, copy)
    unbounded = Placed(replace(world.placed.instance, serve=Served(api=Asking(a_second=0))), None, None)
    house = TimedHouse(lambda: open_store(str(copy)), unbounded, lambda: world.now)
    with house.store() as store:
        key = key_of(store, "admin")
    with served(create_app(house)) as address:
        yield address, key


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["may", "nonsense"])
@pytest.mark.parametrize("label", ASKABLE)
def test_an_operation_does_what_it_says(
    label: str, mode: GenerationMode, open_to: tuple[str, dict[str, str]]
) -> None:
    address, key = open_to
    method, path = label.split()
    operation = SCHEMA[path][method]
    if mode is GenerationMode.NEGATIVE and not (operation.definition.raw.get("parameters") or operation.body):
        pytest.skip("nothing can be said to it")

    ask(operation, mode, address, key)


def ask(operation: Any, mode: GenerationMode, address: str, headers: dict[str, str]) -> None:
    """Ask an operation, the same things every time. Raises where an answer is none of those described."""

    @settings(
        max_examples=ASKED,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(mode))
    def asked(case: Case) -> None:
        case.call_and_validate(address, headers=headers, checks=CHECKS, timeout=20)

    asked()


@pytest.mark.parametrize("status", [200, 418, 500])
def test_a_route_that_does_otherwise_than_it_says_is_found(status: int) -> None:
    app = Described()

    @app.get("/api/v1/tea", responses=described(Tea))
    def tea(cups: int) -> Json:
        return Json({"cups": "many"} if cups > 1 else {"cups": cups}, status if cups > 1 else 200)

    with served(app) as address, pytest.raises(FailureGroup):
        ask(
            schemathesis.openapi.from_dict(app.openapi())["/api/v1/tea"]["GET"],
            GenerationMode.POSITIVE,
            address,
            {},
        )


@pytest.mark.parametrize("label", ASKABLE)
def test_nobody_is_told_nothing(label: str, open_to: tuple[str, dict[str, str]]) -> None:
    address, _ = open_to
    method, path = label.split()
    answer = httpx.request(method, address + re.sub(r"\{[^}]*\}", "1", path))
    if OPERATIONS[label]["security"]:
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert {"title", "title_zh", "detail", "detail_zh", "status", "word"} <= answer.json().keys()


def test_every_route_of_the_api_is_described() -> None:
    app: FastAPI = whole_app(Path("nowhere") / "none.db")[0]
    routes = {
        f"{method} {route.path}"
        for route in iter_route_contexts(app.routes)
        for method in (route.methods or set()) - {"HEAD", "OPTIONS"}
        if str(route.path).startswith(OURS) and route.path != app.openapi_url
    }
    assert routes == set(OPERATIONS)


def test_an_operation_is_described_whole() -> None:
    names = [way["operationId"] for way in OPERATIONS.values()]
    assert len(set(names)) == len(names)
    for label, way in OPERATIONS.items():
        assert re.fullmatch(r"[a-z][a-z0-9_]{2,50}", way["operationId"]), label
        assert way["summary"] and way["description"] and way["tags"], label
        for one in way.get("parameters", ()):
            assert len(one["description"]) > 3, (label, one["name"])
        assert {"400", "429", "503"} <= way["responses"].keys(), label
        if way["security"]:
            assert {"401", "403"} <= way["responses"].keys(), label
        good = [status for status in way["responses"] if status < "300"]
        assert good, label
        for status in good:
            assert way["responses"][status]["description"], label
        for media in way.get("requestBody", {}).get("content", {}).values():
            assert "example" in media or "examples" in media, label


def test_a_value_of_the_wrong_kind_is_told_with_its_place_and_the_fix_in_both_languages(
    open_to: tuple[str, dict[str, str]],
) -> None:
    address, key = open_to
    answer = httpx.get(f"{address}/api/v1/audit?limit=0", headers=key)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json() == {
        "type": "about:blank",
        "title": "`limit` is '0', which is less than 1",
        "status": 422,
        "detail": "Write 1 or more",
        "title_zh": "limit 的值 '0' 小于 1",
        "detail_zh": "请填 1 或更大的数",
        "place": "query.limit",
        "word": "misfit",
    }
    told = httpx.post(f"{address}/api/v1/keys", headers=key, json={"scopes": ["read"]}).json()
    assert (told["title"], told["title_zh"], told["place"]) == (
        "`label` is missing",
        "缺少 label",
        "body.label",
    )
    told = httpx.post(f"{address}/api/v1/keys", headers=key, json={"label": 7, "scopes": ["read"]}).json()
    assert (told["title"], told["title_zh"]) == (
        "`label` is not what it should be: a text",
        "label 应为文本，但不是",
    )
    form = {"Content-Type": "application/xml"}
    assert httpx.post(f"{address}/api/v1/keys", headers=key | form, content="<a/>").status_code == 415
    broken = httpx.post(
        f"{address}/api/v1/keys", headers=key | {"Content-Type": "application/json"}, content="{"
    )
    assert (broken.status_code, broken.json()["title_zh"]) == (422, "内容不是 JSON")


def test_a_path_that_is_not_there_is_told_as_a_problem(open_to: tuple[str, dict[str, str]]) -> None:
    address, key = open_to
    answer = httpx.get(f"{address}/api/v1/nonsense", headers=key)
    assert (answer.status_code, answer.json()["title_zh"]) == (404, "没有这个路径")
    answer = httpx.put(f"{address}/api/v1/audit", headers=key)
    assert (answer.status_code, answer.headers["allow"], answer.json()["word"]) == (405, "GET", "no_route")


def test_the_root_lists_what_there_is(open_to: tuple[str, dict[str, str]]) -> None:
    told = httpx.get(f"{open_to[0]}/api/v1").json()
    assert {f"{one['method']} {one['path']}" for one in told["ways"]} == set(OPERATIONS)
    assert httpx.get(open_to[0] + told["openapi"]).json()["paths"].keys() == DOCUMENT["paths"].keys()


def test_a_key_is_made_told_once_used_revoked_and_all_of_it_is_in_the_record(
    open_to: tuple[str, dict[str, str]],
) -> None:
    address, key = open_to
    made = httpx.post(f"{address}/api/v1/keys", headers=key, json={"label": "CRM", "scopes": ["read"]})
    assert made.status_code == 201
    text, id_ = made.json()["text"], made.json()["id"]
    own = {"Authorization": f"Bearer {text}"}
    assert httpx.get(f"{address}/api/v1/audit", headers=own).json()["word"] == "key_lacks_scope"
    listed = httpx.get(f"{address}/api/v1/keys", headers=key)
    assert text not in listed.text and id_ in [one["id"] for one in listed.json()["keys"]]
    gone = httpx.delete(f"{address}/api/v1/keys/{id_}", headers=key)
    assert gone.status_code == 200 and gone.json()["revoked"] > 0
    assert httpx.get(f"{address}/api/v1/audit", headers=own).status_code == 401
    assert httpx.delete(f"{address}/api/v1/keys/pk_none", headers=key).status_code == 404
    record = httpx.get(f"{address}/api/v1/audit", headers=key, params={"about": id_}).json()
    assert [one["what"] for one in record["entries"]] == ["key.revoked", "key.made"]
    assert text not in str(record)


def test_the_record_comes_in_pages_and_by_who_what_and_when(open_to: tuple[str, dict[str, str]]) -> None:
    address, key = open_to
    for label in ("a", "b", "c"):
        httpx.post(f"{address}/api/v1/keys", headers=key, json={"label": label, "scopes": ["read"]})
    whole = httpx.get(f"{address}/api/v1/audit", headers=key, params={"limit": 200}).json()["entries"]
    seen, after = [], ""
    while True:
        page = httpx.get(f"{address}/api/v1/audit", headers=key, params={"limit": 2, "after": after}).json()
        seen += page["entries"]
        after = page["after"]
        if not after or len(seen) >= len(whole):
            break
    assert seen[: len(whole)] == whole[: len(seen)] and len(whole) > 2
    asked = {"what": "key.", "since": "1970-01-02", "until": "2999-01-01T00:00:00Z"}
    answer = httpx.get(f"{address}/api/v1/audit", headers=key, params=asked)
    assert answer.status_code == 400 and answer.json()["place"] == "query.since"
    asked["since"] = "1000"
    found = httpx.get(f"{address}/api/v1/audit", headers=key, params=asked).json()["entries"]
    assert found and all(one["what"].startswith("key.") for one in found)
