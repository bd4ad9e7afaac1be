"""Quarantine: causes with their numbers, a row that cannot act, mended by the same door, replayed safely."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from markupsafe import escape
from msgspec.structs import replace
from people_world import TimedHouse, client, entry, key_of

from peakend.model.account import AuditQuery
from peakend.model.stored import Unusable
from peakend.web.daily import aside as room
from tests.web.browsing import WIDTHS, faults_of, serving, strict_page
from tests.web.busy_world import HOSTILE, asking, living, sign_in

Living = tuple[FastAPI, TimedHouse]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Living]:
    with living(tmp_path) as found:
        yield found


@pytest.fixture
def manager(world: Living) -> Iterator[httpx.Client]:
    with asking(*world, "manager") as found:
        yield found


def rows(house: TimedHouse) -> list[Unusable]:
    with house.store() as store:
        return store.put_aside_rows()


def good(number: int) -> str:
    return json.dumps(
        {
            "id": f"mended-{number}", "customer": "c000003", "kind": "incident.opened",
            "at": "2026-02-20T06:00:00Z", "data": {"incident_id": f"M-{number}", "priority": "P3"},
        }
    )  # fmt: skip


def test_causes_come_with_their_numbers_and_lead_to_their_rows(world: Living, manager: httpx.Client) -> None:
    with world[1].store() as store:
        counts = store.aside_counts()
    assert [one.number for one in counts] == [2, 1]
    page = manager.get("/quarantine").text
    for row in rows(world[1]):
        assert f'href="/quarantine/{row.number}"' in page
    few = manager.get("/quarantine", params={"source": "desk", "cause": counts[0].cause}).text
    assert few.count('href="/quarantine/') - few.count('href="/quarantine/?') == 2 and "Replay these 2" in few
    assert manager.get("/quarantine?after=made-up").status_code == 400


def test_what_a_row_holds_is_shown_and_does_not_act(world: Living, manager: httpx.Client) -> None:
    row = next(one for one in rows(world[1]) if HOSTILE in one.body)
    page = manager.get(f"/quarantine/{row.number}").text
    assert HOSTILE not in page and "&lt;script&gt;" in page and str(escape(row.reason_en)) in page
    assert manager.get("/quarantine/999999").status_code == 404


def test_a_row_is_checked_without_being_taken_then_mended_through_the_door(
    world: Living, manager: httpx.Client
) -> None:
    house = world[1]
    row = rows(house)[0]
    way = f"/quarantine/{row.number}"
    for body, said in (
        (good(1), "It can be taken in."),
        ("{", "it is no JSON object"),
        (good(1).replace("2026-02-20T06:00:00Z", "soon"), "expected ISO 8601"),
        (good(1).replace("2026-02-20T06:00:00Z", "2100-02-20T06:00:00Z"), "still to come"),
    ):
        tried = manager.post(f"{way}/check", data={"body": body}, headers={"hx-request": "true"})
        assert tried.status_code == 200 and said in tried.text
    assert len(rows(house)) == 3
    with house.store() as store:
        assert store.waiting() == 0
    wrong = manager.post(f"{way}/mend", data={"body": "{"})
    assert wrong.status_code == 422 and ">\n{</textarea>" in wrong.text  # what was typed is still there
    answer = manager.post(f"{way}/mend", data={"body": good(1)})
    assert answer.headers["location"] == f"{way}?did=taken"
    with house.store() as store:
        assert store.arrival("desk", "mended-1") is not None
        assert row.number not in [one.number for one in store.put_aside_rows()]
        assert store.recorded_changes(AuditQuery(what="aside.mended"))[0].who == "manager"
    assert "has been mended" in manager.get(way).text
    assert manager.post(f"{way}/mend", data={"body": good(2)}).status_code == 400


def test_all_of_a_cause_are_replayed_piece_by_piece_and_what_fails_stays(
    world: Living, manager: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = world[1]
    with house.store() as store:
        store.put_aside(
            [
                Unusable(
                    number=0, source="desk", place=f"x-{n}", reason_zh="旧原因", reason_en="an old reason",
                    body=good(n) if n % 2 else "{}", at=house.instant, mended=False,
                )
                for n in range(5)
            ]
        )  # fmt: skip
        cause = next(one.cause for one in store.aside_counts() if one.reason_en == "an old reason")
    monkeypatch.setattr(room, "AT_ONCE", 3)
    asked: dict[str, str] = {"source": "desk", "cause": cause}
    first = manager.post("/quarantine/replay", data=asked)
    assert "3 replayed: 1 taken" in first.text and "Go on with those behind" in first.text
    after = first.text.split('name="after" value="')[1].split('"')[0]
    second = manager.post("/quarantine/replay", data=asked | {"after": after})
    assert "2 replayed: 1 taken" in second.text and "Go on with those behind" not in second.text
    third = manager.post("/quarantine/replay", data={"source": "desk"})  # once more: nothing counts twice
    assert " 0 taken, 0 known already" in third.text
    with house.store() as store:
        assert store.waiting() == 2
        assert {one.reason_en for one in store.put_aside_rows()}.isdisjoint({"an old reason"})


def test_whoever_may_not_decide_looks_and_sees_no_address(world: Living) -> None:
    app, house = world
    row = rows(house)[0]
    body = '{"kind": "contact.set", "data": {"address": "13812345678"}}'
    with house.store() as store:
        store.put_aside([replace(row, body=body)])
        number = store.put_aside_rows()[-1].number
    for role, shown in (("designer", "138****5678"), ("manager", "13812345678")):
        with asking(app, house, role) as somebody:  # type: ignore[arg-type]
            assert shown in somebody.get(f"/quarantine/{number}").text
    with asking(app, house, "designer") as designer:
        page = designer.get(f"/quarantine/{row.number}").text
        assert "<textarea" not in page and "take the role Manager" in page
        for action in ("check", "mend", "replay"):
            answer = designer.post(f"/quarantine/{row.number}/{action}", data={"body": good(1)})
            assert answer.status_code == 403
        assert designer.post("/quarantine/replay").status_code == 403


def test_programs_mend_and_replay_over_the_api(world: Living) -> None:
    app, house = world
    with house.store() as store:
        reads, writes = key_of(store, "read"), key_of(store, "write")
    with client(app) as asks:
        listed = asks.get("/api/v1/quarantine?limit=2", headers=reads).json()
        assert len(listed["rows"]) == 2 and listed["after"] and listed["causes"][0]["number"] == 2
        way = f"/api/v1/quarantine/{listed['rows'][0]['number']}"
        assert "body" in asks.get(way, headers=reads).json()
        assert asks.post(f"{way}/check", json={"body": good(7)}, headers=reads).status_code == 403
        assert asks.post(f"{way}/check", json={"body": good(7)}, headers=writes).json()["outcome"] == "taken"
        assert asks.post(f"{way}/replay", headers=writes).json()["outcome"] == "aside"
        assert asks.post(f"{way}/mend", json={"body": good(7)}, headers=writes).json()["outcome"] == "taken"
        assert asks.post(f"{way}/check", json={"body": good(7)}, headers=writes).json()["outcome"] == "known"
        told = asks.post("/api/v1/quarantine/replay", json={"source": "desk"}, headers=writes).json()
        assert (told["tried"], told["aside"], told["after"]) == (2, 2, "")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_fit_and_check_while_one_writes(
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
        page.goto(f"{address}/quarantine")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert faults_of(page) == []
        page.goto(f"{address}/quarantine/{rows(house)[0].number}")
        page.locator("#tried .late").wait_for()
        page.locator("#mended").fill(good(3))
        page.locator("#tried .fine").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert faults_of(page) == []
