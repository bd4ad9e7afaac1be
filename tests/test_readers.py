"""Readers: files become rows, and what cannot be read says so with the place and the fix."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from peakend.errors import SourceError
from peakend.listen.door import Moment
from peakend.listen.readers import Layout, Row, format_of, sheet

XES = """<?xml version="1.0" encoding="UTF-8"?>
<log xmlns="http://www.xes-standard.org/">
  <string key="concept:name" value="a log"/>
  <trace>
    <string key="concept:name" value="case-1"/>
    <event>
      <string key="concept:name" value="received"/>
      <date key="time:timestamp" value="2026-03-01T12:00:00.000+01:00"/>
      <int key="pages" value="3"/>
      <float key="cost" value="1.5"/>
      <boolean key="urgent" value="true"/>
      <string key="outer" value="o"><string key="inner" value="i"/></string>
    </event>
    <event><string key="concept:name" value="decided"/></event>
    <string key="channel" value="desk"/>
  </trace>
  <trace><string key="concept:name" value="empty"/></trace>
</log>
"""


def rows_of(path: Path, layout: Layout = Layout(), wanted: frozenset[str] | None = None) -> list[Row]:  # noqa: B008
    with sheet(path, layout, wanted) as opened:
        return list(opened.rows)


def written(path: Path, content: str | bytes) -> Path:
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize("name", ["log.csv", "log.csv.gz"])
def test_csv_rows_have_their_number_and_line_also_behind_newlines_in_quotes(
    tmp_path: Path, name: str
) -> None:
    path = written(tmp_path / name, 'who,what\r\nA,"two\nlines, ""quoted"""\r\n\r\nB,x\r\n')
    assert rows_of(path) == [
        Row(1, 2, {"who": "A", "what": 'two\nlines, "quoted"'}),
        Row(2, 5, {"who": "B", "what": "x"}),
    ]


def test_excel_s_bom_and_its_semicolons_are_no_matter(tmp_path: Path) -> None:
    path = written(tmp_path / "excel.csv", "\ufeffwho;what\nA;1,5\n")
    assert rows_of(path) == [Row(1, 2, {"who": "A", "what": "1,5"})]


def test_chinese_windows_files_are_read_with_their_encoding(tmp_path: Path) -> None:
    path = written(tmp_path / "gb.csv", "客户,内容\n张三,漏水\n".encode("gb18030"))
    assert rows_of(path, Layout(encoding="gb18030"))[0].values == {"客户": "张三", "内容": "漏水"}
    with pytest.raises(SourceError, match="not utf-8") as caught:
        rows_of(path)
    assert "gb18030" in caught.value.fix


def test_a_cell_of_a_megabyte_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "big.csv", f"who,what\nA,{'x' * 1_000_000}\n")
    assert len(rows_of(path)[0].values["what"]) == 1_000_000


def test_rows_that_cannot_be_told_apart_come_out_with_their_fault(tmp_path: Path) -> None:
    path = written(tmp_path / "log.csv", 'a,b\n1,2,3\n"1"x,2\n1,2\n1\n')
    found = rows_of(path)
    assert [bool(row.fault) for row in found] == [True, True, False, True]
    assert found[0].fault == "the row has 3 cells, the header has 2"
    assert found[0].values == {"cells": ["1", "2", "3"]}
    assert found[1].values == {"line": '"1"x,2\n'}
    assert [row.line for row in found] == [2, 3, 4, 5]


def test_json_lines_are_flattened_for_a_mapping_and_kept_for_the_native_form(tmp_path: Path) -> None:
    line = {"who": {"id": 7, "at": {"x": 1}}, "tags": ["a"]}
    path = written(tmp_path / "log.jsonl", "\ufeff" + json.dumps(line) + "\n\nrubbish\n[1]\n")
    found = rows_of(path)
    assert found[0] == Row(1, 1, {"who.id": 7, "who.at.x": 1, "tags": ["a"]})
    assert [(row.line, row.fault) for row in found[1:]] == [
        (3, "the line is no JSON"),
        (4, "the line is no JSON object"),
    ]
    assert rows_of(path, Layout(nested=True))[0].values == line


def test_parquet_gives_the_wanted_columns_and_typed_instants(tmp_path: Path) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    table = pa.table(
        {
            "who": ["A", None],
            "n": [1, 2],
            "at": pa.array([noon, None], pa.timestamp("ns", "Asia/Shanghai")),
            "wall": pa.array([noon.replace(tzinfo=None), None], pa.timestamp("ns")),
            "unused": ["x", "y"],
        }
    )
    pq.write_table(table, tmp_path / "log.parquet")
    found = rows_of(tmp_path / "log.parquet", wanted=frozenset(("who", "n", "at", "wall")))
    assert found[0].values == {
        "who": "A",
        "n": 1,
        "at": Moment(1_772_366_400_000_000),
        "wall": noon.replace(tzinfo=None),
    }
    assert type(found[0].values["at"]) is Moment
    assert found[1] == Row(2, 0, {"who": None, "n": 2, "at": None, "wall": None})


@pytest.mark.parametrize("name", ["log.xes", "log.xes.gz"])
def test_xes_is_one_row_per_event_with_its_case(tmp_path: Path, name: str) -> None:
    found = rows_of(written(tmp_path / name, XES))
    assert found == [
        Row(
            1,
            6,
            {
                "case:concept:name": "case-1",
                "case:channel": "desk",
                "concept:name": "received",
                "time:timestamp": "2026-03-01T12:00:00.000+01:00",
                "pages": 3,
                "cost": 1.5,
                "urgent": True,
                "outer": "o",
            },
        ),
        Row(2, 14, {"case:concept:name": "case-1", "case:channel": "desk", "concept:name": "decided"}),
    ]


def parquet_bytes() -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"a": list(range(1000))}), sink)
    return bytes(sink.getvalue().to_pybytes())


BAD_FILES: list[tuple[str, Callable[[], bytes], str]] = [
    ("empty.csv", lambda: b"", "empty"),
    ("empty.jsonl", lambda: b"", "empty"),
    ("empty.parquet", lambda: b"", "empty"),
    ("empty.xes", lambda: b"", "empty"),
    ("blank.csv", lambda: b"\n \n", "no header"),
    ("open_quote.csv", lambda: b'a,b\n1,2\n"3,4\n5,6\n', "never closed"),
    ("cut.csv.gz", lambda: gzip.compress(b"a,b\n" + b"1,2\n" * 9_000)[:-20], "cut short after row"),
    ("cut_early.csv.gz", lambda: gzip.compress(b"a,b\n1,2\n")[:12], "cut short"),
    (
        "torn.csv.gz",
        lambda: gzip.compress(b"a,b\n" + b"1,2\n" * 9_000)[:-8] + b"wrong sum",
        "damaged",
    ),
    ("rubbish.csv", lambda: bytes(range(128, 256)) * 9, "not utf-8"),
    ("rubbish.parquet", lambda: bytes(range(256)) * 9, "cannot be read"),
    ("cut.parquet", lambda: parquet_bytes()[:-30], "cannot be read"),
    ("torn.parquet", lambda: parquet_bytes().replace(parquet_bytes()[20:90], b"\xff" * 70), "cannot be read"),
    ("rubbish.xes", lambda: bytes(range(256)) * 9, "no XML"),
    ("cut.xes", lambda: XES.encode()[:-200], "no XML, or damaged"),
    ("page.xes", lambda: b"<html><body/></html>", "no XES log"),
    ("list.jsonl", lambda: b'[{"a": 1}]', "one object a line"),
    ("book.xlsx", lambda: b"PK", "Excel workbook"),
    ("log.dat", lambda: b"a", "expected CSV, JSONL, Parquet or XES"),
]


@pytest.mark.parametrize(("name", "content", "says"), BAD_FILES, ids=[name for name, *_ in BAD_FILES])
def test_a_file_that_cannot_be_read_is_one_clear_error(
    tmp_path: Path, name: str, content: Callable[[], bytes], says: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content())
    with pytest.raises(SourceError, match=says) as caught:
        rows_of(path)
    assert str(path) in str(caught.value)
    assert caught.value.fix


def test_a_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no such file"):
        rows_of(tmp_path / "nowhere.csv")


def test_xes_with_a_document_type_is_refused_before_any_entity_grows(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE log [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    path = written(tmp_path / "bomb.xes", XES.replace("<log", f"{bomb}\n<log"))
    with pytest.raises(SourceError, match="document type") as caught:
        rows_of(path)
    assert caught.value.place == (str(path), 2)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("a.CSV", "csv"),
        ("a.tsv.gz", "csv"),
        ("a.ndjson", "jsonl"),
        ("a.b.parquet", "parquet"),
        ("a.xes.gz", "xes"),
    ],
)
def test_the_format_is_guessed_from_the_name(name: str, found: str) -> None:
    assert format_of(Path(name)) == found


@pytest.mark.parametrize("name", ["log.csv", "log.csv.gz", "log.jsonl", "log.parquet"])
def test_the_bytes_read_grow_to_the_size_of_the_file(tmp_path: Path, name: str) -> None:
    lines: dict[str, Any] = {"csv": "a\n" + "12345\n" * 30_000, "jsonl": '{"a": 12345}\n' * 30_000}
    path = tmp_path / name
    if name.endswith("parquet"):
        pq.write_table(pa.table({"a": list(range(30_000))}), path)
    else:
        written(path, lines[name.split(".")[1]])
    with sheet(path, Layout()) as opened:
        done = [opened.done() for _ in opened.rows]
    assert done == sorted(done)
    assert done[-1] == path.stat().st_size
