"""A log of any length for the measured service, made column by column, so that it is there in seconds.

It is drawn from a seed: the same shape is the same log, byte for byte. It lies in the order of time, as logs
do, not in the order of customers. Memory does not grow with its length.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from peakend.bench.service import PASSING, THINGS, WORDS, ZONES
from peakend.model.log import LOG_SCHEMA
from peakend.when import DAY, HOUR, SECOND, parse_instant

Ints = NDArray[np.int64]

EVENTS_EACH = 200
"""Events of a customer in the year, on average."""

START = parse_instant("2025-01-01T00:00:00Z")
"""The first instant of the year of a log."""

ACQUAINTANCE = ("customer.updated", "contact.set", "consent.given", "preference.set")
"""What says who the customers are, before all else."""

_YEAR = 365 * DAY
_LASTS = 36 * HOUR
_CHUNK = 250_000
_STAGES = ("opened", "moved", "closed")
_KINDS = [*(f"{thing}.{stage}" for stage in _STAGES for thing in THINGS), *PASSING]
_PASSING = len(_KINDS) - len(PASSING)


class Shape(NamedTuple):
    """What a log shall be like: the share of events that matter, the share of these that open or close
    something (the others move it), and the share of all that one customer has."""

    events: int
    relevant: float = 0.25
    turning: float = 0.9
    whale: float = 0.0
    seed: int = 2025


class _Rows(NamedTuple):
    """Some events: instants, customers, places in _KINDS, and the numbers of the things they are about."""

    at: Ints
    customer: Ints
    kind: Ints
    about: Ints

    def take(self, chosen: Any) -> _Rows:
        return _Rows(*(column[chosen] for column in self))


def write_log(path: Path, shape: Shape) -> None:
    """Write the log of a shape; who the customers are stands before the first day of the year."""
    rng = np.random.default_rng(shape.seed)
    customers = customers_of(shape)
    written = 0
    with pq.ParquetWriter(path, LOG_SCHEMA, compression="zstd") as file:
        for columns in _acquaintances(rng, customers):
            file.write_batch(_batch(written, columns))
            written += len(columns["at"])
        relevant = max(round(shape.relevant * shape.events) - written, 0)
        for rows in _year(rng, shape, customers, shape.events - written, relevant):
            file.write_batch(_batch(written, _columns(rng, rows)))
            written += len(rows.at)


def customers_of(shape: Shape) -> int:
    """How many customers a log of this shape has."""
    return max(shape.events // EVENTS_EACH, 20)


def _year(
    rng: np.random.Generator, shape: Shape, customers: int, events: int, relevant: int
) -> Iterator[_Rows]:
    """The events of the year, a window of time after the other; what stays open is closed in a later one."""
    chunks = -(-events // _CHUNK)
    open_ = _Rows(*(np.zeros(0, np.int64) for _ in range(4)))
    for number in range(chunks):
        number_of, wanted = (_part(whole, number, chunks) for whole in (events, relevant))
        window = (START + _YEAR * number // chunks, START + _YEAR * (number + 1) // chunks)
        closing = np.flatnonzero(open_.at < window[1])[:wanted]
        turning = max(round(shape.turning * wanted) - len(closing), 0)
        opened, closed = _things(rng, _drawn(rng, shape, customers, window, turning // 2))
        soon = closed.at < window[1]
        moved = _moved(rng, opened, closed, window, wanted - len(closing) - len(soon) - int(soon.sum()))
        passing = _drawn(rng, shape, customers, window, number_of - wanted)
        passing = passing._replace(kind=rng.integers(_PASSING, len(_KINDS), len(passing.at)))
        yield _in_time([open_.take(closing), opened, moved, closed.take(soon), passing])
        kept = np.delete(np.arange(len(open_.at)), closing)
        open_ = _joined([open_.take(kept), closed.take(~soon)])


def _part(whole: int, number: int, parts: int) -> int:
    """How many of `whole` fall into one of so many parts; together they are all."""
    return whole * (number + 1) // parts - whole * number // parts


def _things(rng: np.random.Generator, opened: _Rows) -> tuple[_Rows, _Rows]:
    """Give every opening its kind and its closing, which may lie after the window."""
    thing = rng.integers(0, len(THINGS), len(opened.at))
    lasts = rng.exponential(_LASTS, len(thing)).astype(np.int64) + SECOND
    closed = opened._replace(kind=thing + 2 * len(THINGS), at=opened.at + lasts)
    return opened._replace(kind=thing), closed


def _moved(
    rng: np.random.Generator, opened: _Rows, closed: _Rows, window: tuple[int, int], number: int
) -> _Rows:
    """Moves of the things of a window, between their opening and their closing."""
    which = rng.integers(0, len(opened.at), number)
    between = (rng.random(number) * (closed.at - opened.at)[which]).astype(np.int64)
    at = np.minimum(opened.at[which] + between, window[1] - 1)
    return opened.take(which)._replace(at=at, kind=opened.kind[which] + len(THINGS))


def _drawn(
    rng: np.random.Generator, shape: Shape, customers: int, window: tuple[int, int], number: int
) -> _Rows:
    whose = rng.integers(0, customers, number)
    # A share that everybody has is drawn above already; the whale is neither first nor last to be folded.
    beyond = max(shape.whale * customers - 1, 0) / (customers - 1)
    whose[rng.random(number) < beyond] = customers // 2
    at = rng.integers(*window, number)
    return _Rows(at, whose, np.zeros(number, np.int64), rng.integers(0, 1 << 40, number))


def _joined(parts: list[_Rows]) -> _Rows:
    return _Rows(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _in_time(parts: list[_Rows]) -> _Rows:
    rows = _joined(parts)
    return rows.take(np.argsort(rows.at, kind="stable"))


def _columns(rng: np.random.Generator, rows: _Rows) -> dict[str, Any]:
    """Kinds and fields of some events as Arrow columns."""
    number = len(rows.at)
    numbers = _decimals(rng.integers(0, 1000, number))
    word = _among(WORDS, rng.integers(0, len(WORDS), number))
    day = pa.array(((rows.at // DAY) + rng.integers(4, 40, number)).astype("datetime64[D]")).cast(pa.string())
    about = pa.array(rows.about).cast(pa.string())
    told = _join('{"ref":"r', about, '","n":', numbers, ',"word":"', word, '","day":"', day, '"}')
    passing = _join('{"page":"p', about, '","ms":', numbers, "}")
    return {
        "at": rows.at,
        "customer": rows.customer,
        "kind": _among(_KINDS, rows.kind),
        "data": pc.if_else(pa.array(rows.kind < _PASSING), told, passing),
    }


def _acquaintances(rng: np.random.Generator, customers: int) -> Iterator[dict[str, Any]]:
    """Who the customers are: tier and zone, an address, and of some a consent or a refusal."""
    whose = np.arange(customers)
    tier = _among(("key", *("plus",) * 7, *("basic",) * 12), rng.integers(0, 20, customers))
    zone = _among(ZONES, rng.integers(0, len(ZONES), customers))
    yield _set("customer.updated", whose, _join('{"tier":"', tier, '","zone":"', zone, '"}'))
    channel = _among(("fax", *("email",) * 30, *("sms",) * 9), rng.integers(0, 40, customers))
    agrees = _among(("false", *("true",) * 19), rng.integers(0, 20, customers))
    address = _join(
        '{"contact":"a","role":"owner","address":"b","channel":"', channel, '","consent":', agrees, "}"
    )
    yield _set("contact.set", whose, address)
    opted_in = np.flatnonzero(rng.random(customers) < 0.4)
    yield _set("consent.given", opted_in, _same('{"what":"marketing","source":"form"}', len(opted_in)))
    refuses = np.flatnonzero(rng.random(customers) < 0.03)
    yield _set("preference.set", refuses, _same('{"what":"do_not_disturb"}', len(refuses)))


def _set(kind: str, whose: Ints, data: Any) -> dict[str, Any]:
    return {
        "at": np.full(len(whose), START - DAY),
        "customer": whose,
        "kind": _same(kind, len(whose)),
        "data": data,
    }


def _batch(first: int, columns: dict[str, Any]) -> Any:
    number = len(columns["at"])
    places = pa.array(np.arange(first, first + number))
    at = pa.array(columns["at"]).cast(LOG_SCHEMA.field("happened_at").type)
    return pa.record_batch(
        [
            _join("e", places.cast(pa.string())),
            _join("c", pc.utf8_lpad(pa.array(columns["customer"]).cast(pa.string()), 7, "0")),
            columns["kind"],
            at,
            at,
            _same("bench", number),
            pa.nulls(number, pa.string()),
            columns["data"],
            places,
        ],
        schema=LOG_SCHEMA,
    )


def _decimals(thousandths: Ints) -> Any:
    return _join("0.", pc.utf8_lpad(pa.array(thousandths).cast(pa.string()), 3, "0"))


def _among(pool: Any, places: Ints) -> Any:
    return pa.array(pool, pa.string()).take(pa.array(places))


def _same(text: str, number: int) -> Any:
    return pa.repeat(pa.scalar(text, pa.string()), number)


def _join(*pieces: Any) -> Any:
    return pc.binary_join_element_wise(*pieces, "")
