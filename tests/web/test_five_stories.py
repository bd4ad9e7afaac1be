"""Five people, from signing in to what comes of it: in a real browser, on a server that really runs.

Nothing is put in the place of anything else: `peakend serve` is a process with its worker, letters go to a
mail server, and every page fails its story by a word on the console or a serious fault of accessibility.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from people_world import PASSWORD

from peakend.model.pack import Pack
from tests.web.browsing import faults_of
from tests.web.served import until
from tests.web.story_house import (
    LETTERS,
    PATIENCE,
    PEOPLE,
    Service,
    at_work,
    goes,
    own_pack,
    sees,
    signs_in,
    somebody,
    tell,
)

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return own_pack(tmp_path_factory.mktemp("pack") / "service")


@pytest.fixture(scope="module")
def service(pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for the stories of those who have an account; each has customers of its own."""
    with at_work(tmp_path_factory.mktemp("service"), pack, PEOPLE, []) as found:
        yield found


def test_the_engineer_connects_her_program(browser: Any, pack: Pack, tmp_path: Path) -> None:
    lines: list[str] = []
    with at_work(tmp_path, pack, (), lines) as service, somebody(browser, service.address) as page:
        until(lambda: any("/set-up/" in line for line in lines), PATIENCE)
        (link,) = re.findall(r"http\S+/set-up/\S+", "".join(lines))
        page.goto(link)
        assert faults_of(page) == []
        page.get_by_label("Login", exact=True).fill("engineer")
        page.get_by_label("Name", exact=True).fill("Engineer")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_label("Once more", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Set up").click()
        page.get_by_role("heading", name="Today", exact=True).wait_for()

        page.get_by_role("button", name="My account: Engineer").click()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/sign-in")
        signs_in(page, service.address, "engineer")

        goes(page, "Settings")
        page.get_by_role("link", name="Keys", exact=True).click()
        assert faults_of(page) == []
        page.get_by_label("Used by").fill("ticket desk")
        page.get_by_label(re.compile("^Send events")).check()
        page.get_by_role("button", name="Make it").click()
        key = page.locator(".secret code").first.inner_text()
        assert key.startswith("pk_") and faults_of(page) == []

        goes(page, "Today")
        page.locator('[data-live="on"]').wait_for()
        assert faults_of(page) == []
        tell(service.address, key, "t-1", "customer.updated", {"name": "North Harbour"})
        tell(service.address, key, "t-1", "inquiry.opened", {"inquiry_id": "Q-1", "topic": "backup"})
        page.locator("[data-ticker] li", has_text="inquiry opened").wait_for()  # nobody loaded the page anew

        sees(page, service.address, "/customers", "North Harbour")
        assert faults_of(page) == []
        page.get_by_role("link", name="North Harbour").click()
        page.get_by_role("heading", name="North Harbour", level=1).wait_for()
        page.locator("#main .timeline", has_text="inquiry opened").wait_for()
        assert faults_of(page) == []


def test_the_designer_changes_words_and_publishes_them_when_a_manager_has_agreed(
    browser: Any, service: Service
) -> None:
    service.knows("c-east", "East Harbour", "en", ("on_call", "wecom", "east"))
    service.hears("c-east", "incident.opened", incident_id="E-1", priority="P1", title="Disk full")
    with somebody(browser, service.address) as page:
        signs_in(page, service.address, "designer")
        sees(page, service.address, "/customers/c-east/story", "incident opened")
        _changes_words(page)
        _backtests(page)
        _asks_for_agreement(page)
    with somebody(browser, service.address) as page:
        signs_in(page, service.address, "manager")
        _agrees(page)
    with somebody(browser, service.address) as page:
        signs_in(page, service.address, "designer")
        _publishes(page)

        # The worker takes up what was published with its next look: from then on letters have the new words.
        number, title = 1, ""
        while "in our hands" not in title:
            number += 1
            assert number < 60, title
            incident = {"incident_id": f"E-{number}", "priority": "P2", "title": "Disk full"}
            service.hears("c-east", "incident.opened", **incident)
            title = _letter_about(page, service.address, "c-east", incident["incident_id"])
        assert title == f"We have E-{number} in our hands: Disk full"
        assert faults_of(page) == []


def _changes_words(page: Any) -> None:
    """The designer writes another subject."""
    goes(page, "Plays")
    assert faults_of(page) == []
    page.get_by_role("link", name="First word on an incident").click()
    page.get_by_role("heading", name="First word on an incident", level=1).wait_for()
    assert faults_of(page) == []
    page.get_by_role("button", name="Change", exact=True).click()
    words = page.locator("details", has=page.locator('[name^="texts/en/incident-first-word"]'))
    words.get_by_text("Words in English").click()
    words.get_by_label("Subject").fill("We have {{ incident_id }} in our hands: {{ title }}")
    assert faults_of(page) == []
    page.get_by_role("button", name="Save the draft").click()
    page.get_by_text("Saved in the draft.").wait_for()


def _backtests(page: Any) -> None:
    page.get_by_role("button", name="Backtest", exact=True).click()
    tested = page.locator("#backtest-result")
    tested.get_by_role("heading", name="First word on an incident").wait_for()
    assert tested.get_by_role("row", name=re.compile(r"^Entries ([1-9]\d*) \1$")).is_visible()
    assert faults_of(page) == []


def _asks_for_agreement(page: Any) -> None:
    page.get_by_role("button", name="See whom it affects").click()
    seen = page.locator("#preview-result")
    seen.get_by_text("A second person has to agree").wait_for()
    assert "a mandatory notice changes" in seen.inner_text()
    assert seen.get_by_role("button", name="Publish").count() == 0
    seen.get_by_label("A word").fill("Warmer")
    seen.get_by_role("button", name="Ask for agreement").click()
    page.get_by_text("another manager agrees on the page of plays").wait_for()


def _agrees(page: Any) -> None:
    goes(page, "Plays")
    page.get_by_text("designer asks for agreement with a new version").wait_for()
    page.get_by_role("link", name="What has changed").click()
    page.locator(".diff .new", has_text="We have {{ incident_id }} in our hands").wait_for()
    assert faults_of(page) == []
    goes(page, "Plays")
    assert faults_of(page) == []
    page.get_by_label("A word").fill("Yes")
    page.get_by_role("button", name="Approve").click()
    page.get_by_text("asks for agreement").wait_for(state="detached")


def _publishes(page: Any) -> None:
    goes(page, "Plays")
    page.get_by_role("link", name="Draft by designer").click()
    page.get_by_role("link", name="First word on an incident").click()
    page.get_by_role("button", name="See whom it affects").click()
    page.get_by_text("manager has agreed.").wait_for()
    page.get_by_role("button", name="Publish", exact=True).click()
    page.get_by_text("it holds from now on").wait_for()
    assert faults_of(page) == []
    page.reload()
    page.get_by_text("This draft is published.").wait_for()
    goes(page, "Plays")
    page.get_by_role("link", name="First word on an incident").wait_for()
    assert page.get_by_text("Draft by designer").count() == 0


def _letter_about(page: Any, address: str, customer: str, number: str) -> str:
    """The title of the newest letter to a customer, once it is about this incident."""

    def title() -> str:
        page.goto(f"{address}/messages?customer={customer}&channel=wecom")
        page.locator("#rows tbody a").first.click()
        page.locator(".sent-words").wait_for()
        return str(page.get_by_role("heading", level=1).inner_text())

    until(lambda: number in title(), PATIENCE)
    return title()


def test_the_manager_sees_it_fire(browser: Any, service: Service) -> None:
    service.knows("c-west", "West Harbour", "en", ("on_call", "wecom", "west"))
    with somebody(browser, service.address) as page:
        signs_in(page, service.address, "manager")
        sees(page, service.address, "/customers/c-west", "West Harbour")
        goes(page, "Today")
        page.locator('[data-live="on"]').wait_for()
        assert faults_of(page) == []
        sent = page.locator("#now .figure", has_text="Sent today").locator("dd").first
        before = int(sent.inner_text())
        page.evaluate("document.body.dataset.loaded = 'once'")

        service.hears("c-west", "incident.opened", incident_id="W-1", priority="P1", title="Link down")
        page.locator("[data-ticker] li", has_text="West Harbour · incident opened").wait_for()
        page.locator("#now .moments li", has_text="W-1").first.wait_for()
        until(lambda: int(sent.inner_text()) > before, PATIENCE)
        assert page.evaluate("document.body.dataset.loaded") == "once"

        page.locator("[data-ticker]").get_by_role("link", name="West Harbour").first.click()
        page.get_by_role("heading", name="West Harbour", level=1).wait_for()
        assert faults_of(page) == []
        sees(page, service.address, "/customers/c-west/story?what=message", "First word on an incident")
        page.locator("#story").get_by_role("link", name="First word on an incident").first.click()
        page.get_by_text("It begins: incident opened").wait_for()
        page.get_by_role("cell", name="goes to contact c-west-on_call by WeCom").wait_for()
        assert faults_of(page) == []


def test_the_frontline_colleague_does_a_card_on_her_phone(browser: Any, service: Service) -> None:
    service.knows("c-south", "南港", "zh", ("owner", "email", "south@example.com"))
    with somebody(browser, service.address, locale="zh-CN", **PHONE) as page:
        signs_in(page, service.address, "frontline", ("登录名", "密码", "登录"))
        service.hears(
            "c-south", "survey.answered", survey="incident", score=1, incident_id="S-1", comment="等太久"
        )
        sees(page, service.address, "/inbox", "S-1")
        assert faults_of(page) == []
        page.get_by_role("link", name=re.compile("S-1")).tap()
        card = page.locator("[data-card]")
        for heading in ("预判语句", "应对动作", "补偿建议", "跟进话术"):
            card.get_by_role("heading", name=heading).wait_for()
        assert "等太久" in card.inner_text() and faults_of(page) == []
        page.get_by_role("radio", name="已联系上").tap()
        page.get_by_role("button", name="完成", exact=True).tap()
        page.get_by_role("button", name="撤销").wait_for()
        page.get_by_role("button", name="撤销").wait_for(state="detached")  # now it is sent
        page.goto(f"{service.address}/inbox")
        assert page.get_by_role("link", name=re.compile("S-1")).count() == 0

        page.get_by_role("link", name="查找客户").tap()
        page.get_by_role("link", name="南港").tap()
        page.get_by_role("link", name="经历", exact=True).tap()
        page.locator("#story .happening", has_text="提示卡").get_by_text("已完成").wait_for()
        assert faults_of(page) == []


def test_the_customer_asks_for_no_more_letters(browser: Any, service: Service) -> None:
    service.knows("c-gulf", "Gulf Harbour", "en", ("owner", "email", "gulf@example.com"))
    service.hears("c-gulf", "service.live", contract_id="G-1", service="Storage")
    until(lambda: len(_letters(service)) == 1, PATIENCE)
    mail = _letters(service)[0].mail
    plain = mail.get_body(("plain",))
    link = str(mail["List-Unsubscribe"]).strip("<>")
    assert link.startswith(f"{LETTERS}/") and plain is not None and link in plain.get_content()
    at = service.address + link.removeprefix(LETTERS.removesuffix("/u"))

    with somebody(browser, service.address) as customer, somebody(browser, service.address) as manager:
        signs_in(manager, service.address, "manager")
        for _ in range(2):  # her mail program looks, then she does
            customer.goto(at)
            customer.get_by_role("heading", name="Stop these messages?").wait_for()
            assert faults_of(customer) == []
        sees(manager, service.address, "/customers/c-gulf", "Nothing special was asked for.")

        customer.get_by_role("button", name="Stop them").click()
        customer.get_by_role("heading", name="They are stopped").wait_for()
        assert faults_of(customer) == [] and customer.context.cookies() == []
        sees(manager, service.address, "/customers/c-gulf", "Do not disturb")

        service.hears("c-gulf", "service.live", contract_id="G-2", service="Network")
        why = "/customers/c-gulf/why?play=onboard-checkin"
        sees(manager, service.address, why, "is stopped. The customer chose not to get it")
        assert faults_of(manager) == []
        sees(manager, service.address, "/customers/c-gulf/why", "Suppressed")
        assert faults_of(manager) == []

        # What the service owes her still comes, and by then a letter that should not be there would be.
        service.hears(
            "c-gulf",
            "milestone.at_risk",
            contract_id="G-2",
            service="Network",
            milestone="Cutover",
            due_on="2030-01-10",
            new_date="2030-01-20",
        )
        until(lambda: len(_letters(service)) > 1, PATIENCE)
        assert ["Some time live" in str(one.mail["Subject"]) for one in _letters(service)] == [True, False]


def test_a_mail_program_stops_the_letters_with_its_own_button(browser: Any, service: Service) -> None:
    service.knows("c-fjord", "Fjord Line", "en", ("owner", "email", "fjord@example.com"))
    service.hears("c-fjord", "service.live", contract_id="F-1", service="Storage")
    until(lambda: len(_letters(service, "fjord")) == 1, PATIENCE)
    mail = _letters(service, "fjord")[0].mail
    name, _, value = str(mail["List-Unsubscribe-Post"]).partition("=")
    at = str(mail["List-Unsubscribe"]).strip("<>").removeprefix(LETTERS.removesuffix("/u"))
    assert httpx.post(service.address + at, data={name: value}).status_code == 200

    with somebody(browser, service.address) as manager:
        signs_in(manager, service.address, "manager")
        sees(manager, service.address, "/customers/c-fjord", "Do not disturb")
        service.hears("c-fjord", "service.live", contract_id="F-2", service="Network")
        why = "/customers/c-fjord/why?play=onboard-checkin"
        sees(manager, service.address, why, "is stopped. The customer chose not to get it")
    assert len(_letters(service, "fjord")) == 1


def _letters(service: Service, who: str = "gulf") -> list[Any]:
    return [one for one in service.post.received if one.to == [f"{who}@example.com"]]
