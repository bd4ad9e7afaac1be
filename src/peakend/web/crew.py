"""Workers beside the server: a process each, started again when it dies, ended in order.

A worker's process begins here and loads nothing of the application. One whose parent has died ends by itself,
after what it has begun.
"""

from __future__ import annotations

import logging
import multiprocessing
import signal
from collections.abc import Sequence
from dataclasses import replace
from multiprocessing.connection import wait
from multiprocessing.process import parent_process
from pathlib import Path
from threading import Event, Thread
from time import time_ns
from typing import Any, Final

from peakend.errors import PeakendError
from peakend.instance.file import read_instance
from peakend.instance.working import Order, Shift
from peakend.web.logs import Form, set_up_logs

PATIENCE: Final = 30.0
"""Seconds that a worker has for what it has begun."""
FIRST: Final = 1.0
LONGEST: Final = 30.0
"""Seconds until a worker that died is started again: twice as long each time."""

log = logging.getLogger("peakend.serve")


def now() -> int:
    """The clock, in microseconds UTC."""
    return time_ns() // 1000


class Crew:
    """Worker processes, one an order, each started again whenever it ends before `stop`."""

    def __init__(self, orders: Sequence[Order], config: Path | None, form: Form) -> None:
        self._config, self._form = config, form
        self._stopped = Event()
        self._context = multiprocessing.get_context("spawn")
        self._at_work: dict[str, Any] = {}
        self._threads = [Thread(target=self._keep, args=(one,), name=one.worker) for one in orders]

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
            arguments = (order, self._config, self._form)
            working = self._context.Process(target=work, args=arguments, name=order.worker)
            began = now()
            working.start()
            self._at_work[order.worker] = working
            while working.is_alive() and not self._stopped.is_set():
                working.join(0.2)
            if self._stopped.is_set():
                break
            if now() - began > 60_000_000:
                pause = FIRST
            log.error("a worker ended: it is started again", extra={"worker": order.worker, "seconds": pause})
            self._stopped.wait(pause)
            pause = min(pause * 2, LONGEST)
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
