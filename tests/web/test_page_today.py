"""Today: what happens now, what is at risk, what waits; live, in a browser and as JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from msgspec.structs import replace
from people_world import TimedHouse, client, entry, everybody, key_of, whole_app

from peakend.loop import Loop
from peakend.loop.inlet import Inlet
from peakend.model.event import ANNOUNCED, BUILT_IN, DERIVED, OF_THE_LOOP
from peakend.model.stored import Recorded
from peakend.tell.kinds import KINDS
from peakend.tell.names import Names
from peakend.web.daily.today import happened, today_of
from peakend.when import HOUR, MINUTE, format_instant, zone
from tests.web.browsing import WIDTHS, faults_of, serving, strict_page
from tests.web.busy_world import HOSTILE, asking, busy, living, sign_in

Living = tuple[FastAPI, TimedHouse]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Living]:
    with living(tmp_path) as found:
        yield found


def test_what_runs_out_first_comes_first_with_its_share_used_up(world: Living) -> None:
    house = world[1]
    with house.store() as store:
        found = today_of(store, house.pack(), zone("Asia/Shanghai"), house.instant)
    first = found.at_risk[0]
    assert (first.touchpoint, first.key, first.standard) == ("incident", "INC-77", "first-reply")
    assert first.deadline - house.instant == 5 * MINUTE and first.share == pytest.approx(2 / 3)
    assert [one.deadline for one in found.at_risk] == sorted(one.deadline for one in found.at_risk)
    assert all(one.deadline - house.instant <= 4 * HOUR for one in found.at_risk)
    assert {one.key for one in found.moments} >= {"INC-76", "INC-77"}
    assert len({(one.customer, one.key) for one in found.moments}) == len(found.moments)
    assert first.customer_name and first.moment_of_truth


def test_the_page_counts_what_the_store_holds(world: Living) -> None:
    house = world[1]
    with house.store() as store:
        found = today_of(store, house.pack(), zone("Asia/Shanghai"), house.instant)
        counts = store.card_counts(house.instant)
        sent = store.sent_counts(found.since, house.instant + 1)
        stopped = [
            one for one in store.verdict_counts(found.since, house.instant + 1) if one.outcome == "suppress"
        ]
    assert sum(one.waiting for one in found.cards) == sum(one.waiting for one in counts) > 0
    assert sum(one.sent + one.under_way + one.failed for one in found.sent) == sum(
        one.number for one in sent if one.state not in ("withdrawn", "expired")
    )
    assert found.stopped_number == sum(one.number for one in stopped)
    assert found.week.miserable >= 1 and found.week.worst[0].key == "INC-70"
    assert found.newest[0].kind == "incident.opened" and found.newest[0].number == 1
    assert any(one.kind == "region.degraded" and one.number > 10 for one in found.newest)
    with asking(*world, "viewer") as viewer:
        page = viewer.get("/").text
    assert "First reply · P1" in page and "INC-77" in page and HOSTILE not in page
    assert "Times are in Asia/Shanghai" in page


def test_no_kind_of_ours_is_shown_by_its_code(world: Living) -> None:
    house = world[1]
    ours = [*BUILT_IN, *ANNOUNCED, *DERIVED, *OF_THE_LOOP]
    bare = Names(replace(busy().pack, head=replace(busy().pack.head, words={})))
    assert set(KINDS) == set(ours)
    assert not [kind for kind in ours for said in bare.of(kind) if said == kind or "." in said]
    with house.store() as store:
        store.announce("play.paused", {}, house.instant)
        store.announce("play.resumed", {}, house.instant + 1)
        newest = today_of(store, house.pack(), zone("Asia/Shanghai"), house.instant).newest
    assert [one.kind for one in newest[:2]] == ["play.resumed", "play.paused"]
    with asking(*world, "viewer") as viewer:
        page = viewer.get("/").text
    assert "All customers · plays were paused" in page
    assert not [kind for kind in ours if f"· {kind}" in page]


def test_what_the_loop_notes_down_for_itself_is_no_news(tmp_path: Path, world: Living) -> None:
    kinds = ["incident.opened", *OF_THE_LOOP, "play.paused"]
    rows = [Recorded("", kind, n, n, n, "{}", "", "", "") for n, kind in enumerate(kinds)]
    assert [one.kind for one in happened(rows, 15)] == ["incident.opened", "play.paused"]
    house = whole_app(tmp_path / "new.db")[1]
    with house.store() as store:
        store.announce("pack.published", {"hash": "x", "revived": ""}, house.instant)
        found = today_of(store, house.pack(), zone("UTC"), house.instant)
    assert not found.events  # that a version was published connects no events
    house.close()


def test_a_fresh_installation_is_told_three_steps(tmp_path: Path) -> None:
    app, house = whole_app(tmp_path / "new.db")
    with house.store() as store:
        everybody(store)
    with asking(app, house, "admin") as admin:
        page = admin.get("/today").text
    for said, way in (
        ("Publish a pack", "/plays"),
        ("Connect your customer events", "/settings/keys"),
        ("Invite colleagues", "/settings/people"),
    ):
        assert said in page
        assert (way in page) == (way != "/settings/people")  # five people are here: that step is done
    assert 'id="now"' not in page
    house.close()


def test_today_is_json_for_programs(world: Living) -> None:
    app, house = world
    with house.store() as store:
        reads = key_of(store, "read")
        events = key_of(store, "events:write")
    with client(app) as asks:
        found = asks.get("/api/v1/today", headers=reads).json()
        assert found["at_risk"][0]["key"] == "INC-77" and found["published"] is True
        assert asks.get("/api/v1/today", headers=events).status_code == 403
        assert asks.get("/api/v1/today").status_code == 401


# --- live


def news_of(lines: Iterator[str]) -> tuple[str, dict[str, Any]]:
    """The next event of a stream: its id and its data."""
    id_ = ""
    for line in lines:
        if line.startswith("id: "):
            id_ = line[4:]
        elif line.startswith("data: "):
            return id_, json.loads(line[6:])
    raise AssertionError("the stream has ended")


def opens(house: TimedHouse, number: int) -> None:
    """One more incident comes in and is folded."""
    body = {
        "id": f"live-{number}", "customer": "c000001", "kind": "incident.opened",
        "data": {"incident_id": f"L-{number}", "priority": "P1"}, "at": format_instant(house.instant),
    }  # fmt: skip
    pack = busy().pack
    with house.store() as store:
        (taken,) = Inlet(store, pack).take([json.dumps(body).encode()], "desk", house.instant)
        assert taken.outcome == "taken", taken
        loop = Loop(store, pack, worker="live")
        loop.own(house.instant)
        while loop.work(house.instant):
            pass
        store.release_shards("live")


def test_what_is_new_is_told_and_what_was_missed_is_told_first(world: Living) -> None:
    app, house = world
    with house.store() as store:
        reads = key_of(store, "read")
    with serving(app) as address, httpx.Client(base_url=address, headers=reads, timeout=10) as asks:
        with asks.stream("GET", "/api/v1/stream") as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            lines = answer.iter_lines()
            place, first = news_of(lines)
            assert first["events"] == 0 and first["newest"] == []
            opens(house, 1)
            place, fresh = news_of(lines)
            while not fresh["events"]:
                place, fresh = news_of(lines)
            assert (fresh["newest"][0]["kind"], fresh["newest"][0]["customer"]) == (
                "incident.opened",
                "c000001",
            )
            assert fresh["outputs"] and fresh["newest"][0]["says"]
        opens(house, 2)
        with asks.stream("GET", "/api/v1/stream", headers={"last-event-id": place}) as answer:
            assert news_of(answer.iter_lines())[1]["events"] == 1
        assert asks.get("/api/v1/stream?after=made-up").status_code in (400, 503)


def test_many_watch_and_the_store_is_asked_once(world: Living) -> None:
    app, house = world
    with house.store() as store:
        reads = key_of(store, "read")
    live = app.state.live
    with (
        serving(app) as address,
        httpx.Client(base_url=address, headers=reads, timeout=10) as asks,
        asks.stream("GET", "/api/v1/stream") as one,
        asks.stream("GET", "/api/v1/stream") as two,
        asks.stream("GET", "/api/v1/stream") as three,
    ):
        all_lines = [answer.iter_lines() for answer in (one, two, three)]
        for lines in all_lines:
            news_of(lines)
        before = live.looks
        time.sleep(2.5)
        assert 1 <= live.looks - before <= 3  # not once for each of them
        opens(house, 3)
        assert all(news_of(lines)[1]["newest"] for lines in all_lines)
        house.ending.set()  # the server is about to end: nobody is kept waiting
        for lines in all_lines:
            assert not [line for line in lines if line.startswith("event")]
    assert live.watching == 0


def speak(house: TimedHouse, language: str) -> None:
    with house.store() as store:
        found = store.account("manager")
        assert found
        store.save_account(replace(found, language=language), entry())


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_today_fits_has_no_serious_fault_and_ticks(
    browser: Any, world: Living, language: str, width: int
) -> None:
    app, house = world
    speak(house, language)
    token = sign_in(house, "manager")["Cookie"].partition("=")[2]
    options = {"viewport": {"width": width, "height": 844}, "timezone_id": "Europe/London"}
    with serving(app) as address, strict_page(browser, address, **options) as page:
        page.context.add_cookies([{"name": "peakend", "value": token, "url": address}])
        page.goto(f"{address}/")
        page.locator('[data-live="on"]').wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert faults_of(page) == []
        opens(house, 4)
        page.locator("[data-ticker] li.fresh").wait_for()
        fresh = page.locator("[data-ticker] li").first
        assert fresh.locator("time").inner_text() == "15:20"  # in the zone that the page names
        page.locator("#now", has_text="L-4").wait_for()  # the part that changed asked again
