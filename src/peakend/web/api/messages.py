"""Messages as JSON: the list, one with its words and why, and what a person or a program decides about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query

from peakend.model.looked import FAR
from peakend.model.stored import Delivery
from peakend.store import Store
from peakend.web.answers import Json
from peakend.web.api.shapes import described
from peakend.web.api.spans import Instant, instant_of
from peakend.web.callers import Caller, scoped
from peakend.web.daily.letters import Filter, decide, letter_of, letters_of, release, review_of
from peakend.web.house import House, Ours
from peakend.wire.messages import Decision, Letter, Listed, Released, Review

router = APIRouter(prefix="/api/v1/messages", tags=["messages"])
Looks = Annotated[Caller, scoped("read", "viewer")]
Decides = Annotated[Caller, scoped("write", "manager")]
Short = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which deliveries, and which page of them."""

    state: Delivery | None = None
    channel: Short = ""
    play: Short = ""
    customer: Short = ""
    since: Instant = ""
    until: Instant = ""
    after: Annotated[str, Query(max_length=2000)] = ""
    limit: Annotated[int, Query(ge=1, le=200)] = 50


def _whole(store: Store, house: House, caller: Caller, key: str) -> Letter:
    whole, sender = caller.may("frontline"), house.instance.sender
    return letter_of(store, house.pack(), sender, key, house.clock(), whole=whole)


@router.get("", responses=described(Listed))
def list_messages(caller: Looks, house: Ours, asked: Annotated[Asked, Depends()]) -> Json:
    """Deliveries, what may leave last first."""
    since, until = instant_of("since", asked.since, 0), instant_of("until", asked.until, FAR)
    wanted = Filter(asked.state or "", asked.channel, asked.play, asked.customer, since, until)
    with house.store() as store:
        return Json(letters_of(store, wanted, house.clock(), asked.after, asked.limit))


@router.get("/review", responses=described(Review))
def review(caller: Decides, house: Ours) -> Json:
    """What is under review, with the mark that releases exactly this."""
    with house.store() as store:
        return Json(review_of(store, house.clock()))


@router.post("/review/release", responses=described(Released))
def release_all(caller: Decides, house: Ours, mark: Annotated[str, Body(embed=True, max_length=100)]) -> Json:
    """Let go what was seen under review."""
    with house.store() as store:
        return Json(Released(release(store, mark, caller.name, house.clock())))


@router.get("/{key}", responses=described(Letter))
def one_message(caller: Looks, house: Ours, key: str) -> Json:
    """One delivery whole, with its words where they can be told."""
    with house.store() as store:
        return Json(_whole(store, house, caller, key))


@router.post("/{key}/decide", responses=described(Letter))
def decide_one(caller: Decides, house: Ours, key: str, what: Annotated[Decision, Body(embed=True)]) -> Json:
    """A word on a delivery that nobody else can give."""
    with house.store() as store:
        decide(store, house.pack(), key, what, caller.name, house.clock())
        return Json(_whole(store, house, caller, key))
