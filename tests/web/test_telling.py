"""Other systems are told what happens: signed, in order, at least once, whatever fails in between."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from people_world import NINE, TimedHouse, client, entry, everybody, key_of, whole_app
from standardwebhooks import Webhook, WebhookVerificationError

from peakend.model.account import AuditQuery
from peakend.model.hook import Call, Hook
from peakend.store import open_store
from peakend.web.telling import DAY, SECOND, Teller
from tests.web.served import process_serving, until


class Receiver:
    """A system of somebody else: verifies what comes, and fails when it is told to."""

    def __init__(self) -> None:
        self.secrets: list[str] = []
        self.status = 200
        self.seen: list[tuple[str, dict[str, Any]]] = []
        self.tried = 0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.tried += 1
                if receiver.status == 200:
                    for secret in receiver.secrets:
                        Webhook(secret).verify(body, dict(self.headers))
                    receiver.seen.append((self.headers["webhook-id"], json.loads(body)))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing is printed."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/peakend"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    one = Receiver()
    thread = Thread(target=one.server.serve_forever)
    thread.start()
    yield one
    one.server.shutdown()
    thread.join()
    one.server.server_close()


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[tuple[FastAPI, TimedHouse, Teller]]:
    """An application whose clock stands at this second until it is moved: receivers look at their own."""
    app, house = whole_app(tmp_path / "p.db", {"webhooks": {"private_hosts": ["127.0.0.1"]}})
    assert isinstance(house, TimedHouse)
    house.instant = time.time_ns() // 1000
    yield app, house, app.state.teller
    house.close()


def make(
    app: FastAPI, house: TimedHouse, receiver: Receiver, *kinds: str
) -> tuple[dict[str, str], dict[str, Any]]:
    with house.store() as store:
        key = key_of(store, "admin")
    with client(app) as asking:
        body = {"url": receiver.url, "kinds": list(kinds or ("verdict.sent",)), "label": "CRM"}
        made = asking.post("/api/v1/webhooks", headers=key, json=body)
    assert made.status_code == 201, made.text
    receiver.secrets = [made.json()["secret"]]
    return key, made.json()


def put(house: TimedHouse, hook: str, many: int) -> None:
    with house.store() as store:
        for number in range(many):
            data = json.dumps({"n": number})
            store.put_call(Call(hook=hook, kind="verdict.sent", at=NINE, customer="c-1", data=data))


def test_what_happened_is_told_signed_and_in_order(
    ours: tuple[FastAPI, TimedHouse, Teller], receiver: Receiver
) -> None:
    app, house, teller = ours
    _, made = make(app, house, receiver)
    put(house, made["id"], 3)
    assert teller.work() == 3 and teller.work() == 0
    assert [told["data"]["n"] for _, told in receiver.seen] == [0, 1, 2]
    id_, first = receiver.seen[0]
    assert first == {
        "type": "verdict.sent",
        "timestamp": "2026-03-05T08:40:00Z",
        "data": {"customer": "c-1", "n": 0, "at": NINE},
    }
    assert id_.startswith(made["id"])
    other = "whsec_" + "B" * 43 + "="
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify(
            "{}", {"webhook-id": id_, "webhook-timestamp": "1", "webhook-signature": "v1,x"}
        )


def test_whoever_fails_is_tried_ever_less_often_and_misses_nothing(
    ours: tuple[FastAPI, TimedHouse, Teller], receiver: Receiver
) -> None:
    app, house, teller = ours
    key, made = make(app, house, receiver)
    put(house, made["id"], 4)
    receiver.status = 500
    for _ in range(600):
        teller.work()
        house.instant += 10 * SECOND
    assert 8 < receiver.tried < 16
    with client(app) as asking:
        (listed,) = asking.get("/api/v1/webhooks", headers=key).json()["webhooks"]
    assert listed["failing"] and listed["waits"] == 4 and not listed["disabled"]
    receiver.status = 200
    house.instant = time.time_ns() // 1000 + 4 * 3600 * SECOND  # behind every wait
    receiver.secrets = []  # its clock is not ours here
    assert teller.work() == 4
    assert [told["data"]["n"] for _, told in receiver.seen] == [0, 1, 2, 3]
    assert len({id_ for id_, _ in receiver.seen}) == 4


def test_after_days_it_is_told_nothing_more_which_is_said_and_enabled_it_gets_what_waited(
    ours: tuple[FastAPI, TimedHouse, Teller], receiver: Receiver
) -> None:
    app, house, teller = ours
    key, made = make(app, house, receiver)
    put(house, made["id"], 1)
    receiver.status, receiver.secrets = 503, []
    for _ in range(6):
        teller.work()
        house.instant += DAY
    tried = receiver.tried
    teller.work()
    assert receiver.tried == tried
    with house.store() as store:
        (said,) = store.recorded_changes(AuditQuery(what="webhook.disabled"))
        assert (said.who, said.about) == ("peakend", made["id"])
    with client(app) as asking:
        (listed,) = asking.get("/api/v1/webhooks", headers=key).json()["webhooks"]
        assert listed["disabled"] and listed["waits"] == 1 and made["secret"] not in str(listed)
        receiver.status = 200
        enabled = asking.post(f"/api/v1/webhooks/{made['id']}/enable", headers=key).json()
        assert not enabled["disabled"]
    assert teller.work() == 1 and len(receiver.seen) == 1


def test_a_secret_is_rotated_while_both_verify_tested_and_deleted_all_in_the_record(
    ours: tuple[FastAPI, TimedHouse, Teller], receiver: Receiver
) -> None:
    app, house, _ = ours
    key, made = make(app, house, receiver)
    path = f"/api/v1/webhooks/{made['id']}"
    with client(app) as asking:
        new = asking.post(f"{path}/rotate", headers=key).json()["secret"]
        assert new != made["secret"]
        receiver.secrets = [made["secret"], new]
        assert asking.post(f"{path}/test", headers=key).json()["accepted"] is True
        newest = asking.post(f"{path}/rotate", headers=key).json()["secret"]
        receiver.secrets = [new, newest]
        assert asking.post(f"{path}/test", headers=key).json()["accepted"] is True
        receiver.status = 500
        assert asking.post(f"{path}/test", headers=key).json()["accepted"] is False
        assert asking.delete(path, headers=key).status_code == 200
        assert asking.delete(path, headers=key).status_code == 404
        record = asking.get("/api/v1/audit?what=webhook.", headers=key)
    assert [one["what"].partition(".")[2] for one in record.json()["entries"]] == [
        "deleted", "rotated", "rotated", "made",
    ]  # fmt: skip
    assert "whsec_" not in record.text
    assert [told["type"] for _, told in receiver.seen] == ["hook.tested"] * 2


@pytest.mark.parametrize(
    "url",
    [
        "http://crm.example.com/x",
        "ftp://crm.example.com",
        "https://",
        "https://u:p@crm.example.com/",
        "https://[",
        "x",
    ],
)
def test_an_address_that_could_never_be_told_is_refused(
    ours: tuple[FastAPI, TimedHouse, Teller], url: str
) -> None:
    app, house, _ = ours
    with house.store() as store:
        key = key_of(store, "admin")
    with client(app) as asking:
        answer = asking.post("/api/v1/webhooks", headers=key, json={"url": url, "kinds": ["verdict.sent"]})
    assert (answer.status_code, answer.json()["place"]) == (400, "body.url")


def test_a_host_of_the_own_network_that_nobody_named_is_told_nothing(
    tmp_path: Path, receiver: Receiver
) -> None:
    app, house = whole_app(tmp_path / "p.db")
    with house.store() as store:
        everybody(store)
        url = receiver.url.replace("http:", "https:")
        secret = "whsec_" + "A" * 43 + "="
        store.save_hook(
            Hook(
                id="wh_1", url=url, kinds=("verdict.sent",), secrets=(secret,), label="", who="li", made=NINE
            ),
            entry(),
        )
        store.put_call(Call(hook="wh_1", kind="verdict.sent", at=NINE, customer="c-1", data="{}"))
    assert app.state.teller.work() == 0 and receiver.tried == 0
    with house.store() as store:
        assert store.hooks()[0].said.startswith("forbidden")
    house.close()


def test_nothing_is_lost_where_the_receiver_fails_and_the_server_is_killed(
    tmp_path: Path, receiver: Receiver
) -> None:
    """Through everything that is real: events come in, a worker folds them, a server tells, and is killed."""
    (tmp_path / "peakend.yaml").write_text("webhooks: {private_hosts: [127.0.0.1]}\n", "utf-8")
    with closing(open_store(str(tmp_path / "p.db"))) as store:
        key = key_of(store, "admin")
    receiver.status = 500
    with process_serving(tmp_path, "cloud") as (process, address):
        body = {"url": receiver.url, "kinds": ["message.failed"]}
        made = httpx.post(f"{address}/api/v1/webhooks", headers=key, json=body, timeout=30).json()
        receiver.secrets = [made["secret"]]
        _send(address, key, range(20))
        until(lambda: receiver.tried > 0)
        receiver.status = 200
        until(lambda: len(receiver.seen) > 0)
        _send(address, key, range(20, 40))
        os.kill(process.pid, signal.SIGKILL)
    with process_serving(tmp_path, "cloud") as (_, address):
        _send(address, key, range(40, 45))
        until(lambda: len({told["data"]["message"] for _, told in receiver.seen}) == 45)
    with closing(open_store(str(tmp_path / "p.db"))) as store:
        until(lambda: store.waiting_calls() == {})
    by_id: dict[str, str] = {}
    for id_, told in receiver.seen:
        assert by_id.setdefault(id_, told["data"]["message"]) == told["data"]["message"]


def _send(address: str, key: dict[str, str], numbers: range) -> None:
    events = [
        {
            "id": f"f-{n}", "customer": f"c-{n}", "kind": "message.failed",
            "at": "2026-03-01T09:00:00Z", "data": {"message": f"m-{n}"},
        }
        for n in numbers
    ]  # fmt: skip
    answer = httpx.post(f"{address}/api/v1/events", headers=key, json=events, timeout=60)
    assert answer.json()["taken"] == len(events), answer.text
