"""The words of verdicts: every gate, every reason for not entering, every outcome, in Chinese and English."""

from __future__ import annotations

Words = dict[str, str]

NO_WORDS: Words = {"zh": "", "en": ""}

TALES: dict[str, Words] = {
    "event": {"zh": "客户动态 {kind}{data}", "en": "{kind}{data}"},
    "entered": {"zh": "进入《{play}》{key}，因为 {kind}", "en": "enters '{play}'{key}, because of {kind}"},
    "passed": {"zh": "没有进入《{play}》：{why}（{kind}）", "en": "does not enter '{play}': {why} ({kind})"},
    "completed": {"zh": "《{play}》走完", "en": "'{play}' is complete"},
    "ended": {
        "zh": "《{play}》以「{how}」结束，因为 {kind}",
        "en": "'{play}' ends as {how}, because of {kind}",
    },
    "spared": {
        "zh": "《{play}》原定 {due} 的「{step}」不再需要：{kind} 早到了 {ahead}",
        "en": "'{play}' would have done {step} at {due}, but {kind} came {ahead} before",
    },
    "send": {"zh": "《{play}》「{step}」{verb}", "en": "'{play}' {step}: {verb}"},
    "verdict": {"zh": "《{play}》「{step}」{verb}：{why}", "en": "'{play}' {step}: {verb}, {why}"},
    "hold": {
        "zh": "《{play}》「{step}」{verb}到 {until}：{why}",
        "en": "'{play}' {step}: {verb} until {until}, {why}",
    },
    "regretted": {
        "zh": "《{play}》「{step}」{sent} 已经发出，其实 {at} 事情就已了结，只是消息晚到",
        "en": "'{play}' {step} left at {sent}, though the matter was settled at {at}: the news came late",
    },
    "exposed": {"zh": "《{play}》实验「{name}」：{arm}", "en": "'{play}' experiment {name}: {arm}"},
    "breached": {
        "zh": "{point}：服务标准「{standard}」没有做到",
        "en": "{point}: the standard {standard} was missed",
    },
    "closed": {"zh": "{point}：结束，目前{state}", "en": "{point}: closed, so far {state}"},
    "settled": {"zh": "{point}：定论为{state}", "en": "{point}: settled as {state}"},
}

ARMS: dict[str, Words] = {
    "play": {"zh": "执行组", "en": "play"},
    "holdout": {"zh": "空白对照组", "en": "holdout"},
}

VERBS: dict[str, Words] = {
    "send": {"zh": "放行", "en": "send"},
    "hold": {"zh": "暂缓", "en": "hold"},
    "suppress": {"zh": "拦截", "en": "suppress"},
}

STATES: dict[str, Words] = {
    "magical": {"zh": "神奇", "en": "magical"},
    "neutral": {"zh": "平淡", "en": "neutral"},
    "miserable": {"zh": "消极", "en": "miserable"},
}

GATES: dict[str, Words] = {
    "cancelled": {"zh": "事情已经了结", "en": "the matter was settled before"},
    "expired": {"zh": "错过了时机", "en": "its time had passed"},
    "guard": {"zh": "条件不成立", "en": "its condition was not true"},
    "consent": {"zh": "客户没有同意", "en": "the customer has not agreed"},
    "preference": {"zh": "客户请勿打扰", "en": "the customer asked not to be disturbed"},
    "moment": {"zh": "还有未了的故障或投诉", "en": "a failure or a complaint was still open"},
    "holdout": {"zh": "属于空白对照组", "en": "the customer is in the holdout"},
    "reachable": {"zh": "没有可用的联系方式", "en": "there is no address"},
    "quiet": {"zh": "免打扰时段", "en": "quiet hours"},
    "cap": {"zh": "达到频次上限", "en": "the cap is reached"},
    "budget": {"zh": "预算用完", "en": "the budget is spent"},
    "no_due": {"zh": "没有日期", "en": "no date is known"},
    "past_at_entry": {"zh": "进入时已过期", "en": "it was past when the run began"},
    "superseded": {"zh": "被后一步取代", "en": "a later step took its place"},
}

PASSED: dict[str, Words] = {
    "where_unknown": {"zh": "条件中的信息缺失", "en": "its condition could not be known"},
    "where_false": {"zh": "条件不成立", "en": "its condition was not true"},
    "late": {"zh": "动态到得太晚", "en": "the event came too late"},
    "key_missing": {"zh": "缺少业务编号", "en": "its business key is missing"},
    "count": {"zh": "次数未到", "en": "the count was not reached"},
    "cool_down": {"zh": "还在间隔期内", "en": "the cool-down had not passed"},
    "already_open": {"zh": "已有一次执行在进行", "en": "a run was open already"},
    "already_ran": {"zh": "已经执行过", "en": "it had run already"},
}
