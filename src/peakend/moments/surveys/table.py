"""The sheets of a table with one row a respondent: pandas, Polars, Arrow, DuckDB, Ibis, or a CSV or Parquet
file.

Only the columns that are asked for are read, batch by batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv

from peakend.errors import EvidenceError, SourceError
from peakend.model.survey import Survey
from peakend.moments.logs import as_files
from peakend.moments.surveys import words
from peakend.moments.surveys.log import columns_of
from peakend.moments.surveys.sheets import Sheets, natural, refuse_odd

ALL: Final = "all"
"""The one wave of a table that names none."""
_NUMBER: Final = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"


def sheets_of_table(
    table: Any, survey: Survey, overall: str, wave: str | None, customer: str | None, scratch: Path
) -> Sheets:
    """Read a table's sheets; `wave` and `customer` are columns, None where there is none.

    Raises EvidenceError for a column that is not there and for texts among numbers.
    """
    numbers = columns_of(survey, overall)
    named = {"wave": wave, "cluster": survey.cluster or customer, "customer": customer}
    parts: dict[str, list[Any]] = {name: [] for name in (*numbers, *named)}
    odd: dict[str, tuple[int, str]] = {}
    rows = 0
    for batch in _batches(table, [*numbers, *(name for name in named.values() if name)], scratch):
        rows += batch.num_rows
        for field in numbers:
            parts[field].append(_floats(field, batch[field], odd))
        for name, column in named.items():
            if column:
                parts[name].append(_texts(batch[column]))
    if not rows:
        raise EvidenceError(
            "The table has no rows",
            fix="Give one row a respondent",
            what_zh="表里没有行",
            fix_zh="请每位受访者一行",
        )
    refuse_odd(odd)
    whose = {name: np.concatenate(parts[name]) if column else None for name, column in named.items()}
    columns = {field: np.concatenate(parts[field]) for field in numbers}
    return _sheets(columns, whose["wave"], whose["cluster"], whose["customer"], rows, wave or "")


def _sheets(
    columns: dict[str, Any],
    wave: Any | None,
    cluster: Any | None,
    customer: Any | None,
    rows: int,
    field: str,
) -> Sheets:
    if wave is None:
        wave = np.full(rows, ALL)
    kept = wave != ""
    if not kept.any():
        raise EvidenceError(
            f"No row has a value in '{field}', which names the wave",
            fix="Fill the column, or leave out wave",
            what_zh=f"“{field}”一列没有值，分不出是哪一期",
            fix_zh="请补上这一列，或不要指定 wave",
        )
    own = np.char.add("# ", np.arange(rows).astype(np.str_))
    cluster = own if cluster is None else np.where(cluster == "", own, cluster)
    names = sorted({str(name) for name in np.unique(wave[kept])}, key=natural)
    order = {name: place for place, name in enumerate(names)}
    different, place = np.unique(wave[kept], return_inverse=True)
    clusters, whose = np.unique(cluster[kept], return_inverse=True)
    people = cluster if customer is None else np.where(customer == "", own, customer)
    return Sheets(
        {name: column[kept] for name, column in columns.items()},
        np.array([order[str(name)] for name in different], dtype=np.int64)[place],
        tuple(names),
        whose.astype(np.int64),
        clusters,
        len(np.unique(people[kept])) if customer is not None else int(kept.sum()),
        int(np.count_nonzero(~kept)),
    )


def _batches(table: Any, columns: Sequence[str], scratch: Path) -> Iterator[pa.RecordBatch]:
    wanted = list(dict.fromkeys(columns))
    if hasattr(table, "iloc"):
        table = _without_mixtures(table, wanted)
    if isinstance(table, str | Path) and ".csv" in Path(table).name:
        yield from _of_csv(Path(table), wanted)
        return
    try:
        (path,) = as_files(table, scratch / "given.parquet")
    except (SourceError, ValueError) as error:
        raise EvidenceError(
            f"A {type(table).__name__} is no table of answer sheets",
            fix="Give a pandas, Polars, Arrow, DuckDB or Ibis table, or the path of a CSV or Parquet file",
            what_zh=f"{type(table).__name__} 不是答卷的表",
            fix_zh="请给 pandas、Polars、Arrow、DuckDB 或 Ibis 的表，或 CSV、Parquet 文件的路径",
        ) from error
    if not path.is_file():
        raise _no_file(path)
    with pq.ParquetFile(path) as file:
        _refuse_missing(wanted, file.schema_arrow.names)
        yield from file.iter_batches(columns=wanted)


def _without_mixtures(table: Any, wanted: Sequence[str]) -> Any:
    """A pandas table whose columns of numbers and texts are texts: what is no number is then named."""
    _refuse_missing(wanted, list(table.columns))
    mixed = []
    for name in wanted:
        if table[name].dtype == object:
            try:
                pa.array(table[name], from_pandas=True)
            except (pa.ArrowException, TypeError):
                mixed.append(name)
    return table[list(wanted)].astype(dict.fromkeys(mixed, "string"))


def _of_csv(path: Path, wanted: Sequence[str]) -> Iterator[pa.RecordBatch]:
    if not path.is_file():
        raise _no_file(path)
    with csv.open_csv(path) as reader:
        _refuse_missing(wanted, reader.schema.names)
    how = csv.ConvertOptions(
        include_columns=list(wanted),
        column_types=dict.fromkeys(wanted, pa.string()),
        strings_can_be_null=True,
    )
    with csv.open_csv(path, convert_options=how) as reader:
        yield from reader


def _no_file(path: Path) -> SourceError:
    return SourceError(
        "There is no such file",
        place=str(path),
        fix="Give the path of a CSV or Parquet file",
        what_zh="没有这个文件",
        fix_zh="请给 CSV 或 Parquet 文件的路径",
    )


def _refuse_missing(wanted: Sequence[str], known: Sequence[str]) -> None:
    for name in wanted:
        if name not in known:
            raise words.stranger("column", "列", name, known)


def _floats(field: str, column: Any, odd: dict[str, tuple[int, str]]) -> Any:
    """A column as floats; texts that are no numbers are counted in `odd`."""
    if isinstance(column, pa.DictionaryArray):
        column = column.dictionary_decode()
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        text = pc.utf8_trim_whitespace(column)
        text = pc.if_else(pc.equal(text, ""), None, text)
        fits = pc.match_substring_regex(text, _NUMBER)
        strange = text.filter(pc.invert(fits))
        if len(strange):
            count, example = odd.get(field, (0, strange[0].as_py()))
            odd[field] = count + len(strange), example
        column = pc.if_else(fits, text, None)
    elif not (
        pa.types.is_integer(column.type)
        or pa.types.is_floating(column.type)
        or pa.types.is_decimal(column.type)
    ):
        known = column.drop_null()
        if len(known):
            odd[field] = odd.get(field, (0, ""))[0] + len(known), str(known[0].as_py())
        return np.full(len(column), np.nan)
    return column.cast(pa.float64()).to_numpy(zero_copy_only=False)


def _texts(column: Any) -> Any:
    """A column of names as texts, '' where there is none; 2017.0 is 2017."""
    if pa.types.is_floating(column.type):
        whole = column.cast(pa.int64(), safe=False)
        if pc.all(pc.equal(whole.cast(column.type), column)).as_py() is not False:
            column = whole
    text = column.dictionary_decode() if isinstance(column, pa.DictionaryArray) else column
    return np.array(
        [str(value).strip() if value is not None else "" for value in text.to_pylist()], dtype=np.str_
    )
