"""The words of the settings: people, keys, channels, rules, the record of changes, the installation."""

from __future__ import annotations

from peakend.tell.said import Said

WORDS: dict[str, Said] = {
    "title": Said("设置", "Settings"),
    "people": Said("人员", "People"),
    "keys": Said("密钥", "Keys"),
    "channels": Said("渠道", "Channels"),
    "rules": Said("规则", "Rules"),
    "record": Said("操作记录", "Record of changes"),
    "installation": Said("系统", "Installation"),
    "only_admin": Said("只有管理员可以修改。", "Only an administrator can change this."),
    "people_says": Said("谁可以用这里，能做什么。", "Who works here, and what each may do."),
    "find": Said("查找", "Find"),
    "find_person": Said("姓名或登录名", "Name or login"),
    "person": Said("姓名", "Name"),
    "login": Said("登录名", "Login"),
    "role": Said("角色", "Role"),
    "any_role": Said("全部角色", "Every role"),
    "state": Said("状态", "State"),
    "any_state": Said("全部", "All"),
    "active": Said("使用中", "Active"),
    "disabled": Said("已停用", "Disabled"),
    "seen": Said("最近使用", "Last here"),
    "not_seen": Said("没有登录", "Not signed in"),
    "no_people_title": Said("没有找到", "Nobody found"),
    "no_people_says": Said("请清除条件，从全部人员里找。", "Clear the filters and look among all."),
    "add": Said("添加人员", "Add somebody"),
    "add_says": Said(
        "添加后会得到一个一次性链接，请转给本人设置密码，24 小时内有效。",
        "You get a link that works once, within a day: hand it over, and its owner sets a password.",
    ),
    "login_help": Said(
        "字母、数字或 . _ - @ +，以后不能改", "Letters, digits or . _ - @ +; it never changes"
    ),
    "language": Said("语言", "Language"),
    "does_viewer": Said("只看，联系方式和敏感资料打码", "Looks; contacts and sensitive facts are masked"),
    "does_frontline": Said(
        "处理待办，登记服务契机与客户要求，查看完整联系方式（留有记录）",
        "Does cards, logs what was spotted and what customers want, and may look behind the mask (on record)",
    ),
    "does_designer": Said("修改、推演并发布{plays}", "Changes, backtests and publishes {plays}"),
    "does_manager": Said("审批，处理消息，暂停发送", "Agrees, decides about messages, pauses what is sent"),
    "does_admin": Said("管理人员、密钥和设置", "People, keys and settings"),
    "link_title": Said("把这个链接转给{name}", "Hand this link to {name}"),
    "link_added": Said("账号已添加。", "The account is there."),
    "link_says": Said(
        "链接只在这里显示一次，只能用一次，24 小时内有效。请当面或用可信的方式转交。",
        "It is shown this once, works once, and within a day. Hand it over in person or by a way you trust.",
    ),
    "back_to_people": Said("回到人员", "Back to the people"),
    "made": Said("添加时间", "Added"),
    "ways": Said("登录方式", "Signs in by"),
    "way_password": Said("密码", "password"),
    "way_oidc": Said("统一登录", "the organisation's sign-in"),
    "way_wecom": Said("企业微信", "WeCom"),
    "way_none": Said("还没有设置密码", "No password is set yet"),
    "keys_of": Said("名下密钥", "Keys made"),
    "changes_of": Said("查看有关此人的操作记录", "What was changed about this person"),
    "change_role": Said("修改角色", "Change the role"),
    "save": Said("保存", "Save"),
    "reset": Said("重设密码", "A new password"),
    "reset_says": Said(
        "生成一个一次性链接，请转给本人。以前的链接随即失效，原密码在设置新密码之前仍然可用。",
        "Makes a link that works once. Earlier links stop working; the old password works until it is used.",
    ),
    "reset_do": Said("生成链接", "Make a link"),
    "disable": Said("停用账号", "Disable the account"),
    "disable_says": Said(
        "所有设备立即退出，名下密钥同时失效。数据都保留，以后可以恢复。",
        "Every device is signed out at once, and the keys this person made stop working. Nothing is "
        "deleted, and it can be undone.",
    ),
    "enable": Said("恢复账号", "Enable the account"),
    "enable_says": Said("账号和名下密钥重新可用。", "The account and its keys work again."),
    "yourself": Said("这是您自己的账号，不能停用。", "This is your own account: you cannot disable it."),
    "not_yourself": Said(
        "不能停用自己的账号。请由另一位管理员操作。",
        "You cannot disable your own account. Ask another administrator.",
    ),
    "reset_disabled": Said(
        "账号已停用，请先恢复，再生成链接。", "The account is disabled. Enable it first, then make a link."
    ),
    "overtaken": Said(
        "没有保存：这个账号刚被另一位管理员改过。下面是最新内容，请核对后再改。",
        "Not saved: another administrator has changed this account meanwhile. Below is how it is now; look, "
        "then change it again.",
    ),
    "done_role": Said("角色已修改。", "The role is changed."),
    "done_disabled": Said(
        "账号已停用，所有设备已退出。", "The account is disabled and signed out everywhere."
    ),
    "done_enabled": Said("账号已恢复。", "The account works again."),
    "done_revoked": Said("密钥已作废。", "The key is revoked."),
    "done_paused": Said(
        "已暂停发送。到期的消息会等着，恢复后再发。", "Sending is paused. What is due waits until you resume."
    ),
    "done_resumed": Said("已恢复发送。", "Sending is resumed."),
    # Keys.
    "keys_says": Said(
        "程序用密钥发送数据、调用接口。每个程序一个密钥，出了问题只作废那一个。",
        "Programs send events and ask the interface with a key. One for each program, so that one can be "
        "revoked alone.",
    ),
    "label": Said("用途", "Used by"),
    "label_help": Said("由哪个程序使用，例如“工单系统”", "Which program uses it: the ticket desk"),
    "scopes": Said("权限", "Opens"),
    "scope_events": Said("发送数据", "Send events"),
    "scope_read": Said("读取（敏感资料打码）", "Read, masked as for a viewer"),
    "scope_write": Said(
        "读取，处理待办、消息和草稿；发布、审批、暂停只能由人操作",
        "Read, and work on cards, messages, quarantine, drafts; publishing, agreeing, pausing are for people",
    ),
    "scope_admin": Said("全部接口", "Everything that has an interface"),
    "maker": Said("创建人", "Made by"),
    "used": Said("最近使用", "Last used"),
    "never_used": Said("从未使用", "Never"),
    "orphaned": Said("创建人已停用", "Its maker is disabled"),
    "revoked": Said("已作废", "Revoked"),
    "revoke": Said("作废", "Revoke"),
    "revoke_says": Said(
        "使用它的程序会立即被拒绝，不能恢复。", "Whatever uses it is refused at once, for good."
    ),
    "make_key": Said("新建密钥", "Make a key"),
    "make_key_do": Said("新建", "Make it"),
    "no_keys_title": Said("还没有密钥", "No key yet"),
    "no_keys_says": Said(
        "新建一个“发送数据”的密钥，就可以把业务系统接进来。",
        "Make one that sends events, and your systems can connect.",
    ),
    "show_gone": Said("显示已作废的 {n} 个", "Show {n} revoked"),
    "hide_gone": Said("只看可用的", "Only those that work"),
    "key_title": Said("密钥“{label}”已建好", "The key “{label}” is made"),
    "key_says": Said(
        "只在这里显示一次，请现在就复制到程序的配置里。丢了只能作废重建。",
        "It is shown this once: copy it into the program's configuration now. If it is lost, make another.",
    ),
    "key_try": Said("试一试：发送一条数据", "Try it: send one event"),
    "back_to_keys": Said("已复制，回到密钥", "Copied; back to the keys"),
    # Channels.
    "channels_says": Said(
        "消息从哪里发出。渠道写在 peakend.yaml 里，改动后要重新启动。",
        "By which ways messages leave. They stand in peakend.yaml; a change needs a new start.",
    ),
    "channel": Said("渠道", "Channel"),
    "kind": Said("类型", "Kind"),
    "leads_to": Said("服务器", "Server"),
    "sends": Said("发送", "Sending"),
    "sends_on": Said("正常", "On"),
    "sends_off": Said("已暂停", "Paused"),
    "test": Said("测试", "Test"),
    "test_help": Said(
        "测试会真正连接渠道；群机器人会在群里发一条测试消息。",
        "A test really connects; a robot shows a short test message in its group.",
    ),
    "test_good": Said("“{channel}”可用：{told}。", "{channel} works: {told}."),
    "test_bad": Said("“{channel}”不可用：{told}", "{channel} does not work: {told}"),
    "pause": Said("暂停", "Pause"),
    "resume": Said("恢复", "Resume"),
    "pause_all": Said("暂停全部发送", "Pause everything"),
    "pause_all_says": Said(
        "消息照常安排，但一条也不发出，恢复后再发；过期的作废。",
        "Messages are planned as ever, but none leaves until you resume; what is too old by then is dropped.",
    ),
    "all_paused": Said("全部发送已暂停", "Nothing is sent at the moment"),
    "missing_says": Said(
        "{plays}用到 {channels}，但配置里没有，发不出去。",
        "{Plays} use {channels}, which the configuration lacks: nothing leaves that way.",
    ),
    "no_channels_title": Said("还没有配置渠道", "No channel is set up"),
    "no_channels_says": Said(
        "现在消息只打印在服务器的屏幕上，客户收不到。请在 peakend.yaml 的 channels 下填写，然后重新启动。",
        "Messages are only printed on the server's screen, and no customer gets any. Fill in `channels` of "
        "peakend.yaml, and start again.",
    ),
    "no_channels_used": Said("{plays}用到：{channels}", "{Plays} use: {channels}"),
    "held_plays": Said("单独暂停的{plays}", "{Plays} held back alone"),
    "is_stopped": Said("已停用，重新发布后才恢复", "Stopped until it is published anew"),
    # Rules.
    "rules_says": Said(
        "对所有{plays}都有效的约束，来自当前发布的版本。",
        "What binds all {plays}, from the version that is published now.",
    ),
    "rules_change": Said(
        "要修改，请新建草稿，改 pack.yaml 的 policy，推演后发布。",
        "To change them, begin a draft, edit `policy` in pack.yaml, backtest it and publish.",
    ),
    "rules_plays": Said("去{plays}", "To the {plays}"),
    "quiet": Said("免打扰时段", "Quiet hours"),
    "caps": Said("次数上限", "How often at most"),
    "caps_off": Said("没有次数上限", "There is no limit"),
    "moment": Said("不合时宜的时候", "When it is not the moment"),
    "moment_off": Said("没有这类限制", "There is no such rule"),
    "holdout": Said("空白对照", "Held out for proof"),
    "age": Said("过时作废", "Too late"),
    "approval": Said("发布前的审批", "Agreement before publishing"),
    "budgets": Said("预算", "Budgets"),
    "calendars": Said("工作日历", "Calendars"),
    "no_pack_title": Said("还没有发布模板", "No pack is published yet"),
    "no_pack_says": Said("发布之后，规则会显示在这里。", "Once one is, its rules stand here."),
    # The record of changes.
    "record_says": Said(
        "每一次改动、登录和查看完整资料，都在这里，只增不减。",
        "Every change, sign-in and look behind the mask. Nothing is ever taken away.",
    ),
    "at": Said("时间", "When"),
    "who": Said("操作人", "Who"),
    "what": Said("操作", "What"),
    "anything": Said("全部", "Anything"),
    "about": Said("对象", "About"),
    "difference": Said("变更前后", "Before and after"),
    "from_day": Said("从", "From"),
    "to_day": Said("到", "To"),
    "rows": Said("本页 {n} 条", "{n} on this page"),
    "first_page": Said("回到开头", "Back to the first"),
    "next_page": Said("更早的", "Earlier"),
    "no_changes_title": Said("没有符合条件的记录", "Nothing matches"),
    "no_changes_says": Said(
        "请放宽条件。登录名和编号要写全。", "Loosen the filters; write logins and numbers in full."
    ),
    # The installation.
    "installation_says": Said("这套系统现在的样子。", "How this installation stands now."),
    "version": Said("版本", "Version"),
    "database": Said("数据库", "Database"),
    "address": Said("网址", "Address"),
    "no_address": Said(
        "没有写明。请在 peakend.yaml 写 serve: {{url: …}}，信里的链接才指得对。",
        "Not said. Write serve: {{url: …}} in peakend.yaml, so that links in letters lead here.",
    ),
    "workers": Said("工作进程", "Workers"),
    "no_workers": Said(
        "没有在运行的工作进程：收到的数据在等待，消息不会发出。请检查 peakend serve 的日志。",
        "None is at work: events wait, and nothing is sent. Look into the log of peakend serve.",
    ),
    "waiting": Said("等待处理的数据", "Events that wait"),
    "published": Said("当前发布", "Published"),
    "published_by": Said("{pack}（{hash}），{who}", "{pack} ({hash}), by {who}"),
    "tried": Said("试用中，还没有发布", "Tried out; nothing is published yet"),
    "nothing_published": Said("还没有发布", "Nothing is published yet"),
    "signers": Said("可以签字同意的人", "Whose signatures count"),
    "no_signers": Said("没有登记签字密钥", "No key is known"),
}
