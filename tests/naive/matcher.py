"""The loop of the reference: one input after another, and before each all that time alone brings about.

At every step all candidates are found anew, and the first of them in the order of the design is done.
"""

from __future__ import annotations

from naive import runs, stays
from naive.world import World
from peakend.model.event import Event
from peakend.model.outcome import Output
from peakend.model.pack import Pack


def match(pack: Pack, events: list[Event], until: int | None = None) -> list[Output]:
    """All outputs of one customer's whole log, in the order in which they are concluded."""
    world = World(pack, contacts_known=any(event.kind == "contact.set" for event in events))
    world.customer = events[0].customer if events else ""
    for event in sorted(events, key=lambda event: (event.seen, event.seq)):
        _pass_time(world, event.seen - 1)
        world.clock = max(world.clock, event.seen)
        world.inputs.append(event)
        late = event.seen - event.at > world.max_age
        derived = stays.take_input(world, event, late)
        runs.settle(world)
        runs.hear(world, event, late)
        for conclusion, is_late in derived:
            runs.hear(world, conclusion, is_late)
        runs.settle(world)
    if until is not None:
        _pass_time(world, until)
    return world.outputs


def _pass_time(world: World, until: int) -> None:
    """Do all that is due by `until`, one thing at a time, looking for the next one anew each time."""
    while True:
        candidates = [*stays.timers(world), *runs.timers(world)]
        if not candidates:
            return
        order, (act, subject, detail) = min(candidates, key=lambda found: found[0])
        instant = order[0]
        if instant > until:
            return
        world.clock = instant
        derived = act(world, subject, detail, instant) or []
        runs.settle(world)
        for conclusion, is_late in derived:
            runs.hear(world, conclusion, is_late)
            runs.settle(world)
