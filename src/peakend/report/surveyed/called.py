"""What things of a survey are called, and its numbers as a reader meets them.

The same words stand in a terminal, a notebook and on the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from peakend.model.finding import Estimate, Remark
from peakend.model.scale import Note, Unit
from peakend.report.figures import points, signed
from peakend.report.sentences import say
from peakend.tell.catalogue import DIMENSIONS
from peakend.tell.said import Said, listed

ALL = "all"
"""The one wave of a survey that names none."""


class Called(NamedTuple):
    """The titles of a service, its survey, the overall score, the items and the promises that are asked
    about; a missing one is its id.
    """

    service: Said = Said("", "")
    survey: Said = Said("", "")
    outcome: Said = Said("", "")
    items: Mapping[str, Said] = {}
    promises: Mapping[str, Said] = {}

    def item(self, name: str) -> Said:
        """The title of an item."""
        return self.items.get(name, Said(name, name))

    def about(self, name: str) -> Said:
        """What a gap is about: a promise or a dimension."""
        return self.promises.get(name) or dimension(name)

    def quoted(self, names: Iterable[str]) -> Said:
        """Several items as one enumeration, each in quotation marks in Chinese."""
        return listed([Said(f"“{one.zh}”", one.en) for one in map(self.item, names)])


def wave(name: str) -> Said:
    """A wave as it is called; a survey without waves has all its sheets in one."""
    return say("survey_all") if name == ALL else Said(name, name)


def at_wave(name: str) -> Said:
    """A wave at the head of a sentence."""
    return say("survey_at_all") if name == ALL else say("survey_at_wave", wave=name)


def dimension(name: str) -> Said:
    """The name of a SERVQUAL dimension."""
    return DIMENSIONS.get(name, Said(name, name))


def remark(one: Remark | Note) -> Said:
    """A remark in both languages."""
    return Said(one.zh, one.en)


def change_of(unit: Unit, number: float, *, plus: bool = True) -> Said:
    """A difference in its unit, with its sign unless told otherwise: −8.8 points, +2.1 percentage points."""
    digits = 2 if unit == "mean" else 1
    number = 100 * number if unit == "share" else number
    shown = signed(number, digits) if plus else f"{abs(number):.{digits}f}"
    return say("survey_share_points" if unit == "share" else "survey_points", value=shown)


def bounds(unit: Unit, low: float, high: float) -> tuple[str, str]:
    """The ends of the interval of a difference, with their signs."""
    digits, times = (2 if unit == "mean" else 1), (100 if unit == "share" else 1)
    return signed(times * low, digits), signed(times * high, digits)


def percent(part: float) -> str:
    """A share of one in percent with one decimal."""
    return f"{100 * part:.1f}%"


def mean(found: Estimate | None) -> str:
    """A mean with two decimals; '–' where there is none."""
    return "–" if found is None else points(found.estimate, 2)


def interval(found: Estimate | None) -> str:
    """The interval of a mean; '' where there is none."""
    return "" if found is None else f"{points(found.low, 2)}…{points(found.high, 2)}"
