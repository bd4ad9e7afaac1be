"""The settings: people and their links, keys shown once, channels tested and paused, rules, the record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
from fastapi import FastAPI
from people_world import (
    HOUR,
    NINE,
    TimedHouse,
    client,
    entry,
    everybody,
    signed_in,
    whole_app,
    with_password,
)

from peakend.design.pack import find_pack, load_pack
from peakend.model.account import ROLES, AuditQuery
from peakend.model.draft import AgreementState
from peakend.model.publication import Line
from peakend.publish import publish
from peakend.web.locale.changes import CHANGES
from peakend.web.pages.settings.rules import rules_of
from peakend.web.people import administering
from peakend.web.work import KINDS as WORK
from tests.web.browsing import WIDTHS, faults_of, serving, strict_page

SRC = Path(__file__).resolve().parents[2] / "src" / "peakend"
TABS = ("people", "people/li.lei", "keys", "channels", "rules", "record", "installation")
SAID: dict[str, Any] = {
    "channels": {
        "email": {"kind": "mute"},
        "sms": {"kind": "webhook", "url": "https://192.0.2.1/?key=THESECRET", "secrets": ["whsec_THESECRET"]},
    },
    "serve": {"url": "https://peakend.example.com"},
    "unsubscribe": {"url": "https://peakend.example.com/u", "secret": "THESECRET"},
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[tuple[FastAPI, TimedHouse]]:
    app, house = whole_app(tmp_path / "p.db", SAID)
    with house.store() as store:
        everybody(store)
        store.add_account(
            with_password("li.lei", "frontline", shown="李雷", language="zh"), entry(about="li.lei")
        )
        publish(store, load_pack(find_pack("cloud")), who="admin", backtest="", approved="", now=NINE)
    yield app, house
    house.close()


def as_(world: tuple[FastAPI, TimedHouse], role: str) -> httpx.Client:
    app, house = world
    with house.store() as store:
        found = signed_in(store, role)
    browser = client(app)
    browser.headers.update(found | {"Accept": "text/html"})
    return browser


def test_a_manager_looks_an_admin_changes_and_nobody_else_sees_it(world: Any) -> None:
    changes = ("people", "keys", "people/li.lei/disable", "people/li.lei/reset", "channels/test")
    for role in ROLES:
        with as_(world, role) as browser:
            for tab in TABS:
                page = browser.get(f"/settings/{tab}")
                assert page.status_code == (200 if role in ("manager", "admin") else 403), (role, tab)
                assert "THESECRET" not in page.text
                if role == "manager" and tab != "channels":
                    assert 'method="post" action="/settings' not in page.text
            if role != "admin":
                assert {browser.post(f"/settings/{one}").status_code for one in changes} == {403}
    with as_(world, "manager") as browser:
        assert browser.get("/settings").headers["location"] == "/settings/people"


def test_somebody_is_added_by_a_link_that_is_shown_once_and_works_once(world: Any) -> None:
    with as_(world, "admin") as browser:
        typed = {"name": "Han.Mei", "shown": "韩梅", "role": "manager", "language": "zh"}
        made = browser.post("/settings/people", data=typed)
        assert made.status_code == 201
        link = re.search(r"<code>https://peakend\.example\.com(/reset/[\w-]+)</code>", made.text)
        assert link
        assert "/reset/" not in browser.get("/settings/people/han.mei").text
        again = browser.post("/settings/people", data=typed)
        assert again.status_code == 422 and 'value="Han.Mei"' in again.text
        for wrong in ({"name": "a b"}, {"name": "x", "role": "king"}, {"name": "x", "shown": "y\x00"}):
            assert browser.post("/settings/people", data=wrong).status_code == 422
    with client(world[0]) as visitor:
        new = {"password": "a long mild morning", "again": "a long mild morning"}
        assert visitor.post(link[1], data=new).status_code == 303
        assert visitor.post(link[1], data=new).status_code == 410
    with world[1].store() as store:
        found = store.account("han.mei")
        assert found and (found.role, found.language, bool(found.password)) == ("manager", "zh", True)
        assert store.account("x") is None


def test_the_second_of_two_admins_is_told_and_nothing_is_lost(world: Any) -> None:
    with as_(world, "admin") as one, as_(world, "admin") as other:
        seen = re.search(r'name="version" value="(\d+)"', one.get("/settings/people/li.lei").text)
        assert seen
        first = other.post("/settings/people/li.lei/role", data={"role": "designer", "version": seen[1]})
        assert first.headers["location"] == "/settings/people/li.lei?done=role"
        for path, typed in (("role", {"role": "admin"}), ("disable", {})):
            second = one.post(f"/settings/people/li.lei/{path}", data=typed | {"version": seen[1]})
            assert second.status_code == 409 and "another administrator has changed this" in second.text
            assert 'value="designer" checked' in second.text
        for version in ("", "x", "9" * 40, "-1"):
            lacking = one.post("/settings/people/li.lei/role", data={"role": "admin", "version": version})
            assert lacking.status_code == 409
    with world[1].store() as store:
        found = store.account("li.lei")
        assert found and found.role == "designer" and not found.disabled


def test_a_disabled_person_is_out_at_once_and_can_come_back(world: Any) -> None:
    with as_(world, "admin") as admin, as_(world, "li.lei") as her:
        assert her.get("/account").status_code == 200
        version = {"version": "1"}
        assert admin.post("/settings/people/li.lei/disable", data=version).status_code == 303
        assert her.get("/account").status_code == 303
        assert admin.post("/settings/people/li.lei/reset").status_code == 422
        assert admin.post("/settings/people/li.lei/enable", data={"version": "2"}).status_code == 303
        mine = admin.post("/settings/people/admin/disable", data=version)
        assert mine.status_code == 422 and "cannot disable your own" in mine.text
        last = admin.post("/settings/people/admin/role", data={"role": "viewer", "version": "1"})
        assert last.status_code == 422
        assert admin.get("/settings/people/nobody").status_code == 404
        assert "李雷" in admin.get("/settings/people", params={"q": "李"}).text
        assert "李雷" not in admin.get("/settings/people", params={"role": "admin"}).text
        assert "Nobody found" in admin.get("/settings/people", params={"state": "disabled"}).text


def test_a_key_is_shown_once_used_and_revoked(world: Any) -> None:
    with as_(world, "admin") as admin:
        made = admin.post("/settings/keys", data={"label": "billing run", "scope": ["admin"]})
        assert made.status_code == 201
        found = re.search(r"<code>(pk_[0-9a-f]{64})</code>", made.text)
        assert found
        listed = admin.get("/settings/keys").text
        assert found[1] not in listed and "billing run" in listed and "Never" in listed
        with client(world[0]) as program:
            key = {"Authorization": f"Bearer {found[1]}"}
            assert program.get("/api/v1/keys", headers=key).status_code == 200
            assert "just now" in admin.get("/settings/keys").text
            revoked = admin.post(f"/settings/keys/{found[1][:9]}/revoke")
            assert revoked.headers["location"] == "/settings/keys?done=revoked"
            assert "billing run" not in admin.get("/settings/keys").text
            assert program.get("/api/v1/keys", headers=key).status_code == 401
            assert "billing run" in admin.get("/settings/keys?of=all").text
        for wrong in ({"label": "x"}, {"label": "", "scope": ["read"]}, {"label": "x", "scope": ["root"]}):
            assert admin.post("/settings/keys", data=wrong).status_code == 422
        assert admin.post("/settings/keys/pk_none/revoke").status_code == 404


def test_a_channel_says_whether_it_works_in_the_readers_language(world: Any) -> None:
    with as_(world, "admin") as admin:
        good = admin.post("/settings/channels/test", data={"channel": "email"})
        assert good.status_code == 200 and "a trial: nothing was sent" in good.text
        bad = admin.post("/settings/channels/test", data={"channel": "sms"})
        assert "does not work" in bad.text and "THESECRET" not in bad.text
        none = admin.post("/settings/channels/test", data={"channel": "<script>pigeon"})
        assert "has no channel" in none.text and "<script>pigeon" not in none.text
        admin.post("/look", data={"language": "zh"})
        assert "没有真正发出" in admin.post("/settings/channels/test", data={"channel": "email"}).text


def test_a_pause_holds_a_channel_until_it_is_resumed_and_is_recorded(world: Any) -> None:
    with as_(world, "manager") as manager:
        assert manager.post("/settings/channels/pause", data={"channel": "sms"}).status_code == 303
        assert "Paused" in manager.get("/settings/channels").text
        with world[1].store() as store:
            assert store.paused().channels == {"sms"}
        manager.post("/settings/channels/resume", data={"channel": "sms"})
        assert manager.post("/settings/channels/pause", data={"channel": "pigeon"}).status_code == 400
        manager.post("/settings/channels/pause", data={"channel": ""})
        assert "Nothing is sent at the moment" in manager.get("/settings/channels").text
    with world[1].store() as store:
        assert store.paused().everything and not store.paused().channels
        what = [one.what for one in store.recorded_changes(AuditQuery(who="manager", what="sends."))]
    assert what == ["sends.paused", "sends.resumed", "sends.paused"]


def test_the_record_is_filtered_by_who_what_about_and_day_and_paged_whole(world: Any) -> None:
    with world[1].store() as store:
        for number in range(120):
            store.record(entry("customer.unmasked", f"t-{number}"))
    with as_(world, "manager") as manager:
        found, at = [], "/settings/record?what=customer."
        while at:
            page = manager.get(at).text
            found += re.findall(r'"breaks">(t-\d+)<', page)
            more = re.search(r'rel="next" href="([^"]+)"', page)
            at = more[1].replace("&amp;", "&") if more else ""
        assert found == [f"t-{number}" for number in range(119, -1, -1)]
        for query, n in (
            ({"about": "t-7"}, 1), ({"who": "nobody"}, 0), ({"since": "2026-03-06", "what": "customer."}, 0),
            ({"until": "2026-03-05", "about": "t-7"}, 1), ({"since": "nonsense", "about": "t-7"}, 1),
            ({"what": "<script>", "about": "t-7"}, 1), ({"below": "x", "about": "t-7"}, 1),
        ):  # fmt: skip
            assert manager.get("/settings/record", params=query).text.count('<th scope="row">') == n, query


def test_every_entry_of_the_record_has_its_words() -> None:
    written = {
        one
        for path in SRC.rglob("*.py")
        for one in re.findall(
            r'(?:what=|_note\(.*, |_entry\(.*, )"([a-z_]+\.[a-z_]+)"', path.read_text("utf-8")
        )
    }
    written |= {f"agreement.{state}" for state in get_args(AgreementState) if state != "open"}
    written |= {f"{kind}.begun" for kind in WORK}
    written |= {f"{line}.{done}" for line in get_args(Line) for done in ("paused", "resumed")}
    written.add("play.stopped")
    assert {"webhook.made", "draft.begun"} < written
    assert written - set(CHANGES) == set()
    assert not [said for said in CHANGES.values() if not said.zh or not said.en]


def test_rules_are_told_in_words_in_both_languages() -> None:
    told = rules_of(load_pack(find_pack("cloud")))
    assert told.caps[0] == (
        "关怀惊喜：每位客户 7 天内最多 2 条",
        "Care: at most 2 within 7 days for a customer",
    )
    assert told.quiet[0].en == "Every day 21:00 to 08:00, where the customer is"
    assert told.calendars[0].lines[0].zh == "周一至周五 09:00-18:00"
    assert told.max_age.zh == "超过 3 天没能发出的消息作废" and told.holdout.zh.startswith("2%")
    assert told.budgets[0].lines[0].zh.startswith("每月 50")


def test_the_installation_says_what_runs_and_no_secret(world: Any) -> None:
    house = world[1]
    house.database = "postgresql://peakend:THESECRET@db/peakend"
    with house.store() as store:
        store.claim_shards("worker-7", NINE, HOUR, 1)
    with as_(world, "manager") as manager:
        page = manager.get("/settings/installation").text
    assert "PostgreSQL" in page and "worker-7" in page and "https://peakend.example.com" in page
    assert "THESECRET" not in page and "db/peakend" not in page


def test_an_account_changes_only_at_the_version_that_was_read(world: Any) -> None:
    with world[1].store() as store:
        assert administering.give_role(store, "li.lei", "viewer", "admin", NINE, version=1).version == 2
        with pytest.raises(Exception, match="Somebody else has changed"):
            administering.disable(store, "li.lei", "admin", NINE, version=1)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_in_a_browser(world: Any, browser: Any, language: str, width: int) -> None:
    app, house = world
    with house.store() as store:
        cookie = signed_in(store, "admin")["Cookie"].removeprefix("peakend=")
    with (
        serving(app) as address,
        strict_page(browser, address, viewport={"width": width, "height": 900}) as page,
    ):
        page.context.add_cookies([{"name": "peakend", "value": cookie, "url": address}])
        page.goto(f"{address}/settings/rules")
        if width > 1000:
            page.click(f"button[name=language][value={language}]")
        for tab in TABS:
            page.goto(f"{address}/settings/{tab}")
            assert faults_of(page) == [], tab
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), tab
