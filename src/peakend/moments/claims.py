"""What an answer may claim, in words: which guards against a wrong answer were at work, and which were not.

A reader who knows no statistics must be able to tell a strong answer from a weak one by these sentences.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from peakend.model.found import Protection
from peakend.tell.said import Said

ENOUGH: Final = 0.5
"""From this share of states on that rest on facts, an answer counts as one from facts."""


class Guards(NamedTuple):
    """What stands between the figures and a wrong answer.

    `repeaters` is the share of answers by customers with several, `facts` that of the known states in which
    no rating had a part; `segment` names what kinds of customers were told apart by, '' for nothing.
    """

    within: bool
    repeaters: float
    segment: str
    leniency: bool
    facts: float


_SAID: Final[dict[str, tuple[Said, Said]]] = {
    "within_customer": (
        Said(
            "{repeaters:.0%} 的答卷来自答过不止一次的客户，所以只拿客户和他自己比，"
            "天生爱打高分或低分的人不会带偏结果。",
            "{repeaters:.0%} of the answers come from customers who answered more than once, so each "
            "is compared with "
            "himself; people who always score high or low cannot distort the result.",
        ),
        Said(
            "只有 {repeaters:.0%} 的答卷来自答过不止一次的客户，做不到拿客户和他自己比。",
            "Only {repeaters:.0%} of the answers come from customers who answered more than once, "
            "too few to compare "
            "customers with themselves.",
        ),
    ),
    "states_from_facts": (
        Said(
            "{facts:.0%} 的接触是按事实（时限、重开、投诉）判定好坏的，不靠客户当时的打分。",
            "{facts:.0%} of the encounters were judged by facts (deadlines, reopenings, complaints), "
            "not by ratings.",
        ),
        Said(
            "只有 {facts:.0%} 的接触是按事实判定的，其余靠客户打分：心情差的人处处打低分，"
            "接触点会显得比实际更要紧。",
            "Only {facts:.0%} of the encounters were judged by facts, the rest by ratings: somebody "
            "in a bad mood rates "
            "everything low, which makes touchpoints look weightier than they are.",
        ),
    ),
    "leniency": (
        Said(
            "已扣除客户在其他答卷里打分偏高或偏低的习惯。",
            "How harshly or kindly a customer rates elsewhere has been allowed for.",
        ),
        Said(
            "看不出客户打分偏高还是偏低的习惯，没有扣除。",
            "Nothing tells harsh customers from kind ones, so this could not be allowed for.",
        ),
    ),
    "segments": (
        Said(
            "已按“{segment}”分开看，不同类客户底分的差异不会算到接触点头上。",
            "Customers were compared within their '{segment}', so that differences between kinds of "
            "customers are not "
            "charged to touchpoints.",
        ),
        Said(
            "没有可用的客户分类，不同类客户的差异可能被算到接触点头上。",
            "No kinds of customers were known, so differences between them may be charged to touchpoints.",
        ),
    ),
    "claim": (
        Said(
            "可以说：把这个接触点做好，分数多半会跟着变。要坐实，请用一次留有空白对照的剧本来验证。",
            "It may be said that improving a touchpoint would probably move the score. A play with a "
            "holdout proves it.",
        ),
        Said(
            "只能说：经历过它的客户打分不同。也可能是客户本来就不一样，还不能当作原因。",
            "It may only be said that customers who met it score differently. They may have been "
            "different before: "
            "this is no cause yet.",
        ),
    ),
}
"""For each guard what is said when it was at work, and when it was not."""


def claims(guards: Guards, *, named: bool) -> tuple[Protection, ...]:
    """The guards of an answer, in the order of their weight, and last what may be claimed of the moments of
    truth that were `named`; of none nothing is."""
    facts = guards.facts >= ENOUGH
    at_work = {"within_customer": guards.within, "states_from_facts": facts}
    if not guards.within:
        at_work |= {"leniency": guards.leniency, "segments": bool(guards.segment)}
    if named:
        at_work["claim"] = guards.within and facts
    return tuple(_protection(name, available, guards) for name, available in at_work.items())


def _protection(name: str, available: bool, guards: Guards) -> Protection:
    said = _SAID[name][0 if available else 1]
    zh, en = (text.format(**guards._asdict()) for text in said)
    return Protection(name=name, available=available, zh=zh, en=en)
