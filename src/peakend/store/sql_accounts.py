"""Statements about who may do what: accounts, sessions, keys, links that work once, the record of changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import astuple, replace

from peakend.model.account import Account, ApiKey, AuditEntry, AuditQuery, Purpose, Session, Token
from peakend.store import schema_accounts as schema
from peakend.store.accounts import (
    ACCOUNT,
    account_from,
    check_account,
    check_key,
    check_texts,
    entry_row,
    key_from,
    key_row,
    key_taken,
    no_admin_left,
    overtaken,
    page_of,
    rules,
    taken,
)
from peakend.store.schema import insert
from peakend.store.session import Session as DatabaseSession

_AUDIT, _SESSION, _TOKEN = (
    insert(schema.audit, without=("number",)),
    insert(schema.session),
    insert(schema.token),
)
_SESSION_COLUMNS = ", ".join(f"session.{name}" for name in Session.__struct_fields__)
_TOKEN_COLUMNS = ", ".join(Token.__struct_fields__)
_KEY_COLUMNS = "id, hash, label, scopes, who, made, used, revoked"
_KEY_MARKS = ", ".join("?" * len(schema.api_key.columns))
_ENTRY_COLUMNS = "at, who, what, about, before, after, number"
_MARKS = ", ".join("?" * len(Account.__struct_fields__))
_SET = ", ".join(f"{name} = ?" for name in Account.__struct_fields__)


class SqlAccounts:
    """The part of a store in a database that knows who works with it; `_db` is the store's."""

    _db: DatabaseSession

    def account(self, name: str) -> Account | None:
        return self._account("name = ?", name)

    def account_of(self, *, oidc: str = "", wecom: str = "") -> Account | None:
        if oidc:
            return self._account("oidc = ?", oidc)
        return self._account("wecom = ?", wecom) if wecom else None

    def accounts(self) -> list[Account]:
        with self._db.alone():
            rows = self._db.rows(f"SELECT {ACCOUNT} FROM account ORDER BY name")
        return [account_from(row) for row in rows]

    def add_account(self, account: Account, entry: AuditEntry) -> None:
        check_account(account)
        with self._db.transaction():
            added = self._db.run(
                f"INSERT INTO account ({ACCOUNT}) VALUES ({_MARKS}) ON CONFLICT DO NOTHING", astuple(account)
            )
            if not added:
                raise taken(account)
            record(self._db, entry)

    def save_account(self, account: Account, entry: AuditEntry) -> Account:
        check_account(account)
        with self._db.transaction():
            # Two who each take the other's right away at once wait for each other here.
            self._db.run(
                "UPDATE account SET version = version WHERE role = 'admin' OR name = ?", (account.name,)
            )
            rows = self._db.rows(
                f"SELECT {ACCOUNT} FROM account WHERE name = ? AND version = ?",
                (account.name, account.version),
            )
            if not rows:
                raise overtaken(account)
            others = self._db.rows(
                """SELECT oidc, wecom, role = 'admin' AND NOT disabled FROM account
                   WHERE name <> ? AND (role = 'admin' OR (oidc <> '' AND oidc = ?)
                                        OR (wecom <> '' AND wecom = ?))""",
                (account.name, account.oidc, account.wecom),
            )
            for oidc, wecom, _ in others:
                if (oidc and oidc == account.oidc) or (wecom and wecom == account.wecom):
                    raise taken(account)
            if rules(account_from(rows[0])) and not rules(account) and not any(one[-1] for one in others):
                raise no_admin_left()
            saved = replace(account, version=account.version + 1)
            self._db.run(f"UPDATE account SET {_SET} WHERE name = ?", (*astuple(saved), saved.name))
            if saved.disabled:
                self._db.run("DELETE FROM session WHERE name = ?", (saved.name,))
                self._db.run("DELETE FROM token WHERE purpose = 'reset' AND about = ?", (saved.name,))
            record(self._db, entry)
            return saved

    def open_session(self, session: Session, entry: AuditEntry) -> None:
        check_texts(session.hash, session.name, session.address, session.browser)
        with self._db.transaction():
            self._db.run("DELETE FROM session WHERE until <= ?", (session.made,))
            self._db.write(_SESSION, [astuple(session)])
            record(self._db, entry)

    def session(self, hash_: str) -> tuple[Session, Account] | None:
        with self._db.alone():
            columns = ", ".join(f"account.{name}" for name in Account.__struct_fields__)
            rows = self._db.rows(
                f"""SELECT {_SESSION_COLUMNS}, {columns} FROM session
                    JOIN account ON account.name = session.name WHERE session.hash = ?""",
                (hash_,),
            )
        if not rows:
            return None
        ends = len(Session.__struct_fields__)
        return _session(rows[0][:ends]), account_from(rows[0][ends:])

    def sessions(self, name: str) -> list[Session]:
        with self._db.alone():
            rows = self._db.rows(
                f"SELECT {_SESSION_COLUMNS} FROM session WHERE name = ? ORDER BY made DESC, hash", (name,)
            )
        return [_session(row) for row in rows]

    def touch_session(self, hash_: str, seen: int) -> None:
        with self._db.transaction():
            self._db.run("UPDATE session SET seen = ? WHERE hash = ? AND seen < ?", (seen, hash_, seen))

    def end_sessions(self, name: str, hashes: Sequence[str] | None, entry: AuditEntry) -> int:
        with self._db.transaction():
            which = "" if hashes is None else f" AND hash {self._db.among}"
            listed = () if hashes is None else (self._db.texts(hashes),)
            gone = self._db.run(f"DELETE FROM session WHERE name = ?{which}", (name, *listed))
            if gone:
                record(self._db, entry)
            return gone

    def add_key(self, key: ApiKey, entry: AuditEntry) -> None:
        check_key(key)
        with self._db.transaction():
            added = self._db.run(
                f"INSERT INTO api_key ({_KEY_COLUMNS}) VALUES ({_KEY_MARKS}) ON CONFLICT DO NOTHING",
                key_row(key),
            )
            if not added:
                raise key_taken(key)
            record(self._db, entry)

    def api_key(self, hash_: str) -> ApiKey | None:
        with self._db.alone():
            rows = self._db.rows(f"SELECT {_KEY_COLUMNS} FROM api_key WHERE hash = ?", (hash_,))
        return key_from(rows[0]) if rows else None

    def api_keys(self) -> list[ApiKey]:
        with self._db.alone():
            rows = self._db.rows(f"SELECT {_KEY_COLUMNS} FROM api_key ORDER BY made, id")
        return [key_from(row) for row in rows]

    def touch_key(self, hash_: str, used: int) -> None:
        with self._db.transaction():
            self._db.run("UPDATE api_key SET used = ? WHERE hash = ? AND used < ?", (used, hash_, used))

    def revoke_key(self, id_: str, now: int, entry: AuditEntry) -> bool:
        with self._db.transaction():
            gone = self._db.run("UPDATE api_key SET revoked = ? WHERE id = ? AND revoked = 0", (now, id_))
            if gone:
                record(self._db, entry)
            return gone > 0

    def put_token(self, token: Token) -> None:
        check_texts(token.hash, token.about)
        with self._db.transaction():
            self._db.run("DELETE FROM token WHERE until <= ?", (token.made,))
            self._db.write(_TOKEN, [astuple(token)])

    def token(self, hash_: str, purpose: Purpose, now: int) -> Token | None:
        with self._db.alone():
            rows = self._db.rows(
                f"SELECT {_TOKEN_COLUMNS} FROM token WHERE hash = ? AND purpose = ? AND until > ?",
                (hash_, purpose, now),
            )
        return _token(rows[0]) if rows else None

    def take_token(self, hash_: str, purpose: Purpose, now: int) -> Token | None:
        with self._db.transaction():
            rows = self._db.rows(
                f"""DELETE FROM token WHERE hash = ? AND purpose = ? AND until > ?
                    RETURNING {_TOKEN_COLUMNS}""",
                (hash_, purpose, now),
            )
        return _token(rows[0]) if rows else None

    def drop_tokens(self, purpose: Purpose, about: str) -> int:
        with self._db.transaction():
            return self._db.run("DELETE FROM token WHERE purpose = ? AND about = ?", (purpose, about))

    def record(self, entry: AuditEntry) -> None:
        with self._db.transaction():
            record(self._db, entry)

    def recorded_changes(self, query: AuditQuery) -> list[AuditEntry]:
        where, values = _asked(query)
        with self._db.alone():
            rows = self._db.rows(
                f"SELECT {_ENTRY_COLUMNS} FROM audit{where} ORDER BY number DESC LIMIT ?",
                (*values, page_of(query)),
            )
        return [AuditEntry(**dict(zip(_ENTRY_COLUMNS.split(", "), row, strict=True))) for row in rows]

    def _account(self, where: str, value: str) -> Account | None:
        if "\0" in value:
            return None
        with self._db.alone():
            rows = self._db.rows(f"SELECT {ACCOUNT} FROM account WHERE {where}", (value,))
        return account_from(rows[0]) if rows else None


def record(session: DatabaseSession, entry: AuditEntry) -> None:
    """Write an entry of the record, within a transaction."""
    session.write(_AUDIT, [entry_row(entry)])


def _asked(query: AuditQuery) -> tuple[str, list[Any]]:
    """The condition that a query means, and its values."""
    asked: list[tuple[str, Any]] = [
        (f"{name} = ?", value) for name in ("who", "about") if (value := getattr(query, name))
    ]
    if query.what.endswith("."):
        asked.append(("what >= ?", query.what))
        asked.append(("what < ?", f"{query.what[:-1]}/"))  # the character behind the full stop
    elif query.what:
        asked.append(("what = ?", query.what))
    asked += [("at >= ?", query.since)] if query.since else []
    asked += [("at < ?", query.until)] if query.until else []
    asked += [("number < ?", query.below)] if query.below else []
    where = " AND ".join(condition for condition, _ in asked)
    return f" WHERE {where}" if where else "", [value for _, value in asked]


def _session(row: Sequence[Any]) -> Session:
    return Session(**dict(zip(Session.__struct_fields__, row, strict=True)))


def _token(row: Sequence[Any]) -> Token:
    return Token(**dict(zip(Token.__struct_fields__, row, strict=True)))
