"""The customers who did not answer: how many there are, and what the score would be if they think otherwise.

There is no data on them. Whatever is said here about their opinion is an assumption of the reader, carried
through openly; it must never be shown as a measurement. Worst-case bounds are left out on purpose: at a usual
response rate they run over nearly the whole scale.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from peakend.errors import PeakendError, Place, nearest
from peakend.listen.scales import words
from peakend.listen.scales.answers import as_names, bounds_of
from peakend.listen.scales.intervals import wilson
from peakend.model.scale import IfSilent, ResponseRate, Responses, Score, Sensitivity


def response_rates(asked: Mapping[str, int], answered: ArrayLike) -> Responses:
    """How many of those asked answered, by segment, each with Wilson's interval.

    `asked` maps a segment to the customers who were asked (> 0); `answered` has the segment of every customer
    who answered, shape (n,), one entry a customer. Raises PeakendError for a segment that was not asked, and
    where more answered than were asked.
    """
    names, counts = np.unique(as_names(answered), return_counts=True)
    found = {str(name): int(count) for name, count in zip(names, counts, strict=True)}
    for segment, count in found.items():
        if segment not in asked:
            raise PeakendError(
                f"customers of '{segment}' answered, and nobody of it was asked",
                place=Place("asked"),
                fix=f"{nearest(segment, asked)} Segments that were asked: {', '.join(asked)}.".strip(),
            )
        if count > asked[segment]:
            raise PeakendError(
                f"{count:,} customers of '{segment}' answered, and only {asked[segment]:,} were asked",
                place=Place("asked"),
                fix="Count every customer once: keep one answer each before counting.",
            )
    empty = [segment for segment, count in asked.items() if count <= 0]
    if empty or not asked:
        raise PeakendError(
            f"nobody was asked in '{empty[0]}'" if empty else "nobody was asked",
            place=Place("asked"),
            fix="Give how many customers of each segment were asked, for example {'new': 400}.",
        )
    segments = tuple(_rate(segment, found.get(segment, 0), count) for segment, count in asked.items())
    lowest, highest = min(segments, key=lambda one: one.share), max(segments, key=lambda one: one.share)
    differ = lowest.high < highest.low
    return Responses(
        overall=_rate("", sum(found.values()), sum(asked.values())),
        segments=segments,
        notes=(words.rates_differ(lowest.segment, lowest.share, highest.segment, highest.share),)
        if differ
        else (),
    )


def if_silent_differ(score: Score, response: float, lower: Sequence[float]) -> Sensitivity:
    """The score of all customers if the silent ones are `lower` units lower, one line for each entry.

    `response` is the share of customers who answered, 0 < response <= 1; `lower` is in the unit of the score
    (points, parts of one, points of the scale), negative for "higher". The silent are taken to be
    score - lower, within the scale, and all customers response x score + (1 - response) x silent.
    Raises PeakendError for a response rate that is none and for a score without a number.
    """
    if not 0 < response <= 1:
        raise PeakendError(
            f"{response} is not a response rate",
            fix="Give the share of customers who answered, for example 0.12.",
        )
    if score.estimate is None or score.low is None or score.high is None:
        raise PeakendError(
            f"the score has no number: {score.customers} customers answered, all answers {score.counts}",
            fix="Wait for ten customers, or join windows or segments.",
        )
    measured = (score.estimate, score.low, score.high)
    rows = tuple(_if_silent(score, response, step, measured) for step in lower)
    return Sensitivity(unit=score.unit, response=response, rows=rows, notes=(words.SILENT_ARE_ASSUMED,))


def _if_silent(score: Score, response: float, step: float, measured: tuple[float, float, float]) -> IfSilent:
    least, most = _bounds(score)
    estimate, low, high = (
        response * value + (1 - response) * min(max(value - step, least), most) for value in measured
    )
    return IfSilent(step, estimate, low, high, words.if_silent(score.unit, step, estimate, low, high))


def _bounds(score: Score) -> tuple[float, float]:
    if score.unit == "mean":
        return bounds_of(score.scale)
    return (-100.0, 100.0) if score.unit == "points" else (0.0, 1.0)


def _rate(segment: str, answered: int, asked: int) -> ResponseRate:
    low, high = wilson(answered, asked)
    return ResponseRate(segment, asked, answered, answered / asked, low, high)
