"""The contract of every store: what is durable, what is one transaction, and who may write.

The three stores are twins under one test class (`tests/store_contract.py`). A store decides nothing and reads
no clock: instants are handed in. What a turn writes appears whole or not at all; a turn of an owner that has
been replaced fails with Fenced and writes nothing. A store does one thing at a time, also for several
threads; whoever wants to work beside it opens it once more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import pyarrow as pa

from peakend.errors import PeakendError
from peakend.model.outcome import Output
from peakend.model.stored import (
    Alias,
    Arrival,
    Delivery,
    Fan,
    Fate,
    Identified,
    Message,
    Planned,
    Recorded,
    Relation,
    Shard,
    StateRow,
    Unusable,
)


class StoreError(PeakendError):
    """The store cannot do what was asked; the message says what to mend.

    Where the database went away while a block ended, what it wrote is there whole or not at all, and nobody
    can say which: take up what the store holds, and hand arrivals in again, which is harmless.
    """


class Fenced(StoreError):
    """Another owner has taken the shard: what this turn would have written is not written."""


class Turn(Protocol):
    """One transaction of the owner of one shard; what it wrote is durable once its `with` block has ended.

    It reads what it has written itself. While it is open, its thread asks nothing else of the store, and
    after its block it is over: both are a StoreError.
    """

    shard: Shard
    """The shard as it stood when the turn began, which may be ahead of the value that was handed in."""

    def append(self, arrivals: Sequence[Arrival]) -> list[Fate]:
        """Take arrivals of this shard into the inbox, each (source, id) once; the fate of each in order."""

    def take(self, limit: int) -> list[Arrival]:
        """The oldest arrivals of the shard's inbox, at most `limit`; they leave it when the turn ends.

        Only what is kept among the events is known for ever: keep whatever was taken, also what no play can
        use, or the same arrival is taken anew when it comes again.
        """

    def due(self, until: int, limit: int) -> list[str]:
        """Customers of the shard whose state wants to be woken at `until` or before, the earliest first."""

    def states(self, customers: Sequence[str]) -> dict[str, StateRow]:
        """The states of those customers who have one."""

    def keep(
        self,
        events: Sequence[Recorded],
        states: Sequence[StateRow],
        outputs: Sequence[Output],
        messages: Sequence[Planned],
        *,
        ticked_to: int | None = None,
    ) -> None:
        """Write what was folded: events (with seen and seq), new states, outputs in their order, deliveries.

        The shard's `last_seen` and `next_seq` move behind the events, `ticked_to` as given; none ever falls.
        A delivery whose send key is known already is left as it is.
        """

    def put_aside(self, rows: Sequence[Unusable]) -> None:
        """As the store does: what cannot be used leaves the inbox and is put aside in one step."""

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


class Store(Protocol):
    """Where a service's log, states, conclusions and messages live."""

    shards: int

    def claim_shards(self, worker: str, now: int, lease: int, most: int) -> list[Shard]:
        """Own up to `most` shards until `now` + `lease`: keep the owned ones, take free or expired ones.

        A shard that changes its owner gets a new epoch; one that is kept has its lease prolonged. Who owns
        more than `most` gives the rest back. A shard in the middle of a turn is not taken before it ends.
        """

    def release_shards(self, worker: str) -> None:
        """Give all shards of a worker back, for a clean shutdown; its turns are fenced from then on."""

    def turn(self, shard: Shard) -> AbstractContextManager[Turn]:
        """A transaction on a shard that is owned; Fenced where its epoch is no longer the shard's."""

    def append(self, arrivals: Sequence[Arrival]) -> list[Fate]:
        """Take arrivals into the inboxes of their shards, durably; any process may.

        Raises StoreError, and takes none, where an arrival holds a character that a database cannot: U+0000,
        also as an escape within `data`, or half a surrogate pair. The error names the arrival.
        """

    def waiting(self) -> int:
        """How many arrivals wait in the inboxes: the door says "later" before this grows."""

    def states(self, customers: Sequence[str]) -> dict[str, StateRow]:
        """The newest states of those customers who have one, to ask once more before a message leaves."""

    def claim_messages(self, worker: str, now: int, lease: int, limit: int) -> list[Message]:
        """Claim deliveries that are planned for `now` or before, until `now` + `lease`.

        First, every claim whose lease is over is lost: what was `claimed` is `planned` again; what was
        `handed` is `unknown` where it is at most once, else `planned`. Then the highest rank (0) is claimed
        first, within a rank the earliest `since`, then what was planned first. What is past its `until` is
        claimed too, for the claimant to expire it.
        """

    def move(
        self,
        send_key: str,
        token: int,
        state: Delivery,
        now: int,
        *,
        receipt: str = "",
        since: int | None = None,
    ) -> bool:
        """Change a message that is claimed or handed under `token`; False, and nothing written, where it is
        not.

        `since` says when it may be claimed again; back to `planned` gives the claim up. To `handed` counts an
        attempt. An empty receipt leaves the one before.
        """

    def decide(self, send_key: str, state: Delivery, now: int, receipt: str) -> bool:
        """A person's decision, or a receipt, about a message that nobody holds a claim on; else False."""

    def hold_for_review(self, now: int) -> int:
        """Put every message that was planned or claimed under review; how many."""

    def messages(self, customer: str | None = None, states: Sequence[Delivery] = ()) -> list[Message]:
        """Messages of a customer, or of all, in the order in which they were planned; no states means any."""

    def story(self, customer: str, play: str | None = None) -> list[Output]:
        """What was concluded about a customer, in the order in which it was.

        With a play only what names it: entries, exits, verdicts, exposures, regrets.
        """

    def events_of(self, customer: str) -> list[Recorded]:
        """A customer's inputs in the order of (seen, seq), to fold them anew."""

    def recorded(self) -> Iterator[pa.RecordBatch]:
        """All inputs as the native log, in the order of (seen, seq): what a backtest of them reads.

        It shows one instant of the store, however long it is read. `seq` counts within a shard; an empty
        customer or subject is null there.
        """

    def put_aside(self, rows: Sequence[Unusable]) -> None:
        """Keep rows that could not be used; the store numbers them, with gaps where a turn failed.

        Nothing about them may fail: a character that no database can hold is replaced.
        """

    def put_aside_rows(self, *, mended: bool = False) -> list[Unusable]:
        """The rows that were put aside and are not mended yet, or those that are."""

    def mend(self, number: int) -> None:
        """A row that was put aside has been replayed. Raises StoreError where there is no such row."""

    def close(self) -> None:
        """Let go of the database."""

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
