"""Who may do what: people with their roles, how they are signed in, keys of programs, and what was changed.

Instants are microseconds since 1970-01-01T00:00Z. Whatever opens a door (a session, a key, a link that works
once) is here and at rest only as the SHA-256 of a random token: whoever reads the database enters nowhere.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final, Literal

import msgspec

Role = Literal["viewer", "frontline", "designer", "manager", "admin"]
ROLES: Final[tuple[Role, ...]] = ("viewer", "frontline", "designer", "manager", "admin")
"""From the least to the most: each may do whatever those before it may."""

Scope = Literal["events:write", "read", "write", "admin"]
SCOPES: Final[tuple[Scope, ...]] = ("events:write", "read", "write", "admin")

Language = Literal["zh", "en"]
Via = Literal["password", "oidc", "wecom", "link"]
Purpose = Literal["set-up", "reset", "oidc", "wecom"]

KEY_BEGINS: Final = "pk_"

_INCLUDED: dict[Scope, frozenset[Scope]] = {
    "events:write": frozenset({"events:write"}),
    "read": frozenset({"read"}),
    "write": frozenset({"read", "write"}),
    "admin": frozenset(SCOPES),
}
_ROLE_OF: dict[Scope, Role] = {
    "events:write": "viewer",
    "read": "viewer",
    "write": "manager",
    "admin": "admin",
}


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A person who works with Peakend. `name` is what one signs in with, and never changes.

    `oidc` is the identity at a provider as `ISSUER SUBJECT`, `wecom` a userid; '' where there is none.
    `password` is a hash, '' where no password opens this account. `version` rises with every change.
    """

    name: str
    shown: str
    email: str = ""
    role: Role
    language: Language = "zh"
    wecom: str = ""
    oidc: str = ""
    disabled: bool = False
    password: str = ""
    made: int
    changed: int
    version: int = 1

    def __repr__(self) -> str:
        return f"Account(name={self.name!r}, role={self.role!r}, version={self.version})"


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody is signed in, in one browser: since `made`, last asked for something at `seen`, until `until`
    at most."""

    hash: str
    name: str
    made: int
    seen: int
    until: int
    via: Via
    address: str = ""
    browser: str = ""


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A program that may ask. `id` names it to people; `used` is its last use, 0 before the first; `revoked`
    the instant since which it opens nothing, 0 while it does."""

    id: str
    hash: str
    label: str
    scopes: tuple[Scope, ...]
    who: str
    made: int
    used: int = 0
    revoked: int = 0

    def allows(self, scope: Scope) -> bool:
        """Whether the key may do what a scope stands for: `write` includes `read`, `admin` all."""
        return any(scope in _INCLUDED[one] for one in self.scopes)

    @property
    def role(self) -> Role:
        """The role whose eyes the key sees with: what is masked for it is masked for the key."""
        return max((_ROLE_OF[one] for one in self.scopes), key=ROLES.index, default="viewer")


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A link or a way back that works once: for what, about whom or what, and until when."""

    hash: str
    purpose: Purpose
    about: str
    made: int
    until: int


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody changed something, or looked at what is masked. Never text of a customer, never a secret.

    `what` is `noun.past_participle`; `before` and `after` are what a person needs to see the difference, as
    JSON or a word; the store gives the number.
    """

    at: int
    who: str
    what: str
    about: str
    before: str = ""
    after: str = ""
    number: int = 0


class AuditQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries are asked for; what is left empty is not asked. The newest come first.

    `below` asks for those with a smaller number: the number of the last one seen gives the next page. `what`
    may be a whole word or, as `account.`, a noun.
    """

    who: str = ""
    what: str = ""
    about: str = ""
    since: int = 0
    until: int = 0
    below: int = 0
    limit: int = 50


def may(role: Role, needed: Role) -> bool:
    """Whether a role is at least another."""
    return ROLES.index(role) >= ROLES.index(needed)


def token_hash(token: str) -> str:
    """What is kept of a token that opens something. It is random, 256 bits, so a fast hash is enough."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
