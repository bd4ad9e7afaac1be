"""People whom the log knows by several names: each name is folded alone until the names are joined.

The sorted log keeps a person's rows together, under the name that stays, with the joins among them; here each
row gets the name that it had at its time back. Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

import msgspec

from peakend.fold import CustomerState, Program, Purse, join, new_state, step
from peakend.listen.identity import Identities
from peakend.listen.reading import Reader
from peakend.model.event import JOINED, Event
from peakend.model.log import Row
from peakend.model.outcome import Output

Consume = Callable[[Iterable[Output]], None]

_PIECE = 4096
_decode = msgspec.json.Decoder(dict[str, Any]).decode


def people(reader: Reader, rows: Iterable[Any], apart: bool) -> Iterator[tuple[str, Iterator[Event]]]:
    """Each person with its events; `apart` says that the rows hold the names of their time and the joins."""
    if not apart:
        yield from reader.customers(rows)
        return
    for person, own in groupby(rows, key=itemgetter(0)):
        yield person, reader.events(named(own))


def named(rows: Iterable[Any]) -> Iterator[Row]:
    """Rows of persons, each person's in the order of its log, under the names that they had at that time."""
    known = Identities()
    for _, kind, at, seen, seq, data, source, id_, name in rows:
        if kind == JOINED:
            known.merge(_decode(data)["from"], name)
        yield known.of(name), kind, at, seen, seq, data, source, id_


def fold_person(
    program: Program,
    person: str,
    events: Iterable[Event],
    until: int,
    budgets: Purse | None,
    consume: Consume,
) -> CustomerState:
    """Fold one person's whole log in pieces, so that even the largest one needs little memory."""
    states: dict[str, CustomerState] = {}
    for (name, joins), piece in groupby(events, key=lambda one: (one.customer, one.kind == JOINED)):
        state = states[name] if name in states else states.setdefault(name, new_state(name))
        if joins:
            for event in piece:
                former = states.pop(event.data["from"], None) or new_state(event.data["from"])
                consume(join(program, state, former, event, budgets)[1])
        while some := list(islice(piece, _PIECE)):
            consume(step(program, state, some, None, budgets)[1])
    state = states.get(person) or new_state(person)
    consume(step(program, state, (), until, budgets)[1])
    return state
