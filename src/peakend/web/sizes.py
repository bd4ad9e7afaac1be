"""How large a body may be: counted while it comes in, so that nobody fills the memory by sending."""

from __future__ import annotations

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from peakend.web.answers import problem
from peakend.web.refusing import readable

MOST: Final = 1_000_000
"""Bytes of a body, wherever a route does not read it piece by piece itself."""


class _TooLarge(Exception):
    """More came than was said, or may come."""


class Sizes:
    """Refuses what is larger with 413; the paths of `streaming` count for themselves."""

    def __init__(self, app: ASGIApp, streaming: tuple[str, ...] = (), most: int = MOST) -> None:
        self._app, self._streaming, self._most = app, streaming, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(self._streaming):
            await self._app(scope, receive, send)
            return
        said = dict(scope["headers"]).get(b"content-length", b"0")
        if not said.isdigit() or int(said) > self._most:
            await self._refusal(scope, receive, send)
            return
        came, begun = 0, False

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > self._most:
                raise _TooLarge
            return message

        async def sent(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, counted, sent)
        except _TooLarge:
            if begun:
                raise
            await self._refusal(scope, receive, send)

    async def _refusal(self, scope: Scope, receive: Receive, send: Send) -> None:
        told = problem(
            413,
            f"The body has more than {self._most:,} bytes",
            "Send less at once",
            f"请求超过 {self._most:,} 字节",
            "请减少一次发送的内容",
        )
        answer = await run_in_threadpool(readable, Request(scope), told)
        await answer(scope, receive, send)
