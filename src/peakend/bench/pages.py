"""Every question that a page asks, against a store with as much in it as a year of a large service leaves.

The store is filled through its contract, with rows as a fold would have concluded them but without folding:
what is measured is reading. Run it with: python -m peakend.bench.pages FILE [EVENTS] [CUSTOMERS]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from random import Random
from time import perf_counter, thread_time
from typing import Any, Final, NamedTuple

from peakend.bench.log import START
from peakend.model.looked import (
    FAR,
    AskedAside,
    AskedCards,
    AskedCustomers,
    AskedEncounters,
    AskedEvents,
    AskedMessages,
    AskedRuns,
    AskedVerdicts,
)
from peakend.model.outcome import Breached, Encountered, Ended, Entered, Output, Verdict
from peakend.model.stored import Note, Planned, Recorded, Relation, Shard, StateRow, Unusable
from peakend.store import Store, open_store
from peakend.store.base import Turn
from peakend.when import DAY, HOUR

TURN: Final = 5_000
"""Events that one turn of the filling writes."""
TIMES: Final = 100
"""How often each question is asked."""
_POINTS: Final = tuple(f"point-{n}" for n in range(20))
_PLAYS: Final = tuple(f"play-{n}" for n in range(20))
_KINDS: Final = ("incident.opened", "incident.resolved", "order.made", "login.seen", "survey.answered")
_REASONS: Final = ("quiet", "cap", "moment", "consent", "expired", "holdout")
_STATES: Final = ("neutral", "neutral", "neutral", "magical", "miserable")
_WHALE: Final = 0.05


class Answered(NamedTuple):
    """How long one question took, in milliseconds; `cpu` is the p99 of this thread's own time."""

    question: str
    median: float
    p99: float
    cpu: float


def fill(store: Store, events: int, customers: int, seed: int = 1) -> int:
    """Fill an empty store with a year of events and what they lead to; the instant at which the year ends."""
    chance = Random(seed)
    end = START + 365 * DAY
    shards = store.claim_shards("filler", START, FAR - START, store.shards)
    for begin in range(0, events, TURN):
        part = [
            _seen(chance, customers, begin + place, START + (begin + place) * 365 * DAY // events)
            for place in range(min(TURN, events - begin))
        ]
        _turn(store, shards, part, chance, begin == 0)
    _people(store, shards, customers, chance, end)
    for number in range(customers // 20):
        store.put_note(_card(number, customers, chance, end))
    store.put_aside([_aside(number, end) for number in range(events // 200)])
    for one in store.messages(states=["planned"])[::50]:
        store.decide(one.planned.send_key, chance.choice(("unknown", "review", "failed")), end, "")
    return end


def questions(store: Store, customers: int, end: int) -> Iterator[tuple[str, Callable[[Random], Any]]]:
    """What pages ask, each with another customer, day or page whenever it is asked."""

    def some(chance: Random) -> str:
        return _name(chance.randrange(customers))

    day, week = end - DAY, end - 7 * DAY
    deep = store.list_events(AskedEvents(until=end - 100 * DAY), "", 200).after
    yield "customers, last event first", lambda c: store.list_customers(AskedCustomers(), "", 50)
    yield "customers by id", lambda c: store.list_customers(AskedCustomers(id=some(c)[:6]), "", 50)
    yield (
        "customers by name, few",
        lambda c: store.list_customers(AskedCustomers(text=f"户 {c.random()}"[:7])),
    )
    yield "customers by name, none", lambda c: store.list_customers(AskedCustomers(text="nobody at all"))
    yield "customers by address", lambda c: store.list_customers(AskedCustomers(address=_address(some(c))))
    yield "events of a customer", lambda c: store.list_events(AskedEvents(customer=some(c)))
    yield "events of the whale", lambda c: store.list_events(AskedEvents(customer=_name(0)))
    yield (
        "events of the whale by a rare kind",
        lambda c: store.list_events(AskedEvents(customer=_name(0), kind="x.y")),
    )
    yield "the last events", lambda c: store.list_events(AskedEvents())
    yield "events deep down", lambda c: store.list_events(AskedEvents(), deep, 200)
    yield "events of a rare kind", lambda c: store.list_events(AskedEvents(kind="rare.seen"))
    yield "verdicts of a customer", lambda c: store.list_verdicts(AskedVerdicts(customer=some(c)))
    yield (
        "verdicts of the whale, suppressed",
        lambda c: store.list_verdicts(AskedVerdicts(customer=_name(0), outcome="suppress")),
    )
    yield "verdicts of a play", lambda c: store.list_verdicts(AskedVerdicts(play=c.choice(_PLAYS)))
    yield (
        "examples of a reason today",
        lambda c: store.list_verdicts(
            AskedVerdicts(outcome="suppress", reason=c.choice(_REASONS), since=day), "", 3
        ),
    )
    yield "encounters of a customer", lambda c: store.list_encounters(AskedEncounters(customer=some(c)))
    yield (
        "miserable encounters of a touchpoint",
        lambda c: store.list_encounters(AskedEncounters(touchpoint=c.choice(_POINTS), state="miserable")),
    )
    yield "runs of a customer", lambda c: store.list_runs(AskedRuns(customer=some(c)))
    yield "open runs of a play", lambda c: store.list_runs(AskedRuns(play=c.choice(_PLAYS), open=True))
    yield "messages of a customer", lambda c: store.list_messages(AskedMessages(customer=some(c)))
    yield "messages in doubt", lambda c: store.list_messages(AskedMessages(states=("unknown", "review")))
    yield "messages of a play", lambda c: store.list_messages(AskedMessages(play=c.choice(_PLAYS)))
    yield "messages on a rare channel", lambda c: store.list_messages(AskedMessages(channel="fax"))
    yield "cards of a role", lambda c: store.list_cards(AskedCards(who="role-1", waiting_at=end))
    yield "quarantine", lambda c: store.list_aside(AskedAside())
    yield "quarantine of a kind", lambda c: store.list_aside(AskedAside(kind="rare.seen"))
    yield "breaches today", lambda c: store.list_breaches(day, end)
    yield "verdicts today, counted", lambda c: store.verdict_counts(day, end)
    yield "verdicts of a year, counted", lambda c: store.verdict_counts(0, FAR)
    yield "encounters of a week, counted", lambda c: store.encounter_counts(week, end, settled=False)
    yield "encounters of a year, counted", lambda c: store.encounter_counts(0, FAR, settled=True)
    yield "breaches of a week, counted", lambda c: store.breach_counts(week, end)
    yield "messages of a day, counted", lambda c: store.sent_counts(day, end)
    yield "messages of a year, counted", lambda c: store.sent_counts(0, FAR)
    yield "cards that wait, counted", lambda c: store.card_counts(end)
    yield "quarantine, counted", lambda c: store.aside_counts()
    yield "runs that are open, counted", lambda c: store.open_runs()
    yield "whom an outage concerns", lambda c: store.list_affected(f"region-{c.randrange(10)}", end)
    yield "who has heard of an outage", lambda c: store.reach_of(f"region-{c.randrange(10)}", end, day)
    place = store.news().after
    yield "what is new", lambda c: store.news(place)


def look(store: Store, customers: int, end: int, times: int = TIMES) -> list[Answered]:
    """Ask every question so often; how long it took."""
    found = []
    for name, ask in questions(store, customers, end):
        chance, took, spent = Random(7), list[float](), list[float]()
        for _ in range(times):
            began, busy = perf_counter(), thread_time()
            ask(chance)
            took.append((perf_counter() - began) * 1_000)
            spent.append((thread_time() - busy) * 1_000)
        last = int(times * 0.99)
        found.append(Answered(name, sorted(took)[times // 2], sorted(took)[last], sorted(spent)[last]))
    return found


def _seen(chance: Random, customers: int, place: int, at: int) -> Recorded:
    who = 0 if chance.random() < _WHALE else chance.randrange(customers)
    kind = "rare.seen" if place == 9 else _KINDS[place % len(_KINDS)]
    data = f'{{"incident_id":"INC{place}","priority":"P{place % 4}","text":"something was said here"}}'
    return Recorded(_name(who), kind, at, at, place, data, "bench", f"e{place}", "")


def _turn(store: Store, shards: list[Shard], part: list[Recorded], chance: Random, first: bool) -> None:
    for shard in shards:
        with store.turn(shard) as turn:
            own = [one for one in part if turn.shard_of(one.customer) == shard.number]
            outputs = [output for one in own for output in _concluded(one, chance)]
            turn.keep(own, (), outputs, [_planned(one, first) for one in own if one.seq % 10 == 0])


def _concluded(one: Recorded, chance: Random) -> Iterator[Output]:
    who, at, place = one.customer, one.seen, one.seq
    point, play = chance.choice(_POINTS), chance.choice(_PLAYS)
    if place % 4 == 0:
        state = chance.choice(_STATES)
        for settled in (False, True):
            yield Encountered(who, point, f"K{place}", at - HOUR, at, at, state, settled, False, None)  # type: ignore[arg-type]
    if place % 5 == 0:
        yield Entered(who, play, f"K{place}", 0, at, at, one.kind)
        if chance.random() < 0.8:
            yield Ended(who, play, f"K{place}", 0, "success", one.kind, at, at)
    if place % 3 == 0:
        reason = "" if place % 2 else chance.choice(_REASONS)
        outcome = "suppress" if reason else "send"
        yield Verdict(who, play, f"K{place}", 0, "step-1", 0, at, at, outcome, reason)  # type: ignore[arg-type]
    if place % 50 == 0:
        yield Breached(who, point, f"K{place}", "restore", at - HOUR, at, at)


def _planned(one: Recorded, first: bool) -> Planned:
    channel = "fax" if first and one.seq < 100 else ("sms", "email", "wecom")[one.seq // 10 % 3]
    return Planned(
        send_key=f"{one.seq:064d}",
        customer=one.customer,
        play=_PLAYS[one.seq // 10 % len(_PLAYS)],
        key=f"K{one.seq}",
        occurrence=0,
        step="step-1",
        round=0,
        message=f"m{one.seq}",
        channel=channel,
        contact="owner",
        rank=one.seq // 10 % 5,
        since=one.seen,
        until=one.seen + DAY,
        at_most_once=True,
    )


def _people(store: Store, shards: list[Shard], customers: int, chance: Random, end: int) -> None:
    """Names, addresses, states and regions of all customers, told at the end of the year."""
    for shard in shards:
        for begin in range(0, customers, TURN):
            with store.turn(shard) as turn:
                names = [_name(n) for n in range(begin, min(begin + TURN, customers))]
                _tell(turn, [one for one in names if turn.shard_of(one) == shard.number], chance, end)


def _tell(turn: Turn, names: list[str], chance: Random, end: int) -> None:
    told = []
    for name in names:
        told += [
            ("customer.updated", f'{{"name":"客户 {chance.random():.6f}","plan":"gold"}}'),
            ("contact.set", f'{{"contact":"o","name":"Ann {name}","address":"{_address(name)}"}}'),
        ]
    first = turn.shard.next_seq
    events = [
        Recorded(names[n // 2], kind, end, end, first + n, data, "crm", f"{names[n // 2]}/{kind}", "")
        for n, (kind, data) in enumerate(told)
    ]
    states = [StateRow(name, end + chance.randrange(30 * DAY), "p", b"x" * 500) for name in names]
    turn.keep(events, states, (), ())
    turn.relate(names, [Relation(one, f"region-{chance.randrange(10)}", START, FAR, START) for one in names])


def _card(number: int, customers: int, chance: Random, end: int) -> Note:
    return Note(
        send_key=f"n{number}",
        kind="card",
        customer=_name(chance.randrange(customers)),
        who=f"role-{number % 5}",
        play=chance.choice(_PLAYS),
        message=f"m{number}",
        subject="一小时后超时",
        body="## 预判语句\n客户在等",
        severity="warning",
        link="",
        at=end - chance.randrange(7 * DAY),
        until=end + chance.randrange(DAY) - HOUR,
    )


def _aside(number: int, end: int) -> Unusable:
    reason = f"the field 'n{number}' is no number" if number % 3 else f"id 'e{number}' was used before"
    return Unusable(
        number=0,
        source="crm" if number % 4 else "erp",
        place=f"row {number}",
        reason_zh="字段不是数字",
        reason_en=reason,
        body=f'{{"kind":"order.made","n":"{number}"}}',
        at=end,
        mended=False,
    )


def _name(number: int) -> str:
    return f"c-{number:06d}"


def _address(name: str) -> str:
    return f"{name}@example.com"


def main(path: str, events: int = 1_000_000, customers: int = 100_000) -> None:
    """Fill a file and print how long every question takes."""
    with closing(open_store(path)) as store:
        began = perf_counter()
        end = fill(store, events, customers)
        print(f"{events:,} events and {customers:,} customers in {perf_counter() - began:.0f} s")
        print(f"{'milliseconds':40} {'median':>8} {'p99':>8} {'p99 cpu':>8}")
        for one in look(store, customers, end):
            print(f"{one.question:40} {one.median:8.1f} {one.p99:8.1f} {one.cpu:8.1f}")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:4]))
