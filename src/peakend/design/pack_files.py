"""The files of a pack as values: what its hash covers, and what a publication keeps.

A file that nobody reads is no part of a pack: it changes neither the hash nor what is published.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple


class Beside(NamedTuple):
    """What lay beside the files of a folder: names on the first level that nobody reads, and the files that
    could not be read, with why."""

    strangers: tuple[str, ...]
    unreadable: Mapping[str, str]


NOTHING: Final = Beside((), {})


def found_in(folder: Path, parts: Collection[str]) -> tuple[dict[str, bytes], Beside]:
    """The files of a folder that are read, also under a suffix that is wrong, and what lay beside them."""
    files: dict[str, bytes] = {}
    strangers: list[str] = []
    unreadable: dict[str, str] = {}
    for first in sorted(folder.iterdir()) if folder.is_dir() else []:
        if first.name not in parts and first.with_suffix(".yaml").name not in parts:
            strangers.append(first.name)
            continue
        for path in [first] if first.is_file() else sorted(first.rglob("*")):
            name = path.relative_to(folder)
            if not path.is_file() or any(step.startswith(".") for step in name.parts):
                continue
            try:
                files[name.as_posix()] = path.read_bytes()
            except OSError as error:
                unreadable[name.as_posix()] = error.strerror or "unknown"
    return files, Beside(tuple(strangers), unreadable)


def files_of(folder: Path, parts: Collection[str]) -> dict[str, bytes]:
    """Every file of a folder that is read, by its path; `parts` are the names on the first level that are."""
    found: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix()):
        name = path.relative_to(folder)
        if path.is_file() and is_part(name.as_posix(), parts):
            found[name.as_posix()] = path.read_bytes()
    return found


def is_part(name: str, parts: Collection[str]) -> bool:
    """Whether a path is that of a file that is read."""
    steps = PurePosixPath(name).parts
    return bool(steps) and steps[0] in parts and not any(step.startswith(".") for step in steps)


def hash_of(files: Mapping[str, bytes]) -> str:
    """The content hash of a pack: every file that is read, by its path, with its length before it."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode())
        digest.update(files[name])
    return digest.hexdigest()
