"""Random tokens, and what is derived from them, so that it need not be kept.

256 bits each; what is stored is their hash (`model/account.py`). A token that a browser holds is also the key
of what it must send back with a form: whoever can make a browser send a cookie cannot read it.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Final

from peakend.model.account import KEY_BEGINS

_LONGEST: Final = 200


def new_token() -> str:
    """A token of 256 random bits, as it stands in a link or a cookie."""
    return secrets.token_urlsafe(32)


def new_key() -> tuple[str, str]:
    """A key for a program, and the id by which people know it: its first letters, which open nothing."""
    text = secrets.token_hex(32)
    return f"{KEY_BEGINS}{text}", f"{KEY_BEGINS}{text[:6]}"


def derived(token: str, use: str) -> str:
    """What belongs to a token for one use: 256 bits from which the token cannot be told."""
    found = hmac.new(token.encode("utf-8", "surrogatepass"), use.encode(), sha256).digest()
    return urlsafe_b64encode(found).decode().rstrip("=")


def csrf_of(token: str) -> str:
    """What a form has to send back for a browser that holds a token."""
    return derived(token, "csrf")


def same(given: str, known: str) -> bool:
    """Whether two texts are one, in a time that tells nothing."""
    return hmac.compare_digest(
        given[:_LONGEST].encode("utf-8", "surrogatepass"), known.encode("utf-8", "surrogatepass")
    )
