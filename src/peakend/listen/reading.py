"""From rows of the log to events, typed as the pack declares: for a history and for tonight alike.

A row whose fields cannot be typed goes to quarantine with its id and reason; the others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec

from peakend.errors import Unusable
from peakend.listen.door import typer
from peakend.model.event import Event, FieldType
from peakend.model.log import Row
from peakend.model.pack import Pack
from peakend.model.vocabulary import declared_kinds, fields_of
from peakend.when import zone

Typer = Callable[[Mapping[str, Any]], dict[str, Any]]


class Refused(NamedTuple):
    """One event that could not be typed."""

    id: str
    customer: str
    kind: str
    reason: str


def typers(pack: Pack) -> dict[str, Typer]:
    """For every kind that the pack knows, the conversion of its fields."""
    at = zone(pack.head.zone)
    types: dict[str, dict[str, FieldType]] = {
        kind: dict(fields_of(pack, kind)) for kind in declared_kinds(pack)
    }
    for attribute in pack.head.customer.values():
        kind, _, field = attribute.from_.rpartition(".")
        types.setdefault(kind, {})[field] = attribute.type
    return {kind: typer(fields, at, kind) for kind, fields in types.items()}


class Reader:
    """Turns rows into events; `refused` collects what could not be used."""

    def __init__(self, pack: Pack, older: Iterable[Pack] = ()) -> None:
        """`older` packs, the newest first, type the kinds that the pack does not know any more."""
        self._typers = typers(pack)
        for one in older:
            self._typers = {**typers(one), **self._typers}
        self._decode = msgspec.json.Decoder(dict[str, Any]).decode
        self.refused: list[Refused] = []

    def customers(self, rows: Iterable[Row]) -> Iterator[tuple[str, Iterator[Event]]]:
        """Each customer with its events, both in the order of the rows."""
        for customer, own in groupby(rows, key=itemgetter(0)):
            yield customer, self.events(own)

    def events(self, rows: Iterable[Row]) -> Iterator[Event]:
        """The events of some rows."""
        for customer, kind, at, seen, seq, text, source, id_ in rows:
            try:
                data = self._decode(text) if text else {}
                convert = self._typers.get(kind)
                typed = convert(data) if convert else data
            except (Unusable, msgspec.DecodeError) as error:
                self.refused.append(Refused(id_, customer, kind, str(error)))
                continue
            yield Event(customer, kind, at, seen, seq, typed, source, id_)
