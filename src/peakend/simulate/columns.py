"""Columns of values that become text only when their rows are written.

A year of a big customer is kept as codes, numbers and instants; the JSON of an event exists for one slice of
rows at a time. That keeps memory flat and the writing in Arrow. Nothing is drawn here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from peakend.when import DAY, SECOND

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NEVER = np.iinfo(np.int64).min
"""The instant of what does not happen."""


class Column(Protocol):
    """Values of one field, a row each. `quoted` tells that JSON writes them between quotation marks."""

    @property
    def quoted(self) -> bool: ...

    def take(self, rows: Ints) -> Column:
        """The values of these rows."""
        ...

    def text(self) -> Any:
        """The values as an Arrow array of text, escaped as JSON needs it but without quotation marks."""
        ...


@dataclass(frozen=True)
class Words:
    """Words out of a small pool."""

    codes: Ints
    pool: tuple[str, ...]
    quoted: bool = True

    def take(self, rows: Ints) -> Words:
        return Words(self.codes[rows], self.pool, self.quoted)

    def text(self) -> Any:
        return pa.array([escaped(word) for word in self.pool], pa.string()).take(pa.array(self.codes))

    def among(self, words: Sequence[str]) -> Flags:
        """Which rows have one of these words."""
        wanted = np.array([word in words for word in self.pool], dtype=bool)
        return np.asarray(wanted[self.codes], dtype=bool)


@dataclass(frozen=True)
class Numbers:
    """Numbers, rounded to `decimals`; with a `width` they are parts of an id, padded with zeros."""

    values: Floats
    decimals: int = 0
    width: int = 0
    quoted: bool = False

    def take(self, rows: Ints) -> Numbers:
        return Numbers(self.values[rows], self.decimals, self.width)

    def text(self) -> Any:
        if self.decimals:
            return pa.array(np.round(self.values, self.decimals)).cast(pa.string())
        text = pa.array(np.rint(self.values).astype(np.int64)).cast(pa.string())
        return pc.utf8_lpad(text, self.width, "0") if self.width else text


@dataclass(frozen=True)
class Moments:
    """Instants, in microseconds UTC, to the second."""

    values: Ints
    quoted: bool = True

    def take(self, rows: Ints) -> Moments:
        return Moments(self.values[rows])

    def text(self) -> Any:
        text = pa.array((self.values // SECOND).astype("datetime64[s]")).cast(pa.string())
        return pc.binary_join_element_wise(pc.binary_replace_slice(text, 10, 11, "T"), "Z", "")


@dataclass(frozen=True)
class Days:
    """Dates, as days since 1970-01-01."""

    values: Ints
    quoted: bool = True

    def take(self, rows: Ints) -> Days:
        return Days(self.values[rows])

    def text(self) -> Any:
        return pa.array(self.values.astype("datetime64[D]")).cast(pa.string())


@dataclass(frozen=True)
class Joined:
    """Texts put together from fixed pieces and other columns."""

    parts: tuple[str | Column, ...]
    quoted: bool = True

    def take(self, rows: Ints) -> Joined:
        return Joined(tuple(part if isinstance(part, str) else part.take(rows) for part in self.parts))

    def text(self) -> Any:
        pieces = [escaped(part) if isinstance(part, str) else part.text() for part in self.parts]
        return pc.binary_join_element_wise(*pieces, "")


def as_json(fields: dict[str, Column], rows: int) -> Any:
    """Rows of fields as an Arrow array of JSON objects."""
    if not fields:
        return pa.array(["{}"], pa.string()).take(pa.array(np.zeros(rows, np.int64)))
    pieces: list[Any] = []
    glue = "{"
    for name, column in fields.items():
        mark = '"' if column.quoted else ""
        pieces += [f'{glue}"{escaped(name)}":{mark}', column.text()]
        glue = f"{mark},"
    pieces.append(f"{glue[:-1]}}}")
    return pc.binary_join_element_wise(*pieces, "")


def escaped(text: str) -> str:
    """A text as it stands inside the quotation marks of JSON."""
    return msgspec.json.encode(text).decode()[1:-1]


def days_of(walls: Ints) -> Ints:
    """The local days (since 1970-01-01) of local clock readings."""
    return walls // DAY
