"""The one catalogue of what a fold can conclude: every reason, exit, state and sentence, in both languages.

Every code that a verdict, a passed event or an exit may carry has its words here, so that no screen shows a
bare code. A pack may rename any of them (`words:` in pack.yaml). Reasons stand alone in a list as well as
behind a sentence; nothing here may be built by joining parts of sentences.
"""

from __future__ import annotations

from peakend.tell.said import Said

WHY_NOT: dict[str, Said] = {
    "cancelled": Said("暂缓期间事情已经了结", "Settled while it was on hold"),
    "expired": Said("已过有效时间，再发只会添乱", "Its time had passed: late, it only confuses"),
    "guard": Said("到点时发送条件不成立", "Its condition did not hold"),
    "consent": Said("联系人没有同意接收", "The contact has not agreed"),
    "preference": Said("客户要求勿扰，或不收这类消息", "The customer chose not to get it"),
    "moment": Said("有未了的故障或投诉，不宜打扰", "A failure or a complaint was open"),
    "holdout": Said("属于空白对照组，特意不发", "Held out on purpose, for proof"),
    "reachable": Said("没有可用的联系方式", "No address on its channels"),
    "quiet": Said("正逢免打扰时段，过后又太晚", "Quiet hours, and too late afterwards"),
    "cap": Said("已到频次上限，不再多发", "The cap was reached"),
    "budget": Said("预算已用完", "The budget was spent"),
    "no_due": Said("缺少日期，排不出时间", "No date is known to reckon from"),
    "past_at_entry": Said("剧本开始时，这一步的时间已过", "Already past when the run began"),
    "superseded": Said("下一步已经到点，这一步不再补发", "The next step came due in its place"),
}
"""Why a due step was not sent: the first gate that stood against it."""

WHY_HELD: dict[str, Said] = {
    "quiet": Said("正逢免打扰时段，时段结束再发", "Quiet hours: it waits for their end"),
    "cap": Said("已到频次上限，等有空位再发", "The cap is reached: it waits for room"),
}
"""Why a step was waiting; another reason reads as in WHY_NOT."""

NOT_STARTED: dict[str, Said] = {
    "where_false": Said("不符合开始条件", "It did not meet the play's condition"),
    "where_unknown": Said("开始条件要看的信息为空，无法判断", "A field that the condition needs is empty"),
    "late": Said("动态到得太晚，不再据此开始", "The news came too late to start anything"),
    "key_missing": Said("缺少业务编号", "The business key is missing"),
    "count": Said("次数还没有达到", "Not yet as often as the play asks for"),
    "paused": Said("剧本当时暂停进入", "The play was paused: nobody was let in"),
    "cool_down": Said("离上一次太近，仍在间隔期内", "Still cooling down from the last time"),
    "already_open": Said("同一件事已在进行中", "The same matter was already under way"),
    "already_ran": Said("同一件事已经执行过", "The play had already run for this matter"),
}
"""Why an event that a play listens to started nothing."""

HOW_ENDED: dict[str, Said] = {
    "completed": Said("走完全部步骤", "Went through all steps"),
    "success": Said("达成", "Success"),
    "stopped": Said("中止", "Stopped"),
    "merged": Said("客户合并，同一件事只留较早的一次", "merged: the earlier run stays"),
    "carried": Said("客户合并，在合并后的编号下继续", "merged: it goes on under the other name"),
}

YES_NO: dict[bool, Said] = {True: Said("是", "yes"), False: Said("否", "no")}

STATES: dict[str, Said] = {
    "magical": Said("神奇", "Magical"),
    "neutral": Said("平淡", "Neutral"),
    "miserable": Said("消极", "Miserable"),
}

ARMS: dict[str, Said] = {
    "play": Said("照常执行", "play is run"),
    "holdout": Said("空白对照", "held out"),
}

DIMENSIONS: dict[str, Said] = {
    "tangibles": Said("有形性", "Tangibles"),
    "reliability": Said("可靠性", "Reliability"),
    "responsiveness": Said("响应性", "Responsiveness"),
    "assurance": Said("保证性", "Assurance"),
    "empathy": Said("移情性", "Empathy"),
}
"""What a standard is called that has no title of its own."""

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
    "card": Said("我的待办", "the inbox"),
    "webhook": Said("网络回调", "webhook"),
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

CLASSES: dict[str, Said] = {
    "mandatory": Said("必达通知", "Mandatory notice"),
    "service": Said("服务通知", "Service notice"),
    "care": Said("关怀惊喜", "Care"),
    "ask": Said("征询", "Ask"),
    "marketing": Said("营销", "Marketing"),
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

TALES: dict[str, Said] = {
    "event": Said("{kind}", "{kind}"),
    "event_with": Said("{kind}：{data}", "{kind}: {data}"),
    "coded": Said("{word}（{code}）", "{word} ({code})"),
    "datum": Said("{field} {value}", "{field} {value}"),
    "empty": Said("{field} 为空", "{field} is empty"),
    "merged": Said(
        "客户编号 {name} 自此并入", "{name} turns out to be this customer, and is one with it from here"
    ),
    "joined": Said("客户合并", "the customer was merged"),
    "entered": Said("开始：{kind}", "It begins: {kind}"),
    "passed": Said("没有开始：{kind}，{why}", "It does not begin on {kind}. {why}"),
    "passed_where": Said("没有开始：{kind}，{why}：{where}", "It does not begin on {kind}. {why}: {where}"),
    "passed_with": Said(
        "没有开始：{kind}，{why}：{where}（这次 {data}）",
        "It does not begin on {kind}. {why}: {where} (here: {data})",
    ),
    "passed_unmet": Said("没有开始：{kind}，{why}：{unmet}", "It does not begin on {kind}. {why}: {unmet}"),
    "unmet": Said("要求 {where}，而 {data}", "{where} is asked for, but {data}"),
    "unmet_bare": Said("要求 {where}", "{where} is asked for"),
    "is": Said("{field} 是 {value}", "{field} is {value}"),
    "is_open": Said("「{point}」有未了的事", "something is open at “{point}”"),
    "none_open": Said("「{point}」没有未了的事", "nothing is open at “{point}”"),
    "passed_often": Said("没有开始，共 {n} 次：{reasons}", "It does not begin, {n} times. {reasons}"),
    "times": Said("{why} {n} 次", "{why}: {n}"),
    "without_days": Said(
        "日历「{calendar}」没有 {years} 年的节假日，而时限或免打扰用到了该年：只按每周时间计算。",
        "The calendar “{calendar}” does not know the days off of {years}, for which a standard or the quiet "
        "hours asked: only its week counted there.",
    ),
    "send": Said("放行「{step}」", "“{step}” goes out"),
    "send_by": Said("放行「{step}」，经 {channels}", "“{step}” goes out by {channels}"),
    "send_to": Said("放行「{step}」，交给 {who}", "“{step}” goes to {who}"),
    "send_to_by": Said("放行「{step}」，发给 {who}，经 {channels}", "“{step}” goes to {who} by {channels}"),
    "send_unreached": Said("没有送达，转人工联系：放行「{step}」", "Nobody was reached: “{step}” goes out"),
    "send_unreached_to": Said(
        "没有送达，改由{who}联系：放行「{step}」", "Nobody was reached: “{step}” goes to {who}"
    ),
    "contact": Said("联系人 {contact}", "contact {contact}"),
    "hold": Said("「{step}」暂缓到 {until}：{why}", "“{step}” is held until {until}. {why}"),
    "suppress": Said("拦截「{step}」：{why}", "“{step}” is stopped. {why}"),
    "ended": Said("{how}：{kind}", "It ends ({how}): {kind}"),
    "ended_self": Said("{how}", "It ends ({how})"),
    "near": Said(
        "「{step}」还差 {span} 才到点（原定 {due}），已有 {kind}，不必再发",
        "“{step}” would have fired at {due}, but “{kind}” came {span} before",
    ),
    "spared": Said(
        "「{step}」不必再发（原定 {due}，还差 {span}）：{kind}",
        "“{step}” is no longer needed at {due}: “{kind}” came {span} before",
    ),
    "same": Said(
        "「{step}」正好到点（{due}），同时已有 {kind}，不必再发",
        "“{step}” was due at {due}, the very moment at which “{kind}” came, so it does not go",
    ),
    "overdue": Said(
        "「{step}」不必再发（原定 {due}）：得知时已有 {kind}",
        "“{step}” is no longer needed, though due at {due}: “{kind}” was known by then",
    ),
    "regretted": Said(
        "「{step}」{sent} 已经发出，其实 {at} 事情就已了结，只是消息晚到",
        "“{step}” left at {sent}, though the matter was settled at {at}: the news came late",
    ),
    "exposed_play": Said(
        "空白对照分组「{name}」：执行组（照常发送）",
        "Holdout draw “{name}”: the group that gets it (sent as usual)",
    ),
    "exposed_holdout": Said(
        "空白对照分组「{name}」：对照组（特意不发，留作比较）",
        "Holdout draw “{name}”: the group held out (not sent, on purpose, to compare)",
    ),
    "breached": Said(
        "「{point}」的服务标准「{standard}」没有做到", "“{point}”: the standard “{standard}” was missed"
    ),
    "closed": Said(
        "「{point}」这次接触已结束，暂评{state}（{because}）",
        "The encounter at “{point}” is over. So far: {state} ({because})",
    ),
    "settled": Said(
        "「{point}」这次接触最终评为{state}（{because}）",
        "The encounter at “{point}” is settled: {state} ({because})",
    ),
    "point_for": Said("{point} {key}", "{point} {key}"),
    "rated": Said("评分 {rating}", "rated {rating}"),
    "not_rated": Said("没有评分", "not rated"),
    "kept": Said("做到「{standard}」", "“{standard}” kept"),
    "missed": Said("没做到「{standard}」", "“{standard}” missed"),
    "still_open": Said("「{standard}」未到时限", "“{standard}” not yet due"),
    "by_rule": Said("按条件 {rule}", "by its rule: {rule}"),
    "unfinished": Said("到期仍未结束", "it never came to an end"),
    "of_play": Said("《{play}》{said}", "{play}: {said}"),
    "of_play_for": Said("《{play}》（{key}）{said}", "{play} ({key}): {said}"),
}
"""What happened or did not, each as one sentence about one play or one encounter."""
