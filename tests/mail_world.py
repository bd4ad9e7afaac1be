"""Mail servers on loopback: a real one (aiosmtpd) that does what a test says, and one that recites lines."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from threading import Event, Thread
from typing import Any, NamedTuple, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Server
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session


class Received(NamedTuple):
    """A mail as it came over the wire, with the connection that brought it."""

    sender: str
    to: list[str]
    raw: bytes
    connection: int

    @property
    def mail(self) -> EmailMessage:
        return cast(EmailMessage, message_from_bytes(self.raw, policy=default))


Answers = Callable[[Server, Envelope], Awaitable[str]]


class Post:
    """What the server does: takes every mail, unless a test gives it other answers."""

    def __init__(self, rcpt: Answers | None = None, data: Answers | None = None) -> None:
        self.received: list[Received] = []
        self.connections: list[int] = []
        self._rcpt = rcpt
        self._data = data

    async def handle_EHLO(
        self, server: Server, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        peer = session.peer[1]
        if peer not in self.connections:
            self.connections.append(peer)
        session.host_name = hostname
        return responses

    async def handle_RCPT(
        self, server: Server, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        answer = await self._rcpt(server, envelope) if self._rcpt else ""
        if not answer:
            envelope.rcpt_tos.append(address)
        return answer or "250 2.1.5 OK"

    async def handle_DATA(self, server: Server, session: Session, envelope: Envelope) -> str:
        if self._data and (answer := await self._data(server, envelope)):
            return answer
        raw = envelope.content
        assert isinstance(raw, bytes)
        self.received.append(
            Received(envelope.mail_from or "", list(envelope.rcpt_tos), raw, session.peer[1])
        )
        return f"250 2.0.0 OK: queued as 4F{len(self.received):04d}"


def says(text: str) -> Answers:
    """The same answer whatever comes."""

    async def answer(server: Server, envelope: Envelope) -> str:
        return text

    return answer


async def hang_up(server: Server, envelope: Envelope) -> str:
    """Break the connection without an answer."""
    assert server.transport is not None
    server.transport.abort()
    return "250 too late"


async def hang(server: Server, envelope: Envelope) -> str:
    """Say nothing for longer than anybody waits."""
    await asyncio.sleep(30)
    return ""


def knows(user: str, password: str) -> Callable[..., AuthResult]:
    """An authenticator for one user."""

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (
            user.encode(),
            password.encode(),
        )
        return AuthResult(success=right, handled=False)

    return authenticate


@contextmanager
def posting(post: Post, **how: Any) -> Iterator[int]:
    """The port of a running mail server."""
    controller = Controller(post, hostname="127.0.0.1", port=_free_port(), **how)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@contextmanager
def reciting(*lines: bytes, then: str = "close", pause: float = 0.0) -> Iterator[int]:
    """The port of a server that says one line at once and one after each command, whatever was asked.

    At the end of its lines it closes the connection, or is silent (`then="hang"`). With a pause it says them
    byte by byte.
    """
    over = Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def recite() -> None:
        with suppress(OSError), listener:
            connection, _ = listener.accept()
            connection.settimeout(10)
            with connection:
                for number, line in enumerate(lines):
                    if number:
                        connection.recv(65_536)
                    for part in [line] if not pause else [line[n : n + 1] for n in range(len(line))]:
                        connection.sendall(part)
                        if pause and over.wait(pause):
                            return
                if then == "hang":
                    over.wait(20)
                else:
                    connection.recv(65_536)

    thread = Thread(target=recite)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        thread.join()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
