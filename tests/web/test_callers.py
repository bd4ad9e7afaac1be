"""Who asks and what they may: cookies, keys, forms that are ours, sessions that end."""

from __future__ import annotations

import base64
from typing import Annotated, Any

import pytest
from fastapi import FastAPI, Form
from people_world import (
    HERE,
    HOUR,
    MINUTE,
    NINE,
    SmallHouse,
    account,
    client,
    entry,
    everybody,
    key_of,
    signed_in,
    small_app,
)

from peakend.model.account import ROLES, AuditQuery
from peakend.web.callers import Caller, anyone, needs, scoped, visitor
from peakend.web.people import administering, keys, sessions
from peakend.web.people.tokens import csrf_of


@pytest.fixture
def house() -> SmallHouse:
    house = SmallHouse()
    everybody(house.kept)
    return house


@pytest.fixture
def app(house: SmallHouse) -> FastAPI:
    app = small_app(house)

    @app.get("/managers")
    def managers(caller: Annotated[Caller, needs("manager")]) -> list[Any]:
        return [caller.name, caller.role, caller.language, caller.via]

    @app.post("/change")
    def change(caller: Annotated[Caller, scoped("write", "designer")]) -> list[Any]:
        return [caller.name, caller.role]

    @app.post("/form")
    def form(caller: Annotated[Caller, needs("viewer")], text: Annotated[str, Form()]) -> str:
        return text

    @app.post("/events")
    def events(caller: Annotated[Caller, scoped("events:write", "admin")]) -> str:
        return caller.name

    @app.get("/open")
    @app.post("/open")
    def everybody_(caller: Annotated[Caller, anyone]) -> list[Any]:
        return [caller.name, caller.role, caller.language]

    @app.post("/visit")
    def visit(caller: Annotated[Caller, visitor]) -> str:
        return caller.role

    return app


def test_a_role_opens_what_those_below_it_open_and_nothing_above(house: SmallHouse, app: FastAPI) -> None:
    for role in ROLES:
        found = client(app).get("/managers", headers=signed_in(house.kept, role))
        assert found.status_code == (200 if role in ("manager", "admin") else 403), role
    assert found.json() == ["admin", "admin", "en", "password"]
    assert client(app).get("/managers").status_code == 401


def test_a_key_opens_what_its_scope_says_and_no_page(house: SmallHouse, app: FastAPI) -> None:
    for scope, status in (("read", 403), ("events:write", 403), ("write", 200), ("admin", 200)):
        key = key_of(house.kept, scope)
        found = client(app).post("/change", headers=key)
        assert found.status_code == status, scope
        assert client(app).get("/managers", headers=key).json() == {"word": "people_only"}
    assert found.json()[0].startswith("key:pk_") and found.json()[1] == "admin"
    for wrong in ("Bearer pk_0", "Bearer ", "Bearer \xe4"):
        assert (
            client(app).post("/change", headers={"Authorization": wrong.encode("latin-1")}).status_code == 401
        )


def test_a_revoked_key_opens_nothing_and_a_used_one_says_when(house: SmallHouse, app: FastAPI) -> None:
    key = key_of(house.kept, "write")
    (kept,) = house.kept.api_keys()
    house.instant = NINE + HOUR
    assert client(app).post("/change", headers=key).status_code == 200
    assert house.kept.api_keys()[0].used == NINE + HOUR
    assert house.kept.revoke_key(kept.id, NINE, entry("key.revoked"))
    assert client(app).post("/change", headers=key).json() == {"word": "bad_key"}


def test_the_keys_of_a_disabled_person_open_nothing_and_neither_do_keys_that_they_made(
    house: SmallHouse, app: FastAPI
) -> None:
    store = house.kept
    store.add_account(account("li", "admin"), entry())
    first, text = keys.make(store, "ticket desk", ["admin"], "li", NINE)
    _, second = keys.make(store, "another", ["write"], f"key:{first.id}", NINE)
    _, others = keys.make(store, "not hers", ["write"], "admin", NINE)
    opens = {one: {"Authorization": f"Bearer {one}"} for one in (text, second, others)}
    assert [client(app).post("/change", headers=one).status_code for one in opens.values()] == [200] * 3
    administering.disable(store, "li", "admin", NINE)
    assert [client(app).post("/change", headers=one).status_code for one in opens.values()] == [401, 401, 200]
    administering.disable(store, "li", "admin", NINE, disabled=False)
    assert client(app).post("/change", headers=opens[second]).status_code == 200


def test_a_key_as_the_name_of_basic_works_where_events_come_in_and_nowhere_else(
    house: SmallHouse, app: FastAPI
) -> None:
    text = key_of(house.kept, "admin")["Authorization"].removeprefix("Bearer ")
    basic = {"Authorization": "Basic " + base64.b64encode(f"{text}:".encode()).decode()}
    assert client(app).post("/events", headers=basic).status_code == 200
    assert client(app).post("/change", headers=basic).status_code == 401
    for wrong in ("Basic", "Basic !!", "Basic " + base64.b64encode(b"\xff:").decode()):
        assert client(app).post("/events", headers={"Authorization": wrong}).status_code == 401


def test_a_wrong_key_is_not_helped_by_a_cookie(house: SmallHouse, app: FastAPI) -> None:
    both = signed_in(house.kept, "admin") | {"Authorization": "Bearer pk_0"}
    assert client(app).post("/change", headers=both).status_code == 401


def test_a_session_ends_after_idling_and_after_its_time_whatever_it_does(
    house: SmallHouse, app: FastAPI
) -> None:
    headers = signed_in(house.kept, "admin")
    for _ in range(14):
        house.instant += 12 * HOUR - MINUTE
        assert client(app).get("/managers", headers=headers).status_code == 200
    house.instant += 12 * HOUR - MINUTE
    assert client(app).get("/managers", headers=headers).status_code == 401
    house.instant = NINE
    headers = signed_in(house.kept, "admin")
    house.instant += 12 * HOUR
    assert client(app).get("/managers", headers=headers).status_code == 401


def test_a_session_that_was_ended_and_one_of_a_disabled_account_open_nothing(
    house: SmallHouse, app: FastAPI
) -> None:
    headers = signed_in(house.kept, "manager")
    assert client(app).get("/managers", headers=headers).status_code == 200
    assert sessions.end(house.kept, "manager", None, "admin", NINE) == 1
    assert client(app).get("/managers", headers=headers).status_code == 401
    headers = signed_in(house.kept, "manager")
    house.kept.save_account(account("manager", disabled=True), entry())
    assert client(app).get("/managers", headers=headers).status_code == 401


def test_a_form_of_ours_is_taken_by_its_field_or_its_header(house: SmallHouse, app: FastAPI) -> None:
    headers = signed_in(house.kept, "viewer")
    token = headers.pop("X-CSRF-Token")
    found = client(app).post("/form", data={"text": "您好", "csrf": token}, headers=headers)
    assert found.json() == "您好"
    found = client(app).post("/form", data={"text": "x"}, headers=headers | {"X-CSRF-Token": token})
    assert found.json() == "x"
    files = {"text": (None, "x"), "csrf": (None, token)}
    assert client(app).post("/form", files=files, headers=headers).json() == "x"


def test_everybody_is_somebody_where_anyone_may_ask(house: SmallHouse, app: FastAPI) -> None:
    assert client(app).get("/open").json() == ["", "nobody", "zh"]
    for said, language in (("en-GB,en;q=0.9", "en"), ("fr, zh-CN", "zh"), ("\xff" * 999, "zh")):
        found = client(app).get("/open", headers={"Accept-Language": said.encode("latin-1")})
        assert found.json()[2] == language
    assert client(app).get("/open?lang=en").json()[2] == "en"
    assert client(app).get("/open", headers=signed_in(house.kept, "viewer")).json() == [
        "viewer",
        "viewer",
        "en",
    ]
    assert client(app).get("/open", headers={"Cookie": "peakend=" + "x" * 5000}).json()[1] == "nobody"


def test_a_visitor_needs_the_form_that_was_given_to_this_browser(app: FastAPI) -> None:
    assert client(app).post("/visit").status_code == 403
    held = {"Cookie": "peakend-visitor=abc"}
    assert client(app).post("/visit", headers=held).status_code == 403
    assert client(app).post("/visit", headers=held | {"X-CSRF-Token": csrf_of("abd")}).status_code == 403
    assert client(app).post("/visit", headers=held | {"X-CSRF-Token": csrf_of("abc")}).json() == "nobody"


def test_over_https_only_a_cookie_of_this_host_counts(house: SmallHouse, app: FastAPI) -> None:
    token = signed_in(house.kept, "admin")["Cookie"].partition("=")[2]
    secure = client(app, "https://peakend.example")
    assert secure.get("/managers", headers={"Cookie": f"peakend={token}"}).status_code == 401
    assert secure.get("/managers", headers={"Cookie": f"__Host-peakend={token}"}).status_code == 200


def test_signing_in_and_out_is_in_the_record(house: SmallHouse) -> None:
    signed_in(house.kept, "admin")
    sessions.end(house.kept, "admin", None, "admin", NINE)
    found = house.kept.recorded_changes(AuditQuery(what="session."))
    assert [(one.what, one.who, one.after) for one in found] == [
        ("session.ended", "admin", ""), ("session.opened", "admin", "password")
    ]  # fmt: skip
    assert HERE.address == "127.0.0.1"
