"""The words of the parts that every page uses: marks, pagers, dialogs, jobs, charts."""

from __future__ import annotations

from peakend.tell.said import Said

WORDS: dict[str, Said] = {
    "magical": Said("神奇", "Magical"),
    "neutral": Said("平淡", "Neutral"),
    "miserable": Said("消极", "Miserable"),
    "unknown": Said("还不知道", "Not known yet"),
    "send": Said("放行", "Sent"),
    "hold": Said("暂缓", "On hold"),
    "suppress": Said("拦截", "Suppressed"),
    "shares": Said(
        "神奇 {magical}，平淡 {neutral}，消极 {miserable}",
        "Magical {magical}, neutral {neutral}, miserable {miserable}",
    ),
    "basis": Said("n = {n}", "n = {n}"),
    "interval": Said("95% 区间 {low} 到 {high}", "95 % interval {low} to {high}"),
    "cancel": Said("取消", "Cancel"),
    "close": Said("关闭", "Close"),
    "optional": Said("选填", "optional"),
    "apply": Said("筛选", "Apply"),
    "clear": Said("清除", "Clear"),
    "pages": Said("翻页", "Pages"),
    "range": Said("第 {first} 到 {last} 条，共 {total} 条", "{first} to {last} of {total}"),
    "newer": Said("上一页", "Previous"),
    "older": Said("下一页", "Next"),
    "job_share": Said("已完成 {share}", "{share} done"),
    "job_waiting": Said("排队中", "Waiting for its turn"),
    "job_failed": Said("没有完成：{reason}", "It did not finish: {reason}"),
    "job_done": Said("已完成", "Done"),
    "numbers": Said("以表格显示", "The numbers as a table"),
}
