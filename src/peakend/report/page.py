"""The page itself: views into the template, a policy that lets nothing in, one file that works offline.

Every string of a customer or an author is escaped by the template; styles and the one script are allowed by
their hash and by nothing else, so nothing that slips into the page can run, load or send anything.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from peakend.model.pack import Pack
from peakend.model.result import BacktestResult
from peakend.report.figures import grouped
from peakend.report.head import head_view
from peakend.report.journey import JourneyView, journey_views
from peakend.report.limits import limits
from peakend.report.load import load_view
from peakend.report.names import Names
from peakend.report.plays import play_views
from peakend.report.sentences import say
from peakend.report.story import Example, story_view

HOME = Path(__file__).parent


def render(pack: Pack, result: BacktestResult, *, title: str = "", examples: Sequence[Example] = ()) -> str:
    """Return the report of a backtest as one HTML page.

    `title` is the name of the service where it is not the pack's own; `examples` are runs told line by line
    beside their play. The same arguments give the same page.
    """
    names = Names(pack)
    journeys = journey_views(pack, result, names)
    style, script = _style(journeys), _asset("script.js")
    stories: dict[str, list[object]] = {}
    for example in examples:
        stories.setdefault(example.play, []).append(story_view(example, pack, names))
    return (
        _environment()
        .get_template("template.html")
        .render(
            head=head_view(pack, result, names, title),
            journeys=journeys,
            plays=play_views(pack, result, names),
            stories=stories,
            load=load_view(pack, result, names),
            limits=limits(result),
            result=result,
            pack=pack,
            style=Markup(style),
            script=Markup(script),
            policy=_policy(style, script),
        )
    )


def write_report(path: Path | str, html: str) -> Path:
    """Write the page to `path` and return it: a reader sees the old page or the new one, never half of it."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(html)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HOME),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(say=say)
    environment.filters.update(grouped=grouped, anchor=_anchor)
    return environment


@cache
def _asset(name: str) -> str:
    return (HOME / name).read_text("utf-8")


def _style(journeys: Sequence[JourneyView]) -> str:
    """Return the style sheet; the map turns into columns where the window is wide enough for all of them."""
    mapped = [journey for journey in journeys if not journey.compact]
    if not mapped:
        return _asset("style.css")
    widest = max(journey.least_width for journey in mapped)
    columns = "".join(dict.fromkeys(journey.css for journey in mapped))
    return f"{_asset('style.css')}@media screen and (min-width:{widest}px){{{_asset('map.css')}{columns}}}"


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _anchor(name: str) -> str:
    """Return a name as it may stand in an id and in a link to it."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else f"x{name.encode().hex()}"
