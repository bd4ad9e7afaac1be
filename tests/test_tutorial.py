"""The tutorial, in both languages, from top to bottom as a newcomer types it: what it shows is what comes.

A block `text` shows lines of what the block before it prints, in their order; `…` stands for anything. What
happened in the history comes to the minute; about what happens now, dates, times and lengths of time may be
others than on the day when the page was written.
"""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import pytest
from doc_pages import DOCS, PATIENCE, Block, checkout_in, fenced, typed
from events_world import now
from people_world import PASSWORD, form_of

from peakend.cli.words import say
from peakend.store import open_store
from peakend.web.people import links
from tests.web.served import process_serving

PAGES = (DOCS / "tutorial.md", DOCS / "tutorial.zh.md")
_TIMES = re.compile(
    r"\d{4}-\d\d-\d\d|\d\d:\d\d(:\d\d)?|(?<=came )[\w ]+(?= before)|(?<=还差 )[^）]+"
    r"|(?<=\()\d+ \w+(?=\))|(?<=（)\d+月\d+日(?=）)"
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.name))
def test_the_tutorial_does_what_it_says(page: Path, tmp_path: Path) -> None:
    folder = checkout_in(tmp_path)
    said: dict[str, str] = {}
    with ExitStack() as ended:
        for block, shown in _steps(fenced(page)):
            if block.name == "serve":
                assert re.fullmatch(r"./run serve --database peakend.db(?: --language zh)?\n", block.text)
                assert _stands_in(shown, _words_of_serve("zh" if "zh" in block.text else "en"), now=False)
                process, address = ended.enter_context(process_serving(folder, database="peakend.db"))
                said |= {"PEAKEND_URL": address, "PEAKEND_KEY": _key(address, folder / "peakend.db")}
            elif block.name == "key":
                assert re.findall(r"^export (\w+)=", block.text, re.MULTILINE) == [*said]
            elif block.language == "sh":
                _comes(block.text, shown, folder, said)
            elif block.name.startswith("my-renewals/"):
                assert block.text in (folder / block.name).read_text("utf-8")
            elif block.name:
                (folder / block.name).write_text(block.text, "utf-8")
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def test_both_pages_take_the_same_steps() -> None:
    english, chinese = (
        [_plain(block) for block in fenced(page) if block.language != "text"] for page in PAGES
    )
    assert english == chinese


@pytest.mark.parametrize("name", ["backup.md", "backup.zh.md"])
def test_the_page_of_backups_does_what_it_says(name: str, tmp_path: Path) -> None:
    folder = checkout_in(tmp_path)
    typed("./run publish examples/renewals --database peakend.db --yes", folder, {})
    steps = [(block, shown) for block, shown in _steps(fenced(DOCS / "how-to" / name)) if block.name == "run"]
    assert len(steps) == 6
    for block, shown in steps:
        _comes(block.text, shown, folder, {})


def _steps(blocks: list[Block]) -> Iterator[tuple[Block, list[str]]]:
    """Each block with the lines that are shown behind it."""
    for number, block in enumerate(blocks):
        if block.language != "text":
            after = blocks[number + 1] if number + 1 < len(blocks) else Block("", "", "")
            yield block, after.text.splitlines() if after.language == "text" else []


def _comes(command: str, shown: list[str], folder: Path, said: dict[str, str]) -> None:
    """Type a command and find what is shown; what looks at a customer is typed again until the worker has
    come so far."""
    now = "c-7" in command
    printed = typed(command, folder, said)
    end = time.monotonic() + PATIENCE
    while now and "--data-binary" not in command and not _stands_in(shown, printed, now=True):
        assert time.monotonic() < end, _apart(shown, printed)
        time.sleep(1)
        printed = typed(command, folder, said)
    assert _stands_in(shown, printed, now=now), _apart(shown, printed)


def _stands_in(shown: list[str], printed: str, *, now: bool) -> bool:
    lines = iter(printed.splitlines())
    return all(any(_fits(line, other, now=now) for other in lines) for line in shown)


def _fits(shown: str, printed: str, *, now: bool) -> bool:
    """Whether a line is the one that is shown; what happens `now` at whatever time."""

    def plain(line: str) -> str:
        return re.sub(r"\s+", " ", _TIMES.sub("#", line) if now else line)

    return (
        re.fullmatch(".*".join(re.escape(plain(part)) for part in shown.split("…")), plain(printed))
        is not None
    )


def _apart(shown: list[str], printed: str) -> str:
    return "\n".join(["The page shows:", *shown, "What was printed:", printed])


def _plain(block: Block) -> str:
    """A block without what a language changes: the language that is asked for, and the names of things."""
    text = re.sub(r' --language zh|, "language": "en"|"language": "(?:zh|en)"', "", block.text)
    return re.sub(r"#.*|Cloud drive|Database|Backup|云盘|云数据库|备份", "", text)


def _words_of_serve(language: str) -> str:
    """What `serve` says where there is no account: its address, and the way to the first one."""
    address = "http://127.0.0.1:8000/"
    begun = say("serves", language, address=address)
    return f"{begun}\n{say('set_up_here', language, address=f'{address}set-up/x')}"


def _key(address: str, database: Path) -> str:
    """What the page tells to do in a browser: open the link, choose a password, make a key."""
    with closing(open_store(str(database))) as store:
        path = links.set_up_path(store, now())
    assert path
    with httpx.Client(base_url=address, timeout=60) as browser:
        csrf = form_of(browser.get(path))
        account = {"name": "admin", "shown": "admin", "password": PASSWORD, "again": PASSWORD}
        assert browser.post(path, data={"csrf": csrf, **account}).status_code == 303
        csrf = form_of(browser.get("/settings/keys"))
        asked = {"csrf": csrf, "label": "tutorial", "scope": ["events:write", "write"]}
        made = browser.post("/settings/keys", data=asked)
        found = re.search(r"<code>(pk_[0-9a-f]{64})</code>", made.text)
    assert found, made.text
    return found[1]
