"""Pages behind a link that works once: the first account, and a new password.

Looking at such a page uses nothing up: programs that read mails open links too.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from peakend.web.callers import Caller, anyone
from peakend.web.entering import enter
from peakend.web.house import Ours
from peakend.web.people import links
from peakend.web.people.links import Unfit
from peakend.web.people.passwords import WeakPassword
from peakend.web.reader import page

router = APIRouter(include_in_schema=False)


@router.get("/set-up/{token}")
def set_up_form(request: Request, caller: Annotated[Caller, anyone], house: Ours, token: str) -> Response:
    """Who the first account is for."""
    with house.store() as store:
        works = links.can_set_up(store, token, house.clock())
    return _set_up(request, caller, token) if works else _over(request, caller, "people.link_over_set_up")


@router.post("/set-up/{token}")
def set_up(
    request: Request,
    caller: Annotated[Caller, anyone],
    house: Ours,
    token: str,
    name: Annotated[str, Form()] = "",
    shown: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Make it, and sign in."""
    said = {"name": name[:200], "shown": shown[:200]}
    with house.store() as store:
        if not links.can_set_up(store, token, house.clock()):
            return _over(request, caller, "people.link_over_set_up")
        if password != again:
            return _set_up(request, caller, token, said, again="people.not_the_same")
        try:
            made = links.set_up(store, token, name, shown, password, caller.language, house.clock())
        except (Unfit, WeakPassword) as error:
            field = error.field if isinstance(error, Unfit) else "password"
            return _set_up(request, caller, token, said, **{field: error.text(caller.language)})
        if made is None:
            return _over(request, caller, "people.link_over_set_up")
        return enter(request, caller, store, made, "link")


@router.get("/reset/{token}")
def reset_form(request: Request, caller: Annotated[Caller, anyone], house: Ours, token: str) -> Response:
    """Whose password it is."""
    with house.store() as store:
        whose = links.whose_reset(store, token, house.clock())
    return (
        _reset(request, caller, token, whose.name)
        if whose
        else _over(request, caller, "people.link_over_reset")
    )


@router.post("/reset/{token}")
def reset(
    request: Request,
    caller: Annotated[Caller, anyone],
    house: Ours,
    token: str,
    password: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Set it, sign out everywhere, and sign in here."""
    with house.store() as store:
        whose = links.whose_reset(store, token, house.clock())
        if whose is None:
            return _over(request, caller, "people.link_over_reset")
        if password != again:
            return _reset(request, caller, token, whose.name, again="people.not_the_same")
        try:
            saved = links.reset(store, token, password, house.clock())
        except WeakPassword as error:
            return _reset(request, caller, token, whose.name, password=error.text(caller.language))
        if saved is None:
            return _over(request, caller, "people.link_over_reset")
        return enter(request, caller, store, saved, "link")


def _set_up(
    request: Request, caller: Caller, token: str, said: dict[str, str] | None = None, **wrong: str
) -> Response:
    values = {"token": token, "said": said or {"name": "", "shown": ""}, "wrong": wrong}
    return page(request, caller, "people/set_up.html", values, status=422 if wrong else 200)


def _reset(request: Request, caller: Caller, token: str, name: str, **wrong: str) -> Response:
    values = {"token": token, "name": name, "wrong": wrong}
    return page(request, caller, "people/reset.html", values, status=422 if wrong else 200)


def _over(request: Request, caller: Caller, says: str) -> Response:
    return page(request, caller, "people/link_over.html", {"says": says}, status=410)
