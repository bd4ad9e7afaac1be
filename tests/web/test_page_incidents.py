"""A major incident: whom it concerns, who has heard, who has not, the next word, and a list to print."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from msgspec.structs import replace
from people_world import TimedHouse, client, entry, key_of

from peakend.web.daily.outages import outage_of, outages_of
from peakend.when import MINUTE
from tests.web.browsing import WIDTHS, faults_of, serving, strict_page
from tests.web.busy_world import REGION, asking, living, sign_in

Living = tuple[FastAPI, TimedHouse]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Living]:
    with living(tmp_path) as found:
        yield found


def test_everybody_concerned_is_either_reached_or_on_the_list_to_call(world: Living) -> None:
    house = world[1]
    with house.store() as store:
        (brief, *_) = outages_of(store, house.instant)
        assert (brief.subject, brief.kind) == (REGION, "region.degraded")
        asked = [outage_of(store, house.pack(), REGION, house.instant, show, "", 200) for show in SHOWS]
        concerned = store.list_affected(REGION, house.instant - 70 * MINUTE, limit=200).rows
        messages = store.messages_since([one.customer for one in concerned], house.instant - 70 * MINUTE)
    unreached, reached, everybody = ({one.customer for one in found.customers} for found in asked)
    assert everybody == {one.customer for one in concerned} and len(everybody) >= 12
    assert unreached | reached == everybody and not unreached & reached
    heard = {
        one.planned.customer
        for one in messages
        if one.state in ("accepted", "delivered") and one.planned.channel != "card"
    }
    assert reached == heard and reached
    whole = asked[2]
    assert (whole.affected, whole.reached) == (len(everybody), len(reached))
    assert whole.next_word == house.instant + 20 * MINUTE
    assert [one.kind for one in whole.words] == ["region.degraded"]
    assert whole.words[0].fields["known"] == "机房一路供电中断"


SHOWS: Any = ("unreached", "reached", "all")


def test_pages_of_the_list_show_each_customer_once(world: Living) -> None:
    app, house = world
    with house.store() as store:
        reads = key_of(store, "read")
    with client(app) as asks:
        assert asks.get("/api/v1/incidents", headers=reads).json()["incidents"][0]["subject"] == REGION
        names, after = [], ""
        while True:
            way = f"/api/v1/incidents/{REGION}?show=all&limit=5&after={after}"
            found = asks.get(way, headers=reads).json()
            names += [one["customer"] for one in found["customers"]]
            after = found["after"]
            if not after:
                break
        assert len(names) == len(set(names)) == found["affected"]
        assert asks.get("/api/v1/incidents/region:nowhere", headers=reads).status_code == 404


def test_the_page_says_what_is_due_and_that_a_promised_word_did_not_come(world: Living) -> None:
    app, house = world
    with asking(app, house, "viewer") as viewer:
        assert "Region cn-east-2" in viewer.get("/incidents").text
        page = viewer.get(f"/incidents/{REGION}?show=all").text
        assert "机房一路供电中断" in page and "in 20 min" in page
        house.instant += 25 * MINUTE
        page = viewer.get(f"/incidents/{REGION}").text
        assert "The promised time has passed" in page
        assert viewer.get("/incidents/region:nowhere").status_code == 404
        assert viewer.get(f"/incidents/{REGION}?show=nobody").status_code == 422


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
    token = sign_in(house, "manager")["Cookie"].partition("=")[2]
    options = {"viewport": {"width": width, "height": 844}}
    with serving(app) as address, strict_page(browser, address, **options) as page:
        page.context.add_cookies([{"name": "peakend", "value": token, "url": address}])
        for path in ("/incidents", f"/incidents/{REGION}", f"/incidents/{REGION}?show=all&printed=1"):
            page.goto(f"{address}{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            assert faults_of(page) == [], path
        page.emulate_media(media="print")
        assert not page.locator(".no-print").first.is_visible()
        assert page.locator("tbody tr").first.is_visible()
