"""Jobs: each in a process of its own, alive in the store, begun anew after a server that was killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from peakend.model.job import OVER, Job
from peakend.store import open_store
from peakend.web.jobs import MOST, Jobs, Limits
from tests.web.work_of_jobs import QUICK, jobs_of

PATIENCE = 60.0


@pytest.fixture
def url(tmp_path: Path) -> str:
    return str(tmp_path / "peakend.db")


def job_of(url: str, id_: str) -> Job:
    store = open_store(url)
    try:
        found = store.job(id_)
    finally:
        store.close()
    assert found is not None
    return found


def until(url: str, job: Job, fits: Callable[[Job], bool] = lambda job: job.state in OVER) -> Job:
    """The job once it is so."""
    ends = time.monotonic() + PATIENCE
    while not fits(found := job_of(url, job.id)):
        assert time.monotonic() < ends, found
        time.sleep(0.05)
    return found


@contextmanager
def working(url: str, folder: Path, limits: Limits = QUICK, places: int = 1) -> Iterator[Jobs]:
    jobs = jobs_of(url, folder, limits, places)
    jobs.start()
    try:
        yield jobs
    finally:
        jobs.stop()


def is_alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def pids(folder: Path) -> list[int]:
    return [int(pid) for pid in (folder / "pids").read_text().split()]


def all_gone(processes: list[int]) -> bool:
    ends = time.monotonic() + PATIENCE
    while any(map(is_alive, processes)) and time.monotonic() < ends:
        time.sleep(0.05)
    return not any(map(is_alive, processes))


def test_a_job_is_done_and_its_result_is_there(url: str, tmp_path: Path) -> None:
    with working(url, tmp_path) as jobs:
        job = until(url, jobs.submit("adds", [1, 2, 3], "li"))
    assert (job.state, job.note, job.attempts) == ("done", "", 1)
    assert json.loads(job.result) == {"sum": 6, "who": "li", "open": 0}
    assert job.created <= job.started <= job.ended


def test_what_goes_wrong_is_said_in_both_languages(url: str, tmp_path: Path) -> None:
    with working(url, tmp_path) as jobs:
        wrong, dead = (until(url, jobs.submit(kind, None, "li")) for kind in ("fails", "dies"))
    said = json.loads(wrong.result)["error"]
    assert (wrong.state, said["what"], said["what_zh"], said["fix_zh"]) == (
        "failed",
        "It is wrong",
        "不对",
        "请修正",
    )
    assert (dead.state, dead.note) == ("failed", "died")


def test_limits_of_time_and_memory_are_kept(url: str, tmp_path: Path) -> None:
    with working(url, tmp_path, QUICK._replace(seconds=8.0, memory=4 << 30)) as jobs:
        large = until(url, jobs.submit("eats", None, "li"))
        late = until(url, jobs.submit("waits", None, "li"))
    assert (large.state, large.note) == ("failed", "too_large")
    assert (late.state, late.note) == ("failed", "too_long")
    assert all_gone(pids(tmp_path))


def test_a_cancelled_job_ends_with_all_its_processes(url: str, tmp_path: Path) -> None:
    with working(url, tmp_path) as jobs:
        job = jobs.submit("waits", None, "li")
        until(url, job, lambda one: one.done == 1)
        assert len(pids(tmp_path)) == 2 and all(map(is_alive, pids(tmp_path)))
        store = open_store(url)
        assert store.cancel_job(job.id, time.time_ns() // 1000)
        store.close()
        assert all_gone(pids(tmp_path))
        following = until(url, jobs.submit("adds", [1], "li"))
    assert following.state == "done" and job_of(url, job.id).state == "cancelled"


def killed_server(url: str, folder: Path, job: Job | None = None) -> Job:
    """Let a server in a process of its own work on a job, and kill it in the middle."""
    script = Path(__file__).with_name("work_of_jobs.py")
    root = script.parent.parent.parent
    attempts = job_of(url, job.id).attempts if job else 0
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.web.work_of_jobs", url, str(folder)],
        stdout=subprocess.PIPE,
        cwd=root,
    )
    try:
        assert server.stdout and server.stdout.readline() == b"started\n"
        begun = job or jobs_of(url, folder).submit("waits", None, "li")
        until(url, begun, lambda one: one.attempts > attempts and one.done == 1)
        os.kill(server.pid, signal.SIGKILL)
    finally:
        server.kill()
        server.wait()
        assert server.stdout
        server.stdout.close()
    assert all_gone(pids(folder)), "the process of a job outlived its server"
    return begun


def test_a_job_goes_on_after_its_server_was_killed_and_says_so(url: str, tmp_path: Path) -> None:
    job = killed_server(url, tmp_path)
    assert job_of(url, job.id).state == "running"
    (tmp_path / "go").touch()
    with working(url, tmp_path):
        done = until(url, job)
    assert (done.state, done.note, done.attempts, done.result) == ("done", "again", 2, '"went on"')


def test_a_job_whose_servers_die_again_and_again_is_given_up(url: str, tmp_path: Path) -> None:
    job = None
    for _ in range(MOST):
        job = killed_server(url, tmp_path, job)
    assert job is not None
    with working(url, tmp_path):
        over = until(url, job)
    assert (over.state, over.note, over.attempts) == ("interrupted", "gave_up", MOST)


def test_an_orderly_end_leaves_the_job_to_the_next_server(url: str, tmp_path: Path) -> None:
    with working(url, tmp_path) as jobs:
        job = jobs.submit("waits", None, "li")
        until(url, job, lambda one: one.done == 1)
    assert all_gone(pids(tmp_path)) and job_of(url, job.id).state == "running"
    (tmp_path / "go").touch()
    with working(url, tmp_path):
        assert until(url, job).note == "again"


def test_two_places_work_side_by_side(url: str, tmp_path: Path) -> None:
    with working(url, tmp_path, places=2) as jobs:
        slow, quick = jobs.submit("waits", None, "li"), jobs.submit("adds", [1], "li")
        assert until(url, quick).state == "done" and job_of(url, slow.id).state == "running"
        (tmp_path / "go").touch()
        assert until(url, slow).state == "done"
