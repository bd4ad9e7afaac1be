"""The sentences about channels: whether a touchpoint is the same in each, and what certainly differs.

A difference is said with its interval and against all other channels together; why it is there is not said.
"""

from __future__ import annotations

from peakend.tell.said import Said

CHANNELS: dict[str, Said] = {
    "channels_kind": Said("各渠道体验一致吗", "The same in every channel?"),
    "channels_unsaid": Said("未写明渠道", "not said"),
    "channels_same": Said(
        "各渠道体验没有确定的差异（共比较 {n} 项）。",
        "No certain difference between channels, in {n} {n:comparison|comparisons}.",
    ),
    "channels_few": Said(
        "渠道之间还比不了：一个渠道、其余渠道合计，各要有 {least} 位客户的结果。",
        "Channels cannot be compared yet: that takes {least} customers with a known result in one channel, "
        "and {least} in the others together.",
    ),
    "channels_none": Said(
        "数据里没有渠道，各渠道是否一致还看不出：请在接触开始时的客户动态（例如 {kind}）里"
        "写上 channel 字段。",
        "The log says no channel, so whether all are the same cannot be told: give the events that begin an "
        "encounter, such as {kind}, the field channel.",
    ),
    "channels_miserable_more": Said(
        "{title}：{channel}渠道的消极接触比其他渠道合计多 {points} 个百分点（95% 区间 {low} 到 {high}）。",
        "{title}: through {channel}, miserable encounters are {points} points more frequent than through all "
        "other channels together (95 % interval {low} to {high}).",
    ),
    "channels_miserable_less": Said(
        "{title}：{channel}渠道的消极接触比其他渠道合计少 {points} 个百分点（95% 区间 {low} 到 {high}）。",
        "{title}: through {channel}, miserable encounters are {points} points less frequent than through all "
        "other channels together (95 % interval {low} to {high}).",
    ),
    "channels_magical_more": Said(
        "{title}：{channel}渠道的神奇接触比其他渠道合计多 {points} 个百分点（95% 区间 {low} 到 {high}）。",
        "{title}: through {channel}, magical encounters are {points} points more frequent than through all "
        "other channels together (95 % interval {low} to {high}).",
    ),
    "channels_magical_less": Said(
        "{title}：{channel}渠道的神奇接触比其他渠道合计少 {points} 个百分点（95% 区间 {low} 到 {high}）。",
        "{title}: through {channel}, magical encounters are {points} points less frequent than through all "
        "other channels together (95 % interval {low} to {high}).",
    ),
    "channels_kept_more": Said(
        "{title}：“{standard}”在{channel}渠道的达标率比其他渠道合计高 {points} 个百分点"
        "（95% 区间 {low} 到 {high}）。",
        "{title}: “{standard}” is kept {points} points more often through {channel} than through all other "
        "channels together (95 % interval {low} to {high}).",
    ),
    "channels_kept_less": Said(
        "{title}：“{standard}”在{channel}渠道的达标率比其他渠道合计低 {points} 个百分点"
        "（95% 区间 {low} 到 {high}）。",
        "{title}: “{standard}” is kept {points} points less often through {channel} than through all other "
        "channels together (95 % interval {low} to {high}).",
    ),
    "channels_more": Said(
        "另有 {n} 项也确定有差异。",
        "{n} more {n:measure|measures} certainly {n:differs|differ}.",
    ),
    "channels_worse": Said("肯定更差", "Certainly worse"),
    "channels_better": Said("肯定更好", "Certainly better"),
    "channels_open": Said("空心：分不出高低", "Hollow: cannot be told apart"),
    "channels_miserable": Said("消极的占比", "Miserable"),
    "channels_magical": Said("神奇的占比", "Magical"),
    "channels_kept": Said("{standard}：达标", "{standard}: kept"),
    "channels_times": Said("{n} 次", "n {n}"),
    "channels_too_few": Said("{n} 次，太少", "n {n}: too few"),
    "channels_note": Said(
        "每格是占比、95% 区间和次数；横条从 0 到 {top}，竖线是各渠道合计。与同一接触点的其他渠道合计相比，"
        "已按 {n} 次比较校正；其中有一个很差，别的渠道就会显得好一些。走不同渠道的，客户和事情本来就不同，"
        "差异不一定是渠道造成的。",
        "Each cell: share, 95 % interval, number of encounters. Bars run from 0 to {top}, the upright line "
        "is all channels together. A channel is compared with all others of its touchpoint, corrected for "
        "{n} {n:comparison|comparisons}; where one of the others is bad, the rest look a little better. "
        "Other customers with other matters choose other channels: a difference need not be the channel's "
        "doing.",
    ),
    "channels_not_drawn": Said(
        "只画接触最多的 {shown} 个渠道，另有 {n} 个没有画出。",
        "Only the {shown} busiest channels are drawn, {n} more {n:is|are} not.",
    ),
    "channels_silent": Said(
        "没有写明渠道的接触点：{titles}。",
        "No channel is given for {titles}.",
    ),
}
