"""What the commands say themselves, in both languages, and how a command is called here.

Sentences about verdicts and encounters are told elsewhere (`tell`). Nothing here may be built by joining
parts of sentences.
"""

from __future__ import annotations

import os
import re

from peakend.cli.words_people import PEOPLE
from peakend.cli.words_running import RUNNING
from peakend.cli.words_working import WORKING
from peakend.tell.said import Count, Said

LANGUAGES = ("zh", "en")

SAYS: dict[str, Said] = {
    # progress
    "read": Said("正在读取客户动态", "Reading events"),
    "simulate": Said("正在模拟一年的客户动态", "Simulating a year"),
    "backtest": Said("正在推演服务剧本", "Backtesting the plays"),
    "diff": Said(
        "正在推演两个版本，再逐人比较", "Backtesting both packs, then comparing them person by person"
    ),
    "find": Said("正在查找服务关键时刻", "Finding the moments of truth"),
    "stories": Said("正在运行情景用例", "Playing the stories"),
    "bench": Said("正在测量", "Measuring"),
    # files
    "rows": Said(
        "{rows} 行 = 采用 {used} 行 + 跳过 {skipped} 行 + 待修正 {aside} 行；得到 {events} 条客户动态",
        "{rows} {rows:row|rows} = {used} used + {skipped} skipped + {aside} quarantined; "
        "{events} {events:event|events}",
    ),
    "row_reason": Said("  待修正 {n} 条：{reason}", "  {n} in quarantine: {reason}"),
    "look_at": Said("  待修正的行见 {file}", "  Look at them in {file}"),
    "unread_some": Said(
        "没有读取，没有映射认领：{files} 等，另有 {n} 个",
        "Not read, no mapping takes them: {files} and {n} more",
    ),
    "unread": Said("没有读取，没有映射认领：{files}", "Not read, no mapping takes them: {files}"),
    "not_typed": Said(
        "另有 {n} 条动态的字段用不了，待修正，见 {file}",
        "{n} {n:event|events} with unusable fields: {n:it lies|they lie} in {file}",
    ),
    "report": Said("报告：{file}（用时 {n} 秒）", "Report: {file} ({n} s)"),
    "pictures": Said("图在 {file}", "The pictures: {file}"),
    "workspace": Said("工作区已建好：{folder}", "Your workspace: {folder}"),
    "next": Said("下一步：{command}", "Next: {command}"),
    "simulated": Said(
        "{n} 条客户动态写入 {file}，真值在 {truth}", "{n} {n:event|events} in {file}, the truth in {truth}"
    ),
    # backtest
    "backtest_title": Said("历史推演", "Backtest"),
    "no_kinds": Said(
        "另有 {n} 个剧本没有开始，数据里没有触发它们的动态：{plays}",
        "{n} {n:play|plays} never started, no event of {n:its|their} kinds in this log: {plays}",
    ),
    "no_entry": Said(
        "另有 {n} 个剧本没有开始，没有动态符合开始条件：{plays}",
        "{n} {n:play|plays} never started, no event met {n:its|their} conditions: {plays}",
    ),
    # why
    "long_story": Said(
        "共 {n} 条。只看一个剧本：--play 名称；逐条列出没有开始的动态：--all",
        "{n} lines. One play alone: --play NAME; every event that began nothing: --all",
    ),
    # preview
    "preview_sent": Said(
        "{play}：{at} 发出，下面是 {channel} 的写法", "{play}: sent at {at}, here as {channel}"
    ),
    "preview_sent_many": Said(
        "{play}：{at} 发出，{n} 件合成一条，下面是 {channel} 的写法",
        "{play}: sent at {at}, {n} in one, here as {channel}",
    ),
    "preview_example": Said(
        "示例，并未发出：到 {at} 为止没有给这位客户发过这份文本。字段取自最近的 {event}，渠道 {channel}",
        "An example, never sent: this customer had not got this text by {at}. "
        "Its fields are those of the newest {event}; channel {channel}",
    ),
    "preview_empty": Said(
        "示例，并未发出：到 {at} 为止，没有给这位客户发过这份文本，也没有可取字段的客户动态。渠道 {channel}",
        "An example, never sent: this customer had not got this text by {at}, and no event of theirs has its "
        "fields; channel {channel}",
    ),
    "preview_unknown": Said("没有取到的内容，文中留空：{names}", "Left empty, nothing is known: {names}"),
    "preview_subject": Said("主题：{text}", "Subject: {text}"),
    "preview_link": Said("链接：{text}", "Link: {text}"),
    "preview_files": Said("附件：{files}", "Attached: {files}"),
    "preview_page": Said("页面写入 {file}", "The page: {file}"),
    "preview_no_page": Said("渠道 {channel} 用短版，没有页面", "The short form for {channel} has no page"),
    # diff
    "from_to": Said(
        "从 {old} {old_hash}… 改为 {new} {new_hash}…", "From {old} {old_hash}… to {new} {new_hash}…"
    ),
    "same": Said("两个版本对每位客户的判定完全一致", "Both packs decide the same for everybody"),
    "people": Said("有变化的客户：{n} 位", "{n} {n:person|people} with any change"),
    "changed": Said(
        "  {step}：{change} {n} 次，涉及 {people} 位客户",
        "  {step}: {change}, {n} {n:step|steps} of {people} {people:person|people}",
    ),
    "earlier": Said(
        "  {step}：{change} {n} 次，通常提前 {span}，涉及 {people} 位客户",
        "  {step}: {change}, typically {span} earlier, {n} {n:step|steps} of {people} {people:person|people}",
    ),
    "later": Said(
        "  {step}：{change} {n} 次，通常推后 {span}，涉及 {people} 位客户",
        "  {step}: {change}, typically {span} later, {n} {n:step|steps} of {people} {people:person|people}",
    ),
    "because_gone": Said("    现在不发的原因：{reasons}", "    Why not any more: {reasons}"),
    "because_new": Said("    原来不发的原因：{reasons}", "    Why not before: {reasons}"),
    "because_reason": Said("    现在的原因：{reasons}", "    The reason now: {reasons}"),
    "times": Said("{why} {n} 次", "{why} ({n})"),
    "never_due": Said("没有到期", "it never came due"),
    "no_such_step": Said("剧本里没有这一步", "the play has no such step"),
    "see_one": Said("看其中一位：{command}", "See one: {command}"),
    "listed": Said("逐人清单：{file}", "Person by person: {file}"),
    "play": Said("{title}（{play}）", "{title} ({play})"),
    # check
    "notes": Said("{n} 条说明（加 --notes 显示）", "{n} {n:note|notes} (--notes shows {n:it|them})"),
    "sound": Said(
        "没有错误；{n} 个情景用例全部通过（实时与推演各跑一遍）",
        "No errors; {n} {n:story holds|stories hold}, live and as a backtest",
    ),
    "no_stories": Said("没有错误；还没有情景用例", "No errors; there are no stories yet"),
    "stories_fail": Said(
        "没有错误；{all} 个情景用例中有 {n} 个没有通过", "No errors; {n} of {all} stories {n:fails|fail}"
    ),
    **PEOPLE,
    **RUNNING,
    **WORKING,
    "unsound": Said(
        "{n} 处错误，情景用例未运行",
        "{n} {n:error|errors}; stories not played until {n:it is|they are} mended",
    ),
}
"""Every sentence of the commands; a name in braces may ask for a plural: {n:row|rows}."""


class _Figure(Count):
    """A whole number on a terminal: in groups by a comma, or the form of a word that goes with it."""

    def __format__(self, spec: str) -> str:
        return super().__format__(spec) if "|" in spec else f"{int(self):,}"


def say(key: str, language: str, **values: int | str | Said) -> str:
    """One sentence in one language with its values put in."""
    shown = {
        name: _Figure(value)
        if isinstance(value, int)
        else value.spoken(language)
        if isinstance(value, Said)
        else value
        for name, value in values.items()
    }
    return SAYS[key].spoken(language).format(**shown)


def command() -> str:
    """How this command was called: ./run of a checkout says so, else it is the installed one."""
    return os.environ.get("PEAKEND_COMMAND") or "peakend"


def as_typed(text: str) -> str:
    """The text with every call of peakend written the way the reader has called it."""
    return re.sub(r"(?<![\w./-])peakend(?= [a-z])", lambda _: command(), text)
