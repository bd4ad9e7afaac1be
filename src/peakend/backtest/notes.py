"""What a backtest could not show, in words: a result that hides its limits is not honest."""

from __future__ import annotations

from peakend.backtest.spans import Task
from peakend.model.pack import Pack
from peakend.model.result import BacktestResult
from peakend.when import zone

Note = dict[str, str]
_MANY = 1000
_NAMED = 10


def notes(pack: Pack, result: BacktestResult, task: Task, shared: dict[str, list[str]]) -> list[Note]:
    """The limits of this result, in Chinese and English."""
    found = [_no_receipts()]
    if not task.contacts_known:
        found.append(
            {
                "zh": "数据里没有联系人（contact.set），「同意」「可送达」均算通过。",
                "en": "The log has no contacts (contact.set): everybody passed the gates consent and "
                "reachable.",
            }
        )
    if task.in_order:
        found.append(
            {
                "zh": "数据没有单独的到达时间，按「发生即知晓」推演；"
                "上线后动态若晚到，个别提醒可能来不及撤回。",
                "en": "The log has no arrival times, so everything counts as known when it happened; "
                "live, late news will now and then come after a message has left.",
            }
        )
    still = sum(point.begun - point.encounters for point in result.touchpoints.values())
    if still:
        found.append(
            {
                "zh": f"到数据末尾还有 {still} 次接触没有定论，不计入神奇与消极，也不算失约。",
                "en": f"{still} encounters had not settled when the log ended; they count neither as magical "
                "or miserable nor as breaches.",
            }
        )
    found += [_shared(field, values) for field, values in shared.items()]
    missing = _years_without_days(pack, result)
    if missing:
        found.append(
            {
                "zh": f"工作日历缺少这些年份的节假日数据：{missing};这些年份只按周末计算。",
                "en": f"The calendars hold no days off for {missing}: only weekends counted there.",
            }
        )
    return found


def _shared(field: str, values: list[str]) -> Note:
    number = f"{_MANY}+" if len(values) >= _MANY else str(len(values))
    more = "…" if len(values) > _NAMED else ""
    named = values[:_NAMED]
    return {
        "zh": f"{number} 个 {field} 出现在不止一位客户名下（{'、'.join(named)}{more}）；"
        "动态按客户归集，各算各的。",
        "en": f"{number} values of {field} occur with more than one customer ({', '.join(named)}{more}); "
        "the log is kept per customer, so each counts only where its own row stands.",
    }


def _no_receipts() -> Note:
    return {
        "zh": "历史数据没有渠道回执：「放行」表示会发出，不等于已送达。",
        "en": "Imported history has no receipts from channels: a send would have left, not surely arrived.",
    }


def _years_without_days(pack: Pack, result: BacktestResult) -> str:
    if result.first is None or result.last is None or not pack.head.calendars:
        return ""
    at = zone(pack.head.zone)
    years = range(at.local(result.first).year, at.local(result.last).year + 1)
    known = set.intersection(*(set(calendar.years) for calendar in pack.head.calendars.values()))
    return ", ".join(str(year) for year in years if year not in known)
