"""People who work with Peakend, for the tests of the front door: a house with a clock that the test sets."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from peakend.instance.file import Instance, Placed
from peakend.model.account import ROLES, Account, ApiKey, AuditEntry, Role, Scope, token_hash
from peakend.store import MemoryStore, Store, open_store
from peakend.web.app import create_app
from peakend.web.house import House
from peakend.web.people import sessions
from peakend.web.people.passwords import kept
from peakend.web.people.refused import Refused
from peakend.web.people.tokens import csrf_of, new_key

Answer = TypeVar("Answer")
NINE = 1_772_700_000_000_000
MINUTE = 60_000_000
HOUR = 60 * MINUTE
PASSWORD = "long mild autumn evening"
HERE = sessions.From("127.0.0.1", "a browser")


class SmallHouse:
    """What callers need of a house."""

    def __init__(self, store: Store | None = None) -> None:
        self.kept = store or MemoryStore()
        self.instant = NINE

    @property
    def clock(self) -> Callable[[], int]:
        return lambda: self.instant

    @contextmanager
    def store(self) -> Iterator[Store]:
        yield self.kept


def small_app(house: Any) -> FastAPI:
    """An application with nothing but refusals."""
    app = FastAPI()
    app.state.house = house

    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)
        return JSONResponse({"word": error.word}, error.status, error.headers)

    app.add_exception_handler(Refused, refused)
    return app


def account(name: str, role: Role = "manager", **changed: Any) -> Account:
    fields = {
        "name": name,
        "shown": name.title(),
        "role": role,
        "language": "en",
        "made": NINE,
        "changed": NINE,
    }
    return Account(**(fields | changed))


def with_password(name: str, role: Role = "manager", **changed: Any) -> Account:
    return account(name, role, password=kept(PASSWORD), **changed)


def entry(what: str = "account.added", about: str = "x") -> AuditEntry:
    return AuditEntry(at=NINE, who="test", what=what, about=about)


def everybody(store: Store) -> None:
    """One account for each role, named after it."""
    for role in ROLES:
        store.add_account(account(role, role), entry(about=role))


def signed_in(store: Store, name: str, now: int = NINE) -> dict[str, str]:
    """A new session of an account: the cookie, and the header that its forms send."""
    found = store.account(name)
    assert found
    token = sessions.begin(store, found, "password", HERE, now)
    return {"Cookie": f"peakend={token}", "X-CSRF-Token": csrf_of(token)}


def key_of(store: Store, *scopes: Scope, **changed: Any) -> dict[str, str]:
    """A new key, as programs send it."""
    text, id_ = new_key()
    made = ApiKey(
        id=id_, hash=token_hash(text), label="test", scopes=scopes, who="admin", made=NINE, **changed
    )
    store.add_key(made, entry("key.made", id_))
    return {"Authorization": f"Bearer {text}"}


class Direct(httpx.BaseTransport):
    """Asks an application without a socket between."""

    def __init__(self, app: FastAPI) -> None:
        self._inner = httpx.ASGITransport(app, client=("127.0.0.1", 1))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def asked() -> httpx.Response:
            answer = await self._inner.handle_async_request(request)
            content = await answer.aread()  # as a browser has it: not compressed any more
            headers = [one for one in answer.headers.raw if one[0].lower() != b"content-encoding"]
            return httpx.Response(answer.status_code, headers=headers, content=content)

        return apart(asked)


def apart(asked: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
    """Run something asynchronous in a thread of its own: the browser of other tests has its loop here."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(asked())).result()


def whole_app(path: Path, said: dict[str, Any] | None = None) -> tuple[FastAPI, House]:
    """The whole application over a store in a file, whose clock is the house's `instant`; `said` as in
    peakend.yaml."""
    placed = Placed(msgspec.convert(said or {}, Instance, strict=False), None, None)
    house = TimedHouse(lambda: open_store(str(path)), placed, lambda: house.instant)
    app = create_app(house)
    _OPENED.append(app)
    return app, house


_OPENED: list[FastAPI] = []


def end_what_was_opened() -> None:
    """End the intakes of all these applications: their threads would keep the tests from ending."""
    while _OPENED:
        _OPENED.pop().state.intake.close()


class TimedHouse(House):
    """A house whose time the test sets."""

    instant = NINE


def form_of(page: httpx.Response) -> str:
    """What the forms of a page send back to show that they are ours."""
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found, page.text[:2000]
    return found[1]


def client(app: FastAPI, base: str = "http://testserver") -> httpx.Client:
    return httpx.Client(transport=Direct(app), base_url=base)
