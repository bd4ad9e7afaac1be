"""The attack: pieces of SQL in every parameter and name that a route takes."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.security.doors import Doors, doors

EVIL = [
    "' OR '1'='1", "'; DROP TABLE drafts; --", '" OR ""="', "1 OR 1=1", "x') OR 1=1 --",
    "' UNION SELECT text FROM api_keys --",
    "%", "_", "%' --", "c-0'/*", "\\' OR 1=1 --", "$1", ":name", "?", "c-0\u0000' OR 1=1",
]  # fmt: skip


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with doors(tmp_path_factory.mktemp("doors")) as found:
        yield found


@pytest.mark.parametrize("evil", EVIL)
def test_no_parameter_is_read_as_sql(asked: Doors, evil: str) -> None:
    before, tried = asked.held(), 0
    for _, path, way in asked.operations("get"):
        if path.endswith(("/stream", "/events", "/export")):
            continue  # two never end, one is recorded
        for parameter in [one["name"] for one in way.get("parameters", ()) if one["in"] == "query"]:
            tried += 1
            answer = asked.asking.get(path, params={parameter: evil})
            assert answer.status_code < 500, (path, parameter, answer.text[:300])
    assert tried > 40 and asked.held() == before


@pytest.mark.parametrize("evil", EVIL)
def test_no_name_in_a_path_is_read_as_sql(asked: Doors, evil: str) -> None:
    before, tried = asked.held(), 0
    for path in asked.document["paths"]:
        if "{" not in path or path.endswith("/events") or "get" not in asked.document["paths"][path]:
            continue
        tried += 1
        parts = [quote(evil, safe="") if one[:1] == "{" else one for one in path.split("/")]
        answer = asked.asking.get("/".join(parts))
        assert answer.status_code in (400, 404, 422), (path, answer.text[:300])
    assert tried > 15 and asked.held() == before


@pytest.mark.parametrize("evil", EVIL)
def test_a_filter_never_finds_more_than_it_names(asked: Doors, evil: str) -> None:
    assert len(asked.asking.get("/api/v1/customers").json()["customers"]) == 3
    for path, parameter, rows in (
        ("customers", "q", "customers"), ("customers", "play", "customers"),
        ("messages", "customer", "messages"),
        ("cards", "role", "cards"), ("audit", "who", "entries"), ("audit", "about", "entries"),
        ("jobs", "kind", "jobs"), ("quarantine", "source", "rows"),
    ):  # fmt: skip
        answer = asked.asking.get(f"/api/v1/{path}", params={parameter: evil})
        assert answer.status_code in (400, 422) or answer.json()[rows] == [], (path, parameter)
