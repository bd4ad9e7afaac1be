"""What the jobs of tests do; and a server of nothing but jobs, to be killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from peakend.errors import PeakendError
from peakend.store import Store, open_store
from peakend.web.jobs import Jobs, Limits, Task

QUICK = Limits(seconds=60, lease=1_000_000, beat=100_000)


def adds(task: Task) -> Any:
    """Add up what it is given, saying how far it is."""
    for number, _ in enumerate(task.params, 1):
        task.tell(number, len(task.params))
    return {"sum": sum(task.params), "who": task.who, "open": task.store.waiting()}


def waits(task: Task) -> Any:
    """Start a process, write down who works, and wait for a file."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
    with (task.folder / "pids").open("a") as out:
        out.write(f"{os.getpid()} {child.pid}\n")
    task.tell(1, 2)
    while not (task.folder / "go").exists():
        time.sleep(0.02)
    child.kill()
    child.wait()
    return "went on"


def fails(task: Task) -> Any:
    """Say what is wrong."""
    raise PeakendError("It is wrong", fix="Mend it", what_zh="不对", fix_zh="请修正")


def dies(task: Task) -> Any:
    """End in the middle."""
    os._exit(3)


def eats(task: Task) -> Any:
    """Take more memory than it may."""
    return len(bytearray(8 << 30))


KINDS = {"adds": adds, "waits": waits, "fails": fails, "dies": dies, "eats": eats}


def clock() -> int:
    """Microseconds UTC."""
    return time.time_ns() // 1000


def jobs_of(url: str, folder: Path, limits: Limits = QUICK, places: int = 1) -> Jobs:
    """A server of jobs on a store."""

    @contextmanager
    def store() -> Iterator[Store]:
        found = open_store(url)
        try:
            yield found
        finally:
            found.close()

    return Jobs(store, url, clock, folder, KINDS, places=places, limits=limits)


if __name__ == "__main__":
    jobs_of(sys.argv[1], Path(sys.argv[2])).start()
    print("started", flush=True)
    time.sleep(300)
