"""What is refused, in the form that whoever asked can read: a page, a way to sign in, or JSON."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from peakend.web.answers import problem
from peakend.web.callers import Caller, language_of
from peakend.web.people.refused import Refused
from peakend.web.reader import page

_PROGRAMS = ("/api/", "/v1/")


def refusal(request: Request, error: Exception) -> Response:
    """The answer to a request that was refused."""
    if not isinstance(error, Refused):
        raise error
    if not _is_a_browser(request):
        return problem(
            *(error.status, error.what, error.fix, error.what_zh, error.fix_zh),
            headers=error.headers,
            more={"word": error.word},
        )
    if error.to_sign_in:
        path = f"{request.url.path}?{request.url.query}".rstrip("?") if request.method == "GET" else "/"
        way = f"?{urlencode({'next': path})}" if path != "/" else ""
        return RedirectResponse(f"/sign-in{way}", 303)
    caller = Caller("", "nobody", language_of(request), "nobody")
    answer = page(request, caller, "people/refused.html", {"error": error}, status=error.status)
    answer.headers.update(error.headers)
    return answer


def _is_a_browser(request: Request) -> bool:
    """A page was asked for: neither a part of one, which htmx puts in, nor what a program reads."""
    asks = request.headers
    return (
        not request.url.path.startswith(_PROGRAMS)
        and "hx-request" not in asks
        and "authorization" not in asks
        and "text/html" in asks.get("accept", "")
    )
