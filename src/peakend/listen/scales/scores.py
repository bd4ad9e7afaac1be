"""NPS, CSAT and CES: the score of one question in one window, with its interval.

Below ten customers only the counts are given. CES is the agreement with "made it easy for me" on 1..7, where
7 is the best; the older effort question on 1..5, where 1 was the best, is not read as CES.
"""

from __future__ import annotations

import numpy as np

from peakend.errors import PeakendError
from peakend.listen.scales import words
from peakend.listen.scales.answers import Answers, bounds_of
from peakend.listen.scales.intervals import Floats, Span, nps_interval, t_quantile, wilson
from peakend.listen.scales.linear import Mean, mean_by_customer
from peakend.model.scale import RANGE, Note, Scale, Score, Unit

FEWEST = 10
TOP_TWO = 4
AGREES = 5
MOST_COUNTED = 11


def nps(answers: Answers) -> Score:
    """Net Promoter Score in points: the share of 9-10 less the share of 0-6, x 100.

    Interval: adjusted Wald (n+3, 3/4) at the effective n. Source: Rocks (2016); counts of 350, 450 and
    200 give 15.0. Raises PeakendError for answers of another scale.
    """
    expect(answers, "nps")
    values = answers.values
    counts = _count(promoters=values >= 9, passives=(values >= 7) & (values <= 8), detractors=values <= 6)
    mean = mean_by_customer(answers, groups(answers))
    if mean.customers < FEWEST:
        return _score(answers, "points", mean, None, counts, "counts")
    low, high = nps_interval(*nps_counts(answers, mean))
    return _score(answers, "points", mean, Span(float(low), float(high)), counts, "adjusted-wald")


def csat(answers: Answers) -> Score:
    """Customer satisfaction: the share of 4 and 5 on 1..5, with Wilson's interval; the mean beside it.

    81 of 263 gives 0.3080 with 0.2553 to 0.3662. Raises PeakendError for answers of another scale.
    """
    expect(answers, "csat")
    counts = {f"{value}": int(np.count_nonzero(answers.values == value)) for value in range(1, 6)}
    return _share(answers, groups(answers), counts, _mean(answers, counts, None))


def ces(answers: Answers) -> Score:
    """Customer effort 2.0: the mean agreement on 1..7 with its t interval; the share that agrees (5-7) beside
    it.

    Raises PeakendError for answers of another scale.
    """
    expect(answers, "ces")
    counts = {f"{value}": int(np.count_nonzero(answers.values == value)) for value in range(1, 8)}
    agrees = (answers.values >= AGREES).astype(np.float64)
    return _mean(answers, counts, _share(answers, agrees, counts, None))


def mean(answers: Answers) -> Score:
    """The mean on any scale LOW..HIGH with its t interval.

    `counts` has the answers of each value where there are eleven values or fewer.
    """
    if answers.scale in RANGE:
        raise PeakendError(
            f"the answers were read as {answers.scale}, which is not scored by its mean",
            fix=f"Score them with {answers.scale}, or read them with their ends, for example 1..10",
        )
    values, times = np.unique(answers.values, return_counts=True)
    few = len(values) <= MOST_COUNTED
    counts = {f"{value:g}": int(n) for value, n in zip(values, times, strict=True)} if few else {}
    return _mean(answers, counts, None)


def score(answers: Answers) -> Score:
    """The score of whatever scale the answers are on."""
    return {"nps": nps, "csat": csat, "ces": ces}.get(answers.scale, mean)(answers)


def groups(answers: Answers) -> Floats:
    """What each answer adds to the score: NPS -1, 0 or 1; CSAT 0 or 1; else the answer itself."""
    values = answers.values
    if answers.scale == "nps":
        return (values >= 9).astype(np.float64) - (values <= 6)
    return (values >= TOP_TWO).astype(np.float64) if answers.scale == "csat" else values


def nps_counts(answers: Answers, mean: Mean) -> tuple[float, float, float]:
    """Promoters, detractors and n as effective counts: the weighted shares at the effective n."""
    shares = answers.weights / answers.weights.sum()
    up = float(shares @ (answers.values >= 9))
    down = float(shares @ (answers.values <= 6))
    return up * mean.effective_n, down * mean.effective_n, mean.effective_n


def share_counts(mean: Mean) -> tuple[float, float]:
    """The count and n of a share as effective counts."""
    return min(max(mean.value, 0.0), 1.0) * mean.effective_n, mean.effective_n


def expect(answers: Answers, scale: Scale) -> None:
    if answers.scale != scale:
        raise PeakendError(
            f"the answers were read as {answers.scale}, not as {scale}",
            fix=f"Read the column with read_answers('{scale}', ...), if it was asked on that scale.",
        )


def _share(answers: Answers, yes: Floats, counts: dict[str, int], secondary: Score | None) -> Score:
    mean = mean_by_customer(answers, yes)
    if mean.customers < FEWEST:
        return _score(answers, "share", mean, None, counts, "counts", secondary)
    return _score(answers, "share", mean, wilson(*share_counts(mean)), counts, "wilson", secondary)


def _mean(answers: Answers, counts: dict[str, int], secondary: Score | None) -> Score:
    mean = mean_by_customer(answers, answers.values)
    if mean.customers < FEWEST or mean.variance == 0:
        return _score(answers, "mean", mean, None, counts, "counts", secondary)
    least, most = bounds_of(answers.scale)
    half = t_quantile(mean.customers - 1) * float(np.sqrt(mean.variance))
    span = Span(max(mean.value - half, least), min(mean.value + half, most))
    return _score(answers, "mean", mean, span, counts, "t", secondary)


def _score(
    answers: Answers,
    unit: Unit,
    mean: Mean,
    span: Span | None,
    counts: dict[str, int],
    method: str,
    secondary: Score | None = None,
) -> Score:
    estimate = 100 * mean.value if unit == "points" else mean.value
    return Score(
        scale=answers.scale,
        unit=unit,
        estimate=estimate if span else None,
        # The interval is centred on a slightly shrunk estimate: a very one-sided sample may lie outside it.
        low=min(span.low, estimate) if span else None,
        high=max(span.high, estimate) if span else None,
        n=len(answers.values),
        customers=mean.customers,
        effective_n=mean.effective_n,
        counts=counts,
        method=method,
        left_out=answers.left_out,
        weighting=answers.weighting,
        secondary=secondary,
        notes=_notes(answers, mean, unit),
    )


def _notes(answers: Answers, mean: Mean, unit: Unit) -> tuple[Note, ...]:
    notes = list(answers.notes)
    n = len(answers.values)
    if mean.customers < FEWEST:
        few = words.too_few_groups if answers.accounts else words.too_few
        notes.append(few(mean.customers))
    elif answers.values.min() == answers.values.max():
        value = f"{answers.values[0]:g}"
        notes.append(words.no_interval(value) if unit == "mean" else words.all_the_same(value))
    if mean.customers < n and answers.identified and not answers.accounts:
        notes.append(words.several_of_one(n, mean.customers))
    return (*notes, *(answers.weighting.notes if answers.weighting else ()))


def _count(**groups: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> dict[str, int]:
    return {name: int(np.count_nonzero(which)) for name, which in groups.items()}
