"""Names that have gone, relations to subjects, fan-outs under way, and what is kept of erased people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "alias",
        *_texts("customer", "whom"),
        *_wholes("since"),
        sa.Column("waits", sa.BigInteger(), nullable=True),
        *_wholes("place"),
        sa.PrimaryKeyConstraint("customer", name="alias_pkey"),
    )
    op.create_index("alias_whom", "alias", ["whom"])
    waits = sa.text("waits IS NOT NULL")
    op.create_index("alias_waits", "alias", ["waits"], sqlite_where=waits, postgresql_where=waits)
    op.create_table("relation", *_texts("customer", "subject"), *_wholes("begins", "ends", "learnt"))
    op.create_index("relation_customer", "relation", ["customer"])
    op.create_index("relation_subject", "relation", ["subject", "customer"])
    op.create_table(
        "fan_out",
        *_texts("source", "id", "kind"),
        *_wholes("happened_at"),
        *_texts("subject", "data"),
        *_wholes("seen_at", "seq"),
        *_texts("after"),
        sa.PrimaryKeyConstraint("source", "id", name="fan_out_pkey"),
    )
    op.create_table(
        "erased",
        *_texts("what", "hash"),
        *_wholes("at"),
        sa.PrimaryKeyConstraint("what", "hash", name="erased_pkey"),
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names]


def _wholes(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]
