"""Find: which moments move an outcome, asked as a job, kept, and shown with all that keeps it honest."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from peakend.model.job import OVER
from peakend.model.pack import Pack
from peakend.tell.names import Names
from peakend.tell.said import Said, titled
from peakend.tell.spans import duration
from peakend.web.callers import Caller, needs
from peakend.web.house import Ours
from peakend.web.jobs import wrong
from peakend.web.reader import page
from peakend.web.reckoning import WINDOWS, Answered, answer_of, ask, questions

router = APIRouter(include_in_schema=False)
Viewer = Annotated[Caller, needs("viewer")]
_EARLIER: Final = 10


@router.get("/find")
def find(
    request: Request, caller: Viewer, house: Ours, id_: Annotated[str, Query(alias="id", max_length=64)] = ""
) -> Response:
    """What was found: the newest answer, or the one that is asked for."""
    pack = house.pack()
    with house.store() as store:
        earlier = questions(store)
        newest = next((one for one in earlier if one.job.state not in ("cancelled", "interrupted")), None)
        chosen = answer_of(store, id_ or (newest.job.id if newest else ""))
    if pack is None:
        return page(request, caller, "find.html", {"pack": None})
    from peakend.report.finding.chapter import finding_section  # noqa: PLC0415  it loads scipy: at the first look

    if id_ and chosen is None:
        return page(request, caller, "find_unknown.html", status=404)
    values = {
        "pack": pack,
        "outcomes": [(name, _outcome(pack, name).spoken(caller.language)) for name in _askable(pack)],
        "segments": [
            (name, titled(one.title, name).spoken(caller.language))
            for name, one in pack.head.customer.items()
            if one.type == "text"
        ],
        "windows": [(window, duration(window).spoken(caller.language)) for window in WINDOWS],
        "chosen": chosen,
        "earlier": [(one, _asked(one, pack)) for one in earlier[:_EARLIER]],
        "section": finding_section(pack, chosen.answer.found) if chosen and chosen.answer else None,
        "old": bool(chosen and chosen.answer and chosen.answer.hash != pack.hash),
        **_progress(chosen),
    }
    return page(request, caller, "find.html", values)


@router.post("/find")
def begin(
    caller: Annotated[Caller, needs("designer")],
    house: Ours,
    outcome: Annotated[str, Form(max_length=200)],
    segment: Annotated[str, Form(max_length=200)] = "",
    window: Annotated[str, Form(max_length=20)] = "P90D",
) -> Response:
    """Ask find."""
    job = ask(house, outcome, segment, window, caller.name)
    return RedirectResponse(f"/find?id={job.id}", 303)


@router.get("/find/{id_}/progress")
def progress(request: Request, caller: Viewer, house: Ours, id_: str) -> Response:
    """How far an answer is; the page is asked for again once it is over."""
    with house.store() as store:
        found = answer_of(store, id_)
    if found is None:
        return page(request, caller, "find_unknown.html", status=404)
    answer = page(request, caller, "find_progress.html", {"chosen": found, **_progress(found)})
    if found.job.state in OVER:
        answer.headers["HX-Refresh"] = "true"
    return answer


def _askable(pack: Pack) -> list[str]:
    return [name for name, one in pack.head.outcomes.items() if one.field or one.against]


def _outcome(pack: Pack, name: str) -> Said:
    known = pack.head.outcomes.get(name)
    return titled(known.title, name) if known and known.title else Names(pack).of(name)


def _asked(one: Answered, pack: Pack) -> dict[str, Said]:
    segment = pack.head.customer.get(one.asked.segment)
    return {
        "outcome": _outcome(pack, one.asked.outcome),
        "segment": titled(segment.title, one.asked.segment) if segment else Said("", ""),
        "window": duration(one.asked.window),
    }


def _progress(chosen: Answered | None) -> dict[str, Any]:
    return {
        "running": bool(chosen and chosen.job.state not in OVER),
        "failed": bool(chosen and chosen.job.state in ("failed", "interrupted")),
        "why": wrong(chosen.job) if chosen else None,
    }
