"""One line and one count for each request: route, status, milliseconds. Neither says who it was about."""

from __future__ import annotations

import logging
import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from peakend.web.metrics import Metrics

log = logging.getLogger("peakend.web")
_NO_ROUTE: Final = "none"


class Watching:
    """Watches an application from outside of everything else that is around it."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sent)
        finally:
            seconds = time.perf_counter() - began
            route = getattr(scope.get("route"), "path", _NO_ROUTE)
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._metrics.requests.labels(route, method, str(status)).inc()
            self._metrics.seconds.labels(route).observe(seconds)
            log.info(
                "answered",
                extra={"route": route, "method": method, "status": status, "ms": round(seconds * 1000, 1)},
            )


_METHODS: Final = frozenset("GET HEAD POST PUT PATCH DELETE OPTIONS".split())
