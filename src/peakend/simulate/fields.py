"""The values of an event's fields, drawn as the world says and typed as the pack declares them.

A value may look at what is already known: the customer, the course of the episode, its earlier events.
It never looks at what comes later.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from peakend.model.event import FieldType
from peakend.simulate.clocks import Clocks, micros
from peakend.simulate.columns import (
    Column,
    Days,
    Floats,
    Ints,
    Joined,
    Moments,
    Numbers,
    Words,
    days_of,
)
from peakend.simulate.world import Draw, Value
from peakend.when import DAY, MINUTE, parse_time_of_day


@dataclass(frozen=True)
class Scene:
    """What the values of some rows may depend on.

    `courses` and `states` are the names behind `course`; `known` are the fields so far, `customers` what is
    known of each customer, `times` the instants of the other events, `score` asks for the outcome.
    """

    rng: np.random.Generator
    clocks: Clocks
    customer: Ints
    zones: Ints
    at: Ints
    course: Ints
    courses: tuple[str, ...]
    states: tuple[str, ...]
    known: Mapping[str, Column]
    customers: Mapping[str, Column]
    traits: Mapping[str, Floats]
    times: Mapping[str, Ints]
    score: Callable[[np.random.Generator, Ints, Ints], Floats] | None = None

    @property
    def rows(self) -> int:
        return len(self.customer)

    def column(self, name: str) -> Column:
        """A field of the episode, or else what is known of the customer."""
        return self.known[name] if name in self.known else self.customers[name].take(self.customer)


def draw(value: Value, kind_of: FieldType, scene: Scene) -> Column:
    """The values of one field for every row of a scene."""
    if isinstance(value, str):
        return _written(value, kind_of, scene)
    if isinstance(value, list):
        return _equally(value, kind_of, scene)
    if kind_of in ("date", "timestamp"):
        return _dated(value, kind_of, scene)
    return _drawn(value, kind_of, scene)


def constant(value: float, rows: int) -> Numbers:
    """The same number for every row."""
    return Numbers(np.full(rows, float(value)))


def names_in(text: str) -> list[str]:
    """The {names} of a text."""
    return _NAME.findall(text)


def _written(text: str, kind_of: FieldType, scene: Scene) -> Column:
    """A text, and where it has {names} in it, with what they stand for."""
    if kind_of == "number":
        return constant(float(text), scene.rows)
    if names_in(text):
        pieces = _NAME.split(text)
        parts = [scene.column(piece) if place % 2 else piece for place, piece in enumerate(pieces)]
        return Joined(tuple(part for part in parts if part != ""))
    return Words(np.zeros(scene.rows, np.int64), (text,), kind_of != "boolean")


def _equally(values: Sequence[Any], kind_of: FieldType, scene: Scene) -> Column:
    return _coded(values, kind_of, scene.rng.integers(0, len(values), scene.rows))


def _coded(values: Sequence[Any], kind_of: FieldType, codes: Ints) -> Column:
    if kind_of == "number":
        numbers = np.array([float(value) for value in values])
        return Numbers(numbers[codes], decimals=3 if (numbers % 1).any() else 0)
    texts = ["true" if v is True else "false" if v is False else str(v) for v in values]
    return Words(codes, tuple(texts), kind_of != "boolean")


def _drawn(value: Draw, kind_of: FieldType, scene: Scene) -> Column:
    rng, rows = scene.rng, scene.rows
    if value.choose:
        weights = np.cumsum(list(value.choose.values()))
        codes = np.searchsorted(weights, rng.random(rows) * weights[-1], side="right")
        return _coded(list(value.choose), kind_of, codes)
    if value.by_course or value.by_state:
        return _of_course(value, kind_of, scene)
    if value.customer:
        return scene.customers[value.customer].take(scene.customer)
    # Rounded here, so that a product of two fields is the product of what the event shows.
    return Numbers(np.round(_number(value, scene), value.decimals), value.decimals)


def _number(value: Draw, scene: Scene) -> Floats:
    rng, rows = scene.rng, scene.rows
    if value.between:
        return rng.uniform(value.between[0], value.between[-1], rows)
    if value.trait:
        factors = rng.uniform(value.times[0], value.times[-1], rows)
        return np.asarray(scene.traits[value.trait][scene.customer] * factors, np.float64)
    if value.product:
        known = [_values(scene.column(name)) for name in value.product]
        return np.asarray(np.prod(known, axis=0), np.float64)
    if value.minutes_since:
        return np.asarray(np.maximum(scene.at - scene.times[value.minutes_since], 0) / MINUTE, np.float64)
    assert scene.score is not None
    return scene.score(rng, scene.customer, scene.at)


def _of_course(value: Draw, kind_of: FieldType, scene: Scene) -> Column:
    """One of the values that belong to the row's course, or to its state."""
    named = value.by_course or value.by_state or {}
    names = scene.courses if value.by_course else scene.states
    lists = [named.get(name, [None]) for name in names]
    starts = np.cumsum([0, *map(len, lists)])[:-1]
    lengths = np.array([len(each) for each in lists])
    chosen = (scene.rng.random(scene.rows) * lengths[scene.course]).astype(np.int64)
    pool = [item for each in lists for item in each]
    if kind_of == "number":
        pool = [item if item is not None else 0 for item in pool]
    return _coded(pool, kind_of, starts[scene.course] + chosen)


def _dated(value: Draw, kind_of: FieldType, scene: Scene) -> Column:
    """A date or an instant, counted from another one or from the event itself."""
    if value.customer:
        return scene.customers[value.customer].take(scene.customer)
    clocks, zones = scene.clocks, scene.zones
    instants = instants_of(scene.column(value.of), clocks, zones) if value.of else scene.at
    instants = instants + _spans(value, scene)
    if value.days:
        instants = instants + np.rint(_values(scene.column(value.days))).astype(np.int64) * DAY
    walls = clocks.wall(instants, zones)
    if kind_of == "date":
        return Days(days_of(walls))
    if value.at:
        walls = days_of(walls) * DAY + parse_time_of_day(value.at) * MINUTE
    return Moments(clocks.instant(walls, zones))


def _spans(value: Draw, scene: Scene) -> Ints:
    if isinstance(value.after, dict):
        weights = np.cumsum(list(value.after.values()))
        codes = np.searchsorted(weights, scene.rng.random(scene.rows) * weights[-1], side="right")
        return np.asarray(np.array([micros(span) for span in value.after])[codes], np.int64)
    span = micros(value.after) if value.after else -micros(value.before) if value.before else 0
    return np.full(scene.rows, span, np.int64)


def instants_of(column: Column, clocks: Clocks, zones: Ints) -> Ints:
    """The instants of a date (its midnight on the local clock) or of a timestamp."""
    if isinstance(column, Days):
        return clocks.instant(column.values * DAY, zones)
    assert isinstance(column, Moments)
    return column.values


def _values(column: Column) -> Floats:
    assert isinstance(column, Numbers)
    return column.values


_NAME = re.compile(r"\{(\w+)\}")
