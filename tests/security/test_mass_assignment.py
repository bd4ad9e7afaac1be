"""The attack: send fields along that no form has, to get a role, another name, or somebody else's account."""

from __future__ import annotations

from pathlib import Path

from people_world import NINE, PASSWORD, account, client, entry, signed_in, whole_app, with_password

from peakend.model.account import token_hash
from peakend.web.people import links, sessions

MORE = {"role": "admin", "disabled": "0", "name": "admin", "version": "99", "oidc": "x y", "who": "admin"}
LONG = "another long mild evening"


def test_a_form_changes_what_it_shows_and_nothing_else_of_nobody_else(tmp_path: Path) -> None:
    app, house = whole_app(tmp_path / "p.db")
    with house.store() as store:
        store.add_account(with_password("li", "viewer"), entry())
        store.add_account(account("admin", "admin"), entry())
        before = store.account("admin")
        headers = signed_in(store, "li")
    with client(app) as browser:
        assert browser.post("/look", data=MORE | {"language": "zh"}, headers=headers).status_code == 303
        said = MORE | {"old": PASSWORD, "new": LONG, "again": LONG}
        assert browser.post("/account/password", data=said, headers=headers).status_code == 303
        with house.store() as store:
            li = store.account("li")
            assert li and (li.role, li.oidc, li.language) == ("viewer", "", "zh")
            path = links.reset_path(store, li, "admin", NINE)
        said = MORE | {"password": PASSWORD, "again": PASSWORD, "token": "x"}
        assert browser.post(path, data=said).status_code == 303
    with house.store() as store:
        li = store.account("li")
        assert li and li.role == "viewer" and store.account("admin") == before
    house.close()


def test_a_link_for_one_purpose_serves_no_other(tmp_path: Path) -> None:
    app, house = whole_app(tmp_path / "p.db")
    with house.store() as store:
        set_up = links.set_up_path(store, NINE)
        assert set_up
        store.add_account(with_password("li"), entry())
        li = store.account("li")
        assert li
        token = links.reset_path(store, li, "admin", NINE).rpartition("/")[2]
    with client(app) as browser:
        said = {"name": "eve", "password": LONG, "again": LONG}
        for path in (set_up, f"/set-up/{token}", f"/reset/{set_up.rpartition('/')[2]}"):
            assert browser.post(path, data=said).status_code == 410, path
        for held in (token, token_hash(token)):
            browser.cookies.set("peakend", held)
            assert browser.get("/account").status_code == 401
    with house.store() as store:
        assert [one.name for one in store.accounts()] == ["li"]
        assert sessions.current(store, token, NINE) is None
    house.close()
