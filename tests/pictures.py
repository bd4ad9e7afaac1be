"""The pictures of the application in docs/pictures/: a trial, served and looked at in both languages.

`.venv/bin/python tests/pictures.py` makes all of them anew, in some minutes; words after it are the names of
those to make (`today`, `map`, …). Nothing of it leaves the machine.
"""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from doc_pages import DOCS
from small_png import smaller

from peakend.cli.trying import try_out
from peakend.design.pack import find_pack, load_pack
from peakend.instance.trial import database_of_trial
from tests.web.browsing import browsing

PICTURES: Final = DOCS / "pictures"
LANGUAGES: Final = ("zh", "en")
SIZE: Final = {"width": 1280, "height": 860}
LARGEST: Final = 150_000
"""Bytes that one picture may have: whoever clones the repository fetches all of them."""
PATIENCE: Final = 300.0
PLAY: Final = "renewal-rounds"


class Seen(NamedTuple):
    """One picture: its name, who looks, and how to come to what it shows."""

    name: str
    who: str
    go: Callable[[Any, str, Path], None]


def _open(way: str) -> Callable[[Any, str, Path], None]:
    return lambda page, address, database: page.goto(f"{address}{way}")


def _map(page: Any, address: str, database: Path) -> None:
    """The map has its figures once somebody has asked for them, and a job has reckoned them."""
    page.goto(f"{address}/map")
    if page.locator("form[action='/map/refresh'] button").count():
        page.locator("form[action='/map/refresh'] button").click()
    end = time.monotonic() + PATIENCE
    while not page.locator("tr.felt").count():
        assert time.monotonic() < end, "the map never had its figures"
        time.sleep(2)
        page.goto(f"{address}/map")


def _draft(page: Any, address: str, database: Path) -> None:
    page.goto(f"{address}/plays/{PLAY}")
    page.locator(f"form[action='/plays/{PLAY}/edit'] button").click()
    page.wait_for_url(re.compile(r"/drafts/"))


def _customer(page: Any, address: str, database: Path) -> None:
    """Whoever has met the most plays has the most to tell."""
    with closing(sqlite3.connect(database)) as connection:
        asked = "SELECT customer FROM verdict GROUP BY customer ORDER BY count(DISTINCT play) DESC, customer"
        (customer,) = connection.execute(asked).fetchone()
    page.goto(f"{address}/customers/{customer}/why")


SHOWN: Final = (
    Seen("today", "manager", _open("/")),
    Seen("map", "manager", _map),
    Seen("plays", "designer", _open("/plays")),
    Seen("draft", "designer", _draft),
    Seen("customer", "manager", _customer),
    Seen("inbox", "frontline", _open("/inbox")),
)


def make(names: list[str]) -> None:
    """Write the pictures of these names, or all of them, in both languages."""
    wanted = [one for one in SHOWN if not names or one.name in names]
    for language in LANGUAGES:
        with (
            tempfile.TemporaryDirectory() as folder,
            _tried(Path(folder), language) as door,
            browsing() as browser,
        ):
            for one in wanted:
                _take(browser, door, one, language, database_of_trial(Path(folder)))


def _take(browser: Any, door: str, one: Seen, language: str, database: Path) -> None:
    look = {"viewport": SIZE, "locale": "zh-CN" if language == "zh" else "en"}
    with closing(browser.new_context(**look)) as context:
        page = context.new_page()
        page.goto(door)
        page.locator(f"form:has(input[value={one.who}]) button").click()
        address = door.partition("/trial/")[0]
        one.go(page, address, database)
        page.wait_for_load_state("load")
        page.wait_for_timeout(1500)
        taken = smaller(page.screenshot(animations="disabled"))
    print(f"{one.name}-{language}.png  {len(taken):,} bytes", flush=True)
    assert len(taken) <= LARGEST, f"{one.name} is too large"
    (PICTURES / f"{one.name}-{language}.png").write_bytes(taken)


@contextmanager
def _tried(folder: Path, language: str) -> Iterator[str]:
    """A trial that a process of its own serves until the block ends; yields the address of its door."""
    command = [sys.executable, __file__, "--serve", str(folder), language]
    state = {"PEAKEND_NO_BROWSER": "1", "XDG_STATE_HOME": str(folder / "state")}
    with subprocess.Popen(command, env=os.environ | state, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr
            said = ""
            for line in process.stderr:
                said += line
                if found := re.search(r"http://127\.0\.0\.1:\d+/trial/[\w-]+", line):
                    break
            else:
                raise AssertionError(f"it never said its address:\n{said}")
            yield found[0]
        finally:
            process.terminate()
            process.communicate()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        try_out(Path(sys.argv[2]), load_pack(find_pack("cloud")), sys.argv[3], fresh=True, port=0)
    else:
        make(sys.argv[1:])
