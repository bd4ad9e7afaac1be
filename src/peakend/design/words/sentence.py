"""The shape of one entry of the catalogue; a sentence carries no final full stop."""

from __future__ import annotations

from typing import NamedTuple

from peakend.model.problem import Severity


class Sentence(NamedTuple):
    """What is wrong and what to do, in English and Chinese, with {names} for the values."""

    severity: Severity
    what: str
    what_zh: str
    fix: str = ""
    fix_zh: str = ""
