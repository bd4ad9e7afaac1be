"""Work that takes longer than a page may: each job in a process of its own, its progress in the store.

A job that was running when the server went away is begun anew by the next one, and says so; where that
happens over and over it is interrupted, and says that. A process of a job never outlives its server, nor its
limits. What a job does is not known here: a function is handed in for each kind.
"""

from __future__ import annotations

import logging
import os
import resource
import signal
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import parent_process
from pathlib import Path
from secrets import token_hex
from threading import Event, Thread
from time import monotonic
from typing import Any, Final, NamedTuple

import msgspec

from peakend.errors import PeakendError
from peakend.model.job import Job, JobNote, JobState
from peakend.store import Store, StoreError, open_store

log = logging.getLogger("peakend.jobs")

MOST: Final = 3
"""How often a job is begun before it is given up."""
KEPT: Final = 30 * 86_400_000_000
"""Microseconds for which a job that is over is remembered."""
FORGETS: Final = 3600 * 1_000_000
"""Microseconds between two looks for jobs that are to be forgotten."""


class Limits(NamedTuple):
    """What one job may take: seconds, and bytes of memory in each of its processes. `lease` and `beat` are
    microseconds after which a job without a sign of life is taken over, and between two such signs."""

    seconds: float = 1800.0
    memory: int = 6 << 30
    lease: int = 15_000_000
    beat: int = 1_000_000


class Task(NamedTuple):
    """What the function of a kind gets: its parameters, the store, a folder of the server's, who asked, when,
    and whom to tell (done, total)."""

    params: Any
    store: Store
    folder: Path
    who: str
    now: int
    tell: Callable[[int, int], None]


Work = Callable[[Task], Any]
"""Does a job and returns what msgspec can write as JSON. Raises PeakendError for what somebody can mend."""


class Jobs:
    """The jobs of one server: at most `places` at a time, of the kinds that it is given."""

    def __init__(
        self,
        store: Callable[[], AbstractContextManager[Store]],
        url: str,
        clock: Callable[[], int],
        folder: Path,
        kinds: Mapping[str, Work],
        *,
        places: int = 1,
        limits: Limits | None = None,
    ) -> None:
        self._store, self._url, self._clock, self._folder = store, url, clock, folder
        self._kinds, self._limits = kinds, limits or Limits()
        self._stopped, self._woken = Event(), Event()
        self._threads = [Thread(target=self._keep, name=f"jobs-{number}") for number in range(places)]

    def start(self) -> None:
        """Begin to work on what waits."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End all processes; what they worked on is begun anew by whoever comes next."""
        self._stopped.set()
        self._woken.set()
        for thread in self._threads:
            thread.join()

    def submit(self, kind: str, params: Any, who: str) -> Job:
        """Let a job wait. `params` is what msgspec can write as JSON."""
        assert kind in self._kinds
        text = msgspec.json.encode(params).decode()
        job = Job(id=token_hex(8), kind=kind, params=text, who=who, state="waiting", created=self._clock())
        with self._store() as store:
            store.put_job(job)
        self._woken.set()
        return job

    def _keep(self) -> None:
        forgot = 0
        while not self._stopped.is_set():
            token = token_hex(8)
            try:
                with self._store() as store:
                    now = self._clock()
                    job = store.claim_job(token, now, self._limits.lease, MOST)
                    if job is None and not forgot <= now < forgot + FORGETS:
                        store.forget_jobs(now - KEPT)
                        forgot = now
                if job is not None:
                    self._work(job, token)
                    continue
            except PeakendError as error:
                log.warning("jobs have to wait: %s", error.text("en"))
            self._woken.wait(1.0)
            self._woken.clear()

    def _work(self, job: Job, token: str) -> None:
        work = self._kinds.get(job.kind)
        if work is None:
            self._end(job, token, "failed", as_result(_unknown(job.kind)))
            return
        context = get_context("spawn")
        ours, theirs = context.Pipe(duplex=False)
        order = _Order(job.params, self._url, self._folder, job.who, self._clock(), self._limits.memory)
        process = context.Process(target=_run, args=(theirs, work, order), name=f"job-{job.id}")
        process.start()
        theirs.close()
        try:
            self._watch(job, token, ours, began=monotonic())
        finally:
            _end_group(process.pid)
            process.kill()
            process.join()
            ours.close()

    def _watch(self, job: Job, token: str, ours: Connection, began: float) -> None:
        done = total = 0
        beaten = self._clock()
        while not self._stopped.is_set():
            try:
                said = ours.recv() if ours.poll(0.1) else None
            except (EOFError, OSError):
                self._end(job, token, "failed", note="died")
                return
            if said is not None and said[0] == "at":
                _, done, total = said
            elif said is not None:
                state, result, note = said
                self._end(job, token, state, result, note)
                return
            if monotonic() - began > self._limits.seconds:
                self._end(job, token, "failed", note="too_long")
                return
            now = self._clock()
            if now - beaten >= self._limits.beat:
                beaten = now
                with suppress(StoreError), self._store() as store:
                    if not store.beat(job.id, token, now, done, total):
                        return  # cancelled, or somebody else's by now

    def _end(self, job: Job, token: str, state: JobState, result: str = "", note: JobNote = "") -> None:
        with self._store() as store:
            store.end_job(job.id, token, self._clock(), state, result=result, note=note)
        if state == "failed":
            log.warning("a job failed", extra={"job": job.id, "kind": job.kind, "why": note or "told"})


class _Order(NamedTuple):
    params: str
    url: str
    folder: Path
    who: str
    now: int
    memory: int


def _run(pipe: Connection, work: Work, order: _Order) -> None:
    """What the process of a job does."""
    os.setsid()  # with whatever it starts it is ended as one
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_outlive_nobody, daemon=True).start()
    if order.memory:
        resource.setrlimit(resource.RLIMIT_AS, (order.memory, order.memory))
    told = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal told
        if monotonic() - told > 0.1 or done >= total:
            told = monotonic()
            pipe.send(("at", done, total))

    try:
        store = open_store(order.url)
        try:
            params = msgspec.json.decode(order.params)
            found = work(Task(params, store, order.folder, order.who, order.now, tell))
            pipe.send(("done", msgspec.json.encode(found).decode(), ""))
        finally:
            store.close()
    except PeakendError as error:
        pipe.send(("failed", as_result(error), ""))
    except MemoryError:
        pipe.send(("failed", "", "too_large"))


def _outlive_nobody() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os.killpg(os.getpgrp(), signal.SIGKILL)


def _end_group(pid: int | None) -> None:
    if pid is not None:
        with suppress(ProcessLookupError, PermissionError):
            if os.getpgid(pid) == pid:
                os.killpg(pid, signal.SIGKILL)


def as_result(error: PeakendError) -> str:
    """An error as the result of a job, in both languages."""
    told = {
        "what": error.what,
        "fix": error.fix,
        "what_zh": error.what_zh or error.what,
        "fix_zh": error.fix_zh or error.fix,
        "place": str(error.place) if error.place else "",
    }
    return msgspec.json.encode({"error": told}).decode()


def wrong(job: Job) -> PeakendError | None:
    """What a failed job says that somebody can mend; None where it only did not come to its end."""
    if job.state != "failed" or not job.result:
        return None
    said = msgspec.json.decode(job.result)["error"]
    return PeakendError(
        said["what"],
        place=said["place"] or None,
        fix=said["fix"],
        what_zh=said["what_zh"],
        fix_zh=said["fix_zh"],
    )


def _unknown(kind: str) -> PeakendError:
    return PeakendError(
        f"This server does not know what a job '{kind}' is",
        fix="Begin it once more",
        what_zh=f"当前服务不认识“{kind}”这种任务",
        fix_zh="请重新发起",
    )
