"""Messages: found, read with why, decided by a person, released as they were seen."""

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

from peakend.model.account import AuditQuery
from peakend.model.looked import AskedMessages
from peakend.model.publication import Paused
from peakend.model.stored import Message
from peakend.web.daily.letters import waits_for
from peakend.web.locale import Words
from tests.web.browsing import WIDTHS, faults_of, serving, strict_page
from tests.web.busy_world import asking, living, sign_in

Living = tuple[FastAPI, TimedHouse]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Living]:
    with living(tmp_path) as found:
        yield found


@pytest.fixture
def manager(world: Living) -> Iterator[httpx.Client]:
    with asking(*world, "manager") as found:
        yield found


def sent(house: TimedHouse, channel: str = "wecom") -> list[Message]:
    with house.store() as store:
        found = store.list_messages(AskedMessages(channel=channel, states=("accepted",))).rows
    assert len(found) > 3
    return found


def in_doubt(house: TimedHouse) -> str:
    """A message of which nobody can say whether it arrived, as a courier leaves it."""
    key = sent(house)[0].planned.send_key
    with house.store() as store:
        assert store.decide(key, "unknown", house.instant, "cut")
    return key


def under_review(house: TimedHouse, number: int) -> list[str]:
    keys = [one.planned.send_key for one in sent(house)[:number]]
    with house.store() as store:
        for key in keys:
            assert store.decide(key, "planned", house.instant, "again")
        assert store.hold_for_review(house.instant) >= number
    return keys


def test_messages_are_found_by_state_channel_play_customer_and_day(
    world: Living, manager: httpx.Client
) -> None:
    house = world[1]
    one = sent(house)[0].planned
    everything = manager.get("/messages").text
    assert f'href="/messages/{one.send_key}"' in everything
    for asked, holds in (
        (f"customer={one.customer}&channel={one.channel}&play={one.play}&state=accepted", True),
        ("state=failed", False),
        ("channel=sms&play=annual-review", False),
        ("until=2020-01-01", False),
        ("since=2999-01-01", False),
        ("since=nonsense&state=nonsense", True),
    ):
        page = manager.get(f"/messages?{asked}")
        assert page.status_code == 200 and (f"/messages/{one.send_key}" in page.text) == holds, asked
    assert "No message fits" in manager.get("/messages?state=failed").text


def test_pages_of_the_list_show_everything_once(world: Living) -> None:
    app, house = world
    with house.store() as store:
        reads, number = key_of(store, "read"), sum(store.message_counts().values())
    with client(app) as asks:
        keys, after = [], ""
        while True:
            found = asks.get(f"/api/v1/messages?limit=7&after={after}", headers=reads).json()
            keys += [one["key"] for one in found["messages"]]
            after = found["after"]
            if not after:
                break
    assert len(keys) == len(set(keys)) == number


def test_a_message_shows_its_words_its_receipt_and_why(world: Living, manager: httpx.Client) -> None:
    one = sent(world[1])[0].planned
    page = manager.get(f"/messages/{one.send_key}").text
    assert "a trial: nothing was sent" in page and "let it go" in page and "Decided" in page
    words = re.search(r'sent-words">(.+?)</p>', page, re.S)
    assert words and len(words[1]) > 20
    assert manager.get("/messages/nothing").status_code == 404


def test_what_is_planned_and_what_left_stand_side_by_side_and_what_waits_says_for_what(
    world: Living, manager: httpx.Client
) -> None:
    house = world[1]
    one = sent(house)[0]
    key, now = one.planned.send_key, house.instant
    row = re.compile(rf'<tr><th scope="row"><a href="/messages/{key}">.+?</tr>', re.S)

    def told(path: str = f"/messages?customer={one.planned.customer}&channel={one.planned.channel}") -> str:
        page = row.search(manager.get(path).text)
        assert page
        return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page[0]))

    assert 'data-label="Planned for"' in manager.get("/messages").text
    assert re.search(r"Sent .+\d\d:\d\d .*Left .*\d\d:\d\d .*nothing was sent", told())
    waits = [
        (dict(state="unknown"), "Waits for a decision whether it arrived"),
        (dict(state="review"), "Waits for somebody"),
        (dict(changed=0, attempts=0, since=now + 1), "Waits for its time"),
        (dict(attempts=0, since=now + 1), "Waits for the end of quiet hours"),
        (dict(attempts=2, since=now + 1), "tries again at the planned time"),
        (dict(since=now), "waits for its turn at the rate of its channel"),
        (dict(state="accepted"), ""),
    ]
    paused = Paused(False, frozenset(), frozenset())
    words = Words("en")
    for changes, said in waits:
        planned = replace(one.planned, since=changes.pop("since", one.planned.since))
        found = waits_for(replace(one, **{"state": "planned", **changes}, planned=planned), paused, now)
        assert said in words(f"messages.waits_{found}") if said else not found
    assert waits_for(replace(one, state="planned"), paused._replace(everything=True), now) == "paused"
    with house.store() as store:
        store.decide(key, "unknown", now, "cut")
    assert "result unknown" in told() and "Waits for a decision whether it arrived" in told()
    page = manager.get(f"/messages/{key}").text
    assert "Planned for" in page and "result unknown" in page


def test_the_unknown_is_decided_by_a_manager_and_the_record_says_who(
    world: Living, manager: httpx.Client
) -> None:
    app, house = world
    key = in_doubt(house)
    assert "Your decision" in manager.get(f"/messages/{key}").text
    with asking(app, house, "designer") as designer:
        assert "Your decision" not in designer.get(f"/messages/{key}").text
        assert designer.post(f"/messages/{key}/decide", data={"what": "delivered"}).status_code == 403
    answer = manager.post(f"/messages/{key}/decide", data={"what": "delivered"})
    assert answer.headers["location"] == f"/messages/{key}?did=decided"
    with house.store() as store:
        found = store.delivery(key)
        assert found and (found.state, found.receipt) == ("delivered", "delivered: manager")
        (entry_,) = store.recorded_changes(AuditQuery(what="message.decided"))
        assert (entry_.who, entry_.before, entry_.after) == ("manager", "unknown", "delivered")
    again = manager.post(f"/messages/{key}/decide", data={"what": "again"})
    assert again.status_code == 400 and "Look at it again" in again.text
    assert manager.post(f"/messages/{key}/decide", data={"what": "lost"}).status_code == 422


def test_what_failed_by_a_persons_word_tries_the_next_way_or_tells_the_log(
    world: Living, manager: httpx.Client
) -> None:
    house = world[1]
    key = in_doubt(house)
    assert manager.post(f"/messages/{key}/decide", data={"what": "failed"}).status_code == 303
    with house.store() as store:
        found = store.delivery(key)
        assert found and found.state == "failed"
        others = [one for one in store.deliveries_of(found.planned.message) if one.planned.send_key != key]
        told = store.arrival("peakend", f"failed|{found.planned.message}")
    assert told is not None or any(one.state in ("planned", "accepted") for one in others)


def test_what_is_under_review_is_released_as_it_was_seen(world: Living, manager: httpx.Client) -> None:
    app, house = world
    keys = under_review(house, 3)
    assert "3 under review" in manager.get("/messages").text
    seen = manager.get("/messages/review").text
    assert "Release these 3" in seen
    mark = re.search(r'name="mark" value="(\w+)"', seen)
    assert mark
    with house.store() as store:
        store.decide(keys[0], "withdrawn", house.instant, "by hand")
    changed = manager.post("/messages/review", data={"mark": mark[1]})
    assert changed.status_code == 400 and "has changed since you looked" in changed.text
    again = re.search(r'name="mark" value="(\w+)"', manager.get("/messages/review").text)
    assert again
    with asking(app, house, "frontline") as frontline:
        assert frontline.post("/messages/review", data={"mark": again[1]}).status_code == 403
    answer = manager.post("/messages/review", data={"mark": again[1]})
    assert answer.headers["location"] == "/messages?did=released&n=2"
    with house.store() as store:
        states = [one.state for key in keys if (one := store.delivery(key))]
        assert states == ["withdrawn", "planned", "planned"]
        assert store.recorded_changes(AuditQuery(what="message.released"))[0].after == "2"
    assert "Nothing is under review" in manager.get("/messages/review").text


def test_programs_decide_and_release_over_the_api(world: Living) -> None:
    app, house = world
    with house.store() as store:
        reads, writes = key_of(store, "read"), key_of(store, "write")
    key = in_doubt(house)
    with client(app) as asks:
        one = asks.get(f"/api/v1/messages/{key}", headers=reads).json()
        assert one["state"] == "unknown" and one["words"] and one["verdict"]["outcome"] == "send"
        body = {"what": "withdrawn"}
        assert asks.post(f"/api/v1/messages/{key}/decide", json=body, headers=reads).status_code == 403
        done = asks.post(f"/api/v1/messages/{key}/decide", json=body, headers=writes).json()
        assert done["state"] == "withdrawn"
        under_review(house, 2)
        review = asks.get("/api/v1/messages/review", headers=writes).json()
        assert review["number"] == 2 and review["channels"] == [["wecom", 2]]
        way = "/api/v1/messages/review/release"
        assert asks.post(way, json={"mark": "another"}, headers=writes).status_code == 400
        assert asks.post(way, json={"mark": review["mark"]}, headers=writes).json() == {"released": 2}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_fit_and_have_no_serious_fault(
    browser: Any, world: Living, language: str, width: int
) -> None:
    app, house = world
    with house.store() as store:
        found = store.account("manager")
        assert found
        store.save_account(replace(found, language=language), entry())
    key = in_doubt(house)
    token = sign_in(house, "manager")["Cookie"].partition("=")[2]
    options = {"viewport": {"width": width, "height": 844}}
    with serving(app) as address, strict_page(browser, address, **options) as page:
        page.context.add_cookies([{"name": "peakend", "value": token, "url": address}])
        for path in ("/messages", f"/messages/{key}", "/messages/review"):
            page.goto(f"{address}{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            assert faults_of(page) == [], path
        page.goto(f"{address}/messages")
        page.locator("#q-state").select_option("unknown")
        page.wait_for_url("**/messages?*state=unknown*")
        assert page.locator("#rows tbody tr").count() == 1
