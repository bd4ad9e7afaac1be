"""What the commands of a worker, about its messages and about one person say, in both languages."""

from __future__ import annotations

from peakend.tell.said import Said

WORKING: dict[str, Said] = {
    "works": Said(
        "工作进程 {worker} 已启动：模板 {pack}，数据库 {database}，渠道 {channels}。按 Ctrl+C 停止",
        "Worker {worker} runs: pack {pack}, database {database}, channels {channels}. Ctrl+C ends it",
    ),
    "printed": Said("（未配置渠道，消息只打印在这里）", "none set up, letters are printed here"),
    "no_sender": Said(
        "文本里用到 {names}，实例配置里没有写，这几处会留空：请写进 peakend.yaml 的 sender",
        "Texts show {names}, which nothing says: they stay empty until `sender:` in peakend.yaml has them",
    ),
    "serves": Said("已启动，请打开 {address}（按 Ctrl+C 停止）", "At work: open {address} (Ctrl+C ends it)"),
    "live_through": Said("正在让试用环境过完它的一年", "Letting the trial live through its year"),
    "trial": Said(
        "试用环境已启动，请打开 {address}（按 Ctrl+C 停止；下次 {command} 会接着来）",
        "The trial is at work: open {address} (Ctrl+C ends it; {command} goes on with it next time)",
    ),
    "trial_again": Said(
        "接着使用 {folder} 里已有的试用环境；要重新开始，请加 --fresh",
        "Going on with the trial in {folder}; --fresh begins anew",
    ),
    "stopped_work": Said("已停止，手头的都已做完", "Stopped; what was begun is done"),
    "why_restored": Said(
        "数据库不是本进程上次停下时的那一个（可能恢复过备份），待发的 {n} 条消息先列为复核",
        "The database is not the one that this worker left (a restored backup?): {n} "
        "{n:message waits|messages wait} for review",
    ),
    "why_moved": Said(
        "数据库曾由另一台机器使用，待发的 {n} 条消息先列为复核",
        "The database was used on another machine: {n} {n:message waits|messages wait} for review",
    ),
    "why_overdue": Said(
        "停机期间积压较多，待发的 {n} 条消息先列为复核",
        "Much came due while nothing ran: {n} {n:message waits|messages wait} for review",
    ),
    "review_way": Said(
        "查看并放行：peakend messages list --state review，peakend messages release",
        "See and release them: peakend messages list --state review, peakend messages release",
    ),
    "no_messages": Said("没有符合条件的消息", "No messages: none is in such a state"),
    "message_row": Said(
        "{name}  {when}  {customer}  《{play}》{step}  {channel}  {state}  {receipt}",
        "{name}  {when}  {customer}  {play}, {step}  {channel}  {state}  {receipt}",
    ),
    "messages_more": Said("另有 {n} 条，加 --all 全部列出", "{n} more: --all shows them"),
    "decided": Said("已记为{state}：{name}", "{name} is now {state}"),
    "released": Said("已放行 {n} 条消息", "{n} {n:message is|messages are} released"),
    "release_many": Said("待复核的消息 {n} 条", "{n} {n:message waits|messages wait} for review"),
    "release_question": Said(
        "全部放行吗？其中可能有已经发出过的", "Release them all? Some may have been sent before"
    ),
    "no_notes": Said("没有待办", "No cards wait"),
    "note_done": Said("已办结：{name}", "{name} is done"),
    "took_in": Said(
        "收下 {taken} 条客户动态，已有 {known} 条，待修正 {aside} 条",
        "{taken} {taken:event|events} taken, {known} known already, {aside} put aside",
    ),
    "waits": Said("正在写入数据库", "Sending to the database"),
    "state_planned": Said("等待发出", "waiting"),
    "state_review": Said("待复核", "under review"),
    "state_claimed": Said("正在发出", "leaving"),
    "state_handed": Said("已交渠道", "handed over"),
    "state_accepted": Said("已接收", "accepted"),
    "state_delivered": Said("已送达", "delivered"),
    "state_failed": Said("失败", "failed"),
    "state_unknown": Said("不明", "unknown"),
    "state_withdrawn": Said("已撤回", "withdrawn"),
    "state_expired": Said("已过期", "expired"),
    "exported": Said(
        "{customer} 的资料共 {n} 条，已写入 {file}", "{n} {n:row|rows} about {customer} in {file}"
    ),
    "confirm": Said(
        "将删除数据库中 {customer} 的全部资料，无法恢复。请输入客户编号确认",
        "All that the store knows of {customer} is deleted for good. Type the customer's id to confirm",
    ),
    "erased": Said("  {table}：删除 {n} 条", "  {table}: {n} deleted"),
    "erased_all": Said(
        "{customer} 的资料已删除。为避免再次发送，仅保留地址和发送编号的加盐哈希",
        "{customer} is erased; salted hashes of addresses and send keys remain: nothing is sent again",
    ),
}
