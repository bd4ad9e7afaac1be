"""The five gaps of a service, as far as survey and operation can really show them.

Gap 3 is a share of promises kept and gap 4 a difference of two written figures: neither is turned into a
rating. A gap without its data is not guessed from the others; it says what would be needed.
Method: the gaps model of Parasuraman, Zeithaml and Berry 1985, Journal of Marketing 49(4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy.typing as npt

from peakend.errors import EvidenceError
from peakend.identify.evidence import LEAST, mean_of, numbers, share_of
from peakend.model.finding import Estimate, Remark
from peakend.model.gap import GapNumber, GapResult, GapUnit, ServiceGap
from peakend.model.parts import Dimension

NAMES: dict[GapNumber, Remark] = {
    1: Remark("knowledge", "认知差距", "Knowledge gap"),
    2: Remark("standards", "标准差距", "Standards gap"),
    3: Remark("delivery", "传递差距", "Delivery gap"),
    4: Remark("communication", "沟通差距", "Communication gap"),
    5: Remark("customer", "感知差距", "Customer gap"),
}


class Promise(NamedTuple):
    """One written standard and what is known around it; leave out what is not known.

    `about` names it. `expected_hours` holds one customer's expected time a row; `standard_hours` and
    `promised_hours` are the written standard and the published promise. `kept` of `settled` encounters lay
    inside the standard.
    """

    about: str = ""
    expected_hours: npt.ArrayLike | None = None
    standard_hours: float | None = None
    promised_hours: float | None = None
    kept: int | None = None
    settled: int | None = None


def five_gaps(
    survey: GapResult | None,
    believed: Mapping[Dimension, float] | None = None,
    promises: Sequence[Promise] = (),
) -> tuple[ServiceGap, ...]:
    """Return the gaps 1 to 5, in rating points, hours or shares, each with interval and n or what it needs.

    `believed` is what management thinks customers expect, by dimension, on the survey's scale; the gaps 2 to
    4 are told for each of `promises`. Gap 1 = believed - surveyed expectation, one for each dimension
    believed about; gap 2 = expected hours - standard (below zero: the standard is slower than customers
    expect); gap 3 = share of settled encounters inside the standard, exact binomial interval; gap 4 =
    promised - standard hours (below zero: more is promised than the standard holds); gap 5 = perception -
    expectation.
    Raises EvidenceError where `kept` is no part of `settled`.
    """
    written = promises or (Promise(),)
    return (
        *_knowledge(survey, believed or {}),
        *(_standards(one) for one in written),
        *(_delivery(one) for one in written),
        *(_communication(one) for one in written),
        _customer(survey),
    )


def _knowledge(survey: GapResult | None, believed: Mapping[Dimension, float]) -> list[ServiceGap]:
    expected = {} if survey is None else {one.dimension: one.expectation for one in survey.dimensions}
    if not believed or not any(expected.get(name) for name in believed):
        return [_without(1, "rating points", _NEEDS_BELIEF)]
    return [
        _without(1, "rating points", _NEEDS_BELIEF, about=name)
        if (found := expected.get(name)) is None
        else _measured(1, "rating points", _taken_from(value, found), about=name)
        for name, value in believed.items()
    ]


def _standards(promise: Promise) -> ServiceGap:
    if promise.expected_hours is None or promise.standard_hours is None:
        return _without(2, "hours", _NEEDS_HOURS, promise.about)
    found = mean_of(numbers(promise.expected_hours, "expected_hours") - promise.standard_hours)
    return (
        _without(2, "hours", _NEEDS_HOURS, promise.about)
        if found is None
        else _measured(2, "hours", found, promise.about)
    )


def _delivery(promise: Promise) -> ServiceGap:
    if promise.kept is None or not promise.settled:
        return _without(3, "share", _NEEDS_SETTLED, promise.about)
    if not 0 <= promise.kept <= promise.settled:
        raise EvidenceError(
            f"{promise.kept:,} encounters kept the standard, but {promise.settled:,} settled",
            fix="Count `kept` among the settled encounters only; open ones are neither kept nor broken",
        )
    return _measured(3, "share", share_of(promise.kept, promise.settled, exact=True), promise.about)


def _communication(promise: Promise) -> ServiceGap:
    if promise.promised_hours is None or promise.standard_hours is None:
        return _without(4, "hours", _NEEDS_PROMISE, promise.about)
    return ServiceGap(
        number=4,
        name=NAMES[4],
        about=promise.about,
        unit="hours",
        written=promise.promised_hours - promise.standard_hours,
        remark=_WRITTEN,
    )


def _customer(survey: GapResult | None) -> ServiceGap:
    if survey is None or survey.gap is None:
        return _without(5, "rating points", _NEEDS_BOTH)
    return _measured(5, "rating points", survey.gap)


def _taken_from(value: float, found: Estimate) -> Estimate:
    return Estimate(value - found.estimate, value - found.high, value - found.low, found.n)


def _measured(number: GapNumber, unit: GapUnit, found: Estimate, about: str = "") -> ServiceGap:
    remark = _few(found.n) if found.n < LEAST else None
    return ServiceGap(
        number=number, name=NAMES[number], about=about, unit=unit, measured=found, remark=remark
    )


def _without(number: GapNumber, unit: GapUnit, remark: Remark, about: str = "") -> ServiceGap:
    return ServiceGap(number=number, name=NAMES[number], about=about, unit=unit, remark=remark)


def _few(n: int) -> Remark:
    return Remark(
        "few",
        f"只有 {n} 个样本，不足 {LEAST} 个，不下结论。",
        f"Only {n} cases, fewer than {LEAST}: no verdict.",
    )


_NEEDS_BELIEF = Remark(
    "needs_belief",
    "需要两样：管理层写下的“客户期望几分”（按维度），以及客户在调查中给出的期望分（至少两位客户，且分数有差异）。",
    "Needs both: what management believes customers expect, by dimension, and the expectation that customers "
    "gave in the survey (two customers or more, with answers that differ).",
)
_NEEDS_HOURS = Remark(
    "needs_hours",
    "需要成文的服务标准（小时），以及至少两位客户说出的期望时间（小时），且回答有差异。",
    "Needs the written standard in hours, and the time that customers expect in hours, from two customers or "
    "more, with answers that differ.",
)
_NEEDS_SETTLED = Remark(
    "needs_settled",
    "需要已了结的接触记录，以及其中有多少达到了标准。",
    "Needs settled encounters, and how many of them kept the standard.",
)
_NEEDS_PROMISE = Remark(
    "needs_promise",
    "需要对外承诺的时间和成文的服务标准，都以小时计。",
    "Needs the published promise and the written standard, both in hours.",
)
_NEEDS_BOTH = Remark(
    "needs_both",
    "需要同一批客户对期望和感知都作答。",
    "Needs customers who rated both expectation and experience.",
)
_WRITTEN = Remark(
    "written",
    "这是两个成文数字之差，不是抽样结果，因此没有区间。",
    "This is the difference of two written figures; nothing was sampled, so there is no interval.",
)
