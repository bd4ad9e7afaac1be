"""Quarantine 待修正数据: what could not be used, by its cause; mended row by row, or replayed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from peakend.model.looked import AskedAside
from peakend.web.callers import Caller, needs
from peakend.web.daily.aside import aside_of, check, laid_out, mend, one_of, replay, replay_one
from peakend.web.house import House, Ours
from peakend.web.looking import Flash
from peakend.web.reader import looking_of, page
from peakend.wire.quarantine import Replay

router = APIRouter(include_in_schema=False)
Looks = Annotated[Caller, needs("viewer")]
Decides = Annotated[Caller, needs("manager")]
Short = Annotated[str, Query(max_length=2000)]
Text = Annotated[str, Form(max_length=2_000_000)]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which rows, and which page of them."""

    source: Short = ""
    kind: Short = ""
    cause: Short = ""
    mended: bool = False
    after: Short = ""

    @property
    def wanted(self) -> AskedAside:
        """As the store is asked."""
        return AskedAside(source=self.source, kind=self.kind, cause=self.cause, mended=self.mended)

    def query(self, **more: Any) -> str:
        """The address of this list, or of another page of it."""
        told = {"source": self.source, "kind": self.kind, "cause": self.cause} | more
        return f"/quarantine?{urlencode({name: one for name, one in told.items() if one})}"


@router.get("/quarantine")
def quarantine(request: Request, caller: Looks, house: Ours, asked: Annotated[Asked, Depends()]) -> Response:
    """The causes, and the rows of one of them."""
    return _listed(request, caller, house, asked)


@router.post("/quarantine/replay")
def replay_many(
    request: Request,
    caller: Decides,
    house: Ours,
    source: Annotated[str, Form(max_length=2000)] = "",
    cause: Annotated[str, Form(max_length=2000)] = "",
    after: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """The next rows of a cause once more as they are; the answer offers to go on behind them."""
    asked = Asked(source=source, cause=cause)
    with house.store() as store:
        told = replay(store, house.pack(), asked.wanted, caller.name, house.clock(), after)
    return _listed(request, caller, house, asked, told)


@router.get("/quarantine/{number}")
def row(request: Request, caller: Looks, house: Ours, number: int) -> Response:
    """One row whole."""
    return _one(request, caller, house, number)


@router.post("/quarantine/{number}/check")
def check_row(request: Request, caller: Decides, house: Ours, number: int, body: Text = "") -> Response:
    """What would become of the row with this body; nothing is written."""
    with house.store() as store:
        tried = check(store, house.pack(), number, body, house.clock())
    return page(request, caller, "quarantine_tried.html", {"tried": tried})


@router.post("/quarantine/{number}/mend")
def mend_row(request: Request, caller: Decides, house: Ours, number: int, body: Text = "") -> Response:
    """The row as it should be, through the door that it came by."""
    with house.store() as store:
        tried = mend(store, house.pack(), number, body, caller.name, house.clock())
    if tried.outcome == "aside":
        return _one(request, caller, house, number, body=body, status=422)
    return RedirectResponse(f"/quarantine/{number}?did={tried.outcome}", 303)


@router.post("/quarantine/{number}/replay")
def replay_row(caller: Decides, house: Ours, number: int) -> Response:
    """The row once more, as it is."""
    with house.store() as store:
        tried = replay_one(store, house.pack(), number, caller.name, house.clock())
    return RedirectResponse(f"/quarantine/{number}?did={tried.outcome}", 303)


def _listed(
    request: Request, caller: Caller, house: House, asked: Asked, told: Replay | None = None
) -> Response:
    looking = looking_of(request, caller)
    with house.store() as store:
        found = aside_of(store, asked.wanted, asked.after)
    values = {"aside": found, "asked": asked, "told": told, "decides": caller.may("manager")}
    flashes: tuple[Flash, ...] = ()
    if told is not None:
        words = {"tried": told.tried, "taken": told.taken, "known": told.known, "aside": told.aside}
        said = looking.words("quarantine.did_replay", **words)
        flashes = (Flash(said, "due" if told.aside else "good"),)
    return page(request, caller, "quarantine.html", values, flashes=flashes)


def _one(
    request: Request, caller: Caller, house: House, number: int, *, body: str | None = None, status: int = 200
) -> Response:
    did = request.query_params.get("did", "")
    with house.store() as store:
        found = one_of(store, number, whole=caller.may("manager"))
    looking = looking_of(request, caller)
    flashes: tuple[Flash, ...] = ()
    if did in _DID:
        said = looking.words(f"quarantine.did_{did}")
        flashes = (Flash(said, "bad" if did == "aside" else "good"),)
    values = {
        "row": found,
        "body": laid_out(found.body) if body is None else body,
        "decides": caller.may("manager"),
    }
    return page(request, caller, "quarantine_row.html", values, status=status, flashes=flashes)


_DID = ("taken", "known", "refold", "aside")
