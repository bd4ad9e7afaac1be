"""The words around an answer of find; those within it are the report's."""

from __future__ import annotations

from peakend.tell.said import Said

WORDS: dict[str, Said] = {
    "says": Said(
        "哪些{touchpoints}真正左右成效，伤多少、加多少，有多大把握。",
        "Which {touchpoints} move an outcome, what they cost and add, and how sure that is.",
    ),
    "outcome": Said("成效指标", "Outcome"),
    "segment": Said("按哪类{customers}比较", "Compare {customers} by"),
    "by_itself": Said("由系统选择", "whatever fits"),
    "window": Said("往前看多久", "Look back"),
    "ask": Said("开始分析", "Find"),
    "looking": Said("正在分析全部记录", "Looking through all that was recorded"),
    "not_enough": Said("现有数据还答不了", "The data cannot answer this yet"),
    "broke": Said("分析没有完成", "The answer did not come to its end"),
    "broke_died": Said("分析进程意外退出，请重新开始。", "Its process ended unexpectedly. Ask once more."),
    "broke_too_long": Said("用时过长，请缩短往前看的时间。", "It took too long. Look back less far."),
    "broke_too_large": Said(
        "内存不足，请缩短往前看的时间或换一台机器。",
        "It needed too much memory. Look back less far, or use a larger machine.",
    ),
    "broke_gave_up": Said("服务多次中断，请重新开始。", "The server went away too often. Ask once more."),
    "broke_again": Said("服务中断过，请重新开始。", "The server went away. Ask once more."),
    "unknown": Said("没有这次分析", "There is no such answer"),
    "unknown_says": Said("它可能已过期：结果保留 30 天。", "It may be over: answers are kept for 30 days."),
    "to_find": Said("回到{moments_of_truth}", "Back to {moments_of_truth}"),
    "no_outcome": Said("模板里还没有可分析的成效指标", "The pack names no outcome to explain"),
    "no_outcome_says": Said(
        "请在草稿的 pack.yaml 里，在 outcomes 一节写上一个，例如客户答卷里的 NPS 分数。",
        "Name one under outcomes in the pack.yaml of a draft, for example the NPS score of answers.",
    ),
    "found_at": Said("分析于", "Found"),
    "by": Said("发起人 {who}", "asked by {who}"),
    "refused": Said("{n} 条动态没能用上", "{n} {n:event|events} could not be used"),
    "other_version": Said("模板此后改过版本", "the pack has changed since"),
    "nothing": Said("还没有分析过", "Nothing was asked yet"),
    "nothing_says": Said(
        "选一个成效指标，系统会回看全部记录，找出哪些时刻伤人、哪些时刻加分，并给出区间。",
        "Choose an outcome: all that was recorded is looked through for moments that hurt and moments that "
        "please, each with its interval.",
    ),
    "earlier": Said("历次分析", "Earlier answers"),
    "asked_at": Said("发起时间", "Asked"),
    "state": Said("状态", "State"),
    "state_waiting": Said("排队中", "Waiting"),
    "state_running": Said("分析中", "Under way"),
    "state_done": Said("已完成", "Done"),
    "state_failed": Said("没有结果", "No answer"),
    "state_cancelled": Said("已取消", "Cancelled"),
    "state_interrupted": Said("已中断", "Interrupted"),
}
