"""The tables as they were first; later ones change them, and this file stays as it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import CreateSequence

revision = "0001"
down_revision = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
COUNTED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "event",
        *_texts("source", "id", "customer", "kind"),
        *_wholes("happened_at", "seen_at", "seq"),
        *_texts("subject", "data"),
        *_wholes("shard"),
        sa.PrimaryKeyConstraint("source", "id", name="event_pkey"),
    )
    op.create_index("event_customer", "event", ["customer", "seen_at", "seq"])
    op.create_table(
        "inbox",
        *_wholes("shard", "number"),
        *_texts("source", "id", "customer", "kind"),
        *_wholes("happened_at"),
        *_texts("subject", "data"),
        sa.PrimaryKeyConstraint("shard", "number", name="inbox_pkey"),
        sa.UniqueConstraint("source", "id", name="inbox_id"),
    )
    op.create_table(
        "shard",
        *_wholes("number", "epoch"),
        sa.Column("owner", TEXT, nullable=True),
        *_wholes("lease", "last_seen", "ticked_to", "next_seq", "next_place"),
        sa.PrimaryKeyConstraint("number", name="shard_pkey"),
    )
    op.create_table(
        "state",
        *_texts("customer"),
        *_wholes("shard"),
        sa.Column("wake", sa.BigInteger(), nullable=True),
        *_texts("program"),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("customer", name="state_pkey"),
    )
    _create_partial("state_wake", "state", ["shard", "wake", "customer"], "wake IS NOT NULL")
    op.create_table(
        "run",
        *_texts("customer", "play", "lane"),
        *_wholes("occurrence"),
        *_texts("key"),
        sa.Column("entry_kind", TEXT, nullable=True),
        sa.Column("entered_at", sa.BigInteger(), nullable=True),
        sa.Column("entered_seen_at", sa.BigInteger(), nullable=True),
        sa.Column("how", TEXT, nullable=True),
        sa.Column("end_kind", TEXT, nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_seen_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("customer", "play", "lane", "occurrence", name="run_pkey"),
    )
    op.create_table(
        "verdict",
        *_texts("customer"),
        *_wholes("place"),
        *_texts("play", "key"),
        *_wholes("occurrence"),
        *_texts("step"),
        *_wholes("round"),
        sa.Column("due", sa.BigInteger(), nullable=True),
        *_wholes("instant"),
        *_texts("outcome", "reason"),
        *_wholes("until"),
        *_texts("channels", "contact", "message"),
        sa.Column("amount", sa.Float(53), nullable=False),
        *_texts("failed"),
        *_wholes("holds"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("customer", "place", name="verdict_pkey"),
    )
    op.create_table(
        "encounter",
        *_texts("customer"),
        *_wholes("place"),
        *_texts("touchpoint", "key"),
        *_wholes("begun", "ended", "instant"),
        *_texts("state"),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("unfinished", sa.Boolean(), nullable=False),
        sa.Column("rating", sa.Float(53), nullable=True),
        *_texts("standards", "channel"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("customer", "place", name="encounter_pkey"),
    )
    op.create_table(
        "output",
        *_texts("customer"),
        *_wholes("place"),
        *_texts("type", "play", "key"),
        *_wholes("instant"),
        *_texts("what"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("customer", "place", name="output_pkey"),
    )
    op.create_table(
        "message",
        sa.Column("number", COUNTED, autoincrement=True, nullable=False),
        *_texts("send_key", "customer", "play", "key"),
        *_wholes("occurrence"),
        *_texts("step"),
        *_wholes("round"),
        *_texts("message", "channel", "contact"),
        *_wholes("rank", "since", "until"),
        sa.Column("at_most_once", sa.Boolean(), nullable=False),
        *_texts("state"),
        *_wholes("attempts", "token", "lease"),
        *_texts("receipt"),
        *_wholes("changed"),
        sa.Column("worker", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("number", name="message_pkey"),
        sa.UniqueConstraint("send_key", name="message_send_key"),
    )
    op.create_index("message_customer", "message", ["customer", "number"])
    _create_partial("message_held", "message", ["lease"], "state IN ('claimed', 'handed')")
    _create_partial("message_planned", "message", ["rank", "since", "number"], "state = 'planned'")
    op.create_table(
        "quarantine",
        sa.Column("number", COUNTED, autoincrement=True, nullable=False),
        *_texts("source", "place", "reason_zh", "reason_en", "body"),
        *_wholes("at"),
        sa.Column("mended", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="quarantine_pkey"),
    )
    server = op.get_context().dialect.name == "postgresql"
    if server:
        op.execute(CreateSequence(sa.Sequence("inbox_number")))
    for number in range(64 if server else 1):
        op.execute(f"INSERT INTO shard VALUES ({number}, 0, NULL, 0, 0, 0, 0, 0)")


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names]


def _wholes(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def _create_partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
