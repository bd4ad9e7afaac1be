"""The sentences about a survey: its score by wave, what goes with it, and what customers expect and get.

Shares are association within one survey, never effect; a change is only called one where its own interval
leaves out zero; what was not asked is said to be so and is never a zero.
"""

from __future__ import annotations

from peakend.tell.said import Said

SURVEYED: dict[str, Said] = {
    "survey_kind": Said("问卷", "Survey"),
    "survey_span": Said("看的总分：{outcome}", "Overall score: {outcome}"),
    "survey_history": Said(
        "{respondents} 份答卷，来自 {customers} 位客户，共 {waves} 期。下面看总分怎么变、各题得分多少，"
        "以及 {wave} 这一期，哪些题项与总分关系更大。",
        "{respondents} {respondents:answer sheet|answer sheets} of {customers} "
        "{customers:customer|customers} in {waves} {waves:wave|waves}. Below: how the overall score moved, "
        "how the items are rated, and which of them go with the overall score in {wave}.",
    ),
    "survey_history_one": Said(
        "{respondents} 份答卷，来自 {customers} 位客户。下面看总分、各题得分，以及哪些题项与总分关系更大。",
        "{respondents} {respondents:answer sheet|answer sheets} of {customers} "
        "{customers:customer|customers}. Below: the overall score, how the items are rated, and which of "
        "them go with the overall score.",
    ),
    "survey_sheets": Said("答卷", "Answer sheets"),
    "survey_customers": Said("客户", "Customers"),
    "survey_groups": Said("这一期的组数", "Groups in that wave"),
    "survey_waves": Said("期数", "Waves"),
    "survey_wave": Said("看的是哪一期", "Wave explained"),
    "survey_wave_head": Said("期", "Wave"),
    "survey_all": Said("全部答卷", "all sheets"),
    "survey_at_wave": Said("{wave} 这一期", "{wave}"),
    "survey_at_all": Said("全部答卷里", "all sheets"),
    # the score by wave
    "survey_score": Said("总分，一期一期看", "The overall score, wave by wave"),
    "survey_score_is": Said(
        "{wave}：{score}（95% 区间 {low} 到 {high}，{n} 份答卷）。",
        "{wave}: {score} (95 % interval {low} to {high}, {n} {n:answer|answers}).",
    ),
    "survey_score_open": Said(
        "{wave}：有 {n} 份答卷答了总分，不足以给出得分。",
        "{wave}: {n} {n:answer|answers} to the overall question, too few or too alike for a score.",
    ),
    "survey_score_none": Said("没有一期问过总分。", "The overall question was asked in no wave."),
    "survey_rose": Said(
        "比 {before} 高 {by}（95% 区间 {low} 到 {high}），确实升了。",
        "That is {by} above {before} (95 % interval of the change {low} to {high}): it really rose.",
    ),
    "survey_fell": Said(
        "比 {before} 低 {by}（变化的 95% 区间 {low} 到 {high}），确实降了。",
        "That is {by} below {before} (95 % interval of the change {low} to {high}): it really fell.",
    ),
    "survey_same": Said(
        "与 {before} 相比的变化是 {by}（95% 区间 {low} 到 {high}），还看不出升降。",
        "The change from {before} is {by} (95 % interval {low} to {high}): up or down cannot be said.",
    ),
    "survey_disputed": Said(
        "与 {before} 相比，不加权的变化是 {by}（95% 区间 {low} 到 {high}），加权后是 {weighted}"
        "（{weighted_low} 到 {weighted_high}）：两者结论不一，是升是降说不准。",
        "The change from {before} is {by} (95 % interval {low} to {high}), under the weights {weighted} "
        "({weighted_low} to {weighted_high}): the two do not agree, so up or down cannot be said.",
    ),
    "survey_disputed_word": Said(
        "加权后不一致，升降看不出", "not so under the weights: up or down cannot be said"
    ),
    "survey_disputed_note": Said(
        "箭头只在不加权、加权都确实升或降时才有；{waves} 的变化只在其中一种算法下如此。",
        "An arrow stands only where the change is certain with and without the weights; that of {waves} is "
        "so in one of the two only.",
    ),
    "survey_no_change": Said(
        "与 {before} 相比的变化给不出可靠的数字。", "The change from {before} has no figure to rely on."
    ),
    "survey_points": Said("{value} 分", "{value} points"),
    "survey_share_points": Said("{value} 个百分点", "{value} percentage points"),
    "survey_of_nps": Said("NPS {value}", "NPS {value}"),
    "survey_of_csat": Said("满意率 {value}", "{value} satisfied"),
    "survey_of_mean": Said("平均 {value}", "mean {value}"),
    "survey_not_asked": Said("没有问", "not asked"),
    "survey_no_score": Said("不足以给分", "too few for a score"),
    "survey_weighted": Said("加权后", "weighted"),
    "survey_change": Said("比上一期", "Change"),
    "survey_up": Said("升", "up"),
    "survey_down": Said("降", "down"),
    "survey_open": Said("升降看不出", "up or down cannot be said"),
    "survey_n": Said("n={n}", "n={n}"),
    "survey_score_note": Said(
        "圆点是得分，横线是 95% 区间。箭头只有在“变化”自己的区间不含 0，"
        "且加权后也是如此（有权重时），才上色；两期的区间是否重叠说明不了问题。",
        "The dot is the score, the line its 95 % interval. An arrow has colour only where the interval of "
        "the change itself leaves out zero, under the weights too where there are any; whether the "
        "intervals of two waves overlap says nothing.",
    ),
    # importance
    "survey_importance": Said("哪些题项与总分关系更大", "Which items go with the overall score"),
    "survey_first": Said(
        "{wave}，所比的 {n} 项里与总分关系最大的是{title}（占解释部分的 {share}，"
        "95% 区间 {low} 到 {high}）。",
        "In {wave}, of the {n} items compared, {title} goes with the overall score most: {share} of what "
        "they explain (95 % interval {low} to {high}).",
    ),
    "survey_some_first": Said(
        "{wave}，所比的 {n} 项里与总分关系最大的可能是{titles}中的任何一项，彼此分不出先后。",
        "In {wave}, of the {n} items compared, any of {titles} may go with the overall score most; they "
        "cannot be told apart.",
    ),
    "survey_many_first": Said(
        "{wave}，所比的 {all} 项里有 {n} 项都可能与总分关系最大，彼此分不出；确定排不上第一的是{titles}。",
        "In {wave}, any of {n} of the {all} items compared may go with the overall score most, and they "
        "cannot be told apart; what surely does not come first: {titles}.",
    ),
    "survey_all_tied": Said(
        "{wave}，所比的 {n} 项与总分的关系分不出大小：哪一项排第一，数据说不准。",
        "In {wave}, these {n} items cannot be told apart: which of them goes with the overall score most, "
        "the answers do not say.",
    ),
    "survey_explains": Said(
        "它们合起来解释了总分差异的 {r2}（{rows} 份完整答卷）。",
        "Together they explain {r2} of the differences in the overall score ({rows} complete sheets).",
    ),
    "survey_nothing": Said(
        "这些题项解释不了总分的差异，不排先后。",
        "These items explain nothing of the overall score beyond chance: no ranking.",
    ),
    "survey_unknown": Said(
        "{wave}，说不出哪些题项与总分关系更大。",
        "Which items go with the overall score cannot be said for {wave}.",
    ),
    "survey_tied": Said("与{titles}分不出", "tied with {titles}"),
    "survey_tied_all": Said("与其他各项都分不出", "tied with all others"),
    "survey_tied_n": Said("与另外 {n} 项分不出", "tied with {n} {n:other|others}"),
    "survey_apart": Said("与其他各项都分得出", "apart from all others"),
    "survey_place_at": Said("第 {low} 位", "place {low}"),
    "survey_place_between": Said("第 {low}–{high} 位", "place {low}–{high}"),
    "survey_importance_note": Said(
        "数字是各项在“解释得了的部分”里占的份额，合计 100%，不是占总分差异的份额；只算每项都评了的受访者。"
        "圆点空心：分不出与别项的高低。每个区间各有 95% 的把握；一项的位次则要同时经得起与其他各项的全部"
        "比较（合起来 95%），所以区间不重叠的两项也可能分不出先后。",
        "The figures are shares of what the items explain together, 100 % in all, and not of the score "
        "itself, over respondents who rated every item. A hollow dot is tied with others. Each interval "
        "holds 95 %; a place must hold 95 % over all comparisons of its item with the others together, so "
        "two items may tie though their intervals lie apart.",
    ),
    "survey_too_few": Said(
        "没有参与比较（评过的人太少，算上后每项都评了的不到一半）：{titles}。",
        "Not compared, since with them fewer than half of the respondents rated everything: {titles}.",
    ),
    "survey_not_wanted": Said("没有参与比较（没有选）：{titles}。", "Not compared, not asked for: {titles}."),
    "survey_left_out": Said("没有参与比较的题项", "Items that are not compared"),
    # map
    "survey_map": Said("重要度与表现", "Importance and performance"),
    "survey_map_line": Said(
        "与总分的关系确实比平均更大、评分区间又在平均以下的：{titles}。",
        "These surely go with the overall score more than the average item does, and the interval of their "
        "rating lies below the average: {titles}.",
    ),
    "survey_map_open": Said(
        "没有一项与总分的关系确实比平均更大或更小，四个象限只作参考。",
        "No item surely goes with the overall score more or less than the average item does: the quadrants "
        "are only a guide.",
    ),
    "survey_map_light": Said(
        "没有一项与总分的关系确实比平均更大；确实比平均更小的是{titles}。",
        "No item surely goes with the overall score more than the average item does; surely less: {titles}.",
    ),
    "survey_map_good": Said(
        "与总分的关系确实比平均更大、评分区间也在平均以上的：{titles}。",
        "These surely go with the overall score more than the average item does, and the interval of their "
        "rating lies above the average: {titles}.",
    ),
    "survey_map_unsure": Said(
        "与总分的关系确实比平均更大的：{titles}；评分比平均高还是低，还分不出。",
        "These surely go with the overall score more than the average item does: {titles}; whether they are "
        "rated above or below it cannot be said.",
    ),
    "survey_quadrant_top_left": Said("关系大，评分低", "Strong link, rated low"),
    "survey_quadrant_top_right": Said("关系大，评分高", "Strong link, rated high"),
    "survey_quadrant_low_left": Said("关系小，评分低", "Weak link, rated low"),
    "survey_quadrant_low_right": Said("关系小，评分高", "Weak link, rated high"),
    "survey_map_x": Said("表现：平均得分", "Performance: mean rating"),
    "survey_map_y": Said("重要度：占解释部分的 %", "Importance: % of what is explained"),
    "survey_map_note": Said(
        "重要度由问卷算出，不是客户自己说的。竖线是它的 95% 区间；实心表示确实高于或低于平均，"
        "把握与位次相同（同时顾及全部比较）。",
        "Importance is derived from the answers, not asked. The line is its 95 % interval; a filled dot "
        "surely lies above or below the average, as surely as a place holds (over all comparisons together).",
    ),
    # items by wave
    "survey_items": Said("各题得分，一期一期看", "The items, wave by wave"),
    "survey_items_line": Said(
        "{wave}，得分最低的是{low}（{low_mean}），最高的是{high}（{high_mean}）。",
        "In {wave}, {low} is rated lowest ({low_mean}) and {high} highest ({high_mean}).",
    ),
    "survey_items_level": Said(
        "{wave}，这 {n} 项的得分区间都相互重叠，谁最低分不出。",
        "In {wave}, the intervals of all {n} items overlap: which is rated lowest cannot be said.",
    ),
    "survey_items_tied": Said(
        "{wave}，得分最低的是{titles}，它们的区间相互重叠，谁最低分不出。",
        "In {wave}, {titles} are rated lowest; their intervals overlap, so which is lowest cannot be said.",
    ),
    "survey_items_none": Said("{wave}，没有题项有可靠的平均分。", "No item has a mean to rely on in {wave}."),
    "survey_items_note": Said(
        "下方小字是 95% 区间和份数。斜纹表示那一期没有问，不是零分。",
        "Below each mean stand its 95 % interval and how many rated it. Hatched: not asked in that wave, "
        "which is no zero.",
    ),
    # gaps
    "survey_gaps": Said("期望与感知", "What customers expect and what they get"),
    "survey_dimensions": Said("各维度得分", "The dimensions"),
    "survey_gap_line": Said(
        "期望与感知差得最多的是{title}：{gap} 分（95% 区间 {low} 到 {high}，{n} 位）。",
        "The widest gap is {title}: {gap} points (95 % interval {low} to {high}, n={n}).",
    ),
    "survey_gap_tied": Said(
        "差距最大的是{titles}，区间相互重叠，谁最大分不出。",
        "The widest gaps are {titles}; their intervals overlap, so which is widest cannot be said.",
    ),
    "survey_gap_whole": Said(
        "各维度不宜单独比较；总体上，感知与期望的差距是 {value} 分（95% 区间 {low} 到 {high}，{n} 位）。",
        "The dimensions are not to be compared one by one; over all of them, the gap between perceived and "
        "expected is {value} points (95 % interval {low} to {high}, n={n}).",
    ),
    "survey_perf_whole": Said(
        "各维度不宜单独比较；总体得分是 {value}（95% 区间 {low} 到 {high}，{n} 位）。",
        "The dimensions are not to be compared one by one; over all of them, the mean is {value} (95 % "
        "interval {low} to {high}, n={n}).",
    ),
    "survey_gap_none": Said(
        "没有一个维度的感知确实低于期望。", "No dimension is surely below what customers expect."
    ),
    "survey_perf_line": Said(
        "得分最低的维度是{title}：{mean}（95% 区间 {low} 到 {high}，{n} 位）。",
        "The lowest dimension is {title}: {mean} (95 % interval {low} to {high}, n={n}).",
    ),
    "survey_perf_tied": Said(
        "得分最低的维度是{titles}，区间相互重叠，谁最低分不出。",
        "The lowest dimensions are {titles}; their intervals overlap, so which is lowest cannot be said.",
    ),
    "survey_perf_none": Said("各维度都给不出可靠的得分。", "No dimension has a score to rely on."),
    "survey_dimension": Said("维度", "Dimension"),
    "survey_expected": Said("期望", "Expected"),
    "survey_perceived": Said("感知", "Perceived"),
    "survey_gap": Said("差距", "Gap"),
    "survey_alpha": Said("信度 α", "Agreement (α)"),
    "survey_points_given": Said("权重 {points} 分", "{points} of 100 points"),
    "survey_equal": Said("同等权重", "equal weight"),
    "survey_whole": Said("合计（按权重）", "Whole, by points"),
    "survey_whole_equal": Said("合计（各维度同等权重）", "Whole, equal weights"),
    "survey_alone": Said("可单独报告", "stands alone"),
    "survey_gaps_note": Said(
        "每个数字下面是 95% 区间。差距 = 感知 − 期望；α 低于 0.7 的维度不单独报告。",
        "Below each figure stands its 95 % interval. Gap = perceived − expected; a dimension whose α is "
        "below 0.7 is not reported alone.",
    ),
    "survey_gap_unreliable": Said(
        "差距分的信度低于 0.7（{titles}）：比较不同客户、找驱动因素时请用感知分；"
        "平均差距和它的区间不受影响。",
        "The gap score of one customer is noisy, its agreement being below 0.7 ({titles}): to compare "
        "customers or to look for drivers use the perception; the mean gap and its interval stand.",
    ),
    "survey_five": Said("五差距", "The five gaps"),
    "survey_hours": Said("{value} 小时", "{value} hours"),
    "survey_written": Said(
        "{value} 小时（成文数字之差，无区间）", "{value} hours (written figures, no interval)"
    ),
    # weights and remarks
    "survey_weights": Said("加权修正了什么，修正不了什么", "What weighting repairs, and what it cannot"),
    "survey_weights_line": Said(
        "{wave}，加权后是 {weighted}，不加权是 {plain}；权重大小不一，少数答卷占了大头，"
        "所以 {n} 份答卷只抵得上 {effective} 份同等权重的。",
        "In {wave} the weighted score is {weighted}, the unweighted {plain}; the weights differ, so that "
        "some sheets count far more than others, and {n} sheets are worth {effective} of equal weight.",
    ),
    "survey_claim": Said("能说到什么程度", "What may be claimed"),
    "survey_remarks": Said("读数之前", "Before you quote a figure"),
    "survey_item": Said("题项", "Item"),
    "survey_mean": Said("平均分", "Mean"),
    "survey_part": Said("占解释部分\n（n={n}）", "Of the explained\npart (n={n})"),
    "survey_of_part": Said("占解释部分", "of the explained part"),
    "survey_share_n": Said("{n} 位评过；份额据 {rows} 份完整答卷", "rated by {n}; share: n={rows}"),
    "survey_mean_n": Said("平均分的 n", "n of mean"),
    "survey_place": Said("位次", "Place"),
    "survey_foot": Said(
        "份额是占“解释得了的部分”的比例，不是占总分差异的比例。每个区间各有 95% 的把握；位次同时顾及一项与"
        "其他各项的全部比较（合起来 95%），所以区间不重叠的两项也可能分不出先后。",
        "A share is of what the items explain together, not of the score itself. Each interval holds 95 %; a "
        "place holds 95 % over all comparisons of its item together, so two items may tie though their "
        "intervals lie apart.",
    ),
    "survey_explained": Said(
        "“{title}”：{wave}有 {n} 位评过，平均 {mean}。", "{title}: rated by {n} in {wave}, mean {mean}."
    ),
    "survey_explained_share": Said(
        "占解释部分的 {share}（95% 区间 {low} 到 {high}），{place}，{ties}。",
        "It has {share} of what the items explain (95 % interval {low} to {high}), {place}, {ties}.",
    ),
    "survey_picture_note": Said(
        "圆点是占解释部分的份额，横线是 95% 区间；空心表示与别项分不出（位次同时顾及全部比较）。"
        "是相关，不是因果。",
        "Dot: share of the explained part; line: 95 % interval; hollow: tied, over all comparisons together. "
        "Association, not effect.",
    ),
}
