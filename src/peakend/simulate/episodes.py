"""One block of people lives through the episodes of the world, in the order of the file.

Each episode draws from a seed of its own (the run's seed, the block, the episode's name), so that the same
seed gives the same events, and a new episode changes none of those that do not follow it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import numpy as np

from peakend.model.event import FieldType
from peakend.model.pack import Pack
from peakend.model.parts import as_list
from peakend.simulate.begins import Begun, begun
from peakend.simulate.checking import Declared
from peakend.simulate.clocks import Clocks
from peakend.simulate.columns import NEVER, Column, Flags, Floats, Ints, Joined, Numbers
from peakend.simulate.effects import STATES, Memory, Met
from peakend.simulate.fields import Scene, draw, instants_of
from peakend.simulate.people import People
from peakend.simulate.spans import between, in_hours, ordinal, spans_of
from peakend.simulate.world import Episode, Happening, World, courses_of, followed, share_of


@dataclass
class Table:
    """Episodes of one kind that began together: a row each, with fields and the instants of their events."""

    name: str
    episode: Episode
    customer: Ints
    start: Ints
    course: Ints
    grown: bool
    fields: dict[str, Column] = field(default_factory=dict)
    times: dict[str, Ints] = field(default_factory=dict)


@dataclass
class Batch:
    """Events of one kind: `rows` are places in the table; `own` fields stand beside those of the table."""

    name: str
    kind: str
    table: Table
    rows: Ints
    at: Ints
    own: dict[str, Column]


class Block:
    """The life of one block; `batches` holds its events once `live` has been called."""

    def __init__(
        self, pack: Pack, world: World, declared: Declared, clocks: Clocks, people: People, seed: list[int]
    ) -> None:
        self._pack, self._world, self._declared = pack, world, declared
        self._clocks, self.people, self._seed = clocks, people, seed
        self._numbers: dict[str, Ints] = {}
        self.batches: list[Batch] = []
        mood = np.random.default_rng([*seed, crc32(b"mood")]).normal(0.0, 1.0, people.count)
        self.memory = Memory(mood)

    def live(self, about: str | None = None) -> None:
        """Draw every episode that is about these people."""
        for name, episode in self._world.episodes.items():
            if episode.about != about:
                continue
            rng = np.random.default_rng([*self._seed, crc32(name.encode())])
            if episode.follows is None:
                self._play(rng, name, begun(rng, self._world, self._clocks, self.people, episode))
                continue
            seen = 0
            while seen < len(self.batches):
                parent, seen = self.batches[seen], seen + 1
                if self._leads_to(parent, episode):
                    self._play(rng, name, self._follow(rng, episode, parent), parent)

    def _leads_to(self, parent: Batch, episode: Episode) -> bool:
        rule = episode.follows
        assert rule is not None
        return parent.name in followed(episode) and (rule.of is None or parent.table.name in as_list(rule.of))

    def _follow(self, rng: np.random.Generator, episode: Episode, parent: Batch) -> Begun:
        """Where the episode begins after the events of a parent; `rows` are places in the parent."""
        rule, table, clocks = episode.follows, parent.table, self._clocks
        assert rule is not None
        chosen = rng.random(len(parent.rows)) < share_of(rule.chance)
        course = table.course[parent.rows]
        if rule.courses:
            names = list(courses_of(table.episode))
            chosen &= np.isin(course, [names.index(name) for name in rule.courses if name in names])
        rows = np.flatnonzero(chosen)
        customer = table.customer[parent.rows[rows]]
        zones = self.people.zones[customer]
        anchor = parent.at[rows]
        if named := rule.on or rule.before:
            anchor = instants_of(_field(parent, named).take(rows), clocks, zones)
        spans = between(rng, episode.takes, len(rows))
        if rule.before:
            start = np.maximum(anchor - spans, parent.at[rows])
        else:
            start = clocks.advance(episode.calendar, anchor, spans)
        start = in_hours(rng, clocks, episode.at, start, parent.at[rows], zones)
        return Begun(customer, start, rows)

    def _play(self, rng: np.random.Generator, name: str, start: Begun, parent: Batch | None = None) -> None:
        """All episodes that begin there: their courses, their fields, their events."""
        episode, people = self._world.episodes[name], self.people
        lives = people.among(start.customer, episode.who) & (start.at < self._clocks.end)
        start = self._repeated(rng, episode, start.where(lives))
        courses = courses_of(episode)
        odds = np.cumsum([share_of(course.share) for course in courses.values()])
        course = np.searchsorted(odds, rng.random(len(start.at)) * odds[-1], side="right")
        grown = episode.grows_with is not None or (parent is not None and parent.table.grown)
        table = Table(name, episode, start.customer, start.at, course, grown)
        if not len(start.at):
            return
        for kept in episode.keeps if parent else ():
            assert parent is not None
            table.fields[kept] = _field(parent, kept).take(start.rows)
        if episode.key and episode.key not in table.fields:
            table.fields[episode.key] = self._key(episode.prefix, start.customer)
        scene = self._scene(rng, table, np.arange(len(start.at)), start.at, table.fields)
        for word, value in episode.fields.items():
            table.fields[word] = draw(value, self._type(episode, word), scene)
        for happening in episode.events:
            self._happen(rng, table, happening)
        if episode.touchpoint:
            self._remember(table)

    def _repeated(self, rng: np.random.Generator, episode: Episode, start: Begun) -> Begun:
        if episode.times is None:
            return start
        if isinstance(episode.times, str):
            known = self.people.known[episode.times]
            assert isinstance(known, Numbers)
            times = known.values[start.customer].astype(np.int64)
        else:
            times = rng.integers(episode.times[0], episode.times[-1] + 1, len(start.at))
        return start.where(np.repeat(np.arange(len(start.at)), times))

    def _key(self, prefix: str, customer: Ints) -> Joined:
        """Business keys: prefix, number of the customer, and a number that counts on."""
        so_far = self._numbers.setdefault(prefix, np.zeros(self.people.count, np.int64))
        number = so_far[customer] + ordinal(customer) + 1
        np.add.at(so_far, customer, 1)
        owner = self.people.known["number"].take(customer)
        return Joined((prefix, owner, "-", Numbers(number.astype(np.float64))))

    def _happen(self, rng: np.random.Generator, table: Table, event: Happening) -> None:
        """One event of the table's episodes: which of them have it, when, and what it says."""
        present, anchor, earliest = self._anchor(rng, table, event)
        rows = np.flatnonzero(present)
        if event.times is not None:
            rows, at = self._again(rng, table, event, rows, anchor)
        else:
            spans = spans_of(rng, event.takes, tuple(courses_of(table.episode)), table.course[rows])
            at = self._reach(rng, table, event, rows, anchor[rows], spans)
        zones = self.people.zones[table.customer[rows]]
        at = in_hours(rng, self._clocks, event.at, at, earliest[rows], zones)
        first = np.full(len(table.start), NEVER)
        first[rows[::-1]] = at[::-1]
        table.times[event.name] = first
        self._emit(rng, table, event.name, event.kind, rows, at, event.fields)
        owner, logged = table.customer[rows], at < self._clocks.end
        if event.starts:
            np.minimum.at(self.people.active, owner[logged], at[logged])
        if event.leaves and not self.people.stays:
            np.minimum.at(self.people.left, owner[logged], at[logged])

    def _anchor(self, rng: np.random.Generator, table: Table, event: Happening) -> tuple[Flags, Ints, Ints]:
        """Which rows have the event, from where its time is counted, and before what it cannot come."""
        earliest = table.times[event.after] if event.after else table.start
        anchor = earliest
        if named := event.on or event.before:
            zones = self.people.zones[table.customer]
            anchor = instants_of(table.fields[named], self._clocks, zones)
        names = list(courses_of(table.episode))
        chances = event.chance if isinstance(event.chance, dict) else dict.fromkeys(names, event.chance)
        odds = np.array([share_of(chances.get(name, "0%")) for name in names])
        if isinstance(event.takes, dict):
            odds = odds * np.array([name in event.takes for name in names])
        present = (rng.random(len(anchor)) < odds[table.course]) & (earliest != NEVER)
        return present, anchor, earliest

    def _reach(
        self, rng: np.random.Generator, table: Table, event: Happening, rows: Ints, anchor: Ints, spans: Ints
    ) -> Ints:
        """When the event comes: `spans` after its anchor or before it, and later by the pause if any."""
        clocks, pause = self._clocks, event.pause
        if event.before:
            return anchor - spans
        at = clocks.advance(event.calendar, anchor, spans)
        if pause is None:
            return at
        paused = np.flatnonzero(rng.random(len(rows)) < share_of(pause.chance))
        used = (spans[paused] * rng.uniform(0.2, 0.8, len(paused))).astype(np.int64)
        waits = clocks.advance(event.calendar, anchor[paused], used)
        continues = waits + between(rng, pause.lasts, len(paused))
        at[paused] = clocks.advance(event.calendar, continues, spans[paused] - used)
        for kind, instants in ((pause.waits, waits), (pause.continues, continues)):
            self._emit(rng, table, kind, kind, rows[paused], instants, {})
        return at

    def _again(
        self, rng: np.random.Generator, table: Table, event: Happening, rows: Ints, anchor: Ints
    ) -> tuple[Ints, Ints]:
        """Several of the event, one after another, until another event has come."""
        names = list(courses_of(table.episode))
        each = event.times if isinstance(event.times, dict) else dict.fromkeys(names, event.times or (1,))
        low = np.array([each.get(name, (0,))[0] for name in names])[table.course[rows]]
        high = np.array([each.get(name, (0,))[-1] for name in names])[table.course[rows]]
        rows = np.repeat(rows, rng.integers(low, high + 1))
        spans = spans_of(rng, event.takes, tuple(courses_of(table.episode)), table.course[rows])
        total = np.cumsum(spans)
        first = np.flatnonzero(ordinal(rows) == 0)
        so_far = np.repeat(total[first] - spans[first], np.diff(np.append(first, len(rows))))
        at = anchor[rows] + total - so_far
        if event.until:
            limit = table.times[event.until][rows]
            kept = (at < limit) | (limit == NEVER)
            rows, at = rows[kept], at[kept]
        return rows, at

    def _emit(
        self,
        rng: np.random.Generator,
        table: Table,
        name: str,
        kind: str,
        rows: Ints,
        at: Ints,
        fields: Mapping[str, Any],
    ) -> None:
        logged = at < self._clocks.end
        rows, at = rows[logged], at[logged]
        if not len(rows):
            return
        own: dict[str, Column] = {}
        if fields:
            scene = self._scene(rng, table, rows, at, _Known(own, table.fields, rows))
            for word, value in fields.items():
                own[word] = draw(value, self._declared[kind][word], scene)
        self.batches.append(Batch(name, kind, table, rows, at, own))

    def _scene(
        self, rng: np.random.Generator, table: Table, rows: Ints, at: Ints, known: Mapping[str, Column]
    ) -> Scene:
        courses = courses_of(table.episode)
        return Scene(
            rng=rng,
            clocks=self._clocks,
            customer=table.customer[rows],
            zones=self.people.zones[table.customer[rows]],
            at=at,
            course=table.course[rows],
            courses=tuple(courses),
            states=tuple(course.state for course in courses.values()),
            known=known,
            customers=self.people.known,
            traits=self.people.traits,
            times={name: times[rows] for name, times in table.times.items()},
            score=self._score,
        )

    def _score(self, rng: np.random.Generator, customer: Ints, at: Ints) -> Floats:
        assert self._world.outcome is not None
        return self.memory.score(self._world.outcome, rng, customer, at)

    def _type(self, episode: Episode, word: str) -> FieldType:
        """The type that the events of an episode declare for a field; a number where none does."""
        found = (self._declared[event.kind].get(word) for event in episode.events)
        return next((kind_of for kind_of in found if kind_of), "number")

    def _remember(self, table: Table) -> None:
        point = self._pack.touchpoints[table.episode.touchpoint or ""]
        kinds = as_list(point.encounter.ends) if point.encounter else []
        ends = [table.times[event.name] for event in table.episode.events if event.kind in kinds]
        late = np.iinfo(np.int64).max
        ended = np.min([np.where(each == NEVER, late, each) for each in ends], axis=0, initial=late)
        ended = np.where(ended == late, NEVER, ended)
        states = np.array([STATES.index(course.state) for course in courses_of(table.episode).values()])
        met = Met(table.customer, table.start, ended, states[table.course])
        self.memory.add(table.episode.touchpoint or "", met)


class _Known(Mapping[str, Column]):
    """The fields of some rows: those of the event drawn so far, then those of its episode."""

    def __init__(self, own: Mapping[str, Column], fields: Mapping[str, Column], rows: Ints) -> None:
        self._own, self._fields, self._rows = own, fields, rows

    def __getitem__(self, name: str) -> Column:
        return self._own[name] if name in self._own else self._fields[name].take(self._rows)

    def __iter__(self) -> Iterator[str]:
        return iter({**self._fields, **self._own})

    def __len__(self) -> int:
        return len({**self._fields, **self._own})


def _field(parent: Batch, name: str) -> Column:
    """A field of a parent's events, a row per event."""
    return parent.own[name] if name in parent.own else parent.table.fields[name].take(parent.rows)
