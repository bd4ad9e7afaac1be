"""What the commands about people who work with Peakend say, in both languages."""

from __future__ import annotations

from peakend.tell.said import Said

PEOPLE: dict[str, Said] = {
    "set_up_here": Said(
        "还没有账号。请在 24 小时内打开这个只能用一次的链接，设置管理员：{address}",
        "There is no account yet. This link sets up the first; it works once, within a day: {address}",
    ),
    "no_people": Said(
        "还没有账号：启动 peakend serve 会显示设置链接",
        "There is no account yet: peakend serve shows a link to the first",
    ),
    "person": Said(
        "{name}（{shown}）：角色 {role}，登录方式 {ways}，建立于 {since}",
        "{name} ({shown}): {role}, opened by {ways}, since {since}",
    ),
    "person_disabled": Said(
        "{name}（{shown}）：已停用，角色 {role}，登录方式 {ways}，建立于 {since}",
        "{name} ({shown}): disabled, {role}, opened by {ways}, since {since}",
    ),
    "person_added": Said("已添加账号 {name}，角色 {role}", "{name} is added as {role}"),
    "person_has_role": Said("账号 {name} 的角色现为 {role}", "{name} is {role} now"),
    "person_is_disabled": Said(
        "账号 {name} 已停用，所有登录已退出", "{name} is disabled, and signed out everywhere"
    ),
    "person_is_enabled": Said("账号 {name} 已启用", "{name} may sign in again"),
    "person_tied": Said("账号 {name} 的外部身份已更新", "{name}'s identity elsewhere is updated"),
    "person_link": Said(
        "请把这个链接交给本人（24 小时内有效，只能用一次）：{address}",
        "Hand this link to its owner; it works once, within a day: {address}",
    ),
}
