"""The sentences about moments of truth: what hurts, what pleases, what first, and how sure that is.

No sentence says more than its interval: ties are said as ties, and what may be nothing is said to be perhaps
nothing. A figure goes with a touchpoint; whether it is the cause is for the protections to say.
"""

from __future__ import annotations

from peakend.tell.said import Said

HEADLINES: dict[str, Said] = {
    "find_kind": Said("服务关键时刻", "Moments of truth"),
    "find_span": Said("看的结果：{outcome}", "Outcome: {outcome}"),
    "find_history": Said(
        "{customers} 位客户的 {episodes} 份答卷：{scores}。下面看每个接触点失了多少分、加了多少分，"
        "以及有多大把握。",
        "{episodes} {episodes:answer|answers} of {customers} {customers:customer|customers}: {scores}. "
        "Below: how many points each touchpoint loses or gains, and how sure that is.",
    ),
    "score_span": Said("{score} {span}", "{score} {span}"),
    "find_answers": Said("答卷", "Answers"),
    "find_customers": Said("客户", "Customers"),
    "find_score": Said("得分", "Score"),
    "find_mean": Said("平均分", "Mean"),
    "find_compared": Said("怎么比", "Compared"),
    "find_within": Said("客户和他自己", "each with himself"),
    "find_pooled": Said("客户和客户", "with each other"),
    "find_moment": Said("服务关键时刻是{titles}。", "The moment of truth is {titles}."),
    "find_moments_first": Said(
        "服务关键时刻是{titles}，其中{first}的影响最大。",
        "The moments of truth are {titles}; {first} weighs most.",
    ),
    "find_moments_tied": Said(
        "服务关键时刻是{titles}；谁的影响最大，还分不出。",
        "The moments of truth are {titles}; which of them weighs most cannot be said.",
    ),
    "find_no_moment": Said(
        "{n} 份答卷还不足以认定任何一个服务关键时刻。",
        "{n} {n:answer does|answers do} not single out any moment of truth.",
    ),
    "find_only": Said(
        "只有{titles}一个接触点可看，没有别的可比，所以不排名次。",
        "{titles} is the only touchpoint here; there is nothing to compare it with, so it has no place.",
    ),
    "find_nothing": Said(
        "这些答卷之前没有任何接触，还无从谈起。",
        "No encounter came before these answers: there is nothing to find.",
    ),
    "find_fix": Said("先补短板", "Fix first"),
    "find_delight": Said("再造惊喜", "Delight next"),
    "find_fix_line": Said(
        "{title}：消极的接触之后打分更低，摊到每份答卷是 {points} 分（95% 区间 {low} 到 {high}）。",
        "{title}: answers after a miserable encounter are lower; spread over all answers, by {points} points "
        "(95 % interval {low} to {high}).",
    ),
    "find_fix_tied": Said(
        "{title}：消极的接触之后打分更低，摊到每份答卷是 {points} 分（95% 区间 {low} 到 {high}）。"
        "它和{others}的区间重叠，先补哪一个还分不出。",
        "{title}: answers after a miserable encounter are lower; spread over all answers, by {points} points "
        "(95 % interval {low} to {high}). Its interval overlaps with {others}: which comes first cannot be "
        "said.",
    ),
    "find_fix_none": Said(
        "还没有哪个接触点的失分可以肯定，先补哪里不能说。",
        "No touchpoint is certain to lose points, so what to fix first cannot be said.",
    ),
    "find_delight_line": Said(
        "{title}：神奇的接触之后打分更高；平淡的接触若都像神奇的那样，平均分会高 {points} 分"
        "（95% 区间 {low} 到 {high}）。",
        "{title}: answers after a magical encounter are higher; were its neutral ones like these, the mean "
        "would be {points} points higher (95 % interval {low} to {high}).",
    ),
    "find_delight_tied": Said(
        "{title}：神奇的接触之后打分更高；平淡的接触若都像神奇的那样，平均分会高 {points} 分"
        "（95% 区间 {low} 到 {high}）。它和{others}的区间重叠，分不出先后。",
        "{title}: answers after a magical encounter are higher; were its neutral ones like these, the mean "
        "would be {points} points higher (95 % interval {low} to {high}). Its interval overlaps with "
        "{others}: which comes first cannot be said.",
    ),
    "find_delight_none": Said(
        "还没有哪个接触点的加分可以肯定，在哪里造惊喜不能说。",
        "No touchpoint is certain to gain points, so where to delight cannot be said.",
    ),
}

EFFECTS: dict[str, Said] = {
    "find_effects": Said("每个接触点：失分与加分", "Each touchpoint: points lost and gained"),
    "find_loss_line": Said(
        "失分最多的是{title}：遇到消极的，这份答卷低 {points} 分（95% 区间 {low} 到 {high}）。",
        "{title} loses most: after a miserable encounter an answer is {points} points lower "
        "(95 % interval {low} to {high}).",
    ),
    "find_loss_tied": Said(
        "{title}失分的估计最大：遇到消极的，这份答卷低 {points} 分（95% 区间 {low} 到 {high}），"
        "但与{others}的区间重叠，分不出谁更多。",
        "{title} has the largest estimated loss: after a miserable encounter an answer is {points} points "
        "lower (95 % interval {low} to {high}), but its interval overlaps with {others}.",
    ),
    "find_loss_none": Said("还没有哪个接触点肯定失分。", "No touchpoint is certain to lose points."),
    "find_gain_line": Said(
        "加分最多的是{title}：遇到神奇的，这份答卷高 {points} 分（95% 区间 {low} 到 {high}）。",
        "{title} gains most: after a magical encounter an answer is {points} points higher "
        "(95 % interval {low} to {high}).",
    ),
    "find_gain_tied": Said(
        "{title}加分的估计最大：遇到神奇的，这份答卷高 {points} 分（95% 区间 {low} 到 {high}），"
        "但与{others}的区间重叠，分不出谁更多。",
        "{title} has the largest estimated gain: after a magical encounter an answer is {points} points "
        "higher (95 % interval {low} to {high}), but its interval overlaps with {others}.",
    ),
    "find_gain_none": Said("还没有哪个接触点肯定加分。", "No touchpoint is certain to gain points."),
    "find_loses": Said("失分", "Loses"),
    "find_gains": Said("加分", "Gains"),
    "find_met": Said("{n} 次接触，{share} 的答卷遇到过", "{n} {n:encounter|encounters} · {share} of answers"),
    "find_place": Said("影响排名", "Place by weight"),
    "find_place_at": Said("第 {low} 位", "{low}"),
    "find_place_between": Said("第 {low}–{high} 位", "{low}–{high}"),
    "find_badge": Said("关键时刻", "Moment of truth"),
    "find_found_here": Said("数据认定的关键时刻", "Found to be a moment of truth"),
    "find_found_legend": Said("数据认定的关键时刻", "Found to be a moment of truth"),
    "find_sure": Said("实心：不像是碰巧", "Filled: hardly by chance"),
    "find_hollow": Said("空心：也可能没有影响", "Hollow: may be nothing"),
    "find_effects_note": Said(
        "与平淡的接触相比，单位是{outcome}的分；横线是 95% 区间，名次是九成把握的范围，按影响从大到小排。",
        "Against a neutral encounter, in points of {outcome}. Lines are 95 % intervals, places hold with "
        "90 % confidence; the weightiest stand first.",
    ),
    "find_alone_note": Said(
        "与平淡的接触相比；横线是 95% 区间，空心的也可能没有影响。",
        "Against a neutral encounter. Lines are 95 % intervals; hollow dots may be nothing.",
    ),
    "find_never_met": Said("答卷之前没有人遇到过：{titles}。", "Met by nobody before an answer: {titles}."),
    "find_few": Said("只有 {n} 份，太少", "only {n}: too few"),
    "find_absent": Said("没有这样的接触", "none of these"),
    "find_everybody": Said("人人都遇到，没得比", "met by everybody"),
    "find_collinear": Said("和别的接触点分不开", "not told apart from others"),
    "find_unknown_why": Said("算不出", "not known"),
}

MATRIX: dict[str, Said] = {
    "find_matrix": Said("要紧不要紧，做得好不好", "What matters, and how well it goes"),
    "find_matrix_line": Said(
        "要紧而做得还不够好的是{titles}：影响肯定高于平均，体验低于平均。",
        "{titles}: more weight than average for certain, and a worse experience than average.",
    ),
    "find_matrix_none": Said(
        "没有哪个接触点的影响肯定高于平均而体验又低于平均。",
        "No touchpoint is certain to weigh more than average while going worse than average.",
    ),
    "find_matrix_open": Said(
        "各接触点的影响是高于还是低于平均，都还分不出。",
        "Of no touchpoint can it be said whether it weighs more or less than average.",
    ),
    "find_matrix_low": Said(
        "体验最差的{title}，影响肯定低于平均：做得最差的不等于最要紧的。",
        "{title} goes worst, and certainly weighs less than average: the worst is not what matters most.",
    ),
    "find_matrix_few": Said(
        "可比的接触点不到三个，画不出高低。",
        "Fewer than three touchpoints can be compared, so there is no map.",
    ),
    "find_quadrant_top_left": Said("要紧，还不够好", "Matters, still weak"),
    "find_quadrant_top_right": Said("要紧，已经不错", "Matters, goes well"),
    "find_quadrant_low_left": Said("不太要紧，也不够好", "Matters less, weak"),
    "find_quadrant_low_right": Said("不太要紧，已经不错", "Matters less, goes well"),
    "find_matrix_x": Said("平均体验（−1 消极，+1 神奇）", "Mean experience (−1 miserable, +1 magical)"),
    "find_matrix_y": Said("影响（失分与加分之间的距离）", "Weight (from points lost to points gained)"),
    "find_matrix_note": Said(
        "影响由答卷推算，不是问出来的，并已参照全部接触点收敛；体验按每份答卷计，遇到几次只算一次，有一次消极即算消极。"
        "竖线是 95% 区间，虚线是各接触点的平均。"
        "空心的碰到平均线，说不清在哪一边。",
        "Weights are derived from answers, not asked for, and drawn towards what all touchpoints have in "
        "common. Experience is counted once an answer: of several encounters the worst. Upright lines are "
        "95 % intervals, dashed lines the mean of all touchpoints; hollow ones touch it, and may be on "
        "either side.",
    ),
}

LEDGER: dict[str, Said] = {
    "find_ledger": Said("平均分是怎么来的", "Where the mean comes from"),
    "find_ledger_line": Said(
        "平均 {mean} 分里，消极的接触合计 {miserable} 分，神奇的接触合计 {magical} 分，其余合计 {rest} 分。",
        "Of the mean of {mean} points, miserable encounters make {miserable}, magical ones {magical}, and "
        "all the rest {rest}.",
    ),
    "find_base": Said("底分", "Base"),
    "find_segments_term": Said("客户类别", "Segments"),
    "find_habits": Said("打分习惯", "Habits of rating"),
    "find_rest": Said("其余 {n} 个接触点", "{n} other {n:touchpoint|touchpoints}"),
    "find_role_met": Said("遇到", "met"),
    "find_role_miserable": Said("消极", "miserable"),
    "find_role_magical": Said("神奇", "magical"),
    "find_role_unknown": Said("说不清", "unknown"),
    "find_ledger_note": Said(
        "这是一笔账：各行相加正好是平均分（尾数已对齐，最多差一个末位）。单独一行没有区间，不能拿来断定谁好谁坏。",
        "A statement of account: the lines add up to the mean (last digits are fitted, by one at most). A "
        "single line has no interval, and says nothing for certain about its touchpoint.",
    ),
}

PROFILE: dict[str, Said] = {
    "find_profile": Said("客户记住了什么", "What is remembered"),
    "find_profile_peak": Said(
        "一段旅程里，客户的打分更像跟着最好、最坏和最后一刻走，而不是跟着平均走。",
        "Of a journey, scores follow its best, worst and last moment rather than its average.",
    ),
    "find_profile_average": Said(
        "一段旅程里，客户的打分更像跟着平均走，而不是跟着最好、最坏和最后一刻走。",
        "Of a journey, scores follow its average rather than its best, worst and last moment.",
    ),
    "find_profile_tied": Said(
        "客户的打分是跟着平均走，还是跟着最好、最坏和最后一刻走，还分不出。",
        "Whether scores follow the average of a journey or its best, worst and last moment cannot be said.",
    ),
    "find_feature_mean": Said("平均", "Average"),
    "find_feature_max": Said("最好的一刻", "Best moment"),
    "find_feature_min": Said("最坏的一刻", "Worst moment"),
    "find_feature_last": Said("最后一刻", "Last moment"),
    "find_feature_first": Said("第一刻", "First moment"),
    "find_feature_count": Said("每多一次接触", "Each further encounter"),
    "find_feature_open": Said("和别的分不开", "Cannot be told apart"),
    "find_index": Said(
        "峰终指数 {index}（95% 区间 {low} 到 {high}）：1 表示只记得最好、最坏和最后，0 表示都不记得。",
        "Peak-end index {index} (95 % interval {low} to {high}): 1 means that only best, worst and last are "
        "remembered, 0 that none is.",
    ),
    "find_curve": Said("一路上的感受", "What is felt along the way"),
    "find_curve_note": Said(
        "按客户遇到的先后排列；从 −1（消极）到 +1（神奇），横线是 95% 区间，空心的不足 30 位客户。",
        "In the order in which they are met, from −1 (miserable) to +1 (magical). Lines are 95 % intervals; "
        "hollow dots rest on fewer than 30 customers.",
    ),
    "find_curve_met": Said("{n} 次 · {share} 的客户遇到", "n={n} · met by {share}"),
    "find_felt_unknown": Said("感受未知", "Feeling unknown"),
    "find_profile_note": Said(
        "每一项：体验高一级、其余不变时，分数差多少；{episodes} 段旅程，{customers} 位客户。",
        "Each line: points for one step of experience, the others held. {episodes} "
        "{episodes:journey|journeys} of {customers} {customers:customer|customers}.",
    ),
}

SEGMENTS: dict[str, Said] = {
    "find_segments": Said("分客户类别看", "By segment of customers"),
    "find_segments_differ": Said(
        "{title}：{first}与{second}的{side}肯定不同（{low} 对 {high}）。",
        "{title}: {first} and {second} differ for certain in points {side} ({low} against {high}).",
    ),
    "find_segments_same": Said(
        "各类客户之间的差别都在误差之内，还看不出谁更在意什么。",
        "All differences between segments are within the intervals: who minds what more cannot be said.",
    ),
    "find_segments_one": Said(
        "只有{title}一类能单独算，没有可比的。",
        "Only {title} can be estimated on its own; there is nothing to compare.",
    ),
    "find_side_penalty": Said("失分", "lost"),
    "find_side_reward": Said("加分", "gained"),
    "find_segments_note": Said(
        "同一把尺，只画影响最大的 {n} 个接触点；比较时已按比较的次数放宽区间。",
        "One scale for all, the {n} weightiest touchpoints. Intervals were widened for the number of "
        "comparisons.",
    ),
}

GUARDS: dict[str, Said] = {
    "find_guards": Said("可以信几分", "How far to trust this"),
    "find_guard_on": Said("有", "Yes"),
    "find_guard_off": Said("没有", "No"),
    "find_claim": Said("可以怎么说", "What may be said"),
    "find_notes": Said("说明", "Notes"),
}

FINDING: dict[str, Said] = {**HEADLINES, **EFFECTS, **MATRIX, **LEDGER, **PROFILE, **SEGMENTS, **GUARDS}
