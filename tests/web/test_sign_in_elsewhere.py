"""Signing in at a real small provider, and by a real small WeCom, on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import OctKey, RSAKey
from people_world import HOUR, NINE, TimedHouse, account, client, entry, whole_app
from sso_world import SECRET, Provider, provider

PAGE = {"Accept": "text/html", "Accept-Language": "en"}


@pytest.fixture
def at() -> Iterator[Provider]:
    with provider(NINE) as found:
        yield found


class Browser:
    """A browser before an application that knows the provider."""

    def __init__(self, folder: Path, at: Provider, **more: Any) -> None:
        wecom = {name: more.pop(name) for name in ("wecom_role",) if name in more}
        private = ["127.0.0.1"]
        self.app, self.house = whole_app(folder / f"{len(list(folder.iterdir()))}.db", {"sign_in": {
            "oidc": {
                "issuer": at.url, "client_id": "peakend", "client_secret": SECRET, "private_hosts": private,
            } | more,
            "wecom": {
                "corp_id": "ww1", "agent_id": 7, "secret": SECRET, "url": at.url, "private_hosts": private,
                "role": wecom.get("wecom_role"),
            },
        }})  # fmt: skip
        self.web, self.at = client(self.app), at
        self.web.headers.update(PAGE)

    def sign_in(self, way: str = "/account") -> httpx.Response:
        there = self.web.get(f"/sign-in/oidc?next={way}")
        assert there.status_code == 303, there.text
        return self.web.get(self.at.begin(there.headers["location"]))

    def scan(self, code: str) -> httpx.Response:
        there = httpx.URL(self.web.get("/sign-in/wecom").headers["location"])
        assert there.host == "login.work.weixin.qq.com" and there.params["appid"] == "ww1"
        return self.web.get(
            there.params["redirect_uri"], params={"code": code, "state": there.params["state"]}
        )

    def accounts(self) -> dict[str, str]:
        with self.house.store() as store:
            return {one.name: one.role for one in store.accounts()}


def add(house: TimedHouse, name: str = "li.lei", **fields: Any) -> None:
    with house.store() as store:
        store.add_account(account(name, **fields), entry())


def test_a_known_identity_signs_in_and_goes_where_it_was_going(tmp_path: Path, at: Provider) -> None:
    browser = Browser(tmp_path, at, title="统一登录")
    add(browser.house, oidc=f"{at.url} s-1")
    assert "Sign in with 统一登录" in browser.web.get("/sign-in").text
    answer = browser.sign_in()
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert browser.web.get("/account").status_code == 200
    with browser.house.store() as store:
        assert [one.via for one in store.sessions("li.lei")] == ["oidc"]


def test_somebody_unknown_gets_nothing_unless_it_is_configured(tmp_path: Path, at: Provider) -> None:
    browser = Browser(tmp_path, at)
    answer = browser.sign_in()
    assert answer.status_code == 403 and "no account here yet" in answer.text and browser.accounts() == {}
    browser = Browser(tmp_path, at, role="viewer")
    assert browser.sign_in().status_code == 303 and browser.accounts() == {"li.lei": "viewer"}
    assert browser.sign_in().status_code == 303 and len(browser.accounts()) == 1


def test_groups_decide_the_role_at_every_sign_in(tmp_path: Path, at: Provider) -> None:
    browser = Browser(tmp_path, at, roles={"design": "designer", "boss": "manager"}, role="viewer")
    at.claims = {"groups": ["design", "boss", "x"]}
    assert browser.sign_in().status_code == 303 and browser.accounts() == {"li.lei": "manager"}
    at.claims = {"groups": "design"}
    assert browser.sign_in().status_code == 303 and browser.accounts() == {"li.lei": "designer"}
    at.claims = {"groups": [{"odd": 1}, "x"]}
    assert browser.sign_in().status_code == 403 and browser.accounts() == {"li.lei": "designer"}


def test_an_account_is_not_taken_over_by_its_name(tmp_path: Path, at: Provider) -> None:
    browser = Browser(tmp_path, at, role="admin")
    add(browser.house, role="admin")
    assert browser.sign_in().status_code == 403 and browser.accounts() == {"li.lei": "admin"}
    add(browser.house, "wang", oidc=f"{at.url} s-1", disabled=True)
    assert browser.sign_in().status_code == 403


def test_keys_that_changed_are_fetched_anew(tmp_path: Path, at: Provider) -> None:
    browser = Browser(tmp_path, at, role="viewer")
    assert browser.sign_in().status_code == 303
    at.key = at.signs = RSAKey.generate_key(2048, {"kid": "k2"})
    at.header = {"alg": "RS256", "kid": "k2"}
    assert browser.sign_in().status_code == 303
    assert at.asked.count("/keys") == 2 and at.asked.count("/.well-known/openid-configuration") == 1


@pytest.mark.parametrize("claims", [
    {"iss": "https://evil.example"}, {"aud": "another"}, {"aud": ["peakend", "another"]}, {"azp": "another"},
    {"nonce": "another"}, {"nonce": None}, {"exp": NINE // 1_000_000 - 200}, {"exp": None}, {"sub": None},
    {"iat": NINE // 1_000_000 + HOUR // 1_000_000}, {"sub": 7},
])  # fmt: skip
def test_an_identity_that_does_not_hold_signs_nobody_in(
    tmp_path: Path, at: Provider, claims: dict[str, Any]
) -> None:
    browser = Browser(tmp_path, at, role="admin")
    at.claims = claims
    answer = browser.sign_in()
    assert answer.status_code == 403 and "cannot be trusted" in answer.text
    assert browser.accounts() == {} and browser.web.get("/account").status_code == 303


def test_a_signature_of_somebody_else_or_none_signs_nobody_in(tmp_path: Path, at: Provider) -> None:
    browser = Browser(tmp_path, at, role="admin")
    at.signs = RSAKey.generate_key(2048, {"kid": "k1"})
    assert browser.sign_in().status_code == 403
    public = at.key.as_pem(private=False)
    at.signs, at.header = OctKey.import_key(public.hex()), {"alg": "HS256", "kid": "k1"}
    assert browser.sign_in().status_code == 403
    at.header = {"alg": "none"}
    assert browser.sign_in().status_code == 403 and browser.accounts() == {}


def test_a_way_back_that_did_not_begin_here_or_came_too_late_or_twice_signs_nobody_in(
    tmp_path: Path, at: Provider
) -> None:
    browser = Browser(tmp_path, at, role="viewer")
    begun = browser.web.get("/sign-in/oidc").headers["location"]
    back = at.begin(begun)
    other = client(browser.app)
    other.headers.update(PAGE)
    assert other.get(back).status_code == 403
    for wrong in (
        "/sign-in/oidc/back",
        "/sign-in/oidc/back?code=x&state=y",
        "/sign-in/oidc/back?error=denied",
    ):
        assert browser.web.get(wrong).status_code == 403
    assert browser.web.get(back).status_code == 303
    assert browser.web.get(back).status_code == 403
    late = at.begin(browser.web.get("/sign-in/oidc").headers["location"])
    browser.house.instant += 16 * 60_000_000
    assert browser.web.get(late).status_code == 403


def test_a_provider_that_is_silent_or_not_allowed_says_so(tmp_path: Path, at: Provider) -> None:
    browser = Browser(tmp_path, at, private_hosts=[])
    answer = browser.web.get("/sign-in/oidc")
    assert answer.status_code == 403 and "did not answer" in answer.text and at.asked == []
    at.document = {"issuer": "https://evil.example"}
    assert "cannot be trusted" in Browser(tmp_path, at).web.get("/sign-in/oidc").text


def test_a_member_who_scans_is_signed_in(tmp_path: Path, at: Provider) -> None:
    browser = Browser(tmp_path, at)
    add(browser.house, "li", wecom="LiLei", role="frontline")
    assert browser.scan("scanned").status_code == 303
    assert browser.web.get("/account").status_code == 200
    browser = Browser(tmp_path, at, wecom_role="frontline")
    assert browser.scan("scanned").status_code == 303 and browser.accounts() == {"lilei": "frontline"}


def test_a_code_that_nobody_scanned_and_somebody_from_outside_sign_nobody_in(
    tmp_path: Path, at: Provider
) -> None:
    browser = Browser(tmp_path, at, wecom_role="frontline")
    at.members |= {"outside": "", "odd": "@all x"}
    for code in ("", "other", "outside", "odd"):
        assert browser.scan(code).status_code == 403
    assert browser.accounts() == {}
