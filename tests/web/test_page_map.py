"""The journey map and a touchpoint from near: what was lived, as of when, in both languages and widths."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from people_world import client, everybody, signed_in, whole_app
from store_looking_contract import give

from peakend.model.stored import Recorded
from peakend.web.known import known_of
from peakend.web.reckoning import FRESH
from peakend.web.reckoning import reckoned as newest
from peakend.web.touchpoint import touchpoint
from tests.web.at_work import AtWork, at_work
from tests.web.browsing import WIDTHS, faults_of, serving, strict_page
from tests.web.world import World

HOSTILE = "太慢了，等了三天 <script>alert(1)</script>"


def ask(reckoned: AtWork, path: str, **who: Any) -> httpx.Response:
    with client(reckoned.app) as browser:
        return browser.get(path, headers=reckoned.signed_in(**who))


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html))).replace("\u00ad", "")


def test_the_map_shows_every_touchpoint_with_what_was_lived_there(reckoned: AtWork) -> None:
    pack = reckoned.world.pack
    html = ask(reckoned, "/map").text
    known = known_of(reckoned.house)
    assert known and known.told.encounters > 100
    for name, point in known.points.items():
        assert f'href="/map/{name}"' in html
        assert point.title["en"] in text_of(html)
        if point.encounters and point.emotion is not None:
            assert f"n = {point.encounters}" in text_of(html)
    for one in known.points["request"].standards:
        assert one.kept.low is not None and one.kept.high is not None
        low, high = round(100 * one.kept.low), round(100 * one.kept.high)
        assert f"{low}–{high} %, n={one.kept.decided}" in html
    declared = [name for name, point in pack.touchpoints.items() if point.moment_of_truth]
    assert html.count("Declared moment of truth") == 2 * len(declared) > 0  # the table, and the cards
    assert 'class="band"' in html and "Figures as of" in html
    assert "Backstage" not in html and "A war room" not in html


def test_the_blueprint_is_unfolded_and_folded_by_address(reckoned: AtWork) -> None:
    html = ask(reckoned, "/map?blueprint=1", language="zh").text
    assert "作战室并行排查" in html and "可见线" in html and "收起服务蓝图" in html


def test_a_touchpoint_tells_its_encounters_with_the_facts_why(reckoned: AtWork) -> None:
    html = ask(reckoned, "/map/request").text
    assert "Latest encounters" in html and "Because" in html
    with reckoned.house.store() as store:
        known = known_of(reckoned.house)
        assert known is not None
        told = known.points["request"]
        whole = touchpoint(told, known.pack, known.reckoned.mapped, store, reckoned.house.instant)
        rows = list(whole.encounters.rows)
        while whole.encounters.next:
            whole = touchpoint(
                *(told, known.pack, known.reckoned.mapped, store, reckoned.house.instant),
                after=whole.encounters.next,
            )
            rows += whole.encounters.rows
    settled = [one for one in rows if one.settled]
    assert len(settled) == told.encounters > 20
    assert len({(one.customer, one.key, one.begun) for one in rows}) == len(rows)
    assert rows[0].because["en"] in html
    miserable = ask(reckoned, "/map/request?state=miserable", language="zh").text
    assert miserable.count('class="sense miserable') == sum(one.state == "miserable" for one in rows)
    assert 'class="sense magical' not in miserable


def test_what_customers_wrote_is_shown_as_they_wrote_it(world: World, tmp_path: Path) -> None:
    with at_work(world, tmp_path) as own:
        with own.house.store() as store:
            incident, other = '"incident_id":"INC1"', '"request_id":"R1"'
            written = [
                Recorded("c-9", "survey.answered", world.now, world.now, 1, data, "t", str(n), "")
                for n, data in enumerate(
                    (
                        f'{{"survey":"incident","score":2,{incident},"comment":"{HOSTILE}"}}',
                        f'{{"survey":"request","score":5,{other},"comment":"a word about another one"}}',
                        f'{{"survey":"incident","score":5,{incident}}}',
                    )
                )
            ]
            give(store, events=written)
        html = ask(own, "/map/incident").text
    assert "太慢了，等了三天 &lt;script&gt;" in html and "<script>alert" not in html
    assert "rated 2" in html and "another one" not in html and "relationship" not in html


def test_a_standard_has_a_course_with_its_interval_and_its_number(reckoned: AtWork) -> None:
    html = ask(reckoned, "/map/request?standard=promise").text
    chart = re.search(r'data-chart="([^"]+)"', html)
    assert chart and "whisker" in chart[1]
    known = known_of(reckoned.house)
    assert known and known.reckoned.mapped
    months = known.reckoned.mapped.touchpoints["request"].months["promise"]
    assert len(months) > 1
    for month, kept in months.items():
        assert month in html and f">{kept.kept + kept.breached}<" in html


def test_plays_say_what_they_did_and_no_effect(reckoned: AtWork) -> None:
    html = text_of(ask(reckoned, "/map/incident").text)
    known = known_of(reckoned.house)
    assert known and known.reckoned.mapped
    did = known.reckoned.mapped.plays["survey-incident"]
    assert did.exposed["play"] > 0
    assert f"{did.exposed['play']} in the play, {did.exposed.get('holdout', 0)} held out" in html
    assert "no effect is reckoned yet" in html and "No holdout to compare with" in html


def test_a_name_that_is_none_is_said_and_a_place_that_is_none_is_refused(reckoned: AtWork) -> None:
    found = ask(reckoned, "/map/<b>no")
    assert found.status_code == 404 and "&lt;b&gt;no" in found.text
    assert ask(reckoned, "/map/incident?state=happy").status_code == 422
    assert ask(reckoned, "/map/incident?after=nonsense").status_code == 400


def test_figures_are_reckoned_anew_once_they_are_old_and_never_twice_at_once(
    world: World, tmp_path: Path
) -> None:
    with at_work(world, tmp_path, jobs=True) as own:
        first = text_of(ask(own, "/map").text)
        assert "Nothing was added up yet" not in first and "Adding up the encounters" in first
        ask(own, "/map")
        with own.house.store() as store:
            (job,) = store.jobs(kind="map")
        assert own.over(job).state == "done"
        assert "Figures as of" in ask(own, "/map").text
        with client(own.app) as browser:
            answer = browser.get("/map/progress", headers=own.signed_in())
            assert answer.headers["hx-refresh"] == "true"
        with own.house.store() as store:
            assert len(store.jobs(kind="map")) == 1
        own.house.instant += FRESH
        ask(own, "/map")
        with own.house.store() as store:
            assert len(store.jobs(kind="map")) == 2
            assert newest(store).mapped is not None  # the older figures stand until the new ones are there
        own.over(store_job(own))


def store_job(own: AtWork) -> Any:
    with own.house.store() as store:
        return store.jobs(kind="map")[0]


def test_without_a_pack_the_map_says_what_to_do(tmp_path: Path) -> None:
    app, house = whole_app(tmp_path / "empty.db")
    with house.store() as store:
        everybody(store)
        headers = signed_in(store, "viewer") | {"Accept": "text/html"}
    with client(app) as browser:
        found = browser.get("/map", headers=headers)
    house.close()
    assert found.status_code == 200 and "No journey map yet" in found.text and 'href="/plays"' in found.text


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_map_fits_and_has_no_serious_fault(
    browser: Any, reckoned: AtWork, tmp_path: Path, language: Any, width: int
) -> None:
    cookie = reckoned.signed_in(language=language)["Cookie"].partition("=")
    with (
        serving(reckoned.app) as address,
        strict_page(browser, address, viewport={"width": width, "height": 844}) as page,
    ):
        page.context.add_cookies([{"name": cookie[0], "value": cookie[2], "url": address}])
        for path in ("/map", "/map?blueprint=1", "/map/request"):
            page.goto(f"{address}{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert faults_of(page) == []
        page.locator("[data-chart] canvas").first.wait_for()
        page.goto(f"{address}/map")
        page.get_by_role("link", name="故障处理" if language == "zh" else "Incident handling").first.click()
        page.wait_for_url("**/map/incident")
