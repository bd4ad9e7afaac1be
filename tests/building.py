"""Small packs, logs and readable results for tests: what a play does stands in one line of a test.

Times are written on the wall clock of Shanghai in 2026 ("03-02 10:00") unless a year stands before them.
Every customer folded here is folded whole, in pieces with the state stored in between, and as a log in order
where it is one: the cutting must never show in a result, so no example can pass that breaks the law.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from peakend.fold import (
    compile_program,
    decode_state,
    encode_state,
    new_state,
    step,
)
from peakend.listen.rows import Made
from peakend.listen.sources_log import log_file
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
from peakend.model.pack import Fact, Journey, Pack, PackFile, Play
from peakend.when import parse_instant, zone

SHANGHAI = "Asia/Shanghai"
LATER = "2026-12-31 00:00"

EVENTS: dict[str, dict[str, str]] = {
    "order.made": {
        "order": "text", "line": "number", "v": "number", "w": "text", "day": "date", "moment": "timestamp"
    },
    "order.changed": {"order": "text", "w": "text", "day": "date", "moment": "timestamp"},
    "order.paid": {"order": "text", "v": "number"},
    "shop.closed": {},
    "case.opened": {"case": "text", "w": "text", "day": "date", "moment": "timestamp"},
    "case.replied": {"case": "text", "day": "date"},
    "case.solved": {"case": "text"},
    "case.reopened": {"case": "text"},
    "case.paused": {"case": "text"},
    "case.resumed": {"case": "text"},
    "case.rated": {"case": "text", "score": "number"},
    "talk.rated": {"score": "number"},
}  # fmt: skip
"""What the orders, cases and talks of the test packs say. `shop.closed` declares no key."""

CASE: dict[str, Any] = {
    "encounter": {
        "begins": "case.opened",
        "ends": "case.solved",
        "key": "case",
        "lasts_at_most": "P30D",
        "settles": "P7D",
    }
}
"""A touchpoint that opens with a case and ends when it is solved; `case(...)` changes it."""

_DUE = frozenset({"after", "before", "before_breach_of", "yearly", "by", "at"})
_EVENT = frozenset({"customer", "seen", "source", "about", "id"})


def at(text: str, place: str = SHANGHAI) -> int:
    """The instant of a wall time, in 2026 where no year is given."""
    return parse_instant(text if re.match(r"\d{4}-", text) else f"2026-{text}", zone(place))


def clock(instant: int, place: str = SHANGHAI) -> str:
    """An instant as the tests write it."""
    text = zone(place).local(instant).isoformat(" ").removeprefix("2026-")
    return re.sub(r"(?<=\d\d:\d\d):00$", "", text)


def event(when: str, kind: str, **data: Any) -> Event:
    """One event; `customer`, `seen`, `source`, `about` (its subject), `id` are its own, the rest is data."""
    own = {name: data.pop(name) for name in _EVENT & set(data)}
    return Event(
        customer=own.get("customer", "c-1" if "about" not in own else ""),
        kind=kind,
        at=at(when),
        seen=at(own.get("seen", when)),
        seq=0,
        data={name.rstrip("_"): value for name, value in data.items()},
        source=own.get("source", ""),
        id=own.get("id", ""),
        subject=own.get("about", ""),
    )


def do(says: str, action: str = "say", **given: Any) -> dict[str, Any]:
    """One step: the words of its due and all others side by side."""
    given = {word.rstrip("_"): value for word, value in given.items()}
    due = {name: given.pop(name) for name in _DUE & set(given)}
    return {"due": due or {"after": "PT0S"}, action: says, **given}


def play(name: str = "play", *steps: Mapping[str, Any], **words: Any) -> dict[str, Any]:
    """One play of class service on `order.made`, unless said otherwise; `class_` stands for class."""
    given = {word.rstrip("_"): value for word, value in words.items()}
    base = {"touchpoint": "shop", "class": "service", "on": "order.made"}
    return {"play": name, "steps": list(steps), **base, **given}


def case(**changes: Any) -> dict[str, Any]:
    """The touchpoint `case`: words of the encounter change that, all others the touchpoint."""
    encounter = {word: changes.pop(word) for word in CASE["encounter"] | {"where": ""} if word in changes}
    return {"encounter": {**CASE["encounter"], **encounter}, **changes}


def pack(
    *plays: Mapping[str, Any],
    points: Mapping[str, Mapping[str, Any]] | None = None,
    facts: Mapping[str, Any] | None = None,
    customer: Mapping[str, Any] | None = None,
    place: str = SHANGHAI,
    name: str = "test",
    **policy: Any,
) -> Pack:
    """A pack of some plays; `points` are touchpoints, all other words its policy, calendars or grace."""
    head = {
        "pack": name,
        "title": {},
        "zone": place,
        "customer": customer or {},
        "roles": ["owner", "buyer"],
        "events": EVENTS,
        **{word: policy.pop(word) for word in ("calendars", "grace", "subjects") if word in policy},
        "policy": policy,
    }
    made = {"shop": {}, **(points or {})}
    titled = {point: {"title": {}, "stage": "use", **words} for point, words in made.items()}
    stages = [{"id": "use", "title": {}}]
    return Pack(
        root=name,
        head=msgspec.convert(head, PackFile),
        journeys={
            "main": msgspec.convert({"journey": "main", "stages": stages, "touchpoints": titled}, Journey)
        },
        facts=msgspec.convert(facts or {}, dict[str, Fact]),
        plays={p["play"]: msgspec.convert(p, Play) for p in plays},
        hash=name,
    )


@dataclass(frozen=True)
class Told:
    """What came of a log, in lines: verdicts, runs, entries that did not happen, encounters, all of it."""

    outputs: list[Output]

    @property
    def verdicts(self) -> list[str]:
        return self._lines(Verdict)

    @property
    def runs(self) -> list[str]:
        return self._lines(Entered, Ended)

    @property
    def passed(self) -> list[str]:
        return self._lines(Passed)

    @property
    def regrets(self) -> list[str]:
        return self._lines(Regretted)

    @property
    def encounters(self) -> list[str]:
        return self._lines(Breached, Encountered)

    @property
    def exposures(self) -> list[str]:
        return self._lines(Exposed)

    @property
    def everything(self) -> list[str]:
        return [line(output) for output in self.outputs]

    def _lines(self, *kinds: type[Output]) -> list[str]:
        return [line(output) for output in self.outputs if isinstance(output, kinds)]


def told(of: Pack, *events: Event, until: str | None = LATER, explain: bool = False, **known: Any) -> Told:
    """Fold the events of one customer, in the order in which they are given, and tell what came of them."""
    log = numbered(events)
    end = at(until) if until else None
    known = {"contacts_known": any(one.kind == "contact.set" for one in log), **known}
    whole = _folded(of, [log], end, explain=explain, **known)
    pieces = _folded(of, [[one] for one in log], end, explain=explain, ticks=True, **known)
    assert pieces == whole, "cutting the log changed the result"
    if all(one.seen == one.at for one in log):
        in_order = _folded(of, [log], end, explain=explain, in_order=True, **known)
        assert in_order == whole, "a log in order gave another result"
    return Told(whole)


def numbered(events: Iterable[Event]) -> list[Event]:
    """Events as a log has them: in the order of arrival, each with its place."""
    log = sorted(events, key=lambda one: one.seen)
    return [msgspec.structs.replace(one, seq=seq, id=one.id or f"e{seq}") for seq, one in enumerate(log)]


def write_log(path: Path, events: Sequence[Event]) -> Path:
    """The events as a log in a file, their rows in the order in which they are given."""
    with log_file(path) as log:
        for number, one in enumerate(events):
            data = msgspec.json.encode(one.data).decode()
            who, about = one.customer or None, one.subject or None
            log.add(Made(one.id or f"e{number}", who, one.kind, one.at, one.seen, one.source, about, data))
    return path


def line(output: Output) -> str:
    """One output as a line of a test."""
    match output:
        case Verdict():
            round_ = f"/{output.round}" if output.round else ""
            why = f": {output.reason}" if output.reason else ""
            until = f" until {clock(output.until)}" if output.until else ""
            return (
                f"{clock(output.instant)} {output.outcome} {output.step}{round_}{_lane(output)}{why}{until}"
            )
        case Entered():
            return f"{clock(output.seen)} enter {output.play}{_lane(output)}"
        case Ended():
            return f"{clock(output.seen)} {output.how} {output.play}{_lane(output)}"
        case Passed():
            key = f" [{output.key}]" if output.key else ""
            return f"{clock(output.seen)} pass {output.play}{key}: {output.reason}"
        case Regretted():
            return f"{clock(output.seen)} regret {output.step} of {clock(output.sent)}"
        case Exposed():
            return f"{clock(output.instant)} expose {output.experiment}: {output.arm}"
        case Breached():
            return f"{clock(output.instant)} breach {output.standard} [{output.key}]"
        case Encountered():
            word = "settled" if output.settled else "unfinished" if output.unfinished else "closed"
            results = [f"{s.standard} {s.result}{' late' * s.late_proof}" for s in output.standards]
            rating = f" rated {output.rating:g}" if output.rating is not None else ""
            found = ", ".join([f"{output.state}{rating}", *results])
            return f"{clock(output.instant)} {word} {output.touchpoint} [{output.key}] {found}"


def _lane(output: Verdict | Entered | Ended) -> str:
    key = f" [{output.key}]" if output.key else ""
    return f"{key} x{output.occurrence}" if output.occurrence else key


def _folded(
    of: Pack,
    pieces: Sequence[Sequence[Event]],
    end: int | None,
    *,
    ticks: bool = False,
    **compiled: Any,
) -> list[Output]:
    program = compile_program(of, **compiled)
    budgets = program.new_budgets()
    customer = next((one.customer for piece in pieces for one in piece), "c-1")
    state, outputs, last = new_state(customer), list[Output](), -1
    for piece in filter(None, pieces):
        if ticks and piece[0].seen > last + 1 > 0:
            outputs += step(program, state, (), piece[0].seen - 1, budgets)[1]
        outputs += step(program, state, piece, None, budgets)[1]
        state, last = decode_state(encode_state(state)), piece[-1].seen
    if end is not None:
        outputs += step(program, state, (), end, budgets)[1]
    return outputs
