"""Pages: a template, its values and its reader become HTML. Autoescape is on, an unknown name is an error.

The only templates are our own; what authors and customers write is a value. No script and no style stands in
a page itself (`headers.POLICY` would refuse it).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from peakend.web import navigation
from peakend.web.assets import Assets
from peakend.web.looking import LANGUAGES, THEMES, Looking
from peakend.web.shown import FILTERS

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

    def __init__(self, assets: Assets, trial: str = "") -> None:
        self.assets = assets
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
            "trial": trial,
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
        """Return the answer to a browser; what protects it stands in `headers`."""
        return HTMLResponse(self.html(template, looking, values), status)


def screens_of(request: Request) -> Screens:
    """The screens of the application that a request came to: a dependency of routes."""
    app: FastAPI = request.app
    screens: Screens = app.state.screens
    return screens
