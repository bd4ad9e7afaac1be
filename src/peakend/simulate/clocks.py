"""Time for many at once: local clocks, service time, and the rhythm of the day, the week and the year.

`when` answers for one instant; here its answers are laid out as tables once, and a million instants are
looked up in them. No rule of time is written a second time.
"""

from __future__ import annotations

from datetime import date
from functools import cached_property

import numpy as np

from peakend.fold.calendars import day_calendar, service_calendar
from peakend.model.pack import Pack
from peakend.simulate.columns import Floats, Ints
from peakend.simulate.world import Rhythm
from peakend.when import DAY, HOUR, MINUTE, ServiceCalendar, Zone, parse_duration, zone

EPOCH = date(1970, 1, 1).toordinal()
_MARGIN = 150 * DAY


class Clocks:
    """All clocks of one simulated period [begin, end), in microseconds UTC, with room on both sides."""

    def __init__(self, pack: Pack, begin: int, end: int, zones: tuple[str, ...]) -> None:
        self._pack = pack
        self.begin, self.end = begin, end
        self._low, self._high = begin - _MARGIN, end + _MARGIN
        self._zones = {name: _LocalTime(zone(name), self._low, self._high) for name in zones}
        self._names = zones
        self.home = zones.index(pack.head.zone)
        self._service: dict[str, _ServiceTime] = {}
        self._chances: dict[str, tuple[Floats, int]] = {}

    def wall(self, instants: Ints, zones: Ints) -> Ints:
        """What the local clocks show; `zones` are places in the tuple of zones."""
        return self._by_zone(instants, zones, to_wall=True)

    def instant(self, walls: Ints, zones: Ints) -> Ints:
        """When the local clocks show that."""
        return self._by_zone(walls, zones, to_wall=False)

    def advance(self, calendar: str | None, starts: Ints, spans: Ints) -> Ints:
        """The instants at which `spans` of service time have passed; without a calendar of elapsed time."""
        if calendar is None:
            return starts + spans
        if calendar not in self._service:
            found = service_calendar(self._pack, calendar)
            self._service[calendar] = _ServiceTime(found, self._low, self._high)
        return self._service[calendar].advance(starts, spans)

    def moments(self, rhythm: Rhythm | None, name: str, chances: Floats) -> Ints:
        """Local clock readings of the period, for numbers in [0, 1), as likely as the rhythm says."""
        if rhythm is None:
            first = zone(self._pack.head.zone).wall(self.begin)
            return first + (chances * (self.end - self.begin)).astype(np.int64)
        if name not in self._chances:
            self._chances[name] = self._likelihood(rhythm)
        summed, first = self._chances[name]
        scaled = chances * summed[-1]
        hour = np.searchsorted(summed, scaled, side="right")
        before = np.where(hour > 0, summed[hour - 1], 0.0)
        within = (scaled - before) / (summed[hour] - before)
        return np.asarray(first + hour * HOUR + (within * HOUR).astype(np.int64), np.int64)

    def _likelihood(self, rhythm: Rhythm) -> tuple[Floats, int]:
        home = zone(self._pack.head.zone)
        first = home.wall(self.begin) // HOUR * HOUR
        walls = np.arange(first, home.wall(self.end), HOUR, dtype=np.int64)
        days = walls // DAY
        dates = days.astype("datetime64[D]")
        months = dates.astype("datetime64[M]").astype(np.int64) % 12
        weights = np.array(rhythm.hours)[walls // HOUR % 24] * np.array(rhythm.months)[months]
        weights = weights * np.array(rhythm.weekdays)[(days + 3) % 7]
        if rhythm.calendar:
            known = day_calendar(self._pack, rhythm.calendar)
            off = np.array([day.toordinal() - EPOCH for day in known.off], np.int64)
            working = np.array([day.toordinal() - EPOCH for day in known.working], np.int64)
            usual = np.array(rhythm.hours)[walls // HOUR % 24] * np.array(rhythm.months)[months]
            weights = np.where(np.isin(days, off), usual * rhythm.holidays, weights)
            weights = np.where(np.isin(days, working), usual * rhythm.weekdays[0], weights)
        return np.cumsum(weights), first

    def _by_zone(self, values: Ints, zones: Ints, *, to_wall: bool) -> Ints:
        if len(self._names) == 1:
            return self._zones[self._names[0]].shift(values, to_wall=to_wall)
        result = np.empty_like(values)
        for place, name in enumerate(self._names):
            here = zones == place
            if here.any():
                result[here] = self._zones[name].shift(values[here], to_wall=to_wall)
        return result


class _LocalTime:
    """The offsets of one zone over the period."""

    def __init__(self, clock: Zone, low: int, high: int) -> None:
        starts, offsets = [low], [clock.wall(low) - low]
        at = clock.steady_until(low)
        while at < high:
            starts.append(at)
            offsets.append(clock.wall(at) - at)
            at = clock.steady_until(at)
        self._starts, self._offsets = np.array(starts, np.int64), np.array(offsets, np.int64)

    def shift(self, values: Ints, *, to_wall: bool) -> Ints:
        if len(self._starts) == 1:
            return values + int(self._offsets[0] if to_wall else -self._offsets[0])
        starts = self._starts if to_wall else self._starts + self._offsets
        place = np.maximum(np.searchsorted(starts, values, side="right") - 1, 0)
        return np.asarray(values + (self._offsets[place] if to_wall else -self._offsets[place]), np.int64)


class _ServiceTime:
    """The spans of service time of the period, and how much of it lies before each."""

    def __init__(self, calendar: ServiceCalendar, low: int, high: int) -> None:
        opens, closes = [], []
        at = low
        while at < high:
            opening = calendar.advance(at, 1) - 1
            closing = opening + _steady(calendar, opening)
            opens.append(opening)
            closes.append(closing)
            at = closing
        self._opens, self._closes = np.array(opens, np.int64), np.array(closes, np.int64)

    @cached_property
    def _before(self) -> Ints:
        return np.concatenate([[0], np.cumsum(self._closes - self._opens)])

    def advance(self, starts: Ints, spans: Ints) -> Ints:
        place = np.maximum(np.searchsorted(self._opens, starts, side="right") - 1, 0)
        done = np.clip(starts, self._opens[place], self._closes[place]) - self._opens[place]
        wanted = self._before[place] + done + spans
        found = np.searchsorted(self._before, wanted, side="left") - 1
        found = np.clip(found, 0, len(self._opens) - 1)
        return np.asarray(np.maximum(self._opens[found] + wanted - self._before[found], starts), np.int64)


def _steady(calendar: ServiceCalendar, opening: int) -> int:
    """How long service time runs on without a gap from an opening, to the minute, at most a day."""
    low, high = 1, DAY // MINUTE
    while low < high:
        middle = (low + high + 1) // 2
        if calendar.between(opening, opening + middle * MINUTE) == middle * MINUTE:
            low = middle
        else:
            high = middle - 1
    return low * MINUTE


def micros(span: str) -> int:
    """A duration of the world as microseconds, a day being 24 hours."""
    return parse_duration(span).elapsed()
