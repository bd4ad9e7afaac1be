"""The way in: exports and native files become one log, and every row of them is accounted for.

`mapped_jobs` says how exports are read by a mapping, `native_jobs` how files that already have the native
form are; `take_in` writes log and quarantine whole or not at all, and holds one row in memory at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from peakend import when
from peakend.errors import Place, SourceError
from peakend.listen import columns
from peakend.listen.door import as_text
from peakend.listen.intake import FindPlace, Intake, Ledger
from peakend.listen.mapping import Source, uses
from peakend.listen.native import NativeRows
from peakend.listen.readers import Layout, Row, Sheet, sheet
from peakend.listen.rows import MappedRows, RowReader, Values
from peakend.listen.sources_log import log_file, quarantine_file
from peakend.model.source import Lookup

Progress = Callable[[int, int], None]
"""Called now and then with (bytes read, bytes in all)."""


class Job(NamedTuple):
    """One file to read.

    `check` looks at its columns and returns its rows; `place` finds a line of the mapping, if it has one.
    """

    file: Path
    layout: Layout
    wanted: frozenset[str] | None
    reader: RowReader
    check: Callable[[Sheet, Path], Iterable[Row]]
    place: FindPlace | None = None


def mapped_jobs(source: Source, files: Sequence[Path]) -> list[Job]:
    """How the files of one mapping are read. Its look-ups are read at once; raises SourceError."""
    if not files:
        return []
    rules = source.rules
    tables = {name: _table(source, name, rule, files) for name, rule in rules.lookups.items()}
    reader = MappedRows(source.name, rules, tables)
    layout = Layout(rules.format, rules.delimiter, rules.encoding)
    wanted = frozenset(use.column for use in uses(rules))
    check = partial(columns.mapped, source)
    return [Job(file, layout, wanted, reader, check, source.place) for file in files]


def native_jobs(files: Sequence[Path], zone: when.Zone | None = None) -> list[Job]:
    """How native files are read: JSON lines, Parquet or CSV with columns id, customer, kind, at and so on.

    Times without an offset are read in `zone`, and refused without one.
    """
    reader = NativeRows(zone)
    layout = Layout(nested=True)
    return [Job(file, layout, None, reader, columns.native) for file in files]


def take_in(jobs: Sequence[Job], out: Path, quarantine: Path, progress: Progress | None = None) -> Intake:
    """Write the log and the quarantine of all these files. Raises SourceError; nothing is written then."""
    names = [job.file.name for job in jobs]
    total = sum(job.file.stat().st_size for job in jobs if job.file.exists())
    before = 0
    with log_file(out) as log, quarantine_file(quarantine) as unusable:
        ledger = Ledger(log.add, unusable.add)
        for job in jobs:
            name = job.file.name if names.count(job.file.name) == 1 else job.file.as_posix()
            ledger.begin(name, job.place)
            with sheet(job.file, job.layout, job.wanted) as opened:
                for row in job.check(opened, job.file):
                    ledger.take(row, job.reader)
                    if progress and row.number % _SAY_EVERY == 0:
                        progress(before + opened.done(), total)
            ledger.check()
            before += job.file.stat().st_size
            if progress:
                progress(before, total)
        if not ledger.intake.events:
            raise _no_event(ledger.intake, jobs[0])
    return ledger.intake


def _no_event(intake: Intake, job: Job) -> SourceError:
    """The error for files that would give an empty log."""
    if not intake.rows:
        what, what_zh = "there are no rows, only a header", "只有表头，没有数据行"
        fix, fix_zh = "Export it again", "请重新导出"
    elif intake.reasons:
        reason = max(intake.reasons, key=lambda reason: intake.reasons[reason])
        what = f"none of the {intake.rows} rows gives an event, most often because: {reason}"
        what_zh = f"{intake.rows} 行都没有产生客户动态，多因：{intake.reasons_zh[reason]}"
        fix, fix_zh = "Look at the mapping's columns and codes", "请核对映射里的列与代码"
    else:
        what = f"none of the {intake.rows} rows gives an event: no rule of the mapping applies to any"
        what_zh = f"{intake.rows} 行都没有产生客户动态：映射里没有一条规则适用"
        fix, fix_zh = "Look at the tests under when:", "请核对 when 里的检验"
    place = job.place("events") if job.place and intake.rows else Place(str(job.file))
    of_file = f"{job.file.name}: " if job.place and intake.rows else ""
    return SourceError(f"{of_file}{what}", place=place, fix=fix, what_zh=f"{of_file}{what_zh}", fix_zh=fix_zh)


def _table(source: Source, name: str, rule: Lookup, files: Sequence[Path]) -> dict[str, Values]:
    """Read a lookup from the folders of the files that need it. The first row with a key counts."""
    folders = dict.fromkeys(file.parent for file in files)
    found = [file for folder in folders for file in sorted(folder.glob(rule.file))]
    if not found:
        raise SourceError(
            f"no file '{rule.file}' lies beside {files[0].name}",
            place=source.place("lookups", name, "file"),
            fix="Put the files of one export into one folder",
            what_zh=f"{files[0].name} 旁边没有文件 {rule.file}",
            fix_zh="请把同一次导出的文件放在一个文件夹里",
        )
    wanted = frozenset([rule.key, *rule.columns])
    table: dict[str, Values] = {}
    for file in found:
        with sheet(file, Layout(encoding=source.rules.encoding), wanted) as opened:
            names = wanted if opened.columns is None else opened.columns
            for column in wanted:
                if column not in names:
                    place = source.place("lookups", name, "key" if column == rule.key else "columns")
                    raise columns.missing(column, list(names), place, file)
            for row in opened.rows:
                if key := row.values.get(rule.key):
                    brought = {column: row.values.get(column) for column in rule.columns}
                    table.setdefault(as_text(key).strip(), brought)
    return table


_SAY_EVERY = 2_000
