"""Pages: a template, its values and its reader become HTML. Autoescape is on, an unknown name is an error.

The only templates are our own; what authors and customers write is a value. Every page says which scripts and
styles may act on it, and none of them stands in the page itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from peakend.web import navigation
from peakend.web.assets import Assets
from peakend.web.looking import LANGUAGES, THEMES, Looking
from peakend.web.shown import FILTERS

CONTENT_SECURITY_POLICY = "; ".join((
    "default-src 'self'",
    "img-src 'self' data:",  # Tabler's ticks and arrows stand in its style sheet as data
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
))  # fmt: skip
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
HTMX = json.dumps({
    "allowEval": False,
    "allowScriptTags": False,
    "includeIndicatorStyles": False,
    "historyCacheSize": 0,
    "selfRequestsOnly": True,
    "timeout": 30_000,
})  # fmt: skip


class Screens:
    """The templates with what they may call; made once."""

    def __init__(self, assets: Assets) -> None:
        self._env = Environment(
            loader=PackageLoader("peakend.web", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._env.filters.update(FILTERS)
        self._env.globals.update({
            "asset": assets.address,
            "icon": assets.icon,
            "is_here": navigation.is_here,
            "htmx": HTMX,
            "themes": THEMES,
            "languages": LANGUAGES,
        })  # fmt: skip

    def html(self, template: str, looking: Looking, values: Mapping[str, Any] | None = None) -> str:
        """Return a template as this reader sees it. Raises jinja2.UndefinedError for a missing value."""
        ways = navigation.groups(looking.role)
        return self._env.get_template(template).render(
            **(values or {}),
            looking=looking,
            t=looking.words,
            ways=ways,
            thumb=navigation.thumb(ways),
        )

    def page(
        self, template: str, looking: Looking, values: Mapping[str, Any] | None = None, *, status: int = 200
    ) -> HTMLResponse:
        """Return the answer to a browser, with the headers that protect it."""
        return HTMLResponse(self.html(template, looking, values), status, HEADERS)
