"""From the files that a user has to a log that can be folded: a log as it is, native files, or exports.

Which of the three each file is, is found by looking; the user only names files. A log is never mixed with the
exports that it was made from, or everything would count twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from peakend.errors import SourceError
from peakend.listen.intake import Intake
from peakend.listen.mapping import Source, sources_of
from peakend.listen.sources import Progress, mapped_jobs, native_jobs, take_in
from peakend.listen.sources_files import NATIVE, Found, patterns, sort_files
from peakend.model.pack import Pack
from peakend.when import zone


class History(NamedTuple):
    """A log in the native form, and how it came about.

    `intake` holds the accounts of the rows, None where the files were such a log already; `quarantine` is the
    file with what was put aside, None where nothing was; `unread` are files of the folders that nobody takes.
    """

    log: list[Path]
    intake: Intake | None
    quarantine: Path | None = None
    unread: Sequence[Path] = ()

    @property
    def quarantined(self) -> int:
        """What the intake put aside: whole rows, and single events of rows."""
        return sum(self.intake.reasons.values()) if self.intake else 0


def open_history(
    pack: Pack, files: Sequence[Path], out: Path, quarantine: Path, progress: Progress | None = None
) -> History:
    """Turn files, folders or glob patterns into a log at `out`, by the pack's mappings; raise SourceError.

    `quarantine` is there afterwards only if something had to be put aside.
    """
    sources = sources_of(pack)
    found = sort_files(sources, files)
    exports = [file for taken in found.mapped.values() for file in taken]
    if found.logs and exports:
        raise _mixed(found.logs[0], exports[0])
    if found.logs and not found.native:
        return History(found.logs, None, unread=found.unread)
    jobs = [job for source in sources for job in mapped_jobs(source, found.mapped[source.name])]
    jobs += native_jobs([*found.logs, *found.native], zone(pack.head.zone))
    if not jobs:
        raise _nothing_taken(sources, files, found)
    intake = take_in(jobs, out, quarantine, progress)
    if not intake.reasons:
        quarantine.unlink(missing_ok=True)
    return History([out], intake, quarantine if intake.reasons else None, found.unread)


def _mixed(log: Path, export: Path) -> SourceError:
    return SourceError(
        f"a log and an export ({export.name}) stand side by side, so everything may count twice",
        place=str(log),
        fix=f"Move {log.name} to another folder, or name the files that shall be read",
        what_zh=f"日志与导出文件（{export.name}）混在一起，可能重复计算",
        fix_zh=f"请把 {log.name} 移到别的文件夹，或逐个指明要读的文件",
    )


def _nothing_taken(sources: Sequence[Source], files: Sequence[Path], found: Found) -> SourceError:
    if not found.unread:
        return SourceError(
            "the folder holds no events",
            place=str(files[0]),
            fix=f"Native files end in {', '.join(NATIVE)}",
            what_zh="文件夹里没有客户动态",
            fix_zh=f"通用格式的文件以 {'、'.join(NATIVE)} 结尾",
        )
    return SourceError(
        "no mapping takes a file of this folder, and none is in the native form",
        place=str(files[0]),
        fix=patterns(sources)
        or "Write a mapping, sources/NAME.yaml, or give columns id, customer, kind, at, data",
        what_zh="文件夹里没有映射能读的文件，也没有通用格式的文件",
        fix_zh="请核对映射里的 file，或写一份映射 sources/名称.yaml",
    )
