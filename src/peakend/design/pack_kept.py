"""A published pack read back from its files, without a folder: the same hash, and the same pack.

Places name the version instead of a folder (cloud@1a2b3c4d5e6f/plays/renewal.yaml:7), because the folder of
the author may be gone or changed by then.
"""

from __future__ import annotations

from collections.abc import Mapping

from peakend.design.pack import READ, load_files
from peakend.design.pack_files import hash_of, is_part
from peakend.errors import PackError
from peakend.model.pack import Pack

_SHORT = 12


def kept_pack(files: Mapping[str, bytes], hash_: str, name: str) -> Pack:
    """The pack of a publication. Raises PackError where its files are not those that were published."""
    if hash_of(files) != hash_ or not all(is_part(file, READ) for file in files):
        raise PackError(
            f"The files of the published version {name}@{hash_[:_SHORT]} are not those that were published",
            fix="Restore a backup, or publish the pack once more",
            what_zh=f"已发布版本 {name}@{hash_[:_SHORT]} 的文件与发布时不一致",
            fix_zh="请从备份恢复，或重新发布该模板",
        )
    return load_files(files, f"{name}@{hash_[:_SHORT]}")
