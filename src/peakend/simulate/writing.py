"""Writing a simulated log: the events of a block in the order of their arrival, as Parquet.

Duplicates and late arrivals are made here, from seeds of their own, so that the same events lie beneath a
log with and without them. JSON is made for one slice of rows at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from peakend.model.log import LOG_SCHEMA
from peakend.simulate.checking import Declared
from peakend.simulate.columns import Column, Ints, as_json
from peakend.simulate.episodes import Batch
from peakend.simulate.people import People
from peakend.simulate.spans import between, ordinal

_SLICE = 131_072
_LATE = ("PT1H", "P6D")
_AGAIN = ("PT1M", "P2D")


class Faults(NamedTuple):
    """Shares of events that arrive late, and that arrive twice."""

    late: float = 0.0
    duplicates: float = 0.0


class Log:
    """The file being written, and what it holds so far."""

    def __init__(self, path: Path, declared: Declared, faults: Faults) -> None:
        # A log with duplicates has not passed the door yet, so it does not carry the mark of one that has.
        schema = LOG_SCHEMA.remove_metadata() if faults.duplicates else LOG_SCHEMA
        self._writer = pq.ParquetWriter(
            path, schema, compression="zstd", use_dictionary=["customer", "kind", "source", "subject"]
        )
        self._declared, self._faults = declared, faults
        self.kinds: dict[str, int] = {}
        self.events = self.late = self.duplicates = 0
        self.first: int | None = None
        self.last: int | None = None

    def close(self) -> None:
        self._writer.close()

    def write(self, people: People, batches: Sequence[Batch], rng: np.random.Generator) -> int:
        """Write the events of one block; return how many there are, duplicates included."""
        if not batches:
            return 0
        rows = _Rows(people, batches)
        order, seen = self._arrivals(rows, rng)
        for low in range(0, len(order), _SLICE):
            part = order[low : low + _SLICE]
            self._writer.write_batch(self._slice(people, batches, rows, part, seen[low : low + _SLICE]))
        self._count(batches, rows, order)
        return len(order)

    def _arrivals(self, rows: _Rows, rng: np.random.Generator) -> tuple[Ints, Ints]:
        """The places of the rows in the order in which they were seen, and when that was."""
        places = np.arange(len(rows.at))
        late = rng.random(len(places)) < self._faults.late
        delays = np.where(late, between(rng, _LATE, len(places)), 0)
        seen = rows.at + delays
        twice = np.flatnonzero(rng.random(len(places)) < self._faults.duplicates)
        again = seen[twice] + between(rng, _AGAIN, len(twice))
        places, seen = np.concatenate([places, twice]), np.concatenate([seen, again])
        order = np.lexsort((places, seen))
        self.late += int(late.sum())
        self.duplicates += len(twice)
        return places[order], seen[order]

    def _slice(
        self, people: People, batches: Sequence[Batch], rows: _Rows, part: Ints, seen: Ints
    ) -> pa.RecordBatch:
        """One slice of rows as a record batch: each batch makes its JSON, then all are put in order."""
        batch = rows.batch[part]
        order = np.argsort(batch, kind="stable")
        present, firsts = np.unique(batch[order], return_index=True)
        texts = [
            self._json(batches[place], rows.place[part[chosen]])
            for place, chosen in zip(present, np.split(order, firsts[1:]), strict=True)
        ]
        back = np.empty(len(part), np.int64)
        back[order] = np.arange(len(part))
        ids = people.ids.take(rows.customer[part]).text()
        nobody = pa.nulls(len(part), pa.string())
        numbers = pa.array(rows.number[part]).cast(pa.string())
        at = self.events
        self.events += len(part)
        return pa.record_batch(
            [
                pc.binary_join_element_wise(ids, numbers, "-"),
                nobody if people.subjects else ids,
                _words([each.kind for each in batches], batch),
                pa.array(rows.at[part]).cast(LOG_SCHEMA.field("happened_at").type),
                pa.array(seen).cast(LOG_SCHEMA.field("seen_at").type),
                _words([each.table.episode.source for each in batches], batch),
                ids if people.subjects else nobody,
                pa.concat_arrays(texts).take(pa.array(back)),
                pa.array(np.arange(at, at + len(part), dtype=np.int64)),
            ],
            schema=LOG_SCHEMA,
        )

    def _json(self, batch: Batch, places: Ints) -> Any:
        """The data of some events of a batch: the fields that its kind declares, as far as they are known."""
        rows = batch.rows[places]
        fields: dict[str, Column] = {}
        for name in self._declared[batch.kind]:
            if name in batch.own:
                fields[name] = batch.own[name].take(places)
            elif name in batch.table.fields:
                fields[name] = batch.table.fields[name].take(rows)
        return as_json(fields, len(places))

    def _count(self, batches: Sequence[Batch], rows: _Rows, order: Ints) -> None:
        each = np.bincount(rows.batch[order], minlength=len(batches))
        for batch, number in zip(batches, each.tolist(), strict=True):
            self.kinds[batch.kind] = self.kinds.get(batch.kind, 0) + number
        first, last = int(rows.at.min()), int(rows.at.max())
        self.first = first if self.first is None else min(self.first, first)
        self.last = last if self.last is None else max(self.last, last)


class _Rows:
    """All events of a block in the order in which they happened."""

    def __init__(self, people: People, batches: Sequence[Batch]) -> None:
        at = np.concatenate([batch.at for batch in batches])
        order = np.argsort(at, kind="stable")
        lengths = [len(batch.at) for batch in batches]
        self.at = at[order]
        self.batch = np.repeat(np.arange(len(batches)), lengths)[order]
        self.place = np.concatenate([np.arange(length) for length in lengths])[order]
        self.customer = np.concatenate([batch.table.customer[batch.rows] for batch in batches])[order]
        self.number = ordinal(self.customer) + 1


def _words(pool: list[str], codes: Ints) -> Any:
    return pa.array(pool, pa.string()).take(pa.array(codes))
