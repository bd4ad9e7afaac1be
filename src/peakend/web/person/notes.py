"""In-app messages: what waits for a customer to be shown in somebody's page, and the token that shows it.

The token is signed for one customer, and one of her people if it says so, by whoever knows the secret of the
instance: the service's own server, or Peakend for a program with a key. It opens these messages alone.
"""

from __future__ import annotations

from typing import Final

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from peakend.errors import Missing
from peakend.model.delivery import Severity
from peakend.model.stored import Note, NoteAct
from peakend.store import Store
from peakend.wire.inbox import Shown

FOR: Final = "peakend-notes"
"""The audience (`aud`) of a token."""
LONGEST: Final = 24 * 3600
"""Seconds that a token holds at most."""
LONGEST_TOKEN: Final = 4_000
_SECOND: Final = 1_000_000
_CONSOLE: Final = "console"
_MOST: Final = 50
"""Messages that are shown at once at most, the newest."""


class Bearer(msgspec.Struct, frozen=True, kw_only=True):
    """Whose messages a token opens: a customer's, or those of one of her people and those for all."""

    customer: str
    contact: str = ""


def signed(secret: str, customer: str, contact: str, until: int) -> str:
    """A token for a customer until an instant: a JWT, HS256, with sub, contact, exp and aud."""
    claims = {"sub": customer, "contact": contact, "exp": until // _SECOND, "aud": FOR}
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(secret))


def bearer_of(secret: str, token: str, now: int) -> Bearer | None:
    """Whose a token is; None where it was not signed with this secret, is over, or holds too long."""
    if len(token) > LONGEST_TOKEN:
        return None
    try:
        claims = jwt.decode(token, OctKey.import_key(secret), algorithms=["HS256"]).claims
    except (JoseError, ValueError, TypeError):
        return None
    until, seconds = claims.get("exp"), now // _SECOND
    customer, contact = claims.get("sub"), claims.get("contact", "")
    if claims.get("aud") != FOR or not isinstance(until, int | float) or isinstance(until, bool):
        return None
    if not seconds < until <= seconds + LONGEST or not customer:
        return None
    if not isinstance(customer, str) or not isinstance(contact, str):
        return None
    return Bearer(customer=customer, contact=contact)


def waiting(store: Store, who: Bearer, now: int) -> list[Shown]:
    """What is to be shown now, the oldest first: neither read nor past its time."""
    found = [
        one
        for name in store.names_of(who.customer)
        for one in store.notes(kind=_CONSOLE, customer=name, states=("new", "fetched"))
        if one.at <= now < one.until and _is_hers(one, who)
    ]
    return [_shown(one) for one in sorted(found, key=lambda one: one.at)[-_MOST:]]


def fetch(store: Store, shown: list[Shown], who: str, now: int) -> None:
    """They were shown: those that were not before are marked so."""
    for one in shown:
        if one.state == "new":
            store.act_on_note(NoteAct(send_key=one.note, at=now, who=who, what="fetched"))


def acknowledge(store: Store, who: Bearer, note: str, by: str, now: int) -> Shown:
    """Its reader has read it; again is harmless. Raises Missing where it is none of hers."""
    found = store.note(note)
    if (
        found is None
        or found.kind != _CONSOLE
        or found.customer not in store.names_of(who.customer)
        or not _is_hers(found, who)
    ):
        raise Missing(
            "There is no such message for this customer",
            place="body.note",
            fix="Take `note` from the list of messages",
            what_zh="这位客户没有这条消息",
            fix_zh="请使用消息列表给出的 note",
        )
    store.act_on_note(NoteAct(send_key=note, at=now, who=by, what="acknowledged"))
    return _shown(store.note(note) or found)


def _is_hers(note: Note, who: Bearer) -> bool:
    return not who.contact or note.who in ("", who.contact)


def _shown(one: Note) -> Shown:
    return Shown(
        note=one.send_key,
        at=one.at,
        until=one.until,
        subject=one.subject,
        body=one.body,
        severity=msgspec.convert(one.severity or "info", Severity),
        link=one.link,
        state="acknowledged"
        if one.state in ("acknowledged", "done")
        else "new"
        if one.state == "new"
        else "fetched",
    )
