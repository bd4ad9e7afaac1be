"""The attack: a customer whose number, name and ticket are markup, marks that turn text round, or templates.

Every page that can be asked for is walked, whatever it shows; a new page is walked without being named here.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

from fastapi.routing import iter_route_contexts
from people_world import NINE, client, everybody, key_of, signed_in, whole_app

from peakend.design.pack import find_pack, load_pack
from peakend.loop import Loop
from peakend.publish import pack_of, publish, published

EVIL = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "{{ 7*7 }}",
    "\u202egnp.exe", "</title><svg onload=alert(1)>", "javascript:alert(1)", "a\x00b", "../../settings",
    "=cmd|' /C calc'!A0",
]  # fmt: skip


class Acts(HTMLParser):
    """Whatever of a page would act: scripts of its own, handlers, styles, addresses that run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags += 1
        held = dict(attrs)
        if tag in ("script", "iframe", "object", "embed") and not (held.get("src") or "").startswith(
            "/static/"
        ):
            self.found.append(f"<{tag} {held}>")
        for name, value in held.items():
            runs = name in ("href", "src", "action") and (value or "").strip().lower().startswith(
                "javascript"
            )
            if name.startswith("on") or name == "style" or runs or (name == "src" and value == "x"):
                self.found.append(f"<{tag} {name}={value!r}>")


def acts(text: str) -> list[str]:
    read = Acts()
    read.feed(text)
    return read.found


def test_what_would_act_is_found() -> None:
    for evil in (*EVIL[:2], "<p onclick=x>", "<a href=' JavaScript:x'>", "<p style='x'>"):
        assert acts(f"<p>{evil}</p>"), evil
    assert acts("<p>&lt;script&gt;</p><script src='/static/x.js'></script>") == []


def test_no_page_lets_a_customers_text_act(tmp_path: Path) -> None:
    app, house = whole_app(tmp_path / "p.db")
    with house.store() as store:
        everybody(store)
        publish(
            store, load_pack(find_pack("cloud")), who="admin", backtest="", approved="", now=NINE - 10**12
        )
        key, admin = key_of(store, "admin"), signed_in(store, "admin")
        holds = published(store)
        assert holds
        pack = pack_of(store, holds.hash)
    told = [
        {"id": f"{number}-{kind}", "customer": evil, "kind": kind, "at": "2026-03-05T08:00:00Z", "data": data}
        for number, evil in enumerate(EVIL)
        for kind, data in (
            ("customer.updated", {"name": evil, "tier": evil, "industry": evil}),
            ("incident.opened", {"incident_id": evil, "priority": "1", "title": evil, "engineer": evil}),
        )
    ]
    with client(app) as browser:
        taken = browser.post("/api/v1/events", json=told, headers=key)
        assert taken.status_code in (200, 202, 207), taken.text
        with house.store() as store:
            loop = Loop(store, pack, worker="w")
            loop.own(NINE)
            while loop.work(NINE + 1_000_000):
                pass
            store.release_shards("w")
        browser.headers.update(admin | {"Accept": "text/html"})
        pages = 0
        for path in sorted(_pages(app)):
            for evil in EVIL if "{" in path else [""]:
                asked = re.sub(r"\{[^}]*\}", lambda _, evil=evil: quote(evil, safe=""), path)
                answer = browser.get(asked, params={"q": evil, "about": evil, "after": evil, "of": evil})
                assert answer.status_code < 500, (asked, answer.text[-300:])
                assert acts(answer.text) == [], asked
                assert "\n" not in answer.headers.get("location", "")
                pages += answer.status_code == 200
        listed = browser.get("/customers").text
    assert pages > 10 and "&lt;script&gt;" in listed
    house.close()


def _pages(app: object) -> list[str]:
    """Every path that may be asked for with GET, but for files, machines and what has no end."""
    left_out = ("/api/", "/static/", "/in-app/", "/metrics", "/ready", "/sign-in/", "/v1/")
    return [
        str(route.path)
        for route in iter_route_contexts(app.routes)  # type: ignore[attr-defined]
        if "GET" in (route.methods or ())
        and not str(route.path).startswith(left_out)
        and "stream" not in route.path
    ]
