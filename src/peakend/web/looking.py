"""Who looks at a page, and how: all that a template may know of its reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from peakend.model.account import Role
from peakend.tell.names import Names
from peakend.tell.said import Said
from peakend.web.locale import Words
from peakend.when import Instant, Zone

Theme = Literal["auto", "light", "dark"]
THEMES: tuple[Theme, ...] = ("auto", "light", "dark")
LANGUAGES = ("zh", "en")


NOTHING = Said("", "")


class Flash(NamedTuple):
    """What was just done, or went wrong: `tone` is good, bad, due or empty."""

    said: str
    tone: str = ""


@dataclass(frozen=True, kw_only=True)
class Looking:
    """One reader at one instant. `role` is None where nobody is signed in; `counts` is waiting by address."""

    language: str
    zone: Zone
    now: Instant
    path: str = "/"
    theme: Theme = "auto"
    role: Role | None = None
    name: str = ""
    csrf: str = ""
    pack: Said = NOTHING
    names: Names | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    flashes: tuple[Flash, ...] = ()

    @property
    def words(self) -> Words:
        """The words of the screens in the reader's language, with the pack's own names."""
        return Words(self.language, self.names)
