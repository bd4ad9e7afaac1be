"""Cards: the inbox as JSON, and what is done with a card. Bodies are JSON; whoever acts is who asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Request

from peakend.loop.desk import Desk
from peakend.web.answers import Json
from peakend.web.api.shapes import described
from peakend.web.callers import Caller, scoped
from peakend.web.daily.cards import Filter, Reader, card_of, desk_of, inbox_of, later
from peakend.web.house import House, Ours
from peakend.web.reader import looking_of
from peakend.wire.cards import Card, Inbox, Which

router = APIRouter(prefix="/api/v1/cards", tags=["cards"])
Looks = Annotated[Caller, scoped("read", "viewer")]
Works = Annotated[Caller, scoped("write", "frontline")]
Short = Annotated[str, Query(max_length=200)]
Text = Annotated[str, Body(max_length=10_000)]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which cards, and which page of them."""

    role: Short = ""
    assignee: Short = ""
    customer: Short = ""
    which: Which = "waiting"
    after: Annotated[str, Query(max_length=2000)] = ""
    limit: Annotated[int, Query(ge=1, le=100)] = 30


@router.get("", responses=described(Inbox))
def list_cards(caller: Looks, house: Ours, asked: Annotated[Asked, Depends()]) -> Json:
    """Cards, what is due first coming first; and how many wait for each role."""
    wanted = Filter(asked.role, asked.assignee, asked.customer, asked.which)
    with house.store() as store:
        reader = _reader(house, caller)
        return Json(inbox_of(store, wanted, reader, house.clock(), asked.after, asked.limit))


@router.get("/{key}", responses=described(Card))
def one_card(caller: Looks, house: Ours, key: str) -> Json:
    """One card whole, with its history."""
    return _whole(house, caller, key)


@router.post("/{key}/done", responses=described(Card))
def done(caller: Works, house: Ours, key: str, result: Annotated[Text, Body(embed=True)] = "") -> Json:
    """The card is done; the log hears of it as `card.done`."""
    return _worked(
        house, caller, key, lambda desk: desk.finish(key, caller.name, house.clock(), result=result)
    )


@router.post("/{key}/snooze", responses=described(Card))
def snooze(
    request: Request, caller: Works, house: Ours, key: str,
    until: Annotated[str, Body(max_length=40, description="hour, tomorrow, monday, or ISO 8601")],
    text: Text = "",
) -> Json:  # fmt: skip
    """The card comes back later."""
    now = house.clock()
    instant = later(until, now, looking_of(request, caller).zone)
    return _worked(house, caller, key, lambda desk: desk.snooze(key, caller.name, now, instant, text))


@router.post("/{key}/hand-over", responses=described(Card))
def hand_over(
    caller: Works, house: Ours, key: str, role: Text = "", assignee: Text = "", text: Text = ""
) -> Json:
    """The card goes to another role, to a colleague, or both."""
    now = house.clock()
    return _worked(
        house,
        caller,
        key,
        lambda desk: desk.hand_over(key, caller.name, now, role=role, assignee=assignee, text=text),
    )


def _worked(house: House, caller: Caller, key: str, work: Callable[[Desk], Any]) -> Json:
    with house.store() as store:
        work(desk_of(store, house.pack()))
    return _whole(house, caller, key)


def _whole(house: House, caller: Caller, key: str) -> Json:
    with house.store() as store:
        return Json(card_of(store, key, _reader(house, caller), house.clock()))


def _reader(house: House, caller: Caller) -> Reader:
    return Reader(caller.language, house.pack(), house.instance.sender)
