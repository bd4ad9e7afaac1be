"""What a store in memory holds, and what one of its turns has written so far: the base of their parts.

The parts stand beside each other as those of a database do, and share what is here.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import RLock
from typing import NamedTuple, cast

from msgspec.structs import replace

from peakend.model.account import Account, ApiKey, AuditEntry, Session, Token
from peakend.model.draft import Agreement, Draft, Revision
from peakend.model.hook import Call, Happened, Hook
from peakend.model.job import Job
from peakend.model.looked import Clock
from peakend.model.money import Draw
from peakend.model.publication import Publication, Signer, Switch
from peakend.model.stored import (
    OURS,
    Alias,
    Arrival,
    Fan,
    Message,
    Note,
    NoteAct,
    Recorded,
    Relation,
    Shard,
    Snapshot,
    StateRow,
    Told,
    Unusable,
    joined_as,
)
from peakend.store.base import Lane
from peakend.store.erasing import hashed
from peakend.store.hooks import call_from, call_row
from peakend.store.refusals import not_now, over, spoilt
from peakend.store.rows import Key, as_stored, aside_as_kept, parts, shard_of
from peakend.store.work import changed_files


class Begun(NamedTuple):
    """A run that began: its place among the shard's outputs, its entry's `at`, whether it was `carried` over
    from another name."""

    place: int
    at: int
    carried: bool


class Concluded(NamedTuple):
    """An output whole, the play that it names, its place among the shard's, the pack that concluded it."""

    play: str | None
    body: bytes
    place: int
    pack: str


class States:
    """What a store in memory keeps for `StatesOfTurn`."""

    def __init__(self) -> None:
        self.begun: dict[Lane, list[Begun]] = {}
        self.snapshots: dict[str, Snapshot] = {}
        self.places: dict[int, int] = {}


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


class Work:
    """What a store in memory keeps of work."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.drafts: dict[str, Draft] = {}
        self.changes: dict[str, list[tuple[Revision, dict[str, bytes | None]]]] = {}
        self.agreements: dict[str, Agreement] = {}

    def files(self, id_: str, revision: int | None = None) -> dict[str, bytes]:
        """The files of a draft."""
        files: dict[str, bytes] = {}
        for one, changes in self.changes.get(id_, ()):
            if revision is None or one.number <= revision:
                files = changed_files(files, changes)
        return files


class Held:
    """Everything that a store in memory holds, with one lock for all threads."""

    def __init__(self, shards: int = 1) -> None:
        self.shards = shards
        self._lock = RLock()
        self._open = False
        self._inboxes: list[list[Arrival]] = [[] for _ in range(shards)]
        self._known: dict[Key, Arrival] = {}
        self._states: dict[str, StateRow] = {}
        self._outputs: dict[str, list[Concluded]] = {}
        self._known_by: dict[str, dict[tuple[str, str], tuple[str, int]]] = {}
        self._clocks: dict[str, list[Clock]] = {}
        self._acts: list[NoteAct] = []
        self._acted = 0
        self._messages: dict[str, Message] = {}
        self._contents: dict[str, dict[str, Told]] = {}
        self._notes: dict[str, Note] = {}
        self._starts: dict[str, int] = {}
        self._shards = [Shard(number, 0, 0, 0, 0) for number in range(shards)]
        self._owners: list[str | None] = [None] * shards
        self._leases = [0] * shards
        self._events: dict[str, list[tuple[Recorded, int]]] = {}
        self._aside: list[Unusable] = []
        self._numbered = 0
        self._draws: list[Draw] = []
        self._kept = States()
        self._names = Names()
        self._announced: list[Recorded] = []
        self._publications: list[Publication] = []
        self._switches: list[Switch] = []
        self._signers: list[Signer] = []
        self._work = Work()
        self._accounts: dict[str, Account] = {}
        self._sessions: dict[str, Session] = {}
        self._keys: list[ApiKey] = []
        self._tokens: dict[str, Token] = {}
        self._changes: list[AuditEntry] = []
        self._hooks: dict[str, Hook] = {}
        self._calls: dict[int, Call] = {}
        self._called = 0

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._lock:
            if self._open:
                raise not_now()
            yield

    def _hand_over(self, number: int, owner: str | None, lease: int) -> None:
        self._owners[number], self._leases[number] = owner, lease
        self._shards[number] = self._shards[number]._replace(epoch=self._shards[number].epoch + 1)

    def _take_in(self, arrivals: Iterable[Arrival]) -> None:
        for one in arrivals:
            self._known[one.source, one.id] = one
            self._inboxes[shard_of(one.customer, self.shards)].append(one)

    def _put_calls(self, calls: Sequence[Call]) -> None:
        for one in calls:
            self._called += 1
            self._calls[self._called] = call_from((self._called, *call_row(one)))

    def _record(self, entry: AuditEntry) -> None:
        self._changes.append(replace(as_stored(entry), number=len(self._changes) + 1))

    def _put_aside(self, rows: Sequence[Unusable]) -> None:
        for row in rows:
            self._numbered += 1
            self._aside.append(replace(aside_as_kept(row), number=self._numbered))


class HeldTurn:
    """What a turn has written so far, beside the store that it was opened on."""

    def __init__(self, store: Held, shard: Shard) -> None:
        self.shard = shard
        self.open = True
        self._spoilt = False
        self._store = store
        self._after = shard
        self._inbox = list(store._inboxes[shard.number])
        self._known = ChainMap[Key, Arrival | None]({}, cast(dict[Key, Arrival | None], store._known))
        self._named = store._names
        self._own: Names | None = None
        self._elsewhere: list[tuple[int, Arrival]] = []
        self._states: dict[str, StateRow | None] = {}
        self._events: list[Recorded] = []
        self._outputs: list[tuple[str, Concluded]] = []
        self._messages: list[Message] = []
        self._happened: list[Happened] = []
        self._contents: list[Told] = []
        self._clocks: dict[str, list[Clock]] = {}
        self._aside: list[Unusable] = []
        self._draws = list(store._draws)
        self._kept = store._kept
        self._begun: dict[Lane, list[Begun]] = {}
        self._snapshots: dict[str, Snapshot | None] = {}
        self._place = store._kept.places.get(shard.number, 0)

    @property
    def _names(self) -> Names:
        return self._own or self._named

    @property
    def _changed(self) -> Names:
        if self._own is None:
            self._own = self._named.copy()
        return self._own

    def _kept_of(self, names: Sequence[str]) -> list[Recorded]:
        self._check()
        kept = (event for name in names for event, _ in self._store._events.get(name, ()))
        return [*kept, *(event for event in self._events if event.customer in names)]

    def _parts(self, customers: Iterable[str]) -> dict[str, list[str]]:
        return within(self._names, self._known, customers)

    def _is_own(self, customer: str) -> bool:
        return shard_of(customer, self._store.shards) == self.shard.number

    def _check(self) -> None:
        if not self.open:
            raise over()
        if self._spoilt:
            raise spoilt()
