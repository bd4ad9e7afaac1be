"""Every route times every caller: each role, nobody, each scope of a key. What is declared is what happens.

A route without a declaration fails, so nobody can forget one. `OPEN` are the few that FastAPI makes itself.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from people_world import TimedHouse, apart, everybody, key_of, signed_in, whole_app

from peakend.model.account import ROLES, SCOPES, ApiKey, may, token_hash
from peakend.web.callers import SAFE, Need

OPEN = {"/api/v1/openapi.json"}
REFUSALS = {"not_signed_in", "bad_key", "key_lacks_scope", "people_only", "role_too_small", "not_our_form"}
STREAMS = 3.0
"""Seconds after which an answer that does not end is taken for one that goes on."""


class Way(NamedTuple):
    method: str
    path: str
    needs: tuple[Need, ...]


def ways_of(app: FastAPI) -> list[Way]:
    found = []
    for route in iter_route_contexts(app.routes):
        dependant = getattr(route, "dependant", None)
        needed = tuple(_needs(dependant)) if dependant else ()
        for method in sorted((route.methods or set()) - {"HEAD", "OPTIONS"}):
            found.append(Way(method, str(route.path), needed))
    return found


def _needs(dependant: Any) -> Iterator[Need]:
    for one in dependant.dependencies:
        if isinstance(one.call, Need):
            yield one.call
        yield from _needs(one)


def undeclared(app: FastAPI) -> list[str]:
    return [
        f"{way.method} {way.path}" for way in ways_of(app) if len(way.needs) != 1 and way.path not in OPEN
    ]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[tuple[FastAPI, TimedHouse]]:
    app, house = whole_app(tmp_path / "peakend.db")
    with house.store() as store:
        everybody(store)
    yield app, house
    house.close()


def word_of(app: FastAPI, way: Way, headers: dict[str, str]) -> str:
    """Why a caller was refused, '' where the route answered, whatever it said."""
    path = re.sub(r"\{[^}]*\}", "1", way.path)

    async def asked() -> httpx.Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app, client=("127.0.0.1", 1)), base_url="http://testserver"
        ) as client:
            sent = headers | {"Accept": "application/json"}
            return await asyncio.wait_for(client.request(way.method, path, headers=sent), STREAMS)

    try:
        answer = apart(asked)
    except TimeoutError:
        return ""
    if not answer.headers.get("content-type", "").startswith("application/problem+json"):
        return ""
    word = str(answer.json().get("word", ""))
    return word if word in REFUSALS else ""


def expected(need: Need, role: str | None, key: ApiKey | None) -> str:
    if need.role is None:
        return ""
    if key is not None:
        if need.scope is None:
            return "people_only"
        return "" if key.allows(need.scope) else "key_lacks_scope"
    if role is None:
        return "not_signed_in"
    return "" if any(one == role and may(one, need.role) for one in ROLES) else "role_too_small"


def test_every_route_says_what_it_needs(world: tuple[FastAPI, TimedHouse]) -> None:
    assert undeclared(world[0]) == []


def test_a_route_that_says_nothing_is_found(world: tuple[FastAPI, TimedHouse]) -> None:
    world[0].get("/forgotten")(lambda: "everything")
    assert undeclared(world[0]) == ["GET /forgotten"]


def test_each_caller_gets_what_is_declared_and_nothing_else(world: tuple[FastAPI, TimedHouse]) -> None:
    app, house = world
    wrong = []
    with house.store() as store:
        for way in ways_of(app):
            if way.path in OPEN:
                continue
            (need,) = way.needs
            tried: list[tuple[str, dict[str, str], str]] = [("nobody", {}, expected(need, None, None))]
            for role in ROLES:
                tried.append((role, {}, expected(need, role, None)))
            for scope in SCOPES:
                headers = key_of(store, scope)
                made = store.api_key(token_hash(headers["Authorization"].removeprefix("Bearer ")))
                tried.append((f"key {scope}", headers, expected(need, None, made)))
            unknown = "bad_key" if need.role is not None else ""
            tried.append(("unknown key", {"Authorization": "Bearer pk_0"}, unknown))
            if way.method not in SAFE and need.role is not None:
                tried.append(("another page", {}, "not_our_form"))
            for who, headers, word in tried:
                if who in ROLES:  # now, as a route before may have ended what was begun earlier
                    headers = signed_in(store, who, house.clock())
                if who == "another page":
                    headers = {"Cookie": signed_in(store, "admin", house.clock())["Cookie"]}
                found = word_of(app, way, headers)
                if need.form and need.role is None and way.method not in SAFE and who not in ROLES:
                    word = "not_our_form"
                if found != word:
                    wrong.append(
                        f"{way.method} {way.path} as {who}: {found or 'answered'}, not {word or 'answered'}"
                    )
    assert wrong == []
