"""What is asked: an outcome of the pack, made ready for the walk through the log.

An answer that does not fit its scale is refused before anything is averaged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from peakend.errors import EvidenceError, PackError, nearest
from peakend.model.pack import Outcome, Pack
from peakend.model.parts import as_list
from peakend.model.scale import ends_of
from peakend.model.vocabulary import condition_texts
from peakend.moments.collect import Question
from peakend.trigger.where import compile_condition
from peakend.when import parse_duration

DOUBTFUL: Final = ("nps", "ces")
"""Scales inside which answers on 1 to 5 would not be noticed."""


def chosen(pack: Pack, outcome: str | None) -> str:
    """The outcome of that name, or the pack's first that has a value to explain; PackError where none is."""
    known = {name: one for name, one in pack.head.outcomes.items() if one.field or one.against}
    if outcome is None:
        first = next((name for name, one in known.items() if one.scale == "nps"), next(iter(known), None))
        if first is None:
            raise PackError(
                "The pack names no outcome with a value",
                place=pack.place("pack"),
                fix="For example outcomes: {nps: {event: survey.answered, field: score, scale: nps}}",
                what_zh="模板里没有带分值的成效指标",
                fix_zh="例如 outcomes: {nps: {event: survey.answered, field: score, scale: nps}}",
            )
        return first
    if outcome not in pack.head.outcomes:
        raise _stranger(pack, f"There is no outcome '{outcome}'", f"没有成效指标“{outcome}”", outcome, known)
    if outcome not in known:
        raise PackError(
            f"The outcome '{outcome}' only tells that something happened, not what would be if it had not",
            place=pack.place("pack", "outcomes", outcome),
            fix="Name what happens instead, for example against: contract.cancelled; or give it a field "
            "with a number or yes/no, in an event that comes in both cases",
            what_zh=f"成效指标“{outcome}”只记发生了的，没发生的无从比较",
            fix_zh="请写明没发生时来的是什么动态，例如 against: contract.cancelled；"
            "或给一个数值或是否字段，两种情形都要有记录",
        )
    return outcome


def among(pack: Pack, outcome: str, wanted: Sequence[str]) -> list[str]:
    """The touchpoints to explain an outcome by: those wanted, else those the pack explains it by, else all
    that have encounters.

    PackError for one that does not exist or has none.
    """
    known = [name for name, point in pack.touchpoints.items() if point.encounter]
    if not known:
        raise _no_encounters(pack)
    wanted = wanted or pack.head.outcomes[outcome].explained_by
    for name in wanted:
        if name not in known:
            en, zh = f"There is no touchpoint '{name}' with encounters", f"没有叫“{name}”且有接触记录的接触点"
            raise _stranger(pack, en, zh, name, known)
    return [name for name in known if name in wanted] if wanted else known


def segments_of(pack: Pack, segment: str | None) -> tuple[str, ...]:
    """The attributes to compare customers by: the one that is named, else all texts of the profile.

    PackError for a name that is no attribute.
    """
    known = pack.head.customer
    if segment is None:
        return tuple(name for name, attribute in known.items() if attribute.type == "text")
    if segment.removeprefix("customer.") not in known:
        en, zh = (
            f"There is no attribute '{segment}' of customers to compare by",
            f"客户没有“{segment}”这个属性",
        )
        raise _stranger(pack, en, zh, segment, known)
    return (segment.removeprefix("customer."),)


def _no_encounters(pack: Pack) -> PackError:
    """No touchpoint has encounters; where the pack has surveys, one of them was probably meant."""
    survey = next(iter(pack.surveys), "")
    call = f"pe.find_survey(pack, log, survey='{survey}')"
    example = "encounter: {begins: incident.opened, ends: incident.resolved, key: incident_id}"
    return PackError(
        "No touchpoint of the pack says when an encounter begins and ends",
        place=pack.place("pack"),
        fix=f"For its survey: --survey {survey}, in Python {call}" if survey else f"For example {example}",
        what_zh="模板里没有一个接触点写明接触何时开始、何时结束",
        fix_zh=f"要看问卷，请加 --survey {survey}；在 Python 里用 {call}" if survey else f"例如 {example}",
    )


def _stranger(pack: Pack, what: str, what_zh: str, word: str, known: Iterable[str]) -> PackError:
    """A name that the pack does not know, with the nearest that it does, or all of them."""
    names = list(known)
    return PackError(
        what,
        place=pack.place("pack"),
        fix=nearest(word, names) or f"There are {', '.join(names) or 'none'}",
        what_zh=what_zh,
        fix_zh=f"已有：{'、'.join(names) or '无'}",
    )


def question_of(pack: Pack, outcome: str, window: str, segments: tuple[str, ...]) -> Question:
    """The outcome compiled."""
    one = pack.head.outcomes[outcome]
    path = ("pack", "outcomes", outcome, "where")
    where = next(
        (
            compile_condition(text.text, text.vocabulary, pack.place(*path))
            for text in condition_texts(pack)
            if text.path == path
        ),
        None,
    )
    return Question(
        one.event,
        one.field,
        frozenset(as_list(one.against)),
        where,
        _reading(outcome, one),
        parse_duration(window).elapsed(),
        segments,
    )


def _reading(name: str, outcome: Outcome) -> Callable[[Any], float | None]:
    """What reads an answer: a number of its scale, or yes and no as 1 and 0."""
    scale = outcome.scale or ""
    low, high = ends_of(scale) or (float("-inf"), float("inf"))

    def read(value: Any) -> float | None:
        if isinstance(value, bool):
            return float(value)
        if not isinstance(value, int | float):
            return None
        if not low <= value <= high or (scale == "nps" and value != int(value)):
            raise EvidenceError(
                f"The outcome '{name}' holds the answer {value:g}, but {scale} goes from {low:g} to {high:g}",
                fix="Correct `scale:` of the outcome, or keep other answers out with `where:`",
                what_zh=f"“{name}”里有一份答卷是 {value:g}，而 {scale} 只有 {low:g} 到 {high:g}",
                fix_zh="请改正 `scale:`，或用 `where:` 排除别的问卷",
            )
        return float(value)

    return read
