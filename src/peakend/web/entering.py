"""The last step of every way in: a fresh session for whoever has shown who she is, else the form again."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from peakend.model.account import Account, Via
from peakend.store import Store
from peakend.web.callers import Caller, origin_of
from peakend.web.house import house_of
from peakend.web.people import sessions
from peakend.web.people.cookies import give, take_back
from peakend.web.people.inside import inside
from peakend.web.people.sessions import ABSOLUTE, SECOND
from peakend.web.people.tries import Tries
from peakend.web.reader import page


def enter(
    request: Request, caller: Caller, store: Store, account: Account, via: Via, way: str = "/"
) -> Response:
    """Sign somebody in: what this browser held before opens nothing any more."""
    now = house_of(request).clock()
    if caller.session:
        sessions.end(store, caller.name, [caller.session], caller.name, now)
    token = sessions.begin(store, account, via, origin_of(request), now)
    answer = RedirectResponse(inside(way), 303)
    give(request, answer, "session", token, ABSOLUTE // SECOND)
    take_back(request, answer, "visitor")
    return answer


def ask_to_sign_in(
    request: Request,
    caller: Caller,
    way: str,
    *,
    name: str = "",
    failed: str = "",
    status: int = 200,
    headers: dict[str, str] | None = None,
    **words: Any,
) -> Response:
    """The form for signing in; `failed` names the words of what went wrong."""
    house = house_of(request)
    ways = house.instance.sign_in
    values = {
        "way": inside(way),
        "name": name[:200],
        "failed": failed,
        "words": words,
        "oidc": ways.oidc.title if ways.oidc else "",
        "wecom": ways.wecom is not None,
    }
    answer = page(request, caller, "people/sign_in.html", values, status=status)
    answer.headers.update(headers or {})
    return answer


def tries_of(request: Request) -> Tries:
    """The attempts that this application has seen."""
    tries: Tries = request.app.state.tries
    return tries
