"""Whether a file has the columns that are to be read from it, asked once before its first row.

A wrong column name is the commonest mistake in a mapping; found here it is one message with the line of
the mapping and the nearest right name, instead of a million rows in quarantine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from itertools import chain, islice
from pathlib import Path

from peakend.errors import Place, SourceError, nearest
from peakend.listen.mapping import Source, looked_up, placeholders, uses
from peakend.listen.native import COLUMNS
from peakend.listen.readers import Row, Sheet
from peakend.model.parts import as_list
from peakend.model.source import NOBODY


def mapped(source: Source, opened: Sheet, file: Path) -> Iterable[Row]:
    """The rows of an open file, when it has what the mapping reads. Raises SourceError otherwise.

    Where rows name their own columns (JSON lines, XES), any but the customer and the times may be rare,
    so only these are looked for, in the first thousand rows.
    """
    brought = looked_up(source.rules)
    if opened.columns is None:
        first = list(islice(opened.rows, _FIRST_ROWS))
        found = dict.fromkeys(chain.from_iterable(row.values for row in first if not row.fault))
        if found:
            _check_essential(source, [*found, *brought], file)
        return chain(first, opened.rows)
    for use in uses(source.rules):
        if use.column not in brought and opened.columns.count(use.column) != 1:
            raise missing(use.column, opened.columns, source.place(*use.path), file)
    return opened.rows


def native(opened: Sheet, file: Path) -> Iterable[Row]:
    """The rows of an open file in the native form. Raises SourceError when it is not in that form."""
    columns = opened.columns
    if columns is None:
        first = list(islice(opened.rows, 1))
        columns = list(first[0].values) if first and not first[0].fault else None
        rows: Iterator[Row] = chain(first, opened.rows)
    else:
        rows = opened.rows
    if columns is not None:
        times = [column for column in ("at", "happened_at") if column in columns]
        lacking = [name for name in ("kind", *(() if times else ("at",))) if name not in columns]
        strange = [name for name in columns if name not in COLUMNS]
        if lacking or strange:
            name = (lacking or strange)[0]
            what = f"{'it has no column' if lacking else 'it has the column'} '{name}'"
            hint = nearest(name, columns if lacking else COLUMNS)
            raise SourceError(
                f"this is not the native form: {what}",
                place=str(file),
                fix=f"{hint} Rename it, or write a mapping (sources/NAME.yaml)".strip(),
                what_zh=f"不是通用格式：{'缺少列' if lacking else '多出列'} {name}",
                fix_zh="请改列名，或写一份映射（sources/名称.yaml）",
            )
    return rows


def missing(column: str, columns: list[str], place: Place, file: Path) -> SourceError:
    """The error for a column that a file does not have, or has twice."""
    if column in columns:
        return SourceError(
            f"{file.name} has more than one column '{column}'",
            place=place,
            fix="Rename one of them in the file",
            what_zh=f"{file.name} 里有多个名为 {column} 的列",
            fix_zh="请在文件里改名其中一个",
        )
    has = ", ".join(columns[:_MANY]) + (" and more" if len(columns) > _MANY else "")
    alone = " Perhaps the `delimiter:` is another one." if len(columns) == 1 else ""
    near = get_close_matches(column, columns, n=1)
    near_zh = f"是不是“{near[0]}”？" if near else ""
    alone_zh = "也许分隔符（delimiter）不是这个。" if len(columns) == 1 else ""
    return SourceError(
        f"{file.name} has no column '{column}'",
        place=place,
        fix=f"{nearest(column, columns)} It has: {has}.{alone}".strip(),
        what_zh=f"{file.name} 没有列 {column}",
        fix_zh=f"{near_zh}现有的列：{has}。{alone_zh}",
    )


def _check_essential(source: Source, columns: list[str], file: Path) -> None:
    rules = source.rules
    names = as_list(rules.customer)
    wanted = [column for name in names for column in placeholders(name)]
    if names != [NOBODY] and not rules.subject and not set(wanted) & set(columns):
        raise missing(wanted[0], columns, source.place("customer"), file)
    dated = [(number, event.at) for number, event in enumerate(rules.events) if event.at]
    if len(dated) == len(rules.events) and not any(at in columns for _, at in dated):
        number, at = dated[0]
        raise missing(at, columns, source.place("events", number, "at"), file)


_FIRST_ROWS = 1_000
_MANY = 40
