"""What cannot be in a world: names that the pack or the world itself does not know, and values without a way.

Each fault names its node, so that the reader of the file can name the line. Nothing is mended in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from peakend.errors import TimeError, nearest
from peakend.model.event import BUILT_IN, FieldType
from peakend.model.pack import Pack
from peakend.model.parts import as_list
from peakend.model.problem import Path as NodePath
from peakend.simulate.clocks import micros
from peakend.simulate.fields import names_in
from peakend.simulate.world import Draw, Episode, Happening, Value, World, courses_of, followed

Declared = Mapping[str, Mapping[str, FieldType]]
"""The fields of every kind of event, with their types."""


class Fault(NamedTuple):
    """What is wrong with the node at `path`."""

    path: NodePath
    what: str
    fix: str


def declared(pack: Pack, world: World) -> Declared:
    """The fields of every kind: those of the pack, the built-in ones, attributes, and the world's own."""
    kinds = {kind: dict(fields) for kind, fields in {**BUILT_IN, **pack.head.events}.items()}
    for attribute in pack.head.customer.values():
        kind, _, name = attribute.from_.rpartition(".")
        kinds.setdefault(kind, {}).setdefault(name, attribute.type)
    for kind, fields in world.events.items():
        kinds.setdefault(kind, {}).update(fields)
    return kinds


def faults(pack: Pack, world: World) -> Iterator[Fault]:
    """Everything in the world that cannot be, in the order of the file's sections."""
    check = _Check(pack, world)
    yield from check.outcome()
    yield from check.rhythms()
    yield from check.customers()
    for name, episode in world.episodes.items():
        yield from check.episode(("episodes", name), episode)
        check.names[name] = check.names_of(episode)


class _Check:
    """The names that are known at some place of the file; `names` are those of the episodes so far."""

    def __init__(self, pack: Pack, world: World) -> None:
        self._pack, self._world = pack, world
        self._kinds = declared(pack, world)
        self._attributes = {"newcomer", "number", "customer", *world.customers.attributes}
        for places in world.subjects.values():
            self._attributes.update(places.attributes)
        self.names: dict[str, list[str]] = {}

    def names_of(self, episode: Episode) -> list[str]:
        return [name for event in episode.events for name in _names(event)]

    def outcome(self) -> Iterator[Fault]:
        answer = self._world.outcome
        if answer is not None:
            yield from _unknown(("outcome", "name"), "outcome", answer.name, self._pack.head.outcomes)
            for point in answer.effects:
                yield from _unknown(
                    ("outcome", "effects", point), "touchpoint", point, self._pack.touchpoints
                )

    def rhythms(self) -> Iterator[Fault]:
        for name, rhythm in self._world.rhythms.items():
            path = ("rhythms", name)
            yield from _unknown((*path, "calendar"), "calendar", rhythm.calendar, self._pack.head.calendars)
            for word, length in (("hours", 24), ("weekdays", 7), ("months", 12)):
                if len(getattr(rhythm, word)) != length:
                    yield Fault((*path, word), f"'{word}' has not {length} numbers", "Give one for each")

    def customers(self) -> Iterator[Fault]:
        path: NodePath = ("customers", "attributes")
        for name, value in self._world.customers.attributes.items():
            yield from self._value((*path, name), value, Episode(events=[]), set(), [])

    def episode(self, path: NodePath, episode: Episode) -> Iterator[Fault]:
        yield from self._begin(path, episode)
        yield from self._follows((*path, "follows"), path, episode)
        known = {*episode.keeps, *([episode.key] if episode.key else [])}
        for word, value in episode.fields.items():
            yield from self._value((*path, "fields", word), value, episode, known, [])
            known.add(word)
        earlier: list[str] = []
        for number, event in enumerate(episode.events):
            here: NodePath = (*path, "events", number)
            yield from self._event(here, event, episode, known, earlier)
            own = set(known)
            for word, value in event.fields.items():
                if event.kind in self._kinds:
                    yield from _unknown((*here, "fields", word), "field", word, self._kinds[event.kind])
                yield from self._value((*here, "fields", word), value, episode, own, earlier)
                own.add(word)
            earlier += _names(event)

    def _begin(self, path: NodePath, episode: Episode) -> Iterator[Fault]:
        head, world = self._pack.head, self._world
        if sum(way is not None for way in (episode.rate, episode.every, episode.once, episode.follows)) != 1:
            yield Fault(path, f"'{path[-1]}' needs exactly one begin", "Write rate, every, once or follows")
        yield from _unknown((*path, "touchpoint"), "touchpoint", episode.touchpoint, self._pack.touchpoints)
        yield from _unknown((*path, "rhythm"), "rhythm", episode.rhythm, world.rhythms)
        yield from _unknown((*path, "grows_with"), "trait", episode.grows_with, world.customers.traits)
        yield from _unknown((*path, "calendar"), "calendar", episode.calendar, head.calendars)
        yield from _unknown((*path, "about"), "type of subjects", episode.about, world.subjects)
        yield from _spans((*path, "takes"), episode.takes)
        for word in [*episode.who, *([episode.times] if isinstance(episode.times, str) else [])]:
            yield from _unknown((*path, "who", word), "attribute", word, self._attributes)

    def _follows(self, path: NodePath, above: NodePath, episode: Episode) -> Iterator[Fault]:
        if episode.follows is None:
            return
        known = {**self.names, str(above[-1]): self.names_of(episode)}
        events = [name for names in known.values() for name in names]
        for word in followed(episode):
            yield from _unknown((*path, "event"), "event of an earlier episode", word, events)
        for word in as_list(episode.follows.of):
            yield from _unknown((*path, "of"), "earlier episode", word, known)

    def _event(
        self, path: NodePath, event: Happening, episode: Episode, known: set[str], earlier: list[str]
    ) -> Iterator[Fault]:
        yield from _unknown((*path, "kind"), "kind of event", event.kind, self._kinds)
        yield from _unknown((*path, "calendar"), "calendar", event.calendar, self._pack.head.calendars)
        for word in ("after", "until"):
            yield from _unknown((*path, word), "earlier event here", getattr(event, word), earlier)
        for word in ("on", "before"):
            yield from _unknown((*path, word), "field of this episode", getattr(event, word), known)
        if event.pause:
            for kind in (event.pause.waits, event.pause.continues):
                yield from _unknown((*path, "pause"), "kind of event", kind, self._kinds)
            yield from _spans((*path, "pause"), event.pause.lasts)
        for word in ("takes", "chance", "times"):
            by_course = getattr(event, word)
            for course in by_course if isinstance(by_course, dict) else ():
                yield from _unknown((*path, word), "course of this episode", course, courses_of(episode))
        for pair in event.takes.values() if isinstance(event.takes, dict) else [event.takes]:
            yield from _spans((*path, "takes"), pair)

    def _value(
        self, path: NodePath, value: Value, episode: Episode, known: set[str], earlier: list[str]
    ) -> Iterator[Fault]:
        fields = {*known, *self._attributes}
        if isinstance(value, list):
            if not value:
                yield Fault(path, "the list is empty", "Write what it may be")
            return
        if isinstance(value, str):
            for word in names_in(value):
                yield from _unknown(path, "field", word, fields)
            return
        if _ways(value) != 1:
            yield Fault(path, "there must be one way to draw the value", "Write for example {choose: {a: 1}}")
        for named in (value.of, value.days, *(value.product or ())):
            yield from _unknown(path, "field", named, fields)
        yield from _unknown(path, "trait", value.trait, self._world.customers.traits)
        yield from _unknown(path, "attribute", value.customer, self._attributes)
        yield from _unknown(path, "earlier event here", value.minutes_since, earlier)
        if value.outcome and self._world.outcome is None:
            yield Fault(path, "there is no outcome to answer with", "Describe it under outcome")
        for course in value.by_course or {}:
            yield from _unknown(path, "course of this episode", course, courses_of(episode))
        named_states = {course.state for course in courses_of(episode).values()}
        wanted = set(courses_of(episode)) if value.by_course else named_states if value.by_state else set()
        for word in sorted(wanted - set(value.by_course or value.by_state or {})):
            yield Fault(path, f"there is no value for '{word}'", f"Add {word}: [...]")


def _ways(value: Draw) -> int:
    dated = any((value.of, value.after, value.before, value.days, value.at))
    others = (
        value.choose,
        value.between,
        value.trait,
        value.product,
        value.customer,
        value.by_course,
        value.by_state,
        value.minutes_since,
        value.outcome,
    )
    return dated + sum(bool(way) for way in others)


def _names(event: Happening) -> list[str]:
    return [event.name, *([event.pause.waits, event.pause.continues] if event.pause else [])]


def _spans(path: NodePath, pair: tuple[str, ...]) -> Iterator[Fault]:
    try:
        spans = [micros(span) for span in pair]
    except TimeError as error:
        yield Fault(path, error.what, error.fix)
        return
    if len(spans) != 2 or spans != sorted(spans):
        yield Fault(path, "there must be a shortest and a longest time", "Write for example [PT5M, PT20M]")


def _unknown(path: NodePath, what: str, word: str | None, known: Iterable[str]) -> Iterator[Fault]:
    words = list(known)
    if word is not None and word not in words:
        yield Fault(
            path, f"there is no {what} '{word}'", nearest(word, words) or f"Known are {', '.join(words[:12])}"
        )
