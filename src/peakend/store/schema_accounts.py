"""The tables of the people who work with Peakend; beside `schema.py`."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, PrimaryKeyConstraint, Table, UniqueConstraint

from peakend.store.schema import COUNTED, tables, texts, wholes

account = Table(
    "account",
    tables,
    *texts("name", "shown", "email", "role", "language", "wecom", "oidc"),
    Column("disabled", Boolean, nullable=False),
    *texts("password"),
    *wholes("made", "changed", "version"),
    PrimaryKeyConstraint("name", name="account_pkey"),
)
for _elsewhere in (account.c.oidc, account.c.wecom):
    _named = _elsewhere != ""
    Index(f"account_{_elsewhere.name}", _elsewhere, unique=True, sqlite_where=_named, postgresql_where=_named)

session = Table(
    "session",
    tables,
    *texts("hash", "name"),
    *wholes("made", "seen", "until"),
    *texts("via", "address", "browser"),
    PrimaryKeyConstraint("hash", name="session_pkey"),
    Index("session_name", "name"),
)

api_key = Table(
    "api_key",
    tables,
    *texts("id", "hash", "label", "scopes", "who"),
    *wholes("made", "used", "revoked"),
    PrimaryKeyConstraint("id", name="api_key_pkey"),
    UniqueConstraint("hash", name="api_key_hash"),
)

token = Table(
    "token",
    tables,
    *texts("hash", "purpose", "about"),
    *wholes("made", "until"),
    PrimaryKeyConstraint("hash", name="token_pkey"),
)

audit = Table(
    "audit",
    tables,
    Column("number", COUNTED, autoincrement=True, nullable=False),
    *wholes("at"),
    *texts("who", "what", "about", "before", "after"),
    PrimaryKeyConstraint("number", name="audit_pkey"),
    Index("audit_who", "who", "number"),
    Index("audit_about", "about", "number"),
)
