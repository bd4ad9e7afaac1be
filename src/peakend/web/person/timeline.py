"""What happened with a customer, the newest first: what came in, encounters, messages, cards, decisions.

Each of these is a list of its own in the store. Here they run side by side, a page at a time, each from where
it stood, so that nothing is left out and nothing comes twice, however long the story is.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Callable, Collection, Iterator
from heapq import merge
from itertools import islice
from typing import Any, Final, NamedTuple, get_args

import msgspec

from peakend.errors import PeakendError
from peakend.listen.reading import Reader
from peakend.loop.programs import row as row_of
from peakend.model.event import OF_THE_LOOP
from peakend.model.looked import (
    AskedCards,
    AskedEncounters,
    AskedEvents,
    AskedMessages,
    AskedVerdicts,
    Decided,
    Page,
)
from peakend.model.outcome import Encountered
from peakend.model.pack import Pack
from peakend.model.stored import Message, Note, Recorded
from peakend.store import Store
from peakend.tell.fates import fate_of
from peakend.tell.masked import masked, masked_text
from peakend.tell.said import Said
from peakend.tell.teller import Teller
from peakend.wire.customers import What

WHATS: Final[tuple[What, ...]] = get_args(What)
USUAL: Final[tuple[What, ...]] = ("event", "encounter", "message", "card")
_PIECE: Final = 50
_CARD: Final = "card"


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """One thing in a customer's story, in both languages. `at` orders it: when it was known; `happened` is
    when it came about.

    `kind` is the event's kind, the touchpoint, the channel, the card's role, or the step; `state` how it
    went, what became of it, or what was decided; `reason` the gate; `pack` the hash of what decided.
    """

    at: int
    happened: int
    what: What
    kind: str
    said: Said
    state: str = ""
    reason: str = ""
    play: str = ""
    key: str = ""
    pack: str = ""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for: some sorts of things (none: the usual ones), of one kind, of one play."""

    what: tuple[What, ...] = ()
    kind: str = ""
    play: str = ""


class Lost(PeakendError):
    """A place in a timeline that is none."""


def timeline(
    store: Store,
    pack: Pack,
    customer: str,
    asked: Asked,
    now: int,
    *,
    addresses: Collection[str] | None = None,
    after: str = "",
    limit: int = 50,
) -> Page[Happened]:
    """One page of a customer's story, up to the instant at which its first page was asked for.

    `addresses` are those of her contacts, to be masked; None shows all. Raises Lost where `after` was not
    given out here.
    """
    place = _read(after) if after else _Place(now + 1, {})
    lists = _lists(store, customer, asked, place.until)
    streams = [_Stream(fetch, place.lists.setdefault(name, Spot())) for name, fetch in lists.items()]
    found = [*islice(merge(*streams, key=lambda one: -one.instant), limit + 1)]
    for one in found[:limit]:
        one.stream.take()
    rest = urlsafe_b64encode(msgspec.json.encode(place)).decode() if len(found) > limit else ""
    tell = Telling(pack, addresses)
    return Page([tell.one(one.row) for one in found[:limit]], rest)


class Telling:
    """Says what a row of any of the lists means, in the words of a pack."""

    def __init__(self, pack: Pack, addresses: Collection[str] | None) -> None:
        self._teller = Teller(pack)
        self._reader = Reader(pack)
        self._pack, self._addresses = pack, addresses
        self._sensitive = {one.from_ for one in pack.head.customer.values() if one.sensitive}

    def one(self, row: Any) -> Happened:
        """A row as it is shown."""
        match row:
            case Recorded():
                return self._event(row)
            case Encountered():
                return self._encounter(row)
            case Message():
                return self._message(row)
            case Note():
                return self._card(row)
            case Decided():
                return self._verdict(row)
        raise TypeError(type(row))

    def _event(self, one: Recorded) -> Happened:
        typed = next(iter(self._reader.events((row_of(one),))), None)
        self._reader.refused.clear()
        if typed is not None and self._addresses is not None:
            for field, value in typed.data.items():
                if f"{one.kind}.{field}" in self._sensitive and value is not None:
                    typed.data[field] = masked(str(value))
        name = self._teller.names.of(one.kind)
        said = self._teller.event(typed).said if typed is not None else name
        return Happened(at=one.seen, happened=one.at, what="event", kind=one.kind, said=self._masked(said))

    def _encounter(self, one: Encountered) -> Happened:
        known = one.touchpoint in self._pack.touchpoints
        said = self._teller.output(one)[0].said if known else Said(one.touchpoint, one.touchpoint)
        return Happened(
            at=one.instant,
            happened=one.ended,
            what="encounter",
            kind=one.touchpoint,
            said=self._masked(said),
            state=one.state,
            key=one.key,
        )

    def _message(self, one: Message) -> Happened:
        planned, told = one.planned, fate_of(self._teller.names, one)
        return Happened(
            at=planned.since,
            happened=one.changed or planned.since,
            what="message",
            kind=planned.channel,
            said=self._masked(told.said),
            state=one.state,
            play=planned.play,
            key=planned.key,
        )

    def _card(self, one: Note) -> Happened:
        return Happened(
            at=one.at,
            happened=one.changed or one.at,
            what="card",
            kind=one.who,
            said=self._masked(Said(one.subject, one.subject)),
            state=one.state,
            play=one.play,
            key="",
        )

    def _verdict(self, one: Decided) -> Happened:
        verdict = one.verdict
        known = verdict.play in self._pack.plays
        said = self._teller.output(verdict)[0].said if known else Said(verdict.step, verdict.step)
        return Happened(
            at=verdict.instant,
            happened=verdict.instant,
            what="verdict",
            kind=verdict.step,
            said=self._masked(said),
            state=verdict.outcome,
            reason=verdict.reason,
            play=verdict.play,
            key=verdict.key,
            pack=one.pack,
        )

    def _masked(self, said: Said) -> Said:
        if self._addresses is None:
            return said
        return Said(masked_text(said.zh, self._addresses), masked_text(said.en, self._addresses))


class Spot(msgspec.Struct, array_like=True):
    """How far one list has been shown: where its page began, and how many of its rows."""

    after: str = ""
    shown: int = 0


class _Place(msgspec.Struct, array_like=True):
    until: int
    lists: dict[str, Spot]


class _One(NamedTuple):
    instant: int
    row: Any
    stream: _Stream


Fetch = Callable[[str], Page[tuple[int, Any]]]


class _Stream:
    """The rows of one list from a spot on; `take` moves the spot on by one."""

    def __init__(self, fetch: Fetch, spot: Spot) -> None:
        self._fetch, self._spot = fetch, spot
        self._ends: list[Spot] = []

    def __iter__(self) -> Iterator[_One]:
        after, shown = self._spot.after, self._spot.shown
        while True:
            page = self._fetch(after)
            for number, (instant, row) in enumerate(page.rows[shown:], shown + 1):
                self._ends.append(Spot(after, number))
                yield _One(instant, row, self)
            if not page.after:
                return
            after, shown = page.after, 0

    def take(self) -> None:
        end = self._ends.pop(0)
        self._spot.after, self._spot.shown = end.after, end.shown


def _lists(store: Store, customer: str, asked: Asked, until: int) -> dict[str, Fetch]:
    """The lists that are asked for, each a page at a time with the instant of each row."""
    kind, play = asked.kind, asked.play

    def events(after: str) -> Page[tuple[int, Any]]:
        of = AskedEvents(customer=customer, kind=kind, until=until)
        page = store.list_events(of, after, _PIECE)
        return Page([(one.seen, one) for one in page.rows if one.kind not in OF_THE_LOOP], page.after)

    def encounters(after: str) -> Page[tuple[int, Any]]:
        of = AskedEncounters(customer=customer, touchpoint=kind, until=until)
        page = store.list_encounters(of, after, _PIECE)
        return Page([(one.instant, one) for one in page.rows], page.after)

    def messages(after: str) -> Page[tuple[int, Any]]:
        of = AskedMessages(customer=customer, play=play, channel=kind, until=until)
        page = store.list_messages(of, after, _PIECE)
        rows = [one for one in page.rows if one.planned.channel != _CARD or one.state != "accepted"]
        return Page([(one.planned.since, one) for one in rows], page.after)

    def cards(after: str) -> Page[tuple[int, Any]]:
        page = store.list_cards(AskedCards(customer=customer, who=kind), after, _PIECE)
        rows = [one for one in page.rows if one.at < until and play in ("", one.play)]
        return Page([(one.at, one) for one in rows], page.after)

    def verdicts(after: str) -> Page[tuple[int, Any]]:
        page = store.list_verdicts(AskedVerdicts(customer=customer, play=play, until=until), after, _PIECE)
        rows = [one for one in page.rows if kind in ("", one.verdict.step)]
        return Page([(one.verdict.instant, one) for one in rows], page.after)

    every: dict[What, Fetch] = {
        "event": events,
        "encounter": encounters,
        "message": messages,
        "card": cards,
        "verdict": verdicts,
    }
    wanted = asked.what or USUAL
    if play and not asked.what:
        wanted = ("message", "card", "verdict")
    return {name: every[name] for name in wanted}


def _read(after: str) -> _Place:
    try:
        return msgspec.json.decode(urlsafe_b64decode(after.encode()), type=_Place)
    except (Error, ValueError, msgspec.MsgspecError):
        raise Lost(
            "`after` is no place in this timeline",
            fix="Hand back what the page before gave as `after`, or leave it out",
            what_zh="after 不是这条时间线里的位置",
            fix_zh="请原样传回上一页给出的 after，或不传",
        ) from None
