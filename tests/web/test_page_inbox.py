"""The inbox: cards in the order of their urgency, done in three taps, with and without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from msgspec.structs import replace
from people_world import TimedHouse, client, entry, key_of

from peakend.model.looked import AskedCards, AskedEvents
from peakend.web.daily.cards import desk_of
from peakend.when import HOUR
from tests.web.browsing import WIDTHS, faults_of, serving, strict_page
from tests.web.busy_world import asking, living, sign_in

Living = tuple[FastAPI, TimedHouse]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Living]:
    with living(tmp_path) as found:
        yield found


@pytest.fixture
def frontline(world: Living) -> Iterator[httpx.Client]:
    with asking(*world, "frontline") as found:
        yield found


def waiting(house: TimedHouse) -> list[Any]:
    with house.store() as store:
        return store.list_cards(AskedCards(waiting_at=house.instant)).rows


def test_the_most_urgent_card_comes_first_with_its_four_headings_and_facts(
    world: Living, frontline: httpx.Client
) -> None:
    cards = waiting(world[1])
    assert len(cards) > 5
    page = frontline.get("/inbox")
    keys = re.findall(r'<li data-row="(\w+)">', page.text)
    assert keys == [one.send_key for one in cards]
    assert f'data-card="{cards[0].send_key}"' in page.text
    for heading in ("What they may fear", "What to do", "What you may offer", "How to follow up"):
        assert f"<h3>{heading}</h3>" in page.text
    with world[1].store() as store:
        note = store.note(cards[0].send_key)
    assert note and "预判语句" in note.body and "预判语句" not in page.text  # read in the reader's language
    assert f'href="/customers/{cards[0].customer}"' in page.text


def test_the_navigation_says_how_much_waits(world: Living, frontline: httpx.Client) -> None:
    house, number = world[1], len(waiting(world[1]))
    assert f'<span class="hush">{number} waiting</span>' in frontline.get("/").text
    for n, work in enumerate(("done", "snooze"), 1):
        back = {"back": "/inbox", "until": "hour"}
        answer = frontline.post(f"/inbox/{waiting(house)[0].send_key}/{work}", data=back)
        after = frontline.get(answer.headers["location"]).text
        assert (
            after.count(f'<span class="hush">{number - n} waiting</span>') == 2
        )  # beside the page, and below
    house.instant += 2_000_000
    assert f'<span class="hush">{number - 2} waiting</span>' in frontline.get("/").text


def test_a_card_is_done_with_a_word_and_the_log_hears_of_it(world: Living, frontline: httpx.Client) -> None:
    card = waiting(world[1])[0]
    told = {"choice": "Reached", "result": "answer on Wednesday", "back": "/inbox?role=cto"}
    answer = frontline.post(f"/inbox/{card.send_key}/done", data=told)
    assert (answer.status_code, answer.headers["location"]) == (303, "/inbox?role=cto&did=done")
    with world[1].store() as store:
        done = store.note(card.send_key)
        assert done and (done.state, done.changed_by) == ("done", "frontline")
        assert done.result == "Reached; answer on Wednesday"
        assert store.arrival("peakend", f"card.done|{card.send_key}") is not None
    assert card.send_key not in [one.send_key for one in waiting(world[1])]
    again = frontline.post(f"/inbox/{card.send_key}/done", data=told)
    assert again.status_code == 400 and "already" in again.text and "<html" in again.text
    shown = frontline.get(f"/inbox/{card.send_key}?which=done")
    assert "Done by frontline" in shown.text and "answer on Wednesday" in shown.text
    assert f'action="/inbox/{card.send_key}/done"' not in shown.text


def test_a_card_is_put_off_and_comes_back(world: Living, frontline: httpx.Client) -> None:
    house, card = world[1], waiting(world[1])[0]
    assert frontline.post(f"/inbox/{card.send_key}/snooze", data={"until": "hour"}).status_code == 303
    assert card.send_key not in frontline.get("/inbox").text
    assert card.send_key in frontline.get("/inbox?which=snoozed").text
    house.instant += 2 * HOUR
    assert card.send_key in frontline.get("/inbox").text
    for wrong in ("", "2020-01-01T09:00", "never"):
        assert frontline.post(f"/inbox/{card.send_key}/snooze", data={"at": wrong}).status_code == 400


def test_a_card_is_taken_handed_over_and_remarked_on(world: Living, frontline: httpx.Client) -> None:
    card = waiting(world[1])[0]
    way = f"/inbox/{card.send_key}"
    frontline.post(f"{way}/hand-over", data={"assignee": "frontline"})
    page = frontline.get("/inbox?mine=1").text
    assert re.findall(r'<li data-row="(\w+)">', page) == [card.send_key] and "You have it" in page
    frontline.post(f"{way}/hand-over", data={"role": "cto", "text": "<b>please</b>"})
    assert "handed over" in frontline.get(f"/customers/{card.customer}/story?what=card").text
    frontline.post(f"{way}/remark", data={"text": "called twice"})
    page = frontline.get(way).text
    assert "&lt;b&gt;please&lt;/b&gt;" in page and "<b>please</b>" not in page and "called twice" in page
    assert card.send_key in frontline.get("/inbox?role=cto").text
    assert frontline.post(f"{way}/hand-over", data={}).status_code == 400


def test_an_opportunity_is_logged_once_however_often_the_form_is_sent(
    world: Living, frontline: httpx.Client
) -> None:
    card = waiting(world[1])[0]
    form = {"customer": card.customer, "touchpoint": "incident", "text": "asks for drills", "once": "a1"}
    for _ in range(2):
        answer = frontline.post("/opportunities", data=form | {"back": "//evil.example"})
        assert answer.headers["location"] == "/?did=spotted"
    with world[1].store() as store:
        found = store.arrival("peakend", "opportunity.spotted|frontline-a1")
        assert found and found.customer == card.customer and "asks for drills" in found.data
        assert store.waiting() == 1 and not store.list_events(AskedEvents(kind="opportunity.spotted")).rows


def test_a_viewer_looks_and_does_nothing(world: Living) -> None:
    card = waiting(world[1])[0]
    with asking(*world, "viewer") as viewer:
        page = viewer.get("/inbox")
        assert (
            page.status_code == 200 and "/done" not in page.text and "takes the role Frontline" in page.text
        )
        assert viewer.post(f"/inbox/{card.send_key}/done").status_code == 403
    with world[1].store() as store:
        note = store.note(card.send_key)
        assert note and note.state == "new"  # a look of somebody who cannot do it is no look


def test_what_is_not_there_is_said_and_nonsense_is_refused(frontline: httpx.Client) -> None:
    assert "There is no such card" in frontline.get("/inbox/nothing").text
    assert "No card fits" in frontline.get("/inbox?role=nobody").text
    assert frontline.get("/inbox?which=strange").status_code == 422


def test_cards_are_json_for_programs(world: Living) -> None:
    app, house = world
    with house.store() as store:
        reads, writes = key_of(store, "read"), key_of(store, "write")
    with client(app) as asks:
        listed = asks.get("/api/v1/cards?limit=2", headers=reads).json()
        assert len(listed["cards"]) == 2 and listed["waiting"] == len(waiting(house)) and listed["after"]
        following = asks.get(f"/api/v1/cards?limit=2&after={listed['after']}", headers=reads).json()
        assert {one["key"] for one in following["cards"]}.isdisjoint(one["key"] for one in listed["cards"])
        way = f"/api/v1/cards/{listed['cards'][0]['key']}"
        assert [one["heading"] for one in asks.get(way, headers=reads).json()["sections"]] == [0, 1, 2, 3]
        assert asks.post(f"{way}/done", json={"result": "x"}, headers=reads).status_code == 403
        until = asks.post(f"{way}/snooze", json={"until": "hour"}, headers=writes).json()
        assert until["state"] == "snoozed" and until["snoozed"] == house.instant + HOUR
        over = asks.post(f"{way}/hand-over", json={"role": "cto"}, headers=writes).json()
        assert over["role"] == "cto"
        done = asks.post(f"{way}/done", json={"result": "called"}, headers=writes).json()
        assert (done["state"], done["result"], done["history"][-1]["what"]) == ("done", "called", "done")
        assert asks.post(f"{way}/done", json={}, headers=writes).status_code == 400
        shape = asks.get("/api/v1/openapi.json").json()["paths"]["/api/v1/cards"]["get"]["responses"]["200"]
        assert "cards" in shape["content"]["application/json"]["schema"]["properties"]


# --- in a browser


def speak(house: TimedHouse, language: str) -> None:
    with house.store() as store:
        found = store.account("frontline")
        assert found
        store.save_account(replace(found, language=language), entry())


def open_page(browser: Any, address: str, house: TimedHouse, **options: Any) -> Any:
    token = sign_in(house, "frontline")["Cookie"].partition("=")[2]
    page = strict_page(browser, address, **options)
    return page, {"name": "peakend", "value": token, "url": address}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_inbox_fits_and_has_no_serious_fault(
    browser: Any, world: Living, language: str, width: int
) -> None:
    app, house = world
    speak(house, language)
    with serving(app) as address:
        opened, cookie = open_page(browser, address, house, viewport={"width": width, "height": 844})
        with opened as page:
            page.context.add_cookies([cookie])
            page.goto(f"{address}/inbox/{waiting(house)[0].send_key}")
            page.locator(".passage.script").wait_for()
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert faults_of(page) == []


def test_on_a_phone_a_card_is_done_in_three_taps_also_without_scripts(browser: Any, world: Living) -> None:
    app, house = world
    speak(house, "en")
    first, second = waiting(house)[:2]
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
    with serving(app) as address:
        for scripts, card in ((True, first), (False, second)):
            opened, cookie = open_page(browser, address, house, java_script_enabled=scripts, **phone)
            with opened as page:
                page.context.add_cookies([cookie])
                page.goto(f"{address}/inbox")
                page.locator(f'[data-row="{card.send_key}"] a').tap()
                page.get_by_role("radio", name="Not reached").tap()
                page.get_by_role("button", name="Done", exact=True).tap()
                if scripts:
                    page.get_by_role("button", name="Undo").wait_for()
                    assert not page.locator(f'[data-row="{card.send_key}"]').is_visible()
                    page.goto(f"{address}/")  # leaving the page does not lose it
                page.wait_for_timeout(300)
            with house.store() as store:
                note = store.note(card.send_key)
            assert note and (note.state, note.result) == ("done", "Not reached")


def test_what_was_done_by_mistake_is_taken_back_and_what_fails_comes_back(
    browser: Any, world: Living
) -> None:
    app, house = world
    speak(house, "en")
    card = waiting(house)[0]
    with serving(app) as address:
        opened, cookie = open_page(browser, address, house, viewport={"width": 1280, "height": 844})
        with opened as page:
            page.context.add_cookies([cookie])
            page.goto(f"{address}/inbox")
            row = page.locator(f'[data-row="{card.send_key}"]')
            page.get_by_role("button", name="Done", exact=True).click()
            page.get_by_role("button", name="Undo").click()
            row.wait_for()
            page.locator(f'[data-card="{card.send_key}"]').wait_for()
            with house.store() as store:
                note = store.note(card.send_key)
                assert note and note.state != "done"
                store.end_sessions("frontline", None, entry())
            page.get_by_role("button", name="Done", exact=True).click()
            page.get_by_text("was not saved").wait_for(timeout=9000)
            assert row.is_visible()
            page.complaints.clear()  # that the session was over is said by 401 and 303


@pytest.mark.parametrize("width", WIDTHS)
def test_the_last_card_done_leaves_no_badge_and_an_empty_inbox_without_a_reload(
    browser: Any, world: Living, width: int
) -> None:
    app, house = world
    speak(house, "en")
    *others, last = waiting(house)
    with house.store() as store:
        for one in others:
            desk_of(store, house.pack()).finish(one.send_key, "cto", house.instant)
    with serving(app) as address:
        opened, cookie = open_page(browser, address, house, viewport={"width": width, "height": 844})
        with opened as page:
            page.context.add_cookies([cookie])
            page.goto(f"{address}/inbox/{last.send_key}")
            badge = page.locator("#count-side-i" if width > 1000 else "#count-bar-i")
            assert badge.is_visible() and badge.inner_text().startswith("1")
            page.evaluate("window.stayed = true")
            page.get_by_role("button", name="Done", exact=True).click()
            page.get_by_text("No card is waiting").wait_for(timeout=12_000)
            assert not badge.is_visible() and page.evaluate("window.stayed")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert faults_of(page) == []


def test_the_keyboard_walks_through_the_cards(browser: Any, world: Living) -> None:
    app, house = world
    cards = waiting(house)
    with serving(app) as address:
        opened, cookie = open_page(browser, address, house, viewport={"width": 1280, "height": 844})
        with opened as page:
            page.context.add_cookies([cookie])
            page.goto(f"{address}/inbox")
            for key in ("j", "j", "k"):
                page.keyboard.press(key)
            assert page.evaluate("document.activeElement.id") == f"card-{cards[1].send_key[:16]}"
            page.keyboard.press("Enter")
            page.locator(f'[data-card="{cards[1].send_key}"]').wait_for()
            assert page.url.endswith(cards[1].send_key)
