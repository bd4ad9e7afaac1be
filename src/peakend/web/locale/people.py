"""The words of signing in, of setting Peakend up, and of one's own account."""

from __future__ import annotations

from peakend.tell.said import Said

WORDS: dict[str, Said] = {
    "sign_in": Said("登录", "Sign in"),
    "sign_in_says": Said("请用您的账号登录。", "Sign in with your account."),
    "name": Said("登录名", "Login"),
    "password": Said("密码", "Password"),
    "by_oidc": Said("用{title}登录", "Sign in with {title}"),
    "by_wecom": Said("企业微信扫码登录", "Scan with WeCom"),
    "wrong": Said(
        "登录名或密码不对，或账号已停用。请检查后重试；忘记密码请联系管理员。",
        "Login and password do not go together, or the account is disabled. Check both. If you forgot the "
        "password, ask an admin.",
    ),
    "wait": Said(
        "尝试次数过多，请 {n} 分钟后再试。", "Too many attempts. Try again in {n} {n:minute|minutes}."
    ),
    "nobodys": Said(
        "您的身份已确认，但这里还没有您的账号。请联系管理员。",
        "We know who you are, but you have no account here yet. Ask an admin.",
    ),
    "why_silent": Said(
        "没有登录成功：登录服务没有回应。请稍后重试；仍然不行，请联系管理员。",
        "You are not signed in: the service that vouches for you did not answer. Try again later.",
    ),
    "why_refused": Said(
        "没有登录成功：登录服务没有确认您的身份。请重试；仍然不行，请联系管理员。",
        "You are not signed in: the service that vouches for people did not vouch for you. Ask an admin.",
    ),
    "why_unclear": Said(
        "没有登录成功：登录服务的答复不可信。请联系管理员。",
        "You are not signed in: what the service that vouches for you said cannot be trusted. Ask an admin.",
    ),
    "why_over": Said(
        "没有登录成功：这次登录不是从本页开始的，或已过期。请重新登录。",
        "You are not signed in: this sign-in did not begin in this browser, or took too long. Begin again.",
    ),
    "set_up": Said("设置管理员账号", "Set up the first account"),
    "set_up_says": Said(
        "这是第一个账号，拥有全部权限。其他同事的账号稍后由您添加。",
        "It is the first account and may do everything. You add your colleagues later.",
    ),
    "link_over": Said("链接已失效", "This link works no more"),
    "link_over_set_up": Said(
        "它已用过或已过期。如果还没有账号，请重新启动 peakend serve，会显示新的链接。",
        "It was used, or its day is over. Without any account, peakend serve shows a new one as it starts.",
    ),
    "link_over_reset": Said(
        "它已用过或已过期。请让管理员重新生成：peakend people reset 登录名。",
        "It was used, or its day is over. An admin makes a new one: peakend people reset LOGIN.",
    ),
    "shown": Said("姓名", "Name"),
    "shown_help": Said("同事看到的称呼", "As colleagues see it"),
    "name_help": Said(
        "字母、数字或 . _ - @ +，以后不能修改", "Letters, digits or . _ - @ +; it never changes"
    ),
    "password_help": Said("至少 10 个字符", "At least 10 characters"),
    "again": Said("再输入一次", "Once more"),
    "not_the_same": Said("两次输入不一致", "The two are not the same"),
    "begin": Said("完成设置", "Set up"),
    "reset": Said("设置新密码", "Set a new password"),
    "reset_says": Said(
        "账号：{name}。保存后，其他设备上的登录都会退出。",
        "For {name}. Once it is saved, every other device is signed out.",
    ),
    "save": Said("保存", "Save"),
    "account": Said("我的账号", "My account"),
    "account_says": Said("{name} · {role}", "{name} · {role}"),
    "language": Said("语言", "Language"),
    "old_password": Said("当前密码", "The password that you have now"),
    "old_wrong": Said("当前密码不对", "This is not the password that you have now"),
    "new_password": Said("新密码", "New password"),
    "change_password": Said("修改密码", "Change the password"),
    "no_password": Said(
        "您通过统一登录或企业微信登录，没有密码。",
        "You sign in by your organisation, and have no password here.",
    ),
    "sessions": Said("登录的设备", "Where you are signed in"),
    "here": Said("当前设备", "This device"),
    "since": Said("登录时间", "Since"),
    "seen": Said("最近使用", "Last used"),
    "from": Said("地址", "Address"),
    "browser": Said("浏览器", "Browser"),
    "end": Said("退出", "Sign out"),
    "end_others": Said("退出其他所有设备", "Sign out everywhere else"),
}
