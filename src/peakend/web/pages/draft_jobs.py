"""What a draft would have done and whom it would affect, as jobs; a second word; publishing."""

from __future__ import annotations

from secrets import token_hex
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from peakend.model.account import AuditEntry
from peakend.model.job import Job
from peakend.publish.agreeing import ask
from peakend.publish.drafts import existing, overtaken
from peakend.tell.names import Names
from peakend.tell.said import Said
from peakend.web.callers import Caller, needs
from peakend.web.house import House, Ours
from peakend.web.people.refused import no_page
from peakend.web.reader import page
from peakend.web.work import OfDraft, Published, Seen, Tested

router = APIRouter(prefix="/drafts/{id_}/plays/{name}", include_in_schema=False)

Designer = Annotated[Caller, needs("designer")]
_RESULTS: dict[str, Any] = {"backtest": Tested, "preview": Seen, "publish": Published}


@router.post("/jobs/{kind}")
def begin(
    caller: Designer,
    house: Ours,
    id_: str,
    name: str,
    kind: Literal["backtest", "preview", "publish"],
    revision: Annotated[int, Form()],
    agreement: Annotated[str, Form()] = "",
) -> Response:
    """Begin a job on the draft as it was seen."""
    with house.store() as store:
        found = existing(store, id_)
        if found.revision != revision:
            raise overtaken(found)
        store.record(AuditEntry(at=house.clock(), who=caller.name, what=f"{kind}.begun", about=id_))
    params = OfDraft(draft=id_, revision=revision, play=name, agreement=agreement)
    house.jobs.submit(kind, params, caller.name)
    return RedirectResponse(f"/drafts/{id_}/plays/{name}#{kind}", 303)


@router.get("/jobs/{job}")
def part(request: Request, caller: Designer, house: Ours, id_: str, name: str, job: str) -> Response:
    """How far a job is, or what came out: the part of the page that asks again by itself."""
    with house.store() as store:
        found = store.job(job)
        draft = existing(store, id_)
        asked = [one for one in store.agreements() if one.draft == id_]
    if found is None:
        raise no_page()
    values = {"asked": asked, "job": found, "shown": shown(house, found), "draft": draft, "play": name}
    return page(request, caller, "plays/job.html", values)


@router.post("/ask")
def ask_for_agreement(
    caller: Designer,
    house: Ours,
    id_: str,
    name: str,
    job: Annotated[str, Form()],
    word: Annotated[str, Form()] = "",
) -> Response:
    """Ask a second account to agree with what a preview has shown."""
    with house.store() as store:
        draft, found = existing(store, id_), store.job(job)
        if found is None or found.kind != "preview" or found.state != "done":
            raise no_page()
        seen = msgspec.json.decode(found.result, type=Seen)
        if (seen.draft, seen.revision) != (draft.id, draft.revision):
            raise overtaken(draft)
        now = house.clock()
        made = ask(
            store, draft, seen.preview, id_=token_hex(8), who=caller.name, whom="", word=word[:500], now=now
        )
        store.record(AuditEntry(at=now, who=caller.name, what="agreement.asked", about=made.id))
    return RedirectResponse(f"/drafts/{id_}/plays/{name}#preview", 303)


def shown(house: House, job: Job) -> dict[str, Any]:
    """What a template shows of a job: its share, its result, or what was wrong in both languages."""
    pack = house.pack()
    return {
        "share": job.done / job.total if job.total else None,
        "wrong": _wrong(job) if job.state == "failed" else None,
        "result": msgspec.json.decode(job.result, type=_RESULTS[job.kind]) if job.state == "done" else None,
        "names": Names(pack) if pack else None,
    }


def _wrong(job: Job) -> Said:
    try:
        said = msgspec.json.decode(job.result, type=dict[str, dict[str, str]]).get("error", {})
    except msgspec.MsgspecError:
        said = {}
    en = ". ".join(str(said[key]) for key in ("what", "fix") if said.get(key))
    zh = "。".join(str(said[key]) for key in ("what_zh", "fix_zh") if said.get(key))
    return Said(zh or en or job.note, en or zh or job.note)
