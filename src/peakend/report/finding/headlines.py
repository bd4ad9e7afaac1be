"""Which sentence may stand over each picture: the strongest that the intervals allow, ties said as ties."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from peakend.model.found import Driver, Effect, Found
from peakend.report.chart.effects import sure
from peakend.report.figures import points
from peakend.report.journey import quoted
from peakend.report.scores import with_interval
from peakend.report.sentences import say
from peakend.tell.names import Names
from peakend.tell.said import Said, listed, together


class Sized(NamedTuple):
    """A figure of a touchpoint with its interval, and whether it is hardly nothing."""

    touchpoint: str
    value: float
    low: float
    high: float
    sure: bool = False


def met(found: Found) -> list[Driver]:
    """Return the touchpoints that somebody met before an answer, the weightiest first."""
    return sorted((one for one in found.touchpoints if one.encounters), key=lambda one: -one.swing)


def digits(found: Found) -> int:
    """Return how many decimals points are shown with: one where effects are tens of points, else two."""
    known = [e for one in found.touchpoints for e in (one.penalty, one.reward) if e.estimate is not None]
    return 1 if any(abs(effect.estimate or 0.0) >= 10 for effect in known) else 2


def scores(found: Found) -> Said:
    """Return the score of the outcome with its interval, its other usual reading beside it; else the mean."""
    both = (found.score, found.score.secondary) if found.score else ()
    told = [with_interval(one) for one in both if one is not None]
    known = [one for one in told if one is not None]
    return listed(known) if known else say("survey_of_mean", value=points(found.mean, digits(found)))


def headline(found: Found, names: Names) -> Said:
    """Return which touchpoints are moments of truth, and whether one of them weighs most."""
    drivers = met(found)
    moments = [one for one in drivers if one.moment_of_truth]
    if not drivers:
        return say("find_nothing")
    if len(drivers) == 1:
        return say("find_only", titles=quoted([drivers[0].touchpoint], names))
    if not moments:
        return say("find_no_moment", n=found.episodes)
    titles = quoted([one.touchpoint for one in moments], names)
    if len(moments) == 1:
        return say("find_moment", titles=titles)
    first, *others = sorted(moments, key=lambda one: one.rank)
    next_rank = min(one.rank[0] for one in others)
    if first.rank[1] < next_rank or first.swing_interval[0] > max(one.swing_interval[1] for one in others):
        return say("find_moments_first", titles=titles, first=quoted([first.touchpoint], names))
    return say("find_moments_tied", titles=titles)


def fix_first(found: Found, names: Names) -> Said:
    """Return where most is lost over all answers, as far as that is certain."""
    return _foremost(
        "find_fix", found, names, lambda one: (one.penalty, one.fix_first, one.fix_first_interval)
    )


def delight_next(found: Found, names: Names) -> Said:
    """Return where most could be gained, as far as that is certain."""
    return _foremost(
        "find_delight", found, names, lambda one: (one.reward, one.delight_next, one.delight_next_interval)
    )


def effects_line(found: Found, names: Names) -> Said:
    """Return which touchpoint loses and which gains most, an encounter."""
    return together(
        (
            _foremost("find_loss", found, names, lambda one: _itself(one.penalty)),
            _foremost("find_gain", found, names, lambda one: _itself(one.reward)),
        )
    )


Picked = tuple[Effect, float | None, tuple[float, float] | None]
Pick = Callable[[Driver], Picked]


def _foremost(key: str, found: Found, names: Names, pick: Pick) -> Said:
    """Return the sentence of the largest figure: alone, with its ties, or that none is certain."""
    sized = _sized(met(found), pick)
    certain = [one for one in sized if one.sure and one.low > 0]
    if not certain:
        return say(f"{key}_none")
    top = max(certain, key=lambda one: one.value)
    ties = [one.touchpoint for one in sized if one is not top and one.high >= top.low]
    shown = digits(found)
    return say(
        f"{key}_tied" if ties else f"{key}_line",
        title=quoted([top.touchpoint], names),
        points=points(top.value, shown),
        low=points(top.low, shown),
        high=points(top.high, shown),
        **({"others": _few(ties, names)} if ties else {}),
    )


def _few(touchpoints: Sequence[str], names: Names) -> Said:
    """Return touchpoints as a short enumeration: up to three by name, of more only two."""
    if len(touchpoints) <= 3:
        return quoted(touchpoints, names)
    return say("and_more", names=quoted(touchpoints[:2], names), n=len(touchpoints) - 2)


def _sized(drivers: Sequence[Driver], pick: Pick) -> list[Sized]:
    """Return the figures that have an interval, the greatest first."""
    sized = []
    for one in drivers:
        effect, value, interval = pick(one)
        if value is not None and interval is not None:
            sized.append(Sized(one.touchpoint, value, *interval, sure(effect)))
    return sorted(sized, key=lambda one: -one.value)


def _itself(effect: Effect) -> Picked:
    if effect.low is None or effect.high is None:
        return effect, None, None
    return effect, effect.estimate, (effect.low, effect.high)
