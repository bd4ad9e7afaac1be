"""The attack: a link to our sign-in that sends whoever follows it on to another house."""

from __future__ import annotations

from pathlib import Path

import pytest
from people_world import PASSWORD, client, entry, form_of, whole_app, with_password

from peakend.web.people.inside import inside

AWAY = [
    "https://evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example", "javascript:alert(1)", "http:/evil.example", " //evil.example", "/ /evil.example",
    "evil.example",
    "", "/%0d%0aSet-Cookie:x=1\r\nX: y", "/" + "x" * 600, "//[::1", "/\u2028//evil.example", "/sign-out",
]  # fmt: skip


@pytest.mark.parametrize("path", AWAY)
def test_nothing_leads_out_of_the_house(path: str) -> None:
    assert inside(path) == "/"


@pytest.mark.parametrize("path", ["/", "/account", "/customers/客户?q=a&b=%2F%2Fevil.example#x", "/a//b"])
def test_what_leads_to_a_page_of_ours_is_kept(path: str) -> None:
    assert inside(path) == path


def test_signing_in_and_choosing_a_look_go_nowhere_else(tmp_path: Path) -> None:
    app, house = whole_app(tmp_path / "p.db")
    with house.store() as store:
        store.add_account(with_password("li"), entry())
    with client(app) as browser:
        csrf = form_of(browser.get("/sign-in", params={"next": "//evil.example"}))
        assert "evil" not in browser.get("/sign-in", params={"next": "//evil.example"}).text
        for path in AWAY[:4]:
            look = browser.post("/look", data={"csrf": csrf, "theme": "dark", "back": path})
            assert look.headers["location"] == "/"
        said = {"csrf": csrf, "name": "li", "password": PASSWORD, "next": "//evil.example"}
        answer = browser.post("/sign-in", data=said)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert browser.get("/sign-in", params={"next": "/\\evil.example"}).headers["location"] == "/"
    house.close()
