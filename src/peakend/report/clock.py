"""Labels of the charts along a calendar: months, weekdays, hours, and which hours are quiet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from peakend.model.pack import Pack
from peakend.tell.catalogue import WEEKDAYS
from peakend.tell.said import Said
from peakend.when import parse_time_of_day


def month_labels(months: Iterable[str]) -> list[Said | None]:
    """Return a label for every month 'YYYY-MM', or for every second, third … where they are many."""
    ordered = sorted(months)
    every = max(1, -(-len(ordered) // 6))
    written = _month if len(ordered) <= 13 else _month_of_year
    return [written(month) if place % every == 0 else None for place, month in enumerate(ordered)]


def week_labels(first: date, last: date) -> dict[date, Said]:
    """Return what stands above weeks, by their Mondays: each month where it begins, January by its year."""
    starts = [first] + [
        date(month // 12, month % 12 + 1, 1)
        for month in range(first.year * 12 + first.month, last.year * 12 + last.month)
    ]
    if len(starts) > 1 and (starts[1] - first).days < NARROWEST:
        del starts[0]
    return {start - timedelta(days=start.weekday()): _week(start, start == starts[0]) for start in starts}


def weekday_labels() -> list[Said]:
    """Return the weekdays from Monday, in Chinese by their last character."""
    return [Said(day.zh[-1], day.en[:2]) for day in WEEKDAYS.values()]


def hour_labels() -> list[Said | None]:
    """Return the hours 0 to 23, every sixth by name."""
    return [Said(str(hour), str(hour)) if hour % 6 == 0 else None for hour in range(24)]


def quiet_hours(pack: Pack) -> list[bool]:
    """Return for each hour of the day whether it lies in the pack's quiet hours as a whole."""
    quiet = pack.head.policy.quiet_hours
    if quiet is None:
        return [False] * 24
    start, end = parse_time_of_day(quiet.from_), parse_time_of_day(quiet.to, end=True)
    return [_inside(hour * 60, start, end) and _inside(hour * 60 + 59, start, end) for hour in range(24)]


def _inside(minute: int, start: int, end: int) -> bool:
    return start <= minute < end if start < end else minute >= start or minute < end


def _month(month: str) -> Said:
    return Said(f"{int(month[5:7])}月", MONTHS[int(month[5:7]) - 1])


def _week(day: date, first: bool) -> Said:
    if day.month == 1:
        return Said(f"{day.year}年", str(day.year))
    return (
        Said(f"{day.year}年{day.month}月", f"{MONTHS[day.month - 1]} {day.year}")
        if first
        else _month(str(day))
    )


def _month_of_year(month: str) -> Said:
    return Said(month, month)


NARROWEST = 35
"""Days that a month with its year needs above a calendar."""
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
