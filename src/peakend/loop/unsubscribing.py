"""The address in a letter by which its reader asks for no more of them, and what the log then hears.

The token names customer and class and is signed, so that nobody can unsubscribe somebody else by guessing; it
opens nothing but that customer's choices about letters. Whoever serves the address shows a page on GET and
acts on POST (RFC 8058).
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from hashlib import sha256
from typing import Final

import msgspec

from peakend.model.stored import Arrival

LEAVES: Final[dict[str, tuple[str, str]]] = {
    "care": ("preference.set", "do_not_disturb"),
    "ask": ("preference.set", "do_not_disturb"),
    "marketing": ("consent.withdrawn", "marketing"),
}
"""What the log is told for a class. Mandatory and service letters cannot be unsubscribed from."""
ALL: Final = "choices"
"""In the place of a class: the address leads to all choices, and unsubscribes from nothing by itself."""


class Unsubscribing:
    """Makes and reads addresses under one `url`, signed with a `secret`."""

    def __init__(self, url: str, secret: str) -> None:
        self._url, self._secret = url.rstrip("/"), secret.encode()

    def address(self, customer: str, class_: str) -> str:
        """The address for a customer and a class of letters, or ALL; '' where the class has none."""
        if class_ not in LEAVES and class_ != ALL:
            return ""
        told = msgspec.json.encode([customer, class_])
        return f"{self._url}/{_text(told)}.{_text(self._mac(told))}"

    def whose(self, token: str) -> tuple[str, str] | None:
        """The customer and the class (or ALL) of a token; None where it was not signed here."""
        told, _, mac = token.partition(".")
        try:
            body, given = _bytes(told), _bytes(mac)
            if not hmac.compare_digest(given, self._mac(body)):
                return None
            return msgspec.json.decode(body, type=tuple[str, str])
        except (Error, ValueError, msgspec.MsgspecError):
            return None

    def arrival(self, token: str, now: int) -> Arrival | None:
        """The input that a token stands for; None where it was not signed here, or stands for none."""
        found = self.whose(token)
        if found is None or found[1] not in LEAVES:
            return None
        customer, class_ = found
        kind, what = LEAVES[class_]
        data = {"what": what} | ({"source": "unsubscribe"} if kind.startswith("consent") else {})
        text = msgspec.json.encode(data, order="sorted").decode()
        return Arrival("unsubscribe", f"{token.partition('.')[0]}|{now}", customer, kind, now, "", text)

    def _mac(self, told: bytes) -> bytes:
        return hmac.digest(self._secret, b"unsubscribe|" + told, sha256)[:18]


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
