"""The words of a major incident: who is concerned, who has heard, who has not, and the next word."""

from __future__ import annotations

from peakend.tell.said import Said

WORDS: dict[str, Said] = {
    "title": Said("重大故障", "Major incidents"),
    "says": Said(
        "区域、楼栋或产品发生故障时：影响谁、谁已得知、谁还不知道、何时再通报。",
        "When a region, a building or a product fails: whom it concerns, who has heard, who has not, and "
        "when the next update is due.",
    ),
    "subject": Said("对象", "Subject"),
    "last": Said("最近通报", "Last update"),
    "words": Said("通报次数", "Updates"),
    "affected": Said("受影响", "Concerned"),
    "reached": Said("已得知", "Have heard"),
    "unreached": Said("还不知道", "Have not heard"),
    "on_the_way": Said("正在发出", "On its way"),
    "all": Said("全部", "All"),
    "none": Said("近三十天没有重大故障", "No major incident in thirty days"),
    "none_says": Said(
        "关于一个对象的动态（例如区域故障）到来时，这里列出所有受影响的{customers}。",
        "When an event about a subject comes in, a region that fails for example, all {customers} whom it "
        "concerns are listed here.",
    ),
    "back": Said("返回列表", "Back to the list"),
    "next_word": Said("下次通报", "Next update"),
    "next_late": Said("已过约定时间，尚无新通报", "The promised time has passed without an update"),
    "next_none": Said("没有约定", "Not promised"),
    "timeline": Said("通报经过", "What was said"),
    "who": Said("受影响的{customers}", "{Customers} concerned"),
    "ways": Said("经哪个渠道", "By which channel"),
    "to_call": Said("由谁致电", "Who should call"),
    "no_card": Said("还没有{card}", "No {card} yet"),
    "nobody_unreached": Said("所有受影响的{customers}都已得知。", "All {customers} concerned have heard."),
    "nobody": Said("没有符合的{customers}。", "No {customers} fit."),
    "print": Said("打印名单", "Print the list"),
    "printed": Said("{when} 的名单", "As of {when}"),
}
