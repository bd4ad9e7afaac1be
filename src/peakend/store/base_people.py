"""The contract of every store about people: their names, what they are related to, and their right to be told
and forgotten. It is part of `base.py`, and stands apart because it is one subject.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from peakend.model.stored import Alias, Arrival, Fan, Identified, Relation


class TurnOfPeople(Protocol):
    """What a turn knows of names and relations."""

    def names_within(self, customer: str) -> list[str]:
        """As the store does, of what lay there when the turn began."""

    def shard_of(self, customer: str) -> int:
        """The number of a customer's shard."""

    def identities(self, names: Sequence[str], *, merging: bool) -> Identified:
        """Who these names are by now, and the names that wait to be joined to customers of this shard.

        With `merging` nobody else merges before this turn ends: a circle cannot close behind its back.
        """

    def rename(self, aliases: Sequence[Alias]) -> None:
        """Names have gone, one after the other; who was known as one is known as its successor."""

    def joined(self, formers: Sequence[str]) -> None:
        """The states of these names are part of others now: they are deleted, and wait no longer."""

    def pass_on(self, arrivals: Sequence[tuple[Arrival, str]]) -> None:
        """Put arrivals that were taken into the inbox of the customer's shard who is named beside each."""

    def relations(self, customers: Sequence[str]) -> list[Relation]:
        """What these customers are related to, and were."""

    def relate(self, customers: Sequence[str], relations: Sequence[Relation]) -> None:
        """Replace all relations of these customers."""

    def spent(self, send_keys: Sequence[str]) -> set[str]:
        """Those of some send keys that were used for people who were erased since."""

    def fan_out(self, fans: Sequence[Fan]) -> None:
        """Events about subjects begin their way to everyone concerned."""

    def fan(self) -> Fan | None:
        """The oldest event that is still on its way to everyone concerned."""

    def related(self, fan: Fan, limit: int) -> list[str]:
        """The next customers whom it concerns: related at its `at`, as was learnt up to its `seen`."""

    def fanned(self, fan: Fan, copies: Sequence[Arrival], after: str | None) -> None:
        """Put its copies into their inboxes, each once; it goes on behind `after`, or with None is done."""


class StoreOfPeople(Protocol):
    """What a store knows of one person."""

    def names_within(self, customer: str) -> list[str]:
        """The names whose states are part of a customer's by now, her own first; closed lanes and inputs
        (`lanes`, `events_after`) are looked up under all of them.
        """

    def carried_to(self, customer: str, play: str, key: str, occurrence: int) -> tuple[str, int] | None:
        """The name and the occurrence under which a run goes on that ended as `carried`."""

    def names_of(self, customer: str) -> list[str]:
        """All names of a person, the one that stays first."""

    def export(self, customer: str) -> dict[str, list[dict[str, Any]]]:
        """Every row about a person, under any name, by table; instants are microseconds, `data` is JSON."""

    def erase(self, customer: str, now: int, salt: str) -> dict[str, int]:
        """Delete every row about a person, under any name, in one transaction; how many by table.

        Kept are hashes of addresses and of send keys, made with the store's salt; the first erasure brings
        it. What was deleted is also gone from the file of SQLite, as far as nobody else reads it right now.
        """

    def suppressed(self, addresses: Sequence[str]) -> set[str]:
        """Those of some addresses that belonged to people who were erased: nothing goes there."""
