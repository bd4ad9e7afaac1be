"""Other systems that are told what happens, and what waits to be told to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from peakend.store.schema import COUNTED, TEXT

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "hook",
        *_texts("id", "url", "kinds", "secrets", "label", "who"),
        *_wholes("made", "failing", "after", "disabled"),
        *_texts("said"),
        sa.PrimaryKeyConstraint("id", name="hook_pkey"),
    )
    op.create_table(
        "hook_call",
        sa.Column("number", COUNTED, autoincrement=True, nullable=False),
        *_texts("hook", "kind"),
        *_wholes("at"),
        *_texts("customer", "data"),
        sa.PrimaryKeyConstraint("number", name="hook_call_pkey"),
    )
    op.create_index("hook_call_hook", "hook_call", ["hook", "number"])
    op.create_index("hook_call_customer", "hook_call", ["customer"])


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names]


def _wholes(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]
