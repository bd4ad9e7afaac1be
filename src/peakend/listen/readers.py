"""Files become rows: CSV, JSON lines, Parquet and XES, plain or gzipped, one row in memory at a time.

Nothing is judged here but whether a row can be told from the next one. A row that cannot be read comes out
as a row with its fault; a file that cannot be read at all is a SourceError with the place and the fix.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from peakend.errors import Place, SourceError
from peakend.listen.door import Moment
from peakend.listen.readers_xes import xes_events
from peakend.model.source import Format


class Row(NamedTuple):
    """One row of data. `number` counts from 1; `line` is 0 where a file has no lines.

    `fault` says why the row cannot be read; its values are then what could be kept of it.
    """

    number: int
    line: int
    values: dict[str, Any]
    fault: str = ""
    fault_zh: str = ""


class Layout(NamedTuple):
    """How a file is to be read; None is to be guessed from the file. `nested` keeps JSON objects whole."""

    format: Format | None = None
    delimiter: str | None = None
    encoding: str = "utf-8-sig"
    nested: bool = False


class Sheet(NamedTuple):
    """An open file: its columns (None where rows name their own), its rows, and the bytes read so far."""

    columns: list[str] | None
    rows: Iterator[Row]
    done: Callable[[], int]


@contextmanager
def sheet(path: Path, layout: Layout, wanted: frozenset[str] | None = None) -> Iterator[Sheet]:
    """Open a file of rows. Of a Parquet file only the `wanted` columns are read.

    Raises SourceError, also from the rows while they are read.
    """
    kind = layout.format or format_of(path)
    with _opened(path) as raw:
        if kind == "parquet":
            yield _parquet(raw, path, wanted)
            return
        zipped = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        stream = cast(IO[bytes], gzip.GzipFile(fileobj=raw)) if zipped else raw
        with _decoded(stream, layout.encoding) as text:
            with _explained(path, _Reached()):
                opened = _sheet_of(kind, stream, text, path, layout, wanted or frozenset())
            yield opened._replace(rows=_reading(opened.rows, path), done=raw.tell)


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    with _explained(path, _Reached()):
        if not path.is_file():
            raise missing(path)
        if path.stat().st_size == 0:
            raise SourceError(
                "the file is empty (0 bytes)",
                place=str(path),
                fix=_EXPORT_AGAIN,
                what_zh="文件是空的（0 字节）",
                fix_zh=_EXPORT_AGAIN_ZH,
            )
        raw = path.open("rb")
    with raw:
        yield raw


def missing(path: Path) -> SourceError:
    """The error that a path leads nowhere."""
    return SourceError(
        "there is no such file or folder",
        place=str(path),
        fix="Check the path",
        what_zh="没有这个文件或文件夹",
        fix_zh="请核对路径",
    )


@contextmanager
def _decoded(stream: IO[bytes], encoding: str) -> Iterator[IO[str]]:
    text = io.TextIOWrapper(stream, encoding=encoding, newline="")
    try:
        yield text
    finally:
        text.detach()  # or it would close a stream that is not its own when it is collected


def format_of(path: Path) -> Format:
    """Guess the format from the name. Raises SourceError for names that say nothing."""
    name = path.name.lower().removesuffix(".gz")
    found = _FORMATS.get(name.rpartition(".")[2] if "." in name else "")
    if found:
        return found
    if name.endswith((".xlsx", ".xls")):
        raise SourceError(
            "an Excel workbook cannot be read",
            place=str(path),
            fix="Save it as 'CSV UTF-8'",
            what_zh="不能直接读 Excel 工作簿",
            fix_zh="请另存为“CSV UTF-8”",
        )
    raise SourceError(
        "not a log: expected CSV, JSONL, Parquet or XES",
        place=str(path),
        fix="If it is one of these, say which in the mapping, for example `format: csv`",
        what_zh="不是客户动态：应为 CSV、JSONL、Parquet 或 XES",
        fix_zh="若确是其中一种，请在映射里写明，例如 format: csv",
    )


def flat(values: dict[str, Any]) -> dict[str, Any]:
    """An object as columns: what is nested gets a name with full stops, such as customer.id."""
    if not any(type(value) is dict for value in values.values()):
        return values
    out: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            out.update({f"{name}.{inner}": item for inner, item in flat(value).items()})
        else:
            out[name] = value
    return out


def _sheet_of(
    kind: Format, stream: IO[bytes], text: IO[str], path: Path, layout: Layout, wanted: frozenset[str]
) -> Sheet:
    if kind == "csv":
        return _csv(text, path, layout, wanted)
    if kind == "jsonl":
        return Sheet(None, _jsonl_rows(stream, path, layout), _nothing)
    rows = (Row(number, line, values) for number, (line, values) in enumerate(xes_events(stream, path), 1))
    return Sheet(None, rows, _nothing)


def _csv(text: IO[str], path: Path, layout: Layout, wanted: frozenset[str]) -> Sheet:
    csv.field_size_limit(_LONGEST_CELL)
    lines = _Lines(text)
    first = next((line for line in lines if line.strip()), None)
    if first is None:
        zh = {"what_zh": "文件没有表头", "fix_zh": _EXPORT_AGAIN_ZH}
        raise SourceError("the file has no header line", place=str(path), fix=_EXPORT_AGAIN, **zh)
    delimiter = layout.delimiter or max(_DELIMITERS, key=first.count)
    # Strict, because a quote that is never closed would otherwise swallow the rest of the file unseen.
    reader = csv.reader(chain([first], lines), delimiter=delimiter, strict=True)
    try:
        # Blanks around a header cannot be seen: with or without them a mapping names the same column.
        spelt = {name.strip(): name for name in wanted}
        header = [spelt.get(name.strip(), name.strip()) for name in next(reader)]
    except csv.Error as error:
        what, zh = (
            f"the header cannot be read: {error}",
            {"what_zh": "表头读不出来", "fix_zh": _EXPORT_AGAIN_ZH},
        )
        raise SourceError(what, place=str(path), fix=_EXPORT_AGAIN, **zh) from None
    return Sheet(header, _csv_rows(reader, header, lines, path), _nothing)


def _csv_rows(reader: Any, header: list[str], lines: _Lines, path: Path) -> Iterator[Row]:
    number = 0
    while True:
        line = lines.number + 1
        lines.held.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end" in str(error):
                what = "a quote that is opened here is never closed"
                raise SourceError(
                    what,
                    place=Place(str(path), line),
                    fix="Double quotes inside a cell",
                    what_zh="这里的引号没有收尾",
                    fix_zh="单元格里的引号要写两遍",
                ) from None
            number += 1
            kept = {"line": "".join(lines.held)[:_LONGEST_KEPT]}
            yield Row(number, line, kept, f"the cells cannot be told apart: {error}", "单元格无法分开")
            continue
        if not cells:
            continue
        number += 1
        if len(cells) == len(header):
            yield Row(number, line, dict(zip(header, cells, strict=True)))
        else:
            fault = f"the row has {len(cells)} cells, the header has {len(header)}"
            fault_zh = f"本行有 {len(cells)} 格，表头有 {len(header)} 格"
            yield Row(number, line, {"cells": cells}, fault, fault_zh)


class _Lines:
    """The lines of a text, counted, and those of the current row kept for the quarantine."""

    def __init__(self, text: IO[str]) -> None:
        self.number = 0
        self.held: list[str] = []
        self._text = text

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._text)
        self.number += 1
        self.held.append(line)
        return line


def _jsonl_rows(stream: IO[bytes], path: Path, layout: Layout) -> Iterator[Row]:
    recode = codecs.lookup(layout.encoding).name not in ("utf-8", "utf-8-sig", "ascii")
    number = 0
    for line, text in enumerate(stream, 1):
        if recode:
            text = text.decode(layout.encoding).encode()
        text = text.removeprefix(codecs.BOM_UTF8).strip()
        if not text:
            continue
        number += 1
        if number == 1 and text.startswith(b"["):
            what = "the file is one JSON list, not one object a line"
            raise SourceError(
                what,
                place=Place(str(path), line),
                fix="Write one object a line: jq -c '.[]'",
                what_zh="整个文件是一个 JSON 列表，不是每行一个对象",
                fix_zh="请改成每行一个对象：jq -c '.[]'",
            )
        try:
            value = msgspec.json.decode(text)
            fault, fault_zh = ("", "") if isinstance(value, dict) else _NO_OBJECT
        except (msgspec.DecodeError, RecursionError):
            fault, fault_zh = _NO_JSON
        if fault:
            kept = {"line": text.decode("utf-8", "replace")[:_LONGEST_KEPT]}
            yield Row(number, line, kept, fault, fault_zh)
        else:
            yield Row(number, line, value if layout.nested else flat(value))


def _parquet(raw: IO[bytes], path: Path, wanted: frozenset[str] | None) -> Sheet:
    with _explained(path, _Reached()):
        file = pq.ParquetFile(raw)
    columns: list[str] = file.schema_arrow.names
    reached = _Reached()
    size, total = path.stat().st_size, max(file.metadata.num_rows, 1)

    def rows() -> Iterator[Row]:
        names = [name for name in columns if wanted is None or name in wanted]
        for batch in file.iter_batches(batch_size=_BATCH, columns=names):
            cells = [_cells(column) for column in batch.columns]
            for values in zip(*cells, strict=True):
                reached.row += 1
                yield Row(reached.row, 0, dict(zip(names, values, strict=True)))

    return Sheet(columns, _reading(rows(), path), lambda: size * reached.row // total)


def _cells(column: Any) -> list[Any]:
    """A column as Python values. Times with a zone become Moments, without the cost of datetimes."""
    if not pa.types.is_timestamp(column.type):
        return list(column.to_pylist())
    if column.type.tz is None:
        return list(column.cast(pa.timestamp("us"), safe=False).to_pylist())
    instants = column.cast(pa.timestamp("us", "UTC"), safe=False).cast(pa.int64())
    return [None if instant is None else Moment(instant) for instant in instants.to_pylist()]


class _Reached:
    """How far a file has been read: for progress, and for the error that ends the reading."""

    def __init__(self) -> None:
        self.row = 0


def _reading(rows: Iterable[Row], path: Path) -> Iterator[Row]:
    reached = _Reached()
    with _explained(path, reached):
        for row in rows:
            reached.row = row.number
            yield row


@contextmanager
def _explained(path: Path, reached: _Reached) -> Iterator[None]:
    """Turn what Python says about a damaged file into what is wrong, where, and the fix."""
    try:
        yield
    except EOFError:
        what, fix = "the compressed file is cut short", "Copy it again: its end is missing"
        what_zh, fix_zh = "压缩文件不完整", "请重新拷贝：缺了结尾"
    except (zlib.error, gzip.BadGzipFile) as error:
        what, fix = f"the compressed file is damaged ({error})", "Copy it again"
        what_zh, fix_zh = "压缩文件已损坏", "请重新拷贝"
    except UnicodeDecodeError as error:
        encoding = error.encoding.removesuffix("-sig")
        what = f"the text is not {encoding} (byte 0x{error.object[error.start]:02x})"
        fix = "Say `encoding:` in the mapping, for example gb18030 or cp1252, or save it as 'CSV UTF-8'"
        what_zh = f"文字不是 {encoding} 编码（字节 0x{error.object[error.start]:02x}）"
        fix_zh = "请在映射里写 encoding，例如 gb18030，或另存为“CSV UTF-8”"
    except UnicodeError as error:
        what, fix = f"the text cannot be decoded ({error})", "Say the right `encoding:` in the mapping"
        what_zh, fix_zh = "文字无法解码", "请在映射里写对 encoding"
    except (pa.ArrowException, OSError) as error:
        what, fix = f"the file cannot be read ({str(error).splitlines()[0]})", _EXPORT_AGAIN
        what_zh, fix_zh = "文件读不出来", _EXPORT_AGAIN_ZH
    else:
        return
    after = f" after row {reached.row}" if reached.row else ""
    after_zh = f"（第 {reached.row} 行之后）" if reached.row else ""
    raise SourceError(
        f"{what}{after}", place=str(path), fix=fix, what_zh=f"{what_zh}{after_zh}", fix_zh=fix_zh
    ) from None


def _nothing() -> int:
    return 0


_NO_OBJECT = "the line is no JSON object", "这一行不是 JSON 对象"
_NO_JSON = "the line is no JSON", "这一行不是 JSON"
_EXPORT_AGAIN = "Export it again"
_EXPORT_AGAIN_ZH = "请重新导出"
_DELIMITERS = ",;\t|"
_LONGEST_CELL = 1 << 27
_LONGEST_KEPT = 10_000
_BATCH = 10_000
_FORMATS: dict[str, Format] = {
    **dict.fromkeys(("csv", "tsv", "txt"), "csv"),
    **dict.fromkeys(("jsonl", "ndjson", "json"), "jsonl"),
    **dict.fromkeys(("parquet", "pq"), "parquet"),
    "xes": "xes",
}
