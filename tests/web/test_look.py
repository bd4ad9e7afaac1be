"""The look of pages: every part in a real browser, in both languages, widths and lights."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from peakend.errors import PeakendError
from peakend.tell.said import Said
from peakend.web import assets as assets_room
from peakend.web.assets import Assets
from peakend.web.headers import POLICY
from peakend.web.screen import Screens
from tests.web.browsing import WIDTHS, faults_of, serving, strict_page
from tests.web.sample import HOSTILE, app, looking

HEAVIEST_PAGE = 500_000


@pytest.fixture(scope="module")
def sample(assets: Assets) -> Any:
    return app(assets)


@pytest.fixture(scope="module")
def address(sample: Any) -> Iterator[str]:
    with serving(sample) as served:
        yield served


@pytest.mark.parametrize("light", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_page_of_all_parts_fits_and_has_no_serious_fault(
    browser: Any, address: str, tmp_path: Path, language: str, width: int, light: str
) -> None:
    options = {"viewport": {"width": width, "height": 844}, "color_scheme": light}
    with strict_page(browser, address, **options) as page:
        page.goto(f"{address}/?language={language}")
        page.locator("[data-chart] canvas").nth(1).wait_for()
        page.locator(".job", has_text="Backtest").last.get_by_text(
            "Done"
        ).wait_for()  # the job was asked again until it was
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert faults_of(page) == []
        taken = page.screenshot(path=tmp_path / f"{language}-{width}-{light}.png", full_page=True)
        assert len(taken) > 50_000
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == {"light": "rgb(252, 252, 250)", "dark": "rgb(20, 23, 27)"}[light]


def test_a_page_with_charts_stays_below_its_weight(browser: Any, address: str) -> None:
    with strict_page(browser, address) as page:
        weights: list[int] = []
        page.on("requestfinished", lambda one: weights.append(one.sizes()["responseBodySize"]))
        page.goto(f"{address}/", wait_until="networkidle")
        assert len(weights) >= 8
        assert 250_000 < sum(weights) < HEAVIEST_PAGE


def test_what_a_customer_wrote_is_shown_and_does_not_act(browser: Any, address: str) -> None:
    with strict_page(browser, address) as page:
        page.goto(f"{address}/")
        assert page.locator("#rows tbody th").last.inner_text() == HOSTILE
        assert page.locator("#f-title").input_value() == HOSTILE


def test_an_inline_script_is_refused_and_the_fixture_says_so(browser: Any, address: str) -> None:
    with strict_page(browser, address) as page:
        page.goto(f"{address}/")
        page.evaluate(
            "() => { const one = document.createElement('script'); one.textContent = 'window.got = 1';"
            " document.body.append(one); document.body.setAttribute('style', 'color: red'); }"
        )
        page.wait_for_timeout(100)
        assert page.evaluate("window.got") is None
        assert any("script-src" in one for one in page.complaints)
        assert any("style-src" in one for one in page.complaints)
        page.complaints.clear()


def test_the_switch_of_light_works_at_once_and_is_kept(browser: Any, sample: Any, address: str) -> None:
    with strict_page(browser, address, color_scheme="light") as page:
        page.goto(f"{address}/")
        with page.expect_response("**/look"):
            page.locator('.mast button[value="dark"]').click()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 27)"
        assert page.locator('.mast button[value="dark"]').get_attribute("aria-pressed") == "true"
    assert sample.state.looks[-1] == {"csrf": "token-of-the-form", "back": "/plays", "theme": "dark"}


def test_the_language_is_a_form_that_needs_no_script(browser: Any, sample: Any, address: str) -> None:
    with strict_page(browser, address, java_script_enabled=False) as page:
        page.goto(f"{address}/?language=en")
        page.locator(".mast").get_by_role("button", name="中文").click()
        page.wait_for_url(f"{address}/")
    assert sample.state.looks[-1] == {"csrf": "token-of-the-form", "back": "/plays", "language": "zh"}


def test_the_keyboard_reaches_search_help_and_pages(browser: Any, address: str) -> None:
    with strict_page(browser, address, viewport={"width": 1280, "height": 844}) as page:
        page.goto(f"{address}/?language=en")
        page.evaluate("document.activeElement.blur()")
        assert page.evaluate("document.querySelector('a, button, input').className") == "skip"
        page.locator(".skip").focus()
        page.wait_for_timeout(50)
        assert page.evaluate("document.querySelector('.skip').getBoundingClientRect().top") >= 0
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        page.keyboard.press("?")
        assert page.locator("#keys").is_visible()
        page.keyboard.press("Escape")
        assert not page.locator("#keys").is_visible()
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.name") == "q"
        page.keyboard.type("g?")
        assert page.locator("[data-search]").input_value() == "g?"
        assert not page.locator("#keys").is_visible()
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("g")
        page.keyboard.press("t")
        page.wait_for_url(f"{address}/")


def test_a_dialog_asks_first_and_gives_the_focus_back(browser: Any, address: str) -> None:
    with strict_page(browser, address) as page:
        page.goto(f"{address}/?language=en")
        opener = page.get_by_role("button", name="Pause", exact=True)
        opener.click()
        assert page.get_by_role("dialog", name="Pause this play?").is_visible()
        assert faults_of(page) == []
        page.get_by_role("button", name="Cancel").click()
        assert not page.locator("#withdraw").is_visible()
        assert page.evaluate("document.activeElement.dataset.opens") == "withdraw"


def test_a_phone_has_five_places_in_its_bar_and_the_rest_behind_the_last(browser: Any, address: str) -> None:
    with strict_page(browser, address, viewport={"width": 390, "height": 844}) as page:
        page.goto(f"{address}/?language=en")
        assert page.locator(".bar > ul > li").count() == 5
        page.get_by_role("button", name="More").click()
        assert page.locator("#more").get_by_role("link", name="Quarantine").is_visible()
        assert page.locator("#more").get_by_role("button", name="中文").is_visible()
        assert faults_of(page) == []


def test_a_failed_request_is_said_and_carried_its_token(browser: Any, sample: Any, address: str) -> None:
    with strict_page(browser, address) as page:
        page.goto(f"{address}/?language=en")
        page.get_by_role("button", name="Save the draft").click()
        page.get_by_text("nothing was changed").wait_for()
        assert sample.state.refused[-1]["x-csrf-token"] == "token-of-the-form"
        assert page.locator("#f-title").input_value() == HOSTILE
        page.complaints.clear()


def test_without_scripts_the_numbers_of_a_chart_stand_as_a_table(browser: Any, address: str) -> None:
    with strict_page(browser, address, java_script_enabled=False) as page:
        page.goto(f"{address}/?language=en")
        assert not page.locator("[data-chart]").first.is_visible()
        page.get_by_text("The numbers as a table").first.click()
        assert page.locator(".chart table").first.is_visible()


def test_without_an_account_no_way_is_shown(assets: Assets, browser: Any, address: str) -> None:
    with strict_page(browser, address) as page:
        page.goto(f"{address}/?bare=1")
        assert page.locator(".side a, .bar, .search, .menu").count() == 0


# --- what is served


def test_files_are_kept_for_good_compressed_and_never_guessed_at(assets: Assets) -> None:
    name, _, tag = assets.address("peakend.css").removeprefix("/static/").partition("?v=")
    found = assets.get(name)
    assert found is not None and tag == found.tag
    status, body, headers = found.answer("gzip, br", "")
    assert status == 200 and gzip.decompress(body) == found.body and headers["Content-Encoding"] == "gzip"
    assert "immutable" in headers["Cache-Control"] and headers["X-Content-Type-Options"] == "nosniff"
    assert found.answer("", "")[1] == found.body
    assert found.answer("gzip", f'"{tag}"')[:2] == (304, b"")


@pytest.mark.parametrize("name", ["../assets.py", "icons.json", "stamp", "tabler.css.gz", ""])
def test_only_what_pages_load_is_served(assets: Assets, name: str) -> None:
    assert assets.get(name) is None


def test_the_licences_travel_with_the_files(assets: Assets) -> None:
    found = assets.get("licences.txt")
    assert found is not None
    text = found.body.decode()
    assert text.count(" ===\n") == 7
    for word in ("Tabler Authors", "htmx", "Apache License", "Apache ECharts", "ZRender", "tslib"):
        assert word in text


def test_an_unknown_icon_or_file_is_an_error_not_a_gap(assets: Assets) -> None:
    for asked in (assets.icon, assets.address):
        with pytest.raises(KeyError):
            asked("no-such-thing")
    assert assets.icon("home", '"><script>').count("<script>") == 0


def test_without_what_was_fetched_the_error_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(assets_room, "files", lambda package: tmp_path)
    with pytest.raises(PeakendError) as caught:
        Assets()
    assert "./run" in caught.value.fix and "镜像" in caught.value.fix_zh


def test_every_version_that_is_fetched_is_pinned_by_its_sum_and_has_no_address() -> None:
    folder = Path(__file__).resolve().parents[2] / "assets"
    lock = json.loads((folder / "package-lock.json").read_text("utf-8"))
    wanted = json.loads((folder / "package.json").read_text("utf-8"))
    for name, version in {**wanted["dependencies"], **wanted["devDependencies"]}.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
        assert lock["packages"][f"node_modules/{name}"]["version"] == version
    for where, package in lock["packages"].items():
        assert "resolved" not in package
        assert not where or package["integrity"].startswith("sha512-")


def test_the_policy_allows_nothing_inline(assets: Assets) -> None:
    assert "unsafe" not in POLICY
    html = Screens(assets).html("layout.html", looking("zh", pack=Said("", "")))
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", html)
