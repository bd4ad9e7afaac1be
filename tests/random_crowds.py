"""Random crowds: several customers of one pack who share its budgets, some of them known by several names.

A seed is a pack of `random_packs` with a log in which customers act at the same instants, and in which some
turn out, through `customer.merged`, to have been one all along.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from random_logs import draw_log
from random_packs import Draw, typed

from peakend.model.event import Event
from peakend.model.pack import Pack
from peakend.when import format_instant

MERGED = "customer.merged"


@dataclass
class Crowd:
    """The log of a crowd as its sources told it, and the same log with everyone's final name."""

    seed: int
    pack: Pack
    told: list[Event]
    final: list[Event]
    until: int
    drawn: dict[str, Any]


def make_crowd(seed: int, budgeted: bool = True) -> Crowd:
    """Draw the crowd of a seed; without `budgeted` most packs have no budget."""
    grid = Draw(seed, budgeted)
    drawn = grid.draw()
    names: dict[str, str] = {}
    told: list[Event] = []
    for number in range(grid.pick((2, 3, 3))):
        known_as = [f"c{number}", f"b{number}", f"d{number}"][: grid.pick((1, 1, 2, 3))]
        names |= dict.fromkeys(known_as, known_as[0])
        for event in draw_log(grid, grid.declared, drawn["plays"], known_as[0]):
            event.customer = grid.pick(known_as)
            told.append(event)
        told += _merges(grid, known_as)
    told.sort(key=lambda event: event.seen)
    for seq, event in enumerate(told):
        event.seq, event.id = seq, str(seq)
    final = [msgspec.structs.replace(e, customer=names[e.customer]) for e in told if e.kind != MERGED]
    return Crowd(seed, typed(drawn), told, final, max(event.seen for event in told), drawn)


def as_written(event: Event) -> Event:
    """The event as a file of a log writes it: instants are texts there."""
    data = {
        name: format_instant(value) if name in ("moment", "until") else value
        for name, value in event.data.items()
    }
    return msgspec.structs.replace(event, data=data)


def _merges(grid: Draw, known_as: list[str]) -> list[Event]:
    """The second name turns out to be the first, the third to be the second or the first."""
    found = []
    for old, new in zip(known_as[1:], [known_as[0], grid.pick(known_as[:2])], strict=False):
        at = grid.instant(range(0, 30))
        data = {"from": old, "into": new}
        found.append(Event(grid.pick((old, new)), MERGED, at, at, 0, data))
    return found
