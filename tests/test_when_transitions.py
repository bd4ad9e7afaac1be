"""Every change of the clocks of 26 zones from 2000 to 2032: due times, quiet hours, local days, service time.

What is right is read off a table of what zoneinfo's clock shows in each minute around the change, by looking
through it: nothing here reckons with offsets. A sample runs every day; `make laws` goes through all of them.
"""

from __future__ import annotations

import os
import random
from bisect import bisect_left
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from peakend.when import (
    HOUR,
    MINUTE,
    DayCalendar,
    Duration,
    QuietHours,
    ServiceCalendar,
    due_after,
    due_before,
    due_yearly,
    parse_on_day,
    zone,
)

pytestmark = pytest.mark.law

MANY = bool(os.environ.get("PEAKEND_LAWS"))
FIRST, LAST = 2000, 2032
ZONES = """Africa/Cairo Africa/Casablanca Africa/Monrovia America/Caracas America/Havana America/New_York
    America/Nuuk America/Santiago America/Sao_Paulo America/St_Johns Antarctica/Troll Asia/Amman Asia/Gaza
    Asia/Kathmandu Asia/Pyongyang Asia/Shanghai Asia/Tehran Australia/Lord_Howe Europe/Berlin Europe/Dublin
    Europe/London Europe/Moscow Pacific/Apia Pacific/Auckland Pacific/Chatham Pacific/Kiritimati""".split()
EPOCH = datetime(1970, 1, 1)
AROUND = 4 * 24 * 60
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@cache
def rules(name: str) -> ZoneInfo:
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as source:
        return ZoneInfo.from_file(source, key=name)


def reading(name: str, instant: int) -> datetime:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant)
    return moment.astimezone(rules(name)).replace(tzinfo=None)


@cache
def changes(name: str) -> list[int]:
    """The minute at which each change takes effect, found by halving the days in which the clock jumps."""
    start, end = ((datetime(year, 1, 1) - EPOCH) // timedelta(minutes=1) for year in (FIRST, LAST + 1))

    def ahead(minute: int) -> timedelta:
        return reading(name, minute * MINUTE) - EPOCH - timedelta(minutes=minute)

    found = []
    before = ahead(start)
    for low in range(start, end, 24 * 60):
        high = low + 24 * 60
        after = ahead(high)
        if before != after:
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if ahead(middle) == before else (low, middle)
            found.append(high)
        before = after
    return found


class Scan:
    """What the clock of a zone shows in every minute some days around a change."""

    def __init__(self, name: str, change: int) -> None:
        self.first = change - AROUND
        self.clocks = [reading(name, (self.first + n) * MINUTE) for n in range(2 * AROUND)]
        self.firsts: dict[datetime, int] = {}
        for place, clock in enumerate(self.clocks):
            self.firsts.setdefault(clock, place)

    def instant(self, place: int) -> int:
        return (self.first + place) * MINUTE

    def meets(self, wall: datetime) -> int:
        """The first instant at which the clock shows `wall`, in a gap `wall` moved on by the gap."""
        if wall not in self.firsts:
            jumps = ((a, b) for a, b in pairwise(self.clocks) if a < wall < b)
            before, after = next(jumps)
            wall += after - before - timedelta(minutes=1)
        return self.instant(self.firsts[wall])

    def day(self, place: int) -> date:
        return self.clocks[place].date()

    def first_after(self, place: int, wanted: Callable[[datetime], bool]) -> int:
        return self.instant(next(n for n in range(place, len(self.clocks)) if wanted(self.clocks[n])))


def sampled() -> list[tuple[str, int]]:
    every = [(name, change) for name in ZONES for change in changes(name)]
    # Each zone gives its last change, and all together some more: no zone is left out of a quick run.
    return every if MANY else sorted({*every[::150], *((n, changes(n)[-1]) for n in ZONES if changes(n))})


def wall_of(day: date, minutes: int) -> datetime:
    return datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)


def test_there_are_thirty_years_of_changes_and_the_odd_ones_are_among_them() -> None:
    number = {name: len(changes(name)) for name in ZONES}
    assert sum(number.values()) > 1_000
    assert number["Asia/Kathmandu"] == number["Asia/Shanghai"] == 0
    jump = {
        name: {reading(name, at * MINUTE) - reading(name, (at - 1) * MINUTE) for at in changes(name)}
        for name in ("Australia/Lord_Howe", "Antarctica/Troll", "Pacific/Apia")
    }
    assert timedelta(minutes=31) in jump["Australia/Lord_Howe"]
    assert timedelta(hours=2, minutes=1) in jump["Antarctica/Troll"]
    assert timedelta(hours=24, minutes=1) in jump["Pacific/Apia"]


@pytest.mark.parametrize("name", ZONES)
def test_due_times_show_what_was_asked_for_around_every_change(name: str) -> None:
    place, wrong = zone(name), []
    for change in (change for of, change in sampled() if of == name):
        scan, chance = Scan(name, change), random.Random(change)
        for _ in range(40):
            entry_place = AROUND + chance.randrange(-36 * 60, 12 * 60)
            entry, at = scan.instant(entry_place), chance.randrange(24 * 60)
            day, clock = scan.day(entry_place), scan.clocks[entry_place]
            days = chance.randrange(1, 3)
            target = day + timedelta(days)
            weekday = chance.randrange(7)
            moved = target + timedelta((weekday - target.weekday()) % 7)
            on_day = parse_on_day(WEEKDAYS[weekday])
            by, hours = Duration(days=days, calendar=True), Duration(micros=chance.randrange(30) * HOUR)
            firings = [scan.meets(wall_of(day + timedelta(n), at)) for n in range(-1, 3)]
            late = entry + hours.micros
            years = target.replace(year=target.year - 2, day=min(target.day, 28))
            again = target.replace(day=min(target.day, 28))
            asked = [
                (due_after(entry, by, place, at), scan.meets(wall_of(target, at))),
                (due_after(entry, by, place), scan.meets(clock + timedelta(days))),
                (due_before(target + timedelta(days), by, place, at), scan.meets(wall_of(target, at))),
                (due_before(target + timedelta(days), by, place), scan.meets(wall_of(target, 0))),
            ]
            if (moved - day).days <= 2:
                asked.append((due_after(entry, by, place, at, on_day), scan.meets(wall_of(moved, at))))
            if firings[-1] >= late:
                first = min(each for each in firings if each >= late)
                asked.append((due_after(entry, hours, place, at), first))
            if again == target:
                yearly = due_yearly(years, Duration(calendar=True), place, at, scan.instant(0))
                asked.append((yearly, scan.meets(wall_of(again, at))))
            wrong += [(entry, at, days, *pair) for pair in asked if pair[0] != pair[1]]
    assert wrong == []


@pytest.mark.parametrize("name", ZONES)
def test_quiet_hours_end_and_local_days_turn_when_the_clock_says_so(name: str) -> None:
    place = zone(name)
    for change in (change for of, change in sampled() if of == name):
        scan, chance = Scan(name, change), random.Random(change)
        start, end = chance.sample(range(0, 24 * 60, 15), 2)
        holiday = scan.day(AROUND)
        hours = QuietHours(
            start, end, holidays=DayCalendar(frozenset({holiday}), years=frozenset({holiday.year}))
        )

        def quiet(clock: datetime, start: int = start, end: int = end, holiday: date = holiday) -> bool:
            minute = clock.hour * 60 + clock.minute
            inside = start <= minute < end if start < end else minute >= start or minute < end
            return inside or clock.date() == holiday

        release: int | None = None
        turns: int | None = None
        for at in range(AROUND + 36 * 60, AROUND - 36 * 60, -1):
            instant = scan.instant(at)
            release = release if quiet(scan.clocks[at]) else instant
            if release is not None and at % 7 == 0:
                expected = release if quiet(scan.clocks[at]) else None
                assert hours.until(instant, place) == expected, (instant, start, end)
            assert place.local_day(instant) == scan.day(at).toordinal(), instant
            if at % 97 == 0:
                today = scan.day(at)
                turns = scan.first_after(at, lambda clock, today=today: clock.date() > today)
                assert place.next_day_start(instant) == turns, instant


@pytest.mark.parametrize("name", ZONES)
def test_service_time_is_what_the_clock_shows_in_its_hours_across_the_change(name: str) -> None:
    place = zone(name)
    for change in (change for of, change in sampled() if of == name):
        scan, chance = Scan(name, change), random.Random(change)
        edges = sorted(chance.sample(range(0, 24 * 60 + 1, 15), 4))
        windows = [(edges[0], edges[1]), (edges[2], edges[3])]
        off = scan.day(AROUND) + timedelta(chance.randrange(-2, 3))
        service = ServiceCalendar(
            place,
            dict.fromkeys(range(7), windows),
            DayCalendar(frozenset({off}), years=frozenset({off.year})),
        )

        def serves(clock: datetime, windows: list[tuple[int, int]] = windows, off: date = off) -> bool:
            minute = clock.hour * 60 + clock.minute
            return clock.date() != off and any(start <= minute < end for start, end in windows)

        done = [0]
        for clock in scan.clocks:
            done.append(done[-1] + serves(clock))
        for _ in range(40):
            low, high = sorted(AROUND + chance.randrange(-48 * 60, 48 * 60) for _ in range(2))
            minutes = done[high] - done[low]
            assert service.between(scan.instant(low), scan.instant(high)) == minutes * MINUTE
            wanted = chance.randrange(1, 600)
            # the first minute at whose end so much has been served
            ends = bisect_left(done, done[low] + wanted)
            if ends < len(done):
                assert service.advance(scan.instant(low), wanted * MINUTE) == scan.instant(ends)
            if scan.clocks[low].date() + timedelta(2) < scan.day(-1):
                days = [scan.day(low) + timedelta(n) for n in range(1, 4)]
                target = next(each for each in days if each != off)
                wall = datetime.combine(target, scan.clocks[low].time())
                assert service.advance_days(scan.instant(low), 1) == scan.meets(wall)
