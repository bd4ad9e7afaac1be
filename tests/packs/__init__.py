"""A sound small pack, and the ways in which tests break it.

Each test changes one thing and asks for the file, the line, the wrong word and the right one.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from peakend.design.lint import lint
from peakend.design.pack import read_pack
from peakend.model.pack import Pack
from peakend.model.problem import Problem
from peakend.trigger.where import compile_condition

MINIMAL = Path(__file__).parent / "minimal"

Change = tuple[str, str] | str | bytes | None
"""Old and new text, a whole new content, or None to delete the file."""


def changed(tmp_path: Path, changes: Mapping[str, Change]) -> Path:
    """A copy of the small pack with the changes made."""
    folder = tmp_path / "small"
    shutil.copytree(MINIMAL, folder)
    for name, change in changes.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if change is None:
            path.unlink()
        elif isinstance(change, bytes):
            path.write_bytes(change)
        elif isinstance(change, str):
            path.write_text(change, encoding="utf-8")
        else:
            text = path.read_text(encoding="utf-8")
            assert change[0] in text, f"{change[0]!r} is not in {name}"
            path.write_text(text.replace(*change, 1), encoding="utf-8")
    return folder


def checked(folder: Path) -> tuple[Pack | None, list[Problem]]:
    """The pack and all its problems, of reading and of the lint."""
    pack, problems = read_pack(folder)
    if pack is not None:
        problems += lint(pack, compile_condition, problems)
    return pack, problems


def serious(problems: Iterable[Problem]) -> list[Problem]:
    """The problems without the notes."""
    return [found for found in problems if found.severity != "note"]


def line_of(folder: Path, name: str, needle: str) -> int:
    """The number of the first line of a file that holds `needle`."""
    lines = (folder / name).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if needle in line)
