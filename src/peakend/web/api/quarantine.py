"""The quarantine as JSON: what could not be used, one row, mended or replayed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query

from peakend.model.looked import AskedAside
from peakend.web.answers import Json
from peakend.web.api import forms
from peakend.web.api.forms import read, takes
from peakend.web.api.shapes import described
from peakend.web.callers import Caller, scoped
from peakend.web.daily.aside import aside_of, check, mend, one_of, replay, replay_one
from peakend.web.house import Ours
from peakend.wire.quarantine import Again, Aside, One, Replay, Tried

router = APIRouter(prefix="/api/v1/quarantine", tags=["quarantine"])
Looks = Annotated[Caller, scoped("read", "viewer")]
Decides = Annotated[Caller, scoped("write", "manager")]
Short = Annotated[str, Query(max_length=2000)]
Number = Annotated[int, Path(ge=1, le=1 << 62)]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which rows, and which page of them."""

    source: Short = ""
    kind: Short = ""
    cause: Short = ""
    mended: bool = False
    after: Short = ""
    limit: Annotated[int, Query(ge=1, le=200)] = 50


@router.get("", responses=described(Aside))
def list_rows(caller: Looks, house: Ours, asked: Annotated[Asked, Depends()]) -> Json:
    """Rows, the newest first, and all causes with their numbers."""
    wanted = AskedAside(source=asked.source, kind=asked.kind, cause=asked.cause, mended=asked.mended)
    with house.store() as store:
        return Json(aside_of(store, wanted, asked.after, asked.limit))


@router.post("/replay", openapi_extra=takes(Again), responses=described(Replay))
def replay_many(caller: Decides, house: Ours, body: forms.Body) -> Json:
    """Try the next rows once more as they are; ask again with `after` until it is empty."""
    again = read(body, Again)
    wanted = AskedAside(source=again.source, kind=again.kind, cause=again.cause)
    with house.store() as store:
        return Json(replay(store, house.pack(), wanted, caller.name, house.clock(), again.after))


@router.get("/{number}", responses=described(One))
def one_row(caller: Looks, house: Ours, number: Number) -> Json:
    """One row whole."""
    with house.store() as store:
        return Json(one_of(store, number, whole=caller.may("manager")))


@router.post("/{number}/check", responses=described(Tried))
def check_row(caller: Decides, house: Ours, number: Number, body: Annotated[str, Body(embed=True)]) -> Json:
    """What would become of the row with this body; nothing is written."""
    with house.store() as store:
        return Json(check(store, house.pack(), number, body, house.clock()))


@router.post("/{number}/mend", responses=described(Tried))
def mend_row(caller: Decides, house: Ours, number: Number, body: Annotated[str, Body(embed=True)]) -> Json:
    """The row as it should be, through the door that it came by."""
    with house.store() as store:
        return Json(mend(store, house.pack(), number, body, caller.name, house.clock()))


@router.post("/{number}/replay", responses=described(Tried))
def replay_row(caller: Decides, house: Ours, number: Number) -> Json:
    """The row once more, as it is."""
    with house.store() as store:
        return Json(replay_one(store, house.pack(), number, caller.name, house.clock()))
