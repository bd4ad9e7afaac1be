"""From who asks to what a template may know: language, theme, role, and the pack's own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, get_args

from fastapi import Request
from starlette.responses import Response

from peakend.tell.names import Names
from peakend.tell.said import titled
from peakend.web.callers import Caller
from peakend.web.house import House, house_of
from peakend.web.looking import NOTHING, Flash, Looking, Theme
from peakend.web.people.cookies import give
from peakend.web.people.tokens import csrf_of, new_token
from peakend.web.screen import screens_of
from peakend.when import zone

THEME: Final = "peakend-theme"
_YEAR: Final = 365 * 24 * 3600
_DAY: Final = 24 * 3600


def page(
    request: Request,
    caller: Caller,
    template: str,
    values: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
    flashes: tuple[Flash, ...] = (),
) -> Response:
    """A template as this caller sees it; a browser that nobody is signed in with is given its own token."""
    held = ""
    if caller.role == "nobody" and not caller.csrf:
        held = new_token()
        caller = caller._replace(csrf=csrf_of(held))
    looking = looking_of(request, caller, flashes)
    answer = screens_of(request).page(template, looking, values, status=status)
    if held:
        give(request, answer, "visitor", held, _DAY)
    return answer


def looking_of(request: Request, caller: Caller, flashes: tuple[Flash, ...] = ()) -> Looking:
    """What a template may know of a caller."""
    house: House = house_of(request)
    pack = house.pack()
    return Looking(
        language=caller.language,
        zone=zone(pack.head.zone if pack else "Asia/Shanghai"),
        now=house.clock(),
        path=request.url.path,
        theme=_theme(request),
        role=None if caller.role == "nobody" else caller.role,
        name=caller.account.shown if caller.account else "",
        csrf=caller.csrf,
        pack=titled(pack.head.title) if pack else NOTHING,
        names=Names(pack) if pack else None,
        counts={} if caller.role == "nobody" else request.app.state.badges.waiting(),
        flashes=flashes,
    )


def remember(request: Request, response: Response, name: str, value: str) -> None:
    """Let the browser keep a choice of looks; nothing hangs on it."""
    response.set_cookie(
        name,
        value,
        max_age=_YEAR,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def _theme(request: Request) -> Theme:
    found = request.cookies.get(THEME, "auto")
    return next((one for one in get_args(Theme) if one == found), "auto")
