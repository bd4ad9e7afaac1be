"""What may be written where the cursor stands, as `completion` finds it."""

from __future__ import annotations

from typing import NamedTuple

import msgspec


class Offer(NamedTuple):
    """One word that fits: what it is (key, value, kind, field, text, card, channel, role, name), and what it
    means in both languages ('' where nobody explains it)."""

    word: str
    what: str
    zh: str = ""
    en: str = ""


class Offers(msgspec.Struct, frozen=True):
    """What fits at the cursor. The word there reaches from column `begins` to `ends` of its line."""

    begins: int
    ends: int
    offers: list[Offer]
