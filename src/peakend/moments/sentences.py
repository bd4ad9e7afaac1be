"""One touchpoint in words, for somebody who knows no statistics, in both languages.

A sentence never says more than its interval allows: what may be nothing is said to be perhaps nothing.
"""

from __future__ import annotations

from typing import Any, Final

from peakend.model.found import Driver, Effect
from peakend.tell.said import Said

_MET: Final = Said(
    "“{name.zh}”：作答前有 {n:,} 次接触，{reach:.0%} 的答卷经历过它，"
    "其中消极 {bad:.0%}、神奇 {good:.0%}、说不清 {unknown:.0%}。",
    "{name.en}: {n:,} encounters before an answer; {reach:.0%} of answers met it, "
    "{bad:.0%} of these miserable, {good:.0%} magical, {unknown:.0%} unknown.",
)
_COSTS: Final = Said(
    "失分：一次消极体验失 {value:.2f} 分（{low:.2f} 到 {high:.2f}，{n:,} 份答卷）{perhaps.zh}。",
    "Penalty: a miserable encounter costs {value:.2f} points ({low:.2f} to {high:.2f}, {n:,} "
    "answers){perhaps.en}.",
)
_ADDS: Final = Said(
    "加分：一次神奇体验加 {value:.2f} 分（{low:.2f} 到 {high:.2f}，{n:,} 份答卷）{perhaps.zh}。",
    "Reward: a magical encounter adds {value:.2f} points ({low:.2f} to {high:.2f}, {n:,} "
    "answers){perhaps.en}.",
)
_PERHAPS: Final = Said("，也可能没有影响", "; it may also be nothing")
_PLACE: Final = Said(
    "按影响大小排第 {low} 到第 {high} 位（九成把握），进前三的可能性 {top:.0%}。{named.zh}",
    "By weight it stands between place {low} and {high} (90 %); the chance to be in the first three "
    "is {top:.0%}. "
    "{named.en}",
)
_NAMED: Final = (
    Said("还不能认定为服务关键时刻。", "It cannot be called a moment of truth."),
    Said("是服务关键时刻。", "It is a moment of truth."),
)
_SIDES: Final = {"penalty": (Said("失分", "Penalty"), _COSTS), "reward": (Said("加分", "Reward"), _ADDS)}
_MISSING: Final = {
    "few": Said("只有 {n} 份答卷，太少，不单独报数", "only {n} answers, too few for a figure"),
    "everybody": Said(
        "几乎人人都经历过，无从比较", "nearly everybody met it; nobody is left to compare with"
    ),
    "collinear": Said(
        "总与别的接触点同时出现，分不开", "it always comes with another touchpoint; they cannot be told apart"
    ),
}
_NEVER: Final = Said("没有这样的接触", "there were no such encounters")
_WITHOUT: Final = Said("{side.zh}：{why.zh}。", "{side.en}: {why.en}.")


def explained(driver: Driver, name: Said) -> list[Said]:
    """Reach, what a miserable encounter costs, what a magical one adds, and its place among the others."""
    reach = driver.reach or 1.0
    shares = {
        "bad": driver.miserable / reach,
        "good": driver.magical / reach,
        "unknown": driver.unknown / reach,
    }
    low, high = driver.rank
    return [
        _filled(_MET, name=name, n=driver.encounters, reach=driver.reach, **shares),
        _effect("penalty", driver.penalty),
        _effect("reward", driver.reward),
        _filled(_PLACE, low=low, high=high, top=driver.p_top3, named=_NAMED[driver.moment_of_truth]),
    ]


def _effect(side: str, effect: Effect) -> Said:
    title, sentence = _SIDES[side]
    if effect.estimate is None or effect.low is None:
        why = _filled(_MISSING.get(effect.missing, _NEVER), n=effect.n)
        return _filled(_WITHOUT, side=title, why=why)
    perhaps = Said("", "") if effect.low > 0 else _PERHAPS
    values = {"value": effect.estimate, "low": effect.low, "high": effect.high, "n": effect.n}
    return _filled(sentence, perhaps=perhaps, **values)


def _filled(said: Said, **values: Any) -> Said:
    return Said(*(text.format(**values) for text in said))
