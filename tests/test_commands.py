"""The command line as somebody meets it: what it prints, what it refuses, and where it leaves things."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from building import event, write_log
from rich.console import Console
from typer.testing import CliRunner, Result

from peakend.check import Checked, Played
from peakend.cli import app
from peakend.cli.printing import print_check
from peakend.cli.words import LANGUAGES, SAYS, as_typed, say
from peakend.design.pack import find_pack, load_pack
from peakend.errors import PeakendError, Place, SourceError
from peakend.model.event import Event
from peakend.model.problem import Problem

MINIMAL = Path(__file__).parent / "packs" / "minimal"
SIGNED = {"contract_id": "K1", "plan": "pro", "expires_on": "2026-03-31"}
CONTRACTS = """firm,contract,plan,expires,signed
t-1,K1,pro,2026-03-31,2026-03-01 10:00:00
t-2,K2,trial,2026-03-31,2026-03-01 11:00:00
t-3,K3,none,2026-03-31,2026-03-01 12:00:00
,K4,pro,2026-03-31,2026-03-01 13:00:00
"""
MAPPING = """file: "contracts*.csv"
zone: Asia/Shanghai
customer: firm
events:
  - kind: contract.signed
    at: signed
    when: {plan: [pro, trial]}
    fields: {contract_id: contract, plan: plan, expires_on: expires}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of one's own to stand in, with the minimal pack in it and no browser."""
    shutil.copytree(MINIMAL, tmp_path / "mine")
    (tmp_path / "mine" / "sources").mkdir()
    (tmp_path / "mine" / "sources" / "contracts.yaml").write_text(MAPPING, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PEAKEND_NO_BROWSER", "1")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("PEAKEND_COMMAND", raising=False)
    yield tmp_path


def call(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def said(*words: str) -> str:
    done = call(*words)
    assert done.exit_code == 0, (done.output, done.exception)
    return done.stdout


def refused(*words: str) -> PeakendError:
    done = call(*words)
    assert isinstance(done.exception, PeakendError), (done.output, done.exception)
    return done.exception


def log_of(folder: Path, *kinds: str) -> str:
    events = [event(f"02-0{n + 1} 10:00", kind, customer="t-1", **SIGNED) for n, kind in enumerate(kinds)]
    return str(write_log(folder / "log.parquet", events))


# --- exports ------------------------------------------------------------------------------------------


def test_every_command_that_reads_exports_says_what_became_of_the_rows(folder: Path) -> None:
    exports = folder / "exports"
    exports.mkdir()
    (exports / "contracts.csv").write_text(CONTRACTS, "utf-8")
    (exports / "notes.txt").write_text("nothing", "utf-8")
    for words in (
        ("backtest", "mine"),
        ("why", "t-1", "--pack", "mine"),
        ("ingest", "mine", "--out", "taken.parquet"),
    ):
        printed = said(*words, "--events", str(exports))
        assert "4 rows = 2 used + 1 skipped + 1 quarantined; 2 events" in printed
        assert re.search(r"1 in quarantine: \w+", printed)
        assert "Not read, no mapping takes them: notes.txt" in printed
        aside = "taken.quarantine.jsonl" if words[0] == "ingest" else "mine.quarantine.jsonl"
        assert f"Look at them in {aside}" in printed
        assert len(Path(aside).read_text("utf-8").splitlines()) == 1
    chinese = said("backtest", "mine", "--events", str(exports), "--language", "zh")
    assert "4 行 = 采用 2 行 + 跳过 1 行 + 待修正 1 行；得到 2 条客户动态" in chinese


def test_json_stands_alone_on_standard_output(folder: Path) -> None:
    (folder / "contracts.csv").write_text(CONTRACTS, "utf-8")
    assert json.loads(said("backtest", "mine", "--events", "contracts.csv", "--json"))["events"] == 2


def test_a_log_is_written_as_parquet_only() -> None:
    for words in (("simulate", "cloud"), ("ingest", "cloud", "--events", "x.csv")):
        error = refused(*words, "--out", "z.csv")
        assert str(error) == "z.csv: A log is written as Parquet. Write --out z.parquet"


# --- the backtest and its comparison ------------------------------------------------------------------


def test_a_log_that_has_nothing_to_do_with_the_pack_is_refused_instead_of_counted(folder: Path) -> None:
    log = log_of(folder, "heating.failed", "heating.mended")
    error = refused("backtest", "mine", "--events", log)
    assert isinstance(error, SourceError)
    assert "The log holds heating.failed, heating.mended; the pack begins with" in error.fix
    assert "没有一条动态" in error.what_zh
    assert refused("backtest", "mine", "--events", log, "--diff", "mine").what == error.what


def test_a_log_that_the_pack_knows_little_of_says_so_first(folder: Path) -> None:
    log = log_of(folder, "contract.signed", "heating.failed", "heating.mended")
    printed = said("backtest", "mine", "--events", log)
    assert "2 of the log's 3 events are of kinds that the pack does not declare" in printed


def test_plays_that_never_started_share_one_line(folder: Path) -> None:
    printed = said("backtest", "cloud", "--events", log_of(folder, "contract.signed"))
    table, _, rest = printed.partition("never started, no event of their kinds in this log: ")
    assert "Major incident" in rest and "Major incident" not in table
    assert "Renewal in rounds" in table


def test_a_comparison_goes_from_the_pack_behind_diff_to_the_other(folder: Path) -> None:
    shutil.copytree("mine", "later")
    play = folder / "later" / "plays" / "renewal.yaml"
    play.write_text(play.read_text("utf-8").replace("by: P30D", "by: P15D", 1), "utf-8")
    later = event("04-02 10:00", "customer.updated", customer="zoe", tier="A")
    known = event("02-01 10:00", "customer.updated", customer="t-1", tier="A")
    signed = event("02-02 10:00", "contract.signed", customer="t-1", **SIGNED)
    log = str(write_log(folder / "log.parquet", [known, signed, later]))
    words = ("backtest", "later", "--events", log, "--diff", "mine")
    before, after = load_pack(find_pack("mine")).hash, load_pack(find_pack("later")).hash
    found = json.loads(said(*words, "--json"))
    assert (found["old"], found["new"]) == (before, after)
    english = said(*words, "--list", "changes.jsonl").splitlines()
    assert english[0] == f"From mine {before[:4]}… to later {after[:4]}…"
    chinese = said(*words, "--language", "zh").splitlines()
    assert chinese[0] == f"从 mine {before[:4]}… 改为 later {after[:4]}…"
    changes = [json.loads(line) for line in Path("changes.jsonl").read_text("utf-8").splitlines()]
    assert [(change["customer"], change["step"], change["change"]) for change in changes] == [
        ("t-1", "renewal-first", "moved")
    ]
    assert "typically 15 days later" in english[3]
    assert english[4] == f"See one: peakend why t-1 --play renewal --pack later --events {log}"


# --- why ----------------------------------------------------------------------------------------------


def test_a_play_with_a_misspelt_name_is_refused(folder: Path) -> None:
    log = log_of(folder, "contract.signed")
    error = refused("why", "t-1", "--pack", "cloud", "--events", log, "--play", "renewal-round")
    assert error.fix == "Did you mean 'renewal-rounds'?"
    assert "Renewal in rounds" in said(
        "why", "t-1", "--pack", "cloud", "--events", log, "--play", "Renewal in rounds"
    )


# --- demo ---------------------------------------------------------------------------------------------


def test_own_data_never_overwrites_the_demo_nor_lies_beside_the_truth_of_another_log(folder: Path) -> None:
    shown = said("demo", "--pack", "mine", "--events", log_of(folder, "contract.signed"))
    assert "Report: demo-mine/report.html" in shown
    own = folder / "own"
    own.mkdir()
    for stale in ("log.parquet", "log.truth.json"):
        (own / stale).write_text("{}", "utf-8")
    said("demo", "--pack", "mine", "--events", str(folder / "log.parquet"), "--out", str(own))
    assert sorted(path.name for path in own.iterdir()) == ["report.html"]


def test_a_port_that_is_taken_is_told_before_the_work_of_minutes(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = refused("demo", "--port", str(port), "--out", str(folder / "late"))
    assert str(port) in told.what and "--port" in told.fix
    assert not (folder / "late").exists()


# --- check --------------------------------------------------------------------------------------------


def printed_check(capsys: pytest.CaptureFixture[str], checked: Checked, language: str = "en") -> list[str]:
    print_check(Console(width=200), checked, language)
    return capsys.readouterr().out.splitlines()


def a_problem(severity: str = "error") -> Problem:
    return Problem(Place("pack.yaml", 3), "wrong", "mend", severity, "x", "错", "改")  # type: ignore[arg-type]


def test_the_result_of_a_check_stands_last_and_counts_in_the_plural(
    capsys: pytest.CaptureFixture[str],
) -> None:
    pack = load_pack(MINIMAL)
    wrong = Checked(pack, [a_problem(), a_problem("note")], [])
    assert printed_check(capsys, wrong) == [
        "pack.yaml:3: error: wrong. mend",
        "1 note (--notes shows it)",
        "1 error; stories not played until it is mended",
    ]
    assert printed_check(capsys, wrong, "zh")[-1] == "1 处错误，情景用例未运行"
    failing = Checked(pack, [], [Played("a", [a_problem()]), Played("b", [])])
    assert printed_check(capsys, failing)[-1] == "No errors; 1 of 2 stories fails"
    assert printed_check(capsys, failing, "zh")[-1] == "没有错误；2 个情景用例中有 1 个没有通过"
    sound = Checked(pack, [], [Played("a", []), Played("b", [])])
    assert printed_check(capsys, sound)[-1] == "No errors; 2 stories hold, live and as a backtest"


# --- words --------------------------------------------------------------------------------------------


def test_a_language_that_nobody_has_written_is_refused() -> None:
    done = call("check", "cloud", "--language", "de")
    assert done.exit_code == 2
    assert "there is no 'de' yet. Write zh or en" in done.output


def test_a_command_is_named_as_it_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert as_typed("Name a new folder: peakend init x") == "Name a new folder: peakend init x"
    monkeypatch.setenv("PEAKEND_COMMAND", "./run")
    assert as_typed("Next: peakend check x") == "Next: ./run check x"
    assert (
        as_typed("the schema under .peakend/schema of Peakend")
        == "the schema under .peakend/schema of Peakend"
    )
    assert "Next: ./run check new" in said("init", "new")


def test_an_error_is_printed_in_the_language_asked_for(folder: Path) -> None:
    words = ["why", "nobody", "--pack", "mine", "--events", log_of(folder, "contract.signed")]
    done = subprocess.run(
        [sys.executable, "-m", "peakend", *words, "--language", "zh"],
        env={**os.environ, "PEAKEND_COMMAND": "./run"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "没有客户“nobody”的相关动态。客户编号形如：t-1" in done.stderr
    assert done.stdout == ""


def test_every_sentence_names_the_same_values_in_both_languages() -> None:
    def names(text: str) -> set[str]:
        return set(re.findall(r"\{(\w+)", text))

    assert [key for key, both in SAYS.items() if names(both.zh) != names(both.en)] == []
    assert say("notes", "en", n=1) == "1 note (--notes shows it)"
    assert LANGUAGES == ("zh", "en")


def answers() -> list[Event]:
    """Sixty customers with an incident, half of them kept waiting for a week; they answer two months on."""
    log = []
    for n in range(60):
        who = f"t-{n}"
        log.append(event("03-02 10:00", "incident.opened", customer=who, incident_id=f"I{n}", priority="P2"))
        done = "03-02 11:00" if n % 2 else "03-09 11:00"
        log.append(event(done, "incident.resolved", customer=who, incident_id=f"I{n}"))
        log.append(
            event("05-02 10:00", "survey.answered", customer=who, score=(6 if n % 2 else 2) + n % 3 % 2)
        )
    return sorted(log, key=lambda one: one.at)


def test_find_prints_a_table_or_json_and_writes_a_page_of_pictures(folder: Path) -> None:
    pack = (folder / "mine" / "pack.yaml").read_text("utf-8")
    assert "outcomes:" in pack
    log = str(write_log(folder / "log.parquet", answers()))
    found = json.loads(said("find", "mine", "--events", log, "--json"))
    assert found["episodes"] == 60
    assert sum(line["points"] for line in found["ledger"]) == pytest.approx(found["mean"], abs=1e-6)
    printed = said("find", "mine", "--events", log, "--html", "page.html", "--language", "zh")
    assert "失分" in printed
    assert "page.html" in printed
    assert "<svg" in (folder / "page.html").read_text("utf-8")
    assert "no outcome 'npss'" in str(refused("find", "mine", "--events", log, "--outcome", "npss"))
