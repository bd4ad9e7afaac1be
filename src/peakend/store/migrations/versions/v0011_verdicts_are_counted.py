"""How often each play decided what and why, over any time, without sorting it first."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_index("verdict_counted", "verdict", ["play", "outcome", "reason", "instant"])
