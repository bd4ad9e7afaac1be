"""Who is who in the store in memory: names that have gone, relations, events on their way to many.

A turn works on a copy and hands it over as it ends, so a turn that fails leaves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from peakend.model.stored import Alias, Arrival, Fan, Identified, Relation
from peakend.store.erasing import SEND_KEY
from peakend.store.memory_held import HeldTurn
from peakend.store.rows import first_of_each, shard_of


class NamingTurn(HeldTurn):
    """The part of a turn that knows several names of one customer."""

    def shard_of(self, customer: str) -> int:
        return shard_of(customer, self._store.shards)

    def identities(self, names: Sequence[str], *, merging: bool) -> Identified:
        known = self._names.aliases
        waiting = [one for one in known.values() if one.waits == self.shard.number]
        waiting.sort(key=lambda one: (one.since, one.customer))
        found = {name: known[name].whom for name in names if name in known}
        return Identified(found | {one.customer: one.whom for one in waiting}, waiting)

    def rename(self, aliases: Sequence[Alias]) -> None:
        if aliases:
            known = self._changed.aliases
            for one in aliases:
                known |= {n: a._replace(whom=one.whom) for n, a in known.items() if a.whom == one.customer}
                known[one.customer] = one

    def joined(self, formers: Sequence[str]) -> None:
        for name in formers:
            self._changed.aliases[name] = self._changed.aliases[name]._replace(waits=None)
            self._states[name] = None
            self._snapshots[name] = None
            self._clocks[name] = []

    def pass_on(self, arrivals: Sequence[tuple[Arrival, str]]) -> None:
        for one, name in arrivals:
            self._hand(one, shard_of(name, self._store.shards))

    def relations(self, customers: Sequence[str]) -> list[Relation]:
        known = self._names.relations
        return [one for name in dict.fromkeys(customers) for one in known.get(name, ())]

    def relate(self, customers: Sequence[str], relations: Sequence[Relation]) -> None:
        known = self._changed.relations
        for name in customers:
            known.pop(name, None)
        for one in relations:
            known.setdefault(one.customer, []).append(one)

    def spent(self, send_keys: Sequence[str]) -> set[str]:
        return self._names.known(SEND_KEY, send_keys)

    def fan_out(self, fans: Sequence[Fan]) -> None:
        if fans:
            self._changed.fans.update({(one.source, one.id): one for one in fans})

    def fan(self) -> Fan | None:
        return min(self._names.fans.values(), key=lambda one: (one.seen, one.seq), default=None)

    def related(self, fan: Fan, limit: int) -> list[str]:
        found = {
            name
            for name, spans in self._names.relations.items()
            if name > fan.after
            and any(
                one.subject == fan.subject and one.begins <= fan.at < one.ends and one.learnt <= fan.seen
                for one in spans
            )
        }
        return sorted(found)[:limit]

    def fanned(self, fan: Fan, copies: Sequence[Arrival], after: str | None) -> None:
        for key, one in first_of_each(copies).items():
            if self._known.get(key) is None:
                self._hand(one, shard_of(one.customer, self._store.shards))
        fans = self._changed.fans
        if after is None:
            del fans[fan.source, fan.id]
        else:
            fans[fan.source, fan.id] = fan._replace(after=after)

    def _hand(self, one: Arrival, number: int) -> None:
        self._known[one.source, one.id] = one
        if number == self.shard.number:
            self._inbox.append(one)
        else:
            self._elsewhere.append((number, one))
