"""Two worlds become one: what was written down of both is put side by side; all else is found anew."""

from __future__ import annotations

from naive.counts import Both
from naive.gates import failed
from naive.runs import cancel, pending_of, settle
from naive.stays import pin
from naive.world import Run, World, when_it_happened
from peakend.model.event import Event
from peakend.model.outcome import Ended, Entered, Merged
from peakend.model.parts import as_list

JOINED = "customer.joined"


def names_of(event: Event) -> tuple[str, str] | None:
    """The name that goes and the one that stays, where an event says that two are one."""
    if event.kind == "customer.merged":
        return event.data.get("from") or event.customer, event.data.get("into") or event.customer
    if event.kind == "customer.identified" and event.data.get("anonymous"):
        return event.data["anonymous"], event.customer
    return None


def merge(world: World, former: World, event: Event) -> None:
    """Let `world` take over all that `former` knows."""
    world.clock = event.seen
    world.outputs.append(Merged(world.customer, former.customer, event.seen))
    for side in (world, former):
        pin(side)
        for sent in side.sends:
            sent.failed, sent.after = failed(side, sent), (event.seen, event.seq)
    for name in sorted({run.play.play for run in former.runs}):
        _lanes(world, former, name, event.seen)
    for lane, theirs in former.joined.items():
        world.joined[lane] = (
            [Both(world.joined[lane], theirs, event.seen)] if lane in world.joined else theirs
        )
    for play, heard in former.exits_heard.items():
        world.exits_heard[play] = [*world.exits_heard.get(play, []), *heard]
    world.runs += former.runs
    world.stays = sorted([*world.stays, *former.stays], key=lambda stay: when_it_happened(stay.begin))
    world.inputs = sorted([*world.inputs, *former.inputs], key=lambda known: (known.seen, known.seq))
    world.sends += former.sends
    world.tells += former.tells
    world.visits |= former.visits
    settle(world)


def _lanes(world: World, former: World, name: str, seen: int) -> None:
    """Count the lanes of a play on, and let the earlier entry stay where only one run may be open."""
    play = world.pack.plays[name]
    lanes = sorted({run.key for run in former.runs if run.play.play == name})
    for key in lanes:
        mine, theirs = ([r for r in w.runs if (r.play.play, r.key) == (name, key)] for w in (world, former))
        opened = [run for run in [*mine, *theirs] if not run.over]
        again = play.again or ("once_per_key" if as_list(play.key) else "after_exit")
        if again != "every" and opened:
            first = min(opened, key=lambda run: when_it_happened(run.entry))
            for run in opened:
                if run is not first:
                    _dismiss(world if run in mine else former, run, seen)
        for run in theirs:
            _carry(world, former, run, len(mine), seen)
    world.outputs += former.outputs
    former.outputs = []


def _dismiss(world: World, run: Run, seen: int) -> None:
    pending = pending_of(world, run)
    for slot in run.slots:
        cancel(world, run, slot, seen)
    run.over, run.left = True, []
    world.outputs.append(
        Ended(world.customer, run.play.play, run.key, run.occurrence, "merged", JOINED, seen, seen, pending)
    )


def _carry(world: World, former: World, run: Run, before: int, seen: int) -> None:
    old, run.occurrence = run.occurrence, run.occurrence + before
    run.unit = former.customer if run.unit is None else run.unit
    if not run.over:
        play, key = run.play.play, run.key
        world.outputs += [
            Ended(former.customer, play, key, old, "carried", JOINED, seen, seen),
            Entered(world.customer, play, key, run.occurrence, run.entry.at, seen, JOINED),
        ]
