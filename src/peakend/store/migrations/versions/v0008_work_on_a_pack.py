"""Jobs, drafts of a pack with their revisions, and agreements of a second account."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "job",
        *_texts("id", "kind", "params", "who", "state"),
        *_wholes("created", "done", "total"),
        *_texts("note", "result"),
        *_wholes("started", "heartbeat", "ended", "attempts"),
        *_texts("token"),
        sa.PrimaryKeyConstraint("id", name="job_pkey"),
    )
    op.create_index("job_state", "job", ["state", "created", "id"])
    op.create_table(
        "draft",
        *_texts("id", "pack", "based_on", "origin", "who"),
        *_wholes("created"),
        *_texts("state"),
        *_wholes("revision", "changed"),
        *_texts("changed_by", "copy_of"),
        *_wholes("copied"),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="draft_pkey"),
    )
    op.create_table(
        "draft_revision",
        *_texts("draft"),
        *_wholes("number"),
        *_texts("who"),
        *_wholes("at"),
        *_texts("files"),
        *_wholes("back_to"),
        sa.Column("changes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("draft", "number", name="draft_revision_pkey"),
    )
    op.create_table(
        "agreement",
        *_texts("id", "draft", "pack", "hash", "backtest", "reasons", "asked", "whom", "word"),
        *_wholes("at"),
        *_texts("state", "answered", "answer"),
        *_wholes("answered_at"),
        sa.PrimaryKeyConstraint("id", name="agreement_pkey"),
    )
    op.create_index("agreement_hash", "agreement", ["hash"])


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names]


def _wholes(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]
