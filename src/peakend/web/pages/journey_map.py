"""The journey map as people hang it on a wall, stages and touchpoints; and each touchpoint from near."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from peakend.model.job import OVER, Job
from peakend.model.mapped import Mapped
from peakend.model.outcome import State
from peakend.model.pack import Pack
from peakend.model.result import BacktestResult
from peakend.report.journey import JourneyView, journey_views
from peakend.report.words import BLUEPRINT
from peakend.tell.catalogue import DIMENSIONS
from peakend.tell.names import Names
from peakend.tell.said import titled
from peakend.web.callers import Caller, needs
from peakend.web.house import Ours
from peakend.web.jobs import wrong
from peakend.web.known import Known, known_of
from peakend.web.looking import Looking
from peakend.web.reader import looking_of, page
from peakend.web.reckoning import Reckoned, reckoned, refresh
from peakend.web.touchpoint import touchpoint
from peakend.wire.journeys import MonthTold, TouchpointTold

router = APIRouter(include_in_schema=False)
Viewer = Annotated[Caller, needs("viewer")]
STATES: Final[tuple[State, ...]] = ("magical", "neutral", "miserable")


@router.get("/map")
def journey_map(request: Request, caller: Viewer, house: Ours, blueprint: Literal["", "1"] = "") -> Response:
    """All journeys of the pack, with what was lived."""
    job = refresh(house, caller.name, only_stale=True)
    known = known_of(house)
    if known is None:
        return page(request, caller, "map.html", {"told": None})
    names = Names(known.pack)
    values = {
        "told": known.told,
        "journeys": _views(known, names),
        "names": names,
        "points": known.points,
        "blueprint": blueprint == "1",
        "lines": BLUEPRINT,
        "pack": known.pack,
        **_as_of(known.reckoned, job),
    }
    return page(request, caller, "map.html", values)


@router.post("/map/refresh")
def refreshed(caller: Annotated[Caller, needs("frontline")], house: Ours) -> Response:
    """Let the figures be reckoned anew."""
    refresh(house, caller.name)
    return RedirectResponse("/map", 303)


@router.get("/map/progress")
def progress(request: Request, caller: Viewer, house: Ours) -> Response:
    """How far the reckoning is; the page is asked for again once it is over."""
    with house.store() as store:
        known = reckoned(store)
    answer = page(request, caller, "map_progress.html", _as_of(known, known.job))
    if known.job is None:
        answer.headers["HX-Refresh"] = "true"
    return answer


@router.get("/map/{name}")
def near(
    request: Request,
    caller: Viewer,
    house: Ours,
    name: str,
    state: Literal["", "magical", "neutral", "miserable"] = "",
    standard: Annotated[str, Query(max_length=200)] = "",
    after: Annotated[str, Query(max_length=500)] = "",
) -> Response:
    """One touchpoint from near."""
    known = known_of(house)
    points = known.points if known else {}
    if known is None or name not in points:
        return page(request, caller, "map_unknown.html", {"name": name}, status=404)
    told = points[name]
    with house.store() as store:
        whole = touchpoint(
            told, known.pack, known.reckoned.mapped, store, house.clock(), state=state or None, after=after
        )
        held = {one.play for one in store.switches() if one.play}
    names, looking = Names(known.pack), looking_of(request, caller)
    chosen = standard if standard in whole.months else _least_kept(told, whole.months)
    values = {
        "whole": whole,
        "told": told,
        "point": known.pack.touchpoints[name],
        "journey": titled(known.pack.journeys[told.journey].title, told.journey),
        "names": names,
        "views": {one.id: one for view in _views(known, names) for s in view.stages for one in s.points},
        "lines": [(line, said) for line, said in BLUEPRINT.items() if line in whole.blueprint],
        "dimensions": DIMENSIONS,
        "state": state,
        "states": STATES,
        "chosen": chosen,
        "chart": _chart(whole.months.get(chosen, []), looking),
        "held": held,
        "older": f"/map/{name}?{urlencode({'state': state, 'after': whole.encounters.next})}"
        if whole.encounters.next
        else None,
        "first": not after,
        "as_of": whole.as_of,
    }
    return page(request, caller, "map_touchpoint.html", values)


def _as_of(known: Reckoned, job: Job | None) -> dict[str, Any]:
    running = job if job is not None and job.state not in OVER else None
    failed = known.job if running is None and known.job is not None else None
    return {
        "as_of": known.mapped.at if known.mapped else None,
        "job": running,
        "failed": failed,
        "why": wrong(failed) if failed else None,
    }


def _views(known: Known, names: Names) -> list[JourneyView]:
    """The pictures that the report draws of a backtest, of what was lived instead."""
    return journey_views(known.pack, _as_result(known.pack, known.reckoned.mapped), names)


def _as_result(pack: Pack, mapped: Mapped | None) -> BacktestResult:
    return BacktestResult(
        pack=pack.head.pack,
        hash=pack.hash,
        events=0,
        relevant=0,
        customers=mapped.customers if mapped else 0,
        quarantined=0,
        first=mapped.first if mapped else None,
        last=mapped.last if mapped else None,
        touchpoints={name: one.result for name, one in mapped.touchpoints.items()} if mapped else {},
    )


def _least_kept(told: TouchpointTold, months: Mapping[str, list[MonthTold]]) -> str:
    """The standard that is kept least, of those with a course to show; '' where there is none at all."""
    known = [one for one in told.standards if len(months.get(one.id, ())) > 1] or told.standards
    return min(known, key=lambda one: one.kept.sorts).id if known else ""


def _chart(months: list[MonthTold], looking: Looking) -> dict[str, Any] | None:
    """The kept share month by month with its interval, as an option of ECharts; None below two months."""
    known = [one for one in months if one.kept.share is not None]
    if len(known) < 2:
        return None
    percents = [
        [n, *(round(100 * (end or 0.0), 1) for end in (one.kept.low, one.kept.high))]
        for n, one in enumerate(known)
    ]
    return {
        "xAxis": {"type": "category", "data": [one.month for one in known]},
        "yAxis": {
            "type": "value",
            "min": 0,
            "max": 100,
            "name": looking.words("map.percent"),
            "nameTextStyle": {"align": "left"},
        },
        "tooltip": {"trigger": "item"},
        "series": [
            {
                "type": "custom",
                "renderItem": "whisker",
                "name": looking.words("map.interval"),
                "itemStyle": {"color": "--edge"},
                "encode": {"x": 0, "y": [1, 2]},
                "data": percents,
            },
            {
                "type": "line",
                "name": looking.words("map.kept"),
                "symbolSize": 8,
                "symbol": "circle",
                "itemStyle": {"color": "--accent"},
                "data": [round(100 * (one.kept.share or 0.0), 1) for one in known],
            },
        ],
    }
