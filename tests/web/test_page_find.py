"""Find as a page: asked, waited for, kept, and honest where the data are not enough."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from people_world import client, form_of
from store_looking_contract import give

from peakend.design.pack import find_pack, load_pack
from peakend.errors import PeakendError
from peakend.instance.lived import seen_in
from peakend.model.job import Job
from peakend.model.stored import Recorded
from peakend.moments import find
from peakend.publish import publish
from peakend.publish.segments import segments
from peakend.simulate import simulate
from peakend.store import open_store
from peakend.web.reckoning import FIND, Answer, AskedFind, answer_of, ask, questions
from tests.web.at_work import AtWork, at_work
from tests.web.browsing import WIDTHS, faults_of, serving, strict_page
from tests.web.world import DAY, World

Asked = tuple[AtWork, Job]


@pytest.fixture(scope="module")
def found(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """The application with an answer about a service of many customers, recorded and not folded."""
    folder = tmp_path_factory.mktemp("found")
    simulate(
        load_pack(find_pack("cloud")),
        folder / "log.parquet",
        customers=120,
        days=240,
        start=date(2026, 1, 1),
        seed=7,
    )
    told = seen_in(folder / "log.parquet")
    database = folder / "many.db"
    with closing(open_store(str(database))) as store:
        publish(
            store, load_pack(find_pack("cloud")), who="li", backtest="", approved="", now=told[0][0] - DAY
        )
        rows = [(seen, number, one) for number, (seen, one) in enumerate(told, 1)]
        events = [
            Recorded(one.customer, one.kind, one.at, seen, n, one.data, one.source, one.id, one.subject)
            for seen, n, one in rows
        ]
        give(store, events=events)
    many = world._replace(database=database, now=told[-1][0])
    with at_work(many, folder) as own:
        yield own, own.at_once(FIND, AskedFind(outcome="nps", window="P180D"))


@pytest.fixture(scope="module")
def lacking(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """The application with a question that the data cannot answer."""
    with at_work(world, tmp_path_factory.mktemp("lacking")) as own:
        yield own, own.at_once(FIND, AskedFind(outcome="ease", window="P30D"))


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def asked(own: AtWork, path: str, role: str = "designer", language: Any = "en") -> httpx.Response:
    with client(own.app) as browser:
        return browser.get(path, headers=own.signed_in(role, language))


def test_an_answer_is_that_of_find_over_all_that_was_recorded(found: Asked, tmp_path: Path) -> None:
    own, done = found
    assert done.state == "done", done.result
    with own.house.store() as store:
        kept = answer_of(store, done.id)
        log = segments(store, tmp_path / "log")
    assert kept is not None and kept.answer is not None
    theirs = find(own.world.pack, log, "nps", window="P180D")
    assert kept.answer.found == theirs.found and kept.answer.refused == theirs.refused
    assert msgspec.json.decode(msgspec.json.encode(kept.answer), type=Answer) == kept.answer


def test_the_page_shows_the_answer_with_intervals_and_what_was_not_used(
    found: Asked,
) -> None:
    own, done = found
    html = asked(own, f"/find?id={done.id}").text
    text = text_of(html)
    with own.house.store() as store:
        kept = answer_of(store, done.id)
    assert kept and kept.answer
    for driver in kept.answer.found.touchpoints:
        if driver.encounters:
            assert own.world.pack.touchpoints[driver.touchpoint].title["en"] in text
    for protection in kept.answer.found.protections:
        assert protection.en in text
    assert f"{kept.answer.found.episodes}" in text and "asked by li" in text
    assert "style=" not in html.partition("<main")[2]


def test_what_the_data_cannot_answer_is_said_with_what_is_missing(lacking: Asked) -> None:
    own, job = lacking
    assert job.state == "failed"
    said = msgspec.json.decode(job.result)["error"]
    english = text_of(asked(own, f"/find?id={job.id}").text)
    assert "The data cannot answer this yet" in english
    assert said["what"] in english and said["fix"] in english
    chinese = text_of(asked(own, f"/find?id={job.id}", language="zh").text)
    assert said["what_zh"] in chinese and said["fix_zh"] in chinese


def test_asking_is_a_form_for_designers_and_the_answer_has_an_address(world: World, tmp_path: Path) -> None:
    with at_work(world, tmp_path, jobs=True) as own, client(own.app) as browser:
        headers = own.signed_in("designer")
        first = browser.get("/find", headers=headers)
        assert "Nothing was asked yet" in first.text
        assert 'name="outcome"' not in asked(own, "/find", "viewer").text
        form = {"csrf": form_of(first), "outcome": "ease", "segment": "", "window": "P90D"}
        assert (
            browser.post(
                "/find", data=form | {"csrf": "no"}, headers={"Cookie": headers["Cookie"]}
            ).status_code
            == 403
        )
        sent = browser.post("/find", data=form, headers=headers)
        assert sent.status_code == 303
        shown = browser.get(sent.headers["location"], headers=headers)
        assert "Looking through all that was recorded" in shown.text and "hx-get=" in shown.text
        viewer = own.signed_in("viewer")
        assert browser.post("/find", data=form, headers=viewer).status_code == 403
        for wrong in ({"outcome": "nonsense"}, {"segment": "nonsense"}, {"window": "P9000D"}):
            refused = browser.post("/find", data=form | wrong, headers=headers)
            assert refused.status_code == 400 and "Choose one of" in refused.text
        with own.house.store() as store:
            (one,) = questions(store)
        own.over(one.job)
        answer = browser.get(f"/find/{one.job.id}/progress", headers=headers)
        assert answer.headers["hx-refresh"] == "true"
        assert browser.get("/find?id=nonsense", headers=headers).status_code == 404
        assert browser.get("/find/nonsense/progress", headers=headers).status_code == 404


def test_a_job_of_another_kind_is_no_answer(reckoned: AtWork) -> None:
    with reckoned.house.store() as store:
        map_ = store.jobs(kind="map")[0]
        assert answer_of(store, map_.id) is None
    with pytest.raises(PeakendError):
        ask(reckoned.house, "nps", "no-such-attribute", "P90D", "li")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_find_fits_and_has_no_serious_fault(
    browser: Any, found: Asked, lacking: Asked, language: Any, width: int
) -> None:
    for own, job in (found, lacking):
        name, _, value = own.signed_in("designer", language)["Cookie"].partition("=")
        options = {"viewport": {"width": width, "height": 844}}
        with serving(own.app) as address, strict_page(browser, address, **options) as page:
            page.context.add_cookies([{"name": name, "value": value, "url": address}])
            page.goto(f"{address}/find?id={job.id}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert faults_of(page) == []
            hidden = "en" if language == "zh" else "zh"
            assert page.locator(f'.told [lang="{hidden}"]:visible').count() == 0
