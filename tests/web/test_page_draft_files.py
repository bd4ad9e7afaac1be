"""A play changed on its page until it may be published: its stories, its files as text, words that fit."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from people_world import NINE, TimedHouse, entry, everybody, signed_in, whole_app

from peakend.design.pack import find_pack, load_pack
from peakend.publish import publish
from peakend.web.jobs import Jobs
from peakend.web.work import KINDS
from tests.web.browsing import WIDTHS, faults_of, serving, strict_page

PLAY = "renewal-rounds"
SLOW = 120_000


@pytest.fixture(scope="module")
def house_and_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TimedHouse, str]]:
    folder = tmp_path_factory.mktemp("draft-files")
    app, house = whole_app(folder / "p.db")
    with house.store() as store:
        everybody(store)
        publish(store, load_pack(find_pack("cloud")), who="x", backtest="b", approved="", now=NINE)
    began = time.monotonic_ns()
    jobs = Jobs(
        house.store,
        str(folder / "p.db"),
        lambda: NINE + (time.monotonic_ns() - began) // 1000,
        folder / "log",
        KINDS,
    )
    house.give_jobs_to(jobs)
    jobs.start()
    try:
        with serving(app) as address:
            yield house, address
    finally:
        jobs.stop()
        house.close()


def cookie_of(house: TimedHouse, who: str, address: str) -> dict[str, str]:
    with house.store() as store:
        token = signed_in(store, who, house.instant)["Cookie"].removeprefix("peakend=")
    return {"name": "peakend", "value": token, "url": address}


def test_a_changed_time_breaks_stories_which_take_the_new_one_over_and_give_it_back(
    house_and_address: tuple[TimedHouse, str], browser: Any
) -> None:
    house, address = house_and_address
    with strict_page(browser, address, locale="en-GB", viewport={"width": 1280, "height": 900}) as page:
        page.context.add_cookies([cookie_of(house, "designer", address)])
        page.goto(f"{address}/plays/{PLAY}")
        page.get_by_role("button", name="Change").click()
        page.locator('[name="steps.0.by"]').fill("45")
        page.get_by_role("button", name="Backtest", exact=True).click()  # which saves it first
        page.locator('[name="steps.0.by"][value="45"]').wait_for()
        take_over = page.get_by_role("button", name=re.compile(r"Take over \d+ times"))
        take_over.wait_for(timeout=SLOW)
        page.get_by_text("See each of them").click()
        told = page.locator("#check").inner_text()
        assert "do not hold any more" in told and "stories/01-renewed-in-the-middle.yaml:15" in told
        take_over.click()
        page.get_by_text("Every story holds").wait_for(timeout=SLOW)
        draft = page.url.split("/drafts/")[1].split("/")[0]
        with house.store() as store:
            files, before = store.draft_files(draft), store.draft_files(draft, 0)
        story = "stories/01-renewed-in-the-middle.yaml"
        changed = [
            (old, new)
            for old, new in zip(
                before[story].decode().splitlines(), files[story].decode().splitlines(), strict=True
            )
            if old != new
        ]
        assert [old.replace("2026-03-01 10:00", "2026-02-14 10:00") for old, _ in changed] == [
            new for _, new in changed
        ]
        assert len(changed) == 2
        page.get_by_text("History").click()
        page.get_by_role("button", name="Undo this").first.click()
        take_over.wait_for(timeout=SLOW)


def test_a_story_is_mended_as_text_with_lint_and_the_words_that_fit(
    house_and_address: tuple[TimedHouse, str], browser: Any
) -> None:
    house, address = house_and_address
    with strict_page(browser, address, locale="en-GB") as page:
        page.context.add_cookies([cookie_of(house, "manager", address)])
        page.goto(f"{address}/plays/{PLAY}")
        page.get_by_role("button", name="Change").click()
        draft = page.url.split("/drafts/")[1].split("/")[0]
        page.goto(f"{address}/drafts/{draft}")
        page.get_by_text("All files").click()
        page.get_by_role("link", name=f"plays/{PLAY}.yaml", exact=True).click()
        area = page.locator("textarea#file")
        text = area.input_value()
        spot = text.index("class: ") + len("class: ")
        area.evaluate("(e, at) => { e.focus(); e.setSelectionRange(at, at); }", spot)
        page.keyboard.type("mar")
        page.keyboard.press("Control+ ")
        offered = page.locator(".offers button").first
        offered.wait_for()
        assert offered.get_attribute("data-word") == "marketing"
        page.keyboard.press("Escape")
        assert area.evaluate("e => e === document.activeElement")
        area.fill(text.replace("class: service", "class: servise", 1))
        page.locator("#file-problems .flash.bad").first.wait_for()
        assert "servise" in page.locator("#file-problems").inner_text()
        page.get_by_role("button", name="Save the file").click()
        link = page.locator("#problems .flash.bad a").first
        link.click()
        page.wait_for_url("**?line=*")
        marked = area.evaluate("e => e.value.slice(e.selectionStart, e.selectionEnd)")
        assert "servise" in marked
        area.fill(text)
        page.get_by_role("button", name="Save the file").click()
        page.get_by_text("Saved in the draft").wait_for()
        assert page.locator("#problems .flash.bad").count() == 0


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("language", "scheme"), [("zh", "light"), ("en", "dark")])
def test_the_pages_of_plays_fit_and_have_no_serious_fault(
    house_and_address: tuple[TimedHouse, str], browser: Any, language: str, scheme: str, width: int
) -> None:
    house, address = house_and_address
    with house.store() as store:
        admin = store.account("admin")
        assert admin
        store.save_account(replace(admin, language=language), entry("account.changed"))
    with strict_page(browser, address, color_scheme=scheme, viewport={"width": width, "height": 900}) as page:
        page.context.add_cookies([cookie_of(house, "admin", address)])
        page.goto(f"{address}/plays/{PLAY}")
        page.locator("form[action$='/edit'] button").click()
        draft = page.url.removeprefix(address)
        id_ = draft.split("/")[2]
        for path in (
            "/plays",
            f"/plays/{PLAY}",
            draft,
            f"/drafts/{id_}",
            f"/drafts/{id_}/files/texts/{_a_text(house, id_)}?line=3",
        ):
            page.goto(f"{address}{path}")
            page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            assert faults_of(page) == [], path


def _a_text(house: TimedHouse, draft: str) -> str:
    with house.store() as store:
        return next(
            Path(one).relative_to("texts").as_posix()
            for one in store.draft_files(draft)
            if one.startswith("texts/")
        )
