"""The door of a trial: whoever has its address picks whom to be, and sees the same service with other eyes.

There is such a door only while `serve` was started by a trial, on a service that is made up.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from msgspec.structs import replace
from starlette.responses import Response

from peakend.instance.trial import PEOPLE
from peakend.model.account import AuditEntry
from peakend.web.callers import Caller, anyone, visitor
from peakend.web.entering import enter
from peakend.web.house import Ours
from peakend.web.people.refused import no_page
from peakend.web.people.tokens import same
from peakend.web.reader import page

router = APIRouter(include_in_schema=False)


@router.get("/trial/{token}")
def choose(request: Request, caller: Annotated[Caller, anyone], house: Ours, token: str) -> Response:
    """Who you would like to be."""
    if not house.trial or not same(token, house.trial):
        raise no_page()
    return page(request, caller, "trying.html", {"people": PEOPLE, "token": token})


@router.post("/trial/{token}")
def come_in(
    request: Request,
    caller: Annotated[Caller, visitor],
    house: Ours,
    token: str,
    name: Annotated[str, Form()] = "",
) -> Response:
    """Come in as one of the people of the trial."""
    if not house.trial or not same(token, house.trial):
        raise no_page()
    with house.store() as store:
        account = store.account(name) if name in {one.name for one in PEOPLE} else None
        if account is None:
            raise no_page()
        if account.language != caller.language:  # what was chosen at the door holds inside too
            account = replace(account, language=caller.language)
            store.save_account(
                account, AuditEntry(at=house.clock(), who=name, what="account.changed", about=name)
            )
        return enter(request, caller, store, account, "link")
