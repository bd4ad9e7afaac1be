"""Published packs, sends that are switched off, and whose signatures count."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "publication",
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        *_texts("hash", "pack", "who", "backtest", "approved"),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seen_at", name="publication_pkey"),
    )
    op.create_index("publication_hash", "publication", ["hash"])
    op.create_table(
        "switch",
        *_texts("play", "channel"),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        *_texts("who"),
        sa.PrimaryKeyConstraint("play", "channel", name="switch_pkey"),
    )
    op.create_table(
        "signer",
        *_texts("name", "public"),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="signer_pkey"),
        sa.UniqueConstraint("public", name="signer_public"),
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names]
