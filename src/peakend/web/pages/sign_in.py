"""Signing in with a name and a password, and signing out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from peakend.model.account import Account
from peakend.web.callers import Caller, needs, origin_of, visitor
from peakend.web.entering import ask_to_sign_in, enter, tries_of
from peakend.web.house import Ours
from peakend.web.people import sessions
from peakend.web.people.cookies import take_back
from peakend.web.people.inside import inside
from peakend.web.people.sessions import Wait

router = APIRouter(include_in_schema=False)


@router.get("/sign-in")
def form(request: Request, caller: Annotated[Caller, visitor], next: str = "/") -> Response:
    """The form; whoever is signed in already goes on."""
    if caller.role != "nobody":
        return RedirectResponse(inside(next), 303)
    return ask_to_sign_in(request, caller, next)


@router.post("/sign-in")
def sign_in(
    request: Request,
    caller: Annotated[Caller, visitor],
    house: Ours,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    """A name and its password open a session."""
    with house.store() as store:
        found = sessions.by_password(
            store, tries_of(request), name, password, origin_of(request), house.clock()
        )
        if isinstance(found, Account):
            return enter(request, caller, store, found, "password", next)
    if isinstance(found, Wait):
        minutes, headers = -(-found.seconds // 60), {"Retry-After": str(found.seconds)}
        return ask_to_sign_in(
            request, caller, next, name=name, failed="people.wait", status=429, headers=headers, n=minutes
        )
    return ask_to_sign_in(request, caller, next, name=name, failed="people.wrong", status=401)


@router.post("/sign-out")
def sign_out(request: Request, caller: Annotated[Caller, needs("viewer")], house: Ours) -> Response:
    """End the session of this browser."""
    with house.store() as store:
        sessions.end(store, caller.name, [caller.session], caller.name, house.clock())
    answer = RedirectResponse("/sign-in", 303)
    take_back(request, answer, "session")
    return answer
