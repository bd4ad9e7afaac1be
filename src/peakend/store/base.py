"""The contract of every store: what is durable, what is one transaction, and who may write.

The three stores are twins under one test class (`tests/store_contract.py`). A store decides nothing and reads
no clock: instants are handed in. What a turn writes appears whole or not at all; a turn of an owner that has
been replaced fails with Fenced and writes nothing. A store does one thing at a time, also for several
threads; whoever wants to work beside it opens it once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from peakend.errors import PeakendError
from peakend.model.money import Draw
from peakend.model.outcome import Output
from peakend.model.publication import Paused, Publication, Signer, Switch
from peakend.model.stored import (
    Adoption,
    Arrival,
    Delivery,
    Fate,
    Message,
    Note,
    NoteAct,
    NoteState,
    Planned,
    Recorded,
    Shard,
    Snapshot,
    StateRow,
    Told,
    Unusable,
)
from peakend.store.base_accounts import StoreOfAccounts
from peakend.store.base_hooks import StoreOfHooks
from peakend.store.base_looking import StoreToLookInto, TurnToLookInto
from peakend.store.base_people import StoreOfPeople, TurnOfPeople
from peakend.store.base_work import StoreOfWork

Lane = tuple[str, str, str]
"""(customer, play, key)"""


class StoreError(PeakendError):
    """The store cannot do what was asked; the message says what to mend.

    Where the database went away while a block ended, what it wrote is there whole or not at all, and nobody
    can say which: take up what the store holds, and hand arrivals in again, which is harmless.
    """


class Away(StoreError):
    """The database cannot be reached, or not used, at this moment: what was asked may be right."""


class Fenced(StoreError):
    """Another owner has taken the shard: what this turn would have written is not written."""


class Overtaken(StoreError):
    """Somebody else has changed it since it was read: nothing is written."""


class Turn(TurnOfPeople, TurnToLookInto, Protocol):
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
        contents: Sequence[Told] = (),
        *,
        ticked_to: int | None = None,
        pack: str = "",
    ) -> None:
        """Write what was folded: events (with seen and seq), new states, outputs in their order, deliveries.

        The shard's `last_seen` and `next_seq` move behind the events, `ticked_to` as given; none ever falls.
        A delivery whose send key is known already is left as it is. `pack` is the hash of the pack by which
        the outputs were concluded.
        """

    def put_aside(self, rows: Sequence[Unusable]) -> None:
        """As the store does: what cannot be used leaves the inbox and is put aside in one step."""

    def announced(self, after: int = -1) -> list[Recorded]:
        """The inputs that concern all customers and were seen after an instant, in their order.

        None of them will ever be missing: this turn, and every later one, sees nothing before them.
        """

    def drawn(self, budget: str, period: str) -> int:
        """What was drawn on a budget in a period, in ten-thousandths, this turn's own draws among it.

        The first question or draw of a turn waits until no other turn of any shard is drawing, and keeps
        others from it until this turn has ended: draws come in the order in which turns commit.
        """

    def draw(self, one: Draw) -> None:
        """Take money from a budget."""

    def give_back(self, message: str) -> None:
        """Undo all draws for a message; none there is no error."""

    @property
    def place(self) -> int:
        """The place that the next output kept will have."""

    def lanes(self, lanes: Sequence[Lane], before: int | None = None) -> dict[Lane, tuple[int, int]]:
        """Of those lanes that had runs: how many, and the greatest `at` of their entries.

        `before` asks for what was kept before that place.
        """

    def snapshots(self, customers: Sequence[str]) -> dict[str, Snapshot]:
        """The snapshots of those customers who have one."""

    def keep_snapshots(self, snapshots: Sequence[Snapshot]) -> None:
        """Write snapshots, in place of older ones."""

    def events_after(self, customer: str, seen: int, seq: int, limit: int) -> list[Recorded]:
        """At most `limit` of a customer's inputs after (seen, seq), in this order."""

    def adoptions(self) -> list[Adoption]:
        """By which packs the shard was folded, since when each, the first first."""


class Store(StoreOfPeople, StoreOfAccounts, StoreOfWork, StoreOfHooks, StoreToLookInto, Protocol):
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

    def arrival(self, source: str, id_: str) -> Arrival | None:
        """What was taken under this name, whether it waits or the log holds it."""

    def waiting(self) -> int:
        """How many arrivals wait in the inboxes: the door says "later" before this grows."""

    def states(self, customers: Sequence[str]) -> dict[str, StateRow]:
        """The newest states of those customers who have one, to ask once more before a message leaves."""

    def claim_messages(
        self,
        worker: str,
        now: int,
        lease: int,
        limit: int,
        *,
        channels: Sequence[str] | None = None,
        spared: Sequence[str] = (),
    ) -> list[Message]:
        """Claim deliveries that are planned for `now` or before, until `now` + `lease`.

        Only those on some channels, if any are named, and never those of the plays in `spared`.

        First, every claim whose lease is over is lost: what was `claimed` is `planned` again; what was
        `handed` is `unknown` where it is at most once, else `planned`. Then the highest rank (0) is claimed
        first, within a rank channel by channel the earliest `since`, then what was planned first. What is
        past its `until` is claimed too, for the claimant to expire it.
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
        then: Sequence[Planned] = (),
        tell: Sequence[Arrival] = (),
    ) -> bool:
        """Change a message that is claimed or handed under `token`; False, and nothing written, where it is
        not. In the same transaction other deliveries are planned, and arrivals are taken in.

        `since` says when it may be claimed again; back to `planned` gives the claim up. To `handed` counts an
        attempt. An empty receipt leaves the one before.
        """

    def decide(
        self,
        send_key: str,
        state: Delivery,
        now: int,
        receipt: str,
        *,
        then: Sequence[Planned] = (),
        tell: Sequence[Arrival] = (),
    ) -> bool:
        """A person's decision, or a receipt, about a message that nobody holds a claim on; else False.

        `then` and `tell` as in `move`.
        """

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

    def put_aside(self, rows: Sequence[Unusable]) -> None:
        """Keep rows that could not be used; the store numbers them, with gaps where a turn failed.

        Nothing about them may fail: a character that no database can hold is replaced.
        """

    def put_aside_rows(self, *, mended: bool = False) -> list[Unusable]:
        """The rows that were put aside and are not mended yet, or those that are."""

    def put_aside_row(self, number: int) -> Unusable | None:
        """The row of a number, mended or not."""

    def put_aside_of(self, customer: str) -> list[Unusable]:
        """The rows that were put aside for an event of a customer which is in the log, mended or not."""

    def mend(self, number: int) -> None:
        """A row that was put aside has been replayed. Raises StoreError where there is no such row."""

    def waiting_channels(self, now: int) -> list[str]:
        """The channels on which deliveries wait that are planned for `now` or before, in their order."""

    def delivery(self, send_key: str) -> Message | None:
        """One delivery and what became of it."""

    def deliveries_like(self, beginning: str) -> list[Message]:
        """The deliveries whose send key begins so: a person writes the first few of its 64 letters."""

    def deliveries_of(self, message: str) -> list[Message]:
        """All deliveries of a message, on whatever channels, in the order in which they were planned."""

    def contents(self, message: str) -> list[bytes]:
        """What the words of a message may speak of: a Content in MessagePack for each send in it."""

    def how_ended(self, customer: str, play: str, key: str, occurrence: int) -> str | None:
        """How a run ended; None where it is open, or unknown."""

    def put_note(self, note: Note) -> None:
        """Lay down a note for its reader; the same send key changes its words only."""

    def notes(
        self, *, kind: str = "", customer: str = "", who: str = "", states: Sequence[NoteState] = ()
    ) -> list[Note]:
        """Notes in the order in which they were laid down; what is left empty is not asked."""

    def note(self, send_key: str) -> Note | None:
        """One note and what became of it."""

    def act_on_note(self, act: NoteAct, tell: Sequence[Arrival] = ()) -> bool:
        """What somebody does with a note, kept in its history; in the same transaction arrivals are taken in.

        False, and nothing written, where the note is unknown; where it is done, except for a remark; where it
        is fetched that was fetched before, or read that was read before.
        """

    def note_acts(self, send_key: str) -> list[NoteAct]:
        """The history of a note, the first act first."""

    def start(self, worker: str) -> int:
        """A worker starts: its epoch, one more than at its last start."""

    def starts(self) -> dict[str, int]:
        """The epoch of every worker's last start."""

    def owners(self, now: int) -> set[str]:
        """Who owns a shard at an instant, its lease not being over."""

    def busy(self, now: int) -> set[int]:
        """The shards with arrivals that wait, customers who should be woken by `now`, names that have to be
        joined, or events that are on their way to many.
        """

    def overdue(self, now: int) -> int:
        """How many customers should have been woken, and messages could have left, by `now`."""

    def close(self) -> None:
        """Let go of the database."""

    def announce(self, kind: str, data: dict[str, str], now: int) -> Recorded:
        """Record an input that concerns all customers, in no turn, as an event of nobody in particular.

        Its `seen` lies after all that any shard has seen or ticked to; every later turn knows it, and sees
        nothing before it.
        """

    def announced(self) -> list[Recorded]:
        """The inputs that concern all customers, in the order in which they were seen."""

    def publish(self, publication: Publication, now: int) -> Publication:
        """Keep a whole pack for ever and announce it, in one step; it comes back with its `seen`.

        A stopped play whose file it has changed begins again.
        """

    def publications(self, hash_: str | None = None) -> list[Publication]:
        """All publications, or those of one pack, in their order."""

    def published_hash(self) -> str:
        """The hash of the newest publication, '' where there is none: cheap, to be asked often."""

    def hold_sends(self, switch: Switch) -> bool:
        """Switch sends off; False where these very words have been said already.

        One that says `stopped` also announces `play.stopped`, in the same step.
        """

    def free_sends(self, play: str, channel: str) -> bool:
        """Switch sends on again, except those of a stopped play; False where they were not off."""

    def switches(self) -> list[Switch]:
        """All sends that are switched off."""

    def paused(self) -> Paused:
        """What must not be handed over now, to be asked before messages are claimed."""

    def trust(self, signer: Signer) -> None:
        """Let a signature count from now on. Raises StoreError where its name or its key is known."""

    def signers(self) -> list[Signer]:
        """Whose signatures count, by name."""

    def open_runs(self) -> dict[str, int]:
        """How many runs of each play have begun and not ended."""

    def message_counts(self) -> dict[str, int]:
        """How many messages there are in each state."""

    def still_aside(self, number: int, reason_zh: str, reason_en: str) -> None:
        """Say anew why a row is put aside. Raises StoreError where there is no such row."""

    def event(self, source: str, id_: str) -> Recorded | None:
        """The event of this name, if the log holds it."""

    def snapshots(self, customers: Sequence[str]) -> dict[str, Snapshot]:
        """The snapshots of those customers who have one: their states have no `data` (see Snapshot)."""

    def lanes(self, lanes: Sequence[Lane], before: int | None = None) -> dict[Lane, tuple[int, int]]:
        """As in a turn, of what was committed."""

    def events_after(self, customer: str, seen: int, seq: int, limit: int) -> list[Recorded]:
        """At most `limit` of a customer's inputs after (seen, seq), in this order."""
