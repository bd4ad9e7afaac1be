"""The cookies: who is signed in, which browser it is before anybody is, and a sign-in begun elsewhere.

Over https a cookie's name begins with `__Host-`: no other host, and no page over http, can set it.
"""

from __future__ import annotations

from typing import Final, Literal

from starlette.requests import Request
from starlette.responses import Response

Kind = Literal["session", "visitor", "state"]

_NAMES: Final[dict[Kind, str]] = {
    "session": "peakend",
    "visitor": "peakend-visitor",
    "state": "peakend-state",
}
_LONGEST: Final = 100


def cookie(request: Request, kind: Kind) -> str:
    """What the browser holds, '' where it holds nothing that could be ours."""
    found = request.cookies.get(_name(request, kind), "")
    return found if found.isascii() and len(found) <= _LONGEST else ""


def give(request: Request, response: Response, kind: Kind, token: str, seconds: int) -> None:
    """Let the browser hold a token. `Lax`: it comes along with a link from elsewhere, never with a form."""
    response.set_cookie(
        _name(request, kind),
        token,
        max_age=seconds,
        path="/",
        secure=_is_secure(request),
        httponly=True,
        samesite="lax",
    )


def take_back(request: Request, response: Response, kind: Kind) -> None:
    """Let the browser forget it."""
    response.delete_cookie(
        _name(request, kind), path="/", secure=_is_secure(request), httponly=True, samesite="lax"
    )


def _name(request: Request, kind: Kind) -> str:
    return f"__Host-{_NAMES[kind]}" if _is_secure(request) else _NAMES[kind]


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https"
