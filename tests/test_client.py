"""The client in the package, against a real server: nothing lost, nothing twice, refusals as they are."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest
from people_world import key_of, whole_app

from peakend.client import ApiError, Client, Event
from peakend.web.house import House
from tests.web.served import served


class Running:
    """A server, and the text of a key of an admin."""

    def __init__(self, address: str, house: House) -> None:
        self.address, self.house = address, house
        with house.store() as store:
            self.key = key_of(store, "admin")["Authorization"].removeprefix("Bearer ")
        self.client = Client(address, self.key, tries=1)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    app, house = whole_app(tmp_path / "p.db")
    with served(app) as address:
        yield Running(address, house)


def events(many: int, **data: Any) -> list[Event]:
    at = "2026-03-01T09:00:00+08:00"
    return [
        Event(id=f"e-{n}", customer=f"c-{n}", kind="customer.updated", at=at, data=data) for n in range(many)
    ]


def test_events_are_sent_in_batches_and_sent_again_count_once(running: Running) -> None:
    first = running.client.send(events(25), batch=10)
    assert (first.taken, first.known, len(first.results)) == (25, 0, 25)
    assert [one.id for one in first.results] == [f"e-{n}" for n in range(25)]
    again = running.client.send(events(26), batch=7)
    assert (again.taken, again.known) == (1, 25)
    assert [one.taken for one in running.client.sending(events(4), batch=2)] == [0, 0]


def test_an_event_that_cannot_be_used_is_told_with_its_reason(running: Running) -> None:
    sent = running.client.send([Event(id="e-1", customer="c-1", kind="x", at="soon")])
    assert (sent.aside, sent.results[0].outcome) == (1, "aside")
    assert sent.results[0].reason["zh"] and sent.results[0].reason["en"]


def test_a_key_is_made_and_revoked_and_the_record_comes_page_by_page(running: Running) -> None:
    made = running.client.keys.make("CRM", ["events:write"])
    theirs = Client(running.address, made.text, tries=1)
    assert theirs.send(events(1)).taken == 1
    with pytest.raises(ApiError, match="lacks the scope admin") as refused:
        theirs.keys.all()
    assert (refused.value.status, refused.value.word) == (403, "key_lacks_scope")
    assert "没有 admin 权限" in refused.value.text("zh")
    assert running.client.keys.revoke(made.id).revoked
    with pytest.raises(ApiError) as refused:
        theirs.send(events(1))
    assert refused.value.status == 401
    for _ in range(150):
        running.client.keys.make("many", ["read"])
    assert len(list(running.client.audit(what="key."))) == 153
    assert [one.what for one in running.client.audit(about=made.id)] == ["key.revoked", "key.made"]


def test_names_of_anybody_stay_names(running: Running) -> None:
    for name in ("../audit", "a/b?c#d", "密钥"):
        with pytest.raises(ApiError) as refused:
            running.client.keys.revoke(name)
        assert refused.value.status == 404, name


def test_the_example_of_the_page_does_what_it_says(
    running: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (Path(__file__).parent.parent / "docs" / "api.md").read_text("utf-8")
    code = page.partition("```python client.py\n")[2].partition("```")[0]
    exec(compile(code, "docs/api.md", "exec"), {"url": running.address, "key": running.key})
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "1 taken 1 put aside" and told[1].startswith("e-2 ")
    assert " key.made pk_" in told[2] and told[-1].startswith("404 没有编号为“pk_nobody”的密钥")


class Moody(BaseHTTPRequestHandler):
    """Answers as it was told, and remembers what came."""

    answers: ClassVar[list[tuple[int, dict[str, str], bytes]]] = []
    came: ClassVar[list[bytes]] = []

    def do_POST(self) -> None:
        self.came.append(self.rfile.read(int(self.headers["Content-Length"])))
        status, headers, body = self.answers.pop(0)
        if not status:
            return
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed."""


@pytest.fixture
def moody() -> Iterator[str]:
    Moody.answers.clear()
    Moody.came.clear()
    with HTTPServer(("127.0.0.1", 0), Moody) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


TAKEN = (
    b'{"taken": 1, "known": 0, "other_body": 0, "aside": 0, "results": [{"id": "e-0", "outcome": "taken"}]}'
)


def test_429_503_and_a_connection_that_breaks_are_asked_again_as_the_server_says(moody: str) -> None:
    Moody.answers[:] = [(429, {"Retry-After": "7"}, b"{}"), (503, {}, b"no"), (0, {}, b""), (202, {}, TAKEN)]
    waited: list[float] = []
    client = Client(moody, "pk_x", pause=waited.append)
    assert client.send(events(1)).taken == 1
    assert waited == [7.0, 14.0, 28.0] and len(set(Moody.came)) == 1 and len(Moody.came) == 4


def test_it_gives_up_after_its_tries_and_says_what_was_said_last(moody: str) -> None:
    Moody.answers[:] = [(503, {"Retry-After": "1"}, b'{"title": "Busy", "title_zh": "\xe5\xbf\x99"}')] * 3
    with pytest.raises(ApiError, match="Busy") as refused:
        Client(moody, "pk_x", tries=3, pause=lambda seconds: None).send(events(1))
    assert refused.value.status == 503 and Moody.answers == []


def test_what_may_have_been_done_is_not_asked_twice(moody: str) -> None:
    Moody.answers[:] = [(429, {}, b"{}"), (0, {}, b"")]
    with pytest.raises(ApiError) as refused:
        Client(moody, "pk_x", pause=lambda seconds: None).keys.make("CRM", ["read"])
    assert (refused.value.status, len(Moody.came)) == (0, 2)


def test_an_answer_of_somebody_else_is_said(moody: str) -> None:
    Moody.answers[:] = [(200, {}, b"<html>")]
    with pytest.raises(ApiError, match="none of Peakend's"):
        Client(moody, "pk_x").send(events(1))


def test_nobody_there_is_said_in_both_languages() -> None:
    with pytest.raises(ApiError) as refused:
        Client("http://127.0.0.1:1", "pk_x", tries=2, pause=lambda seconds: None).keys.all()
    assert "没有应答" in refused.value.text("zh") and refused.value.status == 0
