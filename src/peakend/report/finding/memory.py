"""What is felt along a journey and what of it is remembered, as views for the template.

A weight that cannot be told apart and a feeling that rests on few customers are said to be so, never ranked.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from peakend.model.feeling import CurvePoint, EmotionCurve, Extreme, PeakEndProfile
from peakend.model.finding import Estimate
from peakend.report.chart.bars import strip
from peakend.report.figures import emotion, interval, signed
from peakend.report.finding.rows import percentage
from peakend.report.journey import quoted
from peakend.report.sentences import say
from peakend.tell.names import Names
from peakend.tell.said import Said, together


@dataclass(frozen=True)
class ProfileView:
    """What is remembered of a journey."""

    headline: Said
    rows: tuple[tuple[Said, Markup, str, str], ...]
    index: Said | None
    note: Said


@dataclass(frozen=True)
class CurveView:
    """What is felt along a journey: touchpoints in the order in which they are met."""

    title: Said | None
    headline: Said
    rows: tuple[tuple[Said, Said, Markup, str, str], ...]


def profile_view(profile: PeakEndProfile, shown: int) -> ProfileView:
    """Return what is remembered: the weight of each feature with its interval, and the index."""
    known = [one.weight for one in profile.weights if one.weight is not None]
    limit = max((abs(end) for weight in known for end in (weight.low, weight.high)), default=1.0) or 1.0
    index = profile.index
    return ProfileView(
        headline=profile_line(profile),
        rows=tuple(
            (say(f"find_feature_{one.feature}"), *_weighed(one.weight, limit, shown))
            for one in profile.weights
        ),
        index=None
        if index is None
        else say(
            "find_index", index=emotion(index.estimate), low=emotion(index.low), high=emotion(index.high)
        ),
        note=say("find_profile_note", episodes=profile.episodes, customers=profile.customers),
    )


def curve_view(curve: EmotionCurve, title: Said | None, names: Names) -> CurveView:
    """Return the feeling at each touchpoint with its interval, and which stand out, ties said as ties."""
    known = {point.touchpoint: point for point in curve.points}
    extremes = [("map_lowest", curve.trough), ("map_highest", curve.peak)]
    said = [_extreme(key, one, known, names) for key, one in extremes if one is not None]
    felt = [one.emotion for one in curve.points if one.emotion is not None]
    limit = max((abs(end) for one in felt for end in (one.low, one.high)), default=1.0) or 1.0
    return CurveView(
        title=title,
        headline=together(said) if said else say("map_few"),
        rows=tuple(
            (
                names.touchpoint(one.touchpoint),
                say("find_curve_met", n=one.encounters, share=percentage(one.reach)),
                *_felt(one, limit),
            )
            for one in curve.points
        ),
    )


def profile_line(profile: PeakEndProfile) -> Said:
    """Return whether scores follow peaks and end or the average."""
    if profile.lead.low > 0:
        return say("find_profile_peak")
    return say("find_profile_average" if profile.lead.high < 0 else "find_profile_tied")


def _extreme(key: str, extreme: Extreme, known: dict[str, CurvePoint], names: Names) -> Said:
    point = known[extreme.touchpoint]
    felt = point.emotion or Estimate(0.0, -1.0, 1.0, 0)
    return say(
        f"{key}_tied" if extreme.ties else key,
        title=names.touchpoint(extreme.touchpoint),
        emotion=emotion(felt.estimate),
        interval=interval(felt.low, felt.high),
        n=point.encounters,
        **({"others": quoted(extreme.ties, names)} if extreme.ties else {}),
    )


def _felt(point: CurvePoint, limit: float) -> tuple[Markup, str, str]:
    felt = point.emotion
    if felt is None:
        return Markup(""), "", ""
    tone = "few" if point.grey else _tone(felt, "even")
    bar = strip(felt.estimate, felt.low, felt.high, limit, tone)
    return bar, emotion(felt.estimate), interval(felt.low, felt.high)


def _tone(found: Estimate, between: str) -> str:
    """Return which way an estimate points; `between` where its interval holds zero."""
    return "up" if found.low > 0 else "down" if found.high < 0 else between


def _weighed(weight: Estimate | None, limit: float, shown: int) -> tuple[Markup, str, str]:
    if weight is None:
        return Markup(""), "", ""
    bar = strip(weight.estimate, weight.low, weight.high, limit, _tone(weight, "few"))
    return bar, signed(weight.estimate, shown), f"{signed(weight.low, shown)}…{signed(weight.high, shown)}"
