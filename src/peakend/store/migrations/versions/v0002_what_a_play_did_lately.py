"""An index of verdicts by play and time: what a play did last week no longer reads every verdict there is."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_index("verdict_play", "verdict", ["play", "instant"])
