"""The bundled survey: 22 statements in two languages, from a new workspace to the answers in a log."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from peakend.check import check
from peakend.design.pack import find_pack, load_pack
from peakend.design.start import start
from peakend.listen.history import open_history
from peakend.model.pack import Pack


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(find_pack("servqual"))


def test_a_new_workspace_with_the_survey_is_sound(tmp_path: Path) -> None:
    folder = start(tmp_path / "mine", "servqual")
    checked = check(folder)
    assert [str(problem) for problem in checked.problems] == []
    readme = (folder / "README.md").read_text("utf-8")
    assert "peakend find . --events FILE" in readme and "peakend find . --events 答卷文件" in readme
    assert not any(
        word in readme for word in ("demo", "backtest", "服务剧本", "simulates a year", "模拟一年")
    )


def test_the_22_statements_stand_in_five_dimensions_as_experience_and_as_expectation(pack: Pack) -> None:
    survey = pack.surveys["servqual"]
    assert Counter(item.dimension for item in survey.items.values()) == {
        "tangibles": 4,
        "reliability": 5,
        "responsiveness": 4,
        "assurance": 4,
        "empathy": 5,
    }
    for name, item in survey.items.items():
        assert item.expected_in == f"{name}_expected"
        assert item.says["zh"] and item.says["en"]
        assert item.expects["zh"].startswith("优秀的服务方应当")
        assert item.expects["en"].startswith("An excellent provider ")
    assert len({item.says["zh"] for item in survey.items.values()}) == 22


def test_no_statement_is_worded_negatively(pack: Pack) -> None:
    for item in pack.surveys["servqual"].items.values():
        assert not {"not", "no", "cannot"} & set(item.says["en"].lower().split())
        assert "不应" not in item.says["zh"] and "没有" not in item.says["zh"]


def test_a_sheet_with_every_column_becomes_one_answer_and_a_blank_none(pack: Pack, tmp_path: Path) -> None:
    items = list(pack.surveys["servqual"].items)
    columns = ["respondent", "answered_on", "satisfaction", "recommend", *items]
    columns += [f"{item}_expected" for item in items]
    sheets = [
        ["c-1", "2026-03-02", "6", "9", *["5"] * 22, *["7"] * 22],
        ["c-2", "2026-03-03", "", "0", "0", *["4"] * 21, "", *["6"] * 21],
    ]
    rows = [columns, *sheets]
    (tmp_path / "answers.csv").write_text("\n".join(",".join(row) for row in rows) + "\n", "utf-8")
    out = tmp_path / "log.parquet"
    history = open_history(pack, [tmp_path / "answers.csv"], out, tmp_path / "quarantine.jsonl")
    assert history.intake and (history.intake.rows, history.intake.used) == (2, 2)
    first, second = (json.loads(text) for text in pq.read_table(out)["data"].to_pylist())
    assert len(first) == 46
    assert (first["satisfaction"], first["recommend"], first["E22"], first["E22_expected"]) == (6, 9, 5, 7)
    assert (second["recommend"], second["T1"]) == (0, 0)
    assert "satisfaction" not in second and "T1_expected" not in second


def test_without_the_lines_of_expectation_the_survey_still_stands(tmp_path: Path) -> None:
    """What the comments of the pack say: experience alone is enough."""
    folder = start(tmp_path / "mine", "servqual")
    for name in ("pack.yaml", "sources/answers.yaml", "surveys/servqual.yaml"):
        lines = (folder / name).read_text("utf-8").splitlines()
        kept = [line for line in lines if "_expected" not in line and not line.startswith("    expects:")]
        (folder / name).write_text("\n".join(kept) + "\n", "utf-8")
    assert [str(problem) for problem in check(folder).problems] == []
    assert all(not item.expects for item in load_pack(folder).surveys["servqual"].items.values())
