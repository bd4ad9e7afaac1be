"""One customer: who it is, what happened, and why each play did what it did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote, urlencode

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from peakend.model.account import AuditEntry
from peakend.model.pack import Pack
from peakend.model.vocabulary import used_channels
from peakend.store import Store
from peakend.tell.catalogue import CHANNELS, ROLES
from peakend.tell.masked import masked_text
from peakend.tell.names import Names
from peakend.tell.said import Said, grouped
from peakend.web.callers import Caller, needs
from peakend.web.house import House, Ours
from peakend.web.looking import Flash, Looking
from peakend.web.pages.customers import no_pack
from peakend.web.person.deciding import PlayLedger, every_play, one_play
from peakend.web.person.profile import addresses_in, names_known, profile_of, secrets_in, state_of
from peakend.web.person.timeline import WHATS, Asked, Happened, timeline
from peakend.web.reader import looking_of, page
from peakend.web.shown import FILTERS
from peakend.when import zone as zone_of
from peakend.why.held import Unknown
from peakend.wire.customers import Felt, Profile

router = APIRouter(include_in_schema=False)
Seer = Annotated[Caller, needs("viewer")]
Colleague = Annotated[Caller, needs("frontline")]
RECENT, PAGE = 12, 50
DONE = ("saved", "spotted")


class Known(NamedTuple):
    """What every page about one customer shows of it."""

    customer: str
    called: str
    zone: str
    addresses: set[str]


@router.get("/customers/{customer}")
def profile(request: Request, caller: Seer, house: Ours, customer: str, done: str = "") -> Response:
    """The profile, and what happened lately."""
    t = looking_of(request, caller).words
    flash = Flash(t(f"customers.{done}"), "good") if done in DONE else None
    return show_profile(request, caller, house, customer, remarks=Remarks(flash=flash))


@router.post("/customers/{customer}/unmask")
def unmask(request: Request, caller: Colleague, house: Ours, customer: str) -> Response:
    """The same with all addresses in full, and an entry in the record that says who looked."""
    return show_profile(request, caller, house, customer, full=True)


@router.get("/customers/{customer}/story")
def story(
    request: Request,
    caller: Seer,
    house: Ours,
    customer: str,
    what: str = "",
    kind: Annotated[str, Query(max_length=200)] = "",
    after: Annotated[str, Query(max_length=4000)] = "",
) -> Response:
    """What happened, a page at a time."""
    pack = house.pack()
    if pack is None:
        return no_pack(request, caller)
    wanted = tuple(one for one in WHATS if one == what)
    of_kind = kind if kind in _kinds(pack) else ""
    asked = Asked(what=("event",) if of_kind else wanted, kind=of_kind)
    with house.store() as store:
        try:
            found = known_of(store, house, pack, customer)
        except Unknown as error:
            return nobody(request, caller, error)
        rows = timeline(
            store,
            pack,
            found.customer,
            asked,
            house.clock(),
            addresses=found.addresses,
            after=after,
            limit=PAGE,
        )
    names, language = Names(pack), caller.language
    at = f"/customers/{quote(found.customer, safe='')}/story"
    query = {"what": "" if of_kind else what, "kind": of_kind}
    more = urlencode({name: value for name, value in query.items() if value} | {"after": rows.after})
    t = looking_of(request, caller).words
    values = {
        "groups": grouped_rows(rows.rows),
        "next": f"{at}?{more}" if rows.after else "",
        "asked": query | {"narrowed": any(query.values())},
        "whats": [(one, t(f"customers.what_{one}")) for one in WHATS],
        "kinds": sorted(
            ((name, names.of(name).spoken(language)) for name in _kinds(pack)), key=lambda one: one[1]
        ),
    }
    return show(request, caller, "customers/story.html", pack, found, values)


@router.get("/customers/{customer}/why")
def why(
    request: Request,
    caller: Seer,
    house: Ours,
    customer: str,
    play: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Every play and how it stands; or one of them, line by line."""
    pack = house.pack()
    if pack is None:
        return no_pack(request, caller)
    with house.store() as store:
        try:
            found = known_of(store, house, pack, customer)
        except Unknown as error:
            return nobody(request, caller, error)
        one = one_play(store, pack, found.customer, play) if play in pack.plays else None
        plays = [] if one else every_play(store, pack, found.customer)
    if one is not None:
        one = _masked(one, found.addresses)
    return show(request, caller, "customers/why.html", pack, found, {"ledger": one, "plays": plays})


class Remarks(NamedTuple):
    """What the first page says about what was just tried: beside the forms, and above all."""

    erase: str = ""
    text: str = ""
    wish: str = ""
    flash: Flash | None = None

    @property
    def refused(self) -> bool:
        """Whether something was not done."""
        return bool(self.erase or self.text or self.wish or (self.flash and self.flash.tone == "bad"))


NOTHING = Remarks()


def show_profile(
    request: Request,
    caller: Caller,
    house: House,
    customer: str,
    *,
    full: bool = False,
    remarks: Remarks = NOTHING,
) -> Response:
    """The first page about a customer; `full` is written into the record before anything is shown."""
    pack, programs, now = house.pack(), house.programs(), house.clock()
    if pack is None or programs is None:
        return no_pack(request, caller)
    with house.store() as store:
        try:
            found = profile_of(store, programs, pack, customer, now, unmask=full)
        except Unknown as error:
            return nobody(request, caller, error)
        if full:
            store.record(AuditEntry(at=now, who=caller.name, what="customer.unmasked", about=found.customer))
        seen = known_of(store, house, pack, found.customer)
        recent = timeline(
            store, pack, found.customer, Asked(), now, addresses=seen.addresses, limit=RECENT
        ).rows
    looking = looking_of(request, caller)
    t, names, language = looking.words, Names(pack), caller.language
    values: dict[str, Any] = {
        "profile": found,
        "memory": memory(looking, names, found),
        "recent": grouped_rows(recent),
        "can": {role: caller.may(role) for role in ("frontline", "admin")},
        "topics": _topics(t, pack, names),
        "touchpoints": [("", t("customers.spot_nowhere"))]
        + [(name, names.touchpoint(name).spoken(language)) for name in pack.touchpoints],
        "texts": sorted(
            {(name, names.of(name).spoken(language)) for _, name in (*pack.texts, *pack.cards)},
            key=lambda one: one[1],
        ),
        "channels": [("", t("customers.preview_own"))]
        + [(name, names.of(name, CHANNELS).spoken(language)) for name in used_channels(pack)],
        "wrong": remarks,
        "shown": lambda value: _value(looking, names, value),
    }
    flashes = (remarks.flash,) if remarks.flash else ()
    status = 422 if remarks.refused else 200
    return show(request, caller, "customers/profile.html", pack, seen, values, flashes=flashes, status=status)


def show(
    request: Request,
    caller: Caller,
    template: str,
    pack: Pack,
    found: Known,
    values: dict[str, Any],
    *,
    flashes: tuple[Flash, ...] = (),
    status: int = 200,
) -> Response:
    """A page about one customer, in the reader's words and the customer's zone."""
    looking = looking_of(request, caller)
    names = Names(pack)
    there = zone_of(found.zone)
    since: Callable[..., Any] = FILTERS["since"]
    common = {
        "customer": found.customer,
        "called": found.called,
        "zone": found.zone,
        "names": names,
        "role_of": lambda name: names.of(name, ROLES),
        "channel_of": lambda name: names.of(name, CHANNELS),
        "topic_of": lambda name: topic(looking, pack, names, name),
        "plain_time": lambda at: f"{there.local(at):%Y-%m-%d %H:%M}",
        "ago": lambda at: since({"looking": looking}, at),
    }
    return page(request, caller, template, common | values, flashes=flashes, status=status)


def known_of(store: Store, house: House, pack: Pack, customer: str) -> Known:
    """What a page about a customer needs anyway. Raises why.held.Unknown."""
    programs = house.programs()
    assert programs is not None
    names, _ = names_known(store, customer)
    state = state_of(store, programs, names)
    told = {name: value for name, (_, _, value) in state.profile.items()}
    called = told.get("name") or next((one.name for one in state.contacts.values() if one.name), "")
    zone = next((name for name, one in pack.head.customer.items() if one.type == "zone"), "")
    hidden = addresses_in(state) | secrets_in(pack, state)
    return Known(names[0], str(called), str(told.get(zone) or pack.head.zone), hidden)


def nobody(request: Request, caller: Caller, error: Unknown) -> Response:
    """That there is no such customer, and where to look."""
    t = looking_of(request, caller).words
    values = {
        "title": error.what_zh if caller.language == "zh" else error.what,
        "says": error.fix_zh if caller.language == "zh" else error.fix,
        "sign": "user-search",
        "href": "/customers",
        "action": t("customers.show_all"),
    }
    return page(request, caller, "customers/none.html", values, status=404)


def back(customer: str, done: str) -> Response:
    """To the profile, which says what was done."""
    return RedirectResponse(f"/customers/{quote(customer, safe='')}?done={done}", 303)


def memory(looking: Looking, names: Names, found: Profile) -> str:
    """What stays in mind, in one sentence: the last peak, the last pit, and the end."""
    t, end = looking.words, found.end
    if end is None:
        return t("customers.memory_none")
    words: dict[str, Said | str] = {"felt": t.said(f"customers.felt_{end.state}")}
    parts: list[tuple[str, Felt | None]] = [("peak", found.peak), ("pit", found.pit), ("end", end)]
    day: Callable[..., str] = FILTERS["day"]
    for name, one in parts:
        if one is not None:
            words[name] = names.touchpoint(one.touchpoint)
            words[f"{name}_day"] = day({"looking": looking}, one.at)
    which = {(True, True): "both", (True, False): "peak", (False, True): "pit", (False, False): "end"}
    return t(f"customers.memory_{which[found.peak is not None, found.pit is not None]}", **words)


def grouped_rows(rows: Sequence[Happened]) -> list[list[Happened]]:
    """Events of one kind that came one after the other stand together; all else alone."""
    return [
        [*group] for _, group in groupby(rows, key=lambda one: one.kind if one.what == "event" else id(one))
    ]


def topic(looking: Looking, pack: Pack, names: Names, what: str) -> str:
    """What a preference or consent is about, in the reader's language."""
    if what == "marketing":
        return looking.words("customers.marketing")
    if what in pack.touchpoints:
        return names.touchpoint(what).spoken(looking.language)
    if what in pack.plays:
        return names.play(what).spoken(looking.language)
    return names.of(what, CHANNELS).spoken(looking.language)


def _topics(t: Any, pack: Pack, names: Names) -> list[tuple[str, str]]:
    found = [("do_not_disturb", t("customers.about_all"))]
    found += [
        (one, t("customers.about_channel", name=names.of(one, CHANNELS))) for one in used_channels(pack)
    ]
    points = {play.touchpoint for play in pack.plays.values()}
    return found + [
        (one, t("customers.about_touchpoint", name=names.touchpoint(one), Touchpoint=t.term("Touchpoint")))
        for one in pack.touchpoints
        if one in points
    ]


def _kinds(pack: Pack) -> list[str]:
    return [*pack.head.events, "customer.updated", "contact.set", "preference.set", "consent.given"]


def _value(looking: Looking, names: Names, value: object) -> str:
    t = looking.words
    if value is None or value == "":
        return t("customers.nothing_known")
    if isinstance(value, bool):
        return t("customers.yes" if value else "customers.no")
    if isinstance(value, int):
        return grouped(value)
    if isinstance(value, float):
        number: Callable[..., str] = FILTERS["number"]
        return number(value, 0 if value == round(value) else 2)
    return names.of(str(value)).spoken(looking.language)


def _masked(ledger: PlayLedger, addresses: set[str]) -> PlayLedger:
    lines = tuple(
        msgspec.structs.replace(
            one, said=Said(masked_text(one.said.zh, addresses), masked_text(one.said.en, addresses))
        )
        for one in ledger.lines
    )
    return msgspec.structs.replace(ledger, lines=lines)
