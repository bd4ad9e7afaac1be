"""In-app messages: what a server may ask with a key, a page with a token, and a page that shows them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from people_world import client, key_of
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from peakend.instance.file import InApp, Placed
from peakend.model.stored import Note
from peakend.web.api import notes as notes_of_api
from peakend.web.person.notes import FOR, signed
from tests.web.browsing import faults_of, serving, strict_page
from tests.web.office import Office, office

__all__ = ["office"]
SECRET = "the secret of this test, which is long enough"
ORIGIN = "https://console.example.com"
HOSTILE = "<img src=x onerror=alert(1)><script>alert(1)</script>"
MINUTE = 60_000_000


@pytest.fixture
def console(office: Office) -> Office:
    """An office whose customer has messages for all, for a person, and one that is past its time."""
    _set_up(office, ORIGIN)
    with office.house.store() as store:
        for name, who, until in (("n-all", "", 60), ("n-ann", "ann", 60), ("n-past", "", -1)):
            store.put_note(note(office, name, who=who, until=office.world.now + until * MINUTE))
        store.put_note(msgspec.structs.replace(note(office, "n-other"), customer="somebody-else"))
        store.put_note(msgspec.structs.replace(note(office, "n-card"), kind="card", who="duty-manager"))
    return office


def _set_up(office: Office, *origins: str) -> None:
    instance = msgspec.structs.replace(office.house.instance, in_app=InApp(SECRET, [*origins]))
    office.house.placed = Placed(instance, None, None)


def note(office: Office, name: str, **more: Any) -> Note:
    said = {
        "send_key": name,
        "kind": "console",
        "customer": office.customer,
        "who": "",
        "play": "renewal-rounds",
        "message": name,
        "subject": "合同即将到期",
        "body": HOSTILE,
        "severity": "warning",
        "link": "/contracts/1",
        "at": office.world.now - MINUTE,
        "until": office.world.now + 60 * MINUTE,
    }
    return Note(**said | more)  # type: ignore[arg-type]


@pytest.fixture
def page(console: Office) -> Iterator[httpx.Client]:
    """A page of the console, with a token of the customer."""
    with client(console.app) as found:
        token = signed(SECRET, console.customer, "", console.world.now + 60 * MINUTE)
        found.headers.update({"Origin": ORIGIN, "Authorization": f"Bearer {token}"})
        yield found


def names(answer: httpx.Response) -> list[str]:
    return sorted(one["note"] for one in answer.json()["notes"])


def state(office: Office, name: str) -> str:
    with office.house.store() as store:
        found = store.note(name)
    assert found
    return found.state


def test_a_server_fetches_and_acknowledges_with_a_key(console: Office) -> None:
    at = f"/api/v1/customers/{console.customer}/notes"
    with console.house.store() as store:
        write, read = key_of(store, "write"), key_of(store, "read")
    with client(console.app) as server:
        assert server.get(at, headers=read).status_code == 403
        found = server.get(at, headers=write)
        assert names(found) == ["n-all", "n-ann"] and found.json()["notes"][0]["state"] == "new"
        assert state(console, "n-all") == "fetched"
        assert names(server.get(at, params={"contact": "bob"}, headers=write)) == ["n-all"]
        done = server.post(f"{at}/acknowledge", json={"note": "n-all"}, headers=write)
        assert done.json()["state"] == "acknowledged"
        assert server.post(f"{at}/acknowledge", json={"note": "n-all"}, headers=write).status_code == 200
        assert names(server.get(at, headers=write)) == ["n-ann"]
        for other in ("n-other", "n-card", "nothing"):
            answer = server.post(f"{at}/acknowledge", json={"note": other}, headers=write)
            assert answer.status_code == 404, other
        assert server.get("/api/v1/customers/nobody/notes", headers=write).status_code == 404


def test_a_person_who_looks_has_shown_nothing_to_the_customer(console: Office) -> None:
    with console.as_("frontline") as browser:
        assert len(browser.get(f"/api/v1/customers/{console.customer}/notes").json()["notes"]) == 2
    assert state(console, "n-all") == "new"


def test_a_page_shows_and_acknowledges_with_a_token_of_its_customer(
    console: Office, page: httpx.Client
) -> None:
    found = page.get("/api/v1/in-app/notes")
    assert names(found) == ["n-all", "n-ann"]
    assert found.headers["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-credentials" not in found.headers
    assert found.headers["vary"] == "Origin"
    assert state(console, "n-all") == "fetched"
    assert page.post("/api/v1/in-app/acknowledge", json={"note": "n-all"}).json()["state"] == "acknowledged"
    assert names(page.get("/api/v1/in-app/notes")) == ["n-ann"]
    for other in ("n-other", "n-card"):
        assert page.post("/api/v1/in-app/acknowledge", json={"note": other}).status_code == 404
    assert state(console, "n-other") == "new"


def test_a_token_that_a_key_asked_for_opens_the_same(console: Office) -> None:
    at = f"/api/v1/customers/{console.customer}/notes/token"
    with console.house.store() as store:
        write = key_of(store, "write")
    with client(console.app) as server:
        made = server.post(at, json={"contact": "bob", "minutes": 5}, headers=write)
        assert made.status_code == 201 and made.json()["until"] == console.world.now + 5 * MINUTE
        assert server.post(at, json={"minutes": 1441}, headers=write).status_code == 422
        headers = {"Authorization": f"Bearer {made.json()['token']}"}
        assert names(server.get("/api/v1/in-app/notes", headers=headers)) == ["n-all"]
        assert server.get(f"/api/v1/customers/{console.customer}", headers=headers).status_code == 401


def test_no_other_token_opens_anything(console: Office, page: httpx.Client) -> None:
    now = console.world.now // 1_000_000
    good = {"sub": console.customer, "exp": now + 60, "aud": FOR}
    ours, theirs = OctKey.import_key(SECRET), OctKey.import_key("another secret, long enough to be one")

    def token(claims: dict[str, Any], key: Any = ours, alg: str = "HS256") -> str:
        return jwt.encode({"alg": alg}, claims, key, algorithms=[alg])

    whole = token(good)
    page.headers["Authorization"] = f"Bearer {whole}"
    assert page.get("/api/v1/in-app/notes").status_code == 200
    unsigned = "eyJhbGciOiJub25lIn0." + whole.split(".")[1] + "."
    for bad in (
        token(good, theirs),
        token(good | {"exp": now}),
        token(good | {"exp": now + 24 * 3600 + 1}),
        token({"sub": console.customer, "aud": FOR}),
        token(good | {"exp": True}),
        token(good | {"aud": "another"}),
        token(good | {"sub": ""}),
        token(good | {"sub": ["c"]}),
        token(good, alg="HS512"),
        unsigned,
        whole[:-2],
        "x",
        "a" * 5_000,
        "",
    ):
        page.headers["Authorization"] = f"Bearer {bad}"
        answer = page.get("/api/v1/in-app/notes")
        assert (answer.status_code, answer.json()["word"]) == (401, "bad_note_token"), bad
        assert answer.headers["access-control-allow-origin"] == ORIGIN


def test_pages_of_other_origins_may_not_ask(console: Office, page: httpx.Client) -> None:
    for origin in (
        "https://evil.example.com",
        "null",
        f"{ORIGIN}.evil.example.com",
        "http://console.example.com",
    ):
        page.headers["Origin"] = origin
        answer = page.get("/api/v1/in-app/notes")
        assert answer.status_code == 403 and "access-control-allow-origin" not in answer.headers
        before = page.request("OPTIONS", "/api/v1/in-app/notes")
        assert before.status_code == 403 and "access-control-allow-origin" not in before.headers
    assert state(console, "n-all") == "new"
    page.headers["Origin"] = ORIGIN
    before = page.request("OPTIONS", "/api/v1/in-app/notes")
    assert before.status_code == 204 and "authorization" in before.headers["access-control-allow-headers"]
    elsewhere = page.get(f"/api/v1/customers/{console.customer}")
    assert "access-control-allow-origin" not in elsewhere.headers


def test_who_guesses_tokens_is_slowed_down(
    console: Office, page: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notes_of_api, "WRONG", 3)
    page.headers["Authorization"] = "Bearer guess"
    assert [page.get("/api/v1/in-app/notes").status_code for _ in range(5)] == [401, 401, 401, 429, 429]


def test_without_a_secret_there_are_no_messages(office: Office) -> None:
    with client(office.app) as page:
        assert page.get("/api/v1/in-app/notes").status_code == 404
        assert page.request("OPTIONS", "/api/v1/in-app/notes", headers={"Origin": ORIGIN}).status_code == 403


def test_the_script_is_small_and_is_kept_for_an_hour_only(office: Office) -> None:
    with client(office.app) as page:
        found = page.get("/in-app/peakend-notes.js", headers={"accept-encoding": "identity"})
    assert found.status_code == 200 and 2_000 < len(found.content) < 8_000
    assert found.headers["cache-control"] == "public, max-age=3600"
    assert found.headers["cross-origin-resource-policy"] == "cross-origin"
    for word in (b"innerHTML", b"eval(", b"document.write", b'setAttribute("style"'):
        assert word not in found.content


class Host:
    """Somebody's console on another origin, with a strict policy; its server signs the tokens."""

    def __init__(self) -> None:
        self.peakend = ""
        self.tokens: list[str] = []
        self.asked = 0
        self.app = Starlette(
            routes=[
                Route("/", self.page),
                Route("/my/peakend-token", self.token),
                Route("/contracts/1", lambda request: HTMLResponse("<title>Contract</title>")),
                Route("/favicon.ico", lambda request: Response(status_code=204)),
            ]
        )

    def page(self, request: Request) -> Response:
        policy = f"default-src 'none'; script-src {self.peakend}; connect-src 'self' {self.peakend}"
        body = (
            f'<!doctype html><html lang="en"><title>A console</title><main><h1>My servers</h1></main>'
            f'<script src="{self.peakend}/in-app/peakend-notes.js" defer '
            f'data-token-from="/my/peakend-token" data-language="{request.query_params["lang"]}"></script>'
        )
        return HTMLResponse(body, headers={"Content-Security-Policy": policy})

    def token(self, request: Request) -> Response:
        self.asked += 1
        return JSONResponse({"token": self.tokens[min(self.asked, len(self.tokens)) - 1]})


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_page_of_another_origin_shows_them_as_text_and_acknowledges(
    browser: Any, console: Office, tmp_path: Path, language: str
) -> None:
    host = Host()
    host.tokens = [signed(SECRET, console.customer, "ann", console.world.now + 60 * MINUTE)]
    with serving(host.app) as there, serving(console.app) as here:
        host.peakend = here
        _set_up(console, there)
        with strict_page(browser, "http://127.0.0.1:", viewport={"width": 390, "height": 844}) as page:
            page.goto(f"{there}/?lang={language}")
            cards = page.locator("peakend-notes article")
            cards.nth(1).wait_for()
            assert cards.count() == 2
            assert cards.first.locator("p").inner_text() == HOSTILE
            assert page.locator("peakend-notes img, peakend-notes script").count() == 0
            assert faults_of(page) == []
            assert len(page.screenshot(path=tmp_path / "notes.png")) > 5_000
            assert cards.first.evaluate("one => getComputedStyle(one).borderLeftColor") == "rgb(168, 100, 0)"
            button = {"zh": "知道了", "en": "Got it"}[language]
            cards.first.get_by_role("button", name=button).click()
            cards.nth(1).wait_for(state="detached")
            cards.first.get_by_role("link").click()
            page.wait_for_url(f"{there}/contracts/1")
            deadline = time.monotonic() + 10
            while "fetched" in (states := {state(console, one) for one in ("n-all", "n-ann")}):
                assert time.monotonic() < deadline, states
                time.sleep(0.05)
    assert states == {"acknowledged"}
    assert state(console, "n-past") == "new"


def test_a_token_that_is_over_is_fetched_anew(browser: Any, console: Office) -> None:
    host = Host()
    host.tokens = [
        signed(SECRET, console.customer, "", console.world.now - MINUTE),
        signed(SECRET, console.customer, "", console.world.now + MINUTE),
    ]
    with serving(host.app) as there, serving(console.app) as here:
        host.peakend = here
        _set_up(console, there)
        with strict_page(browser, "http://127.0.0.1:") as page:
            page.goto(f"{there}/?lang=en")
            page.locator("peakend-notes article").first.wait_for()
            assert host.asked == 2
            assert all("401" in one for one in page.complaints)
            page.complaints.clear()


def test_a_link_that_is_code_is_no_link(browser: Any, console: Office) -> None:
    with console.house.store() as store:
        store.put_note(note(console, "n-code", link="javascript:alert(1)"))
        for name in ("n-all", "n-ann"):
            store.put_note(note(console, name, link="javascript:alert(2)"))
    host = Host()
    host.tokens = [signed(SECRET, console.customer, "", console.world.now + MINUTE)]
    with serving(host.app) as there, serving(console.app) as here:
        host.peakend = here
        _set_up(console, there)
        with strict_page(browser, "http://127.0.0.1:") as page:
            page.goto(f"{there}/?lang=en")
            page.locator("peakend-notes article").nth(2).wait_for()
            links = page.locator("peakend-notes a").evaluate_all("all => all.map(one => one.href)")
    assert not [one for one in links if one.startswith("javascript")]
    assert json.dumps(links).count("javascript") == 0
