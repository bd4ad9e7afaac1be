"""Compile touchpoints: their encounters, standards and conditions become rules for the fold.

Part of `fold.program`; nothing here runs while events are folded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from peakend.errors import PackError, nearest
from peakend.model.pack import EncounterRule, Pack, Standard, Touchpoint
from peakend.model.parts import as_list
from peakend.model.vocabulary import fields_of
from peakend.trigger.rules import PointRule, StandardRule
from peakend.trigger.where import Condition
from peakend.when import ALWAYS, ServiceCalendar, parse_duration

Conditions = Mapping[tuple[str | int, ...], Condition]


def compile_point(
    pack: Pack,
    journey: str,
    name: str,
    point: Touchpoint,
    conditions: Conditions,
    calendars: Mapping[str, ServiceCalendar],
) -> PointRule:
    """The rule of one touchpoint that has encounters; PackError where a standard has no deadline."""
    path = ("journeys", journey, "touchpoints", name)
    encounter = point.encounter
    assert encounter is not None
    begins, ends, reopens = (as_list(one) for one in (encounter.begins, encounter.ends, encounter.reopens))
    miserable, magical = conditions.get((*path, "miserable")), conditions.get((*path, "magical"))
    standards = tuple(
        _standard(pack, path, index, title, standard, conditions, calendars)
        for index, (title, standard) in enumerate(point.standards.items())
    )
    asked = [miserable, magical, *_of_plays(pack, name, conditions)]
    counted = frozenset().union(*(condition.kinds for condition in asked if condition is not None))
    rating = point.rating.rpartition(".") if point.rating else None
    rule = PointRule(
        name=name,
        begins=frozenset(begins),
        ends=frozenset(ends),
        reopens=frozenset(reopens),
        updates=frozenset(as_list(encounter.updates)),
        key=encounter.key,
        keyed=frozenset(),
        where=conditions.get((*path, "encounter", "where")),
        lasts=parse_duration(encounter.lasts_at_most).elapsed(),
        settles=parse_duration(encounter.settles).elapsed(),
        standards=standards,
        marked=frozenset(ends if reopens else ()).union(*(s.to | s.pauses | s.resumes for s in standards)),
        counted=counted,
        rating=(rating[0], rating[2]) if rating else None,
        miserable=miserable,
        magical=magical,
    )
    key = encounter.key
    return replace(rule, keyed=frozenset(k for k in point_kinds(rule) if key and key in fields_of(pack, k)))


def _of_plays(pack: Pack, point: str, conditions: Conditions) -> list[Condition]:
    """The conditions of the plays of a touchpoint: they, too, ask how often a kind came."""
    plays = {name for name, play in pack.plays.items() if play.touchpoint == point}
    return [condition for path, condition in conditions.items() if path[0] == "plays" and path[1] in plays]


def _standard(
    pack: Pack,
    path: tuple[str, ...],
    index: int,
    name: str,
    standard: Standard,
    conditions: Conditions,
    calendars: Mapping[str, ServiceCalendar],
) -> StandardRule:
    place = pack.place(*path, "standards", name)
    calendar = ALWAYS if standard.calendar == "always" else calendars.get(standard.calendar)
    if calendar is None:
        raise PackError(
            f"There is no calendar '{standard.calendar}'",
            place=place,
            fix=nearest(standard.calendar, calendars) or "Write 'always' or declare it in pack.yaml",
        )
    if (standard.within is None) == (standard.by is None):
        raise PackError(
            f"The standard '{name}' needs exactly one of within and by",
            place=place,
            fix="Write within: PT4H, or by: FIELD with a date of the event from",
        )
    within = parse_duration(standard.within or "PT0S")
    by_day = bool(calendar is not ALWAYS and within.days and not within.micros)
    return StandardRule(
        index=index,
        name=name,
        from_=standard.from_,
        to=frozenset(as_list(standard.to)),
        within=0 if by_day else within.elapsed(),
        days=within.days if by_day else 0,
        by=standard.by,
        calendar=calendar,
        where=conditions.get((*path, "standards", name, "where")),
        pauses=frozenset(as_list(standard.pauses)),
        resumes=frozenset(as_list(standard.resumes)),
        taken_back=_taken_back(pack.touchpoints[path[-1]].encounter, standard),
        since=_day(standard.since),
        until=_day(standard.until),
    )


def _taken_back(encounter: EncounterRule | None, standard: Standard) -> frozenset[str]:
    """The proofs that a reopening takes back: those by an end; an agreed date that was met stays met."""
    if encounter is None or encounter.reopens is None or standard.by is not None:
        return frozenset()
    return frozenset(as_list(standard.to)) & frozenset(as_list(encounter.ends))


def _day(value: date | None) -> int | None:
    return value.toordinal() if value else None


def point_kinds(point: PointRule) -> set[str]:
    """Every kind that an encounter of this touchpoint looks at."""
    kinds = set(point.begins | point.ends | point.reopens | point.updates | point.counted)
    for standard in point.standards:
        kinds |= {standard.from_} | standard.to | standard.pauses | standard.resumes
    return kinds | ({point.rating[0]} if point.rating else set())
