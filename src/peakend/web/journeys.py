"""The journeys of the pack with what was lived at each touchpoint: one answer for the page and for the API.

Figures come from the newest reckoning (`reckoning`), never from rows; a share or a mean has its number and
its interval, or is None. Instants are microseconds since 1970-01-01T00:00Z.
"""

from __future__ import annotations

from collections.abc import Mapping

from peakend.model.mapped import Kept, Mapped, Measured
from peakend.model.pack import Journey, Pack, Standard, Touchpoint
from peakend.model.result import TouchpointResult
from peakend.report.felt import judged
from peakend.wire.journeys import (
    Journeys,
    JourneyTold,
    Share,
    StageTold,
    StandardTold,
    TouchpointTold,
)

NOTHING = Measured(result=TouchpointResult())


def journeys(
    pack: Pack, mapped: Mapped | None, moments: frozenset[str], moments_at: int | None = None
) -> Journeys:
    """All journeys of a pack with what was reckoned; `moments` are the touchpoints that find names."""
    return Journeys(
        as_of=mapped.at if mapped else None,
        moments_at=moments_at,
        customers=mapped.customers if mapped else 0,
        encounters=mapped.encounters if mapped else 0,
        first=mapped.first if mapped else None,
        last=mapped.last if mapped else None,
        journeys=[_journey(journey, pack, mapped, moments) for journey in pack.journeys.values()],
    )


def measured(mapped: Mapped | None, touchpoint: str) -> Measured:
    """What was reckoned of one touchpoint."""
    return mapped.touchpoints.get(touchpoint, NOTHING) if mapped else NOTHING


def touchpoint_told(
    name: str, journey: str, pack: Pack, mapped: Mapped | None, moments: frozenset[str]
) -> TouchpointTold:
    """One touchpoint with what was reckoned of it."""
    point, known = pack.touchpoints[name], measured(mapped, name)
    found = known.result
    felt = judged(point) and found.encounters > 0
    return TouchpointTold(
        id=name,
        journey=journey,
        title=dict(point.title),
        stage=point.stage,
        family=point.family,
        phase=point.phase,
        moment=_moment(name, point, moments),
        owner=point.owner,
        encounters=found.encounters,
        customers=found.customers,
        magical=found.magical,
        neutral=found.neutral,
        miserable=found.miserable,
        emotion=found.emotion if felt else None,
        low=found.low if felt else None,
        high=found.high if felt else None,
        standards=[_standard(one, rule, known.standards) for one, rule in point.standards.items()],
        plays=[play for play, one in pack.plays.items() if one.touchpoint == name],
    )


def share_of(kept: Kept | None) -> Share:
    """A kept share as an answer."""
    if kept is None:
        return Share(kept=0, decided=0, share=None, low=None, high=None)
    return Share(
        kept=kept.kept, decided=kept.kept + kept.breached, share=kept.share, low=kept.low, high=kept.high
    )


def _journey(journey: Journey, pack: Pack, mapped: Mapped | None, moments: frozenset[str]) -> JourneyTold:
    return JourneyTold(
        id=journey.journey,
        title=dict(journey.title),
        stages=[StageTold(id=one.id, title=dict(one.title), itil=one.itil) for one in journey.stages],
        touchpoints=[
            touchpoint_told(name, journey.journey, pack, mapped, moments) for name in journey.touchpoints
        ],
    )


def _moment(name: str, point: Touchpoint, moments: frozenset[str]) -> list[str]:
    return ["found"] * (name in moments) + ["declared"] * point.moment_of_truth


def _standard(name: str, rule: Standard, known: Mapping[str, Kept]) -> StandardTold:
    return StandardTold(
        id=name,
        title=dict(rule.title),
        dimension=rule.dimension,
        within=rule.within,
        by=rule.by,
        calendar=rule.calendar,
        kept=share_of(known.get(name)),
    )
