"""Local time in 24 zones from 2007 to 2037, held against zoneinfo at every change of the clocks.

What a wall time should become is worked out here from the definition (the instants at which the local clock
reads it), not from the fold rules of datetime that the code uses.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from peakend.when import (
    DAY,
    HOUR,
    MINUTE,
    Duration,
    QuietHours,
    ServiceCalendar,
    due_after,
    due_before,
    due_yearly,
    parse_on_day,
    zone,
)

ZONES = [
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Asuncion",
    "America/Havana",
    "America/Mexico_City",
    "America/New_York",
    "America/Nuuk",
    "America/Santiago",
    "America/Sao_Paulo",
    "America/Scoresbysund",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Kolkata",
    "Asia/Shanghai",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Volgograd",
    "Pacific/Apia",
    "Pacific/Auckland",
    "Pacific/Chatham",
]
FIRST, LAST = date(2007, 1, 1), date(2037, 12, 31)
MICRO = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1)


@cache
def rules(name: str) -> ZoneInfo:
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as source:
        return ZoneInfo.from_file(source, key=name)


def reading(name: str, instant: int) -> datetime:
    """What zoneinfo says the local clock reads."""
    return (EPOCH.replace(tzinfo=UTC) + instant * MICRO).astimezone(rules(name)).replace(tzinfo=None)


def offset(name: str, instant: int) -> int:
    return (reading(name, instant) - EPOCH) // MICRO - instant


@cache
def changes(name: str) -> list[int]:
    """Every instant from 2007 to 2037 at which the offset changes, by looking at each day."""
    found = []
    start, end = ((datetime(year, 1, 1) - EPOCH) // MICRO for year in (2007, 2038))
    for day in range(start, end, DAY):
        low, high = day, day + DAY
        if offset(name, low) == offset(name, high):
            continue
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset(name, middle) == offset(name, low) else (low, middle)
        found.append(high)
    return found


def expected(name: str, wall: datetime) -> int:
    """The first instant at which the clock reads `wall`, or, in a gap, `wall` moved on by the gap."""
    naive = (wall - EPOCH) // MICRO
    near = sorted({offset(name, naive + hours * HOUR) for hours in (-36, -15, 0, 15, 36)})
    hits = [naive - each for each in near if reading(name, naive - each) == wall]
    if hits:
        return min(hits)
    gap = next(
        offset(name, change) - offset(name, change - 1)
        for change in changes(name)
        if change + offset(name, change - 1) <= naive < change + offset(name, change)
    )
    return expected(name, wall + gap * MICRO)


def walls_around_changes(name: str, seed: int) -> list[datetime]:
    """Wall times at and around every change, and some at random."""
    chosen = random.Random(seed)
    walls = []
    for change in changes(name):
        before = reading(name, change - 1).replace(second=0, microsecond=0)
        walls += [before + timedelta(minutes=each) for each in (-61, -30, 0, 1, 30, 60, 61, 121)]
        walls += [before + timedelta(minutes=chosen.randrange(-240, 240)) for _ in range(4)]
    span = (LAST - FIRST).days * 1440
    walls += [datetime(2007, 1, 1) + timedelta(minutes=chosen.randrange(span)) for _ in range(60)]
    return walls


@pytest.mark.parametrize("name", ZONES)
def test_the_local_clock_is_that_of_zoneinfo_at_every_change(name: str) -> None:
    place = zone(name)
    for change in changes(name):
        for instant in (change - DAY, change - 1, change, change + 1, change + DAY):
            wall = reading(name, instant)
            assert place.local(instant) == wall
            assert place.local_day(instant) == wall.date().toordinal()
            assert place.weekday(instant) == wall.weekday()
        assert place.steady_until(change - 1) == change


@pytest.mark.parametrize("name", ZONES)
def test_a_wall_time_is_met_but_in_a_gap_where_it_moves_on_by_the_gap(name: str) -> None:
    place = zone(name)
    for wall in walls_around_changes(name, seed=1):
        instant = place.at_wall(wall.date(), wall.hour * 60 + wall.minute)
        assert instant == expected(name, wall), wall


@pytest.mark.parametrize("name", ZONES)
def test_due_times_show_the_wall_time_and_weekday_that_were_asked_for(name: str) -> None:
    place = zone(name)
    chosen = random.Random(2)
    for wall in walls_around_changes(name, seed=3)[::3]:
        at, days = wall.hour * 60 + wall.minute, chosen.randrange(1, 40)
        by, target = Duration(days=days), expected(name, wall)
        assert due_before(wall.date() + timedelta(days), by, place, at) == target
        entry = place.at_wall(wall.date() - timedelta(days), 12 * 60)
        if place.local(entry).date() == wall.date() - timedelta(days):
            assert due_after(entry, by, place, at) == target
        born = wall.date() - timedelta(days=800)
        eves = [
            born.replace(year=born.year + each, day=min(born.day, 28)) - timedelta(3) for each in range(1, 5)
        ]
        fired = [expected(name, datetime.combine(eve, wall.time())) for eve in eves]
        yearly = due_yearly(born.replace(day=min(born.day, 28)), Duration(days=3), place, at, target)
        assert yearly == min(each for each in fired if each >= target)
        thursday = due_before(wall.date(), Duration(days=1), place, at, parse_on_day("thursday"))
        wanted = wall - timedelta(days=1)
        wanted += timedelta(days=(3 - wanted.weekday()) % 7)
        assert wanted.weekday() == 3
        assert thursday == expected(name, wanted)


@pytest.mark.parametrize("name", ZONES)
def test_an_elapsed_duration_with_a_time_of_day_takes_the_nearest_such_time(name: str) -> None:
    place = zone(name)
    chosen = random.Random(4)
    for change in changes(name)[::2]:
        moment = change + chosen.randrange(-30 * HOUR, 30 * HOUR)
        at = chosen.randrange(1440)
        around = [reading(name, moment).date() + timedelta(days) for days in range(-3, 4)]
        clock = timedelta(minutes=at)
        fired = [expected(name, datetime(day.year, day.month, day.day) + clock) for day in around]
        by = Duration(micros=chosen.randrange(50) * MINUTE)
        assert due_after(moment - by.micros, by, place, at) == min(each for each in fired if each >= moment)
        assert due_before(moment + by.micros, by, place, at) == max(each for each in fired if each <= moment)


@pytest.mark.parametrize("name", ZONES)
def test_the_next_day_starts_when_the_local_date_first_becomes_later(name: str) -> None:
    place = zone(name)
    for change in changes(name):
        for instant in (change - 2 * HOUR, change - MINUTE, change - 1, change, change + HOUR):
            start = place.next_day_start(instant)
            assert start > instant
            assert reading(name, start).date() > reading(name, instant).date()
            assert reading(name, start - 1).date() <= reading(name, instant).date()
            begun = place.day_start(instant)
            assert begun <= instant
            assert reading(name, begun).date() == reading(name, instant).date()


@pytest.mark.parametrize("name", ZONES)
def test_quiet_hours_and_service_time_follow_the_clock_minute_by_minute_over_a_change(name: str) -> None:
    place = zone(name)
    quiet = QuietHours(22 * 60 + 30, 2 * 60 + 15)
    service = ServiceCalendar(place, {day: [(0, 135), (1350, 1440)] for day in range(7)})
    for change in changes(name)[:: max(1, len(changes(name)) // 4)]:
        start = change - change % MINUTE - 6 * HOUR
        minutes = [start + each * MINUTE for each in range(16 * 60)]
        clocks = [reading(name, each) for each in minutes]
        quiets = [
            clock.hour * 60 + clock.minute < 135 or clock.hour * 60 + clock.minute >= 1350 for clock in clocks
        ]
        release = None
        for instant, is_quiet in zip(reversed(minutes), reversed(quiets), strict=True):
            release = release if is_quiet else instant
            if release is not None:
                assert quiet.until(instant, place) == (release if is_quiet else None)
        assert service.between(start, start + 16 * HOUR) == sum(quiets) * MINUTE


def test_a_skipped_day_moves_to_the_next_day_at_the_same_time() -> None:
    apia = zone("Pacific/Apia")
    assert apia.local(apia.at_wall(date(2011, 12, 30), 9 * 60)) == datetime(2011, 12, 31, 9)
    entry = apia.at_wall(date(2011, 12, 29), 9 * 60)
    assert due_after(entry, Duration(days=1), apia) == entry + DAY


def test_the_first_of_two_equal_wall_times_is_taken_and_a_gap_moves_forward() -> None:
    berlin = zone("Europe/Berlin")
    first = berlin.at_wall(date(2026, 10, 25), 2 * 60 + 30)
    assert berlin.local(first) == berlin.local(first + HOUR)
    assert berlin.local(berlin.at_wall(date(2026, 3, 29), 2 * 60 + 30)) == datetime(2026, 3, 29, 3, 30)
    lord_howe = zone("Australia/Lord_Howe")
    moved = lord_howe.at_wall(date(2026, 10, 4), 2 * 60 + 10)
    assert lord_howe.local(moved) == datetime(2026, 10, 4, 2, 40)


def test_a_time_of_day_that_a_gap_carries_over_midnight_is_still_the_next_one() -> None:
    nuuk = zone("America/Nuuk")
    midnight = nuuk.at_wall(date(2026, 3, 29), 0)
    assert nuuk.local(midnight - 1).hour == 22
    assert due_after(midnight, Duration(), nuuk, 23 * 60 + 30) == midnight + 30 * MINUTE


def test_the_same_day_counted_from_the_second_of_two_equal_times_is_not_an_hour_earlier() -> None:
    berlin = zone("Europe/Berlin")
    second = berlin.at_wall(date(2026, 10, 25), 2 * 60 + 30) + HOUR
    assert due_after(second, Duration(calendar=True), berlin) == second
    assert due_after(second, Duration(calendar=True, micros=MINUTE), berlin) == second + MINUTE
