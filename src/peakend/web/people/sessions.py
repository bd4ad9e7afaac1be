"""Signing in and out: from a name and a password, or a person somebody else vouches for, to a session.

Every sign-in draws a new token, whatever the browser held before; a session ends twelve hours after its last
use, and after seven days in any case.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from msgspec.structs import replace

from peakend.model.account import Account, AuditEntry, Session, Via, token_hash
from peakend.store import Store
from peakend.web.people import passwords
from peakend.web.people.tokens import new_token
from peakend.web.people.tries import BY_ADDRESS, BY_NAME, Bound, Tries

SECOND: Final = 1_000_000
IDLE: Final = 12 * 3600 * SECOND
ABSOLUTE: Final = 7 * 24 * 3600 * SECOND
_MINUTE: Final = 60 * SECOND


class From(NamedTuple):
    """Where somebody comes from: the address of the machine, and what its browser calls itself."""

    address: str
    browser: str


class Wait(NamedTuple):
    """Too many attempts: come back after so many seconds."""

    seconds: int


def by_password(
    store: Store, tries: Tries, name: str, password: str, origin: From, now: int
) -> Account | Wait | None:
    """Whose name and password these are; None where they are nobody's, whatever the reason."""
    name = login(name)
    by_name = Bound(f"name {name[:200]}", BY_NAME)
    by_address = Bound(f"address {origin.address}", BY_ADDRESS)
    if wait := tries.attempt([by_name, by_address], now):
        return Wait(-(-wait // SECOND))
    account = store.account(name)
    usable = account is not None and not account.disabled
    fitting = passwords.fits(password, account.password if account and usable else "")
    if account is None or not fitting:
        if account:
            store.record(
                AuditEntry(at=now, who=name, what="sign_in.refused", about=name, after=origin.address)
            )
        return None
    tries.forgive(by_name.key)
    tries.uncount(by_address.key)
    return account


def begin(store: Store, account: Account, via: Via, origin: From, now: int) -> str:
    """Open a session; what the browser is to hold."""
    token = new_token()
    session = Session(
        hash=token_hash(token),
        name=account.name,
        made=now,
        seen=now,
        until=now + ABSOLUTE,
        via=via,
        address=_clean(origin.address, 60),
        browser=_clean(origin.browser, 160),
    )
    entry = AuditEntry(at=now, who=account.name, what="session.opened", about=account.name, after=via)
    store.open_session(session, entry)
    return token


def current(store: Store, token: str, now: int) -> tuple[Session, Account] | None:
    """Whose session a token opens, if it is neither over nor idle for too long; its use is noted."""
    found = store.session(token_hash(token)) if token else None
    if found is None:
        return None
    session, account = found
    if account.disabled or now >= session.until or now - session.seen >= IDLE:
        return None
    if now - session.seen >= _MINUTE:
        store.touch_session(session.hash, now)
    return found


def end(store: Store, name: str, hashes: list[str] | None, who: str, now: int) -> int:
    """End sessions of a person, or with None all of them; how many."""
    return store.end_sessions(name, hashes, AuditEntry(at=now, who=who, what="session.ended", about=name))


def change_password(store: Store, account: Account, password: str, who: str, now: int) -> Account:
    """Set a new password and end all sessions. Raises WeakPassword, and Overtaken."""
    passwords.check_new(password, account.name)
    changed = replace(account, password=passwords.kept(password), changed=now)
    saved = store.save_account(
        changed, AuditEntry(at=now, who=who, what="password.changed", about=account.name)
    )
    end(store, account.name, None, who, now)
    return saved


def change_language(store: Store, account: Account, language: str, now: int) -> Account:
    """Set one's own language. Raises Overtaken."""
    entry = AuditEntry(
        at=now, who=account.name, what="account.changed", about=account.name,
        before=f"language: {account.language}", after=f"language: {language}",
    )  # fmt: skip
    return store.save_account(
        replace(account, language="en" if language == "en" else "zh", changed=now), entry
    )


def login(name: str) -> str:
    """A name as it is kept: one person does not become two by a capital letter."""
    return name.strip().casefold()


def _clean(text: str, longest: int) -> str:
    return "".join(one for one in text if one.isprintable())[:longest]
