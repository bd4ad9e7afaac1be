"""The words of the report in both languages: names of codes, and one plain sentence for every reason.

Every code that a verdict, a passed event or an exit may carry has its sentence here, so that a screen never
shows a bare code. A pack may rename any of them (`words:` in pack.yaml). Sentences of the page itself stand
in `sentences`. Nothing here may be built by joining parts of sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from markupsafe import Markup, escape

from peakend.report.figures import Count

_LONG = re.compile(r"([A-Za-z]{4,})(nance|ations?|tions?|ments?|ness|bility|ities)\b")


class Said(NamedTuple):
    """One text in both languages. In a template it becomes a pair of spans, of which one is shown."""

    zh: str
    en: str

    def __html__(self) -> Markup:
        if self.zh == self.en:
            return escape(self.zh)
        return Markup('<span lang="zh">{}</span><span lang="en">{}</span>').format(self.zh, self.en)


Value = Said | int | str


def fill(sentence: Said, /, **values: Value) -> Said:
    """Return the sentence with its `{names}` filled in: numbers grouped, texts in the sentence's language."""
    return Said(
        sentence.zh.format(**{name: _shown(value, "zh") for name, value in values.items()}),
        sentence.en.format(**{name: _shown(value, "en") for name, value in values.items()}),
    )


def titled(titles: Mapping[str, str] | str, otherwise: str = "") -> Said:
    """Return a pack's titles as both languages; a missing one is taken from the other."""
    if isinstance(titles, str):
        return Said(titles, titles)
    zh, en = titles.get("zh", ""), titles.get("en", "")
    return Said(zh or en or otherwise, en or zh or otherwise)


def listed(parts: list[Said]) -> Said:
    """Return several names as one enumeration."""
    return Said("、".join(part.zh for part in parts), ", ".join(part.en for part in parts))


def softened(said: Said) -> Said:
    """Return a title whose long English words may break before their ending, for narrow columns."""
    return Said(said.zh, _LONG.sub("\\1\u00ad\\2", said.en))


def together(sentences: Iterable[Said | None]) -> Said:
    """Return whole sentences one after the other, as each language sets them; None is left out."""
    said = [sentence for sentence in sentences if sentence is not None]
    return Said("".join(one.zh for one in said), " ".join(one.en for one in said))


def _shown(value: Value, language: str) -> str | Count:
    if isinstance(value, Said):
        return value.zh if language == "zh" else value.en
    return Count(value) if isinstance(value, int) else value


WHY_NOT: dict[str, Said] = {
    "cancelled": Said(
        "暂缓期间事情已经了结，不必再发", "The matter was settled while the message was on hold"
    ),
    "expired": Said(
        "轮到它时已过有效时间，发出去只会添乱", "Its time had passed: late, it would only confuse"
    ),
    "guard": Said("到点时发送条件不成立", "Its condition did not hold when it came due"),
    "consent": Said("联系人没有同意接收", "The contact has not agreed to receive it"),
    "preference": Said("客户要求勿扰，或不收这类消息", "The customer asked not to be disturbed with this"),
    "moment": Said("有进行中的故障或投诉，此时不打扰", "A failure or complaint was open: not the moment"),
    "holdout": Said("属于空白对照组，特意不发", "Held out on purpose, for proof"),
    "reachable": Said("没有可用的联系方式", "No address on any of its channels"),
    "quiet": Said("正逢免打扰时段，等到放行时已过时", "Quiet hours: it would have been too late afterwards"),
    "cap": Said("已到频次上限，不再多发", "The cap on messages was reached"),
    "budget": Said("预算已用完", "The budget was spent"),
    "no_due": Said("缺少日期，排不出时间", "No date is known, so no time could be set"),
    "past_at_entry": Said("开始时，这一步的时间已经过去", "Its time was already past when the run began"),
    "superseded": Said(
        "下一步已经到点，旧消息不再补发", "The next step came due: old news is not sent twice"
    ),
}
"""Why a due step was not sent: the first gate that stood against it."""

WHY_HELD: dict[str, Said] = {
    "quiet": Said("免打扰时段，等时段结束再发", "Quiet hours: waits for their end"),
    "cap": Said("频次上限，等有空位再发", "Cap reached: waits for room"),
}
"""Why a step was waiting; another reason reads as in WHY_NOT."""

NOT_STARTED: dict[str, Said] = {
    "where_false": Said("不符合开始条件", "Did not meet the play's condition"),
    "where_unknown": Said("条件要看的字段为空，无法判断", "A field that the condition needs is empty"),
    "late": Said("动态到得太晚，不再据此开始", "The news came too late to start anything"),
    "key_missing": Said("缺少业务编号", "The business key is missing"),
    "count": Said("次数还没有达到", "Not yet as often as the play asks for"),
    "cool_down": Said("仍在冷却期内", "Still cooling down from the last time"),
    "already_open": Said("同一件事已在进行中", "The same matter was already under way"),
    "already_ran": Said("同一件事已经执行过", "The play had already run for this matter"),
}
"""Why an event that a play listens to started nothing."""

HOW_ENDED: dict[str, Said] = {
    "completed": Said("走完全部步骤", "Went through all steps"),
    "success": Said("达成", "Success"),
    "stopped": Said("中止", "Stopped"),
}

CLASSES: dict[str, Said] = {
    "mandatory": Said("必达通知", "Mandatory notice"),
    "service": Said("服务通知", "Service notice"),
    "care": Said("关怀惊喜", "Care"),
    "ask": Said("征询", "Ask"),
    "marketing": Said("营销", "Marketing"),
}

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

DIMENSIONS: dict[str, Said] = {
    "tangibles": Said("有形性", "Tangibles"),
    "reliability": Said("可靠性", "Reliability"),
    "responsiveness": Said("响应性", "Responsive\u00adness"),
    "assurance": Said("保证性", "Assurance"),
    "empathy": Said("移情性", "Empathy"),
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

CHANNELS: dict[str, Said] = {
    "email": Said("邮件", "e-mail"),
    "sms": Said("短信", "SMS"),
    "wecom": Said("企业微信", "WeCom"),
    "wechat": Said("微信服务号", "WeChat"),
    "dingtalk": Said("钉钉", "DingTalk"),
    "feishu": Said("飞书", "Feishu"),
    "console": Said("控制台", "console"),
    "e-signature": Said("电子签", "e-signature"),
    "portal": Said("服务门户", "portal"),
    "phone": Said("电话", "phone"),
    "app": Said("手机应用", "app"),
    "website": Said("官网", "website"),
    "letter": Said("信函", "letter"),
    "inbox": Said("我的待办", "inbox"),
    "meeting": Said("会议", "meeting"),
    "community": Said("社区", "community"),
    "search": Said("搜索", "search"),
}

ROLES: dict[str, Said] = {
    "owner": Said("负责人", "owner"),
    "purchasing": Said("采购联系人", "purchasing"),
    "on_call": Said("值班联系人", "on-call contact"),
    "technical": Said("技术联系人", "technical contact"),
    "business": Said("业务联系人", "business contact"),
    "duty-manager": Said("值班经理", "duty manager"),
    "service-manager": Said("服务经理", "service manager"),
    "account-manager": Said("客户经理", "account manager"),
    "director": Said("总监", "director"),
    "brand-manager": Said("品牌经理", "brand manager"),
    "presales-lead": Said("售前负责人", "pre-sales lead"),
    "project-manager": Said("项目经理", "project manager"),
    "billing-lead": Said("账务负责人", "billing lead"),
    "change-manager": Said("变更经理", "change manager"),
    "problem-manager": Said("问题经理", "problem manager"),
    "security-lead": Said("安全负责人", "security lead"),
    "service-desk-lead": Said("服务台负责人", "service desk lead"),
    "action-owner": Said("行动负责人", "owner of the action"),
    "cto": Said("技术负责人", "CTO"),
}

WEEKDAYS: dict[str, Said] = {
    "mon": Said("周一", "Monday"),
    "tue": Said("周二", "Tuesday"),
    "wed": Said("周三", "Wednesday"),
    "thu": Said("周四", "Thursday"),
    "fri": Said("周五", "Friday"),
    "sat": Said("周六", "Saturday"),
    "sun": Said("周日", "Sunday"),
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

ARMS: dict[str, Said] = {
    "play": Said("照常执行", "play is run"),
    "holdout": Said("空白对照", "held out"),
}

TABLES: tuple[dict[str, Said], ...] = (
    WHY_NOT,
    WHY_HELD,
    NOT_STARTED,
    HOW_ENDED,
    CLASSES,
    FAMILIES,
    FAMILIES_SHORT,
    PHASES,
    ITIL_STAGES,
    DIMENSIONS,
    BLUEPRINT,
    ACTIONS,
    CHANNELS,
    ROLES,
    WEEKDAYS,
    PERIODS,
    BUDGETS,
    ARMS,
)
"""All tables of codes, for the test that none lacks a language."""
