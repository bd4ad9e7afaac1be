"""What stands in place of a page: unknown, asked in another way, sent with nonsense, too large, or broken."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import httpx
import pytest
from fastapi import FastAPI
from people_world import client, everybody, signed_in, whole_app

from peakend.web.callers import Caller, anyone
from peakend.web.house import House
from peakend.web.stores import Busy
from tests.web.browsing import WIDTHS, faults_of, serving, strict_page

SECRET = "138-0013-8000 张三"
PAGE = {"Accept": "text/html"}
WORDS = {
    "en": (
        "There is no such page",
        "does not open by itself",
        "One thing that was sent",
        "To the first page",
    ),
    "zh": ("没有这个页面", "这个网址不能直接打开", "有一项内容无法使用", "回到首页"),
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[tuple[FastAPI, House]]:
    app, house = whole_app(tmp_path / "p.db")
    with house.store() as store:
        everybody(store)

    @app.get("/broken")
    def broken(caller: Annotated[Caller, anyone]) -> None:
        raise RuntimeError(SECRET)

    @app.get("/api/v1/broken")
    def broken_too(caller: Annotated[Caller, anyone]) -> None:
        raise RuntimeError(SECRET)

    @app.get("/busy")
    def busy(caller: Annotated[Caller, anyone]) -> None:
        raise Busy("All are lent", fix="Come back", what_zh="都在使用", fix_zh="请稍后再来")

    yield app, house
    house.close()


@contextmanager
def asking(app: FastAPI, house: House, language: str) -> Iterator[httpx.Client]:
    with house.store() as store:
        headers = signed_in(store, "viewer")
    with client(app) as found:
        found.headers.update(headers | PAGE)
        found.post("/look", data={"language": language})
        yield found


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_browser_gets_a_page_with_a_way_home(world: tuple[FastAPI, House], language: str) -> None:
    nowhere, other, misfit, home = WORDS[language]
    with asking(*world, language) as browser:
        said = {
            404: (browser.get("/nowhere"), nowhere),
            405: (browser.get("/account/password"), other),
            422: (browser.post("/look", data={"language": "<script>xx"}), misfit),
        }
    for status, (answer, words) in said.items():
        assert answer.status_code == status and answer.headers["content-type"].startswith("text/html")
        assert words in answer.text and home in answer.text and 'href="/"' in answer.text
        assert "<script>xx" not in answer.text and 'class="side"' in answer.text
    assert said[405][0].headers["allow"] == "POST"


def test_a_program_gets_the_same_as_a_problem(world: tuple[FastAPI, House]) -> None:
    with asking(*world, "en") as program:
        program.headers["Accept"] = "application/json"
        answers = {
            404: program.get("/nowhere"),
            405: program.get("/account/password"),
            422: program.post("/look", data={"language": "xx"}),
            500: program.get("/api/v1/broken", headers=PAGE),
        }
    for status, answer in answers.items():
        assert answer.status_code == status and answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["title"] and answer.json()["detail_zh"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_broke_shows_a_reference_that_stands_in_the_log_and_says_nothing_else(
    world: tuple[FastAPI, House], language: str, caplog: pytest.LogCaptureFixture
) -> None:
    with asking(*world, language) as browser, caplog.at_level(logging.ERROR, "peakend.web"):
        answer = browser.get("/broken")
    assert answer.status_code == 500 and WORDS[language][3] in answer.text
    (line,) = [one for one in caplog.records if one.message == "failed"]
    told = vars(line)
    assert f"<code>{told['reference']}</code>" in answer.text and len(told["reference"]) == 8
    assert told["error"] == "RuntimeError" and "test_problem_pages.py" in told["places"]
    assert SECRET not in answer.text and "RuntimeError" not in answer.text and "Traceback" not in answer.text
    assert SECRET not in str(told) and line.exc_info is None
    assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_an_error_that_can_be_mended_is_a_page_with_its_fix(world: tuple[FastAPI, House]) -> None:
    with asking(*world, "en") as browser:
        answer = browser.get("/busy")
    assert answer.status_code == 503 and answer.headers["retry-after"] == "2"
    assert "All are lent" in answer.text and "Come back." in answer.text


def test_too_much_for_a_form_is_a_page_too(world: tuple[FastAPI, House]) -> None:
    with asking(*world, "en") as browser:
        answer = browser.post("/look", data={"back": "x" * 1_100_000})
    assert answer.status_code == 413 and "<h1>The body has more than" in answer.text


def test_without_a_database_the_page_still_says_what_to_do(
    world: tuple[FastAPI, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, house = world
    with asking(app, house, "en") as browser:

        def away() -> None:
            raise Busy("All are lent", fix="Come back", what_zh="都在使用", fix_zh="请稍后再来")

        monkeypatch.setattr(house, "store", away)
        answer = browser.get("/nowhere", headers={"Accept-Language": "zh"})
    assert answer.status_code == 404 and "没有这个页面" in answer.text and 'href="/"' in answer.text


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_in_a_browser(world: tuple[FastAPI, House], browser: object, language: str, width: int) -> None:
    app, _ = world
    locale = "zh-CN" if language == "zh" else "en-GB"
    with (
        serving(app) as address,
        strict_page(browser, address, viewport={"width": width, "height": 800}, locale=locale) as page,
    ):
        page.goto(f"{address}/nowhere")
        assert WORDS[language][0] in page.inner_text("h1")
        assert faults_of(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.complaints[:] = [one for one in page.complaints if "404" not in one]
