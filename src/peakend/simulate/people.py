"""Those to whom it happens: a block of customers, or the subjects of one type, each with a life of its own.

Customers differ in sizes nobody sees (traits) and in what is known of them (attributes). Blocks are drawn
one by one, each from its own seed, so that memory does not grow with their number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from peakend.model.event import FieldType
from peakend.model.pack import Pack
from peakend.simulate.clocks import Clocks, micros
from peakend.simulate.columns import Column, Flags, Floats, Ints, Joined, Numbers, Words
from peakend.simulate.fields import Scene, draw
from peakend.simulate.world import Draw, SubjectPlaces, Value, World, share_of
from peakend.when import DAY, SECOND

FAR = np.iinfo(np.int64).max


@dataclass
class People:
    """A block of them; they are customers from `active` until `left` (microseconds UTC).

    `joined` is when they were first heard of. Who `stays` never leaves, whatever happens.
    """

    count: int
    first: int
    known: dict[str, Column]
    traits: dict[str, Floats]
    zones: Ints
    joined: Ints
    active: Ints
    left: Ints
    subjects: bool = False
    stays: bool = False

    @property
    def ids(self) -> Column:
        return self.known["customer"]

    def among(self, customer: Ints, who: Mapping[str, str | list[str]]) -> Flags:
        """Which of these rows belong to customers with the wanted attributes."""
        fits = np.ones(len(customer), dtype=bool)
        for name, wanted in who.items():
            words = [wanted] if isinstance(wanted, str) else list(wanted)
            fits &= _has(self.known[name], words)[customer]
        return fits

    def exposure(self, clocks: Clocks) -> Floats:
        """How many days each of them was a customer in the period."""
        spans = np.minimum(self.left, clocks.end) - np.clip(self.active, clocks.begin, clocks.end)
        return np.asarray(np.maximum(spans, 0) / DAY, np.float64)


def customers(
    pack: Pack, world: World, clocks: Clocks, rng: np.random.Generator, first: int, count: int
) -> People:
    """A block of customers with the numbers `first` and following."""
    newcomer = rng.random(count) < share_of(world.customers.newcomers)
    come = (
        clocks.begin + (rng.random(count) * (clocks.end - clocks.begin)).astype(np.int64) // SECOND * SECOND
    )
    there = clocks.begin - micros(world.customers.before)
    traits = {
        name: trait.mean * np.exp(rng.normal(0.0, trait.spread, count) - trait.spread**2 / 2)
        for name, trait in world.customers.traits.items()
    }
    numbers = Numbers(np.arange(first, first + count, dtype=np.float64), width=6)
    people = People(
        count,
        first,
        {
            "number": numbers,
            "customer": Joined((world.customers.id, numbers)),
            "newcomer": Words(newcomer.astype(np.int64), ("false", "true"), quoted=False),
        },
        traits,
        zones=np.full(count, clocks.home, np.int64),
        joined=np.where(newcomer, come, there),
        active=np.where(newcomer, FAR, clocks.begin),
        left=np.full(count, FAR),
    )
    for name, value in world.customers.attributes.items():
        declared = pack.head.customer.get(name)
        kind_of = declared.type if declared else _guessed(value)
        people.known[name] = draw(value, kind_of, _alone(people, clocks, rng))
        if kind_of == "zone" and isinstance(zones := people.known[name], Words):
            people.zones = zones.codes
    return people


def subjects(places: SubjectPlaces, clocks: Clocks) -> People:
    """The subjects of one type; they are always there."""
    count = len(places.ids)
    everyone = np.arange(count, dtype=np.int64)
    known: dict[str, Column] = {
        name: Words(everyone, tuple(str(value) for value in values))
        for name, values in places.attributes.items()
    }
    known["customer"] = Words(everyone, places.ids)
    known["number"] = Numbers(everyone.astype(np.float64) + 1, width=2)
    begin = np.full(count, clocks.begin)
    zones = np.full(count, clocks.home, np.int64)
    return People(count, 1, known, {}, zones, begin, begin, np.full(count, FAR), subjects=True)


def zones_of(pack: Pack, world: World) -> tuple[str, ...]:
    """The zones in which the customers live, in the order in which they are drawn, and the pack's own."""
    names: list[Any] = []
    for name, value in world.customers.attributes.items():
        declared = pack.head.customer.get(name)
        if declared and declared.type == "zone":
            chosen = value.choose if isinstance(value, Draw) else value
            names = [value] if isinstance(value, str) else list(chosen or [])
    return tuple(dict.fromkeys([*map(str, names), pack.head.zone]))


def _alone(people: People, clocks: Clocks, rng: np.random.Generator) -> Scene:
    """A scene for attributes: a row per customer, and nothing has happened yet."""
    everyone = np.arange(people.count, dtype=np.int64)
    return Scene(
        rng=rng,
        clocks=clocks,
        customer=everyone,
        zones=people.zones,
        at=people.joined,
        course=np.zeros(people.count, np.int64),
        courses=("",),
        states=("neutral",),
        known=people.known,
        customers=people.known,
        traits=people.traits,
        times={},
    )


def _has(column: Column, words: list[str]) -> Flags:
    if isinstance(column, Words):
        return column.among(words)
    assert isinstance(column, Numbers)
    return np.isin(column.values, [float(word) for word in words])


def _guessed(value: Value) -> FieldType:
    """An attribute that the pack does not declare is a number when all that it may be are numbers."""
    choices: list[Any] = [value] if isinstance(value, str) else []
    if isinstance(value, list):
        choices = value
    elif isinstance(value, Draw):
        choices = list(value.choose or [])
        if value.trait or value.between or value.product:
            return "number"
    numeric = choices and all(str(choice).replace(".", "", 1).isdecimal() for choice in choices)
    return "number" if numeric else "text"
