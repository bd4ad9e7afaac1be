"""What the record of changes says in words: each code of an entry, and the nouns that it is filtered by."""

from __future__ import annotations

from typing import Final

from peakend.tell.said import Said

CHANGES: Final[dict[str, Said]] = {
    "account.added": Said("添加了账号", "Added the account"),
    "account.changed": Said("修改了账号", "Changed the account"),
    "agreement.asked": Said("请求同意", "Asked to agree"),
    "agreement.given": Said("同意了", "Agreed"),
    "agreement.declined": Said("没有同意", "Declined"),
    "channel.tested": Said("测试了渠道", "Tested the channel"),
    "customer.changed": Said("登记了客户的要求", "Noted a customer's wish"),
    "customer.erased": Said("删除了客户的全部数据", "Erased a customer"),
    "customer.exported": Said("导出了客户的数据", "Exported a customer"),
    "customer.unmasked": Said("查看了完整联系方式", "Looked behind the mask"),
    "draft.begun": Said("新建了草稿", "Began a draft"),
    "draft.dropped": Said("放弃了草稿", "Dropped the draft"),
    "job.cancelled": Said("取消了任务", "Cancelled the job"),
    "key.made": Said("新建了密钥", "Made the key"),
    "key.revoked": Said("作废了密钥", "Revoked the key"),
    "aside.mended": Said("修正了待修正数据", "Mended a row in quarantine"),
    "aside.replayed": Said("重放了待修正数据", "Replayed rows in quarantine"),
    "message.decided": Said("判断了消息", "Decided about a message"),
    "message.released": Said("放行了待复核的消息", "Released what was under review"),
    "opportunity.spotted": Said("登记了服务契机", "Logged an opportunity"),
    "pack.published": Said("发布了", "Published"),
    "password.changed": Said("修改了密码", "Changed the password"),
    "play.stopped": Said("停用了剧本", "Stopped the play"),
    "reset_link.made": Said("生成了设置密码的链接", "Made a link for a password"),
    "sends.paused": Said("暂停了发送", "Paused what is sent"),
    "sends.resumed": Said("恢复了发送", "Resumed what is sent"),
    "session.ended": Said("退出了登录", "Ended sessions"),
    "session.opened": Said("登录", "Signed in"),
    "sign_in.refused": Said("登录被拒", "Was refused at sign-in"),
    "webhook.disabled": Said("停用了 webhook", "Switched off the webhook"),
}
NOUNS: Final[dict[str, Said]] = {
    "account.": Said("账号", "Accounts"),
    "key.": Said("密钥", "Keys"),
    "session.": Said("登录", "Sign-ins"),
    "sign_in.": Said("登录被拒", "Refused sign-ins"),
    "password.": Said("密码", "Passwords"),
    "customer.": Said("客户资料", "Customers"),
    "draft.": Said("草稿", "Drafts"),
    "pack.": Said("发布", "Publications"),
    "play.": Said("剧本", "Plays"),
    "sends.": Said("暂停发送", "Pauses"),
    "message.": Said("消息", "Messages"),
    "aside.": Said("待修正数据", "Quarantine"),
    "channel.": Said("渠道", "Channels"),
}
