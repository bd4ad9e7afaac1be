"""From the files that a user has to a log that can be folded: a log as it is, native files, or exports.

Which of the three it is, is found by looking; the user only names files.
"""

from __future__ import annotations

from collections.abc import Sequence
from glob import glob
from pathlib import Path
from typing import NamedTuple

from peakend.errors import SourceError
from peakend.listen.intake import Intake
from peakend.listen.sources import Progress, convert, is_native, native
from peakend.listen.sources_log import is_log
from peakend.listen.sources_yaml import read_sources
from peakend.when import zone


class History(NamedTuple):
    """A log in the native form; `intake` is None where the files were such a log already."""

    log: list[Path]
    intake: Intake | None

    @property
    def quarantined(self) -> int:
        """What the intake put aside: whole rows, and single events of rows."""
        return sum(self.intake.reasons.values()) if self.intake else 0


def open_history(
    pack_folder: Path,
    zone_name: str,
    files: Sequence[Path],
    out: Path,
    quarantine: Path,
    progress: Progress | None = None,
) -> History:
    """Turn files into a log at `out`, by the pack's sources unless they are native; raise SourceError.

    `quarantine` is there afterwards only if something had to be put aside.
    """
    found = [path for file in files for path in _named(file)]
    if found and all(is_log(path) for path in found):
        return History(found, None)
    if all(is_native(path) for path in files):
        intake = native(files, out, quarantine, progress, zone=zone(zone_name))
    else:
        folder = pack_folder / "sources"
        sources = read_sources(folder) if folder.is_dir() else []
        if not sources:
            raise SourceError(
                "These files are not in the native form, and the pack has no source mapping for them",
                place=str(files[0]),
                fix=f"Write a mapping in {folder}/NAME.yaml, or give columns id, customer, kind, at, data",
            )
        intake = convert(sources, files, out, quarantine, progress)
    if not intake.reasons:
        quarantine.unlink(missing_ok=True)
    return History([out], intake)


def _named(path: Path) -> list[Path]:
    """The files that a path means: itself, those of a folder, or those of a glob pattern."""
    if path.is_dir():
        return sorted(child for child in path.iterdir() if child.is_file())
    return [path] if path.exists() else [Path(name) for name in sorted(glob(str(path)))]
