"""The attack: another page makes the browser of somebody who is signed in send a change."""

from __future__ import annotations

from typing import Annotated

import httpx
import pytest
from fastapi import FastAPI
from people_world import SmallHouse, client, everybody, signed_in, small_app

from peakend.web.callers import Caller, needs, scoped
from peakend.web.people.tokens import csrf_of

CHANGES = ("POST", "PUT", "PATCH", "DELETE")


@pytest.fixture
def house() -> SmallHouse:
    house = SmallHouse()
    everybody(house.kept)
    return house


@pytest.fixture
def app(house: SmallHouse) -> FastAPI:
    app = small_app(house)
    app.state.done = []

    @app.api_route("/page", methods=list(CHANGES))
    def page(caller: Annotated[Caller, needs("viewer")]) -> None:
        app.state.done.append(caller.name)

    @app.api_route("/api", methods=list(CHANGES))
    def api(caller: Annotated[Caller, scoped("write", "viewer")]) -> None:
        app.state.done.append(caller.name)

    return app


def refused(app: FastAPI, answer: httpx.Response) -> bool:
    return answer.status_code == 403 and answer.json() == {"word": "not_our_form"} and app.state.done == []


@pytest.mark.parametrize("method", CHANGES)
@pytest.mark.parametrize("path", ["/page", "/api"])
def test_a_cookie_alone_changes_nothing(house: SmallHouse, app: FastAPI, method: str, path: str) -> None:
    headers = signed_in(house.kept, "admin")
    token = headers.pop("X-CSRF-Token")
    assert refused(app, client(app).request(method, path, headers=headers))
    headers["X-CSRF-Token"] = token
    assert client(app).request(method, path, headers=headers).status_code == 200


def test_a_token_of_another_session_or_browser_or_none_at_all_changes_nothing(
    house: SmallHouse, app: FastAPI
) -> None:
    headers = signed_in(house.kept, "admin")
    attacker = signed_in(house.kept, "viewer")["X-CSRF-Token"]
    for token in (attacker, csrf_of(""), "", "x" * 9999, csrf_of(headers["X-CSRF-Token"])):
        assert refused(app, client(app).post("/page", headers=headers | {"X-CSRF-Token": token}))
    del headers["X-CSRF-Token"]
    assert refused(app, client(app).post("/page", data={"csrf": ["", attacker]}, headers=headers))


def test_another_origin_is_refused_even_with_the_token(house: SmallHouse, app: FastAPI) -> None:
    headers = signed_in(house.kept, "admin")
    foreign = (
        {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://testserver:81"},
        {"Origin": "http://testserver.evil.example"}, {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://[::1"},
    )  # fmt: skip
    for more in foreign:
        assert refused(app, client(app).post("/page", headers=headers | more)), more
    ours = headers | {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    assert client(app).post("/page", headers=ours).status_code == 200


def test_a_body_that_is_no_form_carries_no_token(house: SmallHouse, app: FastAPI) -> None:
    headers = signed_in(house.kept, "admin")
    body = f"csrf={headers.pop('X-CSRF-Token')}".encode()
    for kind in ("text/plain", "application/json", "multipart/form-data"):
        answer = client(app).post("/page", content=body, headers=headers | {"Content-Type": kind})
        assert answer.status_code in (400, 403) and app.state.done == []
