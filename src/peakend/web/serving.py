"""`serve`: the application in this process, workers beside it, and an orderly end of all of them.

A worker is a process of its own, so that pages stay quick while it folds (ADR 0020). One that dies is started
again; one whose parent has died ends by itself, after what it has begun.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from multiprocessing.connection import wait
from multiprocessing.process import parent_process
from pathlib import Path
from threading import Event, Thread
from time import time_ns
from types import FrameType
from typing import Any, Final

import uvicorn

from peakend.errors import PeakendError
from peakend.instance.file import read_instance
from peakend.instance.working import Order, Shift
from peakend.store import open_store
from peakend.store.whole import file_of, is_of_a_file
from peakend.web.app import create_app
from peakend.web.house import House
from peakend.web.jobs import Jobs
from peakend.web.logs import Form, set_up_logs
from peakend.web.reckoning import KINDS
from peakend.web.work import KINDS as OF_PLAYS

PATIENCE: Final = 30.0
"""Seconds that a worker has for what it has begun."""
FIRST: Final = 1.0
LONGEST: Final = 30.0
"""Seconds until a worker that died is started again: twice as long each time."""

log = logging.getLogger("peakend.serve")


def now() -> int:
    """The clock, in microseconds UTC."""
    return time_ns() // 1000


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


class Crew:
    """Worker processes, one an order, each started again whenever it ends before `stop`."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._stopped = Event()
        self._context = multiprocessing.get_context("spawn")
        self._at_work: dict[str, Any] = {}
        self._threads = [Thread(target=self._keep, args=(one,), name=one.worker) for one in serving.orders]

    def start(self) -> None:
        """Start all of them."""
        for thread in self._threads:
            thread.start()

    def at_work(self) -> int:
        """How many run now."""
        return sum(one.is_alive() for one in list(self._at_work.values()))

    def stop(self) -> None:
        """End all of them after what they have begun; those that do not come to an end are killed."""
        self._stopped.set()
        for one in list(self._at_work.values()):
            one.terminate()
        for thread in self._threads:
            thread.join()

    def _keep(self, order: Order) -> None:
        pause = FIRST
        while not self._stopped.is_set():
            arguments = (order, self._serving.config, self._serving.form)
            working = self._context.Process(target=work, args=arguments, name=order.worker)
            began = now()
            working.start()
            self._at_work[order.worker] = working
            while working.is_alive() and not self._stopped.is_set():
                working.join(0.2)
            if self._stopped.is_set():
                break
            pause = FIRST if now() - began > 60_000_000 else min(pause * 2, LONGEST)
            log.error("a worker ended: it is started again", extra={"worker": order.worker, "seconds": pause})
            self._stopped.wait(pause)
        ended = self._at_work.get(order.worker)
        if ended is not None:
            ended.terminate()
            ended.join(PATIENCE)
            ended.kill()


def work(order: Order, config: Path | None, form: Form) -> None:
    """What a worker's process does, until SIGTERM or until its parent is gone."""
    set_up_logs(form)
    try:
        shift = Shift(order, read_instance(config), now, lambda working: None)
    except PeakendError as error:
        log.error(error.text("en"))
        raise SystemExit(1) from None
    signal.signal(signal.SIGTERM, lambda number, frame: shift.stop())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it too, and says when to end
    Thread(target=_outlive, args=(shift,), daemon=True).start()
    try:
        shift.run()
    except PeakendError as error:
        log.error(error.text("en"))
        raise SystemExit(1) from None


def _outlive(shift: Shift) -> None:
    """Nobody restarts a worker whose parent has gone: it ends too."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        shift.stop()


def serve(serving: Serving, begun: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT. `begun` is told the address once it is open.

    Raises PeakendError where the database or the port cannot be had.
    """
    set_up_logs(serving.form, logging.WARNING if serving.quiet else logging.INFO)
    placed = read_instance(serving.config)
    open_store(serving.url).close()  # makes its tables, or says why not, before anything is promised
    crew = Crew(serving)
    house = House(
        lambda: open_store(serving.url),
        placed,
        now,
        named=serving.named,
        workers=crew.at_work,
        trial=serving.trial,
        database=serving.url,
    )
    listener = _listener(serving.host, serving.port)
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
    jobs = Jobs(house.store, serving.url, now, log_folder(serving.url), {**KINDS, **OF_PLAYS})
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


def orders_of(url: str, worker: str, workers: int, named: str, shards: int) -> list[Order]:
    """Orders for so many workers; several need a database with several shards. Raises PeakendError."""
    one = Order(url=url, worker=worker, named=named)
    if workers <= 1:
        return [one] * workers
    if shards == 1:
        raise PeakendError(
            f"A file takes one worker, not {workers}",
            fix="Leave --workers out, or name a PostgreSQL: --database postgresql://host/database",
            what_zh=f"单文件库只能有一个工作进程，不能有 {workers} 个",
            fix_zh="请去掉 --workers，或改用 PostgreSQL：--database postgresql://host/database",
        )
    share = -(-shards // workers)
    return [replace(one, worker=f"{worker}-{number}", shards=share) for number in range(1, workers + 1)]


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise PeakendError(
            f"Port {port} of {host} cannot be opened: {error.strerror}",
            fix="End what uses it, or name another one: --port 8001",
            what_zh=f"{host} 的端口 {port} 无法打开：{error.strerror}",
            fix_zh="请结束占用它的程序，或换一个端口：--port 8001",
        ) from None
    return listener


def _shown(host: str) -> str:
    return {"0.0.0.0": "localhost", "::": "localhost"}.get(host, f"[{host}]" if ":" in host else host)
