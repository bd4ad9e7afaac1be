"""The pages that a letter leads to: looking changes nothing, one click acts, the token opens no more."""

from __future__ import annotations

import json
from typing import Any

import pytest
from people_world import client

from peakend.loop.unsubscribing import ALL
from peakend.web.pages import choices as page_of_choices
from tests.web.browsing import WIDTHS, faults_of, serving, strict_page
from tests.web.office import LETTERS, Office, office

__all__ = ["office"]
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def path(office: Office, class_: str = "care") -> str:
    return "/u/" + LETTERS.address(office.customer, class_).rpartition("/")[2]


def told(office: Office) -> list[tuple[str, dict[str, Any]]]:
    """What waits to be learnt about the customer."""
    with office.house.store() as store:
        rows = store.export(office.customer)["inbox"]
    return [(one["kind"], json.loads(one["data"])) for one in rows]


@pytest.mark.parametrize("class_", ["care", "ask", "marketing", ALL])
def test_looking_changes_nothing_and_tells_nobody(office: Office, class_: str) -> None:
    with client(office.app) as reader:
        for where in ("", "/choices", "?lang=en"):
            shown = reader.get(path(office, class_) + where)
            assert shown.status_code == 200
            assert shown.headers["referrer-policy"] == "no-referrer"
            assert shown.headers["cache-control"] == "no-store"
            assert "set-cookie" not in shown.headers
            assert office.customer not in shown.text and office.address not in shown.text
            assert "<script" not in shown.text
    assert told(office) == []


@pytest.mark.parametrize(
    ("class_", "kind", "what"),
    [
        ("care", "preference.set", "do_not_disturb"),
        ("ask", "preference.set", "do_not_disturb"),
        ("marketing", "consent.withdrawn", "marketing"),
    ],
)
def test_one_click_of_a_mail_program_acts_without_cookie_or_form(
    office: Office, class_: str, kind: str, what: str
) -> None:
    with client(office.app) as provider:
        answer = provider.post(path(office, class_), data=ONE_CLICK)
    assert answer.status_code == 200 and "set-cookie" not in answer.headers
    ((found, data),) = told(office)
    assert (found, data["what"]) == (kind, what)


def test_one_click_also_comes_as_multipart(office: Office) -> None:
    with client(office.app) as provider:
        parts = {"List-Unsubscribe": (None, "One-Click")}
        assert provider.post(path(office), files=parts).status_code == 200
    assert [kind for kind, _ in told(office)] == ["preference.set"]


def test_a_post_that_asks_for_nothing_changes_nothing(office: Office) -> None:
    with client(office.app) as reader:
        for data in ({}, {"List-Unsubscribe": "maybe"}, {"x": "y"}):
            assert reader.post(path(office), data=data).status_code == 200
        assert reader.post(path(office, ALL), data=ONE_CLICK).status_code == 200
    assert told(office) == []


def test_a_mistake_is_taken_back(office: Office) -> None:
    with client(office.app) as reader:
        assert "Receive them again" in reader.post(path(office), data=ONE_CLICK | {"lang": "en"}).text
        office.fold()
        assert "They are back" in reader.post(path(office), data={"again": "yes", "lang": "en"}).text
        office.fold()
        page = reader.get(path(office) + "/choices?lang=en").text
    assert 'name="quiet" value="on" checked' not in page


def test_choices_are_told_as_far_as_they_differ_and_shown_once_they_are_learnt(office: Office) -> None:
    at = path(office) + "/choices"
    with client(office.app) as reader:
        page = reader.get(at).text
        assert 'value="email" checked' in page and 'name="language"' in page
        keep = {"channel": ["email", "sms", "wecom"], "topic": _topics(page), "language": "zh"}
        assert "没有变化" in reader.post(at, data=keep).text
        assert told(office) == []
        chosen = keep | {"channel": ["sms", "wecom"], "quiet": "on", "days": "30", "language": "en"}
        assert "Saved" in reader.post(at, data=chosen).text
        found = dict(told(office)) | {}
        kinds = sorted(kind for kind, _ in told(office))
        assert kinds == ["customer.updated", "preference.set", "preference.set"]
        assert found["customer.updated"] == {"language": "en"}
        office.fold()
        page = reader.get(at).text
        assert "Do not disturb" in page and 'name="quiet" value="on" checked' in page
        assert 'value="email" checked' not in page and 'value="sms" checked' in page
        assert "At the moment until" in page


def _topics(page: str) -> list[str]:
    return [part.partition('"')[0] for part in page.split('name="topic" value="')[1:]]


def test_what_is_not_offered_is_not_changed(office: Office) -> None:
    at = path(office) + "/choices"
    with client(office.app) as reader:
        page = reader.get(at).text
        form = {
            "channel": ["email", "sms", "wecom", "fax"],
            "topic": [*_topics(page), "moon"],
            "language": "xx",
        }
        assert reader.post(at, data=form).status_code == 200
        assert reader.post(at, data=form | {"days": "99999"}).status_code == 422
    assert told(office) == []


def test_a_token_that_was_not_signed_here_opens_nothing(office: Office) -> None:
    good = path(office)
    with client(office.app) as reader:
        for bad in (
            "/u/x",
            f"{good}x",
            good.replace(".", ""),
            "/u/%00",
            "/u/" + "a" * 5000,
            good[:-3] + "AAA",
        ):
            for where in ("", "/choices"):
                assert reader.get(bad + where).status_code == 404
                assert reader.post(bad + where, data=ONE_CLICK).status_code == 404
    assert told(office) == []


def test_who_tries_tokens_is_slowed_down_and_a_provider_is_not(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_of_choices, "WRONG", 3)
    with client(office.app) as reader:
        answers = [reader.get(f"/u/guess-{number}").status_code for number in range(5)]
        assert answers == [404, 404, 404, 429, 429]
        assert reader.get(path(office)).status_code == 200


def test_somebody_who_was_erased_is_not_begun_anew(office: Office) -> None:
    with office.house.store() as store:
        store.erase(office.customer, office.world.now, "00" * 16)
    with client(office.app) as reader:
        answer = reader.post(path(office), data=ONE_CLICK, headers={"accept-language": "en"})
    assert answer.status_code == 200 and "We hold no data of yours" in answer.text
    assert told(office) == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_works_without_scripts_and_has_no_serious_fault(
    browser: Any, office: Office, language: str, width: int
) -> None:
    with serving(office.app) as address:
        for scripts in (False, True):
            options = {"viewport": {"width": width, "height": 844}, "java_script_enabled": scripts}
            with strict_page(browser, address, **options) as page:
                for where in (path(office), path(office) + "/choices"):
                    page.goto(f"{address}{where}?lang={language}")
                    if scripts:
                        assert page.evaluate("document.documentElement.scrollWidth") <= width
                        assert faults_of(page) == []
                page.goto(f"{address}{path(office)}?lang={language}")
                page.locator("button").click()
                assert (
                    page.locator("h1").inner_text() == {"zh": "已经停止", "en": "They are stopped"}[language]
                )
    assert {kind for kind, _ in told(office)} == {"preference.set"}
