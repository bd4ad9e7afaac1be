"""Drafts of a pack: where they begin, how they change, and what happens when two people change one at once.

Whoever saves on top of something they have not seen is told, and nothing of either is lost: what they wrote
becomes a copy of their own, which shows beside the other's in three columns. Nothing here publishes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

import msgspec

from peakend.design.lint import lint
from peakend.design.pack import READ, find_pack, read_files
from peakend.design.pack_files import files_of, hash_of, is_part
from peakend.errors import Missing, PeakendError
from peakend.model.draft import Changes, Draft
from peakend.model.pack import Pack
from peakend.model.problem import Problem
from peakend.publish.side_by_side import Compared, compared
from peakend.store import Overtaken, Store
from peakend.store.work import changed_files
from peakend.trigger.where import compile_condition

LARGEST = 1 << 20
"""Bytes of one file of a draft."""
MOST_FILES = 2000


class Forked(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody else was faster. `copy` holds what was to be saved, `current` is the draft as it is now, and
    `files` shows, for each file that both have changed, what it was and what each of them made of it."""

    copy: Draft
    current: Draft
    files: list[Compared]


class Linted(msgspec.Struct, frozen=True, kw_only=True):
    """The pack as far as it reads (None without a pack.yaml), its problems, and its content hash."""

    pack: Pack | None
    problems: list[Problem]
    hash: str

    @property
    def sound(self) -> bool:
        """Whether it has no error; its stories are not played here."""
        return self.pack is not None and not any(one.severity == "error" for one in self.problems)


def begin(store: Store, id_: str, *, source: str, who: str, now: int) -> Draft:
    """A draft of what is published, or where nothing is, of a pack that comes along or lies in a folder.

    With `source` '' what is published is meant. Raises PeakendError where there is nothing to begin from.
    """
    newest = store.published_hash()
    if newest and not source:
        published = store.publications(newest)[-1]
        files, pack, origin = dict(published.files), published.pack, "published"
    else:
        if not source:
            raise PeakendError(
                "Nothing is published yet to begin a draft from",
                fix="Name a pack to begin from, for example cloud",
                what_zh="还没有已发布的版本，无法据此起草",
                fix_zh="请指定一个行业模板，例如 cloud",
            )
        files, origin = files_of(find_pack(source), READ), source
        read, _ = read_files(files, source)
        pack = read.head.pack if read else PurePosixPath(source).name
    draft = Draft(
        id=id_,
        pack=pack,
        based_on=newest,
        origin=origin,
        who=who,
        created=now,
        changed=now,
        changed_by=who,
    )
    store.begin_draft(draft, files)
    return draft


def save(
    store: Store, id_: str, revision: int, changes: Changes, *, who: str, now: int, copy: str
) -> Draft | Forked:
    """Change files of a draft as it was at a revision. `copy` is the id that a copy would get.

    Raises PeakendError for a draft that is not there or over, and for files that no pack has.
    """
    check_changes(changes)
    before = existing(store, id_)
    if before.state != "open":
        raise _over(before)
    _check_revision(before, revision)
    after = store.save_draft(id_, revision, changes, who, now)
    if after is not None:
        return after
    current = existing(store, id_)
    if current.state != "open" and current.revision == revision:
        raise _over(current)
    base, theirs = store.draft_files(id_, revision), store.draft_files(id_)
    yours = changed_files(base, changes)
    files = [
        compared(name, base.get(name), theirs.get(name), yours.get(name))
        for name in sorted({*base, *theirs, *yours})
        if yours.get(name) not in (base.get(name), theirs.get(name)) and theirs.get(name) != base.get(name)
    ]
    own = _own_copy(store, current, revision, who)
    if own is not None:
        kept = store.draft_files(own.id)
        saved = store.save_draft(own.id, own.revision, _changes(kept, yours), who, now)
        if saved is not None:
            return Forked(copy=saved, current=current, files=files)
    forked = msgspec.structs.replace(
        current,
        id=copy,
        who=who,
        created=now,
        state="open",
        revision=0,
        changed=now,
        changed_by=who,
        copy_of=id_,
        copied=revision,
    )
    store.begin_draft(forked, yours)
    return Forked(copy=forked, current=current, files=files)


def bring_back(store: Store, id_: str, revision: int, to: int, *, who: str, now: int) -> Draft:
    """Let a draft hold what it held at an earlier revision; that is a change like any other, and can be
    brought back from too. Raises PeakendError where somebody else has changed it since `revision`."""
    before = existing(store, id_)
    if before.state != "open":
        raise _over(before)
    _check_revision(before, to)
    now_there, then = store.draft_files(id_), store.draft_files(id_, to)
    after = store.save_draft(id_, revision, _changes(now_there, then), who, now, back_to=to)
    if after is None:
        raise overtaken(existing(store, id_))
    return after


def same_but_stories(one: Mapping[str, bytes], other: Mapping[str, bytes]) -> bool:
    """Whether two states of a draft decide the same about everybody: nothing but their stories differs."""
    return all(name.startswith("stories/") for name in _changes(one, other))


def linted(files: Mapping[str, bytes], root: str) -> Linted:
    """Everything that lint can say of some files; what does not compile is among it."""
    pack, problems = read_files(files, root)
    if pack is None:
        return Linted(pack=None, problems=problems, hash=hash_of(files))
    problems = sorted(
        [*problems, *lint(pack, compile_condition, problems)], key=lambda one: (one.place, one.code)
    )
    return Linted(pack=pack, problems=problems, hash=pack.hash)


def existing(store: Store, id_: str) -> Draft:
    """A draft. Raises PeakendError where there is none."""
    found = store.draft(id_)
    if found is None:
        raise NoDraft(
            "There is no such draft",
            place=id_,
            fix="Look at the list of drafts",
            what_zh="没有这份草稿",
            fix_zh="请查看草稿列表",
        )
    return found


class NoDraft(Missing):
    """There is no such draft."""


def overtaken(current: Draft) -> Overtaken:
    """What to say where a draft has another revision than the one that was seen."""
    return Overtaken(
        f"{current.changed_by} has changed this draft meanwhile: it is at revision {current.revision}",
        place=current.id,
        fix="Load it anew, look at what changed, and try again",
        what_zh=f"{current.changed_by} 刚刚改过这份草稿，现在是第 {current.revision} 版",
        fix_zh="请重新载入，看过改动之后再试",
    )


def _changes(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> dict[str, bytes | None]:
    return {name: after.get(name) for name in {*before, *after} if before.get(name) != after.get(name)}


def _own_copy(store: Store, draft: Draft, revision: int, who: str) -> Draft | None:
    """The copy that the same person's other save of the same revision has made already."""
    return next(
        (
            one
            for one in store.drafts(["open"])
            if (one.copy_of, one.copied, one.who) == (draft.id, revision, who) and one.changed_by == who
        ),
        None,
    )


def check_changes(changes: Changes) -> None:
    """Refuse files that no pack has, by name or by size. Raises PeakendError."""
    if len(changes) > MOST_FILES:
        raise _bad_file(next(iter(changes)))
    for name, content in changes.items():
        steps = PurePosixPath(name).parts
        written = "/".join(steps)
        odd = written != name or len(name) > 200 or not name.isprintable() or ".." in steps or "\\" in name
        if odd or not is_part(name, READ):
            raise _bad_file(name)
        if content is not None and len(content) > LARGEST:
            raise PeakendError(
                f"The file '{name}' is larger than 1 MB",
                fix="Split it, or leave out what is no part of a pack",
                what_zh=f"文件“{name}”超过 1 MB",
                fix_zh="请拆分，或删去不属于模板的内容",
            )


def _bad_file(name: str) -> PeakendError:
    shown = name if name.isprintable() and len(name) <= 200 else name[:40].encode("unicode_escape").decode()
    return PeakendError(
        f"A pack has no file '{shown}'",
        fix="Name it as a pack has it, for example plays/renewal.yaml or texts/zh/renewal.md",
        what_zh=f"模板里不能有文件“{shown}”",
        fix_zh="请用模板里的位置，例如 plays/renewal.yaml 或 texts/zh/renewal.md",
    )


def _check_revision(draft: Draft, revision: int) -> None:
    if not 0 <= revision <= draft.revision:
        raise PeakendError(
            f"This draft has no revision {revision}: its last is {draft.revision}",
            place=draft.id,
            fix="Load it anew",
            what_zh=f"这份草稿没有第 {revision} 版，最新是第 {draft.revision} 版",
            fix_zh="请重新载入",
        )


def _over(draft: Draft) -> PeakendError:
    how, how_zh = ("published", "已发布") if draft.state == "published" else ("dropped", "已丢弃")
    return PeakendError(
        f"This draft is {how}, and changes no more",
        place=draft.id,
        fix="Begin another one from what is published",
        what_zh=f"这份草稿{how_zh}，不能再改",
        fix_zh="请从已发布的版本另起一份",
    )
