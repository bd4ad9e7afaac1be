"""Who is who in the store in memory: names that have gone, relations, events on their way to many.

A turn works on a copy and hands it over as it ends, so a turn that fails leaves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from peakend.model.stored import (
    OURS,
    Alias,
    Arrival,
    Fan,
    Identified,
    Relation,
    Shard,
    StateRow,
    joined_as,
)
from peakend.store.erasing import SEND_KEY, hashed
from peakend.store.rows import Key, first_of_each, parts, shard_of


@dataclass
class Names:
    """What a store knows of names, relations and events under way; `erased` are (what, hash)."""

    aliases: dict[str, Alias] = field(default_factory=dict)
    relations: dict[str, list[Relation]] = field(default_factory=dict)
    fans: dict[Key, Fan] = field(default_factory=dict)
    erased: set[tuple[str, str]] = field(default_factory=set)
    salt: str = ""

    def copy(self) -> Names:
        """Another one that may be changed."""
        return Names(dict(self.aliases), dict(self.relations), dict(self.fans), set(self.erased), self.salt)

    def known(self, what: str, texts: Sequence[str]) -> set[str]:
        """Those of some texts that belonged to somebody who was erased."""
        return {text for text in texts if (what, hashed(self.salt, text)) in self.erased}


def within(
    names: Names, known: Mapping[Key, Arrival | None], customers: Iterable[str]
) -> dict[str, list[str]]:
    """By customer the names whose states are part of hers by now, her own first."""
    into = {
        name: record.customer
        for name in names.aliases
        if (record := known.get((OURS, joined_as(name)))) is not None
    }
    return parts(into, customers)


class NamingTurn:
    """The part of a turn that knows several names of one customer."""

    shard: Shard
    _shards: int
    _inbox: list[Arrival]
    _states: dict[str, StateRow | None]
    _named: Names
    _own: Names | None
    _elsewhere: list[tuple[int, Arrival]]

    def shard_of(self, customer: str) -> int:
        return shard_of(customer, self._shards)

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
            self._forget(name)

    def pass_on(self, arrivals: Sequence[tuple[Arrival, str]]) -> None:
        for one, name in arrivals:
            self._hand(one, shard_of(name, self._shards))

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
            if not self._knows(key):
                self._hand(one, shard_of(one.customer, self._shards))
        fans = self._changed.fans
        if after is None:
            del fans[fan.source, fan.id]
        else:
            fans[fan.source, fan.id] = fan._replace(after=after)

    def _forget(self, name: str) -> None:
        raise NotImplementedError

    def _knows(self, key: Key) -> bool:
        raise NotImplementedError

    def _remember(self, one: Arrival) -> None:
        raise NotImplementedError

    def _hand(self, one: Arrival, number: int) -> None:
        self._remember(one)
        if number == self.shard.number:
            self._inbox.append(one)
        else:
            self._elsewhere.append((number, one))

    @property
    def _names(self) -> Names:
        return self._own or self._named

    @property
    def _changed(self) -> Names:
        if self._own is None:
            self._own = self._named.copy()
        return self._own
