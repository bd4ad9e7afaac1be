"""One touchpoint as a view: its figures for the map's column, and its sheet with all the rest.

Every figure here is one of the result's own counts or a share of two of them; nothing is estimated.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from peakend.model.pack import Pack, Standard, Touchpoint
from peakend.model.parts import as_list
from peakend.model.result import BacktestResult, StandardCount, TouchpointResult
from peakend.report.chart.bars import columns, parts, strip
from peakend.report.clock import month_labels
from peakend.report.felt import bounds, judged, tone
from peakend.report.figures import emotion, interval, share
from peakend.report.sentences import say
from peakend.report.words import BLUEPRINT, FAMILIES, FAMILIES_SHORT, PHASES, softened
from peakend.tell.catalogue import CHANNELS, DIMENSIONS, ROLES
from peakend.tell.names import Names
from peakend.tell.said import Said, grouped, titled
from peakend.tell.spans import duration

SHOWN = 2
"""How many standards a column of the map shows, the least kept first; the sheet shows all."""

STEPS = ("identified", "has_standard", "has_play", "backtested")


@dataclass(frozen=True)
class StandardView:
    """One standard: its promise in words, and how often it was kept."""

    name: Said
    dimension: Said | None
    promise: Said
    path: tuple[Said, Said]
    why: Said
    bar: Markup
    judged: int
    kept_share: float
    percent: str
    fraction: str
    kept: Said
    more: tuple[Said, ...]


@dataclass(frozen=True)
class PointView:
    """One touchpoint, ready for the template."""

    id: str
    column: int
    title: Said
    column_title: Said
    family: str
    family_short: Said
    family_long: Said
    phase: Said
    declared: bool
    tone: str
    judged: bool
    emotion: str
    interval: str
    encounters: int
    customers: int
    reach: str
    magical: int
    neutral: int
    miserable: int
    magical_share: str
    neutral_share: str
    miserable_share: str
    bar: Markup
    strip: Markup
    standards: tuple[StandardView, ...]
    worst: tuple[StandardView, ...]
    more_standards: int
    dots: tuple[bool, ...]
    stand: Said
    next: Said | None
    missing: Said
    expectation: Said
    hidden: Said
    blueprint: tuple[tuple[str, Said, Said], ...]
    owner: Said
    channels: Said
    plays: tuple[tuple[str, Said], ...]
    months: Markup
    asides: tuple[Said, ...]


def point_view(
    name: str,
    column: int,
    pack: Pack,
    result: BacktestResult,
    names: Names,
    emotion_of: TouchpointResult | None,
    limit: float,
) -> PointView:
    """Return the view of one touchpoint.

    `emotion_of` is its result where it has an emotion to show; `limit` is the end of the map's scale.
    """
    point = pack.touchpoints[name]
    found = result.touchpoints.get(name, TouchpointResult())
    plays = tuple((play, names.play(play)) for play in pack.plays if pack.plays[play].touchpoint == name)
    dots = _dots(point, [play for play, _ in plays], result)
    standards = tuple(
        _standard(standard, name, point.standards[standard], found.standards.get(standard), names)
        for standard in point.standards
    )
    worst = sorted(standards, key=lambda one: one.kept_share)[:SHOWN]
    reached = max(i for i, on in enumerate(dots) if on)
    way = tone(emotion_of)
    known = emotion_of is not None
    low, high = bounds(found)
    return PointView(
        id=name,
        column=column,
        title=names.touchpoint(name),
        column_title=softened(names.touchpoint(name)),
        family=point.family or "",
        family_short=FAMILIES_SHORT.get(point.family or "", Said("", "")),
        family_long=FAMILIES.get(point.family or "", Said("", "")),
        phase=PHASES.get(point.phase or "", Said("", "")),
        declared=point.moment_of_truth,
        tone=way,
        judged=judged(point),
        emotion=emotion(found.emotion or 0.0) if known else "",
        interval=interval(low, high) if known else "",
        encounters=found.encounters,
        customers=found.customers,
        reach=share(found.customers, result.customers),
        magical=found.magical,
        neutral=found.neutral,
        miserable=found.miserable,
        magical_share=share(found.magical, found.encounters),
        neutral_share=share(found.neutral, found.encounters),
        miserable_share=share(found.miserable, found.encounters),
        bar=parts([("miserable", found.miserable), ("neutral", found.neutral), ("magical", found.magical)]),
        strip=strip(found.emotion or 0.0, low, high, limit, way) if known else Markup(""),
        standards=standards,
        worst=tuple(worst),
        more_standards=len(standards) - len(worst),
        dots=dots,
        stand=say("stand", k=sum(dots), step=say(STEPS[reached])),
        next=_next(point, dots, names.touchpoint(name)),
        missing=_missing(point, found),
        expectation=titled(point.expectation),
        hidden=titled(point.hidden_expectation),
        blueprint=tuple(
            (line, BLUEPRINT[line], titled(point.blueprint[line]))
            for line in BLUEPRINT
            if line in point.blueprint
        ),
        owner=names.of(point.owner or "", ROLES),
        channels=names.all(point.channels, CHANNELS),
        plays=plays,
        months=_months(found),
        asides=_asides(found),
    )


def _dots(point: Touchpoint, plays: list[str], result: BacktestResult) -> tuple[bool, ...]:
    """Return the four steps; backtested means that a play of this touchpoint was entered in this log."""
    entered = any(result.plays[play].entries for play in plays if play in result.plays)
    return True, bool(point.standards), bool(plays), entered


def _missing(point: Touchpoint, found: TouchpointResult) -> Said:
    if point.encounter is None:
        return say("no_rule")
    return say("not_judged_emotion" if found.encounters else "no_encounters")


def _next(point: Touchpoint, dots: tuple[bool, ...], title: Said) -> Said | None:
    if point.encounter is None:
        return say("next_encounter", title=title)
    if not judged(point):
        return say("next_emotion", title=title)
    if not dots[1]:
        return say("next_standard", title=title)
    return None if dots[2] else say("next_play", title=title)


def _standard(
    name: str, at: str, standard: Standard, found: StandardCount | None, names: Names
) -> StandardView:
    found = found or StandardCount()
    decided = found.kept + found.breached
    more = [say("still_open", n=found.open)] if found.open else []
    more += [say("late_proof", n=found.late_proof)] if found.late_proof else []
    return StandardView(
        name=softened(names.standard(name, at)),
        dimension=DIMENSIONS.get(standard.dimension or "") if standard.title else None,
        promise=_promise(standard, names),
        path=(names.of(standard.from_), names.all(as_list(standard.to))),
        why=titled(standard.why),
        bar=parts([("kept", found.kept), ("breached", found.breached)], height=6),
        judged=decided,
        kept_share=found.kept / decided if decided else 2.0,
        percent=share(found.kept, decided),
        fraction=f"{grouped(found.kept)}/\u200b{grouped(decided)}",  # may be broken after the stroke only
        kept=say("kept", kept=found.kept, n=decided, share=share(found.kept, decided)),
        more=tuple(more),
    )


def _promise(standard: Standard, names: Names) -> Said:
    if standard.by:
        return say("by_date", field=names.field(standard.by))
    always = standard.calendar == "always"
    span = duration(standard.within or "", worked=not always)
    if always:
        return say("within", span=span)
    return say("within_calendar", span=span, calendar=names.calendar(standard.calendar))


def _months(found: TouchpointResult) -> Markup:
    """Return the encounters of each month; `by_month` counts miserable, neutral and magical in this order."""
    months = sorted(found.by_month)
    if len(months) < 2:
        return Markup("")
    names = ("miserable", "neutral", "magical")
    stacks = [list(zip(names, found.by_month[month], strict=True)) for month in months]
    return columns(stacks, month_labels(months), height=44)


def _asides(found: TouchpointResult) -> tuple[Said, ...]:
    asides = []
    if found.ratings:
        asides.append(say("rating", mean=f"{found.rating_sum / found.ratings:.1f}", n=found.ratings))
    if found.unfinished:
        asides.append(say("unfinished", n=found.unfinished))
    if found.begun > found.encounters:
        asides.append(say("not_settled", n=found.begun - found.encounters))
    return tuple(asides)
