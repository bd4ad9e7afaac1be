"""The record of changes: who did what, about whom, when, before and after. It is only looked at."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from peakend.errors import TimeError
from peakend.model.account import AuditQuery
from peakend.tell.said import Said
from peakend.web.house import Ours
from peakend.web.locale.changes import CHANGES, NOUNS
from peakend.web.pages.settings.frame import Manager, show
from peakend.web.reader import looking_of
from peakend.when import Zone, parse_date

router = APIRouter(include_in_schema=False)
AT: Final = "/settings/record"
PAGE: Final = 50


class Asked(BaseModel):
    """What the filters ask for; '' is not asked."""

    who: str = Field("", max_length=200)
    what: str = Field("", max_length=200)
    about: str = Field("", max_length=200)
    since: str = Field("", max_length=200)
    until: str = Field("", max_length=200)
    below: str = Field("", max_length=18)


@router.get(AT)
def list_(request: Request, caller: Manager, house: Ours, form: Annotated[Asked, Query()]) -> Response:
    """A page of the record, the newest first; days are those of the reader's zone."""
    who, what, about, since, until, below = (
        form.who,
        form.what,
        form.about,
        form.since,
        form.until,
        form.below,
    )
    zone = looking_of(request, caller).zone
    asked = {
        "who": who.strip(),
        "what": what if what in NOUNS or what in CHANGES else "",
        "about": about.strip(),
        "since": since if _start(zone, since) else "",
        "until": until if _start(zone, until) else "",
    }
    query = AuditQuery(
        who=asked["who"],
        what=asked["what"],
        about=asked["about"],
        since=_start(zone, since),
        until=_start(zone, until, after=1),
        below=int(below) if below.isascii() and below.isdigit() else 0,
        limit=PAGE + 1,
    )
    with house.store() as store:
        found = store.recorded_changes(query)
    kept = {name: value for name, value in asked.items() if value}
    more = urlencode(kept | {"below": str(found[PAGE - 1].number)}) if len(found) > PAGE else ""
    values = {
        "entries": found[:PAGE],
        "asked": asked | {"narrowed": bool(kept)},
        "nouns": NOUNS,
        "said_of": lambda code: CHANGES.get(code, Said(code, code)),
        "first": f"{AT}?{urlencode(kept)}" if query.below else "",
        "next": f"{AT}?{more}" if more else "",
    }
    return show(request, caller, "record", values)


def _start(zone: Zone, text: str, after: int = 0) -> int:
    """When a day begins, or so many days after it; 0 for what is no day."""
    try:
        found: date = parse_date(text)
        return max(zone.at_wall(found + timedelta(days=after), 0), 0)
    except (TimeError, ValueError, OverflowError):
        return 0
