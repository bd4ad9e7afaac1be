"""From a draft to a version that holds: checked with its stories, previewed once more, agreed with, kept.

All of it is asked again at the moment of publishing, whatever was shown before: nobody publishes something
else than what was seen, and nobody publishes over a version that they have not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from peakend.check import check_files
from peakend.design.pack_files import hash_of
from peakend.errors import PeakendError
from peakend.model.account import AuditEntry
from peakend.model.draft import Draft
from peakend.model.publication import Publication
from peakend.publish import NotApproved, keep, published, sound
from peakend.publish.agreeing import verify_agreement
from peakend.publish.drafts import existing, overtaken
from peakend.publish.preview import preview
from peakend.store import Store
from peakend.when import parse_instant


def publish_draft(
    store: Store,
    id_: str,
    revision: int,
    *,
    who: str,
    agreement: str,
    log: Sequence[Path],
    now: int,
    progress: Callable[[int, int], None] | None = None,
) -> Publication:
    """Publish a draft as it was at this revision, which must be its last.

    `agreement` is the id of what a second account has agreed with, '' where nobody was asked. Raises
    PeakendError for a draft that has an error, has changed, or began from another version than the one that
    holds, and NotApproved where an agreement is needed and there is none.
    """
    draft = existing(store, id_)
    if draft.state != "open" or draft.revision != revision:
        raise overtaken(draft)
    before, files = published(store), store.draft_files(id_, revision)
    if before and draft.based_on != before.hash == hash_of(files):
        return _ended(store, draft, before, who, now)  # the steps that a lost server did not come to
    if draft.based_on != (before.hash if before else ""):
        raise PeakendError(
            "Another version was published since this draft began, and would be lost",
            place=id_,
            fix="Begin a draft from what is published now, and change that",
            what_zh="这份草稿开始之后又发布了新版本，直接发布会覆盖它",
            fix_zh="请从现在的版本另起草稿，再做修改",
        )
    pack = sound(check_files(files, draft.pack), draft.pack)
    asked = store.agreement(agreement) if agreement else None
    until = parse_instant(asked.backtest.partition("/")[0]) if asked else None
    seen = preview(store, pack, before, until=until, log=log, progress=progress)
    if seen.old == seen.new:
        raise PeakendError(
            "This very version is published already",
            place=id_,
            fix="Change something first",
            what_zh="这个版本已经发布",
            fix_zh="请先做修改",
        )
    approved = ""
    if seen.reasons:
        if asked is None:
            raise NotApproved(
                "This version needs the agreement of a second account",
                fix="Ask for it beside the preview",
                what_zh="这个版本须由另一个账号审批",
                fix_zh="请在预览旁发起审批",
            )
        given = verify_agreement(
            store, agreement, hash_=seen.new, backtest=seen.backtest, publisher=who, now=now
        )
        approved = msgspec.json.encode(given).decode()
    done = keep(store, pack, files, who=who, backtest=seen.backtest, approved=approved, now=now)
    return _ended(store, draft, done, who, now)


def _ended(store: Store, draft: Draft, done: Publication, who: str, now: int) -> Publication:
    """What follows once a version is kept: on record, and its draft is closed."""
    old, new = draft.based_on[:12], done.hash[:12]
    store.record(AuditEntry(at=now, who=who, what="pack.published", about=draft.pack, before=old, after=new))
    store.close_draft(draft.id, draft.revision, "published", who, now)
    return done
