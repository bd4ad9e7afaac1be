"""Compile a pack into the program that the fold runs: every word looked up, every kind with its handlers.

A program is immutable and serves all customers. It is the same for live and for the past: there is no
switch here for either. A pack that does not compile raises PackError or ConditionError with file and line.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from peakend.fold.calendars import day_calendars, quiet_calendar, service_calendar
from peakend.fold.plays import compile_play, play_kinds, play_part, share
from peakend.fold.points import compile_point, point_kinds
from peakend.govern import CARE, TOTAL, Budgets, Cap
from peakend.model.event import BUILT_IN
from peakend.model.money import Answer
from peakend.model.pack import Pack
from peakend.model.parts import CLASSES, as_list
from peakend.model.vocabulary import condition_texts
from peakend.trigger.pauses import Pauses
from peakend.trigger.rules import FactRule, Part, PointRule, Rulebook
from peakend.trigger.where import Condition, clauses_of, compile_condition
from peakend.when import DAY, DayCalendar, QuietHours, parse_duration, parse_time_of_day, zone


@dataclass(frozen=True, slots=True)
class Handlers:
    """All that one kind of event touches, in the order in which the fold does it."""

    attributes: tuple[tuple[str, str], ...]
    facts: tuple[FactRule, ...]
    points: tuple[PointRule, ...]
    plays: tuple[Part, ...]
    built_in: bool


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled pack. `kinds` holds only the kinds that matter; all others pass without effect."""

    pack: str
    hash: str
    rules: Rulebook
    kinds: Mapping[str, Handlers]
    moment: Condition | None
    quiet: QuietHours | None
    quiet_days: QuietHours | None
    caps: tuple[Cap, ...]
    longest_cap: int
    budgets: Mapping[str, float]
    budget_periods: Mapping[str, str]
    holdout: float
    contacts_known: bool
    contents: bool
    days: Mapping[str, DayCalendar]

    def quiet_for(self, rank: int) -> QuietHours | None:
        """The quiet hours of a class: nights bind all, holidays only care, ask and marketing."""
        return self.quiet_days if rank >= CARE else self.quiet

    def years_without_days(self) -> dict[str, set[int]]:
        """The years that calendars were asked about so far although they do not know their days off."""
        return {name: set(days.asked_without) for name, days in self.days.items() if days.asked_without}

    def told(self, *, contacts_known: bool, in_order: bool) -> Program:
        """The same program, told what its log cannot show (see `compile_program`)."""
        rules = replace(self.rules, in_order=in_order)
        return replace(self, rules=rules, contacts_known=contacts_known)

    def paused(self, pauses: Pauses) -> Program:
        """The same program, told when which plays let nobody in."""
        return (
            self if pauses == self.rules.pauses else replace(self, rules=replace(self.rules, pauses=pauses))
        )

    def new_budgets(
        self, *, unlimited: bool = False, answers: Mapping[tuple[str, int], Answer] | None = None
    ) -> Budgets:
        """Fresh budgets, as the pack sets them or without any limit; `answers` were recorded live."""
        limits = {name: math.inf if unlimited else limit for name, limit in self.budgets.items()}
        return Budgets(limits, self.period, answers)

    def period(self, budget: str, instant: int) -> str:
        """The day, month or year of an instant in the pack's zone."""
        size = {"day": 10, "month": 7, "year": 4}[self.budget_periods[budget]]
        return self.rules.zone.local(instant).date().isoformat()[:size]


def compile_program(
    pack: Pack,
    *,
    contacts_known: bool = True,
    in_order: bool = False,
    explain: bool = False,
    clauses: bool = False,
    contents: bool = False,
) -> Program:
    """Compile a pack.

    `contacts_known` is False for a log without any `contact.set`: the gates consent and reachable pass.
    `in_order` promises that every input has seen = at, which spares the memory for what comes late.
    `explain` makes the fold also report entries whose condition was false, and `clauses` which clauses of it
    did not hold, with what they read; `contents` makes it also gather
    what the words of each send may speak of, for which it keeps all facts of the pack.
    """
    conditions = {
        text.path: compile_condition(text.text, text.vocabulary, pack.place(*text.path))
        for text in condition_texts(pack)
    }
    policy = pack.head.policy
    days = day_calendars(pack)
    calendars = {name: service_calendar(pack, name, days[name]) for name in pack.head.calendars}
    points = {
        name: compile_point(pack, journey, name, point, conditions, calendars)
        for journey, file in pack.journeys.items()
        for name, point in file.touchpoints.items()
        if point.encounter
    }
    plays = {name: compile_play(pack, pack.plays[name], conditions) for name in sorted(pack.plays)}
    used = {name for condition in conditions.values() for name in condition.facts}
    facts = {
        name: FactRule(
            name,
            fact.take,
            fact.field,
            conditions.get(("facts", name, "where")),
            parse_duration(fact.within).elapsed() if fact.within else 0,
        )
        for name, fact in pack.facts.items()
        if contents or name in used
    }
    rules = Rulebook(
        zone=zone(pack.head.zone),
        zone_attribute=next((n for n, a in pack.head.customer.items() if a.type == "zone"), None),
        attributes={name: attribute.else_ for name, attribute in pack.head.customer.items()},
        facts=facts,
        points=points,
        plays=plays,
        grace={source: parse_duration(span).elapsed() for source, span in pack.head.grace.items()},
        max_age=parse_duration(policy.max_age).elapsed(),
        in_order=in_order,
        explain=explain,
        clauses=_clauses(pack) if clauses else {},
        unreached_plays=tuple(play for play in plays.values() if play.unreached),
        breach_plays={
            name: tuple(p for p in plays.values() if p.touchpoint == name and p.breach_steps)
            for name in points
        },
    )
    caps = tuple(_cap(cap.class_, cap.at_most, cap.within) for cap in policy.caps)
    return Program(
        pack=pack.head.pack,
        hash=pack.hash,
        rules=rules,
        kinds=_kinds(pack, rules),
        moment=conditions.get(("pack", "policy", "moment")),
        quiet=_quiet(pack, None),
        quiet_days=_quiet(pack, days.get(quiet_calendar(pack))),
        caps=caps,
        longest_cap=max((cap.window or 2 * DAY for cap in caps), default=0),
        budgets={name: budget.at_most for name, budget in policy.budgets.items()},
        budget_periods={name: budget.per for name, budget in policy.budgets.items()},
        holdout=share(policy.holdout),
        contacts_known=contacts_known,
        contents=contents,
        days=days,
    )


def _kinds(pack: Pack, rules: Rulebook) -> dict[str, Handlers]:
    attributes: dict[str, list[tuple[str, str]]] = {}
    for name, attribute in pack.head.customer.items():
        kind, _, field = attribute.from_.rpartition(".")
        attributes.setdefault(kind, []).append((name, field))
    facts: dict[str, list[FactRule]] = {}
    for name, rule in rules.facts.items():
        for kind in as_list(pack.facts[name].of):
            facts.setdefault(kind, []).append(rule)
    points: dict[str, list[PointRule]] = {}
    for point in rules.points.values():
        for kind in point_kinds(point):
            points.setdefault(kind, []).append(point)
    plays: dict[str, list[Part]] = {}
    for play in rules.plays.values():
        for kind in play_kinds(play):
            plays.setdefault(kind, []).append(play_part(play, kind))
    effective = set(BUILT_IN) - {"customer.updated", "customer.identified", "customer.merged"}
    effective -= {"relation.set", "relation.ended", "message.replied", "card.done", "opportunity.spotted"}
    return {
        kind: Handlers(
            tuple(attributes.get(kind, ())),
            tuple(facts.get(kind, ())),
            tuple(points.get(kind, ())),
            tuple(plays.get(kind, ())),
            kind in effective,
        )
        for kind in sorted({*attributes, *facts, *points, *plays, *effective})
    }


def _quiet(pack: Pack, days: DayCalendar | None) -> QuietHours | None:
    hours = pack.head.policy.quiet_hours
    if hours is None:
        return None
    return QuietHours(parse_time_of_day(hours.from_), parse_time_of_day(hours.to, end=True), holidays=days)


def _clauses(pack: Pack) -> dict[str, tuple[Condition, ...]]:
    """The conditions of entries, by play, taken apart at their `and`."""
    return {
        str(text.path[1]): tuple(compile_condition(one, text.vocabulary) for one in clauses_of(text.text))
        for text in condition_texts(pack)
        if text.path[0] == "plays" and text.path[2:] == ("where",)
    }


def _cap(class_: str, at_most: int, within: str) -> Cap:
    rank = TOTAL if class_ == "total" else CLASSES.index(class_)
    return Cap(rank, at_most, 0 if within == "day" else parse_duration(within).elapsed())
