"""The pages of docs/ as tests read them: their blocks of code, and the one way to run their commands."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from contextlib import chdir
from pathlib import Path
from typing import NamedTuple

from typer.testing import CliRunner

from peakend.cli import app

CHECKOUT = Path(__file__).resolve().parent.parent
DOCS = CHECKOUT / "docs"
PATIENCE = 120

_FENCED = re.compile(r"^( *)```(\w+)(?: (\S+))?\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_PLAIN = re.compile(r"\./run [\w ./-]+\n?")


class Block(NamedTuple):
    """A fenced block: its language, the name behind it (of a file, mostly), and what stands in it."""

    language: str
    name: str
    text: str


def fenced(page: Path) -> list[Block]:
    """Every fenced block of a page, in order; one that is indented, as in a list, without the indentation."""
    return [
        Block(found[2], found[3] or "", re.sub(rf"^{found[1]}", "", found[4], flags=re.MULTILINE))
        for found in _FENCED.finditer(page.read_text("utf-8"))
    ]


def named_blocks(page: Path) -> list[tuple[str, str]]:
    """The blocks that carry the name of a file: ```yaml plays/first-word.yaml"""
    return [(block.name, block.text) for block in fenced(page) if block.name]


def checkout_in(folder: Path) -> Path:
    """A folder in which the commands of a page find what they find in a checkout: ./run, and the examples."""
    run = folder / "run"
    run.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -m peakend "$@"\n', "utf-8")
    run.chmod(0o700)
    (folder / "examples").symlink_to(CHECKOUT / "examples")
    return folder


def typed(command: str, folder: Path, said: Mapping[str, str]) -> str:
    """What a command prints, typed as it stands in a shell in this folder; it must not fail.

    A call of ./run with nothing of a shell in it runs in this process: to start one takes seconds each time.
    """
    more = {"NO_PROXY": "*", "XDG_STATE_HOME": str(folder / "state"), **said}
    if _PLAIN.fullmatch(command):
        with chdir(folder):
            found = CliRunner().invoke(app, shlex.split(command)[1:], env=more)
        assert found.exit_code == 0, f"{command}\n{found.output}{found.exception!r}"
        return found.stdout
    done = subprocess.run(
        ["sh", "-e", "-c", command],
        cwd=folder,
        env=os.environ | more,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout
