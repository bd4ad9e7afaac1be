"""When a step is due: counted from its entry, back from a date, or every year.

Calendar parts move the local date and keep the wall time; elapsed parts move the instant. The wall time is
resolved with the offset at the target, once per local date, and `on_day` only ever moves a due forward.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from peakend.errors import TimeError, nearest
from peakend.when.durations import DAY, MINUTE, Duration
from peakend.when.instants import parse_date
from peakend.when.zones import EPOCH_ORDINAL, Instant, Zone, weekday_of


@dataclass(frozen=True, slots=True)
class OnDay:
    """The days on which a step may be due: some weekdays (Monday is 0), or one day of the month."""

    weekdays: frozenset[int] = frozenset()
    month_day: int = 0

    def on_or_after(self, epoch_day: int) -> int:
        """Return the first such day from `epoch_day` on, both counted from 1970-01-01."""
        if not self.month_day:
            return next(day for day in range(epoch_day, epoch_day + 7) if weekday_of(day) in self.weekdays)
        today = _date(epoch_day)
        this_month = _clamped(12 * today.year + today.month - 1, self.month_day)
        if this_month >= today:
            return _epoch_day(this_month)
        return _epoch_day(_clamped(12 * today.year + today.month, self.month_day))


def parse_on_day(value: object) -> OnDay:
    """Read "monday", ["tuesday", "thursday"], or a day of the month such as 15; raise TimeError otherwise."""
    if isinstance(value, int) and not isinstance(value, bool):
        if 1 <= value <= 31:
            return OnDay(month_day=value)
        raise TimeError(
            f"{value} is not a day of the month", fix="Write a number from 1 to 31, for example 15"
        )
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, Sequence) or not names:
        raise TimeError(
            f"{value!r} names no day",
            fix='Write "monday", ["tuesday", "thursday"], or a day of the month such as 15',
        )
    return OnDay(weekdays=frozenset(parse_weekday(name) for name in names))


def parse_weekday(name: object) -> int:
    """Read "monday" to "sunday" as 0 to 6; raise TimeError otherwise."""
    if isinstance(name, str) and name in _WEEKDAYS:
        return _WEEKDAYS.index(name)
    hint = nearest(name.lower(), _WEEKDAYS) if isinstance(name, str) else ""
    raise TimeError(
        f"{name!r} is not a weekday", fix=hint or 'Write it in English and small letters: "monday"'
    )


def due_after(
    entry_at: Instant, by: Duration, zone: Zone, at: int | None = None, on_day: OnDay | None = None
) -> Instant:
    """Return when a step is due that comes `by` after the entry.

    P1D is the same wall time on the next local date, or `at` (minutes after midnight) of that date;
    an elapsed duration with `at` is the first such wall time not before it has passed.
    """
    return _due(entry_at, zone.wall(entry_at), by, 1, zone, at, on_day)


def due_before(
    field: date | str | Instant, by: Duration, zone: Zone, at: int | None = None, on_day: OnDay | None = None
) -> Instant:
    """Return when a step is due that comes `by` before a field, a local date (00:00) or an instant.

    The calendar part goes back to an earlier local date, to `at` of it if given, then the elapsed part
    is taken off; an elapsed duration with `at` is the last such wall time not after it.
    """
    if isinstance(field, int):
        return _due(field, zone.wall(field), by, -1, zone, at, on_day)
    wall = _midnight(field)
    return _due(zone.from_wall(wall), wall, by, -1, zone, at, on_day)


def due_yearly(
    anniversary: date | str,
    by: Duration,
    zone: Zone,
    at: int | None,
    after: Instant,
    on_day: OnDay | None = None,
) -> Instant:
    """Return the first due not before `after` that comes `by` before a yearly return of the date.

    The first return is one year after the date itself; 29 February returns on the 28th in other years.
    """
    first = parse_date(anniversary)
    # Moving forward to a day takes a month at most, so no due of an earlier year can be missed.
    year = max(first.year + 1, zone.local(after).year - 1)
    while True:
        due = due_before(_clamped(12 * year + first.month - 1, first.day), by, zone, at, on_day)
        if due >= after:
            return due
        year += 1


_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _due(
    instant: Instant, wall: int, by: Duration, sign: int, zone: Zone, at: int | None, on_day: OnDay | None
) -> Instant:
    if not by.calendar:
        instant += sign * by.micros
        return _forward(instant, zone, on_day) if at is None else _daily(instant, sign, zone, at, on_day)
    target = _moved(wall, sign * by.months, sign * by.days)
    if at is not None:
        target += at * MINUTE - target % DAY
    if on_day is not None and not by.micros:
        target = _forward_wall(target, on_day)
    if target != wall:
        # An unmoved entry in the second pass of a fold must not be due an hour before itself.
        instant = zone.from_wall(target)
    return _forward(instant + sign * by.micros, zone, on_day) if by.micros else instant


def _daily(instant: Instant, sign: int, zone: Zone, at: int, on_day: OnDay | None) -> Instant:
    """Return the first (sign 1) or last (-1) wall time `at` not before or not after `instant`."""
    # One date early: a gap can carry yesterday's firing over midnight.
    day = zone.wall(instant) // DAY - sign
    while sign * (zone.from_wall(day * DAY + at * MINUTE) - instant) < 0:
        day += sign
    if on_day is not None:
        day = on_day.on_or_after(day)
    return zone.from_wall(day * DAY + at * MINUTE)


def _forward(instant: Instant, zone: Zone, on_day: OnDay | None) -> Instant:
    if on_day is None:
        return instant
    wall = zone.wall(instant)
    target = _forward_wall(wall, on_day)
    return instant if target == wall else zone.from_wall(target)


def _forward_wall(wall: int, on_day: OnDay) -> int:
    day = wall // DAY
    return wall + (on_day.on_or_after(day) - day) * DAY


@lru_cache(maxsize=65_536)
def _midnight(field: date | str) -> int:
    """Return what the clock reads when a date begins; many runs ask for the same few dates."""
    return _epoch_day(parse_date(field)) * DAY


def _moved(wall: int, months: int, days: int) -> int:
    if months:
        day = wall // DAY
        today = _date(day)
        wall += (_epoch_day(_clamped(12 * today.year + today.month - 1 + months, today.day)) - day) * DAY
    return wall + days * DAY


def _clamped(month: int, day: int) -> date:
    """Return a date in `month`, counted from January of year 0, or its last day if it has no such `day`."""
    year, month0 = divmod(month, 12)
    if not 1 <= year <= 9999:
        raise TimeError(
            f"A due time falls into the year {year}",
            fix="Check the date and the duration: years go from 1 to 9999",
        )
    return date(year, month0 + 1, min(day, monthrange(year, month0 + 1)[1]))


def _date(epoch_day: int) -> date:
    try:
        return date.fromordinal(epoch_day + EPOCH_ORDINAL)
    except (ValueError, OverflowError):
        raise TimeError(
            "A due time lies outside the years 1 to 9999", fix="Check the date and the duration"
        ) from None


def _epoch_day(day: date) -> int:
    return day.toordinal() - EPOCH_ORDINAL
