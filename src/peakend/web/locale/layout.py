"""The words of the frame of every page: navigation, switches, keyboard, and what a browser says itself."""

from __future__ import annotations

from peakend.tell.said import Said

WORDS: dict[str, Said] = {
    "skip": Said("跳到正文", "Skip to the content"),
    "home": Said("回到今日", "Back to Today"),
    "navigation": Said("主导航", "Main navigation"),
    "now": Said("现场", "At work"),
    "design": Said("设计", "Design"),
    "operation": Said("运行", "Operation"),
    "today": Said("今日", "Today"),
    "inbox": Said("我的待办", "Inbox"),
    "customers": Said("{customers}", "{Customers}"),
    "map": Said("旅程地图", "Journey map"),
    "find": Said("{moments_of_truth}", "{Moments_of_truth}"),
    "plays": Said("{plays}", "{Plays}"),
    "coverage": Said("覆盖度", "Coverage"),
    "messages": Said("消息", "Messages"),
    "incidents": Said("重大故障", "Major incidents"),
    "quarantine": Said("待修正数据", "Quarantine"),
    "settings": Said("设置", "Settings"),
    "more": Said("更多", "More"),
    "waiting": Said("{n} 项待处理", "{n} waiting"),
    "search": Said("查找{customer}", "Find a {customer}"),
    "search_hint": Said("姓名、编号", "Name or number"),
    "language": Said("语言", "Language"),
    "theme": Said("浅色与深色", "Light and dark"),
    "theme_auto": Said("跟随系统", "As the system"),
    "theme_light": Said("浅色", "Light"),
    "theme_dark": Said("深色", "Dark"),
    "me": Said("我的账号：{name}", "My account: {name}"),
    "account": Said("我的账号", "My account"),
    "sign_out": Said("退出登录", "Sign out"),
    "role_viewer": Said("查看者", "Viewer"),
    "role_frontline": Said("一线同事", "Frontline"),
    "role_designer": Said("服务设计师", "Designer"),
    "role_manager": Said("服务经理", "Manager"),
    "role_admin": Said("管理员", "Administrator"),
    "messages_here": Said("提示", "Notices"),
    "failed": Said(
        "这一步没有完成，什么都没有改。请再试一次；仍然不行，请联系管理员。",
        "That did not work, and nothing was changed. Try again; if it fails again, ask your administrator.",
    ),
    "offline": Said(
        "连不上服务器，您刚才的操作还没有保存。请检查网络后再试。",
        "The server cannot be reached, so your last step was not saved. Check the network and try again.",
    ),
    "signed_out": Said(
        "登录已过期，或没有这项权限。请在新标签页登录，再回来重试；您填写的内容还在本页。",
        "Your session ended, or your role does not allow this. Sign in in a new tab and try again here: "
        "what you typed is still on this page.",
    ),
    "zone": Said("时间按 {zone} 显示", "Times are in {zone}"),
    "keys": Said("键盘快捷键", "Keyboard shortcuts"),
    "key_search": Said("查找{customer}", "Find a {customer}"),
    "key_help": Said("显示本说明", "Show this list"),
    "key_escape": Said("关闭弹窗", "Close a dialog"),
    "licences": Said("开源许可", "Licences"),
}
