"""The sentences about load and about what the report cannot show, in both languages."""

from __future__ import annotations

from peakend.tell.said import Said

LOAD: dict[str, Said] = {
    "load": Said("客户与同事会感到的份量", "How heavy it would have been"),
    "load_line": Said(
        "最忙的一天是 {day}（{weekday}），放行 {n} 步；一半的日子不超过 {median} 步。",
        "The busiest day is {weekday}, {day}: {n} {n:step|steps} let go; "
        "half of all days had {median} at most.",
    ),
    "load_none": Said(
        "没有放行任何步骤，也就没有负担可看。", "Nothing was sent, so there is no load to see."
    ),
    "sent_by_day": Said(
        "每天放行的步数，{plays} 个剧本合计 {n} 步",
        "Steps let go each day: {n} in all, of {plays} {plays:play|plays}",
    ),
    "busiest_day": Said("最忙的一天", "The busiest day"),
    "sent_by_weekday": Said("按星期，{weekday}最多", "By weekday, most on {weekday}"),
    "sent_by_hour": Said("按钟点", "By hour"),
    "sent_by_month": Said("按月份", "By month"),
    "busiest": Said("最多 {n} 步", "at most {n}"),
    "conflicts": Said("同一位客户、同一天、两个剧本", "Two plays, one customer, one day"),
    "conflict_days": Said("{n} 个客户日", "{n} customer-{n:day|days}"),
    "no_conflicts": Said("没有发生过。", "It never happened."),
    "conflicts_next": Said(
        "若不合适，可调整剧本的优先级、频次上限，或让其中一个在另一个进行时暂缓。",
        "Where that is too much: change a priority, a cap, or let one wait while the other runs.",
    ),
}

LIMITS: dict[str, Said] = {
    "limits": Said("这份报告看不到什么", "What this report cannot show"),
    "limit_effect": Said(
        "推演说的是当时会做什么、会拦下什么，不说明客户会因此怎样；成效要靠真实运行时的空白对照组。",
        "A backtest tells what would have been done and stopped, not what customers would have done in "
        "turn: "
        "that takes a holdout in real running.",
    ),
    "limit_quarantine": Said(
        "{n} 行数据无法使用，已放入待修正数据，修好后可以重放。",
        "{n} {n:row|rows} could not be used and wait in quarantine; mended, they can be replayed.",
    ),
    "limit_steps": Said(
        "数字按步计：合并成一条发出的几步，仍各算一步。",
        "Figures count steps: several that left as one message still count one each.",
    ),
    "limit_overlap": Said(
        "说谁高谁低只看 95% 区间是否重叠，比严格检验保守；多个接触点一起比较，难免有一两个是碰巧。",
        "Higher and lower are told by whether 95 % intervals overlap, which is stricter than a test; "
        "among many "
        "touchpoints one or two may still stand out by chance.",
    ),
    "how_emotion": Said("情绪怎么算", "How emotion is computed"),
    "how_emotion_text": Said(
        "每次有了定论的接触，神奇记 +1，平淡记 0，消极记 −1，取平均；区间以客户为单位估计，"
        "同一客户的多次接触不当作互相独立。",
        "Every settled encounter counts +1 when magical, 0 when neutral and −1 when miserable; the mean "
        "is shown. "
        "The interval takes the customer as its unit: encounters of one customer are not taken as "
        "independent.",
    ),
    "what_magical": Said(
        "神奇与消极由接触点的条件判定：先看事实，再看评分；刚好达标只算平淡。",
        "Magical and miserable follow the touchpoint's conditions: facts first, ratings second; a "
        "standard merely met is neutral.",
    ),
    "made_with": Said("模板 {pack} {version}，指纹 {hash}", "Pack {pack} {version}, fingerprint {hash}"),
    "relevant": Said("{n} 条客户动态与本模板有关", "{n} {n:event matters|events matter} to this pack"),
}
