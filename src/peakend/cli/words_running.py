"""What the commands around a running service say, in both languages."""

from __future__ import annotations

from peakend.tell.said import Said

RUNNING: dict[str, Said] = {
    # publish
    "first_version": Said("首次发布 {pack}，版本 {new}", "First publication of {pack}, version {new}"),
    "next_version": Said("{pack}：从版本 {old} 更新为 {new}", "{pack}: from version {old} to {new}"),
    "published_already": Said("版本 {hash} 已经在线上，无须再发布", "Version {hash} is published already"),
    "added_": Said("  新增{what}：{names}", "  {what} added: {names}"),
    "removed_": Said("  删除{what}：{names}", "  {what} removed: {names}"),
    "changed_": Said("  修改{what}：{names}", "  {what} changed: {names}"),
    "added_more": Said("  新增{what} {n} 项：{names} 等", "  {what} added, {n}: {names} and more"),
    "removed_more": Said("  删除{what} {n} 项：{names} 等", "  {what} removed, {n}: {names} and more"),
    "changed_more": Said("  修改{what} {n} 项：{names} 等", "  {what} changed, {n}: {names} and more"),
    "what_play": Said("服务剧本", "Plays"),
    "what_text": Said("文本", "Texts"),
    "what_card": Said("服务提示卡", "Cards"),
    "what_standard": Said("服务标准", "Standards"),
    "what_touchpoint": Said("接触点", "Touchpoints"),
    "what_fact": Said("指标", "Facts"),
    "what_policy": Said("策略", "Policy"),
    "what_pack": Said("模板设置", "Settings of the pack"),
    "affected": Said(
        "近 90 天内会受影响的客户：{n} 位（推演已记录的 {events} 条客户动态，推演编号 {id}）",
        "{n} {n:person|people} would have got something else in the last 90 days "
        "(backtest {id} of {events} recorded {events:event|events})",
    ),
    "affects": Said(
        "  《{play}》{step}：{change} {n} 次，涉及 {people} 位客户",
        "  {play}, {step}: {change}, {n} {n:time|times}, {people} {people:person|people}",
    ),
    "open_runs": Said(
        "进行中的执行记录 {n} 条，仍按开始时的版本走完",
        "{n} {n:run goes|runs go} on under the version in which {n:it|they} began",
    ),
    "still_stopped": Said(
        "《{play}》已停用；只有修改过它的文件，这次发布才会恢复",
        "{play} is stopped, and begins again only if this version has changed its file",
    ),
    "because_money": Said("涉及金额：{about}", "It gives money: {about}"),
    "because_mandatory": Said("涉及必达通知：{about}", "It is mandatory: {about}"),
    "because_urgent": Said("可在免打扰时段发出：{about}", "It passes quiet hours: {about}"),
    "because_people": Said("受影响的客户超过 {about} 位", "It affects more than {about} people"),
    "because_rule": Said("修改了审批规则：{about}", "It changes when an approval is needed: {about}"),
    "ask_publish": Said("现在发布吗？", "Publish it now?"),
    "ask_approve": Said("同意发布吗？", "Do you agree?"),
    "not_done": Said("没有执行；确认无误请加 --yes", "Nothing was done. Add --yes to do it"),
    "approved_by": Said("已由 {who} 审批", "Approved by {who}"),
    "published": Said(
        "已发布 {pack}，版本 {hash}，发布人 {who}", "Published {pack}, version {hash}, by {who}"
    ),
    "approval_in": Said(
        "审批已写入 {file}，有效期至 {day}", "The approval is in {file} and holds until {day}"
    ),
    "key_made": Said(
        "“{name}”的密钥已登记；私钥在 {file}，请只留给本人",
        "The key of {name} is known now; its secret half is in {file}, for {name} alone",
    ),
    # pause, resume, stop, status
    "everything": Said("全部", "everything"),
    "paused_entries": Said("已暂停进入：{what}；进行中的照常执行", "No entries: {what}. What runs goes on"),
    "paused_sends": Said("已暂停发送：{what}；到期的先留着", "No sends: {what}. What is due waits"),
    "paused_already": Said("已经处于暂停：{what}", "Paused already: {what}"),
    "resumed_entries": Said("已恢复进入：{what}", "Entries again: {what}"),
    "resumed_sends": Said("已恢复发送：{what}", "Sends again: {what}"),
    "stopped": Said(
        "已停用：{what}；修改剧本文件并重新发布才会恢复",
        "Stopped: {what}. It begins again when its changed file is published",
    ),
    "stopped_already": Said("早已停用：{what}", "Stopped already: {what}"),
    "is_published": Said("已发布", "published"),
    "no_entries": Said("暂停进入", "no entries"),
    "no_sends": Said("暂停发送", "no sends"),
    "is_stopped": Said("已停用", "stopped"),
    "is_running": Said("进行中的执行记录", "open runs"),
    "is_arrived": Said("待处理的客户动态", "arrivals waiting"),
    "is_planned": Said("待发送", "to be sent"),
    "is_review": Said("待人工复核", "under review"),
    "is_unknown": Said("是否送达不明", "unknown whether sent"),
    "is_failed": Said("发送失败", "failed"),
    "is_aside": Said("待修正数据", "in quarantine"),
    "may_sign": Said("可审批", "may approve"),
    "nothing": Said("尚未发布", "nothing yet"),
    "version": Said("{pack} {hash}，{when}，{who}", "{pack} {hash}, {when}, by {who}"),
    "since": Said("{what}，自 {when}", "{what}, since {when}"),
    "since_by": Said("{what}，自 {when}，{who}", "{what}, since {when}, by {who}"),
    "figure": Said("{n}", "{n}"),
    # backup, restore
    "backup": Said("正在备份", "Backing up"),
    "restore": Said("正在恢复", "Restoring"),
    "backed_up": Said(
        "备份在 {file}：{tables} 张表，{rows} 行，版本 {version}",
        "Backup in {file}: {tables} tables, {rows} {rows:row|rows}, version {version}",
    ),
    "restored": Said(
        "已恢复 {tables} 张表，{rows} 行；{review} 条消息待人工复核，不会自行发出",
        "Restored {tables} tables, {rows} {rows:row|rows}; {review} {review:message waits|messages wait} "
        "for review, none leaves by itself",
    ),
    "of_table": Said("  {name}：{n} 行", "  {name}: {n}"),
    # quarantine
    "none_aside": Said("没有待修正数据", "Nothing is in quarantine"),
    "replay": Said("正在重放", "Replaying"),
    "aside_from": Said("{source} {place}，{when}", "{source} {place}, {when}"),
    "aside_row": Said("{number}  {source} {place}：{reason}", "{number}  {source} {place}: {reason}"),
    "aside_more": Said("另有 {n} 条，加 --all 全部列出", "{n} more: --all lists them"),
    "aside_way": Said(
        "看一条：peakend quarantine show 编号；修正：mend 编号 --data；重放：replay --all",
        "See one: peakend quarantine show NUMBER; correct it: mend NUMBER --data; try again: replay --all",
    ),
    "mended_taken": Said("{number}：已修正并收入", "{number}: mended and taken"),
    "mended_known": Said(
        "{number}：日志里已有同一条动态，没有再收一次",
        "{number}: the log holds this very event, not taken twice",
    ),
    "mended_refold": Said(
        "{number}：日志里已有这条动态，现在能读懂了；下次更新版本后计入，不再触发剧本",
        "{number}: the log holds this event and it can be read now; it counts from the next version on, "
        "and starts nothing",
    ),
    "still_aside": Said("{number}：仍待修正，{reason}", "{number}: still in quarantine. {reason}"),
    "replayed": Said(
        "重放 {n} 条：收入 {taken} 条，日志已有 {known} 条，仍待修正 {aside} 条",
        "{n} replayed: {taken} taken, {known} known to the log already, {aside} still in quarantine",
    ),
}
"""Every sentence of these commands."""
