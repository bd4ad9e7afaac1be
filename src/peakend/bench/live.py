"""The live loop over a file: how many events a second it makes durable, decides and plans, and what slows it.

Each function is called in a process of its own. Making arrivals is not on the clock; taking them in, folding,
timers, and every commit are. Only the public face of the loop is used, as whoever embeds it would.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from itertools import groupby, islice
from operator import attrgetter
from pathlib import Path
from typing import Final

import numpy as np

from peakend.bench.log import START
from peakend.bench.meter import Meter, memory_mb
from peakend.bench.stream import BATCH, arrivals, in_batches, lanes, live_service, moves, sleepers, things
from peakend.bench.work import Measured, compared, measured, sloping
from peakend.fold import CustomerState, compile_program, new_state, step
from peakend.listen.reading import Reader
from peakend.loop import Loop
from peakend.model.outcome import Verdict
from peakend.store import Store, open_store
from peakend.when import DAY

PACE: Final = 200
"""Microseconds between two arrivals where no timer shall come due meanwhile: 5,000 a second."""
ORDINARY: Final = 1_000
"""Customers beside the one with many lanes."""
_SET_UP: Final = 5_000
_SAMPLES: Final = 100
_TABLE: Final = """CREATE TABLE bare (source TEXT, id TEXT, customer TEXT, kind TEXT, at INTEGER,
                   subject TEXT, data TEXT, PRIMARY KEY (source, id)) WITHOUT ROWID"""


def bare(log: Path, of: str) -> list[Measured]:
    """The two baselines: the same rows inserted by SQLite alone, and the same events folded by the fold
    alone, with every state at hand."""
    return [_inserted(log, f"SQLite inserts, {of}"), _folded(log, f"bare fold, {of}")]


def follow(log: Path, name: str, peers: list[Measured]) -> Measured:
    """A whole log through the loop at its own instants, timers included, on a file."""
    inserts, fold = peers
    with closing(open_store(str(log.with_suffix(".db")))) as store:
        events, woken, meter = 0, 0, Meter()
        loop = _loop(store)
        for batch in in_batches(arrivals(log)):
            with meter:
                loop.ingest(batch, batch[-1].at)
                woken += loop.tick(batch[-1].at)
            events += len(batch)
        cost = meter.cost()
        note = (
            f"{BATCH} events a commit, {woken / events:.2f} wake-ups and {_planned(store) / events:.2f} "
            f"deliveries an event; {cost.seconds / fold.seconds:.1f} times the {fold.name}"
        )
        return compared(measured(name, events, cost, note), inserts)


def remember(log: Path, name: str) -> Measured:
    """The same, watching memory: what it grows by once the caches are full."""
    with closing(open_store(str(log.with_suffix(".db")))) as store:
        events, sizes, meter = 0, list[tuple[int, float]](), Meter()
        loop = _loop(store)
        for number, batch in enumerate(in_batches(arrivals(log))):
            with meter:
                loop.ingest(batch, batch[-1].at)
                loop.tick(batch[-1].at)
            events += len(batch)
            if number % _SAMPLES == 0:
                sizes.append((events, memory_mb()))
        later = np.array(sizes[len(sizes) // 3 :])
        slope = float(np.polyfit(later[:, 0] / 1e6, later[:, 1], 1)[0])
        note = f"{slope:+.1f} MB a million events over the last two thirds of {events:,}"
        return sloping(measured(name, events, meter.cost(), note), slope)


def wait(log: Path, waiting: int) -> list[Measured]:
    """Arrivals while nobody waits, the same while many customers wait, and all of these coming due."""
    found = list[Measured]()
    for number in (0, waiting):
        with closing(open_store(str(log.with_name(f"waiting-{number}.db")))) as store:
            loop = _loop(store, contacts_known=False)
            for batch in in_batches(sleepers(number), _SET_UP):
                loop.ingest(batch, START)
            meter, events = Meter(), 0
            for batch in in_batches(things(log, PACE)):
                with meter:
                    loop.ingest(batch, batch[-1].at)
                events += len(batch)
            name = f"arrivals while {number:,} timers wait"
            found.append(measured(name, events, meter.cost(), f"{BATCH} events a commit"))
            if number:
                found[-1] = compared(found[-1], found[0])
                found.append(_ring(loop, store, waiting))
    return found


def crowd(log: Path, number: int, events: int) -> list[Measured]:
    """Ordinary customers alone, and beside one who has many lanes open and moves one in every batch."""
    found = list[Measured]()
    for open_lanes in (0, number):
        with closing(open_store(str(log.with_name(f"lanes-{open_lanes}.db")))) as store:
            loop, meter, folded = _loop(store, contacts_known=False), Meter(), 0
            for batch in in_batches(lanes(open_lanes), _SET_UP):
                loop.ingest(batch, START)
            beside = moves(open_lanes)
            for batch in in_batches(islice(things(log, PACE), events)):
                batch += [one for one in [next(beside, None)] if one]
                with meter:
                    loop.ingest(batch, batch[0].at)
                folded += BATCH
            what = f"beside one with {open_lanes:,} open lanes" if open_lanes else "alone"
            note = f"{BATCH} events a commit" + (
                ", and one event of the one with many lanes" * bool(open_lanes)
            )
            found.append(measured(f"{ORDINARY:,} customers {what}", folded, meter.cost(), note))
    return [found[0], compared(found[1], found[0])]


def _loop(store: Store, *, contacts_known: bool = True) -> Loop:
    loop = Loop(store, live_service(), contacts_known=contacts_known)
    loop.own(START - DAY)
    return loop


def _planned(store: Store) -> int:
    return sum(store.message_counts().values())


def _ring(loop: Loop, store: Store, waiting: int) -> Measured:
    """Half a day later, everything that waits is due."""
    before, meter = _planned(store), Meter()
    with meter:
        woken = loop.tick(START + DAY // 2)
    note = f"{woken:,} customers woken, {_planned(store) - before:,} deliveries planned"
    return measured(f"{waiting:,} timers come due", woken, meter.cost(), note)


def _inserted(log: Path, name: str) -> Measured:
    events, meter = 0, Meter()
    with closing(sqlite3.connect(log.with_suffix(".bare"), isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(_TABLE)
        for batch in in_batches(arrivals(log)):
            rows = [(o.source, o.id, o.customer, o.kind, o.at, o.subject, o.data) for o in batch]
            with meter:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany("INSERT INTO bare VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
                connection.execute("COMMIT")
            events += len(batch)
    return measured(name, events, meter.cost(), f"{BATCH} rows a commit, synchronous=FULL")


def _folded(log: Path, name: str) -> Measured:
    pack = live_service()
    program, reader = compile_program(pack), Reader(pack)
    states, found = dict[str, CustomerState](), Counter[bool]()
    events, last, meter = 0, 0, Meter()
    for batch in in_batches(arrivals(log)):
        rows = [
            (one.customer, one.kind, one.at, one.at, events + place, one.data, one.source, one.id)
            for place, one in enumerate(batch)
            if one.kind in program.kinds
        ]
        events, last = events + len(batch), batch[-1].at
        with meter:
            typed = sorted(reader.events(rows), key=attrgetter("customer", "seq"))
            for who, own in groupby(typed, key=attrgetter("customer")):
                state = states.get(who) or new_state(who)
                states[who], outputs = step(program, state, [*own])
                found.update(isinstance(one, Verdict) for one in outputs)
    with meter:
        for state in states.values():
            found.update(isinstance(one, Verdict) for one in step(program, state, [], last)[1])
    note = f"{found[True] / events:.2f} verdicts an event, every state at hand"
    return measured(name, events, meter.cost(), note)
