"""What must be said beside the importance of items, and when nothing can be said at all.

A refusal names the counts and what would be needed; a remark is one sentence in both languages.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from peakend.errors import EvidenceError
from peakend.identify.evidence import LEAST, Floats, Scale
from peakend.model.finding import Remark

ROWS_AN_ITEM = 5
CUSTOMERS, CUSTOMERS_AN_ITEM = 20, 2

BADGE = Remark(
    "same_survey_halo",
    "同卷光环：单项与总分出自同一份问卷、同一刻的心情。这里的份额是相关，不是因果；改进某一项，总分未必跟着提高。",
    "Same-survey halo: items and overall score were given by one person in one mood. Shares are association, "
    "not effect; improving an item need not move the overall score.",
)


def refuse_few(
    names: Sequence[str], known: npt.NDArray[np.bool_], rated: npt.NDArray[np.bool_], people: int
) -> None:
    """Raise EvidenceError below 30 complete rows, 5 an item, 20 customers or 2 an item.

    `known` (rows x items) says who rated what, `rated` who gave an overall score.
    """
    if not names:
        raise EvidenceError(
            "no item has a rating",
            fix="Give at least one column of ratings beside the overall score",
            what_zh="没有一个题项有评分",
            fix_zh="除总分外，至少要有一列题项评分",
        )
    rows = int((known.all(axis=1) & rated).sum())
    needed = max(LEAST, ROWS_AN_ITEM * len(names))
    if rows < needed:
        zh, en = _leave_out(names, known, rated)
        fewer = rows // ROWS_AN_ITEM if rows >= LEAST else 0
        lacking = needed - rows
        raise EvidenceError(
            f"{rows:,} of {len(rated):,} respondents gave an overall score and rated all {len(names)} items; "
            f"{needed} are needed",
            fix=en
            or f"Collect {lacking} more complete answers"
            + (f", or compare fewer items: {rows} are enough for {fewer}" if fewer else ""),
            what_zh=f"{rows:,} 位受访者都打了总分，{len(names)} 个题项也都评了，但需要 {needed} 位"
            if rows == len(rated)
            else f"{len(rated):,} 位受访者中，打了总分又把 {len(names)} 个题项都评了的只有 {rows:,} 位；"
            f"需要 {needed} 位",
            fix_zh=zh
            or f"还需要 {lacking} 份完整的答卷"
            + (f"，或少比几项：{rows} 份够比 {fewer} 项" if fewer else ""),
        )
    wanted = max(CUSTOMERS, CUSTOMERS_AN_ITEM * len(names))
    if people < wanted:
        raise EvidenceError(
            f"the {rows:,} complete rows come from {people} different customers; {wanted} are needed",
            fix="Ask more customers: many answers of one person tell of that person, not of what matters",
            what_zh=f"{rows:,} 份完整答卷只来自 {people} 位（组）互不相关的客户；需要 {wanted} 位",
            fix_zh="请多问一些客户：同一个人答得再多，也只说明他自己，说明不了什么要紧",
        )


def refuse_constant(outcome: Floats) -> None:
    """Raise EvidenceError where everybody gave the same overall score."""
    if float(np.ptp(outcome)) == 0.0:
        raise EvidenceError(
            f"all {len(outcome):,} complete rows have the overall score {outcome[0]:g}",
            fix="It takes satisfied and dissatisfied customers: check the export for a default or a filter",
            what_zh=f"{len(outcome):,} 份完整答卷的总分都是 {outcome[0]:g}",
            fix_zh="要有满意的也有不满意的客户才能比较；请核对导出的数据是不是填了默认值，或被筛选过",
        )


def refuse_all_alike(varying: npt.NDArray[np.bool_], rows: int) -> None:
    """Raise EvidenceError where no item varies."""
    if not varying.any():
        raise EvidenceError(
            f"every item has one and the same rating in all {rows:,} complete rows",
            fix="Check whether the export filled in a default; items that never differ cannot be compared",
            what_zh=f"{rows:,} 份完整答卷里，每个题项的评分都一模一样",
            fix_zh="请核对导出的数据是不是填了默认值；从不变化的题项无从比较",
        )


def refuse_alone(names: Sequence[str]) -> None:
    """Raise EvidenceError where only one item is left: its share is the whole, whatever it is."""
    if len(names) == 1:
        raise EvidenceError(
            f"'{names[0]}' is the only item, and there is nothing to compare it with",
            fix="Compare at least two items whose ratings differ",
            what_zh=f"只有“{names[0]}”一项，没有别的题项可比",
            fix_zh="请至少比较两个评分有差异的题项",
        )


def nobody_answered(names: Sequence[str]) -> Remark:
    """Say that some items have no rating at all."""
    said = ", ".join(names)
    return Remark(
        "nobody_answered",
        f"没有人评过：{said}，因此不在比较之内；需要时请在下一轮问到。",
        f"Nobody rated {said}, so it is not compared; ask it in the next wave if it matters.",
    )


def all_alike(names: Sequence[str], rows: int) -> Remark:
    """Say that some items never differ."""
    said = ", ".join(names)
    return Remark(
        "all_alike",
        f"{said} 在 {rows} 份完整答卷里评分完全相同，看不出与总分的关系，未参与比较。",
        f"{said} has the same rating in all {rows} complete rows: what never differs explains nothing and is "
        "left out.",
    )


def half_scale(name: str, scale: Scale) -> Remark:
    """Say that a column stays in the lower half of its scale."""
    middle = (scale[0] + scale[1]) / 2
    return Remark(
        "half_scale",
        f"{name} 没有一个评分高于 {middle:g}（量表 {scale[0]:g} 至 {scale[1]:g}）："
        "请核对它是不是用了另一种量表。",
        f"{name} never rises above {middle:g} on a scale of {scale[0]:g} to {scale[1]:g}: "
        "check whether it was asked on another scale.",
    )


def costly(rows: int, rated: int, name: str, without: int) -> Remark:
    """Say how many respondents are lost to items that they did not rate, and which item costs the most."""
    return Remark(
        "few_complete",
        f"{rated} 位打了总分的受访者中，只有 {rows} 位每项都评了，结果只代表他们；"
        f"不问 {name} 的话是 {without} 位。",
        f"Only {rows} of {rated} respondents with an overall score rated every item, and the result speaks "
        f"for them alone; without {name} it would be {without}.",
    )


def explains_nothing(r2: float, people: int) -> Remark:
    """Say that the items explain no more than chance would."""
    return Remark(
        "explains_nothing",
        f"这些题项一共只解释总分差异的 {r2:.1%}，{people} 位客户下与偶然无异，因此不排名；"
        "需要更多答卷，或更贴切的题项。",
        f"Together the items explain {r2:.1%} of the overall score, no more than chance would with {people} "
        "customers: no ranking. It takes more answers, or items nearer to what customers care about.",
    )


def _leave_out(
    names: Sequence[str], known: npt.NDArray[np.bool_], rated: npt.NDArray[np.bool_]
) -> tuple[str, str]:
    """Return, in zh and en, which of the least rated items to leave out so that enough rows count, or ''."""
    answered = (known & rated[:, None]).sum(axis=0)
    order = [int(place) for place in np.argsort(answered, kind="stable")]
    for dropped in range(1, len(order)):
        if answered[order[dropped - 1]] == rated.sum():
            break
        rows = int((known[:, order[dropped:]].all(axis=1) & rated).sum())
        if rows >= max(LEAST, ROWS_AN_ITEM * (len(order) - dropped)):
            least = [names[place] for place in order[:dropped]]
            return (
                f"请去掉很少有人评的{'、'.join(least)}：这样有 {rows:,} 份可用",
                f"Leave out {', '.join(least)}, which few rated: then {rows:,} count",
            )
    return "", ""
