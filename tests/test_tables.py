"""The sort of a log: in order whatever its length, and in bounded memory whatever its rows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from peakend.bench.log import Shape, write_log
from peakend.bench.service import service
from peakend.fold import compile_program
from peakend.model.log import LOG_SCHEMA
from peakend.tables import connect, read_span, sort_relevant, spans

RELEVANT = frozenset(compile_program(service()).kinds)


@pytest.fixture(scope="module")
def long_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tables") / "log.parquet"
    write_log(path, Shape(260_000, relevant=1.0))
    return path


def test_a_log_that_is_sorted_in_parts_is_in_one_order_and_every_customer_in_one_part(
    long_log: Path, tmp_path: Path
) -> None:
    out = tmp_path / "sorted"
    with connect(tmp_path) as connection:
        assert sort_relevant(connection, [long_log], RELEVANT, out) == 260_000
        found = list(read_span(connection, out, "", None))
        cuts = spans(connection, out)
        by_span = [row for cut in cuts for row in read_span(connection, out, cut.low, cut.high)]
    assert len(found) == 260_000
    assert found == sorted(found, key=lambda row: (row[0], row[3], row[4], row[7]))
    assert by_span == found
    assert sum(cut.rows for cut in cuts) == 260_000
    parts = [set(pq.read_table(part, columns=["customer"])["customer"].to_pylist()) for part in _files(out)]
    assert len(parts) > 1
    assert sum(map(len, parts)) == len(set.union(*parts))


def test_what_was_sorted_before_at_the_same_place_does_not_remain(long_log: Path, tmp_path: Path) -> None:
    with connect(tmp_path) as connection:
        sort_relevant(connection, [long_log], RELEVANT, tmp_path / "sorted")
        first = next(read_span(connection, tmp_path / "sorted", "", None))[0]
        count = sort_relevant(connection, [long_log], RELEVANT, tmp_path / "sorted", only=first)
        assert {row[0] for row in read_span(connection, tmp_path / "sorted", "", None)} == {first}
    assert 0 < count < 1_000


def test_rows_too_large_for_the_limit_get_the_memory_that_they_need(tmp_path: Path) -> None:
    rows = 4_000
    instants = [1_735_700_000_000_000 + number * 1_000_000 for number in range(rows)]
    columns = {
        "id": [f"e{number}" for number in range(rows)],
        "customer": [f"c{number % 7}" for number in range(rows)],
        "kind": ["order.opened"] * rows,
        "happened_at": instants,
        "seen_at": instants,
        "source": ["test"] * rows,
        "subject": [None] * rows,
        "data": [f'{{"ref":"{number:08}{"x" * 8_000}"}}' for number in range(rows)],
        "seq": list(range(rows)),
    }
    table = pa.table({field.name: pa.array(columns[field.name], field.type) for field in LOG_SCHEMA})
    pq.write_table(table, tmp_path / "log.parquet")
    with connect(tmp_path, "40MB") as connection:
        count = sort_relevant(connection, [tmp_path / "log.parquet"], RELEVANT, tmp_path / "sorted")
        places = [row[4] for row in read_span(connection, tmp_path / "sorted", "", None)]
    assert count == rows
    assert places == sorted(range(rows), key=lambda number: (number % 7, number))


def test_a_backtest_does_without_pandas(tmp_path: Path) -> None:
    write_log(tmp_path / "log.parquet", Shape(60_000))
    program = f"""
import sys
from pathlib import Path
from peakend.backtest import backtest
from peakend.bench.service import service
log, listing = Path({str(tmp_path / "log.parquet")!r}), Path({str(tmp_path / "list")!r})
result = backtest(service(), [log], listing=listing)
assert any("budget" in play.suppress for play in result.plays.values()), "nobody was contested"
assert "pandas" not in sys.modules, "pandas costs 60 MB and a second"
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.parquet"))
