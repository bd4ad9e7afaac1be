"""A draft of a play: its form, its YAML, what lint says, and what happened when two people changed one."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import unified_diff
from secrets import token_hex
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from peakend.design.editing import changed_text
from peakend.errors import PeakendError
from peakend.model.draft import Draft
from peakend.publish.drafts import Forked, Linted, bring_back, existing, linted, save
from peakend.tell.flow import flow
from peakend.tell.said import Said
from peakend.web.callers import Caller, needs
from peakend.web.drafting.doing import draft_files, dropped, laid_over
from peakend.web.drafting.fields import UNITS, Section, changes, sections, split
from peakend.web.house import House, Ours
from peakend.web.people.refused import no_page
from peakend.web.reader import page
from peakend.web.work import told

router = APIRouter(include_in_schema=False)

Designer = Annotated[Caller, needs("designer")]


@router.get("/drafts/{id_}")
def whole(request: Request, caller: Designer, house: Ours, id_: str) -> Response:
    """What differs from the published version, file by file: what whoever agrees has to see."""
    with house.store() as store:
        draft = existing(store, id_)
        files, holds = store.draft_files(id_), store.publications(draft.based_on) if draft.based_on else []
    before = holds[-1].files if holds else {}
    values = {"draft": draft, "files": _differences(before, files), "me": caller.name}
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
    """Save what the form changes; only those characters of the files that must."""
    given = await request.form()
    form = {key: [str(one) for one in given.getlist(key)] for key in given}
    return await run_in_threadpool(_save_form, request, caller, house, (id_, name), form)


@router.post("/drafts/{id_}/plays/{name}/yaml")
def save_yaml(
    request: Request,
    caller: Designer,
    house: Ours,
    id_: str,
    name: str,
    revision: Annotated[int, Form()],
    text: Annotated[str, Form()] = "",
) -> Response:
    """Save the file of a play as it was typed, errors and all: lint names them."""
    return _saved(request, caller, house, (id_, name), revision, {f"plays/{name}.yaml": _content(text)})


@router.post("/drafts/{id_}/lint/{name}")
def lint(
    request: Request, caller: Designer, house: Ours, id_: str, name: str, text: Annotated[str, Form()] = ""
) -> Response:
    """What lint says of a play as it stands in the editor, not saved yet."""
    file = f"plays/{name}.yaml"
    draft, found = laid_over(house, id_, {file: _content(text)})
    return page(request, caller, "plays/problems.html", {"problems": _problems(found, draft, file)})


@router.post("/drafts/{id_}/back")
def back(
    caller: Designer,
    house: Ours,
    id_: str,
    revision: Annotated[int, Form()],
    to: Annotated[int, Form()],
    play: Annotated[str, Form()] = "",
) -> Response:
    """Bring back what the draft was; that can be brought back from too."""
    with house.store() as store:
        bring_back(store, id_, revision, to, who=caller.name, now=house.clock())
    return RedirectResponse(f"/drafts/{id_}/plays/{play}", 303)


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
    if not texts:
        return RedirectResponse(f"/drafts/{id_}/plays/{name}", 303)
    return _saved(request, caller, house, where, revision, texts)


def _saved(
    request: Request,
    caller: Caller,
    house: House,
    where: tuple[str, str],
    revision: int,
    texts: dict[str, bytes],
) -> Response:
    id_, name = where
    with house.store() as store:
        done = save(store, id_, revision, texts, who=caller.name, now=house.clock(), copy=token_hex(8))
    if isinstance(done, Forked):
        values: dict[str, Any] = {"forked": done, "play": name}
        return page(request, caller, "plays/forked.html", values, status=409)
    return RedirectResponse(f"/drafts/{id_}/plays/{name}?saved=1", 303)


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
        "text": files[file].decode("utf-8", "replace"),
        "problems": _problems(found, draft, file),
        "sound": found.sound,
        "saved": saved,
        "revisions": revisions,
        "jobs": {kind: next((one for one in jobs if one.kind == kind), None) for kind in _KINDS},
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


_KINDS = ("backtest", "preview", "publish")


def _problems(found: Linted, draft: Draft, file: str) -> list[Any]:
    """Errors anywhere, and whatever lint says of the file itself."""
    all_ = [told(one, draft.pack) for one in found.problems]
    return [
        one for one in all_ if one.severity == "error" or (one.file == file and one.severity == "warning")
    ]


def _content(text: str) -> bytes:
    return text.replace("\r\n", "\n").encode("utf-8", "surrogatepass")


def _number(text: str) -> int:
    if text.isdecimal() and len(text) < 10:
        return int(text)
    raise PeakendError(
        "The form does not say which revision it changes",
        fix="Load the page again",
        what_zh="表单没有写明修改的是哪一稿",
        fix_zh="请刷新页面后重试",
    )
