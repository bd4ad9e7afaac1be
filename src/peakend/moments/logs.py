"""Whatever a notebook holds becomes files that a log is read from: a table of events, or a path.

Known by what they can do, so that nobody needs pandas or Polars who does not use them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from peakend.errors import SourceError


def as_log(log: Any, out: Path) -> list[Path]:
    """`as_files` of a log: a table must have the columns of events. SourceError where it has not."""
    return as_files(log, out, _refuse_a_stranger)


def as_files(
    log: Any, out: Path, refuse: Callable[[Sequence[str]], None] = lambda columns: None
) -> list[Path]:
    """The files of a path, several paths, or a table, which is written to `out` unless `refuse` raises.

    Tables: pandas, Polars, Arrow, a DuckDB relation, an Ibis table, or anything with the Arrow C stream.
    SourceError for anything else.
    """
    if isinstance(log, str | Path):
        return [Path(log)]
    if isinstance(log, Sequence) and all(isinstance(one, str | Path) for one in log):
        return [Path(one) for one in log]
    if hasattr(log, "to_pyarrow_batches"):  # an Ibis table: its engine writes, without a row in Python
        refuse(log.columns)
        log.to_parquet(out)
        return [out]
    reader = _reader(log)
    refuse(reader.schema.names)
    plain = reader.schema.remove_metadata()  # a log's own mark would spare it the checks
    with pq.ParquetWriter(out, plain) as writer:
        for batch in reader:
            writer.write_batch(batch.replace_schema_metadata(None))
    return [out]


def _refuse_a_stranger(columns: Sequence[str]) -> None:
    """A table of something else would be taken for an export, and blamed on the pack's mapping."""
    missing = [name for name in ("customer", "kind", "at") if name not in columns]
    if "happened_at" in columns:
        missing = [name for name in missing if name != "at"]
    if missing:
        had = ", ".join(columns) or "none"
        raise SourceError(
            f"The table has no column {', '.join(missing)}; its columns are {had}",
            fix="Rename the columns to customer, kind, at and data, one event a row; give an export that the "
            "pack's sources/ map as a file",
            what_zh=f"表里没有 {'、'.join(missing)} 列，现有的列：{had}",
            fix_zh="请把列名改成 customer、kind、at、data，一行一条客户动态；"
            "要按模板的 sources/ 映射，请给文件路径",
        )


def _reader(log: Any) -> pa.RecordBatchReader:
    if isinstance(log, pa.RecordBatchReader):
        return log
    if hasattr(log, "to_arrow_reader"):
        return log.to_arrow_reader(65_536)
    if hasattr(log, "__arrow_c_stream__"):
        return pa.RecordBatchReader.from_stream(log)
    if hasattr(log, "to_arrow"):
        return log.to_arrow().to_reader()
    raise SourceError(
        f"A {type(log).__name__} is no log",
        fix="Give a path, or a pandas, Polars, Arrow, DuckDB or Ibis table with customer, kind, at, data",
    )
