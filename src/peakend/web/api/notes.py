"""In-app messages: by a key for servers, by a token of one customer for the pages of a console.

A page never holds a key. What it holds opens the messages of one customer for some hours, and only pages of
the configured origins may read the answers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Body, Path, Query, Request
from starlette.responses import Response

from peakend.errors import Missing
from peakend.instance.file import InApp
from peakend.store import Store
from peakend.web.answers import Json, problem_of
from peakend.web.api.shapes import described
from peakend.web.callers import Caller, anyone, origin_of, scoped
from peakend.web.entering import tries_of
from peakend.web.house import House, Ours
from peakend.web.people.refused import Refused, too_often
from peakend.web.people.tries import Bound
from peakend.web.person.notes import LONGEST, Bearer, acknowledge, bearer_of, fetch, signed, waiting
from peakend.web.person.profile import names_known
from peakend.web.refusing import refusal
from peakend.web.screen import screens_of
from peakend.wire.inbox import Notes, Shown, Token

router = APIRouter(tags=["inbox"])
Writer = Annotated[Caller, scoped("write", "frontline")]
Anybody = Annotated[Caller, anyone]
Customer = Annotated[str, Path(alias="id", max_length=512, examples=["t-1"])]
Contact = Annotated[str, Query(max_length=512, description="One of her people: only what is for that person")]
Named = Annotated[str, Body(embed=True, max_length=200, description="`note` of the list")]
WRONG: Final = 60
"""Tokens that are none, from one address within a quarter of an hour."""
_SECOND: Final = 1_000_000
_PROBLEM: Final[dict[str, Any]] = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
_BY_TOKEN: Final[dict[int | str, Any]] = {
    401: {"description": "The token opens nothing: ask for another", **_PROBLEM},
    403: {"description": "A page of this origin may not ask", **_PROBLEM},
    404: {"description": "In-app messages are not set up, or there is no such message", **_PROBLEM},
}


@router.get("/api/v1/customers/{id}/notes", responses=described(Notes))
def list_customer_notes(caller: Writer, house: Ours, customer: Customer, contact: Contact = "") -> Json:
    """Messages for a customer that wait to be read. A program that fetches them has shown them."""
    with house.store() as store:
        name = names_known(store, customer)[0][0]
        found = waiting(store, Bearer(customer=name, contact=contact), house.clock())
        if caller.via == "key":
            fetch(store, found, caller.name, house.clock())
    return Json(Notes(notes=found))


@router.post("/api/v1/customers/{id}/notes/acknowledge", responses=described(Shown))
def acknowledge_customer_note(caller: Writer, house: Ours, customer: Customer, note: Named) -> Json:
    """The customer has read a message; again is harmless."""
    with house.store() as store:
        name = names_known(store, customer)[0][0]
        return Json(acknowledge(store, Bearer(customer=name), note, caller.name, house.clock()))


@router.post("/api/v1/customers/{id}/notes/token", status_code=201, responses=described(Token, status=201))
def make_note_token(
    caller: Writer,
    house: Ours,
    customer: Customer,
    contact: Annotated[str, Body(max_length=512, description="One of her people, or '' for all")] = "",
    minutes: Annotated[int, Body(ge=1, le=LONGEST // 60, description="How long it holds")] = 60,
) -> Json:
    """A token by which a page of this customer shows her messages, so that no page holds a key."""
    ours, until = _set_up(house), house.clock() + minutes * 60 * _SECOND
    with house.store() as store:
        name = names_known(store, customer)[0][0]
    return Json(Token(token=signed(ours.secret, name, contact, until), until=until), 201)


@router.get("/api/v1/in-app/notes", responses=described(Notes) | _BY_TOKEN)
def list_notes(request: Request, caller: Anybody, house: Ours) -> Response:
    """Messages of the customer whose token is sent, which are shown by that. For pages, not for keys."""

    def found(store: Store, who: Bearer, now: int) -> Notes:
        shown = waiting(store, who, now)
        fetch(store, shown, who.contact or who.customer, now)
        return Notes(notes=shown)

    return _answered(request, house, found)


@router.post("/api/v1/in-app/acknowledge", responses=described(Shown) | _BY_TOKEN)
def acknowledge_note(request: Request, caller: Anybody, house: Ours, note: Named) -> Response:
    """The customer whose token is sent has read a message; again is harmless."""
    return _answered(
        request,
        house,
        lambda store, who, now: acknowledge(store, who, note, who.contact or who.customer, now),
    )


@router.options("/api/v1/in-app/{rest:path}", include_in_schema=False)
def may_ask(request: Request, caller: Anybody, house: Ours, rest: str) -> Response:
    """What a browser asks before a page of another origin may ask."""
    allowed = _allowed(request, house)
    if not allowed:
        return Response(status_code=403)
    more = {
        "access-control-allow-methods": "GET, POST",
        "access-control-allow-headers": "authorization, content-type",
        "access-control-max-age": "600",
    }
    return Response(status_code=204, headers=allowed | more)


@router.get("/in-app/peakend-notes.js", include_in_schema=False)
def script(request: Request, caller: Anybody) -> Response:
    """The script that shows messages in somebody's page; its address stays, so it is kept for an hour."""
    asset = screens_of(request).assets.get("peakend-notes.js")
    assert asset is not None
    asks = request.headers
    status, body, headers = asset.answer(asks.get("accept-encoding", ""), asks.get("if-none-match", ""))
    headers |= {"Cache-Control": "public, max-age=3600", "Cross-Origin-Resource-Policy": "cross-origin"}
    return Response(body, status, headers)


def _answered(request: Request, house: House, do: Callable[[Store, Bearer, int], msgspec.Struct]) -> Response:
    """The answer to a page, readable for it also where it is a refusal."""
    answer: Response
    try:
        with house.store() as store:
            answer = Json(do(store, _bearer(request, house), house.clock()))
    except Refused as error:
        answer = refusal(request, error)
    except Missing as error:
        answer = problem_of(error, 404)
    answer.headers.update(_allowed(request, house))
    answer.headers.append("vary", "Origin")
    return answer


def _bearer(request: Request, house: House) -> Bearer:
    ours, now = _set_up(house), house.clock()
    origin = request.headers.get("origin")
    if origin is not None and not _allowed(request, house) and not _is_own(request, origin):
        raise Refused(
            403,
            "other_origin",
            ("A page of this origin may not ask", "Name it in peakend.yaml: in_app: {origins: [https://…]}"),
            ("这个来源的页面不能请求", "请在 peakend.yaml 的 in_app: {origins: [https://…]} 中写上它"),
        )
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    found = bearer_of(ours.secret, token.strip(), now) if kind.lower() == "bearer" else None
    if found is None:
        address = origin_of(request).address
        wait = tries_of(request).attempt([Bound(f"notes {address}", WRONG)], now)
        if wait:
            raise too_often(-(-wait // _SECOND))
        raise Refused(
            401,
            "bad_note_token",
            ("This token opens no messages, or no longer", "Ask the service's server for another one"),
            ("这个令牌无效或已过期", "请向服务方的服务器再取一个"),
        )
    return found


def _allowed(request: Request, house: House) -> dict[str, str]:
    """What lets a page of another origin read an answer; nothing where its origin is not configured."""
    origin = request.headers.get("origin", "")
    ours = house.instance.in_app
    if not ours or origin not in ours.origins:
        return {}
    return {"access-control-allow-origin": origin}


def _is_own(request: Request, origin: str) -> bool:
    return origin.partition("://")[2] == request.headers.get("host", "")


def _set_up(house: House) -> InApp:
    found = house.instance.in_app
    if found is None or not found.secret:
        raise Missing(
            "In-app messages are not set up here",
            fix='Write into peakend.yaml: in_app: {secret: "${IN_APP_SECRET}", origins: [https://…]}',
            what_zh="这里没有启用站内消息",
            fix_zh='请在 peakend.yaml 中写：in_app: {secret: "${IN_APP_SECRET}", origins: [https://…]}',
        )
    return found
