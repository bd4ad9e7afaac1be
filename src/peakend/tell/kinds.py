"""Names of the kinds that Peakend itself understands, announces, derives or records.

A pack's own `words:` come first (names.py); no screen shows one of these kinds bare.
"""

from __future__ import annotations

from peakend.tell.said import Said

KINDS: dict[str, Said] = {
    "customer.updated": Said("客户资料更新", "profile updated"),
    "customer.identified": Said("认出了匿名客户", "anonymous customer recognised"),
    "customer.merged": Said("两个客户编号合并", "two customer numbers merged"),
    "contact.set": Said("联系人登记", "contact set"),
    "contact.removed": Said("联系人移除", "contact removed"),
    "consent.given": Said("客户同意接收", "consent given"),
    "consent.withdrawn": Said("客户撤回同意", "consent withdrawn"),
    "preference.set": Said("偏好设置", "preference set"),
    "preference.cleared": Said("偏好取消", "preference cleared"),
    "relation.set": Said("归属登记", "relation set"),
    "relation.ended": Said("归属结束", "relation ended"),
    "message.failed": Said("消息没有送达", "message failed"),
    "message.withdrawn": Said("消息撤回", "message withdrawn"),
    "message.replied": Said("客户回复了消息", "message replied to"),
    "card.done": Said("提示卡处理完成", "card done"),
    "opportunity.spotted": Said("同事记下一个机会", "opportunity spotted"),
    "pack.published": Said("新版本发布", "a new version was published"),
    "play.paused": Said("剧本暂停", "plays were paused"),
    "play.resumed": Said("剧本恢复", "plays were resumed"),
    "play.stopped": Said("剧本停止", "plays were stopped"),
    "encounter.closed": Said("一次接触结束", "encounter closed"),
    "encounter.settled": Said("一次接触有了定论", "encounter settled"),
    "standard.breached": Said("服务标准失守", "standard breached"),
    "budget.answered": Said("预算答复", "budget answered"),
    "customer.joined": Said("客户合并", "customer merged"),
    "subject.reached": Said("已通知到相关客户", "everybody concerned was reached"),
    "pack.adopted": Said("新版本生效", "a new version took effect"),
}
