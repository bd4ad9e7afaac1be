"""What the three stores do alike about accounts: refusals, and nouns into rows and back.

Nothing here touches a database.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec.structs import astuple

from peakend.model.account import SCOPES, Account, ApiKey, AuditEntry, AuditQuery
from peakend.store.base import Overtaken, StoreError
from peakend.store.refusals import unstorable
from peakend.store.rows import Row, as_stored, storable

ACCOUNT: Final = ", ".join(Account.__struct_fields__)
MOST: Final = 1_000
"""Entries of the record in one answer, at most."""


def check_account(account: Account) -> None:
    """Refuse what no database can hold."""
    check_texts(*(one for one in astuple(account) if isinstance(one, str)))


def check_key(key: ApiKey) -> None:
    """Refuse what no database can hold."""
    check_texts(key.id, key.hash, key.label, key.who)


def check_texts(*texts: str) -> None:
    """Refuse what no database can hold."""
    for text in texts:
        if "\0" in text or storable(text) != text:
            raise unstorable(texts)


def account_from(row: Sequence[Any]) -> Account:
    """An account from its columns."""
    found = dict(zip(Account.__struct_fields__, row, strict=True))
    return Account(**(found | {"disabled": bool(found["disabled"])}))


def key_row(key: ApiKey) -> Row:
    """A row of the keys."""
    return (key.id, key.hash, key.label, " ".join(key.scopes), key.who, key.made, key.used, key.revoked)


def key_from(row: Sequence[Any]) -> ApiKey:
    """A key from its columns; a scope of another version of Peakend opens nothing."""
    id_, hash_, label, scopes, *rest = row
    known = tuple(one for one in SCOPES if one in scopes.split())
    who, made, used, revoked = rest
    return ApiKey(
        id=id_, hash=hash_, label=label, scopes=known, who=who, made=made, used=used, revoked=revoked
    )


def entry_row(entry: AuditEntry) -> Row:
    """A row of the record, without its number."""
    *fields, _number = astuple(as_stored(entry))  # the record must never be what fails
    return tuple(fields)


def page_of(query: AuditQuery) -> int:
    """How many entries an answer holds at most."""
    return max(1, min(query.limit, MOST))


def taken(account: Account) -> StoreError:
    return StoreError(
        f"the name '{storable(account.name)}', or its identity in WeCom or at the provider, belongs to "
        "another account",
        fix="Choose another name, or change the account that is there",
        what_zh=f"登录名“{storable(account.name)}”，或其企业微信、统一登录身份，已属于另一个账号",
        fix_zh="请换一个登录名，或修改已有的账号",
    )


def key_taken(key: ApiKey) -> StoreError:
    return StoreError(
        f"there is a key '{storable(key.id)}' already",
        fix="Make it anew: its id is drawn by chance",
        what_zh=f"密钥“{storable(key.id)}”已存在",
        fix_zh="请重新生成，编号是随机的",
    )


def overtaken(account: Account) -> Overtaken:
    return Overtaken(
        f"somebody else has changed the account '{storable(account.name)}' meanwhile",
        fix="Look at it as it is now, then change it again",
        what_zh=f"账号“{storable(account.name)}”刚刚被其他人修改过",
        fix_zh="请查看最新内容后再修改",
    )


def no_admin_left() -> StoreError:
    return StoreError(
        "nobody would be left who may administer Peakend",
        fix="Make somebody else an admin first",
        what_zh="这样一来就没有可用的管理员了",
        fix_zh="请先把另一个账号设为管理员",
    )


def rules(account: Account) -> bool:
    """Whether somebody can administer Peakend with this account."""
    return account.role == "admin" and not account.disabled
