"""How fast moments of truth are found: from tables of answers and encounters to everything that is told.

The tables are drawn from a seed: twelve touchpoints, five encounters before an answer, a quarter of the
states unknown, two and a half answers a customer, four segments. Folding a log into such tables is what
`backtest` measures.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from peakend.bench.meter import Meter
from peakend.bench.work import Measured, compared, measured
from peakend.identify.grams import Column, Grams
from peakend.identify.ledger import fit
from peakend.identify.shares import lmg
from peakend.moments import explain
from peakend.tables import connect
from peakend.tables.frames import analyst, parquet

TOUCHPOINTS: Final = tuple(f"touchpoint-{i:02}" for i in range(12))
ITEMS: Final = 15
BUCKETS: Final = 50
_PIECE: Final = 200_000
_SEED: Final = 7
_MET: Final = np.linspace(0.1, 0.74, len(TOUCHPOINTS))


def write_tables(folder: Path, answers: int) -> tuple[Path, Path]:
    """Write `answers` answers and five times as many encounters; return the two files."""
    draw, names = np.random.default_rng(_SEED), pa.array(TOUCHPOINTS)
    paths = folder / "answers.parquet", folder / "met.parquet"
    writers: list[pq.ParquetWriter] = []
    for first in range(0, answers, _PIECE):
        n = min(_PIECE, answers - first)
        met = draw.random((n, len(TOUCHPOINTS))) < _MET
        row, column = np.nonzero(met)
        state = draw.choice(np.array([-1, 0, 1]), len(row), p=[0.15, 0.65, 0.2])
        felt = np.bincount(row, state * (1 + column % 3), n)
        tables = (
            pa.table(
                {
                    "episode": np.arange(first, first + n),
                    "customer": [f"c{one}" for one in draw.integers(0, max(answers * 2 // 5, 1), n)],
                    "outcome": 6 + felt + draw.normal(0, 1.5, n),
                    "segment": [f"s{one}" for one in draw.integers(0, 4, n)],
                }
            ),
            pa.table(
                {
                    "episode": row + first,
                    "touchpoint": names.take(pa.array(column)),
                    "state": pa.array(state.astype(np.int8), mask=draw.random(len(row)) < 0.25),
                }
            ),
        )
        writers = writers or [pq.ParquetWriter(p, t.schema) for p, t in zip(paths, tables, strict=True)]
        for writer, table in zip(writers, tables, strict=True):
            writer.write_table(table)
    for writer in writers:
        writer.close()
    return paths


def read_by_join(answers: Path, met: Path) -> Measured:
    """DuckDB alone reads both tables, joins them, and adds up one figure a touchpoint."""
    connection = connect(answers.parent)
    query = f"""SELECT "touchpoint", count(*), sum("outcome") FROM '{met}' JOIN '{answers}' USING ("episode")
                GROUP BY 1"""
    with (meter := Meter()):
        rows = connection.execute(query).fetchall()
    return measured("DuckDB join of answers and encounters", sum(row[1] for row in rows), meter.cost(), "")


def find_in_tables(answers: Path, met: Path, peer: Measured) -> Measured:
    """Everything from the two tables to the drivers, the ranks and the ledger."""
    backend = analyst(connect(answers.parent))
    with (meter := Meter()):
        found = explain(parquet(backend, [answers]), parquet(backend, [met]), TOUCHPOINTS, segment="segment")
    encounters = sum(one.encounters for one in found.touchpoints)
    note = f"{found.episodes:,} answers of {found.customers:,} customers, {found.mode}"
    return compared(measured("find", encounters, meter.cost(), note), peer)


def solve_replicates() -> Measured:
    """The regression and its fifty replicates, from sums alone."""
    draw, width = np.random.default_rng(_SEED), 4 * len(TOUCHPOINTS) + 2
    rows = (draw.random((BUCKETS, 400, width)) < 0.3).astype(np.float64)
    rows[:, :, 0] = 1.0
    grams = np.einsum("bni,bnj->bij", rows, rows)
    roles = ("met", "magical", "miserable", "unknown")
    columns = (Column("constant"), *(Column(r, t) for t in TOUCHPOINTS for r in roles), Column("outcome"))
    counts = rows.sum((0, 1))
    with (meter := Meter()):
        fit(Grams(columns, grams, grams, counts, counts, float(counts[0])), within=False)
    return measured(f"{BUCKETS} replicates solved", BUCKETS, meter.cost(), f"{width} columns")


def share_out() -> Measured:
    """The exact shares of fifteen survey items in what they explain: all subsets of them."""
    draw = np.random.default_rng(_SEED).normal(size=(5_000, ITEMS + 1))
    draw[:, -1] += draw[:, :-1].sum(1)
    correlation = np.asarray(np.corrcoef(draw.T), dtype=np.float64)
    with (meter := Meter()):
        lmg(correlation)
    return measured(f"LMG of {ITEMS} items", 2**ITEMS, meter.cost(), "events are subsets of items")
