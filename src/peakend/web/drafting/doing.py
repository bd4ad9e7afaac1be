"""What people do with plays, drafts and agreements, each on record: the same from a page and from the API."""

from __future__ import annotations

from itertools import chain
from secrets import token_hex
from typing import Literal

import msgspec

from peakend.design.editing import Change, changed_text
from peakend.errors import Missing
from peakend.model.account import AuditEntry
from peakend.model.draft import Agreement, AgreementState, Changes, Draft
from peakend.model.job import Job
from peakend.publish import pausing
from peakend.publish.agreeing import answer, ask
from peakend.publish.drafts import Forked, Linted, begin, check_changes, existing, linted, overtaken, save
from peakend.store import Store
from peakend.store.work import changed_files
from peakend.web.callers import Caller
from peakend.web.house import House
from peakend.web.people.refused import too_little
from peakend.web.work import CheckedStories, OfDraft, Seen

Verb = Literal["pause", "resume", "stop"]
_DONE: dict[Verb, str] = {"pause": "paused", "resume": "resumed", "stop": "stopped"}


def begun(store: Store, house: House, caller: Caller, source: str) -> Draft:
    """A new draft of what is published ('' as source), or of a pack that comes along."""
    made = begin(store, token_hex(8), source=source, who=caller.name, now=house.clock())
    _note(store, house, caller, "draft.begun", made.id)
    return made


def dropped(house: House, caller: Caller, id_: str, revision: int) -> Draft:
    """Let go of one's own draft, or as a manager of any; it stays readable."""
    with house.store() as store:
        found = existing(store, id_)
        if found.who != caller.name and not caller.may("manager"):
            raise too_little("manager")
        if not store.close_draft(id_, revision, "dropped", caller.name, house.clock()):
            raise overtaken(found)
        _note(store, house, caller, "draft.dropped", id_)
        return existing(store, id_)


def laid_over(house: House, id_: str, files: Changes) -> tuple[Draft, Linted]:
    """A draft with what stands in an editor, not saved yet, and what lint says of both.

    Raises PeakendError for files that no pack has.
    """
    check_changes(files)
    draft, before = draft_files(house, id_)
    return draft, linted(changed_files(before, files), draft.pack)


def draft_files(house: House, id_: str) -> tuple[Draft, dict[str, bytes]]:
    """A draft and its files. Raises NoDraft."""
    with house.store() as store:
        return existing(store, id_), store.draft_files(id_)


def kept(house: House, caller: Caller, id_: str, revision: int, changes: Changes) -> Draft | Forked:
    """Save files of a draft as it was seen; what was written on top of somebody else's becomes a copy."""
    with house.store() as store:
        return save(store, id_, revision, changes, who=caller.name, now=house.clock(), copy=token_hex(8))


def mended(house: House, caller: Caller, id_: str, revision: int, job: str) -> Draft | Forked:
    """Write into the stories of a draft what came instead of what they expected, as its check has told."""
    with house.store() as store:
        draft, found = existing(store, id_), store.job(job)
        if found is None or found.kind != "check" or found.state != "done":
            raise _no_check()
        asked = msgspec.json.decode(found.params, type=OfDraft)
        if (asked.draft, asked.revision) != (id_, revision):
            raise overtaken(draft)
        files, texts = store.draft_files(id_, revision), dict[str, str]()
    for one in chain(*msgspec.json.decode(found.result, type=CheckedStories).stories.values()):
        if one.instead:
            text = texts.get(one.file) or files[one.file].decode("utf-8", "replace")
            texts[one.file] = changed_text(one.file, text, Change(one.path, one.instead))
    return kept(house, caller, id_, revision, {name: text.encode() for name, text in texts.items()})


def begun_job(house: House, caller: Caller, kind: str, of: OfDraft) -> Job:
    """A job on a draft as it was seen. Raises Overtaken where it has changed since."""
    with house.store() as store:
        found = existing(store, of.draft)
    if found.revision != of.revision:
        raise overtaken(found)
    made = house.jobs.submit(kind, of, caller.name)
    with house.store() as store:
        _note(store, house, caller, f"{kind}.begun", of.draft, made.id)
    return made


def asked_for(house: House, caller: Caller, id_: str, job: str, whom: str, word: str) -> Agreement:
    """Ask a second account to agree with what a preview of the draft as it is has shown."""
    with house.store() as store:
        draft = existing(store, id_)
        seen = _seen(store, job, draft).preview
        made = ask(
            store, draft, seen, id_=token_hex(8), who=caller.name, whom=whom, word=word, now=house.clock()
        )
        _note(store, house, caller, "agreement.asked", made.id, made.hash[:12])
        return made


def answered(house: House, caller: Caller, id_: str, state: AgreementState, word: str) -> Agreement:
    """What a second account says of a version."""
    with house.store() as store:
        done = answer(store, id_, state, who=caller.name, word=word, now=house.clock())
        _note(store, house, caller, f"agreement.{state}", id_, done.hash[:12])
        return done


def switched(
    house: House, caller: Caller, verb: Verb, what: pausing.What, play: str = "", channel: str = ""
) -> bool:
    """Pause, resume or stop entries or sends of a play ('' for all) or of a channel; False where it is so."""
    now = house.clock()
    with house.store() as store:
        match verb:
            case "pause":
                done = pausing.pause(store, what, play, channel, who=caller.name, now=now)
            case "resume":
                done = pausing.resume(store, what, play, channel, now=now)
            case "stop":
                done = pausing.stop(store, play, who=caller.name, now=now)
        if done:
            noun = "play" if verb == "stop" else what
            _note(store, house, caller, f"{noun}.{_DONE[verb]}", play or channel or "*")
        return done


def _no_check() -> Missing:
    return Missing(
        "This is no check that has come to its end",
        fix="Play the stories first",
        what_zh="这不是已完成的检查",
        fix_zh="请先检查用例",
    )


def _seen(store: Store, id_: str, draft: Draft) -> Seen:
    """What a preview of the draft as it is has shown."""
    job = store.job(id_)
    if job is None or job.kind != "preview" or job.state != "done":
        raise Missing(
            "This is no preview that has come to its end",
            fix="See whom the draft would affect first",
            what_zh="这不是已完成的影响预览",
            fix_zh="请先预览会影响哪些客户",
        )
    seen = msgspec.json.decode(job.result, type=Seen)
    if (seen.draft, seen.revision) != (draft.id, draft.revision):
        raise overtaken(draft)
    return seen


def _note(store: Store, house: House, caller: Caller, what: str, about: str, after: str = "") -> None:
    store.record(AuditEntry(at=house.clock(), who=caller.name, what=what, about=about, after=after))
