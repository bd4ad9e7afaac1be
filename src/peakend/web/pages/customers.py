"""All customers: found by number, name or address, by how it went, by the play that they are in."""

from __future__ import annotations

from typing import Annotated, Any, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from peakend.tell.names import Names
from peakend.web.callers import Caller, needs
from peakend.web.house import Ours
from peakend.web.person.finding import Wanted, customers
from peakend.web.reader import looking_of, page
from peakend.wire.customers import Show

router = APIRouter(include_in_schema=False)
Seer = Annotated[Caller, needs("viewer")]
PAGE = 50


@router.get("/customers")
def list_(
    request: Request,
    caller: Seer,
    house: Ours,
    q: Annotated[str, Query(max_length=200)] = "",
    show: str = "",
    play: Annotated[str, Query(max_length=200)] = "",
    after: Annotated[str, Query(max_length=1000)] = "",
) -> Response:
    """A page of customers; with a filter that nothing means, all of them."""
    pack = house.pack()
    if pack is None:
        return no_pack(request, caller)
    felt: Show = next((one for one in get_args(Show) if one == show), "")
    wanted = Wanted(q=q, show=felt, play=play if play in pack.plays else "")
    with house.store() as store:
        found = customers(store, wanted, house.clock(), after, PAGE)
    names = Names(pack)
    language = caller.language
    asked = {"q": wanted.q, "show": wanted.show, "play": wanted.play}
    asked = {name: value for name, value in asked.items() if value}
    values = {
        "rows": found.rows,
        **{"q": wanted.q, "show": wanted.show, "play": wanted.play, "narrowed": wanted.narrows},
        "first": _address(asked) if after else "",
        "next": _address(asked | {"after": found.after}) if found.after else "",
    }
    plays = sorted(((name, names.play(name).spoken(language)) for name in pack.plays), key=lambda one: one[1])
    return page(request, caller, "customers/list.html", {"found": values, "names": names, "plays": plays})


def _address(asked: dict[str, str]) -> str:
    return f"/customers?{urlencode(asked)}" if asked else "/customers"


def no_pack(request: Request, caller: Caller) -> Response:
    """What is shown where nothing is published yet."""
    t = looking_of(request, caller).words
    values: dict[str, Any] = {
        "title": t("customers.no_pack_title"),
        "says": t("customers.no_pack_says"),
        "sign": "script",
        "href": "/plays",
        "action": t("customers.to_plays"),
    }
    return page(request, caller, "customers/none.html", values)
