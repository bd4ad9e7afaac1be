"""The words in which the API describes itself: nouns, refusals, parameters that mean the same everywhere."""

from __future__ import annotations

from typing import Final

ABOUT: Final = """\
Everything that Peakend knows and does, for programs. The reference with examples is docs/api.md.

**Instants** are integers: microseconds since 1970-01-01T00:00Z. **Lists** come in pages: `after` of an
answer asks for the next page, and is empty where there is none. **Errors** say what was wrong, where, and
what to do, in English and Chinese (`application/problem+json`). **429 and 503** carry `Retry-After`: nothing
was done, send the same again later.

程序可用的全部接口。**时刻**一律为整数：1970-01-01T00:00Z 起的微秒数。
**列表**分页返回：把答复中的 after 原样带上即得下一页，为空表示没有更多。
**出错**时以中英文说明哪里不对、在什么位置、怎样处理。
收到 **429 或 503** 时什么都没有执行，请按 Retry-After 的秒数稍后原样重发。"""

NOUNS: Final[dict[str, tuple[str, str]]] = {
    "agreements": ("A second account's word on a version", "发布前的审批"),
    "api": ("What there is", "接口一览"),
    "audit": ("Every change, and who made it", "操作记录：谁改了什么"),
    "backtests": ("A play against the past", "用历史数据推演"),
    "cards": ("Cards that wait for colleagues", "服务提示卡"),
    "coverage": ("What is identified, designed, live and proven", "覆盖度"),
    "customers": ("Customers, their timeline, and why", "客户、时间线与决策原因"),
    "drafts": ("A changed pack before it is published", "未发布的草稿"),
    "events": ("Events come in", "接收事件"),
    "finds": ("Which moments matter", "哪些时刻最要紧"),
    "incidents": ("One subject that concerns many customers", "重大事件"),
    "inbox": ("Messages within an application", "站内消息"),
    "jobs": ("Long work, with its progress", "耗时任务与进度"),
    "journeys": ("Stages, touchpoints, standards and feelings", "客户旅程"),
    "keys": ("Keys of programs", "API 密钥"),
    "live": ("What happens, as it happens", "实时动态"),
    "messages": ("What was sent, and what became of it", "消息及其去向"),
    "notes": ("What colleagues write down", "服务备注"),
    "plays": ("Plays, their texts and versions", "服务剧本及其版本"),
    "quarantine": ("Events that could not be used", "待修正数据"),
    "segment": ("The routes of Segment's clients", "兼容 Segment 客户端"),
    "today": ("What goes on now", "今日"),
    "webhooks": ("What happens, told to other systems", "事件推送"),
}
"""Tags of the document, in English and Chinese."""

ERRORS: Final[dict[int, tuple[str, str, str]]] = {
    400: ("Refused", "It cannot be done as it was asked", "无法按请求执行"),
    401: ("NotSignedIn", "No key and no session, or one that opens nothing", "没有密钥或登录，或已失效"),
    403: ("NotAllowed", "The key lacks the scope, or the role is too small", "密钥权限或角色不足"),
    404: ("NotThere", "There is nothing of this name", "没有这个对象"),
    409: (
        "Overtaken",
        "Somebody else has changed it meanwhile, or it is there already",
        "已被他人修改，或已存在",
    ),
    413: ("TooLarge", "The body is too large", "请求内容过大"),
    415: ("OtherForm", "The body is of a form that is not read here", "不支持这种内容形式"),
    422: ("Misfit", "A field or parameter is missing or of the wrong kind", "缺少字段，或取值不符"),
    429: ("TooOften", "Too often: nothing was done, ask again later", "请求过于频繁，未执行，请稍后重试"),
    503: (
        "NotNow",
        "The database is away or busy: nothing was done, ask again later",
        "数据库暂不可用，未执行，请稍后重试",
    ),
}
"""Refusals: their name in the document, and what they mean in English and Chinese."""

PARAMETERS: Final[dict[str, str]] = {
    "after": "Where the page begins: `after` of the page before it; empty for the first",
    "asked": "What is asked",
    "assignee": "The login of a colleague",
    "channel": "A channel, as `email`",
    "customer": "A customer's id; every name of that person counts",
    "id": "The id",
    "id_": "The id",
    "journey": "A journey's name",
    "key": "The key, as a list shows it",
    "kind": "A kind, as `order.completed`",
    "lang": "zh or en",
    "language": "zh or en",
    "last-event-id": "The id of the last event that was received",
    "limit": "Rows of a page at most",
    "name": "A file of the pack, as `plays/renewal.yaml`",
    "number": "The number, as a list shows it",
    "outcome": "How it was decided: send, hold or suppress",
    "play": "A play's name",
    "reason": "The reason of a decision, as docs/semantics.md names it",
    "revision": "The revision that is meant; the newest without it",
    "role": "A role, as the pack or the account names it",
    "since": "From this instant on: ISO 8601 with an offset, or microseconds",
    "source": "A source's name",
    "state": "A state",
    "states": "States; none means any",
    "status": "A state",
    "subject": "A subject, as `region:cn-east-2`",
    "text": "A part of a name, an address or an id",
    "touchpoint": "A touchpoint's name",
    "unmask": "Whether addresses are shown whole, which is recorded",
    "until": "Before this instant: ISO 8601 with an offset, or microseconds",
    "version": "The version that was read, so that nobody is overwritten",
    "what": "What happened, as `account.changed`; `account.` asks for all of a noun",
    "which": "Which of them",
    "who": "Who did it: a login, or `key:ID`",
    "about": "What it is about",
}  # fmt: skip
"""What a parameter means wherever its route does not say it."""

SAMPLES: Final[dict[str, str]] = {
    "assignee": "li",
    "customer": "t-1",
    "kind": "order.completed",
    "label": "CRM",
    "language": "zh",
    "result": "已电话告知客户",
    "role": "service-manager",
    "text": "客户希望周五前得到答复",
    "until": "2026-03-02T09:00:00+08:00",
    "url": "https://crm.example.com/peakend",
}
"""Texts of examples by the name of their field."""
