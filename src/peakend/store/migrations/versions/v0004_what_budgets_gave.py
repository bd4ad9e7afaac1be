"""Draws on budgets, and the row that puts them in one order: live, no two workers spend the same money."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
COUNTED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "draw",
        sa.Column("number", COUNTED, autoincrement=True, nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("budget", "period", "customer", "message")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("amount", "instant")),
        sa.Column("digest", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("number", name="draw_pkey"),
    )
    op.create_index("draw_period", "draw", ["budget", "period", "amount"])
    op.create_index("draw_digest", "draw", ["digest"])
    op.create_table(
        "draw_order",
        sa.Column("turns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("turns", name="draw_order_pkey"),
    )
    op.execute("INSERT INTO draw_order VALUES (0)")
