"""The journey map as a view: stages, touchpoints in their order, what each shows, and the sentence above.

A touchpoint without an emotion says why and is a gap in the curve, never a zero. A journey of very few
touchpoints is shown as cards: a curve through two points would only pretend to be one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from peakend.model.pack import Journey, Pack, Stage, Touchpoint
from peakend.model.result import BacktestResult, TouchpointResult
from peakend.report.chart.curve import CurvePoint, curve, limit_of
from peakend.report.felt import Extreme, Found, bounds, enough, felt, highest, judged, lowest, tone
from peakend.report.figures import emotion, interval
from peakend.report.sentences import say
from peakend.report.sheet import PointView, point_view
from peakend.report.words import ITIL_STAGES
from peakend.tell.names import Names
from peakend.tell.said import Said, listed, titled, together

FEWEST = 4
"""Columns below which the map is a list of cards."""

LABELS = 80
"""Width of the column of row labels, in CSS pixels."""

NARROWEST = 74
"""Width below which a touchpoint's column cannot be read, in CSS pixels."""

WIDEST = 230
"""Width above which a touchpoint's column falls apart, in CSS pixels."""


@dataclass(frozen=True)
class StageView:
    """One stage: where it begins among the columns, how many it takes, and its touchpoints."""

    title: Said
    itil: Said | None
    first: int
    span: int
    points: tuple[PointView, ...]


@dataclass(frozen=True)
class JourneyView:
    """One journey, ready for the template."""

    title: Said
    stages: tuple[StageView, ...]
    columns: int
    curve: Markup
    top: str
    foot: str
    headline: Said
    chosen: str

    @property
    def compact(self) -> bool:
        """Return whether the journey is shown as cards at any width."""
        return self.columns < FEWEST

    @property
    def least_width(self) -> int:
        """Return the width of the window, in CSS pixels, from which the map's columns can be read."""
        return LABELS + NARROWEST * self.columns + 64

    @property
    def css(self) -> str:
        """Return the rules that put each touchpoint into its column; the map is `.map-COLUMNS`."""
        name = f".map-{self.columns}"
        widest = LABELS + self.columns * WIDEST
        columns = f"{LABELS}px repeat({self.columns},minmax(0,1fr))"
        rules = [f"{name}{{grid-template-columns:{columns};max-width:{widest}px}}"]
        rules += [f"{name} .k{n}>.cell{{grid-column:{n + 2}}}" for n in range(self.columns)]
        rules += [
            f"{name} .from{first}-{span}{{grid-column:{first + 2}/span {span}}}"
            for first in range(self.columns)
            for span in range(1, self.columns - first + 1)
            if any((stage.first, stage.span) == (first, span) for stage in self.stages)
        ]
        return "".join(rules)


def journey_views(pack: Pack, result: BacktestResult, names: Names) -> list[JourneyView]:
    """Return all journeys of the pack that have a touchpoint."""
    return [_view(journey, pack, result, names) for journey in pack.journeys.values() if journey.touchpoints]


def quoted(touchpoints: Sequence[str], names: Names) -> Said:
    """Return several touchpoints as an enumeration, the first four by name."""
    shown = [Said(f"「{title.zh}」", f"“{title.en}”") for title in map(names.touchpoint, touchpoints[:4])]
    if len(touchpoints) > 4:
        return say("and_more", names=listed(shown), n=len(touchpoints) - 4)
    return listed(shown)


def _view(journey: Journey, pack: Pack, result: BacktestResult, names: Names) -> JourneyView:
    found = felt(journey.touchpoints, result.touchpoints)
    order = _in_order(journey)
    marks = _marks(found, [name for name in order if name in found])
    points = [_curve_point(name, found, journey, result, marks) for name in order]
    limit = limit_of(points)
    return JourneyView(
        title=titled(journey.title, journey.journey),
        stages=_stages(journey, found, pack, result, names, limit),
        columns=len(order),
        curve=curve(points),
        top=emotion(limit),
        foot=emotion(-limit),
        headline=_headline(found, journey, result, names),
        chosen=_chosen(found, journey, result, [name for name in order if name]),
    )


def _in_order(journey: Journey) -> list[str]:
    """Return the touchpoints stage by stage, '' for a stage that has none."""
    order: list[str] = []
    for stage in _all_stages(journey):
        order += _inside(journey, stage) or [""]
    return order


def _inside(journey: Journey, stage: Stage) -> list[str]:
    return [name for name, point in journey.touchpoints.items() if point.stage == stage.id]


def _all_stages(journey: Journey) -> list[Stage]:
    """Return the stages, with one more for each that only a touchpoint names."""
    known = {stage.id for stage in journey.stages}
    strays = dict.fromkeys(p.stage for p in journey.touchpoints.values() if p.stage not in known)
    return [*journey.stages, *(Stage(id=stray, title={}) for stray in strays)]


def _stages(
    journey: Journey, found: Found, pack: Pack, result: BacktestResult, names: Names, limit: float
) -> tuple[StageView, ...]:
    views: list[StageView] = []
    first = 0
    for stage in _all_stages(journey):
        inside = _inside(journey, stage)
        points = tuple(
            point_view(name, first + n, pack, result, names, found.get(name), limit)
            for n, name in enumerate(inside)
        )
        views.append(StageView(_stage_title(stage), _itil(stage), first, max(len(inside), 1), points))
        first += max(len(inside), 1)
    return tuple(views)


def _stage_title(stage: Stage) -> Said:
    return titled(stage.title) if stage.title else ITIL_STAGES.get(stage.id, Said(stage.id, stage.id))


def _itil(stage: Stage) -> Said | None:
    """Return the ITIL stage behind a stage of another name."""
    if not stage.itil or stage.itil == stage.id:
        return None
    return say("itil", stage=ITIL_STAGES.get(stage.itil, Said(stage.itil, stage.itil)))


def _curve_point(
    name: str, found: Found, journey: Journey, result: BacktestResult, marks: dict[str, str]
) -> CurvePoint:
    if not name:
        return CurvePoint()
    point = found.get(name)
    if point is None:
        return CurvePoint(gap=_gap(journey.touchpoints[name], result.touchpoints.get(name)))
    low, high = bounds(point)
    return CurvePoint(point.emotion, low, high, tone(point), mark=say(marks[name]) if name in marks else None)


def _gap(point: Touchpoint, found: TouchpointResult | None) -> tuple[Said, ...]:
    """Return why a touchpoint has no emotion, in lines short enough for a narrow column."""
    if point.encounter is None:
        return say("gap_no_rule_1"), say("gap_no_rule_2")
    if found is None or not found.encounters:
        return say("gap_no_encounters_1"), say("gap_no_encounters_2")
    return say("gap_not_judged_1"), say("gap_not_judged_2")


def _marks(found: Found, order: Sequence[str]) -> dict[str, str]:
    """Return which points are named on the curve: peak and pit where they stand alone, and the end."""
    marks = {order[-1]: "end"} if len(order) > 1 else {}
    for word, extreme in (("peak", highest(found)), ("pit", lowest(found))):
        if extreme is not None and not extreme.ties:
            marks[extreme.name] = word
    return marks


def _headline(found: Found, journey: Journey, result: BacktestResult, names: Names) -> Said:
    able = enough(found)
    low, high = lowest(found), highest(found)
    if low is not None and high is not None:
        return together(
            (_of_extreme("map_lowest", low, able, names), _of_extreme("map_highest", high, able, names))
        )
    if able:
        name, point = next(iter(able.items()))
        return _sentence("map_one", name, point, names)
    if found:
        return say("map_few")
    met = [name for name in journey.touchpoints if name in result.touchpoints]
    if any(result.touchpoints[name].encounters for name in met):
        return say("map_not_judged")
    return say("map_none")


def _of_extreme(key: str, extreme: Extreme, able: Found, names: Names) -> Said:
    if not extreme.ties:
        return _sentence(key, extreme.name, able[extreme.name], names)
    return _sentence(
        f"{key}_tied", extreme.name, able[extreme.name], names, others=quoted(extreme.ties, names)
    )


def _sentence(key: str, name: str, point: TouchpointResult, names: Names, **more: Said) -> Said:
    return say(
        key,
        title=names.touchpoint(name),
        emotion=emotion(point.emotion or 0.0),
        interval=interval(*bounds(point)),
        n=point.encounters,
        **more,
    )


def _chosen(found: Found, journey: Journey, result: BacktestResult, order: Sequence[str]) -> str:
    """Return the touchpoint whose sheet is open at first: the lowest, else one that was met."""
    extreme = lowest(found)
    if extreme is not None:
        return extreme.name
    met = [name for name in order if name in result.touchpoints and result.touchpoints[name].encounters]
    clear = [name for name in met if judged(journey.touchpoints[name])]
    return [*clear, *met, *order][0]
