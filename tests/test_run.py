"""The door of the checkout, `./run`, as somebody meets it who has just cloned it.

Nothing is installed here: a real first call is what CI itself is. It must never need more than a POSIX shell.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
TOOLS = ("sh", "dirname", "cat", "cksum", "rm", "mv")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A copy of the door in a folder with a space in its name, with nothing set up."""
    folder = tmp_path / "my clone"
    folder.mkdir()
    for name in ("run", "pyproject.toml", "constraints.txt"):
        shutil.copy(CHECKOUT / name, folder)
    static = folder / "src" / "peakend" / "web" / "static"  # what the pages stand on was fetched
    static.mkdir(parents=True)
    (static / "stamp").touch()
    return folder


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A PATH with the tools that every system has, and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        (folder / tool).symlink_to(shutil.which(tool) or pytest.fail(f"no {tool} on this machine"))
    return folder


def test_run_alone_says_what_it_can_do_and_sets_up_nothing(clone: Path, path: Path) -> None:
    done = call(clone, path)
    assert done.returncode == 0
    assert "./run demo" in done.stdout and "./run test" in done.stdout
    assert not (clone / ".venv").exists()


def test_a_machine_without_python_is_told_what_to_install(clone: Path, path: Path) -> None:
    done = call(clone, path, "demo")
    assert done.returncode == 1
    assert "needs Python 3.11 or newer; this machine has no python3" in done.stderr
    assert "apt-get install python3" in done.stderr
    assert not (clone / ".venv").exists()


def test_an_old_python_is_named_with_its_version(clone: Path, path: Path) -> None:
    program(path / "python3", 'case $1 in -V) echo "Python 3.9.2" ;; *) exit 1 ;; esac')
    assert "this machine has Python 3.9.2" in call(clone, path, "demo").stderr


def test_a_python_without_ensurepip_names_the_package_that_brings_it(clone: Path, path: Path) -> None:
    program(path / "python3", "case $2 in *ensurepip*) exit 1 ;; *print*) echo python3.11-venv ;; esac")
    done = call(clone, path, "demo")
    assert done.returncode == 1
    assert "apt-get install python3.11-venv" in done.stderr
    assert not (clone / ".venv").exists()


def test_what_is_set_up_is_used_at_once_from_any_folder(clone: Path, path: Path, tmp_path: Path) -> None:
    made_ready(clone, path)
    done = call(clone, path, "why", "customer 42", cwd=tmp_path)
    assert done.stdout == f"{tmp_path}: -P -m peakend why customer 42\n"
    assert done.stderr == ""


def test_the_program_is_told_how_it_was_called(clone: Path, path: Path) -> None:
    made_ready(clone, path)
    program(
        clone / ".venv" / "bin" / "python",
        'case $1 in -V) echo "Python 3.11.7" ;; *) echo "$PEAKEND_COMMAND" ;; esac',
    )
    assert call(clone, path, "check").stdout == f"{clone / 'run'}\n"


def test_other_constraints_are_installed_before_anything_runs(clone: Path, path: Path) -> None:
    made_ready(clone, path)
    (clone / "constraints.txt").write_text("msgspec==0.22.0\n", "utf-8")
    done = call(clone, path, "demo")
    assert "Installing Peakend" in done.stderr
    assert "-m uv pip install" in done.stdout + done.stderr
    assert call(clone, path, "demo").stderr == ""


def test_a_set_up_that_was_cut_short_starts_over(clone: Path, path: Path) -> None:
    made_ready(clone, path)
    (clone / ".venv" / "ready").unlink()
    program(path / "python3", f'echo "made: $*"; : > "{clone}/.venv/ready"')
    assert "made: -m venv --clear" in call(clone, path, "demo").stdout


def test_the_mirror_that_pip_knows_is_used_for_everything(clone: Path, path: Path) -> None:
    made_ready(clone, path)
    answers = """case $* in
        -V) echo another ;;
        *config*) echo mirror ;;
        *uv\\ pip*) echo "from $UV_DEFAULT_INDEX" ;;
    esac"""
    program(clone / ".venv" / "bin" / "python", answers)
    assert "from mirror" in call(clone, path, "demo").stderr


def test_the_scripts_are_plain_shell() -> None:
    subprocess.run(["sh", "-n", CHECKOUT / "run"], check=True)
    assert (CHECKOUT / "run").stat().st_mode & 0o111
    assert (CHECKOUT / ".ci" / "run").stat().st_mode & 0o111


def call(clone: Path, path: Path, *args: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [clone / "run", *args],
        cwd=cwd or clone,
        env={"PATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )


def program(path: Path, body: str) -> None:
    path.write_text(f"#!{shutil.which('sh')}\n{body}\n", "utf-8")
    path.chmod(0o755)


def made_ready(clone: Path, path: Path) -> None:
    """An environment whose Python only says how it was called, marked as set up the way ./run marks it."""
    python = clone / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    program(python, 'case $1 in -V) echo "Python 3.11.7" ;; -c) ;; *) echo "$PWD: $*" ;; esac')
    (clone / ".venv" / "ready").write_text("by another ./run\n", "utf-8")
    assert call(clone, path, "demo").returncode == 0
