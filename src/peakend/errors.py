"""Every way in which Peakend says no.

One family of errors, so that the command line can print any of them as it stands: what was wrong,
where it stands (file:line, row, event id), and the fix with an example. Nothing here prints or exits.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import NamedTuple


class Place(NamedTuple):
    """Where something stands: a file and a line in it (1-based; 0 when there is no line to name)."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class PeakendError(Exception):
    """Something the user can mend.

    `what` is one sentence without a final full stop, `place` names where it stands,
    `fix` says what to do, with an example where one helps. `what_zh` and `fix_zh` say the same in Chinese.
    """

    def __init__(
        self,
        what: str,
        *,
        place: Place | str | None = None,
        fix: str = "",
        what_zh: str = "",
        fix_zh: str = "",
    ) -> None:
        self.what = what
        self.place = Place(place) if isinstance(place, str) else place
        self.fix = fix
        self.what_zh = what_zh
        self.fix_zh = fix_zh
        super().__init__(str(self))

    def __str__(self) -> str:
        text = f"{self.place}: {self.what}" if self.place else self.what
        return f"{text}. {self.fix}" if self.fix else text

    def text(self, language: str = "en") -> str:
        """The error as one line in 'en' or 'zh'; in English where nobody has said it in Chinese yet."""
        if language != "zh" or not self.what_zh:
            return str(self)
        text = f"{self.place}: {self.what_zh}" if self.place else self.what_zh
        return f"{text}。{self.fix_zh}" if self.fix_zh else text


class Missing(PeakendError):
    """There is nothing of the name that was asked for."""


class PackError(PeakendError):
    """A pack cannot be used as it stands."""


class ConditionError(PeakendError):
    """A condition does not parse, names something undeclared, or compares unlike types."""


class TimeError(PeakendError):
    """A duration, time of day, date, zone or calendar cannot be read."""


class TextError(PeakendError):
    """A text or card cannot be filled in for one customer: which piece, where it stands, and why."""


class SourceError(PeakendError):
    """A source mapping or the file it reads cannot be used at all."""


class EvidenceError(PeakendError):
    """The data cannot carry the answer that was asked of it: what is missing, and what would be needed."""


class ChannelError(PeakendError):
    """A channel is not set up as it should be, or what it keeps for us cannot be read."""


class Unusable(PeakendError):
    """One row or event cannot be used: it goes to quarantine with this as its reason."""


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word closest to `word` as a hint sentence, or '' when none is close."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"Did you mean '{close[0]}'?" if close else ""
