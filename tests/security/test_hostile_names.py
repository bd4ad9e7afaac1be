"""The attack: markup, templates and headers in names, forms, addresses and what browsers call themselves."""

from __future__ import annotations

from pathlib import Path

from people_world import NINE, client, entry, form_of, signed_in, whole_app, with_password

from peakend.web.people import links

PAGE = {"Accept": "text/html", "Accept-Language": "en"}
EVIL = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'-alert(1)-'", "{{ 7*7 }}", "{% raw %}",
    "</title><script>", "javascript:alert(1)", "${7*7}", "{7*7}",
]  # fmt: skip


def test_what_people_are_called_is_shown_and_never_acts(tmp_path: Path) -> None:
    app, house = whole_app(tmp_path / "p.db")
    with house.store() as store:
        for number, evil in enumerate(EVIL):
            store.add_account(with_password(f"n{number}", "viewer", shown=evil), entry())
    with client(app) as browser:
        browser.headers.update(PAGE)
        for number, evil in enumerate(EVIL):
            with house.store() as store:
                headers = signed_in(store, f"n{number}")
            page = browser.get("/account", headers=headers | {"User-Agent": evil})
            assert page.status_code == 200
            assert evil not in page.text or not set(evil) & set("<\"'")
            assert "49" not in page.text.split("<h1>")[1].split("</h1>")[0]
            assert "<script>alert" not in page.text and "<img src=x" not in page.text
    house.close()


def test_what_is_typed_into_a_form_comes_back_as_text(tmp_path: Path) -> None:
    app, house = whole_app(tmp_path / "p.db")
    with house.store() as store:
        path = links.set_up_path(store, NINE)
    assert path
    with client(app) as browser:
        browser.headers.update(PAGE)
        csrf = form_of(browser.get("/sign-in"))
        for evil in EVIL:
            for answer in (
                browser.post("/sign-in", data={"csrf": csrf, "name": evil, "password": evil, "next": evil}),
                browser.post(path, data={"name": evil, "shown": evil, "password": "x", "again": "y"}),
                browser.get("/sign-in", params={"next": f"/{evil}", "lang": evil}),
                browser.get(f"/set-up/{evil.replace('/', '')}"),
            ):
                assert answer.status_code in (200, 401, 404, 410, 422, 429)
                assert "<script>alert" not in answer.text and "<img src=x" not in answer.text
                assert "\r" not in str(answer.headers) and "\n" not in answer.headers.get("location", "")
    house.close()


def test_no_page_lets_a_script_or_a_frame_in(tmp_path: Path) -> None:
    app, house = whole_app(tmp_path / "p.db")
    with client(app) as browser:
        for path in ("/sign-in", "/set-up/x", "/reset/x", "/account", "/nowhere", "/health"):
            answer = browser.get(path, headers=PAGE)
            told = answer.headers["content-security-policy"].split("; ")
            policy = {part.partition(" ")[0]: part.partition(" ")[2] for part in told}
            assert policy["script-src"] == "'self'" and policy["style-src"] == "'self'", path
            assert (
                policy["frame-ancestors"] == policy["base-uri"] == "'none'"
                and policy["form-action"] == "'self'"
            )
            assert "unsafe" not in str(policy) and answer.headers["x-content-type-options"] == "nosniff"
            assert (
                answer.headers["referrer-policy"] == "same-origin"
                and answer.headers["cache-control"] == "no-store"
            )
            assert " style=" not in answer.text and " onclick=" not in answer.text
    house.close()
