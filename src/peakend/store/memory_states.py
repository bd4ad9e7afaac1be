"""What the loop asks of the store in memory about states; the plainest reading of `sql_states`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from peakend.model.event import JOINED
from peakend.model.outcome import Entered, Output
from peakend.model.stored import ADOPTED, Adoption, Recorded, Snapshot
from peakend.store.base import Lane
from peakend.store.memory_held import Begun, HeldTurn


def closed_lanes(
    lanes: Sequence[Lane],
    before: int | None,
    parts: Mapping[str, Sequence[str]],
    *begun: Mapping[Lane, Sequence[Begun]],
) -> dict[Lane, tuple[int, int]]:
    found = {}
    for customer, play, key in lanes:
        runs = [
            one
            for name in parts[customer]
            for known in begun
            for one in known.get((name, play, key), ())
            # Places are those of a shard, and all that another name began lies before its join.
            if before is None or name != customer or one.place < before
        ]
        if runs:
            number = sum(not one.carried for one in runs)
            found[customer, play, key] = number, max(one.at for one in runs)
    return found


def after(events: Sequence[Recorded], seen: int, seq: int, limit: int) -> list[Recorded]:
    """At most `limit` of some events after (seen, seq), and those that share the place of the last one."""
    later = sorted(
        (one for one in events if (one.seen, one.seq) > (seen, seq)), key=lambda one: (one.seen, one.seq)
    )
    last = [(one.seen, one.seq) for one in later[:limit]][-1:]
    return later[:limit] + [one for one in later[limit:] if [(one.seen, one.seq)] == last]


class StatesOfTurn(HeldTurn):
    """The part of a turn that is about states."""

    @property
    def place(self) -> int:
        self._check()
        return self._place

    def lanes(self, lanes: Sequence[Lane], before: int | None = None) -> dict[Lane, tuple[int, int]]:
        self._check()
        parts = self._parts({customer for customer, _, _ in lanes})
        return closed_lanes(lanes, before, parts, self._kept.begun, self._begun)

    def snapshots(self, customers: Sequence[str]) -> dict[str, Snapshot]:
        self._check()
        own, kept = self._snapshots, self._kept.snapshots
        found = ((name, own[name] if name in own else kept.get(name)) for name in customers)
        return {name: one for name, one in found if one}

    def keep_snapshots(self, snapshots: Sequence[Snapshot]) -> None:
        self._check()
        self._snapshots |= {one.customer: one for one in snapshots}

    def events_after(self, customer: str, seen: int, seq: int, limit: int) -> list[Recorded]:
        return after(self._kept_of(self._parts([customer])[customer]), seen, seq, limit)

    def adoptions(self) -> list[Adoption]:
        prefix = f"{ADOPTED}/{self.shard.number}/"
        told = [one for one in self._kept_of([""]) if one.kind == ADOPTED and one.id.startswith(prefix)]
        told.sort(key=lambda one: one.seq)
        return [Adoption(one.seen, msgspec.json.decode(one.data)["hash"]) for one in told]

    def _note(self, outputs: Sequence[Output]) -> None:
        for place, one in enumerate(outputs, self._place):
            if isinstance(one, Entered):
                lane = one.customer, one.play, one.key
                self._begun.setdefault(lane, []).append(Begun(place, one.at, one.kind == JOINED))
        self._place += len(outputs)

    def _merge(self, shard: int) -> None:
        self._kept.snapshots |= {name: one for name, one in self._snapshots.items() if one}
        for name in (name for name, one in self._snapshots.items() if one is None):
            self._kept.snapshots.pop(name, None)
        self._kept.places[shard] = self._place
        for lane, runs in self._begun.items():
            self._kept.begun.setdefault(lane, []).extend(runs)
