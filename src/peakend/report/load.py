"""The load as a view: when all plays would have spoken, and which of them met on one customer's day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from markupsafe import Markup

from peakend.model.pack import Pack
from peakend.model.parts import CLASSES as RANKS
from peakend.model.result import BacktestResult, PlayResult
from peakend.report.chart.bars import columns, parts, rows
from peakend.report.chart.calendar import ROW, TOP, calendar, limits
from peakend.report.clock import hour_labels, month_labels, quiet_hours, week_labels, weekday_labels
from peakend.report.sentences import say
from peakend.tell.catalogue import CLASSES, WEEKDAYS
from peakend.tell.names import Names
from peakend.tell.said import Said, grouped

MOST_CONFLICTS = 20
Series = Callable[[PlayResult], Sequence[int]]
Stack = list[tuple[str, int]]


@dataclass(frozen=True)
class LoadView:
    """The load, ready for the template; `depths` says what each depth of colour of the calendar means."""

    headline: Said
    all: Said
    calendar: Sequence[Markup]
    depths: tuple[tuple[int, str], ...]
    weekdays: tuple[Said, Markup]
    legend: tuple[tuple[str, Said, int], ...]
    charts: tuple[tuple[Said, Markup, Said], ...]
    conflicts: tuple[tuple[tuple[str, Said], tuple[str, Said], int, Markup], ...]
    more_conflicts: int


def load_view(pack: Pack, result: BacktestResult, names: Names) -> LoadView | None:
    """Return the load over all plays of the result; None where nothing was sent."""
    plays = [play for play in result.plays.values() if play.by_day]
    if not plays:
        return None
    days = _days(plays)
    sent = {rank: sum(play.send for play in plays if play.class_ == rank) for rank in RANKS}
    conflicts = sorted(result.conflicts, key=lambda one: (-one.days, one.first, one.second))
    most = max((one.days for one in conflicts), default=0)
    return LoadView(
        headline=_headline(days),
        all=say("sent_by_day", plays=len(plays), n=sum(days.values())),
        calendar=calendar(days, week_labels(min(days), max(days)), weekday_labels()),
        depths=_depths(days),
        weekdays=_weekdays(plays),
        legend=tuple((rank, names.of(rank, CLASSES), n) for rank, n in sent.items() if n),
        charts=_charts(pack, plays),
        conflicts=tuple(
            (
                (one.first, names.play(one.first)),
                (one.second, names.play(one.second)),
                one.days,
                parts([("stopped", one.days), ("rest", most - one.days)], 8),
            )
            for one in conflicts[:MOST_CONFLICTS]
        ),
        more_conflicts=len(conflicts) - MOST_CONFLICTS,
    )


def _days(plays: Sequence[PlayResult]) -> dict[date, int]:
    """Return the sends of every day from the first to the last that had any, days without any included."""
    sent: Counter[date] = Counter()
    for play in plays:
        sent.update({date.fromisoformat(day): n for day, n in play.by_day.items()})
    first, last = min(sent), max(sent)
    return {day: sent[day] for day in (first + timedelta(days=n) for n in range((last - first).days + 1))}


def _headline(days: Mapping[date, int]) -> Said:
    busiest = max(days, key=lambda day: (days[day], -day.toordinal()))
    weekday = list(WEEKDAYS.values())[busiest.weekday()]
    middle = round(median(days.values()))
    return say("load_line", weekday=weekday, day=busiest.isoformat(), n=days[busiest], median=middle)


def _depths(days: Mapping[date, int]) -> tuple[tuple[int, str], ...]:
    """Return each depth of colour with the counts that have it: 0, 1–60, 61–100, …"""
    bounds = limits([count for count in days.values() if count])
    lowest = [1, *(bound + 1 for bound in bounds)]
    ranges = [
        grouped(low) if low == high else f"{grouped(low)}–{grouped(high)}"
        for low, high in zip(lowest, [*bounds, max(days.values())], strict=True)
    ]
    return tuple(enumerate(["0", *ranges]))


def _weekdays(plays: Sequence[PlayResult]) -> tuple[Said, Markup]:
    stacks = _stacks(plays, _by_weekday, 7)
    sums = [sum(n for _, n in stack) for stack in stacks]
    busiest = list(WEEKDAYS.values())[sums.index(max(sums))]
    return say("sent_by_weekday", weekday=busiest), rows(stacks, weekday_labels(), TOP, ROW)


def _charts(pack: Pack, plays: Sequence[PlayResult]) -> tuple[tuple[Said, Markup, Said], ...]:
    months = sorted({month for play in plays for month in play.by_month})

    def by_month(play: PlayResult) -> list[int]:
        return [play.by_month.get(month, 0) for month in months]

    return (
        _chart("sent_by_month", _stacks(plays, by_month, len(months)), month_labels(months)),
        _chart("sent_by_hour", _stacks(plays, _by_hour, 24), hour_labels(), quiet_hours(pack)),
    )


def _chart(
    key: str, stacks: list[Stack], labels: list[Said | None], shaded: Sequence[bool] = ()
) -> tuple[Said, Markup, Said]:
    most = max((sum(n for _, n in stack) for stack in stacks), default=0)
    return say(key), columns(stacks, labels, height=92, shaded=shaded), say("busiest", n=most)


def _stacks(plays: Sequence[PlayResult], series: Series, number: int) -> list[Stack]:
    """Return one column for each place of the series: the sends of each class, the highest at the foot."""
    of_class = {
        rank: _summed([play for play in plays if play.class_ == rank], series, number) for rank in RANKS
    }
    return [[(f"rank-{rank}", counts[place]) for rank, counts in of_class.items()] for place in range(number)]


def _by_weekday(play: PlayResult) -> list[int]:
    return play.by_weekday


def _by_hour(play: PlayResult) -> list[int]:
    return play.by_hour


def _summed(plays: Sequence[PlayResult], series: Series, number: int) -> list[int]:
    return [sum(series(play)[place] for play in plays) for place in range(number)]
