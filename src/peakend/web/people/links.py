"""Links that work once: to set Peakend up, and to set a password where nobody knows the old one.

There is no password that everybody knows: the first admin comes by a link that `serve` shows to whoever
started it, everybody else by one that an admin hands over.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from msgspec.structs import replace

from peakend.errors import PeakendError, nearest
from peakend.model.account import ROLES, Account, AuditEntry, Language, Role, Token, token_hash
from peakend.store import Store
from peakend.web.people import passwords, sessions
from peakend.web.people.tokens import new_token

SECOND: Final = 1_000_000
DAY: Final = 24 * 3600 * SECOND
LONGEST_NAME: Final = 64
_ALSO: Final = "._-@+"


class Unfit(PeakendError):
    """A field of a form about a person cannot be taken; `field` names it."""

    def __init__(self, field: str, en: tuple[str, str], zh: tuple[str, str]) -> None:
        super().__init__(en[0], fix=en[1], what_zh=zh[0], fix_zh=zh[1])
        self.field = field


def set_up_path(store: Store, now: int) -> str | None:
    """The way to the first account, good for a day and in place of any before; None where there is one."""
    if store.accounts():
        return None
    store.drop_tokens("set-up", "")
    token = new_token()
    store.put_token(Token(hash=token_hash(token), purpose="set-up", about="", made=now, until=now + DAY))
    return f"/set-up/{token}"


def reset_path(store: Store, account: Account, who: str, now: int) -> str:
    """The way to a new password for an account, good for a day and in place of any before."""
    store.drop_tokens("reset", account.name)
    token = new_token()
    store.put_token(
        Token(hash=token_hash(token), purpose="reset", about=account.name, made=now, until=now + DAY)
    )
    store.record(AuditEntry(at=now, who=who, what="reset_link.made", about=account.name))
    return f"/reset/{token}"


def can_set_up(store: Store, token: str, now: int) -> bool:
    """Whether a link to the first account still works."""
    return store.token(token_hash(token), "set-up", now) is not None and not store.accounts()


def set_up(
    store: Store, token: str, name: str, shown: str, password: str, language: Language, now: int
) -> Account | None:
    """Make the first account, an admin; None where the link works no more.

    Raises Unfit and WeakPassword, and the link still works then.
    """
    made = new_account(name, shown, "admin", now, language=language)
    passwords.check_new(password, made.name)
    if store.accounts() or store.take_token(token_hash(token), "set-up", now) is None:
        return None
    entry = AuditEntry(at=now, who=made.name, what="account.added", about=made.name, after="role: admin")
    with_password = replace(made, password=passwords.kept(password))
    store.add_account(with_password, entry)
    return with_password


def whose_reset(store: Store, token: str, now: int) -> Account | None:
    """Whose password a link sets, while it works."""
    found = store.token(token_hash(token), "reset", now)
    account = store.account(found.about) if found else None
    return account if account and not account.disabled else None


def reset(store: Store, token: str, password: str, now: int) -> Account | None:
    """Set the password of whom the link was made for, and end all her sessions; None where it works no more.

    Raises WeakPassword, and the link still works then.
    """
    account = whose_reset(store, token, now)
    if account is None:
        return None
    passwords.check_new(password, account.name)
    if store.take_token(token_hash(token), "reset", now) is None:
        return None
    return sessions.change_password(store, account, password, account.name, now)


def new_account(
    name: str, shown: str, role: str, now: int, *, language: Language = "zh", email: str = ""
) -> Account:
    """An account as a person has described it, without a password. Raises Unfit."""
    login = sessions.login(unicodedata.normalize("NFKC", name))
    if not 1 <= len(login) <= LONGEST_NAME or not all(one.isalnum() or one in _ALSO for one in login):
        raise Unfit(
            "name",
            (f"A login has 1 to {LONGEST_NAME} letters, digits or any of . _ - @ +", "Write li.lei"),
            (f"登录名为 1 到 {LONGEST_NAME} 个字母、数字或 . _ - @ +", "例如 li.lei"),
        )
    called = " ".join(shown.split()) or login
    if len(called) > 80 or not called.isprintable():
        raise Unfit(
            "shown",
            ("A name is shown with at most 80 characters", "Write the name as colleagues say it"),
            ("显示姓名最多 80 个字符", "请填写同事平时称呼的姓名"),
        )
    return Account(
        name=login, shown=called, email=email, role=role_of(role), language=language, made=now, changed=now
    )


def role_of(text: str) -> Role:
    """A role by its word. Raises Unfit."""
    for role in ROLES:
        if role == text:
            return role
    known = ", ".join(ROLES)
    raise Unfit(
        "role",
        (f"There is no role '{text[:40]}'", f"{nearest(text, ROLES)} One of {known}".strip()),
        (f"没有“{text[:40]}”这个角色", f"可选：{known}"),
    )
