"""Inbox 我的待办: what waits for colleagues, each card with its four headings, done in three taps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_hex
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from peakend.loop.desk import Desk
from peakend.store import Store
from peakend.web.callers import Caller, needs
from peakend.web.daily.called import Called
from peakend.web.daily.cards import Filter, Reader, card_of, desk_of, inbox_of, later, roles_of
from peakend.web.house import House, Ours
from peakend.web.looking import Flash
from peakend.web.people.inside import inside
from peakend.web.reader import looking_of, page
from peakend.wire.cards import Card, Inbox, Which

router = APIRouter(include_in_schema=False)
Looks = Annotated[Caller, needs("viewer")]
Works = Annotated[Caller, needs("frontline")]
Text = Annotated[str, Form(max_length=10_000)]
Short = Annotated[str, Query(max_length=200)]
_DID: Final = ("done", "snoozed", "handed", "noted", "spotted")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which cards, which page of them, and what was just done."""

    role: Short = ""
    mine: bool = False
    customer: Short = ""
    which: Which = "waiting"
    after: Annotated[str, Query(max_length=2000)] = ""
    did: Short = ""


@router.get("/inbox")
@router.get("/inbox/{key}")
def inbox(
    request: Request, caller: Looks, house: Ours, asked: Annotated[Asked, Depends()], key: str = ""
) -> Response:
    """The list beside one card; on a phone one of the two."""
    if asked.did or request.headers.get("hx-trigger") == "rows":  # cards have just changed
        request.app.state.badges.forget()
    wanted = Filter(asked.role, caller.name if asked.mine else "", asked.customer, asked.which)
    with house.store() as store:
        listed = inbox_of(store, wanted, _reader(house, caller), house.clock(), asked.after)
        shown = key or (listed.cards[0].key if listed.cards else "")
        card = _opened(store, house, caller, shown, wanted=bool(key)) if shown else None
        people = [one.name for one in store.accounts() if not one.disabled] if card else []
    said = looking_of(request, caller).words(f"inbox.did_{asked.did}") if asked.did in _DID else ""
    values = _values(request, caller, house, listed, wanted)
    values |= {"card": card, "chosen": key, "people": people, "mine": asked.mine, "after": asked.after}
    return page(request, caller, "inbox.html", values, flashes=(Flash(said, "good"),) if said else ())


@router.post("/inbox/{key}/done")
def done(
    caller: Works, house: Ours, key: str, result: Text = "", choice: Text = "", back: Text = ""
) -> Response:
    """The card is done, with what came of it."""
    said = "；".join(one for one in (choice, result) if one) if caller.language == "zh" else ""
    said = said or "; ".join(one for one in (choice, result) if one)
    return _worked(
        house, back, "done", lambda desk: desk.finish(key, caller.name, house.clock(), result=said)
    )


@router.post("/inbox/{key}/snooze")
def snooze(
    request: Request, caller: Works, house: Ours, key: str,
    until: Text = "", at: Text = "", text: Text = "", back: Text = "",
) -> Response:  # fmt: skip
    """The card comes back later."""
    now, there = house.clock(), looking_of(request, caller).zone
    instant = later(at or until, now, there)
    return _worked(house, back, "snoozed", lambda desk: desk.snooze(key, caller.name, now, instant, text))


@router.post("/inbox/{key}/hand-over")
def hand_over(
    caller: Works, house: Ours, key: str,
    role: Text = "", assignee: Text = "", text: Text = "", back: Text = "",
) -> Response:  # fmt: skip
    """The card goes to another role or colleague, or to whoever takes it."""
    now = house.clock()
    return _worked(
        house,
        back,
        "handed",
        lambda desk: desk.hand_over(key, caller.name, now, role=role, assignee=assignee, text=text),
    )


@router.post("/inbox/{key}/remark")
def remark(caller: Works, house: Ours, key: str, text: Text = "", back: Text = "") -> Response:
    """Something to be read beside the card."""
    return _worked(house, back, "noted", lambda desk: desk.remark(key, caller.name, house.clock(), text))


@router.post("/opportunities")
def spot(
    caller: Works, house: Ours,
    customer: Text = "", touchpoint: Text = "", text: Text = "", once: Text = "", back: Text = "",
) -> Response:  # fmt: skip
    """A moment that a colleague has noticed; `once` makes sending the form twice count once."""
    name = f"{caller.name}-{once or token_hex(8)}"[:100]
    return _worked(
        house,
        back,
        "spotted",
        lambda desk: desk.spot(customer, touchpoint, text, caller.name, house.clock(), name),
    )


def _opened(store: Store, house: House, caller: Caller, key: str, *, wanted: bool) -> Card:
    if wanted and caller.may("frontline"):
        desk_of(store, house.pack()).fetch(key, caller.name, house.clock())
    return card_of(store, key, _reader(house, caller), house.clock())


def _reader(house: House, caller: Caller) -> Reader:
    return Reader(caller.language, house.pack(), house.instance.sender)


def _worked(house: House, back: str, did: str, work: Callable[[Desk], object]) -> Response:
    with house.store() as store:
        work(desk_of(store, house.pack()))
    way = inside(back or "/inbox")
    return RedirectResponse(f"{way}{'&' if '?' in way else '?'}did={did}", 303)


def _values(request: Request, caller: Caller, house: House, listed: Inbox, asked: Filter) -> dict[str, Any]:
    looking, pack = looking_of(request, caller), house.pack()
    kept = {
        "role": asked.role,
        "mine": "1" if asked.assignee else "",
        "customer": asked.customer,
        "which": "" if asked.which == "waiting" else asked.which,
    }
    return {
        "inbox": listed,
        "asked": asked,
        "called": Called(looking.names, looking.language),
        "roles": roles_of(pack, listed.roles),
        "touchpoints": sorted(pack.touchpoints) if pack else [],
        "works": caller.may("frontline"),
        "me": caller.name,
        "once": token_hex(8),
        "way": lambda **more: _way(kept | more),
        "query": _query(kept),
    }


def _way(words: dict[str, Any]) -> str:
    return "/inbox" + _query(words)


def _query(words: dict[str, Any]) -> str:
    told = {name: one for name, one in words.items() if one}
    return f"?{urlencode(told)}" if told else ""
