"""What nobody foresaw: an answer with a reference, and a line in the log under the same reference.

Neither the answer nor the log holds what the error says: it may quote a customer. The log names its kind and
the places in the code that led there.
"""

from __future__ import annotations

import logging
import secrets
import traceback
from pathlib import Path
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from peakend.web.answers import problem
from peakend.web.refusing import readable

log = logging.getLogger("peakend.web")
_PLACES: Final = 12


class Failing:
    """Answers 500 in place of whatever the application raises, unless an answer has begun already."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def sent(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, sent)
        except ClientDisconnect:
            raise
        except Exception as error:
            reference = secrets.token_hex(4)
            told = {"reference": reference, "error": type(error).__name__, "places": _places(error)}
            log.error("failed", extra=told)
            if begun:
                raise
            answer = await run_in_threadpool(_failed, Request(scope, receive), reference)
            await answer(scope, receive, send)


def _failed(request: Request, reference: str) -> Response:
    return readable(
        request,
        problem(
            500,
            "This did not work: the fault is ours",
            f"Try again; if it fails again, give your administrator the number {reference}",
            "这一步没有完成，问题出在系统一侧",
            f"请再试一次；仍然不行，请把编号 {reference} 告诉管理员",
            more={"word": "failed", "reference": reference},
        ),
    )


def _places(error: Exception) -> str:
    """Where it came from, the innermost first: file, line and function, and no text of anybody."""
    frames = traceback.extract_tb(error.__traceback__)[-_PLACES:]
    return " < ".join(f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in reversed(frames))
