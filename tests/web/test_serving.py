"""`serve` for real: a process with its worker beside it, found by its address, hurt, and ended."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.web.served import process_serving, until

PATIENCE = 60.0


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server on a new file, and the address that it said."""
    with process_serving(tmp_path, "cloud") as found:
        yield found


def test_it_is_alive_then_ready_and_counts(serving: tuple[subprocess.Popen[str], str]) -> None:
    _, address = serving
    assert httpx.get(f"{address}/health").json() == {"status": "alive"}
    until(lambda: httpx.get(f"{address}/ready").status_code == 200)
    answer = httpx.get(f"{address}/ready")
    assert answer.json()["workers"] == 1
    page = httpx.get(f"{address}/metrics").text
    assert 'peakend_http_requests_total{method="GET",route="/health",status="200"} 1.0' in page
    assert "peakend_workers 1.0" in page
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_worker_that_dies_is_started_again(serving: tuple[subprocess.Popen[str], str]) -> None:
    process, address = serving
    until(lambda: httpx.get(f"{address}/ready").status_code == 200)
    (before,) = _workers(process)
    before.kill()
    until(lambda: [one.pid for one in _workers(process)] not in ([], [before.pid]))
    until(lambda: httpx.get(f"{address}/ready").status_code == 200)


def test_it_ends_in_order(serving: tuple[subprocess.Popen[str], str]) -> None:
    process, address = serving
    until(lambda: httpx.get(f"{address}/ready").status_code == 200)
    (worker,) = _workers(process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
    assert not worker.is_running()


def test_a_worker_does_not_outlive_its_server(serving: tuple[subprocess.Popen[str], str]) -> None:
    process, address = serving
    until(lambda: httpx.get(f"{address}/ready").status_code == 200)
    (worker,) = _workers(process)
    process.kill()
    process.wait()
    until(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE)


def test_a_port_that_is_taken_is_said(serving: tuple[subprocess.Popen[str], str], tmp_path: Path) -> None:
    _, address = serving
    port = address.rpartition(":")[2]
    command = [sys.executable, "-P", "-m", "peakend", "serve", "cloud", "--database", "q.db", "--port", port]
    ended = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert ended.returncode == 1
    assert f"Port {port} of 127.0.0.1 cannot be opened" in ended.stderr


def _workers(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """The workers that are alive; the other child keeps track of what they share."""
    children = psutil.Process(process.pid).children()
    alive = [one for one in children if one.status() != psutil.STATUS_ZOMBIE]
    return [one for one in alive if any("spawn_main" in word for word in one.cmdline())]
