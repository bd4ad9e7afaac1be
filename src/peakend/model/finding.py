"""What every finding is made of: a number with its interval and its n, and a sentence in both languages.

A number without an interval has no place here. Where none can be stood behind, the field is None and a
remark says what is missing and what would be needed.
"""

from __future__ import annotations

import msgspec


class Estimate(msgspec.Struct, frozen=True):
    """A number, the ends of its 95 % interval, and how many units (mostly customers) it rests on."""

    estimate: float
    low: float
    high: float
    n: int


class Remark(msgspec.Struct, frozen=True):
    """One sentence about a finding in both languages; `code` names it for programs."""

    code: str
    zh: str
    en: str

    def spoken(self, language: str) -> str:
        """Return the sentence in 'zh' or 'en'."""
        return self.zh if language == "zh" else self.en
