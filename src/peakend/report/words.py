"""The words of the page: names of a pack's own codes, as far as every pack has them.

What a verdict, an exit or an encounter is called stands in `tell.catalogue`; sentences of the page in
`sentences`. A pack may rename any of these codes (`words:` in pack.yaml).
"""

from __future__ import annotations

import re

from peakend.tell.catalogue import CLASSES, ROLES, WEEKDAYS
from peakend.tell.said import Said

_LONG = re.compile(r"([A-Za-z]{4,})(nance|ations?|tions?|ments?|ness|bility|ities)\b")


def softened(said: Said) -> Said:
    """Return a title whose long English words may break before their ending, for narrow columns."""
    return Said(said.zh, _LONG.sub("\\1\u00ad\\2", said.en))


FAMILIES: dict[str, Said] = {
    "ZMOT": Said("第零关键时刻", "Zero moment"),
    "FMOT": Said("第一关键时刻", "First moment"),
    "SMOT": Said("第二关键时刻", "Second moment"),
    "UMOT": Said("终极关键时刻", "Ultimate moment"),
}

FAMILIES_SHORT: dict[str, Said] = {
    "ZMOT": Said("第零", "Zero"),
    "FMOT": Said("第一", "First"),
    "SMOT": Said("第二", "Second"),
    "UMOT": Said("终极", "Ultimate"),
}

PHASES: dict[str, Said] = {
    "anticipation": Said("预期", "Before"),
    "contact": Said("接触", "During"),
    "follow-up": Said("后续", "After"),
}

ITIL_STAGES: dict[str, Said] = {
    "explore": Said("探索", "Explore"),
    "engage": Said("互动", "Engage"),
    "offer": Said("供应", "Offer"),
    "agree": Said("协议", "Agree"),
    "onboard": Said("引入", "Onboard"),
    "co-create": Said("价值共创", "Co-create"),
    "realize": Said("实现价值", "Realize"),
    "offboard": Said("退出", "Offboard"),
}

BLUEPRINT: dict[str, Said] = {
    "evidence": Said("有形展示", "Evidence"),
    "customer": Said("客户行为", "Customer"),
    "frontstage": Said("前台", "Frontstage"),
    "backstage": Said("后台", "Backstage"),
    "support": Said("支持", "Support"),
}

ACTIONS: dict[str, Said] = {
    "say": Said("说", "Say"),
    "card": Said("卡", "Card"),
    "give": Said("赠", "Give"),
    "ask": Said("问", "Ask"),
    "task": Said("办", "Task"),
}

PERIODS: dict[str, Said] = {
    "day": Said("每天", "a day"),
    "month": Said("每月", "a month"),
    "year": Said("每年", "a year"),
}

BUDGETS: dict[str, Said] = {
    "goodwill": Said("善意补偿", "Goodwill"),
    "compensation": Said("合同赔付", "Contract compensation"),
}

TABLES: tuple[dict[str, Said], ...] = (
    CLASSES,
    FAMILIES,
    FAMILIES_SHORT,
    PHASES,
    ITIL_STAGES,
    BLUEPRINT,
    ACTIONS,
    ROLES,
    WEEKDAYS,
    PERIODS,
    BUDGETS,
)
"""All tables of codes, for the test that none lacks a language."""
