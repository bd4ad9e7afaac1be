"""The tables of a store, as people query them and as both databases have them (docs/store.md).

Migrations make them; a test holds a migrated database against this file. Nothing here runs a statement. A
table has readable columns, and where a value must come back as it was, `body` holds it whole. Instants are
microseconds since 1970-01-01T00:00Z.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects import postgresql

VERSION = "0012"
"""The newest migration."""

VERSIONS = "peakend_version"
"""The table that holds the version; alembic's own name for it may be taken by a neighbour."""

# Order and equality by bytes, in every database alike, whatever language the server was set up for.
TEXT = Text().with_variant(Text(collation="C"), "postgresql")
WHOLE = BigInteger()
COUNTED = BigInteger().with_variant(Integer(), "sqlite")  # only INTEGER counts by itself in SQLite

RARE = ("review", "failed", "unknown", "withdrawn", "expired")
"""States of a delivery that have an index of their own."""

tables = MetaData()


def texts(*names: str) -> list[Column[str]]:
    """Columns that hold a text, never nothing."""
    return [Column(name, TEXT, nullable=False) for name in names]


def wholes(*names: str) -> list[Column[int]]:
    """Columns that hold a whole number, never nothing."""
    return [Column(name, WHOLE, nullable=False) for name in names]


event = Table(
    "event",
    tables,
    *texts("source", "id", "customer", "kind"),
    *wholes("happened_at", "seen_at", "seq"),
    *texts("subject", "data"),
    *wholes("shard"),
    PrimaryKeyConstraint("source", "id", name="event_pkey"),
    Index("event_customer", "customer", "seen_at", "seq"),
    Index("event_seen", "seen_at", "seq", "kind"),
)

inbox = Table(
    "inbox",
    tables,
    *wholes("shard", "number"),
    *texts("source", "id", "customer", "kind"),
    *wholes("happened_at"),
    *texts("subject", "data"),
    PrimaryKeyConstraint("shard", "number", name="inbox_pkey"),
    UniqueConstraint("source", "id", name="inbox_id"),
)

shard = Table(
    "shard",
    tables,
    *wholes("number", "epoch"),
    Column("owner", TEXT),
    *wholes("lease", "last_seen", "ticked_to", "next_seq", "next_place"),
    PrimaryKeyConstraint("number", name="shard_pkey"),
)

state = Table(
    "state",
    tables,
    *texts("customer"),
    *wholes("shard"),
    Column("wake", WHOLE),
    *texts("program"),
    Column("data", LargeBinary, nullable=False),
    Column("since", WHOLE, nullable=False, server_default="0"),
    PrimaryKeyConstraint("customer", name="state_pkey"),
)
_wakes = state.c.wake.is_not(None)
Index(
    "state_wake", state.c.shard, state.c.wake, state.c.customer, sqlite_where=_wakes, postgresql_where=_wakes
)

# Of large states: apart, or every change of `wake` would write their bytes again.
snapshot = Table(
    "snapshot",
    tables,
    *texts("customer"),
    *wholes("seen_at", "seq", "place"),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("customer", name="snapshot_pkey"),
)

# `lane` stands for `key` in the primary key: a key may be longer than an index of PostgreSQL allows.
run = Table(
    "run",
    tables,
    *texts("customer", "play", "lane"),
    *wholes("occurrence"),
    *texts("key"),
    Column("entry_kind", TEXT),
    Column("entered_at", WHOLE),
    Column("entered_seen_at", WHOLE),
    Column("how", TEXT),
    Column("end_kind", TEXT),
    Column("ended_at", WHOLE),
    Column("ended_seen_at", WHOLE),
    Column("place", WHOLE, nullable=False, server_default="0"),
    Column("pack", TEXT, nullable=False, server_default=""),
    PrimaryKeyConstraint("customer", "play", "lane", "occurrence", name="run_pkey"),
    Index("run_play", "play", "entered_seen_at", "how"),
)

verdict = Table(
    "verdict",
    tables,
    *texts("customer"),
    *wholes("place"),
    *texts("play", "key"),
    *wholes("occurrence"),
    *texts("step"),
    *wholes("round"),
    Column("due", WHOLE),
    *wholes("instant"),
    *texts("outcome", "reason"),
    *wholes("until"),
    *texts("channels", "contact", "message"),
    Column("amount", Float(53), nullable=False),
    *texts("failed"),
    *wholes("holds"),
    Column("body", LargeBinary, nullable=False),
    Column("pack", TEXT, nullable=False, server_default=""),
    PrimaryKeyConstraint("customer", "place", name="verdict_pkey"),
    Index("verdict_play", "play", "instant"),
    Index("verdict_counted", "play", "outcome", "reason", "instant"),
    Index("verdict_instant", "instant", "outcome", "reason", "play"),
)

encounter = Table(
    "encounter",
    tables,
    *texts("customer"),
    *wholes("place"),
    *texts("touchpoint", "key"),
    *wholes("begun", "ended", "instant"),
    *texts("state"),
    Column("settled", Boolean, nullable=False),
    Column("unfinished", Boolean, nullable=False),
    Column("rating", Float(53)),
    *texts("standards", "channel"),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("customer", "place", name="encounter_pkey"),
    Index("encounter_point", "touchpoint", "settled", "instant", "state"),
)

output = Table(
    "output",
    tables,
    *texts("customer"),
    *wholes("place"),
    *texts("type", "play", "key"),
    *wholes("instant"),
    *texts("what"),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("customer", "place", name="output_pkey"),
)
_breached = output.c.type == "breached"
Index(
    "output_breached",
    *(output.c.instant, output.c.what),
    sqlite_where=_breached,
    postgresql_where=_breached,
)

message = Table(
    "message",
    tables,
    Column("number", COUNTED, autoincrement=True, nullable=False),
    *texts("send_key", "customer", "play", "key"),
    *wholes("occurrence"),
    *texts("step"),
    *wholes("round"),
    *texts("message", "channel", "contact"),
    *wholes("rank", "since", "until"),
    Column("at_most_once", Boolean, nullable=False),
    *texts("state"),
    *wholes("attempts", "token", "lease"),
    *texts("receipt"),
    *wholes("changed"),
    Column("worker", TEXT),
    PrimaryKeyConstraint("number", name="message_pkey"),
    UniqueConstraint("send_key", name="message_send_key"),
    Index("message_customer", "customer", "number"),
    Index("message_since", "since", "number"),
    Index("message_play", "play", "since", "number"),
)
_planned = message.c.state == "planned"
_held = message.c.state.in_(("claimed", "handed"))
Index("message_message", message.c.message)
Index(
    "message_waits",
    *(message.c.channel, message.c.rank, message.c.since, message.c.number),
    sqlite_where=_planned,
    postgresql_where=_planned,
)
Index("message_held", message.c.lease, sqlite_where=_held, postgresql_where=_held)
_rare = message.c.state.in_(RARE)
Index(
    "message_rare",
    *(message.c.state, message.c.since, message.c.number),
    sqlite_where=_rare,
    postgresql_where=_rare,
)
_changed = message.c.changed > 0
Index("message_changed", message.c.changed, sqlite_where=_changed, postgresql_where=_changed)

content = Table(
    "content",
    tables,
    *texts("message", "part", "customer"),
    *wholes("instant"),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("message", "part", name="content_pkey"),
    Index("content_customer", "customer"),
)

note = Table(
    "note",
    tables,
    Column("number", COUNTED, autoincrement=True, nullable=False),
    *texts("send_key", "kind", "customer", "who", "play", "message", "subject", "body", "severity", "link"),
    *wholes("at", "until"),
    *texts("state"),
    *wholes("changed"),
    *texts("changed_by"),
    Column("assignee", TEXT, nullable=False, server_default=""),
    Column("snoozed", WHOLE, nullable=False, server_default="0"),
    Column("result", TEXT, nullable=False, server_default=""),
    PrimaryKeyConstraint("number", name="note_pkey"),
    UniqueConstraint("send_key", name="note_send_key"),
    Index("note_customer", "customer", "number"),
    Index("note_who", "kind", "who", "state"),
)
_to_do = (note.c.kind == "card") & (note.c.state != "done")
Index("note_to_do", note.c.until, note.c.number, sqlite_where=_to_do, postgresql_where=_to_do)

start = Table(
    "start",
    tables,
    *texts("worker"),
    *wholes("epoch"),
    PrimaryKeyConstraint("worker", name="start_pkey"),
)

quarantine = Table(
    "quarantine",
    tables,
    Column("number", COUNTED, autoincrement=True, nullable=False),
    *texts("source", "place", "reason_zh", "reason_en", "body"),
    *wholes("at"),
    Column("mended", Boolean, nullable=False),
    Column("kind", TEXT, nullable=False, server_default=""),
    Column("cause", TEXT, nullable=False, server_default=""),
    PrimaryKeyConstraint("number", name="quarantine_pkey"),
    Index("quarantine_place", "source", "place"),
    Index("quarantine_cause", "mended", "source", "cause", "number"),
)

publication = Table(
    "publication",
    tables,
    *wholes("seen_at"),
    *texts("hash", "pack", "who", "backtest", "approved"),
    Column("files", LargeBinary, nullable=False),
    PrimaryKeyConstraint("seen_at", name="publication_pkey"),
    Index("publication_hash", "hash"),
)

switch = Table(
    "switch",
    tables,
    *texts("play", "channel"),
    Column("stopped", Boolean, nullable=False),
    *wholes("since"),
    *texts("who"),
    PrimaryKeyConstraint("play", "channel", name="switch_pkey"),
)

signer = Table(
    "signer",
    tables,
    *texts("name", "public"),
    *wholes("since"),
    PrimaryKeyConstraint("name", name="signer_pkey"),
    UniqueConstraint("public", name="signer_public"),
)


# `digest` stands for `message` in its index: a message may be longer than an index of PostgreSQL allows.
draw = Table(
    "draw",
    tables,
    Column("number", COUNTED, autoincrement=True, nullable=False),
    *texts("budget", "period", "customer", "message"),
    *wholes("amount", "instant"),
    *texts("digest"),
    PrimaryKeyConstraint("number", name="draw_pkey"),
    Index("draw_period", "budget", "period", "amount"),
    Index("draw_digest", "digest"),
)

draw_order = Table(
    "draw_order", tables, *wholes("turns"), PrimaryKeyConstraint("turns", name="draw_order_pkey")
)


# `waits` is the shard that has yet to join the state of a name that has gone. What it concludes about that
# name comes behind `place`, or two shards would give one place twice.
alias = Table(
    "alias",
    tables,
    *texts("customer", "whom"),
    *wholes("since"),
    Column("waits", WHOLE),
    *wholes("place"),
    PrimaryKeyConstraint("customer", name="alias_pkey"),
    Index("alias_whom", "whom"),
)
_waits = alias.c.waits.is_not(None)
Index("alias_waits", alias.c.waits, sqlite_where=_waits, postgresql_where=_waits)

relation = Table(
    "relation",
    tables,
    *texts("customer", "subject"),
    *wholes("begins", "ends", "learnt"),
    Index("relation_customer", "customer"),
    Index("relation_subject", "subject", "customer"),
)

fan_out = Table(
    "fan_out",
    tables,
    *texts("source", "id", "kind"),
    *wholes("happened_at"),
    *texts("subject", "data"),
    *wholes("seen_at", "seq"),
    *texts("after"),
    PrimaryKeyConstraint("source", "id", name="fan_out_pkey"),
)

# What must be known of people who were erased: hashes, and the salt that they were made with.
erased = Table(
    "erased",
    tables,
    *texts("what", "hash"),
    *wholes("at"),
    PrimaryKeyConstraint("what", "hash", name="erased_pkey"),
)


class Insert(NamedTuple):
    """Rows of one shape into one table: how the hot path writes, each database in its own way."""

    table: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    tail: str


def insert(table: Table, without: tuple[str, ...] = (), tail: str = "") -> Insert:
    """An insert of a table's columns in their order; `tail` says what is done where a row is there."""
    columns = [column for column in table.columns if column.name not in without]
    types = (str(column.type.compile(postgresql.dialect())).partition(" COLLATE")[0] for column in columns)  # type: ignore[no-untyped-call]
    return Insert(table.name, tuple(column.name for column in columns), tuple(types), tail)
