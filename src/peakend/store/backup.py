"""A backup: the whole store at one instant, in one compressed file that says what it holds.

Each table is a member of a zip archive: pieces of rows in msgpack, each with its length before it. The
manifest stands at the end, with the version of the tables, the count and the SHA-256 of every member: what
was cut off or changed is noticed before anything is restored.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

import msgspec

from peakend.store.base import StoreError
from peakend.store.rows import Row
from peakend.store.schema import VERSIONS
from peakend.store.whole import Dialect, read_whole

Progress = Callable[[int, int], None]
"""Told (rows done, rows in all)."""

MANIFEST = "manifest.json"
_FORMAT = 1
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[tuple[Any, ...]]).decode


class Kept(msgspec.Struct, frozen=True):
    """What the manifest says of one table."""

    columns: list[str]
    rows: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds: of which kind of database, the version of its tables, and every table."""

    format: int
    version: str
    dialect: Dialect
    shards: int
    at: int
    tables: dict[str, Kept]

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(one.rows for one in self.tables.values())


def back_up(url: str, out: Path, now: int, progress: Progress | None = None) -> Manifest:
    """Write the store at a URL, as it is at one instant, into a file that only its owner may read.

    Workers go on meanwhile. The file appears whole or not at all. Raises StoreError where there is no store.
    """
    part = out.with_name(f".{out.name}.part")
    with read_whole(url) as source:
        found = source.there()
        if VERSIONS not in found:
            raise StoreError(
                "there is no store to back up",
                place=str(out),
                fix="Name the database that holds the store",
                what_zh="没有可备份的库",
                fix_zh="请指定存放数据的库",
            )
        ((version,),) = source.ask(f"SELECT version_num FROM {VERSIONS}")
        names = [name for name in found if name != VERSIONS]
        total = sum(source.ask(f'SELECT count(*) FROM "{name}"')[0][0] for name in names)
        kept: dict[str, Kept] = {}
        done = 0
        try:
            with _private(part) as file, ZipFile(file, "w", ZIP_DEFLATED, compresslevel=3) as archive:
                for name in names:
                    columns, digest, rows = source.columns(name), hashlib.sha256(), 0
                    with archive.open(_member(name), "w", force_zip64=True) as member:
                        for piece in source.rows(name, columns):
                            framed = _framed(piece)
                            digest.update(framed)
                            member.write(framed)
                            rows, done = rows + len(piece), done + len(piece)
                            if progress:
                                progress(done, total)
                    kept[name] = Kept(columns, rows, digest.hexdigest())
                manifest = Manifest(
                    format=_FORMAT,
                    version=version,
                    dialect=source.dialect,
                    shards=source.shards,
                    at=now,
                    tables=kept,
                )
                archive.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=1))
            part.replace(out)
        finally:
            part.unlink(missing_ok=True)
    return manifest


@contextmanager
def opened(file: Path) -> Iterator[tuple[ZipFile, Manifest]]:
    """A backup and its manifest. Raises StoreError where it is none, or of a later Peakend."""
    try:
        archive = ZipFile(file)
    except (BadZipFile, OSError) as error:
        raise broken(file, str(error)) from None
    with archive:
        try:
            manifest = msgspec.json.decode(archive.read(MANIFEST), type=Manifest)
        except (KeyError, BadZipFile, msgspec.MsgspecError) as error:
            raise broken(file, str(error)) from None
        if manifest.format != _FORMAT:
            raise StoreError(
                f"the backup has format {manifest.format}, and this Peakend knows {_FORMAT}",
                place=str(file),
                fix="Install the newest Peakend",
                what_zh=f"备份的格式是 {manifest.format}，而当前的 Peakend 只认识 {_FORMAT}",
                fix_zh="请安装最新版的 Peakend",
            )
        yield archive, manifest


def pieces(archive: ZipFile, name: str) -> Iterator[list[Row]]:
    """The rows of a table, in the pieces in which they were written."""
    with archive.open(_member(name)) as member:
        for content in _contents(member):
            yield _decode(content)


def check(file: Path, archive: ZipFile, manifest: Manifest, progress: Progress | None = None) -> None:
    """Read a backup through. Raises StoreError where a table is not as the manifest says."""
    done = 0
    for name, kept in manifest.tables.items():
        digest, rows = hashlib.sha256(), 0
        try:
            with archive.open(_member(name)) as member:
                for content in _contents(member):
                    digest.update(len(content).to_bytes(8, "big") + content)
                    piece = len(_decode(content))
                    rows, done = rows + piece, done + piece
                    if progress:
                        progress(done, 2 * manifest.rows)
        except (KeyError, BadZipFile, EOFError, OSError, ValueError, msgspec.MsgspecError) as error:
            raise broken(file, f"{name}: {error}") from None
        if (rows, digest.hexdigest()) != (kept.rows, kept.sha256):
            raise broken(file, f"{name}: {rows} rows, {kept.rows} were written")


def broken(file: Path, why: str) -> StoreError:
    """What is said of a file that is no whole backup."""
    return StoreError(
        f"this is no whole backup ({why})",
        place=str(file),
        fix="Take another backup: this one was cut off or changed, and nothing of it was restored",
        what_zh=f"备份文件不完整或被改动过（{why}）",
        fix_zh="请换一份备份；没有恢复任何内容",
    )


def _member(name: str) -> str:
    return f"{name}.rows"


def _framed(piece: list[Row]) -> bytes:
    content = _encode(piece)
    return len(content).to_bytes(8, "big") + content


def _contents(member: IO[bytes]) -> Iterator[bytes]:
    while head := member.read(8):
        size = int.from_bytes(head, "big")
        content = member.read(size)
        if len(content) != size:
            raise EOFError("it ends too early")
        yield content


@contextmanager
def _private(path: Path) -> Iterator[IO[bytes]]:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
