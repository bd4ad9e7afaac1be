"""What people do about one customer: note down a wish, log an opportunity, preview, export, erase."""

from __future__ import annotations

import secrets
from typing import Annotated, get_args
from urllib.parse import quote

import msgspec
from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from peakend.errors import PeakendError
from peakend.loop.desk import Desk
from peakend.model.account import AuditEntry
from peakend.model.vocabulary import used_channels
from peakend.tell.catalogue import CHANNELS
from peakend.tell.masked import masked_text
from peakend.tell.names import Names
from peakend.web.callers import Caller, needs
from peakend.web.house import Ours
from peakend.web.looking import Flash
from peakend.web.pages.customer import Remarks, back, known_of, nobody, show, show_profile
from peakend.web.pages.customers import no_pack
from peakend.web.person.changing import change, erased_as
from peakend.web.person.letters import previewed
from peakend.web.person.profile import names_known
from peakend.web.reader import looking_of, page
from peakend.why.held import Unknown, held
from peakend.wire.customers import Do, Wish

router = APIRouter(include_in_schema=False)
Colleague = Annotated[Caller, needs("frontline")]
Admin = Annotated[Caller, needs("admin")]
SOURCE = "desk"


@router.post("/customers/{customer}/wishes")
def wishes(
    request: Request,
    caller: Colleague,
    house: Ours,
    customer: str,
    do: Annotated[str, Form()] = "",
    what: Annotated[str, Form(max_length=200)] = "do_not_disturb",
    days: Annotated[str, Form(max_length=4)] = "",
) -> Response:
    """Note down what the customer asked for."""
    pack, now = house.pack(), house.clock()
    if pack is None:
        return no_pack(request, caller)
    known = {"do_not_disturb", *used_channels(pack), *pack.touchpoints, *pack.plays}
    wanted = next((one for one in get_args(Do) if one == do), None)
    if wanted is None or what not in known or (days and not days.isdecimal()):
        t = looking_of(request, caller).words
        return show_profile(request, caller, house, customer, remarks=Remarks(wish=t("customers.wish_wrong")))
    wish = Wish(do=wanted, what=what, days=int(days or 0))
    with house.store() as store:
        try:
            name = names_known(store, customer)[0][0]
        except Unknown as error:
            return nobody(request, caller, error)
        change(store, pack, name, wish, caller.name, now, source=SOURCE, id_=secrets.token_hex(16))
    return back(name, "saved")


@router.post("/customers/{customer}/opportunities")
def opportunities(
    request: Request,
    caller: Colleague,
    house: Ours,
    customer: str,
    text: Annotated[str, Form(max_length=4000)] = "",
    touchpoint: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Log a moment that a colleague has noticed."""
    pack, now = house.pack(), house.clock()
    if pack is None:
        return no_pack(request, caller)
    with house.store() as store:
        try:
            name = names_known(store, customer)[0][0]
        except Unknown as error:
            return nobody(request, caller, error)
        try:
            Desk(store, pack).spot(name, touchpoint, text, caller.name, now, secrets.token_hex(16))
        except PeakendError as error:
            return show_profile(
                request, caller, house, name, remarks=Remarks(text=error.text(caller.language))
            )
        store.record(AuditEntry(at=now, who=caller.name, what="opportunity.spotted", about=name))
    return back(name, "spotted")


@router.get("/customers/{customer}/preview")
def preview(
    request: Request,
    caller: Colleague,
    house: Ours,
    customer: str,
    name: Annotated[str, Query(max_length=200)] = "",
    channel: Annotated[str, Query(max_length=50)] = "",
) -> Response:
    """A text of the pack for this customer, addresses masked."""
    pack = house.pack()
    if pack is None:
        return no_pack(request, caller)
    with house.store() as store:
        try:
            found = known_of(store, house, pack, customer)
        except Unknown as error:
            return nobody(request, caller, error)
        looking = looking_of(request, caller)
        try:
            shown = previewed(
                store,
                pack,
                found.customer,
                name,
                sender=house.instance.sender,
                channel=channel if channel in used_channels(pack) else "",
                language="" if any(name == one for _, one in pack.texts) else caller.language,
            )
        except PeakendError as error:
            return show_profile(
                request,
                caller,
                house,
                found.customer,
                remarks=Remarks(flash=Flash(error.text(caller.language), "bad")),
            )
    t, names = looking.words, Names(pack)
    how = "sent" if shown.sent else "example" if shown.event else "bare"
    words = shown.words
    values = {
        "title": names.of(name).spoken(caller.language),
        "basis": t(
            f"customers.preview_{how}",
            at=f"{looking.zone.local(shown.instant):%Y-%m-%d %H:%M}",
            event=names.of(shown.event),
            channel=names.of(shown.channel, CHANNELS),
        ),
        "unknown": "、".join(words.unknown) if caller.language == "zh" else ", ".join(words.unknown),
        "subject": masked_text(words.subject, found.addresses),
        "text": masked_text(words.text, found.addresses),
    }
    return show(request, caller, "customers/preview.html", pack, found, values)


@router.post("/customers/{customer}/export")
def export(request: Request, caller: Admin, house: Ours, customer: str) -> Response:
    """Every row about this person, addresses in full, as a file; the record says who took it."""
    with house.store() as store:
        try:
            whole = held(store, customer, unmask=True)
        except Unknown as error:
            return nobody(request, caller, error)
        name = str(whole["customer"])
        store.record(AuditEntry(at=house.clock(), who=caller.name, what="customer.exported", about=name))
    body = msgspec.json.format(msgspec.json.encode(whole), indent=2)
    file = quote(f"{name}.json", safe="")
    headers = {"content-disposition": f"attachment; filename=\"customer.json\"; filename*=UTF-8''{file}"}
    return Response(body, media_type="application/json", headers=headers)


@router.post("/customers/{customer}/erase")
def erase(
    request: Request,
    caller: Admin,
    house: Ours,
    customer: str,
    confirm: Annotated[str, Form(max_length=600)] = "",
) -> Response:
    """Delete every row about this person, for whoever types the number."""
    t, now = looking_of(request, caller).words, house.clock()
    if confirm.strip() != customer:
        return show_profile(
            request, caller, house, customer, remarks=Remarks(erase=t("customers.erase_wrong", id=customer))
        )
    with house.store() as store:
        try:
            names_known(store, customer)
        except Unknown as error:
            return nobody(request, caller, error)
        rows = store.erase(customer, now, secrets.token_hex(16))
        store.record(AuditEntry(at=now, who=caller.name, what="customer.erased", about=erased_as(customer)))
    values = {
        "title": t("customers.erased_title"),
        "says": t("customers.erased_says", n=sum(rows.values())),
        "sign": "check",
        "href": "/customers",
        "action": t("customers.erased_back"),
    }
    return page(request, caller, "customers/none.html", values)
