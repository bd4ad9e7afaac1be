"""What an admin does to accounts: add, give a role, disable, tie to an identity; each is in the record."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from peakend.errors import Missing
from peakend.model.account import Account, AuditEntry, Language
from peakend.store import Overtaken, Store
from peakend.web.people.links import new_account, role_of
from peakend.web.people.sessions import login


def add(
    store: Store, name: str, shown: str, role: str, language: Language, who: str, now: int, email: str = ""
) -> Account:
    """A new account without a password; a link lets its owner set one. Raises Unfit, and StoreError."""
    made = new_account(name, shown, role, now, language=language, email=email)
    entry = AuditEntry(at=now, who=who, what="account.added", about=made.name, after=f"role: {made.role}")
    store.add_account(made, entry)
    return made


def give_role(store: Store, name: str, role: str, who: str, now: int, *, version: int = 0) -> Account:
    """Another role. Raises Unfit, StoreError where it would take the last admin away, and Overtaken, also
    where the account is not at the `version` that was looked at (0: whatever it is at)."""
    return _changed(store, name, "role", role_of(role), who, now, version)


def disable(
    store: Store, name: str, who: str, now: int, *, disabled: bool = True, version: int = 0
) -> Account:
    """Let an account open nothing any more, or open again. Raises as `give_role`."""
    return _changed(store, name, "disabled", disabled, who, now, version)


def tie(store: Store, name: str, who: str, now: int, *, oidc: str = "", wecom: str = "") -> Account:
    """Tie an account to an identity elsewhere, `ISSUER SUBJECT` or a userid. Raises as `give_role`."""
    if oidc:
        return _changed(store, name, "oidc", oidc, who, now)
    return _changed(store, name, "wecom", wecom, who, now)


def known(store: Store, name: str) -> Account:
    """The account of a name. Raises Missing where there is none."""
    found = store.account(login(name))
    if found is None:
        raise Missing(
            f"Nobody is called '{name[:80]}' here",
            fix="`peakend people list` shows every login",
            what_zh=f"没有登录名为“{name[:80]}”的账号",
            fix_zh="用 peakend people list 查看所有登录名",
        )
    return found


def _changed(
    store: Store, name: str, field: str, value: Any, who: str, now: int, version: int = 0
) -> Account:
    before = known(store, name)
    if version and version != before.version:
        raise Overtaken(
            f"Somebody else has changed the account '{before.name}' since it was read",
            fix="Look at it as it is now, and change it once more",
            what_zh=f"账号“{before.name}”在您查看之后被别人改过",
            fix_zh="请查看最新内容后再改一次",
        )
    was = getattr(before, field)
    if was == value:
        return before
    entry = AuditEntry(
        at=now, who=who, what="account.changed", about=before.name,
        before=f"{field}: {was}", after=f"{field}: {value}",
    )  # fmt: skip
    return store.save_account(replace(before, **{field: value}, changed=now), entry)
