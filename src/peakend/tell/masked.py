"""Addresses as their owners know them again, and nobody else: 138****1234, a***@example.com."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Final

_SHOWN: Final = 4
_DIGITS: Final = re.compile(r"\+?[\d ()-]{7,}")
_IN_TEXT: Final = re.compile(
    r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+|"
    r"(?<![\w-])(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}(?![\w-])|"
    r"(?<!\w)\+\d{1,3}[ -]?\d(?:[ -]?\d){6,12}(?!\w)"
)


def masked(address: str) -> str:
    """An address as its owner knows it again, and nobody else: 138****1234, a***@example.com."""
    name, at, host = address.partition("@")
    if at:
        return f"{name[:1]}***@{host}"
    if _DIGITS.fullmatch(address):
        return f"{address[:3]}****{address[-_SHOWN:]}"
    return f"{address[:1]}***"


def masked_in(value: Any, addresses: Collection[str]) -> Any:
    """A value, or all that a list or a dict holds, with some addresses masked wherever they stand."""
    if isinstance(value, dict):
        return {masked_in(name, addresses): masked_in(one, addresses) for name, one in value.items()}
    if isinstance(value, list):
        return [masked_in(one, addresses) for one in value]
    if not isinstance(value, str):
        return value
    if value in addresses:
        return masked(value)
    for address in addresses:
        if len(address) > _SHOWN:  # a shorter one would be found within other words
            value = value.replace(address, masked(address))
    return value


def masked_text(text: str, addresses: Collection[str] = ()) -> str:
    """A text with known addresses masked, and whatever else looks like a mail address or a phone number."""
    shown: str = masked_in(text, sorted(addresses, key=len, reverse=True))
    return _IN_TEXT.sub(lambda found: masked(found[0]), shown)
