"""The report's page: every view of a backtest put into its template, and one file written whole.

What was found about moments of truth becomes a chapter where it is given. The page works offline; what may
run or load on it is settled in `paper`.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from peakend.model.found import Found
from peakend.model.pack import Pack
from peakend.model.result import BacktestResult
from peakend.report.finding.chapter import finding_section, moments_of
from peakend.report.head import head_view
from peakend.report.journey import JourneyView, journey_views
from peakend.report.limits import limits
from peakend.report.load import load_view
from peakend.report.paper import asset, page
from peakend.report.plays import play_views
from peakend.report.sentences import say
from peakend.report.story import Example, story_view
from peakend.tell.teller import Teller


def render(
    pack: Pack,
    result: BacktestResult,
    *,
    title: str = "",
    examples: Sequence[Example] = (),
    found: Found | None = None,
    language: str = "zh",
) -> str:
    """Return the report of a backtest as one HTML page.

    `title` is the name of the service where it is not the pack's own; `examples` are runs told line by line
    beside their play; `found` adds a chapter on moments of truth and marks them on the map; the page opens
    in `language`. The same arguments give the same page.
    """
    teller = Teller(pack)
    names = teller.names
    journeys = journey_views(pack, result, names)
    head = head_view(pack, result, names, title)
    stories: dict[str, list[object]] = {}
    for example in examples:
        stories.setdefault(example.play, []).append(story_view(example, teller))
    return page(
        "template.html",
        _style(journeys, finding=found is not None),
        language=language,
        title=head.title,
        kind=say("kind"),
        head=head,
        journeys=journeys,
        moments=moments_of(found),
        finding=finding_section(pack, found) if found is not None else "",
        plays=play_views(pack, result, names),
        stories=stories,
        load=load_view(pack, result, names),
        limits=limits(result),
        result=result,
        pack=pack,
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


def _style(journeys: Sequence[JourneyView], *, finding: bool) -> str:
    """Return the style sheet; the map turns into columns where the window is wide enough for all of them."""
    style = asset("style.css") + (asset("finding.css") if finding else "")
    mapped = [journey for journey in journeys if not journey.compact]
    if not mapped:
        return style
    widest = max(journey.least_width for journey in mapped)
    columns = "".join(dict.fromkeys(journey.css for journey in mapped))
    return f"{style}@media screen and (min-width:{widest}px){{{asset('map.css')}{columns}}}"
