"""The sentences of the head and of the journey map, in both languages."""

from __future__ import annotations

from peakend.tell.catalogue import STATES
from peakend.tell.said import Said

HEAD: dict[str, Said] = {
    "kind": Said("历史推演报告", "Backtest report"),
    "span": Said("{first} 至 {last}", "{first} to {last}"),
    "customers": Said("客户", "Customers"),
    "events": Said("客户动态", "Events"),
    "touchpoints": Said("接触点", "Touchpoints"),
    "plays": Said("服务剧本", "Plays"),
    "quarantined": Said("待修正数据", "In quarantine"),
    "history": Said(
        "{days} 天里，{customers} 位客户留下了 {events} 条客户动态。",
        "In {days} {days:day|days}, {customers} {customers:customer|customers} left "
        "{events} {events:event|events}.",
    ),
    "no_history": Said("这份记录里还没有客户动态。", "This log holds no event yet."),
    "lowest": Said(
        "情绪最低的接触点是「{title}」：{n} 次接触中 {miserable} 消极，{magical} 神奇。",
        "Emotion is lowest at “{title}”: of {n} {n:encounter|encounters}, {miserable} went miserably and "
        "{magical} magically.",
    ),
    "lowest_tied": Said(
        "情绪最低的接触点在{titles}之中，区间重叠，分不出先后。",
        "Emotion is lowest at one of {titles}: their intervals overlap, so none is named.",
    ),
    "would_do": Said(
        "{plays} 个服务剧本会放行 {send} 步（给客户 {customer} 步，给同事 {colleague} 步），拦截 "
        "{suppress} 步。",
        "{plays} {plays:play|plays} would have let {send} {send:step|steps} go "
        "({customer} to customers, {colleague} to colleagues) and stopped {suppress}.",
    ),
    "would_do_nothing": Said(
        "{plays} 个服务剧本在这份记录里都没有到点的步骤。",
        "None of the {plays} {plays:play|plays} had a step come due in this log.",
    ),
    "most_stopped": Said(
        "拦截得最多的原因：{reason}（{n} 步）。", "The commonest reason for stopping: {reason} ({n})."
    ),
    "contents": Said("本页内容", "On this page"),
}

MAP: dict[str, Said] = {
    "map": Said("旅程地图", "Journey map"),
    "map_lowest": Said(
        "情绪最低点在「{title}」（{emotion}，95% 区间 {interval}，n={n}）。",
        "Emotion is lowest at “{title}” ({emotion}, 95 % interval {interval}, n={n}).",
    ),
    "map_lowest_tied": Said(
        "「{title}」的情绪均值最低（{emotion}，95% 区间 {interval}，n={n}），但与{others}的区间重叠，"
        "不能说谁更低。",
        "“{title}” has the lowest mean ({emotion}, 95 % interval {interval}, n={n}), but its interval "
        "overlaps "
        "with {others}: which is lower cannot be said.",
    ),
    "map_highest": Said(
        "最高点在「{title}」（{emotion}，95% 区间 {interval}，n={n}）。",
        "It is highest at “{title}” ({emotion}, 95 % interval {interval}, n={n}).",
    ),
    "map_highest_tied": Said(
        "均值最高的是「{title}」（{emotion}，95% 区间 {interval}，n={n}），与{others}分不出高下。",
        "The highest mean is at “{title}” ({emotion}, 95 % interval {interval}, n={n}), not to be told "
        "from {others}.",
    ),
    "map_one": Said(
        "「{title}」的平均情绪为 {emotion}（95% 区间 {interval}，n={n}）。",
        "Mean emotion at “{title}” is {emotion} (95 % interval {interval}, n={n}).",
    ),
    "and_more": Said("{names}及另外 {n} 个", "{names} and {n} more"),
    "map_few": Said(
        "还没有哪个接触点有 30 次以上的接触，因此不评最高最低。",
        "No touchpoint has 30 encounters yet, so neither peak nor pit is named.",
    ),
    "map_none": Said(
        "这份记录里还没有走完的接触，情绪曲线画不出来。",
        "No encounter of this log has run its course yet, so there is no curve to draw.",
    ),
    "map_not_judged": Said(
        "有接触，但接触点还没有写明怎样算神奇、怎样算消极，所以不画情绪。",
        "There are encounters, but no touchpoint says what is magical or miserable, so no emotion is drawn.",
    ),
    "map_note": Said(
        "圆点是接触点的平均情绪，竖线是 95% 区间；连线只引导视线，点与点之间没有数据。",
        "Dots are mean emotions, upright lines their 95 % intervals. The curve only leads the eye: "
        "there is no data between the dots.",
    ),
    "map_choose": Said(
        "点选接触点，看客户期望、服务标准与蓝图。",
        "Choose a touchpoint for its expectation, standards and blueprint.",
    ),
    "peak": Said("最高", "Peak"),
    "pit": Said("最低", "Pit"),
    "end": Said("结尾", "End"),
    "no_encounters": Said("本记录中没有接触", "No encounters in this log"),
    "no_rule": Said("尚未定义接触", "No encounter defined"),
    "not_judged_emotion": Said("尚未写明怎样算神奇、怎样算消极", "Magical and miserable are not defined"),
    "gap_no_rule_1": Said("尚未", "No encounter"),
    "gap_no_rule_2": Said("定义接触", "defined"),
    "gap_no_encounters_1": Said("本记录中", "No encounters"),
    "gap_no_encounters_2": Said("没有接触", "in this log"),
    "gap_not_judged_1": Said("尚未写明", "Magical or"),
    "gap_not_judged_2": Said("神奇与消极", "not: undefined"),
    "few": Said("不足 30 次，只供参考", "Fewer than 30: read with care"),
    "empty_stage": Said("这个阶段还没有接触点", "No touchpoint in this stage"),
    "itil": Said("ITIL 4：{stage}", "ITIL 4: {stage}"),
    "row_emotion": Said("情绪", "Emotion"),
    "row_went": Said("体验如何", "How it went"),
    "row_reach": Said("接触", "Encounters"),
    "row_standards": Said("标准达成", "Standards kept"),
    "row_stand": Said("走到哪步", "How far"),
    **STATES,
    "customers_n": Said("{n} 位客户", "{n} {n:customer|customers}"),
    "times_n": Said("{n} 次", "{n} {n:time|times}"),
    "reach": Said("占 {share}", "{share} of all"),
    "more_standards": Said("另有 {n} 条", "{n} more"),
    "no_standard": Said("还没有标准", "No standard yet"),
    "not_judged": Said("没有判定过", "Never judged"),
    "k_of_n": Said("{k}/{n}", "{k}/{n}"),
    "declared": Said("指定的关键时刻", "Named as a moment of truth"),
    "identified": Said("已识别", "Identified"),
    "has_standard": Said("有标准", "Has a standard"),
    "has_play": Said("有剧本", "Has a play"),
    "backtested": Said("已推演", "Backtested"),
    "stand": Said("{k}/4 {step}", "{k}/4 {step}"),
    "stand_note": Said(
        "走到哪步：一个接触点先识别出来，再有可衡量的标准，再有剧本去做，剧本再用历史推演过，共四步",
        "How far: a touchpoint is identified, has a standard that can be measured, has a play that acts "
        "on it, and the play is backtested: four steps",
    ),
    "expectation": Said("客户期望", "What they expect"),
    "hidden": Said("没说出口的", "What they do not say"),
    "standards": Said("服务标准", "Standards"),
    "within": Said("{span}内", "within {span}"),
    "within_calendar": Said("{span}内（{calendar}）", "within {span} ({calendar})"),
    "by_date": Said("按约定日期（{field}）", "by the agreed date ({field})"),
    "kept": Said("达成 {kept}/{n}（{share}）", "kept {kept} of {n} ({share})"),
    "still_open": Said("另有 {n} 次未到时限", "{n} more not yet decided"),
    "late_proof": Said("其中 {n} 次凭据晚到", "{n} of them by late proof"),
    "blueprint": Said("服务蓝图", "Service blueprint"),
    "line_of_visibility": Said("可见线", "Line of visibility"),
    "its_plays": Said("这里的剧本", "Plays here"),
    "no_play": Said("还没有剧本", "No play yet"),
    "owner": Said("负责人", "Owner"),
    "channels": Said("渠道", "Channels"),
    "by_month": Said("逐月接触", "Encounters by month"),
    "rating": Said("评分均值 {mean}（{n} 份）", "Mean rating {mean} ({n} {n:answer|answers})"),
    "not_settled": Said("另有 {n} 次尚无定论，不计入", "{n} more have not settled and are not counted"),
    "unfinished": Said("其中 {n} 次到期仍未结束", "{n} of them never came to an end"),
    "map_empty": Said("这个模板还没有旅程", "This pack has no journey yet"),
    "map_empty_next": Said(
        "先在 journeys/main.yaml 里写下一个接触点：它从哪条客户动态开始，到哪条结束。写好后再推演一次，"
        "这里就会出现旅程地图。",
        "Write down one touchpoint in journeys/main.yaml: which event begins it, and which ends it. "
        "Run the backtest again, and the map appears here.",
    ),
    "next_standard": Said(
        "下一步：为「{title}」写一条服务标准，例如“从受理到首次回应 30 分钟内”。",
        "Next: write a standard for “{title}”, such as a first reply within 30 minutes.",
    ),
    "next_emotion": Said(
        "下一步：为「{title}」写明怎样算神奇（magical）、怎样算消极（miserable）。",
        "Next: say what makes “{title}” magical, and what makes it miserable.",
    ),
    "next_play": Said(
        "下一步：为「{title}」写一个剧本，说清何时、对谁、说什么。",
        "Next: write a play for “{title}”: when, to whom, and what to say.",
    ),
    "next_encounter": Said(
        "下一步：为「{title}」写明接触从哪条动态开始、到哪条结束。",
        "Next: say which event begins an encounter at “{title}”, and which ends it.",
    ),
}
