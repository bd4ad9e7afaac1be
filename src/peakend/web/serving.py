"""`serve`: the application in this process, workers beside it, and an orderly end of all of them.

A worker is a process of its own, so that pages stay quick while it folds (ADR 0020).
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import FrameType

import uvicorn

from peakend.instance.file import read_instance
from peakend.instance.working import Order
from peakend.publish.segments import forget_past
from peakend.store import open_store
from peakend.store.whole import file_of, is_of_a_file
from peakend.web.app import create_app
from peakend.web.crew import Crew, now
from peakend.web.house import House
from peakend.web.jobs import Jobs
from peakend.web.listening import listening
from peakend.web.logs import Form, set_up_logs
from peakend.web.reckoning import KINDS
from peakend.web.work import KINDS as OF_PLAYS

log = logging.getLogger("peakend.serve")


@dataclass(frozen=True, kw_only=True)
class Serving:
    """What `serve` was asked for."""

    orders: Sequence[Order]
    config: Path | None
    url: str
    named: str
    host: str
    port: int
    form: Form = "text"
    proxies: str = "127.0.0.1"
    trial: str = ""
    quiet: bool = False


def serve(serving: Serving, begun: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT. `begun` is told the address once it is open.

    Raises PeakendError where the database or the port cannot be had.
    """
    set_up_logs(serving.form, logging.WARNING if serving.quiet else logging.INFO)
    placed = read_instance(serving.config)
    open_store(serving.url).close()  # makes its tables, or says why not, before anything is promised
    crew = Crew(serving.orders, serving.config, serving.form)
    house = House(
        lambda: open_store(serving.url),
        placed,
        now,
        named=serving.named,
        workers=crew.at_work,
        trial=serving.trial,
        database=serving.url,
    )
    listener = listening(serving.host, serving.port)
    port = listener.getsockname()[1]
    settings = uvicorn.Config(
        create_app(house),
        http="httptools",
        loop="uvloop",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=serving.proxies,
        timeout_graceful_shutdown=10,
    )
    for which in (signal.SIGTERM, signal.SIGINT):  # what the server has heard comes again once it has ended
        signal.signal(which, lambda number, frame: None)
    copy = log_folder(serving.url)
    forget_past(copy)  # another version of this program may have concluded it
    jobs = Jobs(house.store, serving.url, now, copy, {**KINDS, **OF_PLAYS})
    house.give_jobs_to(jobs)
    crew.start()
    jobs.start()
    try:
        begun(f"http://{_shown(serving.host)}:{port}/")
        _Server(settings, house).run(sockets=[listener])
    finally:
        jobs.stop()
        crew.stop()


def log_folder(url: str) -> Path:
    """Where the copy of a store's log lies that backtests read: beside its file, or for a server in the
    folder of this user's caches."""
    if is_of_a_file(url):
        file = file_of(url)
        return file.with_name(f"{file.name}-log")
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return caches / "peakend" / f"log-{sha256(url.encode()).hexdigest()[:16]}"


class _Server(uvicorn.Server):
    """A server that says at once that it ends: whoever watches for news is let go first."""

    def __init__(self, settings: uvicorn.Config, house: House) -> None:
        super().__init__(settings)
        self._house = house

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._house.ending.set()
        super().handle_exit(sig, frame)


def _shown(host: str) -> str:
    return {"0.0.0.0": "localhost", "::": "localhost"}.get(host, f"[{host}]" if ":" in host else host)
