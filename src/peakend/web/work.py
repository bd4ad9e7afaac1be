"""What jobs do on the bench of plays: play the stories, backtest, show whom a version would affect, publish.

Each is a function that `jobs` runs in a process of its own. They hold together what other rooms decide.
"""

from __future__ import annotations

from typing import Final

import msgspec

from peakend.backtest.diff import Difference, PlayDifference, difference
from peakend.check import Checked, check_files
from peakend.design.pack_kept import kept_pack
from peakend.errors import PeakendError, SourceError
from peakend.model.draft import Draft
from peakend.model.pack import Pack
from peakend.model.problem import Problem
from peakend.model.result import BacktestResult, PlayResult
from peakend.publish import published, sound
from peakend.publish.drafts import existing, linted, overtaken, same_but_stories
from peakend.publish.preview import Preview, preview
from peakend.publish.publishing import publish_draft
from peakend.publish.segments import past_of, segments
from peakend.publish.versions import without_plays
from peakend.web.jobs import Task, Work
from peakend.wire.drafts import Told


class OfDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What a job on a draft is asked: which one as it was seen, which play, and who has agreed."""

    draft: str
    revision: int
    play: str = ""
    agreement: str = ""


class CheckedStories(msgspec.Struct, frozen=True, kw_only=True):
    """How the stories of a draft went: whether all hold, the problems, and those of each story that fails."""

    sound: bool
    problems: list[Told]
    stories: dict[str, list[Told]]


class PlayTested(msgspec.Struct, frozen=True, kw_only=True):
    """One play over the past: as the draft has it, as it was published (None: not there), what differs."""

    now: PlayResult | None
    before: PlayResult | None
    difference: PlayDifference | None


class Tested(msgspec.Struct, frozen=True, kw_only=True):
    """A backtest of a draft against what is published ('' where nothing is). Only plays that changed, were
    asked for, or are touched by another's change are there; `people` are those for whom anything changes."""

    draft: str
    revision: int
    new: str
    old: str
    events: int
    first: int | None
    last: int | None
    people: int
    plays: dict[str, PlayTested]
    notes: list[dict[str, str]]


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a draft would affect, as `publish` counts it; nothing is published without this."""

    draft: str
    revision: int
    preview: Preview


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """What was published."""

    draft: str
    hash: str
    seen: int


def checks(task: Task) -> CheckedStories:
    """Lint a draft and play its stories, both ways."""
    draft, files = _files(task)
    return told_stories(check_files(files, draft.pack, task.tell))


def backtests(task: Task) -> Tested:
    """A draft over all that was recorded, beside what is published."""
    asked = msgspec.convert(task.params, OfDraft)
    draft, files = _files(task, with_stories=False)
    found = linted(files, draft.pack)
    if not found.sound or found.pack is None:
        raise _not_sound(found.problems)
    new, old = found.pack, _published(task, found.pack)
    log = segments(task.store, task.folder)
    if not log:
        raise _nothing_recorded()
    results: list[BacktestResult] = []
    counted = frozenset({asked.play} & {*new.plays})
    try:
        with past_of(task.folder) as keep:
            differs = difference(
                old, new, log, results=results, counted=counted, keep=keep, progress=task.tell
            )
    except SourceError:
        if not results:
            raise
        differs = Difference(old.hash, new.hash, 0, {})
    before, now = results
    changed = {name for name in {*old.plays, *new.plays} if old.plays.get(name) != new.plays.get(name)}
    return Tested(
        draft=draft.id,
        revision=asked.revision,
        new=new.hash,
        old=old.hash,
        events=now.events,
        first=now.first,
        last=now.last,
        people=differs.people,
        plays={
            name: PlayTested(
                now=now.plays.get(name) if name in changed | counted else None,
                before=before.plays.get(name) if name in changed | counted else None,
                difference=differs.plays.get(name),
            )
            for name in sorted(changed | counted | differs.plays.keys())
        },
        notes=now.notes,
    )


def previews(task: Task) -> Seen:
    """Whom a draft would affect, and whether somebody else has to agree."""
    draft, files = _files(task)
    pack = sound(check_files(files, draft.pack), draft.pack)
    log = segments(task.store, task.folder)
    seen = preview(task.store, pack, published(task.store), log=log, progress=task.tell)
    return Seen(draft=draft.id, revision=draft.revision, preview=seen)


def publishes(task: Task) -> Published:
    """Let a draft hold from now on."""
    asked = msgspec.convert(task.params, OfDraft)
    done = publish_draft(
        task.store,
        asked.draft,
        asked.revision,
        who=task.who,
        agreement=asked.agreement,
        log=segments(task.store, task.folder),
        now=task.now,
        progress=task.tell,
    )
    return Published(draft=asked.draft, hash=done.hash, seen=done.seen)


KINDS: Final[dict[str, Work]] = {
    "check": checks,
    "backtest": backtests,
    "preview": previews,
    "publish": publishes,
}


def told(problem: Problem, root: str) -> Told:
    """A problem as an answer; its file without the folder that is nowhere."""
    return Told(
        file=problem.place.file.removeprefix(f"{root}/"),
        line=problem.place.line,
        severity=problem.severity,
        code=problem.code,
        what=problem.what,
        fix=problem.fix,
        what_zh=problem.what_zh,
        fix_zh=problem.fix_zh,
        path=[*problem.path[2:]] if problem.instead else [],
        instead=problem.instead,
    )


def told_stories(checked: Checked) -> CheckedStories:
    """What a check has found, as an answer."""
    root = checked.pack.root if checked.pack else ""
    return CheckedStories(
        sound=checked.sound,
        problems=[told(one, root) for one in checked.problems],
        stories={
            played.story: [told(one, root) for one in played.problems]
            for played in checked.stories
            if played.problems
        },
    )


def _files(task: Task, *, with_stories: bool = True) -> tuple[Draft, dict[str, bytes]]:
    """A draft and its files as they were seen; it may have other stories since where those do not matter."""
    asked = msgspec.convert(task.params, OfDraft)
    draft = existing(task.store, asked.draft)
    files = task.store.draft_files(draft.id, asked.revision)
    if draft.revision != asked.revision and (
        with_stories or not same_but_stories(files, task.store.draft_files(draft.id))
    ):
        raise overtaken(draft)
    return draft, files


def _published(task: Task, new: Pack) -> Pack:
    before = published(task.store)
    return kept_pack(before.files, before.hash, before.pack) if before else without_plays(new)


def _not_sound(problems: list[Problem]) -> PeakendError:
    first = next((one for one in problems if one.severity == "error"), None)
    return PeakendError(
        f"A draft with an error has no backtest: {first.what}" if first else "This draft is no pack",
        place=first.place if first else None,
        fix=first.fix if first else "Write its pack.yaml",
        what_zh=f"草稿有错误，不能推演：{first.what_zh}" if first else "这份草稿还不是模板",
        fix_zh=first.fix_zh if first else "请先写 pack.yaml",
    )


def _nothing_recorded() -> PeakendError:
    return PeakendError(
        "Nothing was recorded yet, so there is no past to test against",
        fix="Send events, or load a history: peakend ingest",
        what_zh="还没有记录任何客户动态，没有历史可供推演",
        fix_zh="请先接入动态，或导入历史数据：peakend ingest",
    )
