"""Channels: those of the file of the instance, each with a test; and what is held back."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from peakend.deliver import said as receipts
from peakend.errors import PeakendError
from peakend.instance.channels import checked, configured
from peakend.model.account import AuditEntry
from peakend.model.vocabulary import used_channels
from peakend.publish import pausing
from peakend.tell.catalogue import CHANNELS
from peakend.tell.names import Names
from peakend.tell.said import Said
from peakend.web.callers import Caller
from peakend.web.house import House, Ours
from peakend.web.pages.settings.frame import Admin, Manager, back, done_in, show

router = APIRouter(include_in_schema=False)
AT: Final = "/settings/channels"
DONE: Final = ("paused", "resumed")
KINDS: Final = {
    "smtp": Said("邮件服务器（SMTP）", "mail server (SMTP)"),
    "wecom-app": Said("企业微信应用", "WeCom application"),
    "wecom-robot": Said("企业微信群机器人", "WeCom group robot"),
    "dingtalk-robot": Said("钉钉群机器人", "DingTalk group robot"),
    "feishu-robot": Said("飞书群机器人", "Feishu group robot"),
    "aliyun-sms": Said("阿里云短信", "Aliyun SMS"),
    "tencent-sms": Said("腾讯云短信", "Tencent Cloud SMS"),
    "webhook": Said("网络回调", "webhook"),
    "json": Said("自定义接口", "an interface of your own"),
    "print": Said("打印到屏幕", "printed on the screen"),
    "mute": Said("试用：不真正发出", "a trial: nothing is sent"),
}
Text = Annotated[str, Form(max_length=200)]


@router.get(AT)
def list_(request: Request, caller: Manager, house: Ours, done: str = "") -> Response:
    """All channels: of which kind, held back since when, and which are missing."""
    return _list(request, caller, house, said=done_in(request, caller, done, DONE))


@router.post(AT + "/test")
def test(request: Request, caller: Admin, house: Ours, channel: Text = "") -> Response:
    """Ask a channel whether its settings are right, and say what it answered."""
    now = house.clock()
    try:
        receipt = checked(house.placed, channel, now)
        good, told = receipt.answer in ("accepted", "delivered"), receipts.told(receipt.said, caller.language)
    except PeakendError as error:
        good, told = False, error.text(caller.language)
    with house.store() as store:
        what = AuditEntry(at=now, who=caller.name, what="channel.tested", about=channel, after=str(good))
        store.record(what)
    return _list(request, caller, house, tested={"channel": channel, "good": good, "told": told})


@router.post(AT + "/pause")
def pause(request: Request, caller: Manager, house: Ours, channel: Text = "") -> Response:
    """Hand nothing over by a channel, or by none ('') until it is resumed; what is due waits."""
    now = house.clock()
    with house.store() as store:
        if pausing.pause(store, "sends", "", _known(house, channel), who=caller.name, now=now):
            store.record(AuditEntry(at=now, who=caller.name, what="sends.paused", about=channel))
    return back(AT, "paused")


@router.post(AT + "/resume")
def resume(request: Request, caller: Manager, house: Ours, channel: Text = "", play: Text = "") -> Response:
    """End a pause."""
    now = house.clock()
    with house.store() as store:
        if pausing.resume(store, "sends", play, channel, now=now):
            store.record(AuditEntry(at=now, who=caller.name, what="sends.resumed", about=channel or play))
    return back(AT, "resumed")


def _known(house: House, channel: str) -> str:
    """A channel that there is, or '' for all. Raises PeakendError."""
    pack = house.pack()
    if not channel or channel in house.instance.channels or (pack and channel in used_channels(pack)):
        return channel
    raise PeakendError(
        f"There is no channel '{channel[:80]}'",
        fix="Choose one that the page shows",
        what_zh=f"没有渠道“{channel[:80]}”",
        fix_zh="请从页面上的渠道中选择",
    )


def _list(
    request: Request, caller: Caller, house: House, *, said: str = "", tested: dict[str, Any] | None = None
) -> Response:
    pack = house.pack()
    with house.store() as store:
        switches = store.switches()
    known = configured(house.placed)
    used = used_channels(pack) if pack else []
    names = Names(pack) if pack else None
    held = {one.channel: one for one in switches if not one.play and one.channel}
    values = {
        "channels": known,
        "missing": [one for one in used if known and one not in {channel.name for channel in known}],
        "used": used,
        "kind_of": lambda kind: KINDS.get(kind, Said(kind, kind)),
        "channel_of": lambda name: (
            names.of(name, CHANNELS) if names else CHANNELS.get(name, Said(name, name))
        ),
        "play_of": lambda name: names.play(name) if names else Said(name, name),
        "held": held,
        "everything": next((one for one in switches if not one.play and not one.channel), None),
        "plays": [one for one in switches if one.play],
        "tested": tested,
    }
    return show(request, caller, "channels", values, said=said)
