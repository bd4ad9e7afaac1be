"""Drafts of a pack: begun, changed, linted as they are written, tested, agreed with, published."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from peakend.design.completion import complete
from peakend.design.editing import changed_text
from peakend.design.offers import Offers
from peakend.design.pack import bundled_packs, read_files
from peakend.errors import Missing, PeakendError
from peakend.model.draft import Draft
from peakend.publish.drafts import Linted, bring_back, existing
from peakend.store import Store
from peakend.tell.flow import Flow, flow
from peakend.web.answers import Json, problem
from peakend.web.api.forms import Body, read, takes
from peakend.web.api.jobs import shown
from peakend.web.api.shapes import described
from peakend.web.callers import Caller, needs, scoped
from peakend.web.drafting.doing import begun, begun_job, draft_files, dropped, kept, laid_over
from peakend.web.house import House, Ours
from peakend.web.work import OfDraft, told
from peakend.wire.drafts import (
    Back,
    Begin,
    Begun,
    Cursor,
    DraftList,
    DraftView,
    Edit,
    FileTexts,
    LintView,
    Overlay,
    RevisionList,
    Save,
)
from peakend.wire.jobs import JobView

router = APIRouter(prefix="/api/v1", tags=["drafts"])

Reader = Annotated[Caller, scoped("read", "viewer")]
Short = Annotated[str, Query(max_length=200)]
Number = Annotated[int | None, Query(ge=0, le=1_000_000_000)]
Designer = Annotated[Caller, scoped("write", "designer")]
Publisher = Annotated[Caller, needs("designer")]


@router.get("/drafts", responses=described(DraftList))
def drafts(house: Ours, caller: Reader) -> Response:
    """All drafts, the one that was changed last first."""
    with house.store() as store:
        return Json(DraftList(drafts=store.drafts()))


@router.post("/drafts", openapi_extra=takes(Begin), responses=described(DraftView))
def begin_draft(house: Ours, caller: Designer, body: Body) -> Response:
    """Begin a draft of what is published, or of a pack that comes along."""
    asked = read(body, Begin)
    if asked.source and asked.source not in bundled_packs():  # never a folder that lies beside the server
        raise PeakendError(
            "A draft begins from a pack that comes along, by its name",
            fix=f"Write one of {', '.join(bundled_packs())}",
            what_zh="请用自带模板的名字起草，不要写路径",
            fix_zh=f"可用：{'、'.join(bundled_packs())}",
        )
    with house.store() as store:
        return Json(_view(store, begun(store, house, caller, asked.source)))


@router.get("/drafts/{id_}", responses=described(DraftView))
def draft(id_: str, house: Ours, caller: Reader) -> Response:
    """One draft, and the names of its files."""
    with house.store() as store:
        return Json(_view(store, existing(store, id_)))


@router.get("/drafts/{id_}/files", responses=described(FileTexts))
def files(id_: str, house: Ours, caller: Reader, name: Short = "", revision: Number = None) -> Response:
    """The files of a draft by name, or one of them, as they are or as they were at a revision."""
    with house.store() as store:
        existing(store, id_)
        found = store.draft_files(id_, revision)
    texts = {file: content.decode("utf-8", "replace") for file, content in found.items()}
    return Json(FileTexts(files={file: text for file, text in texts.items() if name in ("", file)}))


@router.put(
    "/drafts/{id_}/files",
    openapi_extra=takes(Save),
    responses=described(Draft),
)
def save_files(id_: str, house: Ours, caller: Designer, body: Body) -> Response:
    """Save files. Whoever was slower gets 409 with both versions: theirs is kept as a copy of their own."""
    asked = read(body, Save)
    return _saved(house, caller, id_, asked.revision, asked.files)


@router.post(
    "/drafts/{id_}/edit",
    openapi_extra=takes(Edit),
    responses=described(Draft),
)
def edit(id_: str, house: Ours, caller: Designer, body: Body) -> Response:
    """Change single nodes of a file; every other character of it stays."""
    asked = read(body, Edit)
    with house.store() as store:
        existing(store, id_)
        before = store.draft_files(id_, asked.revision).get(asked.file)
    if before is None:
        raise PeakendError(
            f"This draft has no file '{asked.file}'",
            place=id_,
            fix="See the names of its files",
            what_zh=f"草稿里没有文件“{asked.file}”",
            fix_zh="请查看文件列表",
        )
    text = before.decode("utf-8", "replace")
    for change in asked.changes:
        text = changed_text(asked.file, text, change)
    return _saved(house, caller, id_, asked.revision, {asked.file: text})


@router.get("/drafts/{id_}/revisions", responses=described(RevisionList))
def revisions(id_: str, house: Ours, caller: Reader) -> Response:
    """Every change of a draft, the first first."""
    with house.store() as store:
        existing(store, id_)
        return Json(RevisionList(revisions=store.revisions(id_)))


@router.post("/drafts/{id_}/back", openapi_extra=takes(Back), responses=described(Draft))
def back(id_: str, house: Ours, caller: Designer, body: Body) -> Response:
    """Bring back what the draft was at an earlier revision."""
    asked = read(body, Back)
    with house.store() as store:
        return Json(bring_back(store, id_, asked.revision, asked.to, who=caller.name, now=house.clock()))


@router.post("/drafts/{id_}/drop", openapi_extra=takes(Begun), responses=described(Draft))
def drop(id_: str, house: Ours, caller: Designer, body: Body) -> Response:
    """Let go of one's own draft, or as a manager of any; it stays readable."""
    return Json(dropped(house, caller, id_, read(body, Begun).revision))


@router.post(
    "/drafts/{id_}/lint",
    openapi_extra=takes(Overlay),
    responses=described(LintView),
)
def lint(id_: str, house: Ours, caller: Reader, body: Body) -> Response:
    """Every problem of the draft with what stands in the editor, in both languages, at file and line."""
    draft_, found = _laid_over(house, id_, read(body, Overlay).files)
    problems = [told(one, draft_.pack) for one in found.problems]
    return Json(LintView(sound=found.sound, hash=found.hash, problems=problems))


@router.post(
    "/drafts/{id_}/complete",
    openapi_extra=takes(Cursor),
    responses=described(Offers),
)
def completions(id_: str, house: Ours, caller: Reader, body: Body) -> Response:
    """The words that fit where the cursor stands."""
    asked = read(body, Cursor)
    draft_, kept = draft_files(house, id_)
    pack, _ = read_files(kept, draft_.pack)
    if pack is None:
        return Json(Offers(asked.column, asked.column, []))
    return Json(complete(pack, asked.file, asked.text, asked.line, asked.column))


@router.get("/drafts/{id_}/plays/{play}/flow", responses=described(Flow))
def play_flow(id_: str, play: str, house: Ours, caller: Reader) -> Response:
    """A play of the draft as a reader follows it."""
    _, found = _laid_over(house, id_, {})
    if found.pack is None or play not in found.pack.plays:
        raise no_play(play)
    return Json(flow(found.pack, found.pack.plays[play]))


@router.post(
    "/drafts/{id_}/jobs/{kind}",
    status_code=202,
    openapi_extra=takes(Begun),
    responses=described(JobView, status=202),
)
def job_of_draft(
    id_: str, kind: Literal["check", "backtest", "preview"], house: Ours, caller: Designer, body: Body
) -> Response:
    """Play its stories, test it over the past, or see whom it would affect: as a job."""
    return _job(house, caller, id_, kind, read(body, Begun))


@router.post(
    "/drafts/{id_}/publish",
    status_code=202,
    openapi_extra=takes(Begun),
    responses=described(JobView, status=202),
)
def publish(id_: str, house: Ours, caller: Publisher, body: Body) -> Response:
    """Let the draft hold from now on, as a job: all is asked once more, and who must agree has to have."""
    return _job(house, caller, id_, "publish", read(body, Begun))


class NoPlay(Missing):
    """There is no such play."""


def no_play(play: str) -> NoPlay:
    """What is said of a play that is not there."""
    return NoPlay(
        f"There is no play '{play[:80]}'",
        fix="See the list of plays",
        what_zh=f"没有剧本“{play[:80]}”",
        fix_zh="请查看剧本列表",
    )


def _view(store: Store, one: Draft) -> DraftView:
    return DraftView(draft=one, files=sorted(store.draft_files(one.id)))


def _saved(house: House, caller: Caller, id_: str, revision: int, texts: dict[str, str | None]) -> Response:
    changes = {name: _bytes(text) for name, text in texts.items()}
    done = kept(house, caller, id_, revision, changes)
    if isinstance(done, Draft):
        return Json(done)
    return problem(
        409,
        "Somebody else has changed this draft: what you wrote is kept as a copy of your own",
        "Look at both, and save what shall hold on top of theirs",
        "有人刚刚改过这份草稿：您写的内容已另存为您自己的副本",
        "请对照两份内容，再在对方的基础上保存",
        place=id_,
        more={"word": "overtaken", "forked": done},
    )


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode("utf-8", "surrogatepass")


def _laid_over(house: House, id_: str, texts: dict[str, str | None]) -> tuple[Draft, Linted]:
    return laid_over(house, id_, {name: _bytes(text) for name, text in texts.items()})


def _job(house: House, caller: Caller, id_: str, kind: str, asked: Begun) -> Response:
    of = OfDraft(draft=id_, revision=asked.revision, play=asked.play, agreement=asked.agreement)
    return Json(shown(begun_job(house, caller, kind, of)), 202)
