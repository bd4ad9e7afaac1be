"""A major incident: one subject, whom it concerns, who has heard by which channel, and what was said.

A subject's words are the events about it; those that lie less than a day apart are one incident.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from peakend.errors import Missing, TimeError
from peakend.model.event import REACHED
from peakend.model.looked import AskedCards, AskedEvents
from peakend.model.pack import Pack
from peakend.model.stored import Message, Recorded
from peakend.model.vocabulary import fields_of
from peakend.store import Store
from peakend.web.daily.called import names_of_customers
from peakend.when import DAY, parse_instant
from peakend.wire.incidents import Brief, Concerned, Outage, Said, Show, Way

SHOWN: Final = 50
LATELY: Final = 30 * DAY
_MOST: Final = 200
_PIECES: Final = 10
_HEARD: Final = ("accepted", "delivered")

_decode = msgspec.json.Decoder(dict[str, Any]).decode


def outages_of(store: Store, now: int) -> list[Brief]:
    """The subjects of the last thirty days, what was said last first."""
    found: dict[str, list[Recorded]] = {}
    for one in _fanned(store, now):
        found.setdefault(one.subject, []).append(one)
    told = []
    for subject, rows in found.items():
        recent = _together(rows)
        last = _event(store, recent[0])
        reach = store.reach_of(subject, recent[0].seen, recent[-1].seen)
        told.append(
            Brief(
                subject=subject,
                kind=last.kind if last else "",
                began=recent[-1].at,
                last=recent[0].at,
                words=len(recent),
                affected=reach.affected,
                reached=reach.reached,
            )
        )
    return told


def outage_of(
    store: Store, pack: Pack | None, subject: str, now: int, show: Show, after: str = "", limit: int = SHOWN
) -> Outage:
    """One incident with a page of its customers. Raises Missing where nothing was said lately."""
    rows = _together([one for one in _fanned(store, now) if one.subject == subject])
    if not rows:
        raise Missing(
            "Nothing was said of this subject in thirty days",
            fix="Choose one of the list",
            what_zh="近三十天没有关于它的动态",
            fix_zh="请从列表中选择",
        )
    began, at = rows[-1].seen, rows[0].seen
    words = [_said(pack, event) for one in rows if (event := _event(store, one)) is not None]
    reach = store.reach_of(subject, at, began)
    customers, more = _customers(store, subject, at, began, show, after, limit)
    return Outage(
        subject=subject,
        began=rows[-1].at,
        words=words,
        next_word=_next(words),
        affected=reach.affected,
        reached=reach.reached,
        waiting=reach.waiting,
        customers=customers,
        after=more,
    )


def _fanned(store: Store, now: int) -> list[Recorded]:
    """What was fanned out lately, the newest first: it names its subject and its event."""
    return store.list_events(AskedEvents(kind=REACHED, since=now - LATELY), limit=_MOST).rows


def _together(rows: list[Recorded]) -> list[Recorded]:
    """The newest of them, as long as less than a day lies between one and the next."""
    found = rows[:1]
    for one in rows[1:]:
        if found[-1].at - one.at > DAY:
            break
        found.append(one)
    return found


def _event(store: Store, fanned: Recorded) -> Recorded | None:
    name = _decode(fanned.data).get("event")
    return store.event(fanned.source, str(name)) if name else None


def _said(pack: Pack | None, one: Recorded) -> Said:
    types = fields_of(pack, one.kind) if pack is not None and one.kind in pack.head.events else {}
    fields: dict[str, str | int] = {}
    for name, value in _decode(one.data).items():
        if value is None:
            continue
        fields[name] = str(value)
        if types.get(name) == "timestamp":
            try:
                fields[name] = parse_instant(str(value))
            except TimeError:
                continue
    return Said(one.kind, one.at, fields)


def _next(words: list[Said]) -> int:
    """The latest instant that the newest word names and that lies behind it."""
    if not words:
        return 0
    named = [value for value in words[0].fields.values() if isinstance(value, int) and value > words[0].at]
    return max(named, default=0)


def _customers(
    store: Store, subject: str, at: int, began: int, show: Show, after: str, limit: int
) -> tuple[list[Concerned], str]:
    """A page of those whom it concerns and who fit; at most so many pieces are looked through at once."""
    found: list[Concerned] = []
    for _ in range(_PIECES):
        piece = store.list_affected(subject, at, after, limit)
        names = [one.customer for one in piece.rows]
        told: dict[str, list[Message]] = {}
        for message in store.messages_since(names, began) if names else ():
            told.setdefault(message.planned.customer, []).append(message)
        piece_of = [_concerned(store, name, told.get(name, []), began) for name in names]
        found += [one for one in piece_of if _fits(one, show)]
        after = piece.after
        if not after or len(found) >= limit:
            break
    called = names_of_customers(store, {one.customer for one in found})
    return [msgspec.structs.replace(one, customer_name=called[one.customer]) for one in found], after


def _concerned(store: Store, customer: str, messages: list[Message], began: int) -> Concerned:
    ways: dict[str, Way] = {}
    for one in messages:
        if one.planned.channel != "card":
            ways[one.planned.channel] = Way(one.planned.channel, one.state, one.planned.send_key)
    heard = any(one.state in _HEARD and one.planned.channel != "card" for one in messages)
    cards = [] if heard else store.list_cards(AskedCards(customer=customer), limit=5).rows
    card = next((one for one in cards if one.at >= began and one.state != "done"), None)
    return Concerned(
        customer=customer,
        customer_name="",
        heard=heard,
        ways=[*ways.values()],
        card=card.send_key if card else "",
        card_role=card.who if card else "",
    )


def _fits(one: Concerned, show: Show) -> bool:
    return show == "all" or one.heard == (show == "reached")
