"""The way in: exports and native files become one log, and every row of them is accounted for.

`convert` reads exports by their mappings, `native` reads what already has the native form. Both write the
log and the quarantine whole or not at all, and hold one row in memory at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from glob import glob, has_magic
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from peakend import when
from peakend.errors import SourceError
from peakend.listen import columns
from peakend.listen.door import as_text
from peakend.listen.intake import Intake, Ledger
from peakend.listen.mapping import Lookup, Source, as_list, uses
from peakend.listen.native import NativeRows
from peakend.listen.readers import Layout, Row, Sheet, sheet
from peakend.listen.rows import MappedRows, RowReader, Values
from peakend.listen.sources_log import log_file, quarantine_file

Progress = Callable[[int, int], None]
"""Called now and then with (bytes read, bytes in all)."""


def convert(
    sources: Source | Sequence[Source],
    paths: Sequence[Path],
    out: Path,
    quarantine: Path,
    progress: Progress | None = None,
) -> Intake:
    """Turn exports into one log by their mappings.

    A path is a file, a folder or a glob pattern. A file goes to the source whose `file` patterns its name
    matches; where there is one source only, any file named goes to it. Of a folder the matching files are
    taken, source by source in the order given, then by name. Raises SourceError; nothing is written then.
    """
    sources = [sources] if isinstance(sources, Source) else list(sources)
    files = _files_by_source(sources, paths)
    jobs = []
    for source in sources:
        if its := files[source.name]:
            rules = source.rules
            tables = {name: _table(source, name, rule, its) for name, rule in rules.lookups.items()}
            reader = MappedRows(source.name, rules, tables)
            layout = Layout(rules.format, rules.delimiter, rules.encoding)
            wanted = frozenset(use.column for use in uses(rules))
            jobs += [_Job(file, layout, wanted, reader, partial(columns.mapped, source)) for file in its]
    return _take_in(jobs, out, quarantine, progress)


def native(
    paths: Sequence[Path],
    out: Path,
    quarantine: Path,
    progress: Progress | None = None,
    *,
    zone: when.Zone | None = None,
    scheduled: bool = False,
) -> Intake:
    """Take in native files: JSON lines, Parquet or CSV with the columns id, customer, kind, at and so on.

    A path is a file, a folder or a glob pattern. Times without an offset are read in `zone`, and refused
    without one; events of the future only where the source is `scheduled`. Raises SourceError.
    """
    reader = NativeRows(zone, scheduled)
    layout = Layout(nested=True)
    files: dict[Path, None] = {}
    for path in paths:
        found = _native_files(path)
        if not found:
            raise SourceError("the folder holds no events", place=str(path), fix=_NATIVE_ENDS)
        files |= dict.fromkeys(found)
    jobs = [_Job(file, layout, None, reader, columns.native) for file in files]
    return _take_in(jobs, out, quarantine, progress)


def is_native(path: Path) -> bool:
    """Whether the first row of a file, or of the first file in a folder, has the native columns."""
    files = _native_files(path)
    if not files:
        return False
    with sheet(files[0], Layout(nested=True)) as opened:
        names = opened.columns
        if names is None:
            first = next(opened.rows, None)
            names = list(first.values) if first else []
    return "kind" in names and ("at" in names or "happened_at" in names)


class _Job(NamedTuple):
    """One file to read. `check` looks at its columns and returns its rows."""

    file: Path
    layout: Layout
    wanted: frozenset[str] | None
    reader: RowReader
    check: Callable[[Sheet, Path], Iterable[Row]]


def _take_in(jobs: list[_Job], out: Path, quarantine: Path, progress: Progress | None) -> Intake:
    names = [job.file.name for job in jobs]
    total = sum(job.file.stat().st_size for job in jobs)
    before = 0
    with log_file(out) as log, quarantine_file(quarantine) as unusable:
        ledger = Ledger(log.add, unusable.add)
        for job in jobs:
            ledger.begin(job.file.name if names.count(job.file.name) == 1 else job.file.as_posix())
            with sheet(job.file, job.layout, job.wanted) as opened:
                for row in job.check(opened, job.file):
                    ledger.take(row, job.reader)
                    if progress and row.number % _SAY_EVERY == 0:
                        progress(before + opened.done(), total)
            ledger.check()
            before += job.file.stat().st_size
            if progress:
                progress(before, total)
    return ledger.intake


def _files_by_source(sources: list[Source], paths: Sequence[Path]) -> dict[str, list[Path]]:
    files: dict[str, dict[Path, None]] = {source.name: {} for source in sources}
    for path in chain.from_iterable(_expanded(path) for path in paths):
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.is_file())
            found = [(source, file) for source in sources for file in inside if _claims(source, file)]
            if not found:
                raise SourceError(
                    "no file in this folder belongs to a source", place=str(path), fix=_patterns(sources)
                )
        else:
            claimed = [source for source in sources if _claims(source, path)] or sources
            if len(claimed) != 1:
                raise SourceError(
                    "it cannot be told to which source this file belongs",
                    place=str(path),
                    fix=_patterns(sources),
                )
            found = [(claimed[0], path)]
        for source, file in found:
            files[source.name][file] = None
    return {name: list(its) for name, its in files.items()}


def _claims(source: Source, file: Path) -> bool:
    return any(file.match(pattern) for pattern in as_list(source.rules.file))


def _patterns(sources: Sequence[Source]) -> str:
    return "; ".join(f"{source.name} takes {' or '.join(as_list(source.rules.file))}" for source in sources)


def _expanded(path: Path) -> list[Path]:
    if not has_magic(str(path)) or path.exists():
        return [path]
    found = [Path(name) for name in sorted(glob(str(path), recursive=True))]
    if not found:
        raise SourceError(
            "no file matches this pattern", place=str(path), fix="Put it in quotes and check it"
        )
    return found


def _native_files(path: Path) -> list[Path]:
    files = []
    for part in _expanded(path):
        if part.is_dir():
            files += sorted(
                file
                for file in part.rglob("*")
                if file.name.endswith(_NATIVE) and not file.name.startswith(".")
            )
        else:
            files.append(part)
    return files


def _table(source: Source, name: str, rule: Lookup, files: Sequence[Path]) -> dict[str, Values]:
    """Read a lookup from the folders of the files that need it. The first row with a key counts."""
    folders = dict.fromkeys(file.parent for file in files)
    found = [file for folder in folders for file in sorted(folder.glob(rule.file))]
    if not found:
        raise SourceError(
            f"no file '{rule.file}' lies beside {files[0].name}",
            place=source.place(f"lookups.{name}.file"),
            fix="Put the files of one export into one folder",
        )
    wanted = frozenset([rule.key, *rule.columns])
    table: dict[str, Values] = {}
    for file in found:
        with sheet(file, Layout(encoding=source.rules.encoding), wanted) as opened:
            names = wanted if opened.columns is None else opened.columns
            for column in wanted:
                if column not in names:
                    place = source.place(f"lookups.{name}.{'key' if column == rule.key else 'columns'}")
                    raise columns.missing(column, list(names), place, file)
            for row in opened.rows:
                if key := row.values.get(rule.key):
                    brought = {column: row.values.get(column) for column in rule.columns}
                    table.setdefault(as_text(key).strip(), brought)
    return table


_NATIVE = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz", ".parquet", ".csv", ".csv.gz")
_NATIVE_ENDS = f"Native files end in {', '.join(_NATIVE)}"
_SAY_EVERY = 2_000
