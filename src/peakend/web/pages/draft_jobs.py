"""What a draft would have done and whom it would affect, as jobs; a second word; publishing."""

from __future__ import annotations

from itertools import chain
from typing import Annotated, Any, Final, Literal, get_args

import msgspec
from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from peakend.model.job import Job
from peakend.publish.drafts import existing, same_but_stories
from peakend.tell.names import Names
from peakend.web.callers import Caller, needs
from peakend.web.daily.called import names_of_customers
from peakend.web.drafting.doing import asked_for, begun_job
from peakend.web.house import House, Ours
from peakend.web.jobs import wrong
from peakend.web.people.refused import no_page
from peakend.web.reader import page
from peakend.web.work import CheckedStories, OfDraft, Published, Seen, Tested

router = APIRouter(prefix="/drafts/{id_}/plays/{name}", include_in_schema=False)

Designer = Annotated[Caller, needs("designer")]
Begun = Literal["check", "backtest", "preview"]
BEGUN: Final[tuple[Begun, ...]] = get_args(Begun)
KINDS: Final = (*BEGUN, "publish")
_RESULTS: dict[str, Any] = {
    "check": CheckedStories,
    "backtest": Tested,
    "preview": Seen,
    "publish": Published,
}


@router.post("/jobs/{kind}")
def begin(
    caller: Designer,
    house: Ours,
    id_: str,
    name: str,
    kind: Begun,
    revision: Annotated[int, Form()],
) -> Response:
    """Begin a job on the draft as it was seen."""
    return begun(caller, house, kind, OfDraft(draft=id_, revision=revision, play=name))


@router.post("/publish")
def publish(
    caller: Designer,
    house: Ours,
    id_: str,
    name: str,
    revision: Annotated[int, Form()],
    agreement: Annotated[str, Form()] = "",
) -> Response:
    """Let the draft hold from now on, as a job: all is asked once more."""
    return begun(
        caller, house, "publish", OfDraft(draft=id_, revision=revision, play=name, agreement=agreement)
    )


def begun(caller: Caller, house: House, kind: str, of: OfDraft) -> Response:
    """Begin a job, and back to the play's page, to where its result will be."""
    begun_job(house, caller, kind, of)
    return RedirectResponse(f"/drafts/{of.draft}/plays/{of.play}#{kind}", 303)


def _of_draft(job: Job) -> OfDraft:
    """The draft that a job is about, as it was seen."""
    return msgspec.json.decode(job.params, type=OfDraft)


@router.get("/jobs/{job}")
def part(request: Request, caller: Designer, house: Ours, id_: str, name: str, job: str) -> Response:
    """How far a job is, or what came out: the part of the page that asks again by itself."""
    with house.store() as store:
        found = store.job(job)
        draft = existing(store, id_)
        asked = [one for one in store.agreements() if one.draft == id_]
        if found is None or found.kind not in _RESULTS or _of_draft(found).draft != id_:
            raise no_page()
        seen = _of_draft(found).revision
        fresh = seen == draft.revision
        holds = fresh or (
            found.kind == "backtest"
            and same_but_stories(store.draft_files(id_, seen), store.draft_files(id_))
        )
    told = shown(house, found) | {"revision": seen, "fresh": fresh, "holds": holds}
    values = {"asked": asked, "job": found, "shown": told, "draft": draft, "play": name}
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
    asked_for(house, caller, id_, job, "", word[:500])
    return RedirectResponse(f"/drafts/{id_}/plays/{name}#preview", 303)


def shown(house: House, job: Job) -> dict[str, Any]:
    """What a template shows of a job: its share, its result, or what was wrong in both languages."""
    pack = house.pack()
    result = msgspec.json.decode(job.result, type=_RESULTS[job.kind]) if job.state == "done" else None
    stories = result.stories.values() if isinstance(result, CheckedStories) else ()
    with house.store() as store:
        customers = names_of_customers(store, _customers(result))
    return {
        "customers": customers,
        "share": job.done / job.total if job.total else None,
        "wrong": wrong(job),
        "result": result,
        "moved": sum(bool(one.instead) for one in chain(*stories)),
        "names": Names(pack) if pack else None,
    }


def _customers(result: Any) -> set[str]:
    """The customers whom a result names as examples."""
    if isinstance(result, Seen):
        return {customer for one in result.preview.affected for customer in one.examples}
    if isinstance(result, Tested):
        steps = chain(*(one.difference.by_step for one in result.plays.values() if one.difference))
        return {step.example for step in steps}
    return set()
