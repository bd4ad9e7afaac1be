"""People who work with Peakend, how they are signed in, keys of programs, and the record of changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
COUNTED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "account",
        *_texts("name", "shown", "email", "role", "language", "wecom", "oidc"),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        *_texts("password"),
        *_wholes("made", "changed", "version"),
        sa.PrimaryKeyConstraint("name", name="account_pkey"),
    )
    for name in ("oidc", "wecom"):
        named = sa.text(f"{name} <> ''")
        op.create_index(
            f"account_{name}", "account", [name], unique=True, sqlite_where=named, postgresql_where=named
        )
    op.create_table(
        "session",
        *_texts("hash", "name"),
        *_wholes("made", "seen", "until"),
        *_texts("via", "address", "browser"),
        sa.PrimaryKeyConstraint("hash", name="session_pkey"),
    )
    op.create_index("session_name", "session", ["name"])
    op.create_table(
        "api_key",
        *_texts("id", "hash", "label", "scopes", "who"),
        *_wholes("made", "used", "revoked"),
        sa.PrimaryKeyConstraint("id", name="api_key_pkey"),
        sa.UniqueConstraint("hash", name="api_key_hash"),
    )
    op.create_table(
        "token",
        *_texts("hash", "purpose", "about"),
        *_wholes("made", "until"),
        sa.PrimaryKeyConstraint("hash", name="token_pkey"),
    )
    op.create_table(
        "audit",
        sa.Column("number", COUNTED, autoincrement=True, nullable=False),
        *_wholes("at"),
        *_texts("who", "what", "about", "before", "after"),
        sa.PrimaryKeyConstraint("number", name="audit_pkey"),
    )
    op.create_index("audit_who", "audit", ["who", "number"])
    op.create_index("audit_about", "audit", ["about", "number"])


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names]


def _wholes(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]
