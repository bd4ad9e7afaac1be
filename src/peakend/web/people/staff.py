"""Who works here, as colleagues see them: no hash, no secret, and when each was here last."""

from __future__ import annotations

import msgspec

from peakend.model.account import Account, Language, Role
from peakend.store import Store


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """An account as it is shown: `seen` is when it was last used, 0 where nobody is signed in with it now.

    `ways` are how it may be entered: password, oidc, wecom. `version` goes along with a change.
    """

    name: str
    shown: str
    email: str
    role: Role
    language: Language
    ways: list[str]
    disabled: bool
    made: int
    changed: int
    seen: int
    version: int


def people(store: Store, q: str = "", role: str = "", *, disabled: bool | None = None) -> list[Person]:
    """All people by name, or those who have a text in a name, a role, or a state."""
    wanted = q.strip().casefold()
    return [
        person(store, one)
        for one in store.accounts()
        if (not role or one.role == role)
        and (disabled is None or one.disabled is disabled)
        and (wanted in one.name or wanted in one.shown.casefold())
    ]


def person(store: Store, account: Account) -> Person:
    """One account as it is shown."""
    held = {"password": account.password, "oidc": account.oidc, "wecom": account.wecom}
    return Person(
        name=account.name,
        shown=account.shown,
        email=account.email,
        role=account.role,
        language=account.language,
        ways=[way for way, kept in held.items() if kept],
        disabled=account.disabled,
        made=account.made,
        changed=account.changed,
        seen=max((one.seen for one in store.sessions(account.name)), default=0),
        version=account.version,
    )
