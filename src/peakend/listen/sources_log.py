"""What an import leaves behind: the log as Parquet, and beside it what could not be used and why.

Both appear whole or not at all: they are written under another name and take their own at the end. The
columns are those of DESIGN 3; `seen_at` need not be in order here, readers sort by (customer, seen, seq).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from peakend.errors import PeakendError
from peakend.listen.cells import plain
from peakend.listen.readers import Row
from peakend.listen.rows import Made, Refusal
from peakend.model.log import LOG_MARK, LOG_SCHEMA


def is_log(path: Path) -> bool:
    """Whether a file is a log that Peakend wrote itself, which needs no second import."""
    try:
        return path.suffix == ".parquet" and LOG_MARK in (pq.read_schema(path).metadata or {})
    except (pa.ArrowException, OSError):
        return False


class LogWriter:
    """Writes events to a log in batches; use `log_file` to get one."""

    def __init__(self, file: pq.ParquetWriter) -> None:
        self.written = 0
        self._file = file
        self._events: list[Made] = []

    def add(self, event: Made) -> None:
        self._events.append(event)
        if len(self._events) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        if not self._events:
            return
        places = range(self.written, self.written + len(self._events))
        columns = [*zip(*self._events, strict=True), places]
        arrays = [pa.array(column, field.type) for column, field in zip(columns, LOG_SCHEMA, strict=True)]
        self._file.write_batch(pa.record_batch(arrays, schema=LOG_SCHEMA))
        self.written += len(self._events)
        self._events.clear()


class Quarantine:
    """Writes what could not be used, one JSON object a line; use `quarantine_file` to get one."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def add(self, file: str, row: Row, refusal: Refusal) -> None:
        entry: dict[str, Any] = {"file": file, "row": row.number}
        if row.line:
            entry["line"] = row.line
        for name in ("event", "column"):
            if value := getattr(refusal, name):
                entry[name] = value
        for name in ("reason", "detail", "fix"):
            if english := getattr(refusal, name)[0]:
                entry[name] = english
        entry["raw"] = plain(row.values)
        self._stream.write(msgspec.json.encode(entry) + b"\n")


@contextmanager
def log_file(path: Path) -> Iterator[LogWriter]:
    """A log under its own name when the block ends well, and nothing at all otherwise."""
    with _whole(path) as part, pq.ParquetWriter(part, LOG_SCHEMA, compression="zstd") as file:
        writer = LogWriter(file)
        yield writer
        writer.flush()


@contextmanager
def quarantine_file(path: Path) -> Iterator[Quarantine]:
    """A quarantine file, empty when every row could be used; nothing when the import failed."""
    with _whole(path) as part, part.open("wb") as stream:
        yield Quarantine(stream)


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield part
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise PeakendError(
            f"the file cannot be written: {error.strerror or error}",
            place=str(path),
            fix="Check that the folder can be written to and the disk is not full",
            what_zh=f"文件无法写入：{error.strerror or error}",
            fix_zh="请检查文件夹的写入权限和磁盘空间",
        ) from error


_BATCH = 50_000
