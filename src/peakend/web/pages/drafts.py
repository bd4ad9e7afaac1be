"""A draft of a play: its form, its YAML, what lint says, and what happened when two people changed one."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import unified_diff
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from peakend.design.editing import changed_text
from peakend.errors import PeakendError
from peakend.model.draft import Draft
from peakend.publish.drafts import Forked, Linted, bring_back, existing, linted
from peakend.tell.flow import flow
from peakend.tell.names import Names
from peakend.tell.said import Said
from peakend.web.callers import Caller, needs
from peakend.web.drafting.contents import began_from, concerns
from peakend.web.drafting.doing import draft_files, dropped, kept, mended
from peakend.web.drafting.fields import UNITS, Section, changes, sections, split
from peakend.web.house import House, Ours
from peakend.web.pages.draft_jobs import BEGUN, KINDS, Begun, begun
from peakend.web.people.refused import no_page
from peakend.web.reader import page
from peakend.web.work import OfDraft, told
from peakend.wire.drafts import Told

router = APIRouter(include_in_schema=False)

Designer = Annotated[Caller, needs("designer")]


@router.get("/drafts/{id_}")
def whole(request: Request, caller: Designer, house: Ours, id_: str) -> Response:
    """What differs from the published version, file by file: what whoever agrees has to see."""
    with house.store() as store:
        draft = existing(store, id_)
        files, before = store.draft_files(id_), began_from(store, draft)
    differ, pack = _differences(before, files), linted(files, draft.pack).pack
    values = {
        "draft": draft,
        "files": differ,
        "plays": [one for one in pack.plays.values() if concerns(one, differ)] if pack else [],
        "called": Names(pack) if pack else None,
        "all": sorted(files),
        "me": caller.name,
    }
    return page(request, caller, "plays/draft_whole.html", values)


@router.post("/drafts/{id_}/drop")
def drop(caller: Designer, house: Ours, id_: str, revision: Annotated[int, Form()]) -> Response:
    """Let go of one's own draft; it stays readable."""
    dropped(house, caller, id_, revision)
    return RedirectResponse("/plays", 303)


@router.get("/drafts/{id_}/plays/{name}")
def form_of_play(
    request: Request, caller: Designer, house: Ours, id_: str, name: str, saved: int = 0
) -> Response:
    """The form, the flow as it would be, the problems, and the YAML."""
    draft, files, found = _of(house, id_)
    return _page(request, caller, house, (draft, files, found), name, saved=bool(saved))


@router.post("/drafts/{id_}/plays/{name}")
async def save_form(request: Request, caller: Designer, house: Ours, id_: str, name: str) -> Response:
    """Save what the form changes, only those characters of the files that must; `then` may name a job."""
    given = await request.form()
    form = {key: [str(one) for one in given.getlist(key)] for key in given}
    return await run_in_threadpool(_save_form, request, caller, house, (id_, name), form)


@router.post("/drafts/{id_}/plays/{name}/mend")
def mend(
    request: Request,
    caller: Designer,
    house: Ours,
    id_: str,
    name: str,
    revision: Annotated[int, Form()],
    job: Annotated[str, Form()],
) -> Response:
    """Write into the stories what came instead of what they expected."""
    return saved(request, caller, house, mended(house, caller, id_, revision, job), f"plays/{name}")


@router.post("/drafts/{id_}/back")
def back(
    request: Request,
    caller: Designer,
    house: Ours,
    id_: str,
    revision: Annotated[int, Form()],
    to: Annotated[int, Form()],
    play: Annotated[str, Form()] = "",
) -> Response:
    """Bring back what the draft was; that can be brought back from too."""
    with house.store() as store:
        done = bring_back(store, id_, revision, to, who=caller.name, now=house.clock())
    return saved(request, caller, house, done, f"plays/{play}")


def _save_form(
    request: Request, caller: Caller, house: House, where: tuple[str, str], form: dict[str, list[str]]
) -> Response:
    id_, name = where
    revision = _number(form.get("revision", [""])[0])
    with house.store() as store:
        draft = existing(store, id_)
        files = store.draft_files(id_, revision)
    found = linted(files, draft.pack)
    if found.pack is None or name not in found.pack.plays:
        raise no_page()
    texts: dict[str, bytes] = {}
    for file, made in changes(sections(found.pack, found.pack.plays[name]), form).items():
        text = files[file].decode("utf-8", "replace")
        for one in made:
            text = changed_text(file, text, one)
        texts[file] = text.encode()
    then = _job(form.get("then", [""])[0])
    if texts:
        done = kept(house, caller, id_, revision, texts)
        answer = saved(request, caller, house, done, f"plays/{name}")
        if isinstance(done, Forked) or then == "check":  # which has begun with the saving
            return answer
        revision = done.revision
    else:
        answer = RedirectResponse(f"/drafts/{id_}/plays/{name}", 303)
    return begun(caller, house, then, OfDraft(draft=id_, revision=revision, play=name)) if then else answer


def saved(request: Request, caller: Caller, house: House, done: Draft | Forked, here: str) -> Response:
    """Back to the page `here` of a saved draft, whose stories are played meanwhile; or what both have
    written, where somebody else was faster."""
    if isinstance(done, Forked):
        values: dict[str, Any] = {"forked": done, "here": here}
        return page(request, caller, "plays/forked.html", values, status=409)
    if house.has_jobs:
        house.jobs.submit("check", OfDraft(draft=done.id, revision=done.revision), caller.name)
    return RedirectResponse(f"/drafts/{done.id}/{quote(here)}?saved=1", 303)


def _job(name: str) -> Begun | None:
    """The job that a form asks for behind its saving, if it is one."""
    return next((one for one in BEGUN if one == name), None)


def _of(house: House, id_: str) -> tuple[Draft, dict[str, bytes], Linted]:
    draft, files = draft_files(house, id_)
    return draft, files, linted(files, draft.pack)


def _page(
    request: Request,
    caller: Caller,
    house: House,
    of: tuple[Draft, dict[str, bytes], Linted],
    name: str,
    *,
    saved: bool,
) -> Response:
    draft, files, found = of
    file = f"plays/{name}.yaml"
    if file not in files:
        raise no_page()
    pack = found.pack
    play = pack.plays.get(name) if pack else None
    form: list[Section] = sections(pack, play) if pack and play else []
    told_as = flow(pack, play) if pack and play else None
    with house.store() as store:
        revisions = list(reversed(store.revisions(draft.id)))[:20]
        jobs = [one for one in store.jobs(who=caller.name, limit=20) if draft.id in one.params]
        asked = [one for one in store.agreements() if one.draft == draft.id]
    values = {
        "draft": draft,
        "play": name,
        "title": told_as.title if told_as else Said(name, name),
        "flow": told_as,
        "form": form,
        "split": split,
        "units": UNITS,
        "file": file,
        "line": 0,
        "text": files[file].decode("utf-8", "replace"),
        "problems": problems(found, draft, file),
        "sound": found.sound,
        "saved": saved,
        "revisions": revisions,
        "jobs": {kind: next((one for one in jobs if one.kind == kind), None) for kind in KINDS},
        "asked": asked,
    }
    return page(request, caller, "plays/draft.html", values)


def _differences(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> dict[str, list[str]]:
    found = {}
    for name in sorted({*before, *after}):
        old, new = (of.get(name, b"").decode("utf-8", "replace").splitlines() for of in (before, after))
        if old != new:
            found[name] = list(unified_diff(old, new, n=2, lineterm=""))[2:]
    return found


def problems(found: Linted, draft: Draft, file: str) -> list[Told]:
    """Errors anywhere, and whatever lint says of the file itself."""
    all_ = [told(one, draft.pack) for one in found.problems]
    return [
        one for one in all_ if one.severity == "error" or (one.file == file and one.severity == "warning")
    ]


def _number(text: str) -> int:
    if text.isdecimal() and len(text) < 10:
        return int(text)
    raise PeakendError(
        "The form does not say which revision it changes",
        fix="Load the page again",
        what_zh="表单没有写明修改的是哪一稿",
        fix_zh="请刷新页面后重试",
    )
