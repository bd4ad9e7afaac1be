"""What an admin does to the keys of programs: makes one, whose text is told once, and revokes one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from peakend.errors import Missing, PeakendError
from peakend.model.account import SCOPES, ApiKey, AuditEntry, Scope, token_hash
from peakend.store import Store
from peakend.web.people.tokens import new_key

LONGEST: Final = 80
BY_KEY: Final = "key:"
"""Begins the name of a caller that is a key."""


def make(store: Store, label: str, scopes: Sequence[str], who: str, now: int) -> tuple[ApiKey, str]:
    """A new key, and its text, which nobody can tell a second time. Raises PeakendError."""
    label = " ".join(label.split())
    known: tuple[Scope, ...] = tuple(one for one in SCOPES if one in scopes)
    if not label or len(label) > LONGEST or not known or set(scopes) - set(SCOPES):
        raise PeakendError(
            "A key needs a name and scopes",
            fix=f"Say who uses it in at most {LONGEST} characters, and choose among {', '.join(SCOPES)}",
            what_zh="密钥需要名称和权限",
            fix_zh=f"请写明由谁使用（最多 {LONGEST} 字），并从 {'、'.join(SCOPES)} 中选择权限",
        )
    text, id_ = new_key()
    key = ApiKey(id=id_, hash=token_hash(text), label=label, scopes=known, who=who, made=now)
    entry = AuditEntry(at=now, who=who, what="key.made", about=id_, after=f"{label}: {', '.join(known)}")
    store.add_key(key, entry)
    return key, text


def revoke(store: Store, id_: str, who: str, now: int) -> ApiKey:
    """Let a key open nothing any more; one that was revoked stays as it is. Raises Missing."""
    found = next((one for one in store.api_keys() if one.id == id_), None)
    if found is None:
        raise Missing(
            f"There is no key '{id_[:80]}'",
            fix="GET /api/v1/keys lists all of them",
            what_zh=f"没有编号为“{id_[:80]}”的密钥",
            fix_zh="GET /api/v1/keys 可列出全部密钥",
        )
    store.revoke_key(id_, now, AuditEntry(at=now, who=who, what="key.revoked", about=id_, before=found.label))
    return next(one for one in store.api_keys() if one.id == id_)


def is_orphaned(store: Store, key: ApiKey) -> bool:
    """Whether the account of whoever made a key is disabled; a key's own keys are those of its maker."""
    who = key.who
    known: dict[str, str] = {}
    while who.startswith(BY_KEY):
        known = known or {one.id: one.who for one in store.api_keys()}
        who = known.pop(who.removeprefix(BY_KEY), "")
    account = store.account(who) if who else None
    return account is not None and account.disabled
