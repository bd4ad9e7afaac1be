"""The contract of every store about who may do what: accounts, sessions, keys, links that work once, and the
record of changes. It is part of `base.py`, and stands apart because it is one subject.

A change of an account or a key and its entry in the record are one transaction: neither is without the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from peakend.model.account import Account, ApiKey, AuditEntry, AuditQuery, Purpose, Session, Token


class StoreOfAccounts(Protocol):
    """What a store knows of the people who work with it."""

    def account(self, name: str) -> Account | None:
        """The account of a name."""

    def account_of(self, *, oidc: str = "", wecom: str = "") -> Account | None:
        """The account that belongs to an identity elsewhere; None where both are empty."""

    def accounts(self) -> list[Account]:
        """All accounts by name, also those that are disabled."""

    def add_account(self, account: Account, entry: AuditEntry) -> None:
        """Raises StoreError where the name, or the identity at a provider or in WeCom, is taken."""

    def save_account(self, account: Account, entry: AuditEntry) -> Account:
        """Write an account in place of the version that was read; it comes back with the next version.

        Raises Overtaken where somebody else has changed it since; StoreError where an identity is taken, and
        where nobody would be left who is an admin and not disabled. A disabled account's sessions and links
        that reset its password are ended in the same step.
        """

    def open_session(self, session: Session, entry: AuditEntry) -> None:
        """Keep a session, and forget all that are over."""

    def session(self, hash_: str) -> tuple[Session, Account] | None:
        """A session and whose it is, also one that is over, or of a disabled account."""

    def sessions(self, name: str) -> list[Session]:
        """The sessions of a name, the latest begun first."""

    def touch_session(self, hash_: str, seen: int) -> None:
        """It was used; `seen` never falls."""

    def end_sessions(self, name: str, hashes: Sequence[str] | None, entry: AuditEntry) -> int:
        """End some sessions of a name, or with None all of them; how many. None ended, no entry."""

    def add_key(self, key: ApiKey, entry: AuditEntry) -> None:
        """Raises StoreError where the id is taken."""

    def api_key(self, hash_: str) -> ApiKey | None:
        """A key by the hash of what a program sends, also one that is revoked."""

    def api_keys(self) -> list[ApiKey]:
        """All keys in the order in which they were made, also those that are revoked."""

    def touch_key(self, hash_: str, used: int) -> None:
        """It was used; `used` never falls."""

    def revoke_key(self, id_: str, now: int, entry: AuditEntry) -> bool:
        """From now on it opens nothing; False where there is none, or it is revoked already."""

    def put_token(self, token: Token) -> None:
        """Keep a link that works once, and forget all that are over."""

    def token(self, hash_: str, purpose: Purpose, now: int) -> Token | None:
        """A token that still works, without using it."""

    def take_token(self, hash_: str, purpose: Purpose, now: int) -> Token | None:
        """Use a token: of all who try, one gets it."""

    def drop_tokens(self, purpose: Purpose, about: str) -> int:
        """Let tokens work no more; how many there were."""

    def record(self, entry: AuditEntry) -> None:
        """Add to the record of changes. Nothing takes away from it."""

    def recorded_changes(self, query: AuditQuery) -> list[AuditEntry]:
        """The entries that are asked for, the newest first."""
