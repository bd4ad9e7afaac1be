"""Answer sheets as columns: one float a cell, one whole number a wave and a cluster, and no Python object
kept.

A sheet is never changed here: codes for "not applicable" and blanks stay what they are until a scale is
known. What is no number at all is counted by column, and refused with an example before anything is averaged.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from peakend.errors import EvidenceError, Place

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Texts = NDArray[np.str_]


class Sheets(NamedTuple):
    """All sheets of a survey: `columns` field -> number or NaN, shape (n,).

    `wave` and `cluster`, shape (n,), are places in `waves` (in their order in time) and `clusters`;
    `customers` counts the different ones. `unnamed` sheets were left out because they name no wave, `refused`
    because an event could not be typed.
    """

    columns: dict[str, Floats]
    wave: Ints
    waves: tuple[str, ...]
    cluster: Ints
    clusters: Texts
    customers: int
    unnamed: int = 0
    refused: int = 0

    def of(self, field: str | None) -> Floats:
        """A column; NaN throughout where there is none of that name."""
        found = self.columns.get(field or "")
        return np.full(len(self.wave), np.nan) if found is None else found

    def of_wave(self, name: str) -> NDArray[np.bool_]:
        """Which sheets are of a wave."""
        return np.asarray(self.wave == self.waves.index(name))


class Collected:
    """Sheets while they are read, one after the other."""

    def __init__(self, fields: Iterable[str]) -> None:
        self._columns = {field: array("d") for field in fields}
        self._odd: dict[str, tuple[int, str]] = {}
        self._wave, self._cluster = array("q"), array("q")
        self._waves: dict[str, int] = {}
        self._first: dict[str, int] = {}
        self._clusters: dict[str, int] = {}
        self._customers, self._last = 0, ""
        self.unnamed = 0

    def __len__(self) -> int:
        return len(self._wave)

    def add(self, values: Mapping[str, Any], wave: str, at: int, cluster: str, customer: str) -> None:
        """Take one sheet, all of one customer one after the other; one that names no wave is only counted."""
        if not wave:
            self.unnamed += 1
            return
        for field, column in self._columns.items():
            column.append(self._number(field, values.get(field)))
        self._wave.append(self._waves.setdefault(wave, len(self._waves)))
        self._first[wave] = min(at, self._first.get(wave, at))
        self._cluster.append(self._clusters.setdefault(cluster, len(self._clusters)))
        self._customers += customer != self._last
        self._last = customer

    def sheets(self, refused: int = 0) -> Sheets:
        """All of them; EvidenceError where a column holds what is no number."""
        refuse_odd(self._odd)
        order = sorted(self._waves, key=lambda name: (self._first[name], natural(name)))
        place = np.zeros(len(order), dtype=np.int64)
        for new, name in enumerate(order):
            place[self._waves[name]] = new
        return Sheets(
            {field: np.frombuffer(column, dtype=np.float64) for field, column in self._columns.items()},
            place[np.frombuffer(self._wave, dtype=np.int64)],
            tuple(order),
            np.frombuffer(self._cluster, dtype=np.int64),
            np.array(list(self._clusters), dtype=np.str_),
            self._customers,
            self.unnamed,
            refused,
        )

    def _number(self, field: str, value: Any) -> float:
        if value is None or value == "":
            return float("nan")
        try:
            return float(value)
        except (TypeError, ValueError):
            count, example = self._odd.get(field, (0, str(value)))
            self._odd[field] = count + 1, example
            return float("nan")


def natural(name: str) -> tuple[tuple[int, float, str], ...]:
    """The order of names with numbers in them: 9 before 10, 2017-2 before 2017-11."""
    parts = re.split(r"(\d+)", name)
    return tuple((0, float(part), "") if part.isdigit() else (1, 0.0, part) for part in parts if part)


def refuse_odd(odd: Mapping[str, tuple[int, str]]) -> None:
    """Raise EvidenceError for columns that hold texts: field -> (how many, an example)."""
    if not odd:
        return
    field, (count, example) = max(odd.items(), key=lambda one: one[1][0])
    more = len(odd) - 1
    raise EvidenceError(
        f"{count:,} answers of '{field}' are no number, for example '{example[:40]}'"
        + (f"; {more} more columns hold such answers" if more else ""),
        place=Place(field),
        fix="Turn them into the numbers of the scale, and blanks into empty cells; nothing was averaged",
        what_zh=f"“{field}”有 {count:,} 个回答不是数字，例如“{example[:40]}”"
        + (f"；另有 {more} 列也是这样" if more else ""),
        fix_zh="请换成量表上的数字，空白留空；在此之前不算任何平均数",
    )


def fields_asked(columns: Iterable[str | None]) -> Sequence[str]:
    """The different fields, without those that are none."""
    return list(dict.fromkeys(field for field in columns if field))
