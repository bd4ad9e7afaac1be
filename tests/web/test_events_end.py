"""A server that is ended or killed while many send: what was answered is durable, what was not is not."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest
from people_world import key_of

from peakend.store import open_store

SENDERS = 8
EACH = 20


@contextmanager
def served(folder: Path, database: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`peakend serve` without a worker, and the address that it said."""
    command = [sys.executable, "-P", "-m", "peakend", "serve", "--database", database, "--port", "0"]
    with subprocess.Popen(
        [*command, "--workers", "0"],
        cwd=folder,
        env=os.environ | {"XDG_STATE_HOME": str(folder / "state")},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stderr
            said = ""
            for line in process.stderr:
                said += line
                if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                    yield process, found[0]
                    break
            else:
                raise AssertionError(said)
        finally:
            process.kill()


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
    with served(tmp_path, database) as (process, url):
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
