"""Coverage: every touchpoint's steps with what they rest on, and to-dos that lead to where they are done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from people_world import client

from peakend.model.mapped import Did
from peakend.model.publication import Switch
from peakend.web.covering import COLUMNS, coverage, coverage_of
from peakend.web.known import Known, known_of
from tests.web.at_work import AtWork, at_work
from tests.web.browsing import WIDTHS, faults_of, serving, strict_page
from tests.web.world import World


def known(reckoned: AtWork) -> Known:
    found = known_of(reckoned.house)
    assert found is not None
    return found


def with_arms(known: Known, name: str, **exposed: int) -> Known:
    """What would be known, had a play so many runs in its arms."""
    mapped = known.reckoned.mapped
    assert mapped is not None
    plays = mapped.plays | {name: replace(mapped.plays.get(name, Did()), exposed=exposed)}
    return known._replace(reckoned=known.reckoned._replace(mapped=replace(mapped, plays=plays)))


def test_every_touchpoint_has_its_five_steps_and_to_dos_lead_somewhere(reckoned: AtWork) -> None:
    found = coverage_of(reckoned.house, known(reckoned))
    assert [row.id for row in found.rows] == list(reckoned.world.pack.touchpoints)
    for row in found.rows:
        assert list(row.cells) == list(COLUMNS)
        for cell in row.cells.values():
            assert cell.where if cell.mark == "to_do" else True
    rows = {row.id: row.cells for row in found.rows}
    assert rows["incident"]["identified"].what == "declared"
    assert rows["request"]["identified"].what == "not_looked_at"  # nobody asked find yet
    assert rows["request"]["play"].mark == "to_do" and rows["request"]["live"].mark == "later"
    assert rows["incident"]["live"].mark == "done" and rows["incident"]["live"].numbers["sent"] > 0
    assert found.done["standard"] == sum(bool(p.standards) for p in reckoned.world.pack.touchpoints.values())


def test_proven_tells_both_groups_and_never_an_effect(reckoned: AtWork) -> None:
    now = known(reckoned)

    def proven(known: Known, point: str) -> Any:
        rows = coverage(known, frozenset(), published=True).rows
        return next(row.cells["proven"] for row in rows if row.id == point)

    few = proven(with_arms(now, "survey-incident", play=500, holdout=29), "incident")
    assert (few.mark, few.what, few.numbers["holdout"]) == ("under_way", "too_few", 29)
    enough = proven(with_arms(now, "survey-incident", play=500, holdout=30), "incident")
    assert (enough.mark, enough.where) == ("done", "/plays/survey-incident")
    owed = next(
        row
        for row in coverage(now, frozenset(), published=True).rows
        if row.cells["proven"].mark == "not_meant"
    )
    plays = [play for play in now.pack.plays.values() if play.touchpoint == owed.id]
    assert plays and {play.class_ for play in plays} <= {"mandatory", "service"}
    assert proven(now, "request").mark == "later"


def test_what_is_stopped_or_not_published_is_a_to_do(world: World, tmp_path: Path, reckoned: AtWork) -> None:
    at_training = [name for name, play in world.pack.plays.items() if play.touchpoint == "training"]
    assert at_training
    rows = coverage(known(reckoned), frozenset(at_training), published=True).rows
    assert next(row for row in rows if row.id == "training").cells["live"].what == "all_stopped"
    rows = coverage(known(reckoned), frozenset(), published=False).rows
    assert next(row for row in rows if row.id == "training").cells["live"].what == "not_published"
    with at_work(world, tmp_path) as own:
        with own.house.store() as store:
            for name in at_training:
                store.hold_sends(
                    Switch(play=name, channel="", who="li", since=own.house.instant, stopped=True)
                )
        rows = coverage_of(own.house, known(own)).rows
        assert next(row for row in rows if row.id == "training").cells["live"].what == "all_stopped"


def test_the_list_is_narrowed_by_address(reckoned: AtWork) -> None:
    with client(reckoned.app) as browser:
        headers = reckoned.signed_in()
        all_, moments = (
            browser.get(path, headers=headers).text for path in ("/coverage", "/coverage?show=moments")
        )
        chinese = browser.get("/coverage", headers=reckoned.signed_in("designer", "zh")).text
        assert browser.get("/coverage?show=nonsense", headers=headers).status_code == 422
    assert all_.count("<tr><th") == 1 + len(reckoned.world.pack.touchpoints)
    declared = sum(point.moment_of_truth for point in reckoned.world.pack.touchpoints.values())
    assert moments.count("<tr><th") == 1 + declared
    assert "写一个剧本" in chinese and "必达与服务类不留对照" in chinese


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_coverage_fits_and_has_no_serious_fault(
    browser: Any, reckoned: AtWork, language: Any, width: int
) -> None:
    name, _, value = reckoned.signed_in(language=language)["Cookie"].partition("=")
    options = {"viewport": {"width": width, "height": 844}}
    with serving(reckoned.app) as address, strict_page(browser, address, **options) as page:
        page.context.add_cookies([{"name": name, "value": value, "url": address}])
        page.goto(f"{address}/coverage")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert faults_of(page) == []
