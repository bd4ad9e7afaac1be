"""Major incident 重大故障: one subject, who is affected, who was reached and how, and what next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from peakend.tell.said import titled
from peakend.web.callers import Caller, needs
from peakend.web.daily.called import Called
from peakend.web.daily.outages import SHOWN, outage_of, outages_of
from peakend.web.house import House, Ours
from peakend.web.looking import Looking
from peakend.web.reader import looking_of, page
from peakend.wire.incidents import Show

router = APIRouter(include_in_schema=False)
Looks = Annotated[Caller, needs("viewer")]
PRINTED = 200


@router.get("/incidents")
def incidents(request: Request, caller: Looks, house: Ours) -> Response:
    """The subjects of the last thirty days."""
    looking = looking_of(request, caller)
    with house.store() as store:
        found = outages_of(store, house.clock())
    values = {
        "outages": found,
        "called": Called(looking.names, looking.language),
        "quote": quote,
        "named": _named(house, looking),
    }
    return page(request, caller, "incidents.html", values)


@router.get("/incidents/{subject:path}")
def incident(
    request: Request,
    caller: Looks,
    house: Ours,
    subject: str,
    show: Show = "unreached",
    after: Annotated[str, Query(max_length=2000)] = "",
    printed: bool = False,
) -> Response:
    """One subject; as a list to print with more of its customers on one page."""
    looking = looking_of(request, caller)
    with house.store() as store:
        found = outage_of(
            store, house.pack(), subject, house.clock(), show, after, PRINTED if printed else SHOWN
        )
    way = f"/incidents/{quote(subject)}"
    values = {
        "outage": found,
        "show": show,
        "after": after,
        "printed": printed,
        "called": Called(looking.names, looking.language),
        "named": _named(house, looking),
        "way": lambda **more: f"{way}?{urlencode(more)}",
    }
    return page(request, caller, "incident.html", values)


def _named(house: House, looking: Looking) -> Callable[[str], str]:
    """What a subject is called: the title of what it is one of, and its own id."""
    pack = house.pack()
    subjects = pack.head.subjects if pack else {}

    def named(subject: str) -> str:
        kind, _, own = subject.partition(":")
        if kind not in subjects or not own:
            return subject
        return f"{titled(subjects[kind].title, kind).spoken(looking.language)} {own}"

    return named
