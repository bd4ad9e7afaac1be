"""Large states lie apart; runs and verdicts say which pack they follow, and runs their place."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("state", sa.Column("since", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("run", sa.Column("place", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("run", sa.Column("pack", TEXT, nullable=False, server_default=""))
    op.add_column("verdict", sa.Column("pack", TEXT, nullable=False, server_default=""))
    op.create_table(
        "snapshot",
        sa.Column("customer", TEXT, nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("customer", name="snapshot_pkey"),
    )
