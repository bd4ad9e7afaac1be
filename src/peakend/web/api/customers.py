"""/api/v1/customers: found, who each is, what happened, why each play did what it did, and what they want.

The same functions as those of the pages, and masked alike: only a POST shows addresses, and is recorded.
"""

from __future__ import annotations

import secrets
from typing import Annotated

import msgspec
from fastapi import APIRouter, Body, Path, Query

from peakend.errors import Missing, PeakendError
from peakend.model.account import AuditEntry
from peakend.model.looked import CustomerLine
from peakend.model.pack import Pack
from peakend.model.vocabulary import used_channels
from peakend.store import Store
from peakend.tell.masked import masked_text
from peakend.tell.said import Said
from peakend.web.answers import Json
from peakend.web.api.shapes import described
from peakend.web.callers import Caller, scoped
from peakend.web.house import House, Ours
from peakend.web.person.changing import change, erased_as
from peakend.web.person.deciding import PlayLedger, PlayStanding, every_play, one_play
from peakend.web.person.finding import Wanted, customers
from peakend.web.person.profile import addresses_in, names_known, profile_of, secrets_in, state_of
from peakend.web.person.timeline import Asked, Happened, timeline
from peakend.why.held import held
from peakend.wire.customers import (
    Customers,
    Do,
    Erased,
    Found,
    Line,
    Noted,
    Play,
    Preferences,
    Profile,
    Row,
    Show,
    Timeline,
    What,
    Why,
    Wish,
    Words,
)

router = APIRouter(prefix="/api/v1/customers", tags=["customers"])
Reader = Annotated[Caller, scoped("read", "viewer")]
Writer = Annotated[Caller, scoped("write", "frontline")]
Admin = Annotated[Caller, scoped("admin", "admin")]
Customer = Annotated[str, Path(alias="id", max_length=512, examples=["t-1"])]
After = Annotated[str, Query(max_length=4000)]
Limit = Annotated[int, Query(ge=1, le=200)]


@router.get("", responses=described(Customers))
def list_customers(
    caller: Reader,
    house: Ours,
    q: Annotated[
        str, Query(max_length=200, description="Beginning of an id, part of a name, or address")
    ] = "",
    show: Annotated[Show, Query(description="How it went within 30 days")] = "",
    play: Annotated[str, Query(max_length=200, description="Who is inside this play now")] = "",
    after: After = "",
    limit: Limit = 50,
) -> Json:
    """Customers, whoever was heard of last first."""
    wanted = Wanted(q=q, show=show, play=play)
    with house.store() as store:
        found = customers(store, wanted, house.clock(), after, limit)
    return Json(Customers(customers=[_found(one) for one in found.rows], after=found.after))


@router.get("/{id}", responses=described(Profile))
def read_customer(caller: Reader, house: Ours, customer: Customer) -> Json:
    """Who a customer is: people, attributes, facts, wishes, and what stays in mind. Addresses are masked."""
    with house.store() as store:
        return Json(_profile(store, house, customer))


@router.post("/{id}/unmask", responses=described(Profile))
def unmask_customer(caller: Writer, house: Ours, customer: Customer) -> Json:
    """The same with addresses in full; the record of changes says who asked."""
    with house.store() as store:
        found = _profile(store, house, customer, unmask=True)
        about, now = found.customer, house.clock()
        store.record(AuditEntry(at=now, who=caller.name, what="customer.unmasked", about=about))
    return Json(found)


@router.get("/{id}/timeline", responses=described(Timeline))
def read_timeline(
    caller: Reader,
    house: Ours,
    customer: Customer,
    what: Annotated[list[What] | None, Query(max_length=5, description="None: all but verdicts")] = None,
    kind: Annotated[str, Query(max_length=200)] = "",
    play: Annotated[str, Query(max_length=200)] = "",
    after: After = "",
    limit: Limit = 50,
) -> Json:
    """What happened with a customer, the newest first. Addresses are masked."""
    pack = _pack(house)
    asked = Asked(what=tuple(dict.fromkeys(what or ())), kind=kind, play=play)
    with house.store() as store:
        name, hidden = _known(store, house, pack, customer)
        page = timeline(store, pack, name, asked, house.clock(), addresses=hidden, after=after, limit=limit)
    return Json(Timeline(customer=name, rows=[_row(one) for one in page.rows], after=page.after))


@router.get("/{id}/why", responses=described(Why))
def read_why(
    caller: Reader, house: Ours, customer: Customer, play: Annotated[str, Query(max_length=200)] = ""
) -> Json:
    """Why, and why not: how every play stands with a customer, or one of them line by line."""
    pack = _pack(house)
    if play and play not in pack.plays:
        raise _no_play(play)
    with house.store() as store:
        name, hidden = _known(store, house, pack, customer)
        if not play:
            plays = [_play(one, hidden) for one in every_play(store, pack, name)]
            return Json(Why(customer=name, plays=plays, lines=[], more=False))
        ledger = one_play(store, pack, name, play)
        (standing,) = [one for one in every_play(store, pack, name) if one.play == play]
    shown = msgspec.structs.replace(_play(standing, hidden), said=_words(ledger.said, hidden))
    return Json(Why(customer=name, plays=[shown], lines=_lines(ledger, hidden), more=ledger.more))


@router.get("/{id}/preferences", responses=described(Preferences))
def read_preferences(caller: Reader, house: Ours, customer: Customer) -> Json:
    """What a customer asked for, and which consents she gave or withdrew."""
    with house.store() as store:
        found = _profile(store, house, customer)
    wished, consented = list(found.preferences), list(found.consents)
    return Json(Preferences(customer=found.customer, preferences=wished, consents=consented))


@router.post("/{id}/preferences", status_code=202, responses=described(Noted, status=202))
def note_preference(
    caller: Writer,
    house: Ours,
    customer: Customer,
    do: Annotated[Do, Body(description="quiet or again about `what`; agree to or withdraw from marketing")],
    what: Annotated[
        str, Body(max_length=200, description="do_not_disturb, a channel, a touchpoint or a play")
    ] = "do_not_disturb",
    days: Annotated[int, Body(ge=0, le=3650, description="For how long; 0 is for good")] = 0,
) -> Json:
    """Note down what a customer asked for: an input of the log, and an entry in the record of changes."""
    pack, now = _pack(house), house.clock()
    if what not in {"do_not_disturb", *used_channels(pack), *pack.touchpoints, *pack.plays}:
        raise _no_topic(what)
    wish = Wish(do=do, what=what, days=days)
    with house.store() as store:
        name = names_known(store, customer)[0][0]
        change(store, pack, name, wish, caller.name, now, source="api", id_=secrets.token_hex(16))
    return Json(Noted(customer=name, noted=wish), 202)


@router.get(
    "/{id}/export", responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}}
)
def export_customer(caller: Admin, house: Ours, customer: Customer, unmask: bool = False) -> Json:
    """Every row about one person, by table, under any name; the record of changes says who took it."""
    with house.store() as store:
        whole = held(store, customer, unmask=unmask)
        about, after = str(whole["customer"]), "unmasked" if unmask else ""
        entry = AuditEntry(
            at=house.clock(), who=caller.name, what="customer.exported", about=about, after=after
        )
        store.record(entry)
    return Json(whole)


@router.delete("/{id}", responses=described(Erased))
def erase_customer(
    caller: Admin,
    house: Ours,
    customer: Customer,
    confirm: Annotated[str, Query(max_length=512, description="The same id once more", examples=["t-1"])],
) -> Json:
    """Delete every row about one person, under any name, for good."""
    if confirm != customer:
        raise _not_confirmed()
    with house.store() as store:
        names_known(store, customer)
        rows = store.erase(customer, house.clock(), secrets.token_hex(16))
        about = erased_as(customer)
        store.record(AuditEntry(at=house.clock(), who=caller.name, what="customer.erased", about=about))
    return Json(Erased(rows=rows))


def _pack(house: House) -> Pack:
    pack = house.pack()
    if pack is None:
        raise PeakendError(
            "Nothing is published yet, so nobody can say what is known of customers",
            fix="Publish a pack: peakend publish, or the page of plays",
            what_zh="还没有发布模板，无法解读客户资料",
            fix_zh="请先发布：peakend publish，或在服务剧本页面发布",
        )
    return pack


def _profile(store: Store, house: House, customer: str, *, unmask: bool = False) -> Profile:
    pack, programs = _pack(house), house.programs()
    assert programs is not None
    return profile_of(store, programs, pack, customer, house.clock(), unmask=unmask)


def _known(store: Store, house: House, pack: Pack, customer: str) -> tuple[str, set[str]]:
    """The name that stays, and what is masked."""
    programs = house.programs()
    assert programs is not None
    names, _ = names_known(store, customer)
    state = state_of(store, programs, names)
    return names[0], addresses_in(state) | secrets_in(pack, state)


def _found(one: CustomerLine) -> Found:
    return Found(**one._asdict())


def _row(one: Happened) -> Row:
    return Row(**msgspec.structs.asdict(one) | {"said": Words(*one.said)})


def _play(one: PlayStanding, hidden: set[str]) -> Play:
    return Play(**msgspec.structs.asdict(one) | {"said": _words(one.said, hidden)})


def _lines(ledger: PlayLedger, hidden: set[str]) -> list[Line]:
    return [Line(**msgspec.structs.asdict(one) | {"said": _words(one.said, hidden)}) for one in ledger.lines]


def _words(said: Said, hidden: set[str]) -> Words:
    return Words(masked_text(said.zh, hidden), masked_text(said.en, hidden))


def _no_play(play: str) -> Missing:
    return Missing(
        f"The pack has no play '{play[:80]}'",
        place="query.play",
        fix="Take a name from /why without `play`",
        what_zh=f"模板里没有剧本“{play[:80]}”",
        fix_zh="请先不带 play 查询 /why，从中取剧本名",
    )


def _no_topic(what: str) -> PeakendError:
    return PeakendError(
        f"'{what[:80]}' is nothing that a customer can choose",
        place="body.what",
        fix="Write do_not_disturb, a channel, a touchpoint or a play of the pack",
        what_zh=f"“{what[:80]}”不是客户可以选择的内容",
        fix_zh="请写 do_not_disturb，或模板里的渠道、接触点、剧本",
    )


def _not_confirmed() -> PeakendError:
    return PeakendError(
        "Nothing is deleted: `confirm` is not the id",
        place="query.confirm",
        fix="Write the id once more: ?confirm=ID",
        what_zh="没有删除：confirm 与编号不一致",
        fix_zh="请把编号再写一遍：?confirm=编号",
    )
