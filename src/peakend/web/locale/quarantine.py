"""The words of the quarantine: what could not be used, why, and how it gets in after all."""

from __future__ import annotations

from peakend.tell.said import Said

WORDS: dict[str, Said] = {
    "title": Said("待修正数据", "Quarantine"),
    "says": Said(
        "用不了的数据都留在这里，没有丢。改好来源或模板后重放，或逐条修正。",
        "What cannot be used is kept here; nothing is lost. Mend the source or the pack and replay, or "
        "mend row by row.",
    ),
    "causes": Said("原因", "Causes"),
    "cause": Said("原因与改法", "What is wrong, and the fix"),
    "source": Said("来源", "Source"),
    "number": Said("条数", "Number"),
    "rows": Said("数据", "Rows"),
    "all_rows": Said("全部数据", "All rows"),
    "mended_rows": Said("已修正的", "Mended"),
    "place": Said("位置", "Place"),
    "at": Said("何时", "When"),
    "kind": Said("类型", "Kind"),
    "none": Said("没有待修正的数据", "Nothing is in quarantine"),
    "none_says": Said(
        "收到的动态都能用。用不了的会连同原因留在这里。",
        "All that came in can be used. What cannot is kept here with its reason.",
    ),
    "replay_all": Said("重放这 {n} 条", "Replay these {n}"),
    "replay_says": Said(
        "按原样再收一次：能用的进入日志，不能用的留下并更新原因。重复重放不会重复计算。",
        "Each is taken in once more as it is: what can be used enters the log, the rest stays with its new "
        "reason. Replaying twice counts once.",
    ),
    "did_replay": Said(
        "重放 {tried} 条：收下 {taken}，已有 {known}，仍不能用 {aside}。",
        "{tried} replayed: {taken} taken, {known} known already, {aside} still unusable.",
    ),
    "go_on": Said("继续重放后面的", "Go on with those behind"),
    "row": Said("第 {number} 条", "Row {number}"),
    "back": Said("返回列表", "Back to the list"),
    "wrong": Said("哪里不对", "What is wrong"),
    "body": Said("收到的内容", "As it came"),
    "mend": Said("修正", "Mend it"),
    "mend_body": Said("改成", "As it should be"),
    "mend_help": Said(
        "JSON 对象。改的同时会按同一道检查试收，不会写入。",
        "A JSON object. While you write it is checked by the same door, and nothing is written.",
    ),
    "do_mend": Said("修正并收下", "Mend and take it in"),
    "do_replay": Said("原样重放", "Replay as it is"),
    "would_taken": Said("可以收下。", "It can be taken in."),
    "would_known": Said(
        "日志里已经有这条，不会重复计算。", "The log holds it already; it will not count twice."
    ),
    "would_refold": Said(
        "日志里已有，模板现在读得懂；重新计算时生效。",
        "The log holds it and the pack can read it now; it counts when the log is folded again.",
    ),
    "did_taken": Said("已收下。", "Taken in."),
    "did_known": Said(
        "日志里已经有这条，没有重复计算。", "The log held it already; it does not count twice."
    ),
    "did_refold": Said(
        "日志里已有，模板现在读得懂；重新计算时生效。",
        "The log holds it and the pack can read it now; it counts when the log is folded again.",
    ),
    "did_aside": Said("仍然用不了，已更新原因。", "Still unusable; the reason is new."),
    "is_mended": Said("这条已经修正过。", "This row has been mended."),
    "read_only": Said("修正和重放需要服务经理的权限。", "Mending and replaying take the role Manager."),
}
