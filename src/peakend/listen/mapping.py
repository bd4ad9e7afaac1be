"""A source mapping in use: the columns that it reads, and where in the mapping it says so.

A mapping arrives here typed and checked against its pack; nothing here judges it again or opens a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from peakend.errors import Place
from peakend.model.pack import Pack
from peakend.model.parts import as_list
from peakend.model.problem import Path
from peakend.model.source import NOBODY, SourceFile

BRACES = re.compile(r"\{([^{}]+)\}")


class Source(NamedTuple):
    """A mapping together with where it stands, so that an error about a column can name its line."""

    name: str
    rules: SourceFile
    pack: Pack

    def place(self, *path: str | int) -> Place:
        """The place of a node such as ('events', 0, 'at'), or of the nearest thing around it."""
        return self.pack.place("sources", self.name, *path)


class Use(NamedTuple):
    """A column that a mapping reads, and where in the mapping it says so."""

    column: str
    path: Path


def sources_of(pack: Pack) -> list[Source]:
    """The mappings of a pack, in the order of their names."""
    return [Source(name, rules, pack) for name, rules in sorted(pack.sources.items())]


def placeholders(name: str) -> list[str]:
    """The columns of a name: of 'HOUSE' itself, of '{street} {house}' the two in braces."""
    return BRACES.findall(name) if "{" in name else [name]


def uses(rules: SourceFile) -> Iterator[Use]:
    """Every column that the mapping reads, with its place; columns that lookups bring included."""
    for key in ("customer", "subject", "id"):
        names = as_list(getattr(rules, key))
        if key == "customer" and names == [NOBODY]:
            continue
        for name in names:
            yield from (Use(column, (key,)) for column in placeholders(name))
    for name, lookup in rules.lookups.items():
        yield Use(lookup.on or lookup.key, ("lookups", name, "on" if lookup.on else "key"))
    for number, event in enumerate(rules.events):
        at: Path = ("events", number)
        if event.at:
            yield Use(event.at, (*at, "at"))
        if event.seen:
            yield Use(event.seen, (*at, "seen"))
        yield from (Use(column, (*at, "when", column)) for column in event.when)
        for name in event.fields:
            columns = placeholders(event.field(name).column)
            yield from (Use(column, (*at, "fields", name)) for column in columns)


def looked_up(rules: SourceFile) -> set[str]:
    """The columns that do not stand in the file itself."""
    return {column for lookup in rules.lookups.values() for column in lookup.columns}
