"""The whole application over a service that was lived through, with somebody who works on its jobs."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any, NamedTuple

import msgspec
from fastapi import FastAPI
from people_world import TimedHouse, everybody, signed_in

from peakend.errors import PeakendError
from peakend.model.account import Language
from peakend.model.job import OVER, Job
from peakend.store import open_store
from peakend.web.app import create_app
from peakend.web.jobs import Jobs, Task, as_result
from peakend.web.people import sessions
from peakend.web.reckoning import KINDS
from tests.web.world import World

PATIENCE = 300.0


class AtWork(NamedTuple):
    """An application, its house, the world that it shows, and headers that sign in by role."""

    app: FastAPI
    house: TimedHouse
    world: World
    folder: Path

    def signed_in(self, role: str = "manager", language: Language = "en") -> dict[str, str]:
        """Headers of somebody with a role."""
        with self.house.store() as store:
            found = store.account(role)
            assert found
            if found.language != language:
                sessions.change_language(store, found, language, self.house.instant)
            return signed_in(store, role, self.house.instant) | {"Accept": "text/html"}

    def at_once(self, kind: str, params: Any) -> Job:
        """A job done here and now, in no process of its own; what is wrong is kept as a job keeps it."""
        with self.house.store() as store:
            now = self.house.instant
            text = msgspec.json.encode(params).decode()
            store.put_job(
                Job(id=token_hex(8), kind=kind, params=text, who="li", state="waiting", created=now)
            )
            job = store.claim_job("here", now, 1_000_000, 1)
            assert job is not None and job.kind == kind
            task = Task(msgspec.json.decode(text), store, self.folder, "li", now, lambda done, all_: None)
            try:
                result = msgspec.json.encode(KINDS[kind](task)).decode()
                assert store.end_job(job.id, "here", now, "done", result=result)
            except PeakendError as error:
                assert store.end_job(job.id, "here", now, "failed", result=as_result(error))
            found = store.job(job.id)
        assert found is not None
        return found

    def over(self, job: Job) -> Job:
        """A job once it is over."""
        ends = time.monotonic() + PATIENCE
        while True:
            with self.house.store() as store:
                found = store.job(job.id)
            assert found is not None and time.monotonic() < ends, found
            if found.state in OVER:
                return found
            time.sleep(0.1)


@contextmanager
def at_work(world: World, folder: Path, *, jobs: bool = False) -> Iterator[AtWork]:
    """The application over a copy of a world; `jobs` are then worked on in processes of their own."""
    database = folder / "copy.db"
    shutil.copy(world.database, database)
    house = TimedHouse(lambda: open_store(str(database)), world.placed, lambda: house.instant)
    house.instant = world.now
    with house.store() as store:
        everybody(store)
    crew = Jobs(house.store, str(database), house.clock, folder / "log", KINDS) if jobs else None
    if crew:
        house.give_jobs_to(crew)
        crew.start()
    try:
        yield AtWork(create_app(house), house, world, folder / "log")
    finally:
        if crew:
            crew.stop()
        house.close()
