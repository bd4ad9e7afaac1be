"""The words of the page that is shown in place of the one that was asked for."""

from __future__ import annotations

from peakend.tell.said import Said

WORDS: dict[str, Said] = {
    "home": Said("回到首页", "To the first page"),
    "misfit": Said("有一项内容无法使用", "One thing that was sent cannot be used"),
    "misfit_fix": Said(
        "请返回上一页改好再提交；您填写的内容还在那里。",
        "Go back, change it, and send it again: what you typed is still there.",
    ),
    "reference": Said("编号", "Reference"),
}
