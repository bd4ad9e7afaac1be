"""What is not answered, in the form that whoever asked can read: a page, a way to sign in, or JSON."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Final
from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from peakend.errors import PeakendError
from peakend.web.answers import Problem, problem
from peakend.web.callers import caller_of, language_of
from peakend.web.locale import sentence_of
from peakend.web.people.refused import Refused
from peakend.web.reader import page

PROGRAMS: Final = ("/api/", "/v1/")
_SIGNS: Final = {401: "lock", 403: "lock", 404: "map-search", 405: "map-search", 429: "clock", 503: "clock"}

Answer = Callable[[Request, Exception], Response]


def for_readers(answer: Answer) -> Answer:
    """A handler of errors whose problems are shown to people as pages."""

    def shown(request: Request, error: Exception) -> Response:
        return readable(request, answer(request, error))

    return shown


def readable(request: Request, answer: Response) -> Response:
    """A problem as a page, where a browser has asked for one; anything else as it is."""
    if not isinstance(answer, Problem) or not is_a_browser(request):
        return answer
    headers = {key: text for key, text in answer.headers.items() if not key.startswith("content-")}
    try:
        shown = page(
            request,
            caller_of(request),
            "problem.html",
            {"told": answer.told, "sign": _SIGNS.get(answer.status_code, "alert-triangle")},
            status=answer.status_code,
        )
    except PeakendError:  # no database, so no pack, no person and no frame either
        shown = HTMLResponse(_bare(answer, language_of(request)), answer.status_code)
    shown.headers.update(headers)
    return shown


def refusal(request: Request, error: Exception) -> Response:
    """The answer to a request that was refused."""
    if not isinstance(error, Refused):
        raise error
    if error.to_sign_in and is_a_browser(request):
        path = f"{request.url.path}?{request.url.query}".rstrip("?") if request.method == "GET" else "/"
        way = f"?{urlencode({'next': path})}" if path != "/" else ""
        return RedirectResponse(f"/sign-in{way}", 303)
    return problem(
        *(error.status, error.what, error.fix, error.what_zh, error.fix_zh),
        headers=error.headers,
        more={"word": error.word},
    )


def is_a_browser(request: Request) -> bool:
    """A page was asked for: neither a part of one, which htmx puts in, nor what a program reads."""
    asks = request.headers
    return (
        not request.url.path.startswith(PROGRAMS)
        and "hx-request" not in asks
        and "authorization" not in asks
        and "text/html" in asks.get("accept", "")
    )


def _bare(answer: Problem, language: str) -> str:
    """A page without its frame, for when there is nothing to make that of."""
    zh = language == "zh"
    title, detail = (answer.told[f"{one}_zh" if zh else one] for one in ("title", "detail"))
    return (
        f'<!doctype html><html lang="{"zh-CN" if zh else "en-GB"}"><head><meta charset="utf-8">'
        f"<title>Peakend</title></head><body><h1>{escape(str(title))}</h1><p>{escape(str(detail))}</p>"
        f'<p><a href="/">{sentence_of("problem.home").spoken(language)}</a></p></body></html>'
    )
