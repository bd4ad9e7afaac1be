"""Which of the files that a user names are logs, which a mapping takes, and which nobody reads.

A file is judged by itself, so that one folder may hold exports of several systems; what is left over is
listed and never passed over in silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from glob import glob, has_magic
from pathlib import Path
from typing import NamedTuple

from peakend.errors import SourceError
from peakend.listen.mapping import Source
from peakend.listen.readers import Layout, format_of, missing, sheet
from peakend.listen.sources_log import is_log
from peakend.model.parts import as_list

NATIVE = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz", ".parquet", ".csv", ".csv.gz")
TRUTH = ".truth.json"


class Found(NamedTuple):
    """The files by who reads them: `mapped` by the name of the mapping; `unread` are those of a folder."""

    logs: list[Path]
    mapped: dict[str, list[Path]]
    native: list[Path]
    unread: list[Path]


def sort_files(sources: Sequence[Source], paths: Sequence[Path]) -> Found:
    """Sort files, folders and glob patterns.

    A mapping takes the files whose names its `file` matches, and where there is one mapping only also any
    other file that is named and not in the native form. Raises SourceError where nobody can read one.
    """
    found = Found([], {source.name: [] for source in sources}, [], [])
    for path in paths:
        for part in _expanded(path):
            if part.is_dir():
                for file in sorted(_inside(part)):
                    _sort(found, sources, file, named=False)
            else:
                _sort(found, sources, part, named=True)
    looked_up = [rule.file for source in sources for rule in source.rules.lookups.values()]
    unread = [file for file in found.unread if not any(file.match(pattern) for pattern in looked_up)]
    return Found(
        _once(found.logs),
        {name: _once(files) for name, files in found.mapped.items()},
        _once(found.native),
        _once(unread),
    )


def is_native(file: Path) -> bool:
    """Whether the first row of a file has the columns of the native log. Raises SourceError."""
    if not file.name.endswith(NATIVE):
        return False
    with sheet(file, Layout(nested=True)) as opened:
        names = opened.columns
        if names is None:
            first = next(opened.rows, None)
            names = list(first.values) if first else []
    return "kind" in names and ("at" in names or "happened_at" in names)


def patterns(sources: Sequence[Source]) -> str:
    """Which files each mapping takes, in one line."""
    return "; ".join(f"{source.name} takes {' or '.join(as_list(source.rules.file))}" for source in sources)


def _sort(found: Found, sources: Sequence[Source], file: Path, *, named: bool) -> None:
    if file.name.endswith(TRUTH):
        if named:
            raise _a_truth_file(file)
        found.unread.append(file)
    elif is_log(file):
        found.logs.append(file)
    elif takers := [source for source in sources if _takes(source, file)]:
        for source in takers:
            found.mapped[source.name].append(file)
    elif _native(file, named=named):
        found.native.append(file)
    elif not named:
        found.unread.append(file)
    elif len(sources) == 1:
        found.mapped[sources[0].name].append(file)
    else:
        raise _nobody_reads(sources, file)


def _native(file: Path, *, named: bool) -> bool:
    try:
        return is_native(file)
    except SourceError:
        # In a folder it may be anything, and is listed as not read; a file that is named must be readable.
        if named:
            raise
        return False


def _takes(source: Source, file: Path) -> bool:
    return any(file.match(pattern) for pattern in as_list(source.rules.file))


def _expanded(path: Path) -> list[Path]:
    if path.exists():
        return [path]
    if not has_magic(str(path)):
        raise missing(path)
    found = [Path(name) for name in sorted(glob(str(path), recursive=True))]
    if not found:
        raise SourceError(
            "no file matches this pattern",
            place=str(path),
            fix="Put it in quotes and check it",
            what_zh="没有文件符合这个通配",
            fix_zh="请加引号并核对",
        )
    return found


def _inside(folder: Path) -> list[Path]:
    return [
        file
        for file in folder.rglob("*")
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(folder).parts)
    ]


def _once(files: list[Path]) -> list[Path]:
    return list(dict.fromkeys(files))


def _a_truth_file(file: Path) -> SourceError:
    log = file.name.removesuffix(TRUTH) + ".parquet"
    return SourceError(
        "this is a truth file, not a log",
        place=str(file),
        fix=f"Name the log that it belongs to, for example {file.with_name(log)}",
        what_zh="这是模拟的真值文件，不是客户动态",
        fix_zh=f"请改为它旁边的日志，例如 {file.with_name(log)}",
    )


def _nobody_reads(sources: Sequence[Source], file: Path) -> SourceError:
    format_of(file)
    if sources:
        return SourceError(
            "it cannot be told to which source this file belongs",
            place=str(file),
            fix=patterns(sources),
            what_zh="看不出这个文件归哪份映射读取",
            fix_zh="；".join(
                f"{source.name} 读取 {'、'.join(as_list(source.rules.file))}" for source in sources
            ),
        )
    return SourceError(
        "this file is not in the native form, and the pack has no source mapping for it",
        place=str(file),
        fix="Write a mapping, sources/NAME.yaml, or give columns id, customer, kind, at, data",
        what_zh="这个文件不是通用格式，模板里也没有读它的映射",
        fix_zh="请写一份映射 sources/名称.yaml，或按 id、customer、kind、at、data 列给出",
    )
