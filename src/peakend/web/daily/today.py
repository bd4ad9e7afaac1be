"""Today: what happens now, what is at risk, what waits, how the week felt, what was not sent and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Final, TypeVar

import msgspec

from peakend.model.event import OF_THE_LOOP, RESERVED
from peakend.model.looked import FAR, AskedEncounters, AskedEvents, AskedVerdicts, Clock
from peakend.model.outcome import State
from peakend.model.pack import Pack
from peakend.model.stored import Recorded
from peakend.store import Store
from peakend.web.daily.called import names_of_customers
from peakend.web.daily.letters import rare
from peakend.when import DAY, HOUR, Zone
from peakend.wire.cards import Waiting
from peakend.wire.today import Felt, Happened, Running, Sent, Stopped, Today, Week

NEAR: Final = 4 * HOUR
"""Microseconds before its deadline from which a standard is at risk."""
_CLOCKS: Final = 200
_SHOWN: Final = 8
_EXAMPLES: Final = 3
_REASONS: Final = 6
_NEWEST: Final = 15
_LOOKED: Final = 100
_PAGES: Final = 5


T = TypeVar("T", Felt, Stopped, Happened)


def today_of(store: Store, pack: Pack | None, there: Zone, now: int) -> Today:
    """What is to be seen now: all of it from counts and short lists, none by reading all rows."""
    since = there.from_wall(there.wall(now) // DAY * DAY)
    clocks = store.list_clocks(FAR, limit=_CLOCKS).rows
    moments = _is_moment(pack)
    running = [one for one in clocks if one.touchpoint in moments] if moments else clocks
    encounters = [next(group) for _, group in groupby(sorted(running, key=_encounter), key=_encounter)]
    encounters.sort(key=lambda one: (one.deadline, one.customer))
    near = [one for one in clocks if one.deadline - now <= NEAR]
    week = _week(store, now)
    stopped, number = _stopped(store, since, now)
    recorded = _recorded(store)
    newest = happened(recorded, _NEWEST)
    names = names_of_customers(
        store,
        {one.customer for one in (*encounters[:_SHOWN], *near[:_SHOWN])}
        | {one.customer for one in newest}
        | {one.customer for one in (*week.best, *week.worst)}
        | {one.customer for one in stopped},
    )
    return Today(
        since=since,
        published=pack is not None,
        events=any(one.kind not in RESERVED for one in recorded),
        people=len(store.accounts()) > 1,
        moments=[_running(one, names, now, moments) for one in encounters[:_SHOWN]],
        open_moments=len(encounters),
        at_risk=[_running(one, names, now, moments) for one in near[:_SHOWN]],
        risky=len(near),
        cards=[Waiting(*one) for one in store.card_counts(now)],
        week=msgspec.structs.replace(
            week,
            best=[_named(one, names) for one in week.best],
            worst=[_named(one, names) for one in week.worst],
        ),
        stopped=[_named(one, names) for one in stopped],
        stopped_number=number,
        sent=_sent(store, since, now),
        review=rare(store, "review"),
        unknown=rare(store, "unknown"),
        newest=[_named(one, names) for one in newest],
    )


def happened(newest: Sequence[Recorded], most: int) -> list[Happened]:
    """The newest events, the newest first; those of one kind that came in together as one."""
    found: list[Happened] = []
    for one in newest:
        if one.kind in OF_THE_LOOP:
            continue  # what the loop notes down for itself is no news of a customer
        last = found[-1] if found else None
        if last and (last.kind, last.seen) == (one.kind, one.seen):
            found[-1] = Happened("", "", one.kind, one.seen, last.number + 1)
        else:
            found.append(Happened(one.customer, "", one.kind, one.seen, 1))
    return found[:most]


def _recorded(store: Store) -> list[Recorded]:
    """The newest events: a page of them, and more where the loop's own notes crowd the page."""
    found: list[Recorded] = []
    after = ""
    for _ in range(_PAGES):
        page = store.list_events(AskedEvents(), after, _LOOKED)
        found += page.rows
        after = page.after
        if not after or len(happened(found, _NEWEST)) == _NEWEST:
            break
    return found


def _is_moment(pack: Pack | None) -> set[str]:
    return {name for name, one in pack.touchpoints.items() if one.moment_of_truth} if pack else set()


def _encounter(one: Clock) -> tuple[str, str, str, int]:
    return one.customer, one.touchpoint, one.key, one.begun


def _running(one: Clock, names: dict[str, str], now: int, moments: set[str]) -> Running:
    whole = max(one.deadline - one.begun, 1)
    return Running(
        customer=one.customer,
        customer_name=names.get(one.customer, ""),
        touchpoint=one.touchpoint,
        key=one.key,
        standard=one.standard,
        begun=one.begun,
        deadline=one.deadline,
        share=min(max((now - one.begun) / whole, 0.0), 1.0),
        moment_of_truth=one.touchpoint in moments,
    )


def _week(store: Store, now: int) -> Week:
    since = now - 7 * DAY
    counts: Counter[State] = Counter()
    for one in store.encounter_counts(since, now + 1, settled=False):
        counts[one.state] += one.number
    return Week(
        counts["magical"],
        counts["neutral"],
        counts["miserable"],
        _felt(store, "magical", since, now),
        _felt(store, "miserable", since, now),
    )


def _felt(store: Store, state: State, since: int, now: int) -> list[Felt]:
    asked = AskedEncounters(state=state, settled=False, since=since, until=now + 1)
    found = store.list_encounters(asked, limit=_EXAMPLES).rows
    return [Felt(one.customer, "", one.touchpoint, one.key, one.instant, one.rating) for one in found]


def _stopped(store: Store, since: int, now: int) -> tuple[list[Stopped], int]:
    plays: dict[str, Counter[str]] = {}
    for one in store.verdict_counts(since, now + 1):
        if one.outcome == "suppress":
            plays.setdefault(one.reason, Counter())[one.play] += one.number
    ranked = sorted(plays.items(), key=lambda item: (-item[1].total(), item[0]))
    found = [
        Stopped(reason, counts.total(), counts.most_common(1)[0][0], _example(store, reason, since, now), "")
        for reason, counts in ranked[:_REASONS]
    ]
    return found, sum(counts.total() for counts in plays.values())


def _example(store: Store, reason: str, since: int, now: int) -> str:
    asked = AskedVerdicts(outcome="suppress", reason=reason, since=since, until=now + 1)
    found = store.list_verdicts(asked, limit=1).rows
    return found[0].verdict.customer if found else ""


def _sent(store: Store, since: int, now: int) -> list[Sent]:
    channels: dict[str, list[int]] = {}
    for one in store.sent_counts(since, now + 1):
        row = channels.setdefault(one.channel, [0, 0, 0])
        if one.state in ("accepted", "delivered"):
            row[0] += one.number
        elif one.state == "failed":
            row[2] += one.number
        elif one.state not in ("withdrawn", "expired"):
            row[1] += one.number
    return [Sent(channel, *row) for channel, row in channels.items()]


def _named(one: T, names: dict[str, str]) -> T:
    return msgspec.structs.replace(one, customer_name=names.get(one.customer, ""))
