"""The log as the live loop gets it: arrivals in batches, in the order of time; and customers who only wait.

A log lasts a year. A loop that follows its instants has a year of timers come due in a minute; one that is
given a pace has none come due at all. Memory does not grow with the length of the log.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import dropwhile, islice, takewhile
from pathlib import Path
from typing import Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from peakend.bench.log import ACQUAINTANCE, START
from peakend.bench.service import service
from peakend.model.pack import Pack
from peakend.model.stored import Arrival
from peakend.when import MINUTE

BATCH: Final = 100
"""Arrivals that share a commit."""
_READ: Final = 10_000
_COLUMNS: Final = ("source", "id", "customer", "kind", "happened_at", "data")
_THING: Final = '{{"day":"2025-12-01","n":0.9,"ref":"{}","word":"urgent"}}'


def live_service(*, at_once: bool = False) -> Pack:
    """The measured service as it runs live; `at_once` has its follow-ups decided with the event itself."""
    pack, plays = service(), {}
    for name, play in pack.plays.items():
        steps = play.steps
        if at_once and name.endswith("-afterwards"):
            due = {"after": "PT0S"}
            steps = [msgspec.convert(msgspec.to_builtins(one) | {"due": due}, type(one)) for one in steps]
        plays[name] = msgspec.structs.replace(play, steps=steps)
    return msgspec.structs.replace(pack, plays=plays)


def arrivals(log: Path) -> Iterator[Arrival]:
    """The arrivals of a log at its own instants."""
    for batch in pq.ParquetFile(log, pre_buffer=False).iter_batches(_READ, columns=[*_COLUMNS]):
        columns = {name: batch.column(name) for name in _COLUMNS}
        columns["happened_at"] = columns["happened_at"].cast(pa.int64())
        for source, id_, customer, kind, at, data in zip(
            *(columns[name].to_pylist() for name in _COLUMNS), strict=True
        ):
            yield Arrival(source, id_, customer, kind, at, "", data)


def acquaintances(log: Path) -> Iterator[Arrival]:
    """What says who the customers are, which stands first in a log."""
    return takewhile(lambda one: one.kind in ACQUAINTANCE, arrivals(log))


def things(log: Path, pace: int | None = None) -> Iterator[Arrival]:
    """All that comes after it, at its own instants or `pace` microseconds after one another from START."""
    found = dropwhile(lambda one: one.kind in ACQUAINTANCE, arrivals(log))
    if pace is None:
        return found
    return (msgspec.structs.replace(one, at=START + place * pace) for place, one in enumerate(found))


def in_batches(stream: Iterator[Arrival], size: int = BATCH) -> Iterator[list[Arrival]]:
    """Some arrivals at a time."""
    while batch := list(islice(stream, size)):
        yield batch


def sleepers(number: int) -> Iterator[Arrival]:
    """So many customers who open something each, and then wait for half a day."""
    for one in range(number):
        at = START - one % MINUTE
        yield Arrival("sleepers", f"s{one}", f"s{one:07}", "trial.opened", at, "", _THING.format(f"s{one}"))


def lanes(number: int) -> Iterator[Arrival]:
    """One customer opens so many things, and closes none of them."""
    for one in range(number):
        yield Arrival("lanes", f"l{one}", "lanes", "contract.opened", START, "", _THING.format(f"l{one}"))


def moves(number: int) -> Iterator[Arrival]:
    """The same customer moves one of its things after the other, so many times."""
    for one in range(number):
        yield Arrival("lanes", f"m{one}", "lanes", "contract.moved", START, "", _THING.format(f"l{one}"))
