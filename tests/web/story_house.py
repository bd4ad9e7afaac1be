"""A service at work for the stories of people: its own pack, real mail, `peakend serve` and its worker."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from time import time_ns
from typing import Any, NamedTuple

import httpx
from mail_world import Post, posting
from people_world import PASSWORD, entry, key_of, with_password

from peakend.design.pack import load_pack
from peakend.design.start import start
from peakend.model.account import Language, Role
from peakend.model.pack import Pack
from peakend.publish import publish
from peakend.store import open_store
from tests.web.browsing import faults_of, strict_page
from tests.web.served import process_serving, until

PATIENCE = 120.0
PEOPLE: tuple[tuple[str, Role, Language], ...] = (
    ("designer", "designer", "en"),
    ("manager", "manager", "en"),
    ("frontline", "frontline", "zh"),
)
LETTERS = "https://service.example.com/u"
"""Where letters lead to: a name of the house's own, behind which a proxy stands that leads to `serve`."""
SETTINGS = """\
sender: {{name: Service desk, phone: 010-5555 0100, company: Cloud, console: "https://console.example.com"}}
channels:
  email: {{kind: smtp, host: localhost, port: {port}, security: plain, from: {{address: desk@example.com}}}}
  wecom: {{kind: mute}}
  sms: {{kind: mute}}
  console: {{kind: mute}}
unsubscribe: {{url: "{letters}", secret: what only this house knows}}
"""
PLAYS = {"delay-before-due", "incident-first-word", "onboard-checkin", "survey-callback"}
OWN = {
    "pack.yaml": {
        # Whoever runs the tests at night, or on a holiday, gets the same answers.
        '  quiet_hours: {from: "21:00", to: "08:00", holidays: service}\n': "",
        "  holdout: 2%\n": "",
    },
    "plays/onboard-checkin.yaml": {
        '{after: P30D, at: "10:00"}, say: onboard-hello, through: [wecom, email]': (
            "{after: PT0S}, say: onboard-hello, through: [email]"
        ),
    },
}
"""What this house has made of the pack `cloud`: four plays, no quiet hours, no holdout, a hello at once."""


class Service(NamedTuple):
    """A service that runs: its address, its mail, and the key of the house's other systems."""

    address: str
    post: Post
    key: str

    def hears(self, customer: str, kind: str, **data: Any) -> None:
        """Tell it what has just happened, as a ticket system would."""
        tell(self.address, self.key, customer, kind, data)

    def knows(self, customer: str, name: str, language: str, *ways: tuple[str, str, str]) -> None:
        """Tell it who a customer is, until it knows; `ways` are role, channel and address of its people."""
        self.hears(customer, "customer.updated", name=name, language=language)
        for role, channel, address in ways:
            contact = {"contact": f"{customer}-{role}", "role": role, "channel": channel}
            self.hears(customer, "contact.set", address=address, consent=True, **contact)
        with httpx.Client(headers={"Authorization": f"Bearer {self.key}"}, timeout=PATIENCE) as asks:
            page = f"{self.address}/api/v1/customers/{customer}"
            until(lambda: asks.get(page).status_code == 200, PATIENCE)


def tell(address: str, key: str, customer: str, kind: str, data: dict[str, Any]) -> None:
    """Send one event with a key, and see that it was taken."""
    event = {"id": token_hex(8), "customer": customer, "kind": kind, "data": data}
    answer = httpx.post(
        f"{address}/api/v1/events",
        headers={"Authorization": f"Bearer {key}"},
        json=[event | {"at": datetime.now(UTC).isoformat()}],
        timeout=PATIENCE,
    )
    assert answer.status_code == 202 and answer.json()["taken"] == 1, answer.text


def own_pack(folder: Path) -> Pack:
    """A workspace as `peakend init` makes it, changed as a house would change it."""
    place = start(folder, "cloud")
    for name, changed in OWN.items():
        text = (place / name).read_text("utf-8")
        for old, new in changed.items():
            assert old in text, f"{name} reads otherwise now: {old}"
            text = text.replace(old, new)
        (place / name).write_text(text, "utf-8")
    said = ""
    for play in (place / "plays").iterdir():
        if play.stem in PLAYS:
            said += play.read_text("utf-8")
        else:
            play.unlink()
    for group in ("texts/*/*.md", "cards/*/*.md", "stories/*.yaml"):
        for file in place.glob(group):
            if file.stem not in said:
                file.unlink()
    return load_pack(place)


def set_up(folder: Path, pack: Pack, people: Sequence[tuple[str, Role, Language]]) -> str:
    """Publish a pack in p.db of a folder, and make the accounts of some people with a key; '' without any."""
    with closing(open_store(str(folder / "p.db"))) as store:
        publish(store, pack, who="setup", backtest="first", approved="", now=time_ns() // 1000)
        for name, role, language in people:
            store.add_account(with_password(name, role, language=language), entry(about=name))
        made = key_of(store, "events:write", "read")["Authorization"] if people else ""
    return made.removeprefix("Bearer ")


@contextmanager
def at_work(
    folder: Path, pack: Pack, people: Sequence[tuple[str, Role, Language]], lines: list[str]
) -> Iterator[Service]:
    """A service that was set up in a folder, and is ready; what `serve` says comes into `lines`."""
    post = Post()
    key = set_up(folder, pack, people)
    with posting(post) as port:
        (folder / "peakend.yaml").write_text(SETTINGS.format(port=port, letters=LETTERS), "utf-8")
        with process_serving(folder, lines=lines) as (process, address):
            until(lambda: httpx.get(f"{address}/ready", timeout=PATIENCE).status_code == 200, PATIENCE)
            yield Service(address, post, key)
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0, "".join(lines)


@contextmanager
def somebody(browser: Any, address: str, **options: Any) -> Iterator[Any]:
    """A browser of somebody's own whose page forgives nothing, and waits as long as a slow machine needs."""
    with strict_page(browser, address, **{"locale": "en-GB", **options}) as page:
        page.set_default_timeout(1000 * PATIENCE)
        yield page


def signs_in(
    page: Any, address: str, name: str, words: Sequence[str] = ("Login", "Password", "Sign in")
) -> None:
    """Go to the first page, be asked who one is, and say so; `words` are those of the page's language."""
    login, password, button = words
    page.goto(f"{address}/")
    page.get_by_label(login, exact=True).fill(name)
    page.get_by_label(password, exact=True).fill(PASSWORD)
    assert faults_of(page) == []
    page.get_by_role("button", name=button, exact=True).click()
    page.locator("[data-live]").wait_for()


def goes(page: Any, name: str) -> None:
    """Follow the main navigation."""
    page.locator("nav.side").get_by_role("link", name=name).click()


def sees(page: Any, address: str, path: str, words: str) -> None:
    """Look at a page again until it says something: what was told is folded within a moment."""

    def said() -> bool:
        page.goto(f"{address}{path}")
        return words in page.locator("main").inner_text()

    until(said, PATIENCE)
