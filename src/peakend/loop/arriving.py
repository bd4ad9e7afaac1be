"""What one turn has taken, sorted: each arrival to the customer whom it concerns by now, in its place.

Names are settled here: a merge is believed or put aside, states of two names are joined, and what belongs to
a customer of another shard is passed on. Nothing is folded here. Source: docs/semantics.md, section 8.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from peakend.listen.door import as_text
from peakend.listen.fanout import RELATIONS, Relations
from peakend.listen.identity import REFUSALS, Identities, names_of
from peakend.listen.reading import Reader
from peakend.model.event import JOINED, MERGES, REACHED, Event
from peakend.model.stored import OURS, Alias, Arrival, Fan, Identified, Recorded, Unusable, joined_as
from peakend.store.base import Turn
from peakend.when import Zone

_decode = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass
class Inputs:
    """What a turn has to fold and to write. `asleep` are names that another shard has yet to join."""

    recorded: list[Recorded] = field(default_factory=list)
    of: dict[str, list[Event]] = field(default_factory=dict)
    joins: list[Event] = field(default_factory=list)
    asleep: set[str] = field(default_factory=set)
    aliases: list[Alias] = field(default_factory=list)
    passed: list[tuple[Arrival, str]] = field(default_factory=list)
    fans: list[Fan] = field(default_factory=list)
    aside: list[Unusable] = field(default_factory=list)

    @property
    def gone(self) -> list[str]:
        """The names whose states become part of others in this turn."""
        return [event.data["from"] for event in self.joins]


def names_in(data: str) -> set[str]:
    """Every name that the data of a merge may speak of."""
    try:
        found = _decode(data or "{}")
    except msgspec.DecodeError:
        return set()  # it is put aside when it is sorted
    fields = {name for names in MERGES.values() for name in names if name}
    return {as_text(found[name]) for name in fields if isinstance(found.get(name), str | int | float)}


class Sorter:
    """One turn's worth of sorting. `seen` is given to everything, `seq` in the order of arrival."""

    def __init__(
        self,
        turn: Turn,
        reader: Reader,
        kinds: Collection[str],
        zone: Zone,
        identified: Identified,
        seen: int,
    ) -> None:
        self.inputs = Inputs()
        self._turn, self._reader, self._kinds, self._zone, self._seen = turn, reader, kinds, zone, seen
        self._seq = turn.shard.next_seq
        self._names = Identities(identified.whom)
        self._waiting = identified.waiting
        self._related: list[tuple[Event, str]] = []

    def sort(self, arrivals: Sequence[Arrival]) -> Inputs:
        """Join who has waited for it, then take one arrival after the other, and relate customers."""
        for one in self._waiting:
            self._join(one.customer, one.whom)
        for arrival in arrivals:
            self._take(arrival)
        self._relate()
        return self.inputs

    def _take(self, one: Arrival) -> None:
        event = self._typed(one) if one.kind in self._kinds or one.kind in (*MERGES, *RELATIONS) else None
        names = names_of(one.kind, one.customer, event.data) if event else None
        name = self._names.of(names[0] if names else one.customer)
        if self._turn.shard_of(name) != self._turn.shard.number:
            self.inputs.passed.append((one, name))
            self._reader.refused.clear()
            return
        self._record(one.customer, one.kind, one.at, one.data, one.source, one.id, one.subject)
        for refused in self._reader.refused:
            self._put_aside(one, refused.reason, refused.reason)
        self._reader.refused.clear()
        if event and name:
            event.customer, event.seq = name, self.inputs.recorded[-1].seq
            if one.kind in self._kinds:
                self.inputs.of.setdefault(name, []).append(event)
            if one.kind in RELATIONS:
                self._related.append((event, name))
        if names:
            self._merge(one, *names)
        elif one.subject and not one.customer and one.kind in self._kinds:
            self._reach(one)

    def _typed(self, one: Arrival) -> Event | None:
        row = one.customer, one.kind, one.at, self._seen, 0, one.data, one.source, one.id
        return next(self._reader.events((row,)), None)

    def _merge(self, one: Arrival, goes: str, stays: str) -> None:
        merge = self._names.merge(goes, stays)
        if merge.objection in REFUSALS:
            self._put_aside(one, *reversed(REFUSALS[merge.objection]))
        if merge.objection:
            return
        number = self._turn.shard_of(merge.customer)
        here = number == self._turn.shard.number
        self.inputs.aliases.append(Alias(merge.former, merge.customer, self._seen, None if here else number))
        if here:
            self._join(merge.former, merge.customer)
        else:
            self.inputs.asleep.add(merge.former)
            self.inputs.of.setdefault(merge.former, [])

    def _join(self, former: str, customer: str) -> None:
        """Record that two states are joined: a backtest does it at this place of the log alone."""
        data = {"from": former}
        text = msgspec.json.encode(data).decode()
        self._record(customer, JOINED, self._seen, text, OURS, joined_as(former), "")
        event = Event(customer, JOINED, self._seen, self._seen, self.inputs.recorded[-1].seq, data)
        self.inputs.joins.append(event)
        self.inputs.of.setdefault(former, [])
        self.inputs.of.setdefault(customer, []).append(event)
        self._related.append((event, customer))

    def _reach(self, one: Arrival) -> None:
        """Begin to fan an event out, and record it: a backtest does not do it once more."""
        seq = self.inputs.recorded[-1].seq
        self.inputs.fans.append(
            Fan(one.source, one.id, one.kind, one.at, one.subject, one.data, self._seen, seq)
        )
        text = msgspec.json.encode({"event": one.id}).decode()
        self._record("", REACHED, self._seen, text, one.source, f"{one.id}|", one.subject)

    def _record(
        self, customer: str, kind: str, at: int, data: str, source: str, id_: str, subject: str
    ) -> None:
        self.inputs.recorded.append(
            Recorded(customer, kind, at, self._seen, self._seq, data, source, id_, subject)
        )
        self._seq += 1

    def _put_aside(self, one: Arrival, reason_zh: str, reason_en: str) -> None:
        self.inputs.aside.append(
            Unusable(
                number=0,
                source=one.source,
                place=one.id,
                reason_zh=reason_zh,
                reason_en=reason_en,
                body=one.data,
                at=self._seen,
                mended=False,
                kind=one.kind,
            )
        )

    def _relate(self) -> None:
        """Bring the relations of all whom something new was learnt of up to date."""
        if not self._related:
            return
        names = {name for _, name in self._related} | {*self.inputs.gone}
        known = Relations(self._zone)
        before = self._turn.relations([*names])
        known.put(before)
        for event, name in self._related:
            if event.kind == JOINED:
                known.join(event.data["from"], name)
            else:
                known.learn(event.kind, name, event.at, event.data, self._seen)
        after = known.rows()
        if sorted(after) != sorted(before):
            self._turn.relate([*names], after)
