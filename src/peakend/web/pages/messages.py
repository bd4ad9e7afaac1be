"""Messages 消息: what left and what waits, its words, its receipts and why; the unknown is decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from peakend.errors import TimeError
from peakend.model.looked import FAR
from peakend.model.stored import Delivery
from peakend.model.vocabulary import used_channels
from peakend.web.callers import Caller, needs
from peakend.web.daily.called import Called
from peakend.web.daily.letters import Filter, decide, letter_of, letters_of, rare, release, review_of
from peakend.web.house import Ours
from peakend.web.looking import Flash, Looking
from peakend.web.reader import looking_of, page
from peakend.when import DAY, parse_instant
from peakend.wire.messages import Decision

router = APIRouter(include_in_schema=False)
Looks = Annotated[Caller, needs("viewer")]
Decides = Annotated[Caller, needs("manager")]
Short = Annotated[str, Query(max_length=200)]
STATES: Final = get_args(Delivery)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which deliveries, and which page of them; days are those of the pack's zone."""

    state: Short = ""
    channel: Short = ""
    play: Short = ""
    customer: Short = ""
    since: Short = ""
    until: Short = ""
    after: Annotated[str, Query(max_length=2000)] = ""
    did: Short = ""
    n: int = 0


@router.get("/messages")
def messages(request: Request, caller: Looks, house: Ours, asked: Annotated[Asked, Depends()]) -> Response:
    """The list, newest first."""
    looking, pack = looking_of(request, caller), house.pack()
    wanted = _filter(asked, looking)
    with house.store() as store:
        listed = letters_of(store, wanted, house.clock(), asked.after)
        review = rare(store, "review")
    kept = {name: getattr(asked, name) for name in ("state", "channel", "play", "customer", "since", "until")}
    values = _common(looking) | {
        "listed": listed,
        "asked": asked,
        "states": STATES,
        "channels": sorted({*used_channels(pack), "card"} if pack else ()),
        "plays": sorted(pack.plays) if pack else [],
        "review": review if caller.may("manager") else 0,
        "first": _query(kept),
        "older": _query(kept | {"after": listed.after}) if listed.after else "",
        "filtered": any(kept.values()),
    }
    said = looking.words("messages.did_released", n=asked.n) if asked.did == "released" else ""
    return page(request, caller, "messages.html", values, flashes=(Flash(said, "good"),) if said else ())


@router.get("/messages/review")
def review(request: Request, caller: Decides, house: Ours) -> Response:
    """What is under review, before it is released: how many, and to whom."""
    with house.store() as store:
        found = review_of(store, house.clock())
    values = _common(looking_of(request, caller)) | {"review": found}
    return page(request, caller, "messages_review.html", values)


@router.post("/messages/review")
def release_all(caller: Decides, house: Ours, mark: Annotated[str, Form(max_length=100)] = "") -> Response:
    """Let go what was seen under review."""
    with house.store() as store:
        done = release(store, mark, caller.name, house.clock())
    return RedirectResponse(f"/messages?did=released&n={done}", 303)


@router.get("/messages/{key}")
def message(request: Request, caller: Looks, house: Ours, key: str, did: Short = "") -> Response:
    """One delivery whole."""
    looking = looking_of(request, caller)
    with house.store() as store:
        whole, sender = caller.may("frontline"), house.instance.sender
        found = letter_of(store, house.pack(), sender, key, house.clock(), whole=whole)
    values = _common(looking) | {"letter": found, "decides": caller.may("manager")}
    flashes = (Flash(looking.words("messages.did_decided"), "good"),) if did == "decided" else ()
    return page(request, caller, "message.html", values, flashes=flashes)


@router.post("/messages/{key}/decide")
def decide_one(caller: Decides, house: Ours, key: str, what: Annotated[Decision, Form()]) -> Response:
    """A person's word on a delivery."""
    with house.store() as store:
        decide(store, house.pack(), key, what, caller.name, house.clock())
    return RedirectResponse(f"/messages/{key}?did=decided", 303)


def _filter(asked: Asked, looking: Looking) -> Filter:
    """What is asked for; a state or a day that is none is not asked."""
    state: Delivery | Any = asked.state if asked.state in STATES else ""
    since, until = _day(asked.since, looking), _day(asked.until, looking)
    return Filter(
        state,
        asked.channel,
        asked.play,
        asked.customer.strip(),
        since or 0,
        until + DAY if until else FAR,
    )


def _day(text: str, looking: Looking) -> int:
    try:
        return parse_instant(text[:10], looking.zone) if text else 0
    except TimeError:
        return 0


def _common(looking: Looking) -> dict[str, Any]:
    return {"called": Called(looking.names, looking.language)}


def _query(words: dict[str, Any]) -> str:
    return f"/messages?{urlencode({name: one for name, one in words.items() if one})}"
