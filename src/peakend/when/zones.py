"""Time zones on plain ints: what the local clock reads at an instant, and when it reads what was asked.

`zoneinfo` knows the rules but is too slow to be asked for every event, so a zone keeps its changes of offset
in sorted lists, about eighteen years at a time, found by asking `zoneinfo` itself. The rules come from the
pinned tzdata package, never from the machine: two machines must not disagree on when a message is due.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from peakend.errors import TimeError, nearest
from peakend.when.durations import DAY, MINUTE, SECOND

Instant = int
"""Microseconds since 1970-01-01T00:00Z."""

EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()


class Zone:
    """The clock of one place; what it reads is an int too, microseconds since it read 1970-01-01T00:00."""

    __slots__ = ("_by_instant", "_by_wall", "name")

    def __init__(self, name: str, rules: tzinfo) -> None:
        self.name = name
        self._by_instant = _Offsets(rules)
        self._by_wall = _WallOffsets(self._by_instant)

    def __repr__(self) -> str:
        return f"zone({self.name!r})"

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return zone, (self.name,)

    def wall(self, instant: Instant) -> int:
        """Return what the local clock reads at `instant`."""
        changes, offsets = self._by_instant[instant >> _BLOCK]
        return instant + offsets[bisect_right(changes, instant)]

    def from_wall(self, wall: int) -> Instant:
        """Return when the local clock reads `wall`: the first of two times, or moved on by a gap."""
        changes, offsets = self._by_wall[wall >> _BLOCK]
        return wall - offsets[bisect_right(changes, wall)]

    def at_wall(self, day: int | date, minutes: int) -> Instant:
        """Return when the clock reads `minutes` after midnight of the local `day` (a date or its ordinal)."""
        ordinal = day if isinstance(day, int) else day.toordinal()
        return self.from_wall((ordinal - EPOCH_ORDINAL) * DAY + minutes * MINUTE)

    def local(self, instant: Instant) -> datetime:
        """Return the local date and time at `instant`, without a zone attached."""
        try:
            return _EPOCH + timedelta(microseconds=self.wall(instant))
        except OverflowError:
            raise _outside() from None

    def aware(self, instant: Instant) -> datetime:
        """Return the local date and time at `instant`, with its zone attached."""
        try:
            return (_EPOCH_UTC + timedelta(microseconds=instant)).astimezone(self._by_instant.rules)
        except OverflowError:
            raise _outside() from None

    def local_day(self, instant: Instant) -> int:
        """Return the ordinal of the local date at `instant`, as `date.toordinal` counts."""
        return self.wall(instant) // DAY + EPOCH_ORDINAL

    def weekday(self, instant: Instant) -> int:
        """Return the weekday of the local date at `instant`, Monday being 0."""
        return weekday_of(self.wall(instant) // DAY)

    def day_start(self, instant: Instant) -> Instant:
        """Return the first instant of the local date at `instant`."""
        wall = self.wall(instant)
        return self.from_wall(wall - wall % DAY)

    def next_day_start(self, instant: Instant) -> Instant:
        """Return the first instant after `instant` at which the local date is a later one."""
        today = self.wall(instant) // DAY
        while (wall := self.wall(instant)) // DAY <= today:
            # A clock set back at midnight shows the old date once more: midnight alone is not enough.
            instant = min(instant + DAY - wall % DAY, self.steady_until(instant))
        return instant

    def steady_until(self, instant: Instant) -> Instant:
        """Return an instant up to which (exclusive) the offset in force at `instant` stays."""
        block = instant >> _BLOCK
        changes, _ = self._by_instant[block]
        place = bisect_right(changes, instant)
        end = (block + 1) << _BLOCK
        return min(changes[place], end) if place < len(changes) else end


@cache
def zone(name: str) -> Zone:
    """Return the zone of an IANA name such as Asia/Shanghai; raise TimeError for any other."""
    if name not in _names():
        raise TimeError(f"'{name[:60]}' is not a time zone", fix=_zone_fix(name[:60]))
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as rules:
        return Zone(name, ZoneInfo.from_file(rules, key=name))


def weekday_of(epoch_day: int) -> int:
    """Return the weekday of a day counted from 1970-01-01 (a Thursday), Monday being 0."""
    return (epoch_day + 3) % 7


class _Offsets(dict[int, tuple[list[int], list[int]]]):
    """Blocks of (changes, offsets) in microseconds, found when first asked for.

    offsets[i] is in force before changes[i], the last one after all of them.
    """

    def __init__(self, rules: tzinfo) -> None:
        super().__init__()
        self.rules = rules

    def __missing__(self, block: int) -> tuple[list[int], list[int]]:
        first = max((block << _BLOCK) // DAY - _MARGIN_DAYS, _FIRST_DAY)
        last = min(((block + 1) << _BLOCK) // DAY + _MARGIN_DAYS, _LAST_DAY)
        if first >= last:
            raise _outside()
        found = list(_changes(self.rules, first, last))
        offsets = [_offset(self.rules, first * _DAY_SECONDS), *(offset for _, offset in found)]
        table = [second * SECOND for second, _ in found], [offset // _MICROSECOND for offset in offsets]
        self[block] = table
        return table


class _WallOffsets(dict[int, tuple[list[int], list[int]]]):
    """The same blocks by wall reading: in a gap or a fold the offset before the change counts."""

    def __init__(self, by_instant: _Offsets) -> None:
        super().__init__()
        self._by_instant = by_instant

    def __missing__(self, block: int) -> tuple[list[int], list[int]]:
        changes, offsets = self._by_instant[block]
        table = [at + max(pair) for at, pair in zip(changes, pairwise(offsets), strict=True)], offsets
        self[block] = table
        return table


_EPOCH: Final = datetime(1970, 1, 1)
_EPOCH_UTC: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_DAY_SECONDS: Final = 86_400
_FIRST_DAY: Final = 3 - EPOCH_ORDINAL
_LAST_DAY: Final = date.max.toordinal() - EPOCH_ORDINAL - 2
_BLOCK: Final = 49
_MARGIN_DAYS: Final = 3
# A change undone within one step would go unseen; no two changes in tzdata are less than six days apart.
_STEP_DAYS: Final = 5


def _changes(rules: tzinfo, first: int, last: int) -> Iterator[tuple[int, timedelta]]:
    """Yield the seconds at which a new offset begins between two days, each with that offset."""
    before = _offset(rules, first * _DAY_SECONDS)
    for day in range(first, last, _STEP_DAYS):
        start, end = day * _DAY_SECONDS, min(day + _STEP_DAYS, last) * _DAY_SECONDS
        after = _offset(rules, end)
        yield from _between(rules, start, before, end, after)
        before = after


def _between(
    rules: tzinfo, start: int, before: timedelta, end: int, after: timedelta
) -> Iterator[tuple[int, timedelta]]:
    if before == after:
        return
    if end - start == 1:
        yield end, after
        return
    middle = (start + end) // 2
    offset = _offset(rules, middle)
    yield from _between(rules, start, before, middle, offset)
    yield from _between(rules, middle, offset, end, after)


def _offset(rules: tzinfo, second: int) -> timedelta:
    return (_EPOCH_UTC + timedelta(seconds=second)).astimezone(rules).utcoffset() or timedelta()


def _outside() -> TimeError:
    return TimeError(
        "A time lies outside the years 1 to 9999", fix="Check the date and the duration added to it"
    )


@cache
def _names() -> frozenset[str]:
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


@lru_cache(maxsize=1024)
def _zone_fix(name: str) -> str:
    if name.endswith("/Beijing"):
        return "Write Asia/Shanghai, which is the zone of all of China"
    if any(character.isdecimal() for character in name):
        return "An offset is not a zone (it knows no summer time): name a place, for example Asia/Shanghai"
    return nearest(name, sorted(_names())) or "Write an IANA name, for example Asia/Shanghai or Europe/Berlin"
