"""Add up what the fold concludes: one tally for each piece of the log, and tallies add up to the result.

Adding is exact and has no order, so any number of workers gives the same result.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

import msgspec

from peakend.fold import CustomerState, Program
from peakend.identify.sums import Sums, mean_and_error
from peakend.model.event import JOINED
from peakend.model.money import PARTS, exact
from peakend.model.outcome import (
    Encountered,
    Ended,
    Entered,
    Exposed,
    Merged,
    Output,
    Passed,
    Regretted,
    Verdict,
)
from peakend.model.parts import CLASSES
from peakend.model.result import PlayResult, StandardCount, StepResult, TouchpointResult
from peakend.when import DAY, HOUR

EPOCH_ORDINAL = date(1970, 1, 1).toordinal()

_Z95 = 1.959963984540054
_NEAR = 24 * HOUR
_CANCELS = frozenset({"cancelled", "superseded"})


class Mood(msgspec.Struct):
    """Sums over customers of their encounters (n) and the sum of their emotions (s) at one touchpoint."""

    customers: int = 0
    n: int = 0
    s: int = 0
    nn: int = 0
    ns: int = 0
    ss: int = 0

    def interval(self) -> tuple[float, float, float] | None:
        """The mean emotion with its 95 % interval, customers being the unit; None below two customers.

        Method: `identify.sums.mean_and_error`.
        """
        if self.customers < 2:
            return None
        mean, error = mean_and_error(Sums(self.customers, self.n, self.s, self.nn, self.ns, self.ss))
        return mean, max(mean - _Z95 * error, -1.0), min(mean + _Z95 * error, 1.0)


class Tally(msgspec.Struct):
    """Sums over customers; `conflicts` counts days by pair of plays, `without_days` are the years that each
    calendar was asked about although it does not know their days off."""

    plays: dict[str, PlayResult] = {}
    touchpoints: dict[str, TouchpointResult] = {}
    moods: dict[str, Mood] = {}
    conflicts: dict[str, int] = {}
    relevant: int = 0
    quarantined: int = 0
    without_days: dict[str, dict[str, None]] = {}


class Person(msgspec.Struct, gc=False):
    """What must be known of one customer until the last output: plays that reached it, on which days they
    met, encounters and their sum of emotions by touchpoint, and by its names the exposures that are proof."""

    reached: set[str] = msgspec.field(default_factory=set)
    days: dict[int, set[str]] = {}
    moods: dict[str, list[int]] = {}
    exposed: dict[str, list[tuple[str, str]]] = {}


class Counter:
    """Counts the outputs of customers into a tally; `person` is the customer at hand."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._zone = program.rules.zone
        self._steps = {
            (rule.name, step.name): step for rule in program.rules.plays.values() for step in rule.steps
        }
        self.tally = empty(program)
        self.person = Person()
        self._count = {
            Verdict: self._verdict,
            Entered: self._entered,
            Ended: self._ended,
            Passed: self._passed,
            Regretted: self._regretted,
            Exposed: self._exposed,
            Encountered: self._encountered,
            Merged: self._merged,
        }

    def add(self, outputs: Iterable[Output]) -> None:
        """Count some outputs of the customer at hand."""
        for output in outputs:
            count: Any = self._count.get(type(output))
            if count:
                count(output)

    def close(self, state: CustomerState) -> None:
        """The customer at hand is done: count people, days and moods, and what was still open."""
        for play in self.person.reached:
            self.tally.plays[play].people += 1
        for plays in self.person.days.values():
            for first in plays:
                for second in plays:
                    if first < second:
                        pair = f"{first}|{second}"
                        self.tally.conflicts[pair] = self.tally.conflicts.get(pair, 0) + 1
        for name, (n, s) in self.person.moods.items():
            mood = self.tally.moods.setdefault(name, Mood())
            mood.customers += 1
            mood.n, mood.s = mood.n + n, mood.s + s
            mood.nn, mood.ns, mood.ss = mood.nn + n * n, mood.ns + n * s, mood.ss + s * s
        for name, point in state.points.items():
            self.tally.touchpoints[name].begun += sum(len(found) for found in point.encounters.values())
        for name, years in self._program.years_without_days().items():
            self.tally.without_days[name] = dict.fromkeys(map(str, sorted(years)))
        self.person = Person()

    def _entered(self, entered: Entered) -> None:
        if entered.kind == JOINED:
            return  # it was entered under another name already
        self.tally.plays[entered.play].entries += 1

    def _passed(self, passed: Passed) -> None:
        _more(self.tally.plays[passed.play].passed, passed.reason)

    def _ended(self, ended: Ended) -> None:
        if ended.how == "carried" and ended.kind == JOINED:
            return  # it goes on under another name
        play = self.tally.plays[ended.play]
        _more(play.exits, ended.how)
        play.spared += len(ended.pending)
        play.near_misses += sum(0 <= due - ended.seen < _NEAR for _, due in ended.pending)

    def _regretted(self, regretted: Regretted) -> None:
        _more(self.tally.plays[regretted.play].regretted, regretted.source)

    def _exposed(self, exposed: Exposed) -> None:
        _more(self.tally.plays[exposed.play].exposed, exposed.arm)
        self.person.exposed.setdefault(exposed.customer, []).append((exposed.play, exposed.arm))

    def _merged(self, merged: Merged) -> None:
        for name in (merged.former, merged.customer):
            for play, arm in self.person.exposed.pop(name, ()):
                counts = self.tally.plays[play].exposed
                counts[arm] -= 1
                if not counts[arm]:
                    del counts[arm]

    def _verdict(self, verdict: Verdict) -> None:
        play = self.tally.plays[verdict.play]
        step = play.steps[verdict.step]
        if verdict.outcome == "hold":
            if not verdict.holds:
                play.hold += 1
                step.hold += 1
            else:
                play.deferred += 1
            return
        if verdict.holds:
            play.hold -= 1
            step.hold -= 1
            play.deferred += verdict.reason not in _CANCELS
        if verdict.outcome == "send":
            play.send += 1
            step.send += 1
            self._sent(verdict, play)
        else:
            _more(play.suppress, verdict.reason)
            _more(step.suppress, verdict.reason)

    def _sent(self, verdict: Verdict, play: PlayResult) -> None:
        rule = self._steps[verdict.play, verdict.step]
        wall = self._zone.wall(verdict.instant)
        day = wall // DAY
        play.by_hour[wall % DAY // HOUR] += 1
        play.by_weekday[(day + 3) % 7] += 1
        _more(play.by_day, day_of(day))
        self.person.reached.add(verdict.play)
        if not rule.colleague:
            self.person.days.setdefault(day, set()).add(verdict.play)
        if verdict.amount:
            budget = rule.budget or ""
            play.money[budget] = play.money.get(budget, 0) + exact(verdict.amount)

    def _encountered(self, encountered: Encountered) -> None:
        if not encountered.settled:
            return
        point = self.tally.touchpoints[encountered.touchpoint]
        point.begun += 1
        point.encounters += 1
        point.unfinished += encountered.unfinished
        emotion = {"magical": 1, "neutral": 0, "miserable": -1}[encountered.state]
        setattr(point, encountered.state, getattr(point, encountered.state) + 1)
        if encountered.rating is not None:
            point.ratings += 1
            point.rating_sum += encountered.rating
        for found in encountered.standards:
            standard = point.standards[found.standard]
            setattr(standard, found.result, getattr(standard, found.result) + 1)
            standard.late_proof += found.late_proof
        month = point.by_month.setdefault(day_of(self._zone.wall(encountered.begun) // DAY)[:7], [0, 0, 0])
        month[emotion + 1] += 1
        mood = self.person.moods.setdefault(encountered.touchpoint, [0, 0])
        mood[0] += 1
        mood[1] += emotion


def empty(program: Program) -> Tally:
    """A tally with every play, step, touchpoint and standard of the program at nought."""
    return Tally(
        plays={
            name: PlayResult(
                touchpoint=rule.touchpoint,
                class_=CLASSES[rule.rank],
                steps={step.name: StepResult(action=step.action) for step in rule.steps},
            )
            for name, rule in program.rules.plays.items()
        },
        touchpoints={
            name: TouchpointResult(standards={s.name: StandardCount() for s in rule.standards})
            for name, rule in program.rules.points.items()
        },
    )


def added(one: Any, other: Any) -> Any:
    """The sum of two tallies, or of any two parts of them; texts and None must agree."""
    if isinstance(one, msgspec.Struct):
        names = one.__struct_fields__
        return type(one)(**{name: added(getattr(one, name), getattr(other, name)) for name in names})
    if isinstance(one, dict):
        keys = [*one, *(key for key in other if key not in one)]
        return {
            key: added(one[key], other[key]) if key in one and key in other else one.get(key, other.get(key))
            for key in keys
        }
    if isinstance(one, list):
        return [added(a, b) for a, b in zip(one, other, strict=True)]
    if one is None or isinstance(one, str):
        return one
    return one + other


def finish(tally: Tally) -> Tally:
    """Fill in what follows from the sums: firings, months and emotions."""
    for play in tally.plays.values():
        play.by_day = dict(sorted(play.by_day.items()))
        for day, number in play.by_day.items():
            play.by_month[day[:7]] = play.by_month.get(day[:7], 0) + number
        play.money = {budget: drawn / PARTS for budget, drawn in play.money.items()}
        play.firings = play.send + play.hold + sum(play.suppress.values())
    for name, mood in tally.moods.items():
        point = tally.touchpoints[name]
        point.customers = mood.customers
        interval = mood.interval()
        if interval:
            point.emotion, point.low, point.high = interval
    return tally


@lru_cache(maxsize=4096)
def day_of(epoch_day: int) -> str:
    """A day since 1970 as 'YYYY-MM-DD'."""
    return date.fromordinal(epoch_day + EPOCH_ORDINAL).isoformat()


def _more(counts: dict[str, int], name: str) -> None:
    counts[name] = counts.get(name, 0) + 1
