"""What docs/events.md promises: its commands are run against a server, its tables of names are asked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from doc_pages import DOCS, fenced, typed
from events_world import Server, serving
from test_delivering import hello

from peakend.listen.kinds import kind_of_type, kind_of_words
from peakend.loop.receiving import LARGEST
from peakend.web.api.bodies import MOST
from peakend.web.api.intake import MOST_ITEMS

PAGE = (DOCS / "events.md").read_text("utf-8")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("page")) as found:
        yield found


def test_the_commands_of_the_page_send_what_they_say(server: Server, tmp_path: Path) -> None:
    commands = [block.text for block in fenced(DOCS / "events.md") if block.language == "sh"]
    assert len(commands) == 5
    for command in commands:
        said = typed(command, tmp_path, {"PEAKEND_URL": server.url, "PEAKEND_KEY": server.key})
        assert json.loads(said)["taken"] == 1, said
    assert [(one.customer, one.kind) for one in server.log(hello())] == [
        ("c-1", "order.completed"), ("c-1", "order.paid"), ("c-1", "order.completed"), ("c-1", "order.paid"),
        ("c-1", "order.shipped"),
    ]  # fmt: skip


def test_the_python_of_the_page_sends(server: Server) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    exec(code.replace("pk_…", server.key).replace("http://127.0.0.1:8000", server.url), {})
    with server.store() as store:
        assert store.waiting() >= 3


@pytest.mark.parametrize(("head", "read"), [("name", kind_of_words), ("type", kind_of_type)])
def test_the_names_of_the_page_become_the_kinds_that_stand_beside_them(head: str, read: object) -> None:
    assert callable(read)
    table = PAGE.split(f"| {head} | kind |\n|---|---|\n")[1].split("\n\n")[0]
    for row in table.splitlines():
        names, kind = row.strip("| ").split(" | ")
        for name in names.split(", "):
            assert read(name) == kind.strip("`"), name


def test_the_limits_of_the_page_are_those_that_hold() -> None:
    assert f"{MOST // 1_000_000} MB" in PAGE and f"{MOST_ITEMS:,} events" in PAGE
    assert f"at most {LARGEST // 1_000_000} MB" in PAGE
