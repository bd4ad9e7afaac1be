"""Somebody else vouches for a person: which account that is, with which role, or none."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from typing import Literal, NamedTuple

from msgspec.structs import replace

from peakend.errors import PeakendError
from peakend.model.account import ROLES, Account, AuditEntry, Role
from peakend.store import Store, StoreError
from peakend.web.people.links import Unfit, new_account

Why = Literal["silent", "refused", "unclear", "over"]

log = logging.getLogger("peakend.sign_in")


class NotVouched(PeakendError):
    """The provider did not vouch for anybody: it was silent, refused, could not be believed, or the way back
    came too late. The detail goes to the log, never to the page."""

    def __init__(self, why: Why, detail: str) -> None:
        super().__init__(f"not signed in: {detail}", what_zh=f"没有登录成功：{detail}")
        self.why = why
        log.warning("a provider vouched for nobody", extra={"why": why, "detail": detail})


class Vouched(NamedTuple):
    """Who somebody is, as a provider says: one of `oidc` and `wecom`, and what may name a new account."""

    oidc: str = ""
    wecom: str = ""
    login: str = ""
    shown: str = ""
    email: str = ""
    groups: frozenset[str] = frozenset()


def account_of(
    store: Store, who: Vouched, roles: Mapping[str, Role], otherwise: Role | None, now: int
) -> Account | None:
    """The account of whom a provider vouches for; None where nobody has given her one, or it is disabled.

    Where `roles` maps groups to roles, they decide at every sign-in: no such group, no way in. Somebody
    unknown gets an account only by them, or by `otherwise`, and never one that is there already.
    """
    known = store.account_of(oidc=who.oidc, wecom=who.wecom)
    role = role_of(who.groups, roles) if roles else None
    if known is not None:
        if known.disabled or (roles and role is None):
            return None
        return _with_role(store, known, role or known.role, now)
    given = role if roles else otherwise
    if given is None:
        return None
    return _made(store, who, given, now)


def role_of(groups: Collection[str], roles: Mapping[str, Role]) -> Role | None:
    """The greatest role that some groups give."""
    found = [role for group, role in roles.items() if group in groups]
    return max(found, key=ROLES.index, default=None)


def _with_role(store: Store, account: Account, role: Role, now: int) -> Account:
    if role == account.role:
        return account
    entry = AuditEntry(
        at=now, who="sign-in", what="account.changed", about=account.name,
        before=f"role: {account.role}", after=f"role: {role}",
    )  # fmt: skip
    return store.save_account(replace(account, role=role, changed=now), entry)


def _made(store: Store, who: Vouched, role: Role, now: int) -> Account | None:
    try:
        made = new_account(who.login or who.wecom, who.shown, role, now, email=who.email[:200])
    except Unfit:
        return None
    made = replace(made, oidc=who.oidc, wecom=who.wecom)
    entry = AuditEntry(at=now, who="sign-in", what="account.added", about=made.name, after=f"role: {role}")
    try:
        store.add_account(made, entry)
    except StoreError as error:
        log.warning("somebody unknown has the name of another account", extra={"why": error.what})
        return None
    return made
