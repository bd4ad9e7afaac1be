"""Signing in, setting Peakend up, a new password, my account: the pages as a browser uses them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from people_world import HOUR, NINE, PASSWORD, TimedHouse, client, entry, form_of, whole_app, with_password

from peakend.model.account import AuditQuery
from peakend.web.people import links

PAGE = {"Accept": "text/html", "Accept-Language": "en"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[tuple[FastAPI, TimedHouse]]:
    app, house = whole_app(tmp_path / "peakend.db")
    yield app, house
    house.close()


@pytest.fixture
def browser(world: tuple[FastAPI, TimedHouse]) -> Iterator[httpx.Client]:
    with client(world[0]) as found:
        found.headers.update(PAGE)
        yield found


@pytest.fixture
def house(world: tuple[FastAPI, TimedHouse]) -> TimedHouse:
    found = world[1]
    with found.store() as store:
        store.add_account(with_password("li"), entry())
    return found


def sign_in(browser: httpx.Client, name: str = "li", password: str = PASSWORD, **more: str) -> httpx.Response:
    csrf = form_of(browser.get("/sign-in"))
    return browser.post("/sign-in", data={"csrf": csrf, "name": name, "password": password, **more})


def test_the_first_account_comes_by_the_link_and_the_link_works_once(
    browser: httpx.Client, world: tuple[FastAPI, TimedHouse]
) -> None:
    house = world[1]
    with house.store() as store:
        path = links.set_up_path(store, NINE)
    assert path
    page = browser.get(path)
    assert page.status_code == 200 and "Set up the first account" in page.text
    said = {"csrf": form_of(page), "name": "Li.Lei", "shown": "李雷", "password": PASSWORD}
    for wrong, word in (
        ({"again": "another"}, "not the same"),
        ({"again": PASSWORD, "name": "li lei!"}, "A login has 1 to 64"),
        ({"again": "short", "password": "short"}, "10 to 200"),
    ):  # fmt: skip
        answer = browser.post(path, data=said | wrong)
        assert answer.status_code == 422 and word in answer.text and 'value="李雷"' in answer.text
        assert PASSWORD not in answer.text
    answer = browser.post(path, data=said | {"again": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert browser.get("/account").status_code == 200
    again = client(world[0]).post(path, data=said | {"again": PASSWORD, "name": "wang"})
    assert again.status_code == 410
    with house.store() as store:
        (made,) = store.accounts()
        assert (made.name, made.shown, made.role, made.language) == ("li.lei", "李雷", "admin", "en")
        assert links.set_up_path(store, NINE) is None


def test_a_set_up_link_is_over_after_a_day_and_when_a_newer_one_was_made(
    browser: httpx.Client, world: tuple[FastAPI, TimedHouse]
) -> None:
    house = world[1]
    with house.store() as store:
        first, second = links.set_up_path(store, NINE), links.set_up_path(store, NINE)
    assert first and second
    assert browser.get(first).status_code == 410 and browser.get(second).status_code == 200
    assert browser.get("/set-up/anything").status_code == 410
    house.instant += 24 * HOUR
    assert browser.get(second).status_code == 410 and browser.post(second, data={}).status_code == 410


def test_one_signs_in_goes_where_one_was_going_and_signs_out(
    browser: httpx.Client, house: TimedHouse
) -> None:
    away = browser.get("/account?x=1")
    assert (away.status_code, away.headers["location"]) == (303, "/sign-in?next=%2Faccount%3Fx%3D1")
    page = browser.get(away.headers["location"])
    assert 'name="next" value="/account?x=1"' in page.text
    answer = sign_in(browser, next="/account?x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?x=1")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Secure" not in cookie
    page = browser.get("/account")
    assert page.status_code == 200 and "Li" in page.text and "This device" in page.text
    assert browser.get("/sign-in").status_code == 303
    gone = browser.post("/sign-out", data={"csrf": form_of(page)})
    assert gone.headers["location"] == "/sign-in" and browser.get("/account").status_code == 303


def test_over_https_the_cookie_is_for_this_host_alone(
    world: tuple[FastAPI, TimedHouse], house: TimedHouse
) -> None:
    with client(world[0], "https://peakend.example") as secure:
        answer = sign_in(secure)
        cookie = next(one for one in answer.headers.get_list("set-cookie") if "__Host-peakend=" in one)
        assert "Secure" in cookie and "Path=/" in cookie and "Domain" not in cookie
        assert secure.get("/account").status_code == 200
        assert "max-age" in answer.headers["strict-transport-security"]


def test_a_wrong_password_says_so_keeps_the_name_and_tells_nothing_more(
    browser: httpx.Client, house: TimedHouse
) -> None:
    known, unknown = sign_in(browser, password="wrong"), sign_in(browser, name="nobody")
    assert known.status_code == unknown.status_code == 401
    assert (
        "do not go together" in known.text
        and 'value="li"' in known.text
        and "wrong" not in known.text.split('<form class="panel"')[1]
    )
    assert known.text.replace('value="li"', "") == unknown.text.replace('value="nobody"', "")


def test_too_many_attempts_are_told_how_long_to_wait(browser: httpx.Client, house: TimedHouse) -> None:
    browser_csrf = form_of(browser.get("/sign-in"))
    for _ in range(10):
        browser.post("/sign-in", data={"csrf": browser_csrf, "name": "x", "password": ""})
    answer = browser.post("/sign-in", data={"csrf": browser_csrf, "name": "x", "password": ""})
    assert (
        answer.status_code == 429 and answer.headers["retry-after"] == "900" and "15 minutes" in answer.text
    )
    zh = browser.post("/sign-in?lang=zh", data={"csrf": browser_csrf, "name": "x"})
    assert "请 15 分钟后再试" in zh.text


def test_a_reset_link_sets_a_password_once_and_ends_what_was_open(
    browser: httpx.Client, world: tuple[FastAPI, TimedHouse], house: TimedHouse
) -> None:
    with client(world[0]) as other:
        sign_in(other)
        assert other.get("/account").status_code == 200
        with house.store() as store:
            whose = store.account("li")
            assert whose
            path = links.reset_path(store, whose, "admin", NINE)
        page = browser.get(path)
        assert "For li." in page.text
        said = {"csrf": form_of(page), "password": "a new long evening", "again": "a new long evening"}
        assert browser.post(path, data=said | {"again": "x"}).status_code == 422
        assert browser.post(path, data=said).headers["location"] == "/"
        assert browser.get("/account").status_code == 200
        assert browser.post(path, data=said).status_code == 410
        assert other.get("/account").status_code == 401
    with house.store() as store:
        changes = [one.what for one in store.recorded_changes(AuditQuery())]
    assert {"reset_link.made", "password.changed"} <= set(changes)


def test_one_changes_ones_password_by_the_old_one(browser: httpx.Client, house: TimedHouse) -> None:
    sign_in(browser)
    said = {
        "csrf": form_of(browser.get("/account")),
        "new": "a new long evening",
        "again": "a new long evening",
    }
    for wrong, word in (
        ({"old": "no"}, "not the password that you have now"),
        ({"old": PASSWORD, "again": "x"}, "not the same"),
        ({"old": PASSWORD, "new": "x", "again": "x"}, "10 to 200"),
    ):  # fmt: skip
        answer = browser.post("/account/password", data=said | wrong)
        assert answer.status_code == 422 and word in answer.text
    before = browser.cookies["peakend"]
    assert browser.post("/account/password", data=said | {"old": PASSWORD}).status_code == 303
    assert browser.cookies["peakend"] != before and browser.get("/account").status_code == 200


def test_language_and_theme_are_kept_for_this_browser_and_the_language_with_the_account(
    browser: httpx.Client, house: TimedHouse
) -> None:
    csrf = form_of(browser.get("/sign-in"))
    browser.post("/look", data={"csrf": csrf, "language": "zh", "theme": "dark", "back": "/sign-in"})
    page = browser.get("/sign-in")
    assert 'data-theme="dark"' in page.text and "请用您的账号登录" in page.text
    sign_in(browser)
    page = browser.get("/account")
    assert "My account" in page.text
    browser.post("/look", data={"csrf": form_of(page), "language": "zh", "back": "/account"})
    assert "我的账号" in browser.get("/account").text
    with house.store() as store:
        found = store.account("li")
        assert found and found.language == "zh"
    nonsense = browser.post("/look", data={"csrf": form_of(page), "language": "xx", "theme": "<b>"})
    assert nonsense.status_code == 422


def test_one_ends_one_or_all_other_sessions_and_never_somebody_elses(
    browser: httpx.Client, world: tuple[FastAPI, TimedHouse], house: TimedHouse
) -> None:
    with house.store() as store:
        store.add_account(with_password("wang"), entry())
    others = [client(world[0]) for _ in range(3)]
    for one in others[:2]:
        sign_in(one)
    sign_in(others[2], name="wang")
    sign_in(browser)
    csrf = form_of(browser.get("/account"))
    with house.store() as store:
        foreign = store.sessions("wang")[0].hash
    browser.post("/account/sessions", data={"csrf": csrf, "session": foreign})
    assert others[2].get("/account").status_code == 200
    browser.post("/account/sessions", data={"csrf": csrf})
    assert [one.get("/account").status_code for one in others] == [401, 401, 200]
    assert browser.get("/account").status_code == 200


def test_a_program_and_a_part_of_a_page_are_told_in_json(browser: httpx.Client, house: TimedHouse) -> None:
    for headers in ({"Accept": "application/json"}, {"HX-Request": "true"}):
        answer = browser.get("/account", headers=headers)
        assert answer.status_code == 401 and answer.json()["word"] == "not_signed_in"
        assert "您还没有登录" in answer.json()["title_zh"] and answer.headers["www-authenticate"]


def test_a_page_that_is_refused_says_why_in_the_readers_language(
    browser: httpx.Client, house: TimedHouse
) -> None:
    sign_in(browser)
    answer = browser.post("/account/sessions", data={"csrf": "wrong"})
    assert answer.status_code == 403 and "did not come from a page of ours" in answer.text
