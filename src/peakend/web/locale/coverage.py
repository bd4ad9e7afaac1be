"""The words of coverage: the steps of a touchpoint, how each stands, and what is to be done."""

from __future__ import annotations

from peakend.tell.said import Said

WORDS: dict[str, Said] = {
    "says": Said(
        "每个{touchpoint}走到了哪一步。空着的格子就是待办，点进去就能做。",
        "How far each {touchpoint} has come. An empty cell is a to-do, and leads to where it is done.",
    ),
    "show": Said("显示哪些", "Which are shown"),
    "with_to_do": Said("有待办的", "With a to-do"),
    "moments": Said("{moments_of_truth}", "{Moments_of_truth}"),
    "moment": Said("{moment_of_truth}", "{moment_of_truth}"),
    "touchpoint": Said("{touchpoint}", "{Touchpoint}"),
    "identified": Said("已识别", "Identified"),
    "standard": Said("有标准", "Standard"),
    "play": Said("有剧本", "Play"),
    "live": Said("已运行", "Live"),
    "proven": Said("有对照", "Proven"),
    "mark_done": Said("完成", "Done"),
    "mark_under_way": Said("进行中", "Under way"),
    "mark_to_do": Said("待办", "To do"),
    "mark_later": Said("等上一步", "Later"),
    "mark_not_meant": Said("不适用", "Does not apply"),
    "no_encounter": Said("写明接触何时开始、何时结束", "Say when an encounter begins and ends"),
    "not_judged": Said("写明怎样算神奇、怎样算消极", "Say what is magical and what miserable"),
    "found": Said("数据找出的{moment_of_truth}（n={n}）", "Found {moment_of_truth} (n={n})"),
    "looked_at": Said("已分析，未见明显影响（n={n}）", "Looked at, no clear effect (n={n})"),
    "declared": Said("指定的{moment_of_truth}（n={n}）", "Declared {moment_of_truth} (n={n})"),
    "not_looked_at": Said("从数据中分析一次（n={n}）", "Ask find about it (n={n})"),
    "no_standard": Said("写下第一条标准", "Write its first standard"),
    "standards": Said(
        "{standards} 条，达成 {kept}/{decided}",
        "{standards} {standards:standard|standards}, kept {kept} of {decided}",
    ),
    "no_play": Said("写一个剧本", "Write a play"),
    "plays": Said("{plays} 个剧本", "{plays} {plays:play|plays}"),
    "after_play": Said("先有剧本", "Once there is a play"),
    "not_published": Said("发布", "Publish"),
    "all_stopped": Said("全部停发：查明原因后恢复", "All stopped: mend and resume"),
    "not_sent": Said("{live} 个运行中，还没有放行过", "{live} live, nothing sent yet"),
    "at_work": Said("{live}/{plays} 个运行中，放行 {sent} 步", "{live} of {plays} live, {sent} steps sent"),
    "never_held_out": Said("必达与服务类不留对照", "Owed to everybody: nobody is held out"),
    "no_holdout": Said("设一个空白对照组", "Set a holdout"),
    "too_few": Said(
        "执行 {play}，对照 {holdout}；各满 {least} 才可比较",
        "{play} in the play, {holdout} held out; {least} in each to compare",
    ),
    "comparable": Said(
        "执行 {play}，对照 {holdout}，可以比较", "{play} in the play, {holdout} held out: may be compared"
    ),
    "nothing": Said("这里没有符合条件的{touchpoint}", "No such {touchpoint} here"),
    "nothing_says": Said("换一个条件看看。", "Look at all of them."),
    "note": Said(
        "「有对照」只说明两组人数够不够比较，不代表剧本有效：效果还没有计算。",
        "“Proven” tells whether both groups are large enough to be compared, not that a play helps: "
        "no effect is reckoned yet.",
    ),
}
