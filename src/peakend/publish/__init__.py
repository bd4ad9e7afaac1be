"""Publishing: what a new version of a pack would change for whom, who has agreed, and the step itself.

A pack with an error is never published. What gives money, must arrive, rings at night or reaches many needs a
second person, whose signature holds for this version and this backtest and for nothing else. Nothing here
decides about a customer.
"""

from __future__ import annotations

from pathlib import Path

from peakend.check import Checked
from peakend.design.pack import READ
from peakend.design.pack_files import files_of, hash_of
from peakend.design.pack_kept import kept_pack
from peakend.errors import PeakendError
from peakend.model.pack import Pack
from peakend.model.publication import Publication
from peakend.publish.approval import Approval, NotApproved, approve, new_key, read_approval, read_key, verify
from peakend.publish.preview import Affected, Preview, Reason, preview
from peakend.publish.versions import Changed
from peakend.store import Store

__all__ = [
    "Affected",
    "Approval",
    "Changed",
    "NotApproved",
    "Preview",
    "Reason",
    "approve",
    "keep",
    "new_key",
    "pack_of",
    "packs_of",
    "preview",
    "publish",
    "published",
    "read_approval",
    "read_key",
    "sound",
    "verify",
]


def sound(checked: Checked, folder: str) -> Pack:
    """The pack that was checked. Raises PeakendError where it has an error, or a story that fails."""
    if checked.pack is not None and checked.sound:
        return checked.pack
    wrong = [one for one in checked.problems if one.severity == "error"]
    failed = [one for played in checked.stories for one in played.problems]
    first = [*wrong, *failed][0]
    raise PeakendError(
        f"A pack with an error is not published: {first.what}",
        place=first.place,
        fix=f"See all of them with: peakend check {folder}",
        what_zh=f"模板有错误，不能发布：{first.what_zh}",
        fix_zh=f"查看全部问题：peakend check {folder}",
    )


def publish(store: Store, pack: Pack, *, who: str, backtest: str, approved: str, now: int) -> Publication:
    """Keep a pack whole, and let it hold from now on. The folder must still be what was checked."""
    files = files_of(Path(pack.root), READ)
    if hash_of(files) != pack.hash:
        raise PeakendError(
            "The files of the pack have changed since they were checked",
            place=pack.root,
            fix="Publish once more",
            what_zh="模板文件在检查之后又有改动",
            fix_zh="请重新发布",
        )
    return keep(store, pack, files, who=who, backtest=backtest, approved=approved, now=now)


def keep(
    store: Store, pack: Pack, files: dict[str, bytes], *, who: str, backtest: str, approved: str, now: int
) -> Publication:
    """Keep the files of a pack that was checked, wherever they lay, and let them hold from now on."""
    return store.publish(
        Publication(
            hash=pack.hash,
            pack=pack.head.pack,
            who=who,
            seen=0,
            backtest=backtest,
            approved=approved,
            files=files,
        ),
        now,
    )


def published(store: Store) -> Publication | None:
    """The version that holds now."""
    hash_ = store.published_hash()
    return store.publications(hash_)[-1] if hash_ else None


def packs_of(store: Store) -> dict[str, Pack]:
    """The packs of all versions that were published, by their hash, the newest last."""
    found = {one.hash: one for one in store.publications()}
    return {hash_: kept_pack(one.files, hash_, one.pack) for hash_, one in found.items()}


def pack_of(store: Store, hash_: str) -> Pack:
    """The pack of a hash that was published, for runs that are pinned to it. PeakendError if it never was."""
    found = store.publications(hash_)
    if not found:
        raise PeakendError(
            f"No version {hash_[:12]} of a pack was published in this store",
            fix="See the versions with: peakend status --database URL",
            what_zh=f"这个库里没有发布过版本 {hash_[:12]}",
            fix_zh="查看已发布的版本：peakend status --database URL",
        )
    return kept_pack(found[-1].files, hash_, found[-1].pack)
