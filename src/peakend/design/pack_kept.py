"""A published pack read back from its files, without a folder: the same hash, and the same pack.

Places name the version instead of a folder (cloud@1a2b3c4d5e6f/plays/renewal.yaml:7), because the folder of
the author may be gone or changed by then.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from peakend.design.pack import READ, load_pack
from peakend.design.pack_files import hash_of, is_part
from peakend.errors import PackError, Place
from peakend.model.pack import Pack, Text

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
    with TemporaryDirectory(prefix="peakend-") as folder:
        root = Path(folder) / name
        for file, content in files.items():
            path = root / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return relocated(load_pack(root), f"{name}@{hash_[:_SHORT]}")


def relocated(pack: Pack, root: str) -> Pack:
    """The same pack as if it lay elsewhere."""

    def there(place: Place) -> Place:
        return place._replace(file=root + place.file.removeprefix(pack.root))

    def texts(of: dict[tuple[str, str], Text]) -> dict[tuple[str, str], Text]:
        return {name: msgspec.structs.replace(one, place=there(one.place)) for name, one in of.items()}

    changed: dict[str, Any] = {
        "root": root,
        "texts": texts(pack.texts),
        "cards": texts(pack.cards),
        "places": {path: there(place) for path, place in pack.places.items()},
    }
    return msgspec.structs.replace(pack, **changed)
