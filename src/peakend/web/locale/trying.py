"""The words of the door of a trial."""

from __future__ import annotations

from peakend.tell.said import Said

WORDS: dict[str, Said] = {
    "title": Said("您想以谁的身份来试用？", "Who would you like to be?"),
    "says": Said(
        "这里的客户都是模拟出来的，有一年的历史，动态还在继续发生。任何消息都不会真正发出，您可以放心修改。",
        "The customers are made up; they have a year behind them, and it goes on. Nothing really leaves, so "
        "change what you like.",
    ),
    "designer": Said(
        "服务设计师：看旅程地图，改{play}，推演一遍，再发布。",
        "The service designer sees the journey map, changes a {play}, backtests it and publishes it.",
    ),
    "manager": Said(
        "服务经理：看今日，审批重要的改动，处理拿不准的消息。",
        "The service manager sees today, agrees with changes that weigh, and decides what is in doubt.",
    ),
    "frontline": Said(
        "一线同事：逐张处理待办里的{card}。",
        "The frontline colleague works through each {card} of her inbox.",
    ),
    "admin": Said("管理员：管理同事账号、密钥与渠道。", "The admin looks after people, keys and channels."),
    "switch": Said("换一个身份试用", "Be somebody else"),
    "as": Said("以{who}身份进入", "Come in as {who}"),
}
