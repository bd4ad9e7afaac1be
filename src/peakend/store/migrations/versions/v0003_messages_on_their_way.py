"""What messages say, the notes that people fetch, who started when; a queue for each channel."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from peakend.store.schema import COUNTED, TEXT

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "content",
        *_texts("message", "part", "customer"),
        *_wholes("instant"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("message", "part", name="content_pkey"),
    )
    op.create_index("content_customer", "content", ["customer"])
    op.create_table(
        "note",
        sa.Column("number", COUNTED, autoincrement=True, nullable=False),
        *_texts("send_key", "kind", "customer", "who", "play", "message"),
        *_texts("subject", "body", "severity", "link"),
        *_wholes("at", "until"),
        *_texts("state"),
        *_wholes("changed"),
        *_texts("changed_by"),
        sa.PrimaryKeyConstraint("number", name="note_pkey"),
        sa.UniqueConstraint("send_key", name="note_send_key"),
    )
    op.create_index("note_customer", "note", ["customer", "number"])
    op.create_index("note_who", "note", ["kind", "who", "state"])
    op.create_table(
        "start",
        *_texts("worker"),
        *_wholes("epoch"),
        sa.PrimaryKeyConstraint("worker", name="start_pkey"),
    )
    op.create_index("quarantine_place", "quarantine", ["source", "place"])
    op.create_index("message_message", "message", ["message"])
    op.drop_index("message_planned", "message")
    planned = sa.text("state = 'planned'")
    op.create_index(
        "message_waits",
        "message",
        ["channel", "rank", "since", "number"],
        sqlite_where=planned,
        postgresql_where=planned,
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names]


def _wholes(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]
