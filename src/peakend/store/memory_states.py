"""What the loop asks of the store in memory about states; the plainest reading of `sql_states`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from peakend.model.outcome import Entered, Output
from peakend.model.stored import ADOPTED, Adoption, Recorded, Shard, Snapshot
from peakend.store.base import Lane


class Begun(NamedTuple):
    """A run that began: its place among the shard's outputs, its number in its lane, its entry's `at`."""

    place: int
    occurrence: int
    at: int


class States:
    """What a store in memory keeps for `StatesOfTurn`."""

    def __init__(self) -> None:
        self.begun: dict[Lane, list[Begun]] = {}
        self.snapshots: dict[str, Snapshot] = {}
        self.places: dict[int, int] = {}


def closed_lanes(
    lanes: Sequence[Lane], before: int | None, *begun: Mapping[Lane, Sequence[Begun]]
) -> dict[Lane, tuple[int, int]]:
    found = {}
    for lane in lanes:
        known = (one for runs in begun for one in runs.get(lane, ()))
        runs = [one for one in known if before is None or one.place < before]
        if runs:
            found[lane] = max(one.occurrence for one in runs) + 1, max(one.at for one in runs)
    return found


class StatesOfTurn:
    """The part of a turn that is about states."""

    shard: Shard

    def __init__(self, kept: States, shard: Shard) -> None:
        self._kept = kept
        self._begun: dict[Lane, list[Begun]] = {}
        self._snapshots: dict[str, Snapshot] = {}
        self._place = kept.places.get(shard.number, 0)

    @property
    def place(self) -> int:
        self._check()
        return self._place

    def lanes(self, lanes: Sequence[Lane], before: int | None = None) -> dict[Lane, tuple[int, int]]:
        self._check()
        return closed_lanes(lanes, before, self._kept.begun, self._begun)

    def snapshots(self, customers: Sequence[str]) -> dict[str, Snapshot]:
        self._check()
        found = ((name, self._snapshots.get(name) or self._kept.snapshots.get(name)) for name in customers)
        return {name: one for name, one in found if one}

    def keep_snapshots(self, snapshots: Sequence[Snapshot]) -> None:
        self._check()
        self._snapshots |= {one.customer: one for one in snapshots}

    def events_after(self, customer: str, seen: int, seq: int, limit: int) -> list[Recorded]:
        found = [one for one in self._events_of(customer) if (one.seen, one.seq) > (seen, seq)]
        return sorted(found, key=lambda one: (one.seen, one.seq))[:limit]

    def adoptions(self) -> list[Adoption]:
        prefix = f"{ADOPTED}/{self.shard.number}/"
        told = [one for one in self._events_of("") if one.kind == ADOPTED and one.id.startswith(prefix)]
        told.sort(key=lambda one: one.seq)
        return [Adoption(one.seen, msgspec.json.decode(one.data)["hash"]) for one in told]

    def _note(self, outputs: Sequence[Output]) -> None:
        for place, one in enumerate(outputs, self._place):
            if isinstance(one, Entered):
                lane = one.customer, one.play, one.key
                self._begun.setdefault(lane, []).append(Begun(place, one.occurrence, one.at))
        self._place += len(outputs)

    def _merge(self, shard: int) -> None:
        self._kept.snapshots |= self._snapshots
        self._kept.places[shard] = self._place
        for lane, runs in self._begun.items():
            self._kept.begun.setdefault(lane, []).extend(runs)

    def _check(self) -> None:
        raise NotImplementedError

    def _events_of(self, customer: str) -> list[Recorded]:
        raise NotImplementedError
