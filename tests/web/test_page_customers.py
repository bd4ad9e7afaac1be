"""The pages about customers, over a service that was lived through: found, told, masked, changed, erased."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from people_world import account, entry, signed_in

from peakend.model.account import ROLES, AuditQuery
from peakend.model.looked import AskedCustomers, AskedEvents, AskedRuns, AskedVerdicts
from peakend.web.person.deciding import every_play, one_play
from peakend.web.person.timeline import Asked, Lost, timeline
from tests.web.browsing import WIDTHS, faults_of, serving, strict_page
from tests.web.office import Office, office

__all__ = ["office"]


def test_the_list_finds_by_number_name_address_feeling_and_play(office: Office) -> None:
    with office.as_("viewer") as browser:
        whole = browser.get("/customers").text
        with office.house.store() as store:
            everybody_known = len(store.list_customers(AskedCustomers(), limit=200).rows)
        assert whole.count('<th scope="row">') == everybody_known > 30
        name = re.search(rf'/customers/{office.customer}">([^<]+)<', whole)
        assert name
        for q in (office.customer, name[1], office.address):
            found = browser.get("/customers", params={"q": q}).text
            assert f'/customers/{office.customer}"' in found
            assert found.count('<th scope="row">') == 1
        miserable = browser.get("/customers", params={"show": "miserable"}).text
        assert 0 < miserable.count('<th scope="row">') < 40
        with office.house.store() as store:
            inside = store.list_runs(AskedRuns(play="renewal-rounds", open=True), limit=200).rows
        shown = browser.get("/customers", params={"play": "renewal-rounds"}).text
        assert shown.count('<th scope="row">') == len({one.customer for one in inside})
        assert "No customer found" in browser.get("/customers", params={"q": "nobody-of-this-name"}).text


def test_a_profile_masks_addresses_and_says_what_stays_in_mind(office: Office) -> None:
    with office.as_("admin") as browser:
        page = browser.get(office.at()).text
    assert office.address not in page
    assert f"{office.address[0]}***@{office.address.partition('@')[2]}" in page
    assert "the last miserable one" in page or "The last miserable moment" in page


def test_addresses_are_shown_by_a_form_alone_and_the_record_says_to_whom(office: Office) -> None:
    with office.as_("frontline") as browser:
        assert browser.get(office.at("/unmask")).status_code == 405
        assert browser.post(office.at("/unmask")).status_code == 403
        shown = browser.post(office.at("/unmask"), data={"csrf": office.csrf(browser)})
        assert shown.status_code == 200 and office.address in shown.text
        assert office.address not in browser.get(office.at()).text
    with office.as_("viewer") as browser:
        refused = browser.post(office.at("/unmask"), data={"csrf": office.csrf(browser)})
        assert refused.status_code == 403 and office.address not in refused.text
    with office.house.store() as store:
        (entry,) = store.recorded_changes(AuditQuery(what="customer.unmasked"))
    assert (entry.who, entry.about) == ("frontline", office.customer)


def test_a_timeline_shows_everything_once_however_it_is_paged(office: Office) -> None:
    world = office.world
    with office.house.store() as store:
        asked = Asked(what=("event", "encounter", "message", "card", "verdict"))
        pages: list[Any] = []
        after = ""
        while True:
            page = timeline(store, world.pack, office.customer, asked, world.now, after=after, limit=7)
            pages += page.rows
            after = page.after
            if not after:
                break
            assert len(page.rows) == 7
        whole = timeline(store, world.pack, office.customer, asked, world.now, limit=100_000)
        assert pages == whole.rows and not whole.after
        assert [one.at for one in pages] == sorted((one.at for one in pages), reverse=True)
        count = {what: sum(one.what == what for one in pages) for what in asked.what}
        outputs = store.story(office.customer)
        assert count["verdict"] == sum(type(one).__name__ == "Verdict" for one in outputs) > 0
        assert count["encounter"] == sum(type(one).__name__ == "Encountered" for one in outputs) > 0
        assert count["event"] == len(
            store.list_events(AskedEvents(customer=office.customer), limit=200).rows
        ) or (count["event"] > 150)
        with pytest.raises(Lost):
            timeline(store, world.pack, office.customer, asked, world.now, after="nonsense")


def test_the_story_filters_and_pages_by_links(office: Office) -> None:
    with office.as_("viewer") as browser:
        page = browser.get(office.at("/story")).text
        following = re.search(r'rel="next" href="([^"]+)"', page)
        assert following
        second = browser.get(following[1].replace("&amp;", "&")).text
        assert second.count("<li") > 5 and second != page
        assert office.address not in browser.get(office.at("/story?kind=contact.set")).text
        assert "***" in browser.get(office.at("/story?kind=contact.set")).text
        assert browser.get(office.at("/story?after=zzz")).status_code == 400


def test_every_play_says_how_it_stands_and_one_that_never_began_says_why(office: Office) -> None:
    with office.house.store() as store:
        plays = every_play(store, office.world.pack, office.customer)
        assert {one.play for one in plays} == set(office.world.pack.plays)
        acted = [one for one in plays if one.at is not None]
        assert acted and all(one.pack == office.world.pack.hash for one in acted)
        assert [one.at for one in acted] == sorted((one.at or 0 for one in acted), reverse=True)
        ledger = one_play(store, office.world.pack, office.customer, acted[0].play)
        verdicts = [one for one in ledger.lines if one.weight in ("send", "hold", "suppress")]
        assert all(one.pack == office.world.pack.hash for one in verdicts)
        reasons = [
            one_play(store, office.world.pack, office.customer, one.play) for one in plays if one.at is None
        ]
    assert all("never begun" in one.said.en and "没有开始过" in one.said.zh for one in reasons)
    near = [line for one in reasons for line in one.lines]
    assert any("did not meet the play's condition" in one.said.en for one in near)
    assert any("is asked for, but" in one.said.en and "而" in one.said.zh for one in near)
    never = {one.play: one.said.en for one in plays if one.at is None}
    for one in reasons:
        came = "began nothing" in one.said.en
        assert bool(one.lines) == came
        assert came != ("has come for this customer" in never[one.play])
    with office.as_("viewer") as browser:
        assert browser.get(office.at("/why")).text.count('<th scope="row">') == len(plays)
        told = browser.get(office.at(f"/why?play={acted[0].play}")).text
        assert office.world.pack.hash[:8] in told


def test_a_wish_becomes_an_input_that_the_fold_learns(office: Office) -> None:
    with office.as_("frontline") as browser:
        form = {"csrf": office.csrf(browser), "do": "quiet", "what": "do_not_disturb", "days": "7"}
        answer = browser.post(office.at("/wishes"), data=form)
        assert answer.status_code == 303
        assert "Noted" in browser.get(answer.headers["location"]).text
        assert browser.post(office.at("/wishes"), data=form | {"what": "'; DROP"}).status_code == 422
        assert browser.post(office.at("/wishes"), data=form | {"days": "x"}).status_code == 422
        assert browser.post(office.at("/wishes"), data=form | {"do": "burn"}).status_code == 422
        office.fold()
        page = browser.get(office.at()).text
    assert "Do not disturb" in page and "until 20" in page
    with office.house.store() as store:
        (entry,) = store.recorded_changes(AuditQuery(what="customer.changed"))
    assert entry.who == "frontline" and "preference.set" in entry.after


def test_an_opportunity_is_logged_and_an_empty_one_is_said_beside_its_field(office: Office) -> None:
    with office.as_("frontline") as browser:
        form = {"csrf": office.csrf(browser), "text": "They move next month", "touchpoint": ""}
        assert browser.post(office.at("/opportunities"), data=form).status_code == 303
        empty = browser.post(office.at("/opportunities"), data=form | {"text": "  "})
        assert empty.status_code == 422 and 'id="f-text-wrong"' in empty.text
        nowhere = browser.post(office.at("/opportunities"), data=form | {"touchpoint": "moon"})
        assert nowhere.status_code == 422 and "moon" in nowhere.text
    with office.house.store() as store:
        assert [one.kind for one in _waiting(store, office.customer)] == ["opportunity.spotted"]


def _waiting(store: Any, customer: str) -> list[Any]:
    return [
        store.arrival("peakend", row["id"])
        for row in store.export(customer)["inbox"]
        if row["customer"] == customer
    ]


def test_a_preview_shows_what_was_sent_and_masks_addresses(office: Office) -> None:
    with office.house.store() as store:
        sent = AskedVerdicts(customer=office.customer, outcome="send")
        steps = [one.verdict.step for one in store.list_verdicts(sent, limit=200).rows]
    texts = {name for _, name in office.world.pack.texts}
    step = next(one for one in steps if one in texts)
    with office.as_("frontline") as browser:
        shown = browser.get(office.at("/preview"), params={"name": step})
        assert shown.status_code == 200 and "As it was really sent at" in shown.text
        assert office.address not in shown.text
        assert browser.get(office.at("/preview"), params={"name": "no-such-text"}).status_code == 422
    with office.as_("viewer") as browser:
        assert browser.get(office.at("/preview"), params={"name": step}).status_code == 403


def test_export_and_erase_are_for_admins_who_type_the_number(office: Office) -> None:
    with office.as_("manager") as browser:
        form = {"csrf": office.csrf(browser), "confirm": office.customer}
        for path in ("/export", "/erase"):
            assert browser.post(office.at(path), data=form).status_code == 403
    with office.as_("admin") as browser:
        form = {"csrf": office.csrf(browser)}
        file = browser.post(office.at("/export"), data=form)
        assert "attachment" in file.headers["content-disposition"]
        whole = json.loads(file.content)
        assert whole["customer"] == office.customer and whole["event"] and office.address in file.text
        wrong = browser.post(office.at("/erase"), data=form | {"confirm": "somebody"})
        assert wrong.status_code == 422 and "Nothing is deleted" in wrong.text
        with office.house.store() as store:
            assert store.list_events(AskedEvents(customer=office.customer), limit=1).rows
        gone = browser.post(office.at("/erase"), data=form | {"confirm": office.customer})
        assert gone.status_code == 200 and "rows are gone" in gone.text
        assert browser.get(office.at()).status_code == 404
    with office.house.store() as store:
        assert not store.list_customers(AskedCustomers(id=office.customer)).rows
        done = [one.what for one in store.recorded_changes(AuditQuery(what="customer."))]
        (erased,) = store.recorded_changes(AuditQuery(what="customer.erased"))
    assert done == ["customer.erased", "customer.exported"]
    assert office.customer not in erased.about


@pytest.mark.parametrize("path", ["", "/story", "/why", "/preview?name=x"])
@pytest.mark.parametrize("name", ["nobody", "%00", "a" * 600, "..%2f..%2fetc", "<script>alert(1)</script>"])
def test_somebody_unknown_is_a_page_that_says_so(office: Office, name: str, path: str) -> None:
    with office.as_("frontline") as browser:
        found = browser.get(f"/customers/{name}{path}")
    assert found.status_code == 404
    assert "<script>alert" not in found.text


@pytest.mark.parametrize("role", ROLES)
def test_what_a_role_may_not_do_is_not_offered(office: Office, role: str) -> None:
    with office.as_(role) as browser:
        page = browser.get(office.at()).text
    assert ("/unmask" in page) == (role != "viewer")
    assert ("/erase" in page) == (role == "admin")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_fit_and_have_no_serious_fault(
    browser: Any, office: Office, language: str, width: int
) -> None:
    with office.house.store() as store:
        name = f"admin-{language}"
        store.add_account(account(name, "admin", language=language), entry(about=name))
        cookie = signed_in(store, name, office.world.now)["Cookie"].removeprefix("peakend=")
    paths = [
        "/customers",
        office.at(),
        office.at("/story"),
        office.at("/why"),
        office.at("/why?play=p1-escalate"),
    ]
    with (
        serving(office.app) as address,
        strict_page(browser, address, viewport={"width": width, "height": 844}) as page,
    ):
        page.context.add_cookies([{"name": "peakend", "value": cookie, "url": address}])
        for path in paths:
            page.goto(
                f"{address}{path}{'&' if '?' in path else '?'}lang={language}", wait_until="networkidle"
            )
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert faults_of(page) == [], path


def test_the_filter_changes_the_list_at_once(browser: Any, office: Office) -> None:
    with office.house.store() as store:
        cookie = signed_in(store, "viewer", office.world.now)["Cookie"].removeprefix("peakend=")
    with serving(office.app) as address, strict_page(browser, address) as page:
        page.context.add_cookies([{"name": "peakend", "value": cookie, "url": address}])
        page.goto(f"{address}/customers")
        page.select_option("#q-show", "miserable")
        page.wait_for_url("**show=miserable**")
        assert 0 < page.locator("tbody tr").count() < 40
