"""The one pass of `find`: sums over episodes, per bucket of customers, as Ibis expressions over tables.

Only grouped sums leave the engine, so the same expressions run in DuckDB or a warehouse, merge by addition,
and hold no customer. Nothing is estimated here (`ledger`), and nothing is executed: whoever has the
connection does that. The state of an encounter is one of four cells of its touchpoint, so an episode has as
many cells as it met touchpoints; everything else is linear algebra on small matrices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from peakend.errors import EvidenceError

Matrix = NDArray[np.float64]
Several = Literal["worst", "last", "peak"]
NEUTRAL, MAGICAL, MISERABLE, UNKNOWN = range(4)
STATES: Final = ("neutral", "magical", "miserable", "unknown")
NO_SEGMENT: Final = ""
_DIGITS = tuple((digit, value) for value, digit in enumerate("0123456789abcdef"))


class Column(NamedTuple):
    """One column of the design: its role (constant, segment, leniency, unrated, met, magical, miserable,
    unknown, outcome) and the segment or touchpoint that it is about."""

    role: str
    name: str = ""


class Grams(NamedTuple):
    """Sums of products of the columns, per bucket of customers; the outcome is the last column.

    `pooled` and `within` (deviations from each customer's own mean) have the shape (buckets, columns,
    columns); `rows` (columns,) counts the episodes in which a column is not 0, `repeaters` those of customers
    with several episodes only. `weight` is the sum of the episodes' weights.
    """

    columns: tuple[Column, ...]
    pooled: Matrix
    within: Matrix
    rows: Matrix
    repeaters: Matrix
    weight: float


def bucket_count(episodes: int, customers: int) -> int:
    """How many groups the jackknife deletes: 50, fewer where they would be too small (METHODS 4.3).

    Raises EvidenceError below 40 customers, where no interval can be relied upon.
    """
    if customers < 40:
        raise EvidenceError(
            f"{episodes} answers of {customers} customers are too few to tell anything",
            fix="At least 40 customers with an answer are needed, and some hundred for narrow intervals",
            what_zh=f"只有 {customers} 位客户的 {episodes} 份答卷，太少，说明不了什么",
            fix_zh="至少要有 40 位客户作答；想要窄一点的区间，需要几百位",
        )
    wanted = 50 if episodes >= 1000 else 20
    return min(wanted, customers // 8)


def with_buckets(episodes: ir.Table, buckets: int) -> ir.Table:
    """Episodes with their bucket: eight hex digits of md5(customer) modulo `buckets`, in any engine alike.

    `episodes` has episode, customer, outcome and, where known, segment, leniency and weight.
    """
    people = episodes.group_by("customer").aggregate(answers=episodes.count())
    digits = people.customer.cast("string").hexdigest("md5")
    number = sum(digits.substr(i, 1).cases(*_DIGITS, else_=0).cast("int64") * 16 ** (7 - i) for i in range(8))
    people = people.select("customer", repeats=people.answers > 1, bucket=(number % buckets).cast("int16"))
    known = set(episodes.columns)
    segment = episodes.segment.fill_null(NO_SEGMENT) if "segment" in known else ibis.literal(NO_SEGMENT)
    leniency: Any = episodes.leniency if "leniency" in known else None
    prepared = episodes.select(
        "episode",
        "customer",
        y=episodes.outcome.cast("float64"),
        segment=segment,
        w=episodes.weight.cast("float64") if "weight" in known else 1.0,
        l=0.0 if leniency is None else leniency.cast("float64").fill_null(0.0),
        m=0.0 if leniency is None else leniency.isnull().cast("float64"),
    )
    return prepared.join(people, "customer")


def cells(
    episodes: ir.Table, encounters: ir.Table, touchpoints: Sequence[str], several: Several = "worst"
) -> ir.Table:
    """One row for each touchpoint that an episode met: the cell is 4 x its number + its state.

    `encounters` has episode, touchpoint, state (-1, 0, 1, null where unknown) and, for 'last', at. Several
    encounters at one touchpoint count as one: as miserable if any was, else the best ('worst'), as magical
    if any was, else the worst ('peak'), or as the last whose state is known ('last').
    """
    numbers = encounters.touchpoint.cases(*((name, i) for i, name in enumerate(touchpoints)), else_=None)
    met = encounters.mutate(number=numbers.cast("int16"))
    met = met.filter(met.number.notnull())
    if several == "last":
        low = high = met.state.argmax(met.at, where=met.state.notnull())
    else:
        low, high = met.state.min(), met.state.max()
    known = met.group_by(["episode", "number"]).aggregate(low=low, high=high)
    bad, good = known.low < 0, known.high > 0
    first, second = (
        ((good, MAGICAL), (bad, MISERABLE)) if several == "peak" else ((bad, MISERABLE), (good, MAGICAL))
    )
    code = first[0].ifelse(first[1], second[0].ifelse(second[1], known.low.isnull().ifelse(UNKNOWN, NEUTRAL)))
    return known.select("episode", cell=(known.number * 4 + code).cast("int16")).join(episodes, "episode")


def sums(episodes: ir.Table, met: ir.Table, *, by_segment: bool = False) -> dict[str, ir.Table]:
    """The five grouped sums from which `assemble` makes the Grams; `episodes` and `met` best lie cached.

    `by_segment` keeps segments apart, for Grams of each; customers then count apart in each segment.
    """
    w, y, lenient, m = episodes.w, episodes.y, episodes.l, episodes.m
    group = ["bucket", "repeats", "segment"]
    whole = episodes.group_by(group).aggregate(
        rows=episodes.count(), n=w.sum(), y=(w * y).sum(), yy=(w * y * y).sum(), l=(w * lenient).sum(),
        ly=(w * lenient * y).sum(), ll=(w * lenient * lenient).sum(), m=(w * m).sum(),
        my=(w * m * y).sum(), unrated=m.sum(),
    )  # fmt: skip
    cw = met.w
    single = met.group_by([*group, "cell"]).aggregate(
        rows=met.count(), n=cw.sum(), y=(cw * met.y).sum(), l=(cw * met.l).sum(), m=(cw * met.m).sum()
    )
    apart = ["segment"] if by_segment else []
    other = met.select("episode", other="cell")
    both = met.join(other, "episode")
    both = both.filter(both.cell < both.other)
    pairs = both.group_by(["bucket", "repeats", *apart, "cell", "other"]).aggregate(n=both.w.sum())
    return {"whole": whole, "single": single, "pairs": pairs, **_between(episodes, met, apart)}


def _between(episodes: ir.Table, met: ir.Table, apart: list[str]) -> dict[str, ir.Table]:
    """Sums over customers with several episodes of (their sums) x (their sums) / (their weight)."""
    again = episodes.filter(episodes.repeats)
    person = again.group_by(["customer", "bucket", *apart]).aggregate(
        n=again.w.sum(), t=(again.w * again.y).sum()
    )
    of_all = person.group_by(["bucket", *apart]).aggregate(
        n=person.n.sum(), y=person.t.sum(), yy=(person.t**2 / person.n).sum()
    )
    seen = met.filter(met.repeats)
    each = seen.group_by(["customer", *apart, "cell"]).aggregate(k=seen.w.sum())
    each = each.join(person, ["customer", *apart])
    of_cell = each.group_by(["bucket", *apart, "cell"]).aggregate(
        n=each.k.sum(), y=(each.k * each.t / each.n).sum(), kk=(each.k**2 / each.n).sum()
    )
    other = each.select("customer", *apart, other="cell", k2="k")
    both = each.join(other, ["customer", *apart])
    both = both.filter(both.cell < both.other)
    of_pair = both.group_by(["bucket", *apart, "cell", "other"]).aggregate(
        n=(both.k * both.k2 / both.n).sum()
    )
    return {"customers": of_all, "customer_cells": of_cell, "customer_pairs": of_pair}


def assemble(
    found: Mapping[str, pa.Table], touchpoints: Sequence[str], segments: Sequence[str], buckets: int
) -> Grams:
    """The Grams from the executed `sums`; the first of `segments` is the reference."""
    inner = [Column("constant"), *(Column("segment", name) for name in segments[1:])]
    inner += [Column("leniency"), Column("unrated")]
    columns = [*inner, *(Column(state, name) for name in touchpoints for state in STATES), Column("outcome")]
    at = {column: index for index, column in enumerate(columns)}
    first, y = len(inner), len(columns) - 1
    sum_ = _Sums(columns, {name: at.get(Column("segment", name), 0) for name in segments}, first, at)
    pooled = np.zeros((2, buckets, y + 1, y + 1))
    rows = np.zeros((2, y + 1))
    for row in found["whole"].to_pylist():
        sum_.episodes(pooled[int(row["repeats"]), row["bucket"]], rows[int(row["repeats"])], row)
    for row in found["single"].to_pylist():
        sum_.cell(pooled[int(row["repeats"]), row["bucket"]], rows[int(row["repeats"])], row)
    pair = _columns(found["pairs"], "repeats", "bucket", "cell", "other", "n")
    np.add.at(pooled, (pair[0], pair[1], first + pair[2], first + pair[3]), pair[4])
    between = np.zeros((buckets, y + 1, y + 1))
    for row in found["customers"].to_pylist():
        of = between[row["bucket"]]
        of[0, 0] += row["n"]
        of[0, y] += row["y"]
        of[y, y] += row["yy"]
    bucket, cell, n, own, square = _columns(found["customer_cells"], "bucket", "cell", "n", "y", "kk")
    np.add.at(between, (bucket, 0, first + cell), n)
    np.add.at(between, (bucket, first + cell, y), own)
    np.add.at(between, (bucket, first + cell, first + cell), square)
    bucket, cell, other, n = _columns(found["customer_pairs"], "bucket", "cell", "other", "n")
    np.add.at(between, (bucket, first + cell, first + other), n)
    turned, names = _turned(columns, first)
    whole = np.stack([turned.T @ _both_halves(one) @ turned for one in (pooled[0], pooled[1], between)])
    counted = rows @ (turned != 0)
    return Grams(
        names, whole[0] + whole[1], whole[1] - whole[2], counted.sum(0), counted[1], whole[:2, :, 0, 0].sum()
    )


class _Sums:
    """Where the sums over episodes and cells belong in one half of a matrix; for `assemble` only."""

    def __init__(
        self, columns: Sequence[Column], segments: Mapping[str, int], first: int, at: Mapping[Column, int]
    ):
        self._segments, self._first, self._y = segments, first, len(columns) - 1
        self._l, self._m = at[Column("leniency")], at[Column("unrated")]

    def episodes(self, of: Matrix, rows: Matrix, row: Mapping[str, Any]) -> None:
        lenient, m, y = self._l, self._m, self._y
        for column in {0, self._segments.get(row["segment"], 0)}:
            of[0, column] += row["n"]
            of[column, lenient] += row["l"]
            of[column, m] += row["m"]
            of[column, y] += row["y"]
            of[column, column] += row["n"] if column else 0
            rows[column] += row["rows"]
        of[lenient, lenient] += row["ll"]
        of[lenient, y] += row["ly"]
        of[m, m] += row["m"]
        of[m, y] += row["my"]
        of[y, y] += row["yy"]
        rows[lenient] += row["rows"] - row["unrated"]
        rows[m] += row["unrated"]
        rows[y] += row["rows"]

    def cell(self, of: Matrix, rows: Matrix, row: Mapping[str, Any]) -> None:
        cell = self._first + row["cell"]
        for column in {0, self._segments.get(row["segment"], 0)}:
            of[column, cell] += row["n"]
        of[self._l, cell] += row["l"]
        of[self._m, cell] += row["m"]
        of[cell, cell] += row["n"]
        of[cell, self._y] += row["y"]
        rows[cell] += row["rows"]


def _columns(table: pa.Table, *names: str) -> list[Any]:
    found = (table.column(name).to_numpy(zero_copy_only=False) for name in names)
    return [one.astype(np.int64) if name in {"bucket", "cell", "other", "repeats"} else one.astype(np.float64)
            for name, one in zip(names, found, strict=True)]  # fmt: skip


def _both_halves(upper: Matrix) -> Matrix:
    turned = np.swapaxes(upper, -1, -2)
    return upper + turned - upper * np.eye(upper.shape[-1])


def _turned(columns: Sequence[Column], first: int) -> tuple[Matrix, tuple[Column, ...]]:
    """The map from cells (one of four states) to met, magical, miserable and unknown: met is their sum."""
    turn = np.eye(len(columns))
    names = list(columns)
    for neutral in range(first, len(columns) - 1, 4):
        turn[neutral : neutral + 4, neutral] = 1.0
        names[neutral] = Column("met", columns[neutral].name)
    return turn, tuple(names)
