"""What is said beside a score, whole sentences in Chinese and in English.

They tell how far the number carries, in words for a reader who knows no statistics. A sentence never softens
what a method cannot do, and none is put together from parts that only fit one language.
"""

from __future__ import annotations

from peakend.model.scale import Note, Unit, in_unit

WEIGHTING_CANNOT_REPAIR = Note(
    zh="加权只能修正各类客户答复多少不一的偏差。如果同一类客户里，满意的人更愿意答复（或不满的人更愿意"
    "答复），加权修正不了；请同时查看各类客户的答复率，以及“未答复客户更低”时的结果。",
    en="Weighting repairs that some kinds of customers answer more often than others. If within one "
    "kind the happy (or the unhappy) answer more often, weighting cannot repair it: look at the response "
    "rates, and at what the score would be if the silent customers are lower.",
)

SILENT_ARE_ASSUMED = Note(
    zh="未答复客户的看法没有数据，以下各行是假设，不是测量。想知道哪一行接近事实，请抽一小批未答复的客"
    "户电话回访。",
    en="There is no data on the customers who did not answer: these lines are assumptions, not "
    "measurements. To learn which is near the truth, call a small random sample of the silent ones.",
)


def too_few(customers: int) -> Note:
    return Note(
        zh=f"只有 {customers} 位客户答复，不足 10 位：只列出各档人数，不给出得分。",
        en=f"Customers who answered: {customers}, fewer than 10. The counts are shown and no score is given.",
    )


def too_few_groups(groups: int) -> Note:
    return Note(
        zh=f"答卷只来自 {groups} 组（如网点、客户单位），不足 10 组：同组的答卷彼此相关，只列出各档人数，"
        "不给出得分。",
        en=f"Groups (branches, accounts, …) that the answers come from: {groups}, fewer than 10. Answers of "
        "one group go together, so the counts are shown and no score is given.",
    )


def wave_of_few_groups(groups: int) -> Note:
    return Note(
        zh=f"其中一期的答卷只来自 {groups} 组，不足 10 组：不比较，只列出两期的结果。",
        en=f"Groups that the answers of one wave come from: {groups}, fewer than 10. The waves are shown and "
        "not compared.",
    )


def wave_too_small(customers: int) -> Note:
    return Note(
        zh=f"其中一期只有 {customers} 位客户答复，不足 10 位：不比较，只列出两期的结果。",
        en=f"Customers who answered in one of the waves: {customers}, fewer than 10. The waves are shown "
        "and not compared.",
    )


def no_interval(value: str) -> Note:
    return Note(
        zh=f"所有答复都是 {value}，无法给出区间，因此不给出这个平均分。请先核对导出的数据；若属实，请看"
        "比例及其区间。",
        en=f"Every answer is {value}, so there is no interval and this mean is not given. Check the "
        "export first; if it is right, read the share, which has one.",
    )


def all_the_same(value: str) -> Note:
    return Note(
        zh=f"所有答复都是 {value}。请核对导出的数据是否完整，问卷是否预先填好了答案。",
        en=f"Every answer is {value}. Check that the export is complete and that the form does not fill "
        "in an answer.",
    )


def nobody_named() -> Note:
    return Note(
        zh="答复没有客户编号，因此每条答复按一位客户计算；如果有人多次答复，实际的不确定性比区间显示的更大。",
        en="The answers name no customers, so each counts as one; if some answered more than once, the "
        "uncertainty is larger than the interval shows.",
    )


def several_of_one(answers: int, customers: int) -> Note:
    return Note(
        zh=f"{answers:,} 条答复来自 {customers:,} 位客户：同一客户的多次答复都计入得分，区间按客户计算。",
        en=f"{answers:,} answers came from {customers:,} customers: all of them count in the score, and "
        "the interval counts customers.",
    )


def only_the_last(dropped: int) -> Note:
    return Note(
        zh=f"每位客户只取最后一次答复，之前的 {dropped:,} 条未计入。",
        en=f"Only the last answer of each customer counts; earlier answers left out: {dropped:,}.",
    )


def accounts_count_once(accounts: int) -> Note:
    return Note(
        zh=f"每家客户单位只计一次（先求单位内平均，再求 {accounts:,} 家的平均），人多的单位不会压过其他"
        "单位。",
        en=f"Every account counts once (the mean within it first, then over {accounts:,} accounts), so "
        "large ones do not outvote the others.",
    )


def left_out(count: int, asked: int) -> Note:
    return Note(
        zh=f"共 {asked:,} 行，其中 {count:,} 行为空白或“不适用”，未计入。",
        en=f"Blank or not applicable and left out: {count:,} of {asked:,} rows.",
    )


def weights_capped(count: int, times: int) -> Note:
    return Note(
        zh=f"{count:,} 条答复的权重过大，已限制为中位数的 {times} 倍，因此各类客户的占比与总体略有出入。",
        en=f"Answers whose weight was cut to {times} times the median: {count:,}. The shares therefore "
        "differ a little from those of all customers.",
    )


def thin_cell(cell: str, answers: int) -> Note:
    return Note(
        zh=f"“{cell}”这一类只有 {answers} 条答复，却要代表整类客户；建议与相近的一类合并。",
        en=f"Answers that stand for all of '{cell}': only {answers}. Consider joining it with a similar "
        "group.",
    )


def panel_only(customers: int) -> Note:
    return Note(
        zh=f"变化只看两期都答复的 {customers:,} 位客户；它说明这些老客户的变化，不代表全体客户。",
        en=f"The change is that of the {customers:,} customers who answered in both waves; it speaks for "
        "them, not for everybody.",
    )


def some_in_both(shared: int) -> Note:
    return Note(
        zh=f"两期都答复的客户有 {shared:,} 位，区间已考虑他们前后两次答复的关联。",
        en=f"Customers who answered in both waves: {shared:,}. The interval allows for their answers "
        "going together.",
    )


def groups_in_both(shared: int) -> Note:
    return Note(
        zh=f"两期里名称相同的组有 {shared:,} 个（如网点、客户单位），按同一组计算，"
        f"区间已考虑它们前后的关联。",
        en=f"Groups of the same name in both waves (branches, accounts, …): {shared:,}. They count as the "
        "same, and the interval allows for their answers going together.",
    )


def overlap_unknown() -> Note:
    return Note(
        zh="答复没有客户编号，无法知道哪些客户两期都答复了，按互不重叠计算；若实际有重叠，区间通常偏宽。",
        en="Without customers nobody knows who answered in both waves; they are taken as different "
        "people. If some are the same, the interval is usually too wide.",
    )


def nobody_moved(customers: int) -> Note:
    return Note(
        zh=f"两期的 {customers:,} 位客户变化完全一致（或都没有变化），无法给出区间，因此不给出变化。",
        en=f"All {customers:,} customers changed by the same amount, or not at all, so there is no "
        "interval and no change is given.",
    )


def rates_differ(lowest: str, low: float, highest: str, high: float) -> Note:
    return Note(
        zh=f"答复率从“{lowest}”的 {low:.1%} 到“{highest}”的 {high:.1%}：不加权的得分更偏向后者的看法。",
        en=f"Response rates run from {low:.1%} ('{lowest}') to {high:.1%} ('{highest}'): an unweighted "
        "score leans towards the latter.",
    )


def if_silent(unit: Unit, lower: float, estimate: float, low: float, high: float) -> Note:
    """What everybody's score would be; `lower` may be negative where the silent are taken to be higher."""
    by, value, first, last = (in_unit(unit, number) for number in (abs(lower), estimate, low, high))
    step_zh, step = {
        "points": (f"{by} 分", f"{by} points"),
        "share": (f"{by} 个百分点", f"{by} percentage points"),
        "mean": (f"{by} 分", f"{by} points of the scale"),
    }[unit]
    side_zh, side = ("低", "lower") if lower >= 0 else ("高", "higher")
    return Note(
        zh=f"如果未答复的客户比已答复的{side_zh} {step_zh}，全体客户的得分约为 {value}（95% 区间 {first} "
        f"至 {last}）。",
        en=f"If silent customers are {step} {side} than those who answered, the score of all customers "
        f"is about {value} (95 % interval {first} to {last}).",
    )
