"""A real server on loopback and a real browser that forgives nothing: what tests of pages stand on.

A page opened here fails its test by any word on the console, any refused script or style, any request that
did not answer, and any request to another host.
"""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn

AXE = Path(__file__).resolve().parents[2] / "build" / "assets" / "axe.js"
FAULTS = {"serious", "critical"}
WIDTHS = (1280, 390)


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serve an ASGI application on a free port; yields its address without a slash at the end."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        try:
            deadline = time.monotonic() + 10
            while not server.started:
                assert time.monotonic() < deadline, "the server did not start"
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)


@contextmanager
def browsing() -> Iterator[Any]:
    """Start the system's Chromium; skips the test where there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium on this machine")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield launched
        launched.close()


@contextmanager
def strict_page(browser: Any, address: str, **options: Any) -> Iterator[Any]:
    """Open a page of its own whose every complaint fails the test when it is closed.

    `address` is the server's; `options` are playwright's for a context: viewport, color_scheme, locale.
    What a test provokes on purpose it takes off `page.complaints`, a list of texts.
    """
    context = browser.new_context(**options)
    page = context.new_page()
    said: list[str] = []
    page.complaints = said
    page.on("console", lambda one: said.append(f"console: {one.text}"))
    page.on("pageerror", lambda one: said.append(f"error: {one}"))
    page.on("response", lambda one: one.status < 400 or said.append(f"{one.status}: {one.url}"))
    page.on("request", lambda one: one.url.startswith((address, "data:")) or said.append(f"to {one.url}"))
    page.add_init_script(
        "document.addEventListener('securitypolicyviolation', e => "
        "console.error('CSP', e.violatedDirective, e.blockedURI, e.sourceFile, e.lineNumber))"
    )
    try:
        yield page
        assert said == [], said
    finally:
        context.close()


def faults_of(page: Any) -> list[str]:
    """Return what axe-core calls serious or critical on the page as it stands."""
    if not AXE.is_file():
        pytest.skip("axe-core is fetched for a checkout only: ./run")
    # Evaluated by the debugger, so the page's policy, which allows no such script, stays as it is.
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(
        "Promise.race([axe.run(document, {resultTypes: ['violations']}), new Promise((_, fail) => "
        "setTimeout(() => fail(new Error('axe has not come to an end in two minutes')), 120000))])"
    )
    return [
        f"{one['impact']}: {one['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for one in found["violations"]
        if one["impact"] in FAULTS
        for node in one["nodes"]
    ]
