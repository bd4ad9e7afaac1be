"""The bench of plays over HTTP: a play changed by form and as YAML, tested, agreed with, published."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from people_world import NINE, Direct, TimedHouse, everybody, key_of, signed_in, whole_app
from store_contract import keep as record
from store_contract import own

from peakend.check import check_files
from peakend.design.pack import READ
from peakend.design.pack_files import files_of
from peakend.model.account import AuditQuery
from peakend.model.stored import Recorded
from peakend.publish import keep, sound
from peakend.store import Store
from peakend.web.jobs import Jobs
from peakend.web.work import KINDS

MINIMAL = Path(__file__).parent.parent / "packs" / "minimal"
PLAY = "plays/renewal.yaml"
DAY = 86_400_000_000


class Bench:
    """The application with jobs at work, asked as one role after the other."""

    def __init__(self, app: Any, house: TimedHouse) -> None:
        self.house, self._client = house, httpx.Client(transport=Direct(app), base_url="http://testserver")
        with house.store() as store:
            self._signed = {
                role: signed_in(store, role) for role in ("viewer", "designer", "manager", "admin")
            }
            self.key = key_of(store, "write")

    def ask(self, role: str, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        headers = self.key if role == "key" else self._signed[role]
        answer = self._client.request(method, f"/api/v1{path}", json=body, headers=headers)
        assert answer.status_code == status, (answer.status_code, answer.text[:2000])
        return answer.json()

    def job(self, role: str, path: str, body: Any) -> Any:
        """A job that is over."""
        begun = self.ask(role, "POST", path, body, 202)
        ends = time.monotonic() + 120
        while (found := self.ask(role, "GET", f"/jobs/{begun['id']}"))["state"] in ("waiting", "running"):
            assert time.monotonic() < ends, found
            time.sleep(0.5)
        return found

    def stream(self, path: str) -> str:
        return self._client.get(f"/api/v1{path}", headers=self._signed["viewer"]).text


def of_customer(number: int) -> list[Recorded]:
    """A customer of a tier signs a contract, and is heard of again two months later."""
    name, begun = f"c-{number}", NINE - 60 * DAY + number
    contract = f'{{"contract_id":"C{number}","plan":"gold","expires_on":"2026-02-20"}}'
    told = [
        (begun, "customer.updated", '{"tier":"gold"}'),
        (begun + 10, "contract.signed", contract),
        (NINE, "customer.updated", '{"tier":"gold"}'),
    ]
    return [
        Recorded(name, kind, at, at, 3 * number + seq, data, "crm", f"e-{number}-{seq}", "")
        for seq, (at, kind, data) in enumerate(told)
    ]


def fill(store: Store) -> None:
    everybody(store)
    files = files_of(MINIMAL, READ)
    keep(store, sound(check_files(files, "minimal"), ""), files, who="li", backtest="", approved="", now=1)
    for number in range(3):
        record(store, own(store, f"c-{number}"), events=of_customer(number))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    path = tmp_path / "peakend.db"
    app, house = whole_app(path)
    with house.store() as store:
        fill(store)
    began = time.monotonic_ns()
    clock = lambda: NINE + (time.monotonic_ns() - began) // 1000  # noqa: E731
    jobs = Jobs(house.store, str(path), clock, tmp_path / "log", KINDS)
    house.give_jobs_to(jobs)
    jobs.start()
    try:
        yield Bench(app, house)
    finally:
        jobs.stop()
        house.close()


def test_a_play_is_changed_tested_agreed_with_and_published(bench: Bench) -> None:
    draft = bench.ask("designer", "POST", "/drafts", {})["draft"]["id"]
    change = {"revision": 0, "file": PLAY, "changes": [{"path": ["steps", 0, "due", "by"], "value": "P20D"}]}
    assert bench.ask("designer", "POST", f"/drafts/{draft}/edit", change)["revision"] == 1
    text = bench.ask("viewer", "GET", f"/drafts/{draft}/files?name={PLAY}")["files"][PLAY]
    before = (MINIMAL / PLAY).read_text("utf-8")
    assert text == before.replace("by: P30D", "by: P20D", 1) != before
    stories = {
        name: None for name in files_of(MINIMAL, READ) if name.startswith("stories/")
    }  # they hold to the thirtieth day before
    yaml = {"revision": 1, "files": {PLAY: text.replace("class: service", "class: mandatory"), **stories}}
    assert bench.ask("designer", "PUT", f"/drafts/{draft}/files", yaml)["revision"] == 2
    linted = bench.ask("viewer", "POST", f"/drafts/{draft}/lint", {})
    assert linted["sound"] and all(one["what_zh"] for one in linted["problems"])
    tested = bench.job("designer", f"/drafts/{draft}/jobs/backtest", {"revision": 2, "play": "renewal"})
    assert tested["state"] == "done", tested
    play = tested["result"]["plays"]["renewal"]
    assert (play["now"]["entries"], play["before"]["entries"]) == (3, 3)
    assert play["difference"]["steps"]["moved"] == 3 and tested["result"]["people"] == 3
    shown = bench.job("designer", f"/drafts/{draft}/jobs/preview", {"revision": 2})
    reasons = {one[0] for one in shown["result"]["preview"]["reasons"]}
    assert "mandatory" in reasons
    refused = bench.job("designer", f"/drafts/{draft}/publish", {"revision": 2})
    assert refused["state"] == "failed" and "second account" in refused["result"]["error"]["what"]
    asked = bench.ask("designer", "POST", f"/drafts/{draft}/agreements", {"job": shown["id"], "word": "请看"})
    bench.ask("designer", "POST", f"/agreements/{asked['id']}/answer", {"state": "approved"}, 400)
    bench.ask("admin", "POST", f"/agreements/{asked['id']}/answer", {"state": "approved"})
    done = bench.job("designer", f"/drafts/{draft}/publish", {"revision": 2, "agreement": asked["id"]})
    assert done["state"] == "done", done
    versions = bench.ask("viewer", "GET", "/versions")["versions"]
    assert versions[0]["hash"] == done["result"]["hash"] and versions[0]["approved"]
    with bench.house.store() as store:
        noted = {one.what: one.who for one in store.recorded_changes(AuditQuery(limit=100))}
    assert noted["pack.published"] == "designer" and noted["agreement.approved"] == "admin"


def test_two_tabs_editing_one_play_lose_nothing(bench: Bench) -> None:
    draft = bench.ask("designer", "POST", "/drafts", {})["draft"]["id"]
    text = bench.ask("designer", "GET", f"/drafts/{draft}/files")["files"][PLAY]
    first = {"revision": 0, "files": {PLAY: f"# first\n{text}"}}
    bench.ask("designer", "PUT", f"/drafts/{draft}/files", first)
    second = {"revision": 0, "files": {PLAY: f"{text}# second\n"}}
    conflict = bench.ask("manager", "PUT", f"/drafts/{draft}/files", second, 409)
    assert conflict["title_zh"] and conflict["forked"]["files"][0]["merged"] == f"# first\n{text}# second\n"
    copy = conflict["forked"]["copy"]["id"]
    assert bench.ask("viewer", "GET", f"/drafts/{copy}/files")["files"][PLAY] == f"{text}# second\n"
    assert bench.ask("viewer", "GET", f"/drafts/{draft}/files")["files"][PLAY] == f"# first\n{text}"
    bench.ask("designer", "POST", f"/drafts/{draft}/back", {"revision": 1, "to": 0})
    assert bench.ask("viewer", "GET", f"/drafts/{draft}/files")["files"][PLAY] == text
    assert [
        one["back_to"] for one in bench.ask("viewer", "GET", f"/drafts/{draft}/revisions")["revisions"]
    ] == [-1, -1, 0]
    bench.ask("designer", "POST", f"/drafts/{draft}/back", {"revision": 1, "to": 0}, 409)


def test_what_is_written_is_completed_linted_and_told(bench: Bench) -> None:
    draft = bench.ask("designer", "POST", "/drafts", {})["draft"]["id"]
    wrong = {"files": {PLAY: "play: renewal\nclass: servise\n"}}
    found = bench.ask("viewer", "POST", f"/drafts/{draft}/lint", wrong)
    assert not found["sound"] and any(one["file"] == PLAY and one["line"] == 2 for one in found["problems"])
    cursor = {"file": PLAY, "text": "play: renewal\nclass: ser", "line": 1, "column": 10}
    assert bench.ask("viewer", "POST", f"/drafts/{draft}/complete", cursor)["offers"][0][0] == "service"
    nodes = bench.ask("viewer", "GET", f"/drafts/{draft}/plays/renewal/flow")["nodes"]
    assert nodes[0]["what"] == "start" and all(node["said"][0] and node["said"][1] for node in nodes)
    assert bench.ask("viewer", "GET", "/plays/renewal")["text"] == (MINIMAL / PLAY).read_text("utf-8")


def test_plays_are_paused_resumed_and_stopped_by_a_manager(bench: Bench) -> None:
    asked = {"what": "entries", "play": "renewal"}
    assert bench.ask("manager", "POST", "/plays/pause", asked) == {"changed": True}
    assert bench.ask("manager", "POST", "/plays/pause", asked) == {"changed": False}
    (play,) = [one for one in bench.ask("viewer", "GET", "/plays")["plays"] if one["play"] == "renewal"]
    assert play["entries_paused"] > 0 and play["class"] == "service"
    assert bench.ask("manager", "POST", "/plays/resume", asked) == {"changed": True}
    assert bench.ask("manager", "POST", "/plays/stop", {"play": "renewal"}) == {"changed": True}
    (play,) = [one for one in bench.ask("viewer", "GET", "/plays")["plays"] if one["play"] == "renewal"]
    assert play["stopped"]
    bench.ask("manager", "POST", "/plays/stop", {"play": "no-such"}, 404)
    bench.ask("manager", "POST", "/plays/pause", {"what": "entries", "channel": "sms"}, 400)
    with bench.house.store() as store:
        whats = [one.what for one in store.recorded_changes(AuditQuery(who="manager"))]
    assert {"entries.paused", "entries.resumed", "play.stopped"} <= set(whats)


def test_a_job_is_watched_and_cancelled(bench: Bench) -> None:
    draft = bench.ask("designer", "POST", "/drafts", {})["draft"]["id"]
    job = bench.job("designer", f"/drafts/{draft}/jobs/check", {"revision": 0})
    assert job["result"]["sound"] and job["result"]["stories"] == {}
    told = bench.stream(f"/jobs/{job['id']}/events")
    assert told.startswith("event: over\ndata: {") and '"state":"done"' in told
    assert bench.ask("designer", "POST", f"/jobs/{job['id']}/cancel")["state"] == "done"
    assert [one["id"] for one in bench.ask("viewer", "GET", "/jobs?kind=check")["jobs"]] == [job["id"]]
    bench.ask("viewer", "GET", "/jobs/none", status=404)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/drafts", {"source": "../etc"}, 400),
        ("POST", "/drafts", {"source": "no-such-pack"}, 400),
        ("POST", "/drafts", {"nonsense": 1}, 422),
        ("POST", "/drafts", [1], 422),
        ("GET", "/drafts/none", None, 404),
        ("PUT", "/drafts/DRAFT/files", {"revision": 0, "files": {"../x": "y"}}, 400),
        ("PUT", "/drafts/DRAFT/files", {"revision": 99, "files": {PLAY: "y"}}, 400),
        ("PUT", "/drafts/DRAFT/files", {"revision": "0", "files": {}}, 422),
        ("POST", "/drafts/DRAFT/edit", {"revision": 0, "file": "plays/none.yaml", "changes": []}, 400),
        ("POST", "/drafts/DRAFT/edit", {"revision": 0, "file": PLAY, "changes": [{"path": [9]}]}, 400),
        ("POST", "/drafts/DRAFT/jobs/backtest", {"revision": 5}, 409),
        ("POST", "/drafts/DRAFT/jobs/nothing", {"revision": 0}, 422),
        ("POST", "/drafts/DRAFT/agreements", {"job": "none"}, 404),
        ("GET", "/drafts/DRAFT/plays/none/flow", None, 404),
        ("POST", "/agreements/none/answer", {"state": "withdrawn"}, 409),
    ],
)
def test_nonsense_is_answered_and_changes_nothing(
    bench: Bench, method: str, path: str, body: Any, status: int
) -> None:
    draft = bench.ask("designer", "POST", "/drafts", {})["draft"]["id"]
    answer = bench.ask("designer", method, path.replace("DRAFT", draft), body, status)
    assert answer["title_zh"] and answer["detail_zh"]
    assert bench.ask("designer", "GET", f"/drafts/{draft}")["draft"]["revision"] == 0


def test_a_key_changes_drafts_and_publishes_nothing(bench: Bench) -> None:
    draft = bench.ask("key", "POST", "/drafts", {})["draft"]["id"]
    bench.ask("key", "POST", f"/drafts/{draft}/publish", {"revision": 0}, 403)
    bench.ask("viewer", "PUT", f"/drafts/{draft}/files", {"revision": 0, "files": {}}, 403)
    bench.ask("viewer", "POST", f"/drafts/{draft}/publish", {"revision": 0}, 403)


def test_openapi_tells_every_form(bench: Bench) -> None:
    told = bench.ask("viewer", "GET", "/openapi.json")["paths"]
    saved = told["/api/v1/drafts/{id_}/files"]["put"]
    form = saved["requestBody"]["content"]["application/json"]["schema"]
    assert set(form["properties"]) == {"revision", "files"} and form["required"] == ["revision", "files"]
    answer = told["/api/v1/jobs/{id_}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert "heartbeat" not in answer["properties"] and answer["properties"]["state"]["enum"]
