"""Small worlds for examples: a pack of one play, a log of local times, outcomes told as short lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from random_packs import typed

from naive.matcher import match
from peakend import fold
from peakend.model.event import Event
from peakend.model.outcome import (
    Breached,
    Encountered,
    Ended,
    Entered,
    Exposed,
    Output,
    Passed,
    Regretted,
    Verdict,
)
from peakend.model.pack import Pack
from peakend.when import parse_instant, zone

Conclude = Callable[[Pack, list[Event], str], list[Output]]
HERE = zone("Asia/Shanghai")
EVENTS = {
    "order.made": {"number": "text", "kind": "text", "day": "date", "amount": "number"},
    "order.changed": {"number": "text", "day": "date"},
    "order.paid": {"number": "text"},
    "order.lost": {},
    "talk.rated": {"score": "number"},
}


def pack(
    *plays: dict[str, Any],
    visit: dict[str, Any] | None = None,
    facts: dict[str, Any] | None = None,
    **head: Any,
) -> Pack:
    """A pack in Shanghai with one touchpoint, `visit`, and the given plays."""
    touchpoint = {"title": {"en": "Visit"}, "stage": "explore", **(visit or {})}
    return typed(
        {
            "head": {
                "pack": "small",
                "title": {"en": "Small"},
                "zone": "Asia/Shanghai",
                "customer": {"zone": {"type": "zone", "from": "customer.updated.zone"}},
                "events": EVENTS,
                **head,
            },
            "facts": facts or {},
            "journey": {
                "journey": "main",
                "stages": [{"id": "explore", "title": {"en": "Explore"}}],
                "touchpoints": {"visit": touchpoint},
            },
            "plays": list(plays),
        }
    )


def play(*steps: dict[str, Any], **words: Any) -> dict[str, Any]:
    """A play of class service on `order.made`."""
    name = words.pop("play", "play")
    return {
        "play": name,
        "touchpoint": "visit",
        "class": "service",
        "on": "order.made",
        **words,
        "steps": list(steps),
    }


def say(text: str, due: dict[str, str], **words: Any) -> dict[str, Any]:
    return {"due": due, "say": text, "through": ["sms"], **words}


def card(text: str, due: dict[str, str], **words: Any) -> dict[str, Any]:
    return {"due": due, "card": text, **words}


def instant(text: str) -> int:
    """'03-24 10:00' of 2026 in Shanghai, with seconds if need be; or a whole date and time."""
    return parse_instant(
        text.replace(" ", "T") if text[:2] == "20" else f"2026-{text.replace(' ', 'T')}", HERE
    )


def log(*given: tuple[Any, ...], customer: str = "customer-1") -> list[Event]:
    """Events from (at, kind, data, seen), the last two as needed, in the order in which they were learnt."""
    events = []
    for at, kind, *rest in given:
        data = rest[0] if rest else {}
        seen = instant(rest[1]) if len(rest) > 1 else instant(at)
        events.append(Event(customer, kind, instant(at), seen, 0, data))
    for seq, event in enumerate(events, start=1):
        event.seq = seq
    return events


def by_naive(pack: Pack, events: list[Event], until: str) -> list[Output]:
    return match(pack, events, instant(until))


def by_fold(pack: Pack, events: list[Event], until: str) -> list[Output]:
    known = any(event.kind == "contact.set" for event in events)
    program = fold.compile_program(pack, contacts_known=known)
    state, budgets = fold.new_state(events[0].customer), program.new_budgets()
    return fold.step(program, state, events, instant(until), budgets)[1]


def told(outputs: list[Output], *kinds: type) -> list[str]:
    """The outputs of some kinds (verdicts by default) as short lines."""
    return [_line(output) for output in outputs if isinstance(output, kinds or (Verdict,))]


def _line(output: Output) -> str:
    match output:
        case Verdict():
            until = f" until {_time(output.until)}" if output.until else ""
            reason = f" ({output.reason})" if output.reason else ""
            round_ = f" #{output.round}" if output.round else ""
            key = f" of {output.key}" if output.key else ""
            return f"{_time(output.instant)} {output.outcome} {output.step}{round_}{key}{reason}{until}"
        case Entered():
            return f"{_time(output.seen)} entered {output.occurrence}"
        case Passed():
            return f"{_time(output.seen)} passed ({output.reason})"
        case Ended():
            return f"{_time(output.seen)} ended {output.how}"
        case Regretted():
            return f"{_time(output.seen)} regretted {output.step} sent {_time(output.sent)}"
        case Exposed():
            return f"{_time(output.instant)} exposed {output.experiment} {output.arm}"
        case Breached():
            return f"{_time(output.instant)} breached {output.standard}"
        case Encountered():
            results = "".join(
                f" {found.standard} {found.result}{' late proof' if found.late_proof else ''}"
                for found in output.standards
            )
            how = "settled" if output.settled else "closed"
            return f"{_time(output.instant)} {how} {output.state}{results}"


def _time(moment: int) -> str:
    local = HERE.local(moment)
    day = f"{local:%m-%d %H:%M}" if local.year == 2026 else f"{local:%Y-%m-%d %H:%M}"
    rest = f":{local:%S.%f}".rstrip("0").rstrip(".") if local.second or local.microsecond else ""
    return day + rest
