"""Who may do what, in memory: accounts, sessions, keys, links that work once, and the record of changes."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from peakend.model.account import Account, ApiKey, AuditEntry, AuditQuery, Purpose, Session, Token
from peakend.store.accounts import (
    check_account,
    check_key,
    check_texts,
    key_taken,
    no_admin_left,
    overtaken,
    page_of,
    rules,
    taken,
)
from peakend.store.memory_held import Held


class MemoryAccounts(Held):
    """The part of the store in memory that knows who works with it."""

    def account(self, name: str) -> Account | None:
        with self._alone():
            return self._accounts.get(name)

    def account_of(self, *, oidc: str = "", wecom: str = "") -> Account | None:
        with self._alone():
            found = (
                one
                for one in self._accounts.values()
                if (oidc and one.oidc == oidc) or (wecom and one.wecom == wecom)
            )
            return next(found, None)

    def accounts(self) -> list[Account]:
        with self._alone():
            return [self._accounts[name] for name in sorted(self._accounts)]

    def add_account(self, account: Account, entry: AuditEntry) -> None:
        with self._alone():
            if account.name in self._accounts:
                raise taken(account)
            self._check_account(account)
            self._accounts[account.name] = account
            self._record(entry)

    def save_account(self, account: Account, entry: AuditEntry) -> Account:
        with self._alone():
            before = self._accounts.get(account.name)
            if before is None or before.version != account.version:
                raise overtaken(account)
            self._check_account(account)
            others = (one for name, one in self._accounts.items() if name != account.name)
            if rules(before) and not rules(account) and not any(map(rules, others)):
                raise no_admin_left()
            saved = replace(account, version=account.version + 1)
            self._accounts[account.name] = saved
            if saved.disabled:
                self._sessions = {h: one for h, one in self._sessions.items() if one.name != saved.name}
                self._drop_tokens("reset", saved.name)
            self._record(entry)
            return saved

    def open_session(self, session: Session, entry: AuditEntry) -> None:
        with self._alone():
            check_texts(session.hash, session.name, session.address, session.browser)
            self._sessions = {h: one for h, one in self._sessions.items() if one.until > session.made}
            self._sessions[session.hash] = session
            self._record(entry)

    def session(self, hash_: str) -> tuple[Session, Account] | None:
        with self._alone():
            found = self._sessions.get(hash_)
            whose = self._accounts.get(found.name) if found else None
            return (found, whose) if found and whose else None

    def sessions(self, name: str) -> list[Session]:
        with self._alone():
            own = [one for one in self._sessions.values() if one.name == name]
            return sorted(own, key=lambda one: (-one.made, one.hash))

    def touch_session(self, hash_: str, seen: int) -> None:
        with self._alone():
            if one := self._sessions.get(hash_):
                self._sessions[hash_] = replace(one, seen=max(one.seen, seen))

    def end_sessions(self, name: str, hashes: Sequence[str] | None, entry: AuditEntry) -> int:
        with self._alone():
            gone = {
                hash_
                for hash_, one in self._sessions.items()
                if one.name == name and (hashes is None or hash_ in hashes)
            }
            self._sessions = {hash_: one for hash_, one in self._sessions.items() if hash_ not in gone}
            if gone:
                self._record(entry)
            return len(gone)

    def add_key(self, key: ApiKey, entry: AuditEntry) -> None:
        with self._alone():
            check_key(key)
            if any(one.id == key.id or one.hash == key.hash for one in self._keys):
                raise key_taken(key)
            self._keys.append(key)
            self._record(entry)

    def api_key(self, hash_: str) -> ApiKey | None:
        with self._alone():
            return next((one for one in self._keys if one.hash == hash_), None)

    def api_keys(self) -> list[ApiKey]:
        with self._alone():
            return sorted(self._keys, key=lambda one: (one.made, one.id))

    def touch_key(self, hash_: str, used: int) -> None:
        with self._alone():
            self._keys = [
                replace(one, used=max(one.used, used)) if one.hash == hash_ else one for one in self._keys
            ]

    def revoke_key(self, id_: str, now: int, entry: AuditEntry) -> bool:
        with self._alone():
            there = any(one.id == id_ and not one.revoked for one in self._keys)
            if there:
                self._keys = [replace(one, revoked=now) if one.id == id_ else one for one in self._keys]
                self._record(entry)
            return there

    def put_token(self, token: Token) -> None:
        with self._alone():
            check_texts(token.hash, token.about)
            self._tokens = {h: one for h, one in self._tokens.items() if one.until > token.made}
            self._tokens[token.hash] = token

    def token(self, hash_: str, purpose: Purpose, now: int) -> Token | None:
        with self._alone():
            one = self._tokens.get(hash_)
            return one if one and one.purpose == purpose and one.until > now else None

    def take_token(self, hash_: str, purpose: Purpose, now: int) -> Token | None:
        with self._alone():
            found = self.token(hash_, purpose, now)
            if found:
                del self._tokens[hash_]
            return found

    def drop_tokens(self, purpose: Purpose, about: str) -> int:
        with self._alone():
            return self._drop_tokens(purpose, about)

    def record(self, entry: AuditEntry) -> None:
        with self._alone():
            self._record(entry)

    def recorded_changes(self, query: AuditQuery) -> list[AuditEntry]:
        with self._alone():
            found = [one for one in reversed(self._changes) if _is_asked_for(one, query)]
            return found[: page_of(query)]

    def _drop_tokens(self, purpose: Purpose, about: str) -> int:
        gone = {h for h, one in self._tokens.items() if (one.purpose, one.about) == (purpose, about)}
        self._tokens = {hash_: one for hash_, one in self._tokens.items() if hash_ not in gone}
        return len(gone)

    def _check_account(self, account: Account) -> None:
        check_account(account)
        for one in self._accounts.values():
            if one.name != account.name and (
                (account.oidc and one.oidc == account.oidc) or (account.wecom and one.wecom == account.wecom)
            ):
                raise taken(account)


def _is_asked_for(one: AuditEntry, query: AuditQuery) -> bool:
    return (
        query.who in ("", one.who)
        and query.about in ("", one.about)
        and (query.what in ("", one.what) or (query.what.endswith(".") and one.what.startswith(query.what)))
        and query.since <= one.at
        and (not query.until or one.at < query.until)
        and (not query.below or one.number < query.below)
    )
