"""`peakend run` as a process: it folds, prints, says what is wrong, and ends when it is told to."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from peakend.cli import app
from peakend.design.pack import find_pack, load_pack
from peakend.errors import PeakendError
from peakend.instance.file import read_instance
from peakend.instance.working import check_sender
from peakend.store import open_store

MINIMAL = Path(__file__).parent / "packs" / "minimal"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    shutil.copytree(MINIMAL, tmp_path / "mine")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    yield tmp_path


def call(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


@contextmanager
def worker(*words: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "peakend", "run", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def now(ahead: float = 0) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + ahead))


def events(folder: Path) -> Path:
    """A contract that expires so that a reminder of the minimal pack is due at once."""
    person = {"contact": "ann", "role": "owner", "name": "Ann", "channel": "email", "address": "a@b.cn"}
    contract = {"contract_id": "K1", "plan": "pro", "expires_on": now(20 * 86400)[:10]}
    told = [("customer.updated", {"tier": "key"}), ("contact.set", person), ("contract.signed", contract)]
    rows = [
        {"id": str(number), "customer": "t-1", "kind": kind, "at": now(number - 60), "data": data}
        for number, (kind, data) in enumerate(told)
    ]
    path = folder / "events.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    return path


def test_a_worker_folds_what_is_ingested_and_ends_on_sigterm(folder: Path) -> None:
    with worker("mine", "--database", "peakend.db", "--worker", "w") as process:
        assert process.stdout is not None
        assert "Worker w runs: pack minimal" in process.stdout.readline()
        done = call("ingest", "mine", "--events", str(events(folder)), "--database", "peakend.db")
        assert "3 events taken, 0 known already, 0 put aside" in done.output, done.output
        with closing(open_store("peakend.db")) as store:
            end = time.monotonic() + 60
            while time.monotonic() < end and not store.story("t-1"):
                time.sleep(0.1)
            assert store.owners(time.time_ns() // 1000) == {"w#1"}
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert "Stopped" in process.stdout.read()
    with closing(open_store("peakend.db")) as store:
        assert store.owners(0) == set()
        assert store.waiting() == 0
        assert store.story("t-1")
    again = call("ingest", "mine", "--events", str(events(folder)), "--database", "peakend.db")
    assert again.exit_code == 0
    told = call("why", "t-1", "--database", "peakend.db", "--pack", "mine")
    assert "It begins" in told.output, told.output


def test_a_second_worker_of_the_same_name_is_refused(folder: Path) -> None:
    with worker("mine", "--database", "peakend.db", "--worker", "w") as process:
        assert process.stdout is not None
        process.stdout.readline()
        done = call("run", "mine", "--database", "peakend.db", "--worker", "w", "--language", "zh")
        assert done.exit_code != 0
        assert isinstance(done.exception, PeakendError)
        assert "同名" in done.exception.what_zh


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "No database is named"),
        (("--database", "p.db"), "Nothing is published in this database"),
        (("nowhere", "--database", "p.db"), "nowhere"),
    ],
)
def test_what_is_missing_is_said_with_its_fix(words: tuple[str, ...], said: str) -> None:
    done = call("run", *words)
    assert isinstance(done.exception, PeakendError)
    assert said in str(done.exception)
    assert done.exception.fix


WRONG = {
    "a strange key": ("databse: x.db\n", 1, "Did you mean 'database'"),
    "no yaml": ("database: [\n", 2, "Close it"),
    "a strange colleague": ("database: x\ncolleagues:\n  boss: {chanel: wecom}\n", 2, "docs/running.md"),
    "a secret that is not set": (
        "database: x\nunsubscribe:\n  url: https://x\n  secret: ${NOT_SET_ANYWHERE}\n",
        4,
        "Set NOT_SET_ANYWHERE",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_is_refused_with_its_line(folder: Path, name: str) -> None:
    text, line, fix = WRONG[name]
    (folder / "peakend.yaml").write_text(text, "utf-8")
    with pytest.raises(PeakendError) as caught:
        read_instance(None)
    assert caught.value.place is not None
    assert caught.value.place.line == line
    assert fix in caught.value.fix
    assert caught.value.what_zh


def test_a_file_that_is_not_there_is_refused(folder: Path) -> None:
    with pytest.raises(PeakendError, match="cannot be read"):
        read_instance(folder / "other.yaml")
    assert read_instance(None).instance.channels == {}


def test_letters_do_not_leave_with_gaps_where_the_house_should_stand(folder: Path) -> None:
    found = load_pack(find_pack("cloud"))
    (folder / "peakend.yaml").write_text("sender: {name: Li}\nworker: w\n", "utf-8")
    placed = read_instance(None)
    assert check_sender(found, placed, prints=True) == ["phone"]
    with pytest.raises(PeakendError, match=r"sender\.phone, which this instance") as caught:
        check_sender(found, placed, prints=False)
    assert caught.value.place is not None
    assert caught.value.place.line == 1
