"""The attack: let somebody sign in with a token that the attacker knows, or use one after she has left."""

from __future__ import annotations

from pathlib import Path

from people_world import PASSWORD, client, entry, form_of, whole_app, with_password

from peakend.web.people.tokens import csrf_of

PAGE = {"Accept": "text/html", "Accept-Language": "en"}


def test_a_token_that_was_planted_opens_nothing_before_or_after_signing_in(tmp_path: Path) -> None:
    app, house = whole_app(tmp_path / "p.db")
    with house.store() as store:
        store.add_account(with_password("li"), entry())
    planted = "p" * 43
    with client(app) as victim, client(app) as attacker:
        victim.headers.update(PAGE)
        victim.cookies.set("peakend", planted)
        victim.cookies.set("peakend-visitor", planted)
        said = {"csrf": csrf_of(planted), "name": "li", "password": PASSWORD}
        assert victim.post("/sign-in", data=said).status_code == 303
        attacker.cookies.set("peakend", planted)
        assert attacker.get("/account").status_code == 401
    house.close()


def test_each_sign_in_is_a_new_session_and_ends_the_one_before_in_this_browser(tmp_path: Path) -> None:
    app, house = whole_app(tmp_path / "p.db")
    with house.store() as store:
        store.add_account(with_password("li"), entry())
    with client(app) as browser, client(app) as thief:
        browser.headers.update(PAGE)
        for _ in range(2):
            page = browser.get("/sign-in") if not browser.cookies.get("peakend") else browser.get("/account")
            said = {"csrf": form_of(page), "name": "li", "password": PASSWORD}
            before = browser.cookies.get("peakend", "")
            assert browser.post("/sign-in", data=said).status_code == 303
        thief.cookies.set("peakend", before)
        assert thief.get("/account").status_code == 401
        kept = browser.cookies["peakend"]
        browser.post("/sign-out", data={"csrf": form_of(browser.get("/account"))})
        thief.cookies.set("peakend", kept)
        assert thief.get("/account").status_code == 401
    house.close()
