"""What generated SQL is made of: names and values, quoted, files and texts as tables, and rows as they come.

To bind a parameter DuckDB loads pandas, as Arrow does to take a list, which costs every process 60 MB and a
second.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import duckdb
import msgspec

from peakend.model.log import Row

BATCH = 65_536
"""Rows that reach Python at once."""


def quoted(text: str) -> str:
    """A name of a file, or a value."""
    return "'" + text.replace("'", "''") + "'"


def among(texts: Iterable[str]) -> str:
    """What stands behind IN; never empty."""
    return f"({', '.join(['NULL', *(quoted(text) for text in sorted(texts))])})"


def files_of(paths: Sequence[Path]) -> str:
    """Parquet files as one table."""
    names = ", ".join(quoted(str(path)) for path in paths)
    return f"read_parquet([{names}], union_by_name = true)"


def written(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Some texts of Python as a table of DuckDB."""
    with path.open("wb") as out:
        out.writelines(msgspec.json.encode(dict(zip(columns, row, strict=True))) + b"\n" for row in rows)
    types = ", ".join(f"{name}: 'VARCHAR'" for name in columns)
    return f"read_json({quoted(str(path))}, format = 'newline_delimited', columns = {{{types}}})"


def rows_of(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[Row]:
    """The rows of a query, a batch in memory at a time."""
    reader = connection.execute(query).to_arrow_reader(BATCH)
    for batch in reader:
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def row_count(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> int:
    """How many rows some Parquet files have, as they say themselves."""
    names = ", ".join(quoted(str(path)) for path in files)
    (rows,) = connection.execute(f"SELECT sum(num_rows) FROM parquet_file_metadata([{names}])").fetchall()[0]
    return int(rows or 0)
