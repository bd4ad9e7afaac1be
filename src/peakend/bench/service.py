"""The service that is measured: ten things that open, move and close, twenty plays, every gate at work.

Speed is only worth stating for a pack that does what packs do, so each play has its condition, its steps and
its exits, and nights, caps, consents, refusals, moments, holdouts and a budget all have something to say.
Nothing here may be made easier for the sake of a figure.
"""

from __future__ import annotations

from typing import Any

import msgspec

from peakend.model.pack import Fact, Journey, Pack, PackFile, Play

THINGS = ("inquiry", "trial", "order", "incident", "request", "change", "bill", "visit", "contract", "review")
"""Each is opened, moved any number of times, and closed: thirty kinds that matter."""

PASSING = (
    "page.viewed", "page.left", "search.made", "file.read", "file.stored", "login.made",
    "login.ended", "query.made", "job.started", "job.finished", "meter.read", "token.renewed",
)  # fmt: skip
"""Kinds that no play looks at."""

ZONES = ("Asia/Shanghai", "Asia/Tokyo", "Europe/Berlin", "America/New_York")
WORDS = ("low", "normal", "high", "urgent")

REMINDS = (
    "n > 0.4",
    "word <> 'low'",
    "word in ('high', 'urgent') or n >= 0.7",
    "n > 0.2 and customer.tier is not null",
    "customer.tier = 'key' or n > 0.5",
    "n between 0.2 and 0.8 and not word like 'u%'",
    "facts.incidents_90d >= 3 or n < 0.5",
    "lower(facts.last_word) = 'high' or n * 100 > 60",
    "n > 0.3 and (customer.tier <> 'basic' or word = 'urgent')",
    "facts.orders > 2 or n > 0.6",
)
"""Which openings are followed up, thing by thing."""

_EVENT = {"ref": "text", "n": "number", "word": "text", "day": "date"}
_CLASSES = ("service", "service", "care", "service", "care")
_AFTERWARDS: tuple[dict[str, Any], ...] = (
    {"class": "ask", "where": "n > 0.3", "cool_down": "PT720H"},
    {"class": "care", "where": "customer.tier <> 'basic'", "holdout": "10%"},
    {"class": "marketing", "where": "n > 0.4"},
    {"class": "mandatory", "where": "word in ('high', 'urgent')"},
    {"class": "care", "where": "facts.incidents_90d >= 1 and n > 0.3", "while": "facts.orders >= 1"},
)


def service() -> Pack:
    """The pack: a program of it is compiled as of any other."""
    head = {
        "pack": "bench",
        "title": {},
        "zone": ZONES[0],
        "customer": {
            "tier": {"type": "text", "from": "customer.updated.tier"},
            "zone": {"type": "zone", "from": "customer.updated.zone"},
        },
        "roles": ["owner"],
        "events": {f"{thing}.{what}": _EVENT for thing in THINGS for what in ("opened", "moved", "closed")},
        "calendars": {"working": {"week": {"mon-fri": ["09:00-18:00"]}, "years": [2025, 2026]}},
        "policy": {
            "moment": "open('incident')",
            "quiet_hours": {"from": "21:00", "to": "08:00", "holidays": "working"},
            "caps": [
                {"class": "care", "at_most": 1, "within": "PT336H"},
                {"class": "ask", "at_most": 1, "within": "PT720H"},
                {"class": "total", "at_most": 3, "within": "day"},
            ],
            "budgets": {"goodwill": {"per": "month", "at_most": 50, "currency": "CNY"}},
            "holdout": "2%",
        },
    }
    return Pack(
        root="bench",
        head=msgspec.convert(head, PackFile),
        journeys={"main": msgspec.convert(_journey(), Journey)},
        facts=msgspec.convert(_FACTS, dict[str, Fact]),
        plays={play["play"]: msgspec.convert(play, Play) for play in _plays()},
    )


_FACTS = {
    "incidents_90d": {"of": "incident.opened", "take": "count", "within": "P90D"},
    "orders": {"of": "order.opened", "take": "count"},
    "last_word": {"of": [f"{thing}.moved" for thing in THINGS], "take": "last", "field": "word"},
}


def _journey() -> dict[str, Any]:
    points: dict[str, Any] = {thing: {"title": {}, "stage": "co-create"} for thing in THINGS}
    points["incident"] |= {
        "encounter": _lasting("incident"),
        "standards": {
            "restored": {"from": "incident.opened", "to": "incident.closed", "within": "PT24H"},
            "answered": {
                "from": "incident.opened", "to": "incident.closed", "within": "PT16H", "calendar": "working"
            },
        },
        "miserable": "breached('restored')",
        "magical": "exceeded('restored', 0.25)",
    }  # fmt: skip
    points["order"] |= {"encounter": _lasting("order"), "miserable": "n < 0.1", "magical": "n > 0.9"}
    return {"journey": "main", "stages": [{"id": "co-create", "title": {}}], "touchpoints": points}


def _lasting(thing: str) -> dict[str, Any]:
    return {"begins": f"{thing}.opened", "ends": f"{thing}.closed", "key": "ref", "settles": "PT168H"}


def _plays() -> list[dict[str, Any]]:
    return [play for number in range(len(THINGS)) for play in (_reminder(number), _afterwards(number))]


def _reminder(number: int) -> dict[str, Any]:
    """A play on what is opened, until it is closed: a word after half a day, then a card or a last word."""
    thing = THINGS[number]
    last: dict[str, Any] = (
        {
            "due": {"before": "day", "by": "P2D", "at": "10:00"},
            "say": f"{thing}-last",
            "through": ["sms", "email"],
        }
        if number % 2
        else {"due": {"after": "P3D", "at": "10:00"}, "card": f"{thing}-call"}
    )
    return {
        "play": f"{thing}-reminder",
        "touchpoint": thing,
        "class": _CLASSES[number % len(_CLASSES)],
        "on": f"{thing}.opened",
        "where": REMINDS[number],
        "key": "ref",
        "to": {"role": "owner"},
        "exits": [{"on": f"{thing}.closed", "as": "success"}],
        "updates": f"{thing}.moved",
        "steps": [{"due": {"after": "PT12H"}, "say": f"{thing}-word", "through": ["email"]}, last],
    }


def _afterwards(number: int) -> dict[str, Any]:
    """A play on what is closed: a question, a thank-you, an offer, a notice; once in ten a gift."""
    thing = THINGS[number]
    step: dict[str, Any] = {"due": {"after": "PT2H"}, "say": f"{thing}-after", "through": ["email", "sms"]}
    given = dict(_AFTERWARDS[number % len(_AFTERWARDS)])
    if thing == "review":
        step |= {"give": step.pop("say"), "amount": 50, "budget": "goodwill"}
        given["where"] = "customer.tier = 'key' and n > 0.5"
    return {
        "play": f"{thing}-afterwards",
        "touchpoint": thing,
        "on": f"{thing}.closed",
        "key": "ref",
        "steps": [step],
        **given,
    }
