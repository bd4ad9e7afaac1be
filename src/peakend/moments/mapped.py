"""Add up the settled encounters of a store, touchpoint by touchpoint, as a backtest adds up those of a log.

The sums and the intervals are the backtest's own (`backtest.tally`): a map of what was lived and a map of
what was played through say the same of the same encounters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from msgspec.structs import replace

from peakend.backtest.tally import Counter, Person, finish
from peakend.fold import CustomerState, compile_program
from peakend.identify.evidence import share_of
from peakend.model.looked import MOST, AskedEncounters
from peakend.model.mapped import Did, Kept, Mapped, Measured
from peakend.model.outcome import Encountered
from peakend.model.pack import Pack
from peakend.store import Store
from peakend.when import zone

Progress = Callable[[int, int], None]
Months = dict[tuple[str, str], dict[str, list[int]]]


def mapped(store: Store, pack: Pack, now: int, tell: Progress) -> Mapped:
    """What a store knows of the touchpoints of a pack at an instant; `tell` hears encounters done, and all.

    Encounters of touchpoints and standards that the pack does not have any more are left out.
    """
    counter = Counter(compile_program(pack))
    people: dict[str, Person] = {}
    months: Months = {}
    first, last, number = None, None, 0
    local = zone(pack.head.zone)
    for met in _settled(store, pack, now, tell):
        point = pack.touchpoints[met.touchpoint]
        met = replace(met, standards=tuple(one for one in met.standards if one.standard in point.standards))
        counter.person = people.setdefault(met.customer, Person())
        counter.add((met,))
        _count_month(months, met, f"{local.local(met.begun):%Y-%m}")
        first = met.begun if first is None else min(first, met.begun)
        last = met.begun if last is None else max(last, met.begun)
        number += 1
    for person in people.values():
        counter.person = person
        counter.close(CustomerState(customer=""))
    tally = finish(counter.tally)
    return Mapped(
        pack=pack.head.pack,
        hash=pack.hash,
        at=now,
        customers=len(people),
        encounters=number,
        first=first,
        last=last,
        touchpoints={
            name: Measured(
                result=found,
                standards={one: _kept(sums.kept, sums.breached) for one, sums in found.standards.items()},
                months={one: _by_month(months.get((name, one), {})) for one in found.standards},
            )
            for name, found in tally.touchpoints.items()
        },
        plays=_did(store, now, pack),
    )


def _settled(store: Store, pack: Pack, now: int, tell: Progress) -> Iterator[Encountered]:
    counts = store.encounter_counts(0, now, settled=True)
    points = [name for name, point in pack.touchpoints.items() if point.encounter is not None]
    total, done = sum(one.number for one in counts if one.touchpoint in points), 0
    for name in points:
        asked, after = AskedEncounters(touchpoint=name, until=now, settled=True), ""
        while True:
            page = store.list_encounters(asked, after, MOST)
            yield from page.rows
            done, after = done + len(page.rows), page.after
            tell(done, max(done, total))
            if not after:
                break


def _count_month(months: Months, met: Encountered, month: str) -> None:
    for one in met.standards:
        if one.result != "open":
            counts = months.setdefault((met.touchpoint, one.standard), {}).setdefault(month, [0, 0])
            counts[one.result == "breached"] += 1


def _by_month(found: Mapping[str, list[int]]) -> dict[str, Kept]:
    return {month: _kept(*found[month]) for month in sorted(found)}


def _kept(kept: int, breached: int) -> Kept:
    if not kept + breached:
        return Kept(kept=0, breached=0)
    share = share_of(kept, kept + breached)
    return Kept(kept=kept, breached=breached, share=share.estimate, low=share.low, high=share.high)


def _did(store: Store, now: int, pack: Pack) -> dict[str, Did]:
    found: dict[str, Did] = {name: Did() for name in pack.plays}
    for one in store.verdict_counts(0, now):
        did = found.get(one.play)
        if did is None:
            continue
        if one.outcome == "send":
            found[one.play] = replace(did, send=did.send + one.number)
        elif one.outcome == "suppress":
            suppress = did.suppress | {one.reason: did.suppress.get(one.reason, 0) + one.number}
            found[one.play] = replace(did, suppress=suppress)
    for seen in store.exposure_counts():
        if seen.play in found:
            exposed = found[seen.play].exposed | {seen.arm: seen.number}
            found[seen.play] = replace(found[seen.play], exposed=exposed)
    return found
