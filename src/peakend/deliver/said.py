"""What a receipt says: one word of a closed list and the provider's own code.

A provider's sentence may quote an address or half a letter, and receipts are kept and shown. So none of its
sentences passes: a word that we explain in two languages, and a code that can be looked up with the provider.
"""

from __future__ import annotations

import re
from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "accepted": ("渠道已接收", "taken by the channel"),
    "muted": ("试用渠道：没有真正发出", "a trial: nothing was sent"),
    "address": (
        "收件地址的写法不对，没有发出",
        "the address is not written as this channel needs it; nothing was sent",
    ),
    "recipient": ("收件地址不存在，或对方拒收", "the address does not exist, or does not take messages"),
    "content": ("渠道不接受这条消息的内容", "the channel does not take what this message says"),
    "credentials": (
        "渠道不接受这里填写的账号、密码或密钥：请在配置文件的 channels 下改正",
        "the channel does not take the user, password or key: mend it under `channels` of the configuration",
    ),
    "refused-settings": (
        "渠道不接受这里的设置（签名、模板、关键词、IP 白名单或权限）:请与渠道后台核对",
        "the channel does not take a setting (signature, template, keyword, IP list, permission): compare it "
        "with the provider's console",
    ),
    "balance": ("账户欠费或套餐用完：请充值", "the account has run out of money or messages: top it up"),
    "template": (
        "这条文案没有对应的短信模板，或模板要的字段没有值：请在 channels 的 templates 下补上",
        "this text has no template, or a field of it has no value: add it under `templates` of the channel",
    ),
    "throttled": ("发送过快，渠道要求稍后再试", "too fast: the channel asks to try again later"),
    "busy": ("渠道暂时不可用，稍后再试", "the channel cannot take it for the moment"),
    "unreachable": ("连不上渠道的服务器", "the channel's server cannot be reached"),
    "timeout": ("在限定时间内没有连上渠道", "the channel could not be reached in time"),
    "silent": (
        "消息已交出，但在限定时间内没有收到答复：是否送达不明",
        "it was handed over, but no answer came in time: nobody can say whether it was taken",
    ),
    "dropped": (
        "消息已交出，但连接中断：是否送达不明",
        "it was handed over, but the connection broke: nobody can say whether it was taken",
    ),
    "unclear": (
        "渠道的答复无法理解：是否送达不明",
        "the channel's answer cannot be understood: nobody can say whether it was taken",
    ),
    "failed-there": (
        "渠道处理时出错：是否送达不明",
        "the channel failed while it worked on it: nobody can say whether it was taken",
    ),
    "certificate": (
        "服务器的证书不可信或与名称不符：请核对 host,内部证书请填写 ca_file",
        "the server's certificate is not trusted or is for another name: check `host`, and set `ca_file` "
        "for an authority of your own",
    ),
    "no-starttls": (
        "服务器不支持 STARTTLS:请改用 security: tls,只有在可信内网才用 plain",
        "the server offers no STARTTLS: use `security: tls`, and `plain` only within a trusted network",
    ),
    "no-login": (
        "服务器不支持登录：请去掉 user 与 password",
        "the server knows no login: leave out `user` and `password`",
    ),
    "sender": (
        "服务器不接受发件地址：请核对 from 与 envelope",
        "the server does not take the sender: check `from` and `envelope`",
    ),
    "forbidden-host": (
        "目标地址属于内网或本机，已拦截：确需访问请写入 private_hosts",
        "the address is of a private network or of this machine: name it in `private_hosts` if it is meant",
    ),
    "forbidden-url": (
        "地址须以 https:// 开头，且不含账号",
        "the address must begin with https:// and hold no user",
    ),
    "redirected": (
        "对方要求跳转到别的地址，未跟随：请填写最终地址",
        "the server points elsewhere, which is not followed: write down the final address",
    ),
    "gone": ("对方不再接收（410）", "the receiver takes no more (410)"),
    "mailbox": ("退信信箱打不开", "the mailbox for bounces cannot be opened"),
    "unchecked": (
        "设置齐全，但这种渠道不发消息就无法检验",
        "the settings are complete, but this channel cannot be checked without sending",
    ),
    "bounced": ("退信", "it came back"),
    "stream": ("无法写到屏幕", "it could not be printed"),
}  # fmt: skip

_CODE: Final = re.compile(r"[^A-Za-z0-9._ -]+")
_MOST: Final = 60


def say(word: str, code: object = "") -> str:
    """What a receipt keeps: a word of WORDS and, where there is one, the provider's code."""
    assert word in WORDS, word
    return f"{word} {_CODE.sub('', str(code))[:_MOST]}".strip()


def told(said: str, language: str) -> str:
    """What a receipt says, in 'zh' or 'en', for a person."""
    word, _, code = said.partition(" ")
    chinese, english = WORDS.get(word, (said, said))
    if language == "zh":
        return f"{chinese}（{code}）" if code else chinese
    return f"{english} ({code})" if code else english
