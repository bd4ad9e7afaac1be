"""What a backtest could not show, in words: a result that hides its limits is not honest."""

from __future__ import annotations

from peakend.backtest.spans import Task
from peakend.errors import SourceError
from peakend.model.event import ANNOUNCED, DERIVED, OF_THE_LOOP
from peakend.model.pack import Pack
from peakend.model.parts import as_list
from peakend.model.result import BacktestResult
from peakend.model.vocabulary import declared_kinds
from peakend.tell.teller import Teller

Note = dict[str, str]
_MANY = 1000
_NAMED = 10
_FEW = 5


def notes(
    pack: Pack,
    result: BacktestResult,
    task: Task,
    shared: dict[str, list[str]],
    without_days: dict[str, list[int]],
) -> list[Note]:
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
    strange = _mostly_unknown(pack, result)
    if strange:
        found.insert(0, strange)
    teller = Teller(pack)
    found += [teller.without_days(name, years)._asdict() for name, years in sorted(without_days.items())]
    return found


def nothing_in_common(pack: Pack, result: BacktestResult) -> SourceError | None:
    """What to say where no event of the log begins a play or an encounter, so that all figures are zero."""
    begins = [kinds for play in pack.plays.values() for kinds in as_list(play.on) if kinds not in DERIVED]
    for point in pack.touchpoints.values():
        begins += as_list(point.encounter.begins) if point.encounter else []
    if not begins or not result.kinds or any(kind in result.kinds for kind in begins):
        return None
    has = sorted(result.kinds, key=lambda kind: -result.kinds[kind])
    wants = list(dict.fromkeys(begins))
    return SourceError(
        f"No event of this log begins any play or encounter of the pack '{pack.head.pack}'",
        fix=f"The log holds {_some(has, ', ')}; the pack begins with {_some(wants, ', ')}. "
        "Take the pack that this log belongs to, or write a mapping that makes these events",
        what_zh=f"这份数据里没有一条动态能触发模板“{pack.head.pack}”的剧本或接触",
        fix_zh=f"数据里有 {_some(has, '、')}；模板要的是 {_some(wants, '、')}。"
        "请换用对应的模板，或写映射得到这些动态",
    )


def _mostly_unknown(pack: Pack, result: BacktestResult) -> Note | None:
    """The note that the pack does not know most of the log, if that is so."""
    known = {*declared_kinds(pack), *ANNOUNCED, *OF_THE_LOOP}
    strange = {kind: n for kind, n in result.kinds.items() if kind not in known}
    number = sum(strange.values())
    if 2 * number <= result.events:
        return None
    kinds = sorted(strange, key=lambda kind: -strange[kind])
    return {
        "zh": f"数据里 {result.events:,} 条动态中有 {number:,} 条是模板没有声明的种类，不起作用："
        f"{_some(kinds, '、')}。",
        "en": f"{number:,} of the log's {result.events:,} events are of kinds that the pack does not "
        f"declare; they have no effect: {_some(kinds, ', ')}.",
    }


def _some(kinds: list[str], between: str) -> str:
    return between.join(kinds[:_FEW]) + (" …" if len(kinds) > _FEW else "")


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
