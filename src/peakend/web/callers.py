"""Who asks, and whether they may: every route declares what it needs, and a test walks all of them.

    caller: Annotated[Caller, needs("manager")]            a person of that role or more; never a key
    caller: Annotated[Caller, scoped("write", "designer")] such a person, or a key with that scope
    caller: Annotated[Caller, anyone]                      everybody; whoever is signed in is known
    caller: Annotated[Caller, visitor]                     everybody, with a form of ours (signing in)
    dependencies=[public]                                  everybody, and nobody is looked up (files, health)

A browser sends its cookie along by itself, so whatever changes something needs what only a page of ours
knows: the header X-CSRF-Token, or the field `csrf` of a form. A key is never sent by itself and needs none.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Final, Literal, NamedTuple, Protocol
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from peakend.model.account import Account, Language, Role, Scope, Via, may, token_hash
from peakend.store import Store
from peakend.web.api.rates import Rates
from peakend.web.people import keys, sessions
from peakend.web.people.cookies import cookie
from peakend.web.people.refused import bad_key, key_lacks, no_keys, nobody, not_our_form, too_fast, too_little
from peakend.web.people.tokens import csrf_of, same

LANGUAGE: Final = "peakend-language"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
_MINUTE: Final = 60_000_000


class Ground(Protocol):
    """What is needed of the house that a request comes to."""

    @property
    def clock(self) -> Callable[[], int]:
        """Microseconds UTC."""

    def store(self) -> AbstractContextManager[Store]:
        """A store for one request."""


class Caller(NamedTuple):
    """Who asks: a person's login, a key as `key:ID`, or '' for nobody.

    `role` decides what is shown and masked. `csrf` goes into every form; `account` is a person's own.
    """

    name: str
    role: Role | Literal["nobody"]
    language: Language
    via: Via | Literal["key", "nobody"]
    csrf: str = ""
    account: Account | None = None
    session: str = ""

    def may(self, needed: Role) -> bool:
        """Whether the caller's role is at least another."""
        return self.role != "nobody" and may(self.role, needed)


class Need:
    """What a route needs; a dependency of FastAPI that gives the Caller, or raises Refused."""

    def __init__(
        self, role: Role | None, scope: Scope | None = None, *, form: bool = True, known: bool = True
    ) -> None:
        self.role, self.scope, self.form, self.known = role, scope, form, known

    def __repr__(self) -> str:
        return f"Need(role={self.role}, scope={self.scope}, form={self.form})"

    async def __call__(self, request: Request) -> Caller:
        if not self.known:
            return Caller("", "nobody", "zh", "nobody")
        ground: Ground = request.app.state.house
        key = _key_sent(request, basic=self.scope == "events:write")
        if key is not None and self.role is not None:
            return self._bounded(
                request, await run_in_threadpool(self._by_key, ground, key, language_of(request))
            )
        caller = await run_in_threadpool(_by_cookie, ground, request)
        if self.role is not None and caller.role == "nobody":
            raise nobody()
        if self.form and request.method not in SAFE:
            await _check_form(request, caller)
        if self.role is not None and not caller.may(self.role):
            raise too_little(self.role)
        return self._bounded(request, caller)

    def _bounded(self, request: Request, caller: Caller) -> Caller:
        """The caller, unless she asks too often; events are counted where they come in."""
        rates: Rates | None = getattr(request.app.state, "rates", None)
        if rates is not None and self.scope not in (None, "events:write"):
            now, who = request.app.state.house.clock(), caller.session or caller.name
            if wait := rates.wait(who, now):
                raise too_fast(wait)
            rates.count(who, 1, now)
        return caller

    def _by_key(self, ground: Ground, text: str, language: Language) -> Caller:
        now = ground.clock()
        with ground.store() as store:
            key = store.api_key(token_hash(text))
            if key is None or key.revoked or keys.is_orphaned(store, key):
                raise bad_key()
            if self.scope is None:
                raise no_keys()
            if not key.allows(self.scope):
                raise key_lacks(self.scope)
            if now - key.used >= _MINUTE:
                store.touch_key(key.hash, now)
        return Caller(f"key:{key.id}", key.role, language, "key")


def needs(role: Role) -> Any:
    """A person of this role or more, signed in in a browser."""
    return Depends(Need(role))


def scoped(scope: Scope, role: Role) -> Any:
    """A key with this scope, or a person of this role or more."""
    return Depends(Need(role, scope))


anyone: Final[Any] = Depends(Need(None, form=False))
"""Everybody. What such a route changes must hang on something that no browser sends along by itself."""

visitor: Final[Any] = Depends(Need(None))
"""Everybody, but what changes something must come from a form of ours."""

public: Final[Any] = Depends(Need(None, form=False, known=False))
"""Everybody, and nobody is looked up: what is the same for all."""


def language_of(request: Request) -> Language:
    """The language of somebody whose own is not known: ?lang=, what was chosen, what the browser prefers."""
    asked, chosen = request.query_params.get("lang", ""), request.cookies.get(LANGUAGE, "")
    for wanted in (asked, chosen, *request.headers.get("accept-language", "")[:200].split(",")):
        word = wanted.strip().lower()[:2]
        if word in ("zh", "en"):
            return "zh" if word == "zh" else "en"
    return "zh"


def caller_of(request: Request) -> Caller:
    """Who a browser belongs to, whatever it asks for: for what is shown in place of a page."""
    return _by_cookie(request.app.state.house, request)


def origin_of(request: Request) -> sessions.From:
    """Where a request comes from."""
    return sessions.From(request.client.host if request.client else "", request.headers.get("user-agent", ""))


def _by_cookie(ground: Ground, request: Request) -> Caller:
    token = cookie(request, "session")
    if token:
        with ground.store() as store:
            found = sessions.current(store, token, ground.clock())
        if found:
            session, account = found
            return Caller(
                account.name,
                account.role,
                account.language,
                session.via,
                csrf_of(token),
                account,
                session.hash,
            )
    held = cookie(request, "visitor")
    return Caller("", "nobody", language_of(request), "nobody", csrf_of(held) if held else "")


async def _check_form(request: Request, caller: Caller) -> None:
    """Refuse what a page of somebody else could have made a browser send."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    if site not in ("same-origin", "none") or (origin is not None and not _is_ours(origin, request)):
        raise not_our_form()
    given = request.headers.get("x-csrf-token", "")
    if not given and request.headers.get("content-type", "").partition(";")[0].strip().lower() in _FORMS:
        field = (await request.form(max_files=1, max_fields=1000)).get("csrf")
        given = field if isinstance(field, str) else ""
    if not (caller.csrf and same(given, caller.csrf)):
        raise not_our_form()


def _is_ours(origin: str, request: Request) -> bool:
    try:
        return bool(urlsplit(origin).netloc) and urlsplit(origin).netloc == request.headers.get("host")
    except ValueError:
        return False


def _key_sent(request: Request, *, basic: bool) -> str | None:
    """The key that came with a request; None where none did.

    As the name of HTTP Basic only where events come in, for the clients that know no other way: a browser
    that was asked for a password once would send it along by itself from then on.
    """
    kind, _, rest = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return rest.strip()
    if kind.lower() == "basic" and basic:
        try:
            return base64.b64decode(rest.strip(), validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError, ValueError):
            return ""
    return None
