"""The sentences about plays and their steps, in both languages."""

from __future__ import annotations

from peakend.tell.said import Said

PLAYS: dict[str, Said] = {
    "plays_head": Said("这些剧本当时会做什么", "What the plays would have done"),
    "plays_line": Said(
        "{plays} 个剧本进入 {entries} 次，{firings} 步到点：放行 {send}，拦截 {suppress}，仍在暂缓 {hold}。",
        "{plays} {plays:play|plays}, {entries} {entries:entry|entries}, {firings} {firings:step|steps} "
        "due: "
        "{send} sent, {suppress} stopped, {hold} still on hold.",
    ),
    "plays_empty": Said("这个模板还没有剧本", "This pack has no play yet"),
    "plays_empty_next": Said(
        "挑一个最消极的接触点，在 plays/ 里写下第一个剧本：由哪条动态触发、等多久、对谁说什么、"
        "遇到什么就不再说。",
        "Take the most miserable touchpoint and write its first play under plays/: which event starts "
        "it, how long "
        "it waits, what it says to whom, and what makes it unnecessary.",
    ),
    "col_play": Said("剧本", "Play"),
    "col_class": Said("类别", "Class"),
    "col_entries": Said("进入", "Entries"),
    "col_due": Said("到点", "Due"),
    "col_send": Said("放行", "Sent"),
    "col_hold": Said("暂缓", "On hold"),
    "col_suppress": Said("拦截", "Stopped"),
    "col_people": Said("触达客户", "Customers"),
    "col_why": Said("拦截最多的原因", "Commonest reason for stopping"),
    "says": Said("说什么、做什么", "What it says and does"),
    "happened": Said("当时会怎样", "What would have happened"),
    "starts": Said("开始", "Starts"),
    "starts_on": Said("遇到", "On"),
    "only_if": Said("且满足", "only if"),
    "while": Said("每一步都要求", "at every step"),
    "counted": Said("{span} 内满 {n} 次", "{n} times within {span}"),
    "per_key": Said("按 {key} 各自计", "once for each {key}"),
    "ends_when": Said("遇到就结束（{how}）", "Ends ({how}) on"),
    "then": Said("结束后", "Then"),
    "step_if": Said("仅当", "only if"),
    "extra": Said("附加步骤", "Extra step"),
    "step_holdout": Said("对照 {share}", "{share} held out"),
    "urgent": Said("紧急，不受免打扰时段限制", "Urgent: passes quiet hours"),
    "gathered": Said("{span} 内到点的合并成一条", "gathered into one message within {span}"),
    "attached": Said("附：{names}", "Attached: {names}"),
    "costs": Said("每次 {amount}，记入{budget}", "{amount} each, from {budget}"),
    "full_text": Said("看全文", "Read it all"),
    "no_text": Said("文字「{name}」还没有写", "The text “{name}” is not written yet"),
    "no_text_next": Said(
        "在 texts/zh 与 texts/en 里各写一份，这里就会显示。",
        "Write it in texts/zh and texts/en, and it appears here.",
    ),
    "step_result": Said("放行 {send} · 拦截 {suppress}", "{send} sent · {suppress} stopped"),
    "step_result_hold": Said(
        "放行 {send} · 暂缓 {hold} · 拦截 {suppress}", "{send} sent · {hold} on hold · {suppress} stopped"
    ),
    "if_unreached": Said("都送不到时，给{role}一张提示卡", "Reached by none of them: a card for {role}"),
    "if_unreached_given": Said(
        "都送不到时，给{role}一张提示卡（给过 {n} 张）",
        "Reached by none of them: a card for {role} ({n} given)",
    ),
    "play_line": Said(
        "进入 {entries} 次，{firings} 步到点，放行 {send} 步，拦截 {suppress} 步；触达 {people} 位客户。",
        "{entries} {entries:entry|entries}, {firings} {firings:step|steps} due, {send} sent, {suppress} "
        "stopped; "
        "{people} {people:customer|customers} reached.",
    ),
    "play_line_hold": Said(
        "进入 {entries} 次，{firings} 步到点，放行 {send} 步，拦截 {suppress} 步，{hold} 步仍在暂缓；"
        "触达 {people} 位客户。",
        "{entries} {entries:entry|entries}, {firings} {firings:step|steps} due, {send} sent, {suppress} "
        "stopped, "
        "{hold} still on hold; {people} {people:customer|customers} reached.",
    ),
    "play_line_idle": Said(
        "进入 {entries} 次，没有一步到点。", "{entries} {entries:entry|entries}, and no step came due."
    ),
    "play_never": Said("这份记录里没有什么让它开始。", "Nothing in this log started it."),
    "never_kind": Said(
        "记录里没有 {kinds} 这类动态。请确认数据来源里有它，或把它加进 sources/ 的映射。",
        "The log holds no {kinds}. See whether the source has it, or add it to the mapping in sources/.",
    ),
    "never_where": Said(
        "{kinds} 共出现 {n} 次，都没有让它开始；原因见下。",
        "{kinds} came {n} {n:time|times} and never started it; the reasons are below.",
    ),
    "flow_entries": Said("进入", "Entries"),
    "flow_due": Said("到点", "Due"),
    "flow_send": Said("放行", "Sent"),
    "why_not": Said("为什么没发", "Why not"),
    "why_not_of": Said("共拦截 {n} 步，占到点的 {share}", "{n} {n:step|steps} stopped, {share} of those due"),
    "deferred": Said("先暂缓、后放行或拦截：{n} 步", "Held first and decided later: {n} {n:step|steps}"),
    "holding": Said("记录结束时仍在暂缓：{n} 步", "Still on hold when the log ends: {n} {n:step|steps}"),
    "not_started": Said("为什么没开始", "Why it did not start"),
    "how_ended": Said("怎样结束", "How it ended"),
    "still_running": Said("记录结束时仍在进行", "Still running when the log ends"),
    "spared": Said("客户先一步了结，省下 {n} 步", "Settled first, which spared {n} {n:step|steps}"),
    "near_misses": Said("其中 {n} 步离到点不足 24 小时", "{n} of them with less than 24 hours to go"),
    "regretted": Said(
        "发出后才得知不必发：{n} 步（来源 {source}）",
        "Sent before the news that made it needless: {n} {n:step|steps} (source {source})",
    ),
    "by_month_sent": Said("逐月放行", "Sent by month"),
    "most_in": Said("最多 {n} 步，在 {month}", "At most {n}, in {month}"),
    "by_weekday": Said("星期", "Weekday"),
    "by_hour": Said("几点", "Hour of day"),
    "local_time": Said("按 {zone} 时间", "{zone} time"),
    "quiet_shade": Said("灰底为免打扰时段", "shaded: quiet hours"),
    "money": Said("花多少钱", "Money"),
    "money_line": Said("{budget}：{amount}", "{budget}: {amount}"),
    "money_limit": Said("上限 {amount}，{period}", "limit {amount} {period}"),
    "exposed": Said("对照组", "Holdout"),
    "exposed_line": Said("{arm} {n} 次", "{arm}: {n}"),
    "exposed_note": Said(
        "推演只分组，不算成效；成效要等真实运行后对比。",
        "A backtest only draws the groups; the effect shows when it runs for real.",
    ),
    "example": Said("一位客户的经过", "One customer's way through it"),
    "example_who": Said("客户 {customer}", "Customer {customer}"),
    "example_key": Said("客户 {customer}，{key}", "Customer {customer}, {key}"),
}
