"""The lint of a pack that lies nowhere: the same as of its folder, and quick enough to run at every word."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from peakend.design.lint import lint
from peakend.design.pack import BUNDLED, READ, read_files, read_pack
from peakend.design.pack_files import files_of
from peakend.trigger.where import compile_condition

MINIMAL = Path(__file__).parent / "packs" / "minimal"


@pytest.mark.parametrize("folder", [MINIMAL, BUNDLED / "cloud"], ids=lambda folder: folder.name)
def test_files_in_memory_read_as_their_folder_does(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "p")
    play = next((folder / "plays").iterdir())
    (tmp_path / "p" / "plays" / "odd.yaml").write_bytes(play.read_bytes())
    (tmp_path / "p" / "plays" / "notes.txt").write_text("x", "utf-8")
    (tmp_path / "p" / "texts" / "zh" / "bad.md").write_bytes(b"---\nsubject: x\n\xff")
    from_folder = read_pack(tmp_path / "p")
    from_memory = read_files(files_of(tmp_path / "p", READ), str(tmp_path / "p"))
    assert from_memory == from_folder
    assert {"other_name", "unknown_file", "not_utf8"} <= {one.code for one in from_memory[1]}


def test_a_file_that_was_remembered_is_not_taken_for_another() -> None:
    files = files_of(MINIMAL, READ)
    first, _ = read_files(files, "a")
    second, _ = read_files(files, "b")
    assert first and second
    assert first.place("plays", "renewal").file.startswith("a/")
    assert second.place("plays", "renewal").file.startswith("b/")
    changed = {**files, "plays/renewal.yaml": files["plays/renewal.yaml"] + b"priority: 7\n"}
    third, _ = read_files(changed, "a")
    assert third and third.plays["renewal"].priority == 7 != first.plays["renewal"].priority


def test_the_lint_of_the_cloud_pack_is_done_while_a_person_writes() -> None:
    """Below 300 ms of this processor's time once the pack was read: one file of a hundred has changed."""
    files = files_of(BUNDLED / "cloud", READ)
    took = []
    for turn in range(4):
        name = "plays/renewal-rounds.yaml"
        edited = {**files, name: files[name] + b"# %d\npriority: %d\n" % (turn, turn)}
        begun = time.process_time()
        pack, problems = read_files(edited, "cloud")
        assert pack is not None
        problems += lint(pack, compile_condition, problems)
        took.append(time.process_time() - begun)
        assert not [one for one in problems if one.severity == "error"]
    assert min(took[1:]) < 0.3, took
