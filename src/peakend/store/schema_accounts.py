"""The tables of the people who work with Peakend; beside `schema.py`."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, PrimaryKeyConstraint, Table, UniqueConstraint

from peakend.store.schema import COUNTED, TEXT, WHOLE, tables


def _texts(*names: str) -> list[Column[str]]:
    return [Column(name, TEXT, nullable=False) for name in names]


def _wholes(*names: str) -> list[Column[int]]:
    return [Column(name, WHOLE, nullable=False) for name in names]


account = Table(
    "account",
    tables,
    *_texts("name", "shown", "email", "role", "language", "wecom", "oidc"),
    Column("disabled", Boolean, nullable=False),
    *_texts("password"),
    *_wholes("made", "changed", "version"),
    PrimaryKeyConstraint("name", name="account_pkey"),
)
for _elsewhere in (account.c.oidc, account.c.wecom):
    _named = _elsewhere != ""
    Index(f"account_{_elsewhere.name}", _elsewhere, unique=True, sqlite_where=_named, postgresql_where=_named)

session = Table(
    "session",
    tables,
    *_texts("hash", "name"),
    *_wholes("made", "seen", "until"),
    *_texts("via", "address", "browser"),
    PrimaryKeyConstraint("hash", name="session_pkey"),
    Index("session_name", "name"),
)

api_key = Table(
    "api_key",
    tables,
    *_texts("id", "hash", "label", "scopes", "who"),
    *_wholes("made", "used", "revoked"),
    PrimaryKeyConstraint("id", name="api_key_pkey"),
    UniqueConstraint("hash", name="api_key_hash"),
)

token = Table(
    "token",
    tables,
    *_texts("hash", "purpose", "about"),
    *_wholes("made", "until"),
    PrimaryKeyConstraint("hash", name="token_pkey"),
)

audit = Table(
    "audit",
    tables,
    Column("number", COUNTED, autoincrement=True, nullable=False),
    *_wholes("at"),
    *_texts("who", "what", "about", "before", "after"),
    PrimaryKeyConstraint("number", name="audit_pkey"),
    Index("audit_who", "who", "number"),
    Index("audit_about", "about", "number"),
)
