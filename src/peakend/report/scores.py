"""A score as a reader meets it: the word for what it is, its number and its interval, in its unit."""

from __future__ import annotations

from peakend.model.scale import Score, Unit, in_unit
from peakend.report.sentences import say
from peakend.tell.said import MINUS, Said


def value(unit: Unit, number: float) -> str:
    """A number in its unit: 31.0, 82.4%, 4.06."""
    shown = in_unit(unit, abs(number))
    sign = MINUS if number < 0 and float(shown) else ""
    return f"{sign}{shown}{'%' if unit == 'share' else ''}"


def scored(score: Score) -> Said:
    """A score with the word for what it is: NPS 31.0."""
    assert score.estimate is not None
    key = "survey_of_mean"
    if score.unit != "mean":
        key = {"nps": "survey_of_nps", "csat": "survey_of_csat"}.get(score.scale, key)
    return say(key, value=value(score.unit, score.estimate))


def with_interval(score: Score) -> Said | None:
    """A score and its 95 % interval: NPS 31.0 [27.1, 34.8]; None where it has no number to rely on."""
    if score.estimate is None or score.low is None or score.high is None:
        return None
    span = f"[{value(score.unit, score.low)}, {value(score.unit, score.high)}]"
    return say("score_span", score=scored(score), span=span)
