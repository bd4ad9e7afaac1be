"""The loop of the reference: one input after another, and before each all that time alone brings about.

At every step all candidates of all customers are found anew, and the first of them in the order of the
design is done: customers share nothing but the budgets, which are drawn in the order of (instant, customer).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from naive import runs, stays
from naive.merging import merge, names_of
from naive.money import Purse
from naive.world import World
from peakend.model.event import Event
from peakend.model.outcome import Output
from peakend.model.pack import Pack


def match(
    pack: Pack, events: list[Event], until: int | None = None, told: Iterable[Event] = ()
) -> list[Output]:
    """All outputs of one customer's whole log, in the order in which they are concluded."""
    return match_together(pack, events, until, told).get(events[0].customer if events else "", [])


def match_together(
    pack: Pack, events: Iterable[Event], until: int | None = None, told: Iterable[Event] = ()
) -> dict[str, list[Output]]:
    """All outputs of each customer of a log, under the name that stays where it is known by several; `told`
    is what concerns all of them.
    """
    log, to_all = list(events), list(told)
    person = _persons(log)
    in_turn = sorted(log, key=lambda event: (event.seen, person(event.customer), event.seq))
    known = any(event.kind == "contact.set" for event in in_turn)
    purse = Purse(pack)
    worlds: dict[str, World] = {}
    gone: dict[str, str] = {}

    def world_of(name: str) -> World:
        while name in gone:
            name = gone[name]
        return worlds.setdefault(name, World(pack, known, purse, customer=name, told=to_all))

    for event in in_turn:
        _pass_time(worlds.values(), event.seen - 1)
        names = names_of(event)
        world = world_of(names[0] if names else event.customer)
        _take(world, event)
        stays = world_of(names[1]) if names else world
        if stays is not world:
            gone[world.customer] = stays.customer
            stays.outputs = worlds.pop(world.customer).outputs + stays.outputs
            world.outputs = []
            merge(stays, world, event)
    if until is not None:
        _pass_time(worlds.values(), until)
    return {name: world.outputs for name, world in worlds.items()}


def _persons(told: list[Event]) -> Callable[[str], str]:
    """Who every name is in the end."""
    gone: dict[str, str] = {}

    def person(name: str) -> str:
        while name in gone:
            name = gone[name]
        return name

    for event in sorted(told, key=lambda event: (event.seen, event.seq)):
        names = names_of(event)
        if names and person(names[0]) != person(names[1]):
            gone[person(names[0])] = person(names[1])
    return person


def _take(world: World, event: Event) -> None:
    """Let one customer's world learn one event."""
    world.clock = max(world.clock, event.seen)
    world.inputs.append(event)
    _note_visit(world, event)
    if event.kind in ("message.failed", "message.withdrawn"):
        world.purse.give_back(event.data.get("message", ""))
        runs.hear_failure(world, event.data.get("message", ""), event.seen)
    late = event.seen - event.at > world.max_age
    derived = stays.take_input(world, event, late)
    runs.settle(world)
    runs.hear(world, event, late)
    for conclusion, is_late in derived:
        runs.hear(world, conclusion, is_late)
    runs.settle(world)


def _note_visit(world: World, event: Event) -> None:
    """What a wish of the scope `visit` holds for is what is open when it is learnt."""
    if event.kind == "preference.set" and event.data.get("scope") == "visit":
        still_open = [stay for stay in world.stays if stay.closed is None]
        world.visits[event.seq] = still_open, world.zone().next_day_start(event.at)


class _Next(NamedTuple):
    """What comes next for one customer, and when."""

    instant: int
    world: World
    act: Callable[..., Any]
    subject: Any
    detail: Any


def _pass_time(worlds: Iterable[World], until: int) -> None:
    """Do all that is due by `until`, one thing at a time, looking for the next one anew each time."""
    while True:
        candidates = [found for world in worlds if (found := _next(world)) is not None]
        first = min(candidates, key=lambda found: (found.instant, found.world.customer), default=None)
        if first is None or first.instant > until:
            return
        instant, world, act, subject, detail = first
        world.clock = instant
        derived = act(world, subject, detail, instant) or []
        runs.settle(world)
        for conclusion, is_late in derived:
            runs.hear(world, conclusion, is_late)
            runs.settle(world)


def _next(world: World) -> _Next | None:
    timers = [*stays.timers(world), *runs.timers(world)]
    if not timers:
        return None
    order, (act, subject, detail) = min(timers, key=lambda found: found[0])
    return _Next(order[0], world, act, subject, detail)
