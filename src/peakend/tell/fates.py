"""What became of a message, in words; and of an event that could not be used."""

from __future__ import annotations

from peakend.model.stored import Message, Unusable
from peakend.tell.catalogue import CHANNELS
from peakend.tell.names import Names
from peakend.tell.said import Said, fill
from peakend.tell.teller import Told

FATES: dict[str, Said] = {
    "planned": Said("「{step}」排在{channel}，等待发出", "“{step}” waits to leave by {channel}"),
    "retried": Said(
        "「{step}」经{channel}试过 {n} 次，未成，稍后再试：{receipt}",
        "“{step}” was tried {n} {n:time|times} by {channel} and is tried again: {receipt}",
    ),
    "review": Said(
        "「{step}」经{channel}，待人工复核：{receipt}", "“{step}” by {channel} is under review: {receipt}"
    ),
    "claimed": Said("「{step}」正由{channel}发出", "“{step}” is leaving by {channel}"),
    "handed": Said("「{step}」已交给{channel}，尚无回执", "“{step}” is with {channel}, no receipt yet"),
    "accepted": Said("「{step}」经{channel}已发出，对方已接收", "“{step}” was accepted by {channel}"),
    "delivered": Said("「{step}」经{channel}已送达", "“{step}” was delivered by {channel}"),
    "failed": Said("「{step}」经{channel}发送失败：{receipt}", "“{step}” failed by {channel}: {receipt}"),
    "unknown": Said(
        "「{step}」已交给{channel}，是否送达无从得知，请人工判断：{receipt}",
        "“{step}” was given to {channel}, and nobody can say whether it arrived: please decide. {receipt}",
    ),
    "withdrawn": Said("「{step}」没有经{channel}发出：{why}", "“{step}” did not leave by {channel}. {why}"),
    "expired": Said(
        "「{step}」经{channel}发出时已太晚，不再发", "“{step}” would have left too late by {channel}"
    ),
    "aside": Said(
        "一条动态用不了，列为待修正：{reason}（{place}）",
        "An event cannot be used and is put aside: {reason} ({place})",
    ),
}

TAKEN_BACK: dict[str, Said] = {
    "cancelled": Said("发出之前事情已经了结", "The matter was settled before it left"),
    "consent": Said("发出之前联系人撤回了同意，或地址已停用", "Consent or address was gone before it left"),
    "suppressed": Said(
        "该地址属于一位已删除资料的客户，不再发送", "The address belonged to somebody who was erased"
    ),
    "preference": Said("发出之前客户要求勿扰", "The customer asked not to be disturbed before it left"),
}
"""Why a message was taken back at the door."""


def fate_of(names: Names, message: Message) -> Told:
    """What became of one delivery, or that it waits."""
    planned = message.planned
    fate = "retried" if message.state == "planned" and message.attempts else message.state
    said = fill(
        FATES[fate],
        step=names.of(planned.step),
        channel=names.of(planned.channel, CHANNELS),
        n=message.attempts,
        receipt=message.receipt,
        why=names.of(message.receipt, TAKEN_BACK),
    )
    weight = {"failed": "suppress", "unknown": "near", "withdrawn": "suppress", "expired": "suppress"}
    instant = message.changed or planned.since
    return Told(instant, planned.play, weight.get(message.state, "send"), said, planned.key)


def set_aside(row: Unusable) -> Told:
    """An event of the customer that could not be used."""
    reason = Said(row.reason_zh, row.reason_en)
    return Told(row.at, "", "near", fill(FATES["aside"], reason=reason, place=row.place))
