"""The attack: a text that fills the memory, never ends, takes in other files or reaches behind values.

Whoever may change a draft can write any Liquid; lint fills every text in, on the server that all others ask.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from liquid.exceptions import LiquidError
from people_world import client, key_of, whole_app

from peakend.model.liquid import fill, unsealed
from tests.web.test_bench_of_plays import fill as published

TEXT = "texts/en/renewal-first.md"
VALUES: dict[str, Any] = {
    "customer": {"name": "云上", "tier": "key"},
    "sent": datetime(2026, 3, 1, tzinfo=UTC),
    "secret": type("Secret", (), {"password": "hunter2", "__str__": lambda self: "object"})(),
}
PATIENCE = 15.0
"""Seconds that each may take on a machine that is busy; those that worked took minutes, or all memory."""
MOST = 100_000_000

BOMBS = {
    "a loop": "{% for i in (1..1000000000) %}x{% endfor %}",
    "loops": "{% for i in (1..999) %}{% for j in (1..999) %}{% for k in (1..999) %}x"
    + "{% endfor %}" * 3,
    "doubling": '{% assign a = "xxxxxxxxxx" %}' + "{% assign a = a | append: a %}" * 45 + "{{ a }}",
    "replacing": '{{ "x" ' + '| replace: "x", "xxxxxxxxxxxxxxxxxxxx" ' * 8 + "}}",
    "replacing nothing": '{{ "x" ' + '| replace: "", "xxxxxxxxxxxxxxxxxxxx" ' * 8 + "}}",
    "joining": '{{ "' + "x" * 40_000 + '" | split: "" | join: "' + "y" * 40_000 + '" }}',
    "a long list": '{{ (1..1000000000) | join: "x" }}',
    "sorting": "{{ (1..100000000) | sort | first }}",
    "numbers": "{% assign a = 9 %}" + "{% assign a = a | times: a %}" * 60 + "{{ a }}",
    "large numbers": '{{ "1e99999999" | plus: 0 | floor }}',
    "a form of a date": '{{ sent | date: "' + "%9999999d" * 5_000 + '" }}',
    "beginnings": "{{" * 40_000,
    "beginnings with quotes": '{{ "' * 20_000,
    "tags that begin": "{%" * 40_000,
    "blocks": "{% if true %}" * 3_000 + "{% endif %}" * 3_000,
    "a path": "{{ " + "a." * 100_000 + "b }}",
    "a name": "{{ a" + "[" * 3_000 + "0" + "]" * 3_000 + " }}",
}  # fmt: skip


@pytest.fixture(scope="module")
def designer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    app, house = whole_app(tmp_path_factory.mktemp("hostile") / "p.db")
    with house.store() as store:
        published(store)
        key = key_of(store, "write")
    with client(app) as asking:
        asking.headers.update(key)
        yield asking
    house.close()


@pytest.fixture(scope="module")
def draft(designer: httpx.Client) -> str:
    return str(designer.post("/api/v1/drafts", json={}).json()["draft"]["id"])


def lint(designer: httpx.Client, draft: str, words: str) -> dict[str, Any]:
    """What lint says of the text that ends in some words, and that it says it in time."""
    text = designer.get(f"/api/v1/drafts/{draft}/files").json()["files"][TEXT]
    began = time.monotonic()
    answer = designer.post(f"/api/v1/drafts/{draft}/lint", json={"files": {TEXT: f"{text}{words}\n"}})
    assert time.monotonic() - began < PATIENCE
    assert answer.status_code == 200, answer.text[:500]
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_a_problem_of_the_draft_and_of_nobody_else(
    designer: httpx.Client, draft: str, bomb: str
) -> None:
    found = lint(designer, draft, BOMBS[bomb])
    assert not found["sound"]
    assert [one for one in found["problems"] if one["file"] == TEXT and one["severity"] == "error"]
    assert designer.get("/api/v1/plays").status_code == 200


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_that_came_past_lint_fills_no_memory(bomb: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(LiquidError):
            fill(BOMBS[bomb], VALUES)
        assert tracemalloc.get_traced_memory()[1] < MOST
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("tag", ["include", "render", "extends"])
@pytest.mark.parametrize("file", ["pack.yaml", "/etc/hostname", "../../pack.yaml"])
def test_no_other_file_is_taken_in(designer: httpx.Client, draft: str, tag: str, file: str) -> None:
    found = lint(designer, draft, f"{{% {tag} '{file}' %}}")
    assert not found["sound"]
    with pytest.raises(LiquidError):
        fill(f"{{% {tag} '{file}' %}}", VALUES)


@pytest.mark.parametrize(
    "words",
    [
        "{{ customer.__class__.__mro__ }}", "{{ sent.tzinfo.__class__ }}", "{{ ''.__class__ }}",
        "{{ sent.__init__.__globals__ }}", "{{ secret.password }}", "{{ secret['password'] }}",
        "{{ customer | map: '__class__' | join: ',' }}", "{{ secret | map: 'password' | first }}",
        "{{ customer.name.__len__ }}", "{{ customer.items }}", "{{ customer.keys }}", "{{ self }}",
        "{{ environment }}", "{{ globals }}", "{{ context.env }}",
    ],
)  # fmt: skip
def test_nothing_behind_a_value_is_read(words: str) -> None:
    try:
        filled = fill(words, VALUES)
    except LiquidError:
        return
    told = unsealed(filled.text, filled.values)
    assert told == ""
    assert "hunter2" not in told


def test_what_authors_write_is_still_filled_in() -> None:
    name = '{{ customer.name | replace: "云", "雨" | append: "!" }}'
    text = f'{{{{ "a,b" | split: "," | join: "、" }}}} {name} {{{{ 3 | times: 4 }}}}'
    filled = fill(text, VALUES)
    assert unsealed(filled.text, filled.values) == "a、b 雨上! 12"
