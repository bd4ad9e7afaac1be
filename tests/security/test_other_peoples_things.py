"""The attack: name the number of something that is not there for one, and be answered all the same."""

from __future__ import annotations

from pathlib import Path

from people_world import NINE, client, everybody, key_of, signed_in, whole_app

from peakend.model.account import AuditQuery
from peakend.web.people import keys


def test_a_session_of_somebody_else_cannot_be_ended(tmp_path: Path) -> None:
    app, house = whole_app(tmp_path / "p.db")
    with house.store() as store:
        everybody(store)
        hers, mine = signed_in(store, "manager"), signed_in(store, "viewer")
        (session,) = store.sessions("manager")
    with client(app) as browser:
        browser.post("/account/sessions", data={"session": session.hash}, headers=mine)
        assert browser.get("/account", headers=hers).status_code == 200
    with house.store() as store:
        assert [one.hash for one in store.sessions("manager")] == [session.hash]
    house.close()


def test_nobody_below_an_admin_touches_an_account_or_a_key_by_its_number(tmp_path: Path) -> None:
    app, house = whole_app(tmp_path / "p.db")
    with house.store() as store:
        everybody(store)
        made, _ = keys.make(store, "x", ["read"], "admin", NINE)
        before = store.accounts()
        callers = [signed_in(store, role) for role in ("viewer", "frontline", "designer", "manager")]
        callers += [key_of(store, "write"), key_of(store, "events:write")]
    tried = [
        ("POST", f"/settings/keys/{made.id}/revoke"),
        ("DELETE", f"/api/v1/keys/{made.id}"),
        *(("POST", f"/settings/people/admin/{what}") for what in ("role", "disable", "reset", "enable")),
    ]
    with client(app) as browser:
        for caller in callers:
            for method, path in tried:
                data = {"role": "admin", "version": "1", "name": "admin"}
                answer = browser.request(method, path, data=data, headers=caller)
                assert answer.status_code == 403, (path, answer.text)
    with house.store() as store:
        assert store.accounts() == before
        assert [one for one in store.api_keys() if one.id == made.id] == [made]
        assert store.recorded_changes(AuditQuery(what="reset_link.made")) == []
    house.close()


def test_fields_that_no_form_has_change_nothing(tmp_path: Path) -> None:
    app, house = whole_app(tmp_path / "p.db")
    with house.store() as store:
        everybody(store)
        admin = signed_in(store, "admin")
    more = {
        "password": "x" * 20,
        "oidc": "a b",
        "wecom": "w",
        "disabled": "1",
        "who": "manager",
        "id": "pk_1",
    }
    with client(app) as browser:
        typed = more | {"name": "new", "shown": "New", "role": "viewer"}
        assert browser.post("/settings/people", data=typed, headers=admin).status_code == 201
        typed = more | {"role": "designer", "version": "1"}
        assert browser.post("/settings/people/viewer/role", data=typed, headers=admin).status_code == 303
        typed = more | {"label": "l", "scope": "read", "hash": "h", "made": "1"}
        assert browser.post("/settings/keys", data=typed, headers=admin).status_code == 201
    with house.store() as store:
        for name, role in (("new", "viewer"), ("viewer", "designer")):
            found = store.account(name)
            assert found and found.role == role
            assert not (found.password or found.oidc or found.wecom or found.disabled)
        (key,) = store.api_keys()
        assert (key.who, key.made, key.scopes) == ("admin", NINE, ("read",)) and key.id != "pk_1"
    house.close()
