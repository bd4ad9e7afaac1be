"""A server that is ended or killed while many send: what was answered is durable, what was not is not."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from people_world import key_of

from peakend.store import open_store
from tests.web.served import process_serving

SENDERS = 8
EACH = 20


class Sender(threading.Thread):
    """Sends batches until nobody answers; remembers which ids were answered and which were not."""

    def __init__(self, url: str, headers: dict[str, str], number: int) -> None:
        super().__init__()
        self.answered: set[str] = set()
        self.unanswered: set[str] = set()
        self._client = httpx.Client(base_url=url, headers=headers, timeout=30)
        self._number = number

    def run(self) -> None:
        batch = 0
        while True:
            batch += 1
            ids = [f"{self._number}-{batch}-{one}" for one in range(EACH)]
            told = [
                {"id": one, "customer": f"c-{self._number}", "kind": "a.b", "at": "2026-01-01T00:00:00Z"}
                for one in ids
            ]
            try:
                answer = self._client.post("/api/v1/events", json=told)
            except httpx.TransportError:
                self.unanswered |= {*ids}
                return
            assert answer.status_code in (202, 503), answer.text
            if answer.status_code == 503:
                self.unanswered |= {*ids}
                return
            assert answer.json()["taken"] == EACH
            self.answered |= {*ids}


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_what_was_answered_is_durable_and_what_was_not_is_not(tmp_path: Path, how: signal.Signals) -> None:
    database = str(tmp_path / "events.db")
    with closing(open_store(database)) as store:
        headers = key_of(store, "events:write")
    with process_serving(tmp_path, "--workers", "0", database=database) as (process, url):
        senders = [Sender(url, headers, number) for number in range(SENDERS)]
        for one in senders:
            one.start()
        until = time.monotonic() + 60
        while sum(len(one.answered) for one in senders) < 20 * EACH:
            assert time.monotonic() < until
            time.sleep(0.01)
        process.send_signal(how)
        for one in senders:
            one.join(60)
        assert process.wait(60) == (0 if how == signal.SIGTERM else -signal.SIGKILL)
    answered = set[str]().union(*(one.answered for one in senders))
    unanswered = set[str]().union(*(one.unanswered for one in senders))
    with closing(open_store(database)) as store:
        kept = {one for one in answered | unanswered if store.arrival("api", one)}
        assert answered <= kept
        if how == signal.SIGTERM:
            assert kept == answered
        else:  # killed between the commit and the answer, at most: whole requests, never a part of one
            assert len(kept - answered) % EACH == 0
        assert store.waiting() == len(kept)
