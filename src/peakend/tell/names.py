"""What things are called: the pack's own words first, then the built-in ones, then the code as it stands.

A pack may rename any code that the report shows (`words:` in pack.yaml): kinds, fields, channels, roles,
reasons, exits. Nothing here may fail on an unknown code; it is shown as the author wrote it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from peakend.model.pack import Pack, Standard
from peakend.tell.catalogue import DIMENSIONS
from peakend.tell.fields import FIELDS
from peakend.tell.kinds import KINDS
from peakend.tell.said import Said, listed, titled

Table = Mapping[str, Said]


class Names:
    """The names of one pack; every method takes a code and returns it in both languages."""

    def __init__(self, pack: Pack) -> None:
        head = pack.head
        self._own = {code: titled(titles, code) for code, titles in head.words.items()}
        self._fields = {f"customer.{name}": titled(a.title, name) for name, a in head.customer.items()}
        self._fields |= {f"facts.{name}": titled(fact.title, name) for name, fact in pack.facts.items()}
        self._calendars = {name: titled(c.title, name) for name, c in head.calendars.items()}
        self._points = {name: titled(point.title, name) for name, point in pack.touchpoints.items()}
        self._standards = {
            (at, name): _standard_title(name, standard)
            for at, point in pack.touchpoints.items()
            for name, standard in point.standards.items()
        }
        self._plays = {name: titled(play.title, name) for name, play in pack.plays.items()}

    def of(self, code: str, table: Table | None = None) -> Said:
        """Return the pack's word for a code, else the table's (KINDS without one), else the code."""
        if code in self._own:
            return self._own[code]
        return (table or KINDS).get(code, Said(code, code))

    def all(self, codes: Iterable[str], table: Table | None = None) -> Said:
        """Return several codes as one enumeration of names."""
        return listed([self.of(code, table) for code in codes])

    def field(self, path: str) -> Said:
        """Return the name of a field as a reader knows it: its title, else its last word."""
        last = path.rsplit(".", 1)[-1]
        for name in (path, last):
            for known in (self._own, self._fields, FIELDS):
                if name in known:
                    return known[name]
        return Said(last.replace("_", " "), last.replace("_", " "))

    def calendar(self, name: str) -> Said:
        """Return the title of a calendar."""
        return self._calendars.get(name, Said(name, name))

    def touchpoint(self, name: str) -> Said:
        """Return the title of a touchpoint."""
        return self._points.get(name, Said(name, name))

    def standard(self, name: str, touchpoint: str) -> Said:
        """Return the title of a standard of a touchpoint; without one its dimension, and its id behind it."""
        return self._own.get(name) or self._standards.get((touchpoint, name), Said(name, name))

    def play(self, name: str) -> Said:
        """Return the title of a play."""
        return self._plays.get(name, Said(name, name))


def _standard_title(name: str, standard: Standard) -> Said:
    if standard.title:
        return titled(standard.title)
    dimension = DIMENSIONS.get(standard.dimension or "")
    return Said(f"{dimension.zh}（{name}）", f"{dimension.en} ({name})") if dimension else Said(name, name)
