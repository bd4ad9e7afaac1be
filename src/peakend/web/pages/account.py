"""My account: language, password, and where I am signed in; and how pages look to this browser."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from peakend.model.account import Account
from peakend.store import Overtaken
from peakend.web.callers import LANGUAGE, Caller, needs, origin_of, visitor
from peakend.web.entering import enter, tries_of
from peakend.web.house import House, Ours
from peakend.web.looking import Flash
from peakend.web.people import sessions
from peakend.web.people.inside import inside
from peakend.web.people.passwords import WeakPassword
from peakend.web.people.sessions import Wait
from peakend.web.reader import THEME, looking_of, page, remember

router = APIRouter(include_in_schema=False)
Self = Annotated[Caller, needs("viewer")]


@router.get("/account")
def account(request: Request, caller: Self, house: Ours) -> Response:
    """What belongs to whoever asks, and nothing of anybody else."""
    return _shown(request, caller, house)


@router.post("/account/password")
def password(
    request: Request,
    caller: Self,
    house: Ours,
    old: Annotated[str, Form()] = "",
    new: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """A new password, for whoever knows the one before; it ends all sessions but begins one here."""
    said = looking_of(request, caller).words
    if new != again:
        return _shown(request, caller, house, again=said("people.not_the_same"))
    with house.store() as store:
        found = sessions.by_password(
            store, tries_of(request), caller.name, old, origin_of(request), house.clock()
        )
        if isinstance(found, Wait):
            return _shown(request, caller, house, old=said("people.wait", n=-(-found.seconds // 60)))
        if not isinstance(found, Account):
            return _shown(request, caller, house, old=said("people.old_wrong"))
        try:
            saved = sessions.change_password(store, found, new, caller.name, house.clock())
        except WeakPassword as error:
            return _shown(request, caller, house, new=error.text(caller.language))
        return enter(request, caller._replace(session=""), store, saved, "password", "/account")


@router.post("/account/sessions")
def end_sessions(
    request: Request, caller: Self, house: Ours, session: Annotated[str, Form()] = ""
) -> Response:
    """End one session of one's own, or with none named all but this one."""
    with house.store() as store:
        own = [one.hash for one in store.sessions(caller.name)]
        chosen = [one for one in own if (one == session if session else one != caller.session)]
        sessions.end(store, caller.name, chosen, caller.name, house.clock())
    return RedirectResponse("/account", 303)


@router.post("/look")
def look(
    request: Request,
    caller: Annotated[Caller, visitor],
    house: Ours,
    language: Annotated[Literal["zh", "en"] | None, Form()] = None,
    theme: Annotated[Literal["auto", "light", "dark"] | None, Form()] = None,
    back: Annotated[str, Form()] = "/",
) -> Response:
    """Choose language and theme; the language of an account goes with it to every browser."""
    answer = RedirectResponse(inside(back), 303)
    if theme:
        remember(request, answer, THEME, theme)
    if language:
        remember(request, answer, LANGUAGE, language)
        if caller.account and caller.account.language != language:
            _speak(house, caller.account, language)
    return answer


def _speak(house: House, account: Account, language: str) -> None:
    with house.store() as store:
        newest = store.account(account.name)
        try:
            sessions.change_language(store, newest or account, language, house.clock())
        except Overtaken:
            return  # whoever was quicker has written more than a language; it can be chosen once more


def _shown(request: Request, caller: Caller, house: House, **wrong: str) -> Response:
    with house.store() as store:
        own = store.sessions(caller.name)
    values = {"account": caller.account, "sessions": own, "here": caller.session, "wrong": wrong}
    flashes = (Flash(next(iter(wrong.values())), "bad"),) if wrong else ()
    return page(request, caller, "people/account.html", values, status=422 if wrong else 200, flashes=flashes)
