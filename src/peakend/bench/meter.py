"""What a piece of work costs: wall clock, processor time, and peak memory, of its process and its workers.

A process never gives memory back to its own peak, so each benchmark runs in a fresh one. The counter that
`getrusage` keeps is no help for it on Linux: a new process inherits the peak of the one that started it.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")

_LOOK_EVERY = 0.05
_PROC = Path("/proc")


class Cost(NamedTuple):
    """Seconds on the clock and of all processors, and the peak memory in MB of a process and of its largest
    worker (0 where it started none)."""

    seconds: float
    cpu_seconds: float
    memory_mb: float
    worker_memory_mb: float = 0.0


def memory_mb() -> float:
    """The memory that this process has now; elsewhere than on Linux its peak so far."""
    return _said_mb("self", "VmRSS")


def cpu_of(process: int) -> float:
    """Seconds of the processors that another process and its children have had; 0 elsewhere than on Linux."""
    found = 0.0
    for place in (_PROC / str(process), *(_PROC / child for child in _children(str(process)))):
        times = _read(place / "stat").rpartition(")")[2].split()[11:15]
        found += sum(int(one) for one in times) / os.sysconf("SC_CLK_TCK")
    return found


def in_fresh_process(work: Callable[..., T], *arguments: Any) -> T:
    """Do some work in a process of its own, and return what it returns."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


class Meter:
    """Adds up the cost of the blocks that it is held over, workers that end within them included."""

    def __init__(self) -> None:
        self.seconds = self.cpu_seconds = 0.0
        self._children = _Children()

    def __enter__(self) -> Meter:
        self._began, self._cpu_began = time.perf_counter(), _cpu()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._began
        self.cpu_seconds += _cpu() - self._cpu_began

    def cost(self) -> Cost:
        """The cost so far; the peaks are those of the whole process."""
        self._children.stop()
        return Cost(self.seconds, self.cpu_seconds, _peak_mb("self"), self._children.peak_mb)


class _Children:
    """Looks at the peaks of the worker processes as long as they live."""

    def __init__(self) -> None:
        self.peak_mb = 0.0
        self._over = Event()
        self._thread = Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(_LOOK_EVERY):
            for child in _children("self"):
                self.peak_mb = max(self.peak_mb, _peak_mb(child))


def _children(process: str) -> list[str]:
    return [child for one in _PROC.glob(f"{process}/task/*/children") for child in _read(one).split()]


def _cpu() -> float:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


def _peak_mb(process: str) -> float:
    return _said_mb(process, "VmHWM")


def _said_mb(process: str, name: str) -> float:
    """What the kernel says of a process, 0 when it is gone; elsewhere than on Linux only one's own peak."""
    for line in _read(_PROC / process / "status").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024 / 1e6
    if process != "self" or _PROC.is_dir():
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1 if sys.platform == "darwin" else 1024) / 1e6


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii")
    except OSError:
        return ""
