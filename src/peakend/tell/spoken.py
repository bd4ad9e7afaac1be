"""Due times and triggers as a colleague would say them, in both languages.

A pack writes `before: expires_on, by: P30D`; a screen says '到期日前 30 天 10:00'. Whatever cannot be said
better is shown as the author wrote it. Nothing here decides when something is due; `when` does.
"""

from __future__ import annotations

from peakend.errors import TimeError
from peakend.model.pack import Channels, Due, Play, Repeat, Step
from peakend.model.parts import as_list
from peakend.tell.catalogue import CHANNELS, ROLES, WEEKDAYS
from peakend.tell.names import Names
from peakend.tell.said import Said, Value, fill
from peakend.tell.spans import duration
from peakend.when import parse_duration

DUE: dict[str, Said] = {
    "at_once": Said("立即", "At once"),
    "after": Said("开始后 {span}", "{span} after the start"),
    "after_at": Said("开始后 {span}，{clock}", "{span} after the start, {clock}"),
    "same_day": Said("当天 {clock}", "The same day, {clock}"),
    "next_clock": Said("开始满 {span} 后的下一个 {clock}", "The next {clock}, {span} after the start"),
    "on": Said("到{field}那一刻", "At {field}"),
    "on_at": Said("{field}当天 {clock}", "On {field}, {clock}"),
    "before": Said("{field}前 {span}", "{span} before {field}"),
    "before_at": Said("{field}前 {span}，{clock}", "{span} before {field}, {clock}"),
    "breach": Said("标准「{field}」到时限时", "When standard “{field}” runs out"),
    "before_breach": Said("标准「{field}」到时限前 {span}", "{span} before standard “{field}” runs out"),
    "yearly": Said("每年{field}当天", "Every year on {field}"),
    "yearly_at": Said("每年{field}当天 {clock}", "Every year on {field}, {clock}"),
    "yearly_before": Said("每年{field}前 {span}", "Every year, {span} before {field}"),
    "yearly_before_at": Said("每年{field}前 {span}，{clock}", "Every year, {span} before {field}, {clock}"),
    "on_day": Said("{due}，顺延到{days}", "{due}, moved on to {days}"),
    "repeat": Said("{due}，此后每 {span} 一次", "{due}, then every {span}"),
    "repeat_until": Said("{due}，此后每 {span} 一次，直到 {until}", "{due}, then every {span} until {until}"),
}

WHO: dict[str, Said] = {
    "customer": Said("给客户", "To the customer"),
    "role": Said("给{role}", "To {role}"),
    "role_else": Said("给{role}，没有时给{other}", "To {role}, else {other}"),
    "colleague": Said("给同事", "To a colleague"),
    "first": Said("{who}，依次试{channels}，送到为止", "{who}, by the first that reaches: {channels}"),
    "all": Said("{who}，同时走{channels}", "{who}, by all of {channels}"),
    "only": Said("{who}，走{channels}", "{who}, by {channels}"),
}


def due(step: Step, touchpoint: str, names: Names) -> Said:
    """Return when a step of a play at `touchpoint` is due, the day it moves on to, and its repetitions."""
    said = _due(step.due, touchpoint, names)
    if step.on_day is not None:
        days = step.on_day if isinstance(step.on_day, list) else [str(step.on_day)]
        moved = Said(*(", ".join(_day(day, names)[place] for day in days) for place in (0, 1)))
        said = fill(DUE["on_day"], due=said, days=moved)
    return _repeated(said, step.repeat, names) if step.repeat else said


def audience(step: Step, play: Play, names: Names) -> Said:
    """Return to whom a step goes, and through which channels."""
    if step.action in ("card", "task"):
        return fill(WHO["role"], role=names.of(step.role, ROLES)) if step.role else WHO["colleague"]
    who = WHO["customer"]
    if play.to and play.to.else_:
        others = {"role": names.of(play.to.role, ROLES), "other": names.of(play.to.else_, ROLES)}
        who = fill(WHO["role_else"], **others)
    elif play.to:
        who = fill(WHO["role"], role=names.of(play.to.role, ROLES))
    if step.through is None:
        return who
    everywhere = isinstance(step.through, Channels)
    channels = step.through.all if isinstance(step.through, Channels) else step.through
    way = "only" if len(channels) == 1 else "all" if everywhere else "first"
    return fill(WHO[way], who=who, channels=names.all(channels, CHANNELS))


def _due(due: Due, touchpoint: str, names: Names) -> Said:
    words: dict[str, Value] = {"span": duration(due.after or due.by or "PT0S"), "clock": due.at or ""}
    nothing = not any(_length(due.after or due.by))
    clock = "_at" if due.at else ""
    if due.after is not None:
        return fill(DUE[_after(due)], **words)
    if due.before is not None:
        words["field"] = names.field(due.before)
        return fill(DUE[("on" if nothing else "before") + clock], **words)
    if due.before_breach_of is not None:
        words["field"] = names.standard(due.before_breach_of, touchpoint)
        return fill(DUE["breach" if nothing else "before_breach"], **words)
    words["field"] = names.field(due.yearly or "")
    return fill(DUE[("yearly" if nothing else "yearly_before") + clock], **words)


def _after(due: Due) -> str:
    months, days, micros = _length(due.after)
    if not (months or days or micros):
        return "same_day" if due.at else "at_once"
    if not due.at:
        return "after"
    return "after_at" if months or days else "next_clock"


def _length(text: str | None) -> tuple[int, int, int]:
    try:
        span = parse_duration(text or "PT0S")
    except TimeError:
        return 0, 0, 1
    return span.months, span.days, span.micros


def _day(day: str, names: Names) -> Said:
    return names.of(day, WEEKDAYS) if day in WEEKDAYS else names.calendar(day)


def _repeated(said: Said, repeat: Repeat, names: Names) -> Said:
    words: dict[str, Value] = {"due": said, "span": duration(repeat.every)}
    if not repeat.until:
        return fill(DUE["repeat"], **words)
    return fill(DUE["repeat_until"], until=names.all(as_list(repeat.until)), **words)
