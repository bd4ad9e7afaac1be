"""Days off, quiet hours and service time: when to leave people in peace, and when a standard counts.

All of it is read on the local clock: a moment is quiet, or in service time, when that clock then shows a time
inside a half-open window. Days off are dated data; a year without data is told by `covers`, never guessed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Final

from peakend.errors import TimeError
from peakend.when.durations import DAY, MINUTE
from peakend.when.zones import EPOCH_ORDINAL, Instant, Zone, weekday_of, zone

Window = tuple[int, int]
"""From and to in minutes after midnight; to may be 1440, the end of the day."""


def spans_of_years(years: Iterable[int]) -> str:
    """Return years as people write them: 2004-2026, 2028."""
    return ", ".join(f"{low}-{high}" if high > low else str(low) for low, high in _runs(years))


@dataclass(frozen=True)
class DayCalendar:
    """Dated days of one country or house: days off, working days at a weekend, and the years it knows.

    `asked_without` gathers the years in which a day was asked about although its days off are not known, so
    that a result can say so.
    """

    off: frozenset[date] = frozenset()
    working: frozenset[date] = frozenset()
    weekend: frozenset[int] = frozenset({5, 6})
    years: frozenset[int] = frozenset()
    asked_without: set[int] = field(init=False, repr=False, compare=False, default_factory=set)
    _known: tuple[range, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_known", tuple(_days(low, high) for low, high in _runs(self.years)))
        for day in sorted(self.off & self.working):
            raise TimeError(
                f"{day} is listed both as off and as working", fix="Keep it in one of the two lists"
            )
        for day in sorted(self.off | self.working):
            if day.year not in self.years:
                raise TimeError(
                    f"{day} is listed, but {day.year} is not among the years of the calendar",
                    fix=f"Add {day.year} to its years once all days of that year are listed",
                )

    def covers(self, year: int) -> bool:
        """Tell whether the days off of `year` are known; where not, only weekends are off."""
        return year in self.years

    def ask(self, epoch_day: int) -> None:
        """Note that a day is asked about; a calendar that knows no year at all speaks of no holidays."""
        for known in self._known:
            if epoch_day in known:
                return
        if self._known:
            self.asked_without.add(date.fromordinal(epoch_day + EPOCH_ORDINAL).year)

    def is_holiday(self, day: date) -> bool:
        """Tell whether `day` is listed as off."""
        return day in self.off

    def is_off(self, day: date) -> bool:
        """Tell whether `day` is listed as off, or is a weekend day not listed as working."""
        return day in self.off or (day.weekday() in self.weekend and day not in self.working)


@dataclass(frozen=True)
class QuietHours:
    """Local hours in which customers are left in peace.

    One window for every day (it may cross midnight); windows of their own for some weekdays (Monday is 0),
    which stand in place of it and belong to the day they begin on; and the whole of each listed holiday.
    """

    from_: int | None = None
    to: int | None = None
    weekly: Mapping[int, Sequence[Window]] = field(default_factory=dict)
    holidays: DayCalendar | None = None
    _starts: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _ends: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _holidays: frozenset[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        spans = _merged(self._week())
        if spans == [(0, _WEEK)]:
            raise TimeError(
                "The quiet hours leave no hour of the week free",
                fix='Shorten them, for example "21:00" to "08:00"',
            )
        off = self.holidays.off if self.holidays else frozenset()
        object.__setattr__(self, "_starts", tuple(start for start, _ in spans))
        object.__setattr__(self, "_ends", tuple(end for _, end in spans))
        object.__setattr__(self, "_holidays", _epoch_days(off))

    def until(self, instant: Instant, zone: Zone) -> Instant | None:
        """Return None where `instant` is not quiet, else the first instant after it that is not."""
        wall = zone.wall(instant)
        end = self._end(wall)
        if end == wall:
            return None
        while end > wall:
            # At a change of offset the clock jumps, and may jump out of the quiet hours or back into them.
            release, change = instant + end - wall, zone.steady_until(instant)
            if release < change:
                return release
            instant = change
            wall = zone.wall(instant)
            end = self._end(wall)
        return instant

    def _end(self, wall: int) -> int:
        """Return the wall reading at which the quiet around `wall` ends, or `wall` where there is none."""
        while True:
            day = wall // DAY
            if self.holidays:
                self.holidays.ask(day)
            if day in self._holidays:
                wall = (day + 1) * DAY
                continue
            position = (wall + _MONDAY) % _WEEK
            place = bisect_right(self._starts, position) - 1
            if place < 0 or position >= self._ends[place]:
                return wall
            wall += self._ends[place] - position

    def _week(self) -> Iterator[Window]:
        """Yield the windows in microseconds of a week from Monday 00:00, cut at its end."""
        if (self.from_ is None) != (self.to is None):
            raise TimeError("Quiet hours need both ends", fix='Write from: "21:00" and to: "08:00"')
        daily = [] if self.from_ is None or self.to is None else [(self.from_, self.to)]
        for weekday in range(7):
            for start, end in self.weekly.get(weekday, daily):
                _check(start, end)
                first = weekday * DAY + start * MINUTE
                last = weekday * DAY + end * MINUTE + (DAY if end < start else 0)
                yield first, min(last, _WEEK)
                if last > _WEEK:
                    yield 0, last - _WEEK


@dataclass(frozen=True)
class ServiceCalendar:
    """The time in which a service works: hours per weekday (Monday is 0) on the clock of its zone.

    Listed days off are closed. A listed working day has the hours of its weekday, or, where that has none
    (a Saturday worked in exchange), those of the first weekday that has some.
    """

    zone: Zone
    weekly: Mapping[int, Sequence[Window]]
    days: DayCalendar = field(default_factory=DayCalendar)
    _always: bool = field(init=False, repr=False, compare=False)
    _off: frozenset[int] = field(init=False, repr=False, compare=False)
    _working: frozenset[int] = field(init=False, repr=False, compare=False)
    _open_days: dict[int, tuple[tuple[Instant, Instant], ...]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        hours = {
            weekday: tuple(sorted((start, end) for start, end in windows))
            for weekday, windows in self.weekly.items()
            if windows
        }
        if not hours:
            raise TimeError(
                "The service calendar has no hours", fix='Write some, for example monday: ["09:00", "18:00"]'
            )
        for windows in hours.values():
            _check_hours(windows)
        object.__setattr__(self, "weekly", hours)
        object.__setattr__(self, "_always", hours == _ALL_WEEK and not self.days.off)
        object.__setattr__(self, "_off", _epoch_days(self.days.off))
        object.__setattr__(self, "_working", _epoch_days(self.days.working))

    def advance(self, start: Instant, micros: int) -> Instant:
        """Return the instant at which `micros` of service time have passed since `start`.

        Where they are used up as the service closes, that is the closing time, not the next opening.
        """
        if micros < 0:
            raise TimeError("Service time cannot run backwards", fix="Give a duration of zero or more")
        if self._always:
            return start + micros
        day, left = start // DAY, micros
        while left:
            for opens, closes in self._open(day):
                opens = max(opens, start)
                if closes - opens >= left:
                    return opens + left
                left -= max(closes - opens, 0)
            day += 1
        return start

    def between(self, start: Instant, end: Instant) -> int:
        """Return the microseconds of service time in [start, end)."""
        if self._always:
            return max(end - start, 0)
        spans = (span for day in range(start // DAY, -(-end // DAY)) for span in self._open(day))
        return sum(max(min(closes, end) - max(opens, start), 0) for opens, closes in spans)

    def advance_days(self, start: Instant, count: int) -> Instant:
        """Return the same wall time `count` working days later; a working day is one with service time."""
        if count <= 0:
            return start
        wall = self.zone.wall(start)
        while count:
            wall += DAY
            count -= bool(self._hours(wall // DAY))
        return self.zone.from_wall(wall)

    def _hours(self, epoch_day: int) -> Sequence[Window]:
        self.days.ask(epoch_day)
        if epoch_day in self._off:
            return ()
        hours = self.weekly.get(weekday_of(epoch_day), ())
        return self.weekly[min(self.weekly)] if not hours and epoch_day in self._working else hours

    def _open(self, utc_day: int) -> tuple[tuple[Instant, Instant], ...]:
        """Return the spans of service time inside a UTC day, in order."""
        spans = self._open_days.get(utc_day)
        if spans is None:
            if len(self._open_days) > _CACHED_DAYS:
                self._open_days.clear()
            spans = self._open_days[utc_day] = tuple(self._spans(utc_day * DAY, utc_day * DAY + DAY))
        return spans

    def _spans(self, start: Instant, end: Instant) -> Iterator[tuple[Instant, Instant]]:
        while start < end:
            until = min(self.zone.steady_until(start), end)
            offset = self.zone.wall(start) - start
            for day in range((start + offset) // DAY, (until + offset - 1) // DAY + 1):
                for opens, closes in self._hours(day):
                    first = max(day * DAY + opens * MINUTE - offset, start)
                    last = min(day * DAY + closes * MINUTE - offset, until)
                    if first < last:
                        yield first, last
            start = until


_MINUTES_A_DAY: Final = 1440
_WEEK: Final = 7 * DAY
_MONDAY: Final = 3 * DAY
_ALL_WEEK: Final = {weekday: ((0, _MINUTES_A_DAY),) for weekday in range(7)}
_CACHED_DAYS: Final = 20_000


def _check(start: int, end: int) -> None:
    if not (0 <= start < _MINUTES_A_DAY and 0 <= end <= _MINUTES_A_DAY):
        raise TimeError(
            f"A window from minute {start} to minute {end} is not inside a day",
            fix='Windows go from "00:00" to "24:00"',
        )
    if start == end:
        raise TimeError(
            f"A window begins and ends at {start // 60:02}:{start % 60:02}",
            fix='Write "00:00" to "24:00" for the whole day, or leave it out',
        )


def _check_hours(windows: Sequence[Window]) -> None:
    for start, end in windows:
        _check(start, end)
        if end < start:
            raise TimeError(
                "Service hours end before they begin",
                fix='Cut them at midnight: "22:00" to "24:00", and "00:00" to "06:00" on the next weekday',
            )
    for (_, end), (start, _) in pairwise(windows):
        if start < end:
            raise TimeError("Service hours of one weekday overlap", fix="Join them into one window")


def _merged(spans: Iterable[Window]) -> list[Window]:
    merged: list[Window] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _runs(years: Iterable[int]) -> list[tuple[int, int]]:
    """The first and last of years that follow each other."""
    runs: list[tuple[int, int]] = []
    for year in sorted(years):
        if runs and runs[-1][1] == year - 1:
            runs[-1] = runs[-1][0], year
        else:
            runs.append((year, year))
    return runs


def _days(first: int, last: int) -> range:
    return range(
        date(first, 1, 1).toordinal() - EPOCH_ORDINAL, date(last, 12, 31).toordinal() - EPOCH_ORDINAL + 1
    )


def _epoch_days(days: Iterable[date]) -> frozenset[int]:
    return frozenset(day.toordinal() - EPOCH_ORDINAL for day in days)


ALWAYS: Final = ServiceCalendar(zone("UTC"), _ALL_WEEK)
"""Service time that is elapsed time."""
