"""The load as a view: when all plays would have spoken, and which of them met on one customer's day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from peakend.model.pack import Pack
from peakend.model.parts import CLASSES as RANKS
from peakend.model.result import BacktestResult, PlayResult
from peakend.report.chart.bars import columns, parts
from peakend.report.clock import hour_labels, month_labels, quiet_hours, weekday_labels
from peakend.report.names import Names
from peakend.report.sentences import say
from peakend.report.words import CLASSES, WEEKDAYS, Said

MOST_CONFLICTS = 20
Series = Callable[[PlayResult], Sequence[int]]
Stack = list[tuple[str, int]]


@dataclass(frozen=True)
class LoadView:
    """The load, ready for the template."""

    headline: Said
    legend: tuple[tuple[str, Said, int], ...]
    charts: tuple[tuple[Said, Markup, Said], ...]
    conflicts: tuple[tuple[tuple[str, Said], tuple[str, Said], int, Markup], ...]
    more_conflicts: int


def load_view(pack: Pack, result: BacktestResult, names: Names) -> LoadView:
    """Return the load over all plays of the result."""
    plays = [play for play in result.plays.values() if play.send]
    sent = {rank: sum(play.send for play in plays if play.class_ == rank) for rank in RANKS}
    conflicts = sorted(result.conflicts, key=lambda one: (-one.days, one.first, one.second))
    most = max((one.days for one in conflicts), default=0)
    return LoadView(
        headline=_headline(plays),
        legend=tuple((rank, names.of(rank, CLASSES), n) for rank, n in sent.items() if n),
        charts=_charts(pack, plays) if plays else (),
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


def _headline(plays: Sequence[PlayResult]) -> Said:
    total = sum(play.send for play in plays)
    if not total:
        return say("load_none")
    by_weekday = _summed(plays, _by_weekday, 7)
    by_hour = _summed(plays, _by_hour, 24)
    weekday = list(WEEKDAYS.values())[by_weekday.index(max(by_weekday))]
    return say("load_line", weekday=weekday, hour=str(by_hour.index(max(by_hour))), plays=len(plays), n=total)


def _charts(pack: Pack, plays: Sequence[PlayResult]) -> tuple[tuple[Said, Markup, Said], ...]:
    months = sorted({month for play in plays for month in play.by_month})

    def by_month(play: PlayResult) -> list[int]:
        return [play.by_month.get(month, 0) for month in months]

    return (
        _chart("sent_by_month", _stacks(plays, by_month, len(months)), month_labels(months)),
        _chart("sent_by_weekday", _stacks(plays, _by_weekday, 7), weekday_labels()),
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
