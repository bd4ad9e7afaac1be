"""The journeys of the pack with what was lived at each touchpoint: one answer for the page and for the API.

Figures come from the newest reckoning (`reckoning`), never from rows; a share or a mean has its number and
its interval, or is None. Instants are microseconds since 1970-01-01T00:00Z.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from peakend.model.mapped import Kept, Mapped, Measured
from peakend.model.pack import Journey, Pack, Standard, Touchpoint
from peakend.model.result import TouchpointResult
from peakend.report.felt import judged

Titles = dict[str, str]
NOTHING = Measured(result=TouchpointResult())


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """How often something was kept of how many times it was decided, with Wilson's 95 % interval."""

    kept: int
    decided: int
    share: float | None
    low: float | None
    high: float | None

    @property
    def sorts(self) -> float:
        """What was kept least comes first, what was never decided last."""
        return 2.0 if self.share is None else self.share


class StandardTold(msgspec.Struct, frozen=True, kw_only=True):
    """One standard of a touchpoint: its promise (`within` a duration or `by` a date), and how it was kept."""

    id: str
    title: Titles
    dimension: str | None
    within: str | None
    by: str | None
    calendar: str
    kept: Share


class TouchpointTold(msgspec.Struct, frozen=True, kw_only=True):
    """One touchpoint. `moment` has 'found' where find names it a moment of truth, 'declared' where the pack
    does. `emotion` is the mean of +1, 0 and -1 with its 95 % interval; None where it is not known."""

    id: str
    journey: str
    title: Titles
    stage: str
    family: str | None
    phase: str | None
    moment: list[str]
    owner: str | None
    encounters: int
    customers: int
    magical: int
    neutral: int
    miserable: int
    emotion: float | None
    low: float | None
    high: float | None
    standards: list[StandardTold]
    plays: list[str]


class StageTold(msgspec.Struct, frozen=True, kw_only=True):
    """One stage, and the stage of ITIL 4 behind it where it has another name."""

    id: str
    title: Titles
    itil: str | None


class JourneyTold(msgspec.Struct, frozen=True, kw_only=True):
    """One journey: its stages and its touchpoints in their order."""

    id: str
    title: Titles
    stages: list[StageTold]
    touchpoints: list[TouchpointTold]


class Journeys(msgspec.Struct, frozen=True, kw_only=True):
    """All journeys as of an instant (None: nothing was reckoned yet); `moments_at` is that of the answer of
    find that names the moments of truth."""

    as_of: int | None
    moments_at: int | None
    customers: int
    encounters: int
    first: int | None
    last: int | None
    journeys: list[JourneyTold]


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
