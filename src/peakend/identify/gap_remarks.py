"""What must be said beside SERVQUAL numbers, in both languages: when a dimension cannot stand alone, and why.

Every sentence tells what is missing and what would be needed. None of them softens: a dimension that fails
one test is not reported alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from peakend.identify.evidence import LEAST, Floats
from peakend.model.finding import Remark
from peakend.model.gap import Reliability
from peakend.model.parts import Dimension

NOT_ALONE = Remark("not_alone", "不能单独报告。", "Cannot be reported alone.")
GOOD_ALPHA = 0.7
"""Reliability below which a score is not reported alone (Nunnally 1978)."""


def about_dimension(
    items: int, n: int, alike: bool, reliability: Reliability
) -> tuple[tuple[Remark, ...], bool]:
    """Return the remarks on a dimension, and whether it may be reported alone.

    `items` were answered by `n` customers, whose scores are all `alike` or not.
    """
    against = _against(items, n, alike, reliability)
    remarks = [NOT_ALONE, *against] if against else []
    if reliability.difference is not None and reliability.difference < GOOD_ALPHA:
        remarks.append(_difference_unreliable(reliability.difference))
    return tuple(remarks), not against


def about_survey(
    items: Iterable[str], got: Floats, dimensions: Sequence[Dimension], factors: int | None
) -> tuple[Remark, ...]:
    """Return the remarks on the survey as a whole: unanswered items, and whether the dimensions are seen."""
    unanswered = [item for place, item in enumerate(items) if not np.isfinite(got[:, place]).any()]
    respondents = int(np.isfinite(got).any(axis=1).sum())
    remarks = [_few(respondents)] if respondents < LEAST else []
    if unanswered:
        remarks.append(_nobody_answered(unanswered))
    if factors is None:
        remarks.append(_no_factors())
    elif factors < len(dimensions):
        remarks.append(_fewer_factors(factors, len(dimensions)))
    return tuple(remarks)


def _against(items: int, n: int, alike: bool, reliability: Reliability) -> list[Remark]:
    against = []
    if items == 1:
        against.append(_one_item())
    if n < LEAST:
        against.append(_few(n))
    if alike and n > 1:
        against.append(_no_variance(n))
    elif items > 1 and (reliability.alpha is None or reliability.alpha.n < LEAST <= n):
        against.append(_few_complete(0 if reliability.alpha is None else reliability.alpha.n))
    if reliability.alpha is not None:
        alpha = reliability.alpha.estimate
        if alpha < 0:
            against.append(_negative(alpha))
        elif alpha < GOOD_ALPHA:
            against.append(_low(alpha))
    return against


def _one_item() -> Remark:
    return Remark(
        "one_item",
        "只有一个题项，信度无法计算；请至少问两题，最好把该维度问全。",
        "Only one item was answered, so its agreement (alpha) is undefined; ask two at least, better all.",
    )


def _few(n: int) -> Remark:
    return Remark(
        "few",
        f"只有 {n} 位客户，不足 {LEAST} 位，不下结论；还需要 {LEAST - n} 位。",
        f"Only {n} customers, fewer than {LEAST}: no verdict. {LEAST - n} more are needed.",
    )


def _no_variance(n: int) -> Remark:
    return Remark(
        "no_variance",
        f"{n} 位客户的得分完全相同，区间和信度都算不出来；请核对导出是否填了默认值。",
        f"All {n} customers have the same score, so neither interval nor agreement (alpha) exists; "
        "check whether the export filled in a default.",
    )


def _few_complete(n: int) -> Remark:
    return Remark(
        "few_complete",
        f"答全该维度题项的只有 {n} 位客户，信度不足为凭；请让至少 {LEAST} 位客户答全。",
        f"Only {n} customers answered all its items, so its agreement (alpha) proves nothing; "
        f"have {LEAST} customers answer all of them.",
    )


def _negative(alpha: float) -> Remark:
    return Remark(
        "negative_alpha",
        f"信度为负（α = {alpha:.2f}）：很可能有题项是反向计分的，请先核对方向再看得分。",
        f"The agreement is negative (alpha = {alpha:.2f}): an item is probably coded the other way round. "
        "Check the direction before reading the score.",
    )


def _low(alpha: float) -> Remark:
    return Remark(
        "low_alpha",
        f"信度 α = {alpha:.2f}，低于 {GOOD_ALPHA}：这些题项说的不是一回事，请看单题得分。",
        f"Agreement (alpha) = {alpha:.2f} is below {GOOD_ALPHA}: its items do not measure one thing. "
        "Read the items instead.",
    )


def _difference_unreliable(value: float) -> Remark:
    return Remark(
        "gap_unreliable",
        f"差距分的信度只有 {value:.2f}：比较不同客户、找驱动因素时请用感知分；平均差距和它的区间不受影响。",
        f"The gap score of one customer is noisy (agreement {value:.2f}): to compare customers or to look "
        "for drivers use the perception; the mean gap and its interval stand.",
    )


def _nobody_answered(items: Sequence[str]) -> Remark:
    names = ", ".join(items)
    return Remark(
        "nobody_answered",
        f"没有人回答：{names}。这些题项不计入任何得分；需要时请在下一轮问到。",
        f"Nobody answered {names}. No score contains them; ask them in the next wave if they matter.",
    )


def _no_factors() -> Remark:
    return Remark(
        "no_factor_count",
        f"无法判断客户是否真的区分这些维度：任意两题都要有至少 {LEAST} 位、且不少于题数两倍的客户同时回答，"
        "每题的回答还要有差异。",
        f"Whether customers tell these dimensions apart cannot be judged: any two items need {LEAST} "
        "customers at least, and twice the number of items, who answered both, with answers that differ.",
    )


def _fewer_factors(factors: int, dimensions: int) -> Remark:
    return Remark(
        "fewer_factors",
        f"客户的回答只显出 {factors} 个因子，而不是 {dimensions} 个维度：请看总分和单题，不比维度。",
        f"The answers show {factors} {'factor' if factors == 1 else 'factors'}, not {dimensions} "
        "dimensions: read the overall score and the items, do not compare dimensions.",
    )
