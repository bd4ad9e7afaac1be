"""What a page shows of the jobs of a draft: what still holds though it has changed, and who is concerned."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any

import httpx
import msgspec
import pytest
from people_world import NINE, TimedHouse, client, signed_in, whole_app
from store_contract import keep as record
from store_contract import own

from peakend.design.editing import Change, changed_text
from peakend.errors import PeakendError
from peakend.model.draft import Draft
from peakend.model.job import Job
from peakend.model.stored import Recorded
from peakend.publish.drafts import begin, save
from peakend.store import Store
from peakend.web.jobs import Task, as_result
from peakend.web.work import KINDS, OfDraft
from tests.web.test_bench_of_plays import PLAY, fill, of_customer


class Desk:
    """A store with a published pack, a past, and a draft of a designer's; jobs are done here and now."""

    def __init__(self, app: Any, house: TimedHouse, folder: Path) -> None:
        self.house, self._app, self._folder = house, app, folder
        with house.store() as store:
            fill(store)
            begin(store, "d-1", source="", who="designer", now=NINE)
            self.story = next(name for name in store.draft_files("d-1") if name.startswith("stories/"))

    def save(self, **files: bytes | None) -> int:
        """Change files of the draft; its revision after that."""
        with self.house.store() as store:
            at = store.draft("d-1")
            assert at
            done = save(store, "d-1", at.revision, files, who="designer", now=NINE, copy="")
        assert isinstance(done, Draft)
        return done.revision

    def edit(self, value: str) -> int:
        """Let the play's first step be due at another time, and let go of the stories that expect the old."""
        with self.house.store() as store:
            files = store.draft_files("d-1")
        text = changed_text(PLAY, files[PLAY].decode(), Change(["steps", 0, "due", "by"], value))
        stories = {name: None for name in files if name.startswith("stories/") and name != self.story}
        return self.save(**{PLAY: text.encode(), **stories})

    def job(self, kind: str, revision: int) -> Job:
        """A job on the draft as it was at a revision, done."""
        with self.house.store() as store:
            params = msgspec.json.encode(OfDraft(draft="d-1", revision=revision, play="renewal")).decode()
            made = Job(
                id=token_hex(8), kind=kind, params=params, who="designer", state="waiting", created=NINE
            )
            store.put_job(made)
            assert store.claim_job("here", NINE, 1_000_000, 1)
            state, result = self._worked(store, kind, params)
            assert store.end_job(made.id, "here", NINE, state, result=result)  # type: ignore[arg-type]
            found = store.job(made.id)
        assert found
        return found

    def _worked(self, store: Store, kind: str, params: str) -> tuple[str, str]:
        task = Task(
            msgspec.json.decode(params), store, self._folder, "designer", NINE, lambda done, all_: None
        )
        try:
            return "done", msgspec.json.encode(KINDS[kind](task)).decode()
        except PeakendError as error:
            return "failed", as_result(error)

    def shown(self, job: Job) -> str:
        """What the page shows of a job."""
        with self.house.store() as store:
            signed = signed_in(store, "designer", self.house.instant)
        with client(self._app) as asked:
            answer: httpx.Response = asked.get(
                f"/drafts/d-1/plays/renewal/jobs/{job.id}", headers=signed | {"Accept": "text/html"}
            )
        assert answer.status_code == 200, answer.text[:2000]
        return answer.text


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    app, house = whole_app(tmp_path / "peakend.db")
    house.instant = NINE
    try:
        yield Desk(app, house, tmp_path / "log")
    finally:
        house.close()


OUTDATED, HOLDS = "the draft has changed since", "only stories have changed since"


def test_a_backtest_holds_while_nothing_but_stories_changes_and_their_check_does_not(desk: Desk) -> None:
    at = desk.edit("P20D")
    tested, checked = desk.job("backtest", at), desk.job("check", at)
    for job in (tested, checked):
        assert OUTDATED not in desk.shown(job) and HOLDS not in desk.shown(job)
    desk.save(**{desk.story: None})
    assert HOLDS in desk.shown(tested) and OUTDATED not in desk.shown(tested)
    assert OUTDATED in desk.shown(checked) and "Play them again" in desk.shown(checked)
    desk.edit("P10D")
    assert OUTDATED in desk.shown(tested) and HOLDS not in desk.shown(tested)


def test_a_backtest_that_still_waits_is_done_though_the_stories_changed_meanwhile(desk: Desk) -> None:
    at = desk.edit("P20D")
    desk.save(**{desk.story: None})
    tested = desk.job("backtest", at)
    assert tested.state == "done", tested.result
    assert f"result of revision {at}" in desk.shown(tested)
    assert desk.job("check", at).state == "failed"
    desk.edit("P10D")
    assert desk.job("backtest", at).state == "failed"


def test_the_preview_names_up_to_five_customers_of_each_kind_of_change(desk: Desk) -> None:
    with desk.house.store() as store:
        for number in range(3, 9):
            record(store, own(store, f"c-{number}"), events=of_customer(number))
        called = Recorded(
            "c-1", "customer.updated", NINE, NINE, 99, '{"name":"王芳","tier":"gold"}', "crm", "e-n", ""
        )
        record(store, own(store, "c-1"), events=[called])
    desk.edit("P20D")
    shown = desk.shown(desk.job("preview", desk.save(**{desk.story: None})))
    assert "It affects 9 customers" in shown and "9 sent at another time" in shown
    links = re.findall(r'<a href="/customers/([^"]+)">([^<]+)</a>', shown)
    assert links == [("c-0", "c-0"), ("c-1", "王芳"), ("c-2", "c-2"), ("c-3", "c-3"), ("c-4", "c-4")]
    assert "and 4 others" in shown
