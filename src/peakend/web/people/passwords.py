"""Passwords: how they are kept, and which are refused.

A password is checked with Argon2 also where nobody has that name, so that an answer's time tells nothing; and
only a few at a time, as each takes 64 MB while it lasts.
"""

from __future__ import annotations

from functools import cache
from threading import BoundedSemaphore
from typing import Final

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from peakend.errors import PeakendError

SHORTEST: Final = 10
LONGEST: Final = 200
_AT_ONCE: Final = BoundedSemaphore(4)


class WeakPassword(PeakendError):
    """A new password that would not hold."""


def kept(password: str) -> str:
    """What is kept of a password."""
    with _AT_ONCE:
        return _hasher().hash(password.encode("utf-8", "surrogatepass"))


def fits(password: str, hash_: str) -> bool:
    """Whether a password is the one that was kept; with '' nothing fits, and it takes as long to say so."""
    given = password[: LONGEST + 1].encode("utf-8", "surrogatepass")
    with _AT_ONCE:
        try:
            fitting = _hasher().verify(given, hash_ or _nobodys())
        except UnknownHashError:
            _hasher().verify(given, _nobodys())
            return False
    return fitting and bool(hash_)


def check_new(password: str, name: str) -> None:
    """Raise WeakPassword for one that is too short, too long, one character again and again, or a name."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(
            f"A password has {SHORTEST} to {LONGEST} characters",
            fix="A few words that only you put together are easy to keep in mind",
            what_zh=f"密码长度应为 {SHORTEST} 到 {LONGEST} 个字符",
            fix_zh="用几个只有您会放在一起的词，既安全又好记",
        )
    if len(set(password)) < 4 or password.casefold() == name.casefold():
        raise WeakPassword(
            "This password is too easy to guess",
            fix="A few words that only you put together are easy to keep in mind",
            what_zh="这个密码太容易被猜到",
            fix_zh="用几个只有您会放在一起的词，既安全又好记",
        )


@cache
def _hasher() -> PasswordHash:
    return PasswordHash((Argon2Hasher(),))


@cache
def _nobodys() -> str:
    return _hasher().hash("a password that opens nothing")
