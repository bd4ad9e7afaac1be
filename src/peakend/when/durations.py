"""Durations and times of day as authors write them: P30D, PT48H, "09:00".

A bare number never becomes a duration: the unit is part of what was meant. Calendar parts (months, days)
and elapsed parts (hours, minutes, seconds) stay apart, because a local day has 23 or 25 hours twice a year.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from peakend.errors import TimeError

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

_LONGEST_YEARS: Final = 1000


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time: months and days on the calendar, then elapsed microseconds.

    `calendar` tells that a calendar part was written; it keeps P0D (the same day) apart from PT0S (at once).
    """

    months: int = 0
    days: int = 0
    micros: int = 0
    calendar: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "calendar", bool(self.calendar or self.months or self.days))

    def __str__(self) -> str:
        years, months = divmod(self.months, 12)
        date = _part(years, "Y") + _part(months, "M") + _part(self.days, "D")
        hours, rest = divmod(self.micros, HOUR)
        minutes, rest = divmod(rest, MINUTE)
        seconds = f"{rest / SECOND:.6f}".rstrip("0").rstrip(".")
        time = _part(hours, "H") + _part(minutes, "M") + (f"{seconds}S" if rest else "")
        if date or time:
            return f"P{date}T{time}" if time else f"P{date}"
        return "P0D" if self.calendar else "PT0S"

    def elapsed(self) -> int:
        """Return the duration in microseconds, a day being 24 hours; raise TimeError where it has months."""
        if self.months:
            raise TimeError(
                f"'{self}' has months, and months differ in length, but elapsed time is meant here",
                fix="Write days or hours, for example P30D or PT720H",
            )
        return self.days * DAY + self.micros


def parse_duration(text: object) -> Duration:
    """Read an ISO 8601 duration such as P30D, PT48H, P1M, P2W or P1DT2H; raise TimeError otherwise."""
    match = _ISO.match(text) if isinstance(text, str) else None
    if match is None:
        raise TimeError(f"{_shown(text)} is not a duration", fix=_duration_fix(text))
    years, months, weeks, days, hours, minutes, seconds = (match[name] or "0" for name in _PARTS)
    whole, _, fraction = seconds.partition(".")
    duration = Duration(
        months=12 * int(years) + int(months),
        days=7 * int(weeks) + int(days),
        micros=int(hours) * HOUR + int(minutes) * MINUTE + int(whole) * SECOND + int(f"{fraction:0<6}"),
        calendar=any(match[name] for name in ("years", "months", "weeks", "days")),
    )
    if duration.months * 30 + duration.days + duration.micros // DAY > _LONGEST_YEARS * 365:
        raise TimeError(
            f"{_shown(text)} is longer than a thousand years",
            fix="Check the unit: P30D is thirty days, PT30M is thirty minutes",
        )
    return duration


def parse_time_of_day(text: object, *, end: bool = False) -> int:
    """Read "09:00" as minutes after midnight; "24:00" is a time only where a window ends (`end`)."""
    if isinstance(text, int) and not isinstance(text, bool):
        guess = f"{text // 60:02}:{text % 60:02}" if 0 <= text < 24 * 60 else "09:00"
        raise TimeError(
            f"{text} is a number, not a time of day",
            fix=f'Put quotes around it, for example "{guess}": YAML 1.1 reads unquoted times as numbers',
        )
    match = _CLOCK.match(text) if isinstance(text, str) else None
    minutes = int(match[1]) * 60 + int(match[2]) if match else -1
    if 0 <= minutes < 24 * 60 or (end and minutes == 24 * 60):
        return minutes
    if minutes == 24 * 60:
        raise TimeError('"24:00" can only end a window', fix='Write "00:00" of the next day')
    raise TimeError(
        f"{_shown(text)} is not a time of day",
        fix='Write hours and minutes with two digits each, from "00:00" to "23:59", for example "09:00"',
    )


_PARTS: Final = ("years", "months", "weeks", "days", "hours", "minutes", "seconds")

_ISO: Final = re.compile(
    r"P(?=.)(?:(?P<years>[0-9]{1,9})Y)?(?:(?P<months>[0-9]{1,9})M)?"
    r"(?:(?P<weeks>[0-9]{1,9})W)?(?:(?P<days>[0-9]{1,9})D)?"
    r"(?:T(?=.)(?:(?P<hours>[0-9]{1,9})H)?(?:(?P<minutes>[0-9]{1,9})M)?"
    r"(?:(?P<seconds>[0-9]{1,12}(?:\.[0-9]{1,6})?)S)?)?\Z"
)

_CLOCK: Final = re.compile(r"([0-9]{2}):([0-5][0-9])\Z")

_PLAIN: Final = re.compile(r"\s*([0-9]{1,9})\s*([a-z]+?|[\u4e00-\u9fff]+)s?\s*\Z", re.IGNORECASE)

_PLAIN_UNITS: Final = {
    **dict.fromkeys(("s", "sec", "second", "秒"), "PT{}S"),
    **dict.fromkeys(("min", "minute", "分", "分钟"), "PT{}M"),
    **dict.fromkeys(("h", "hour", "小时"), "PT{}H"),
    **dict.fromkeys(("d", "day", "天", "日"), "P{}D"),
    **dict.fromkeys(("w", "week", "周"), "P{}W"),
    **dict.fromkeys(("month", "月", "个月"), "P{}M"),
    **dict.fromkeys(("y", "year", "年"), "P{}Y"),
}


def _part(number: int, unit: str) -> str:
    return f"{number}{unit}" if number else ""


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _duration_fix(text: object) -> str:
    if isinstance(text, (int, float)) or (isinstance(text, str) and text.strip().isdecimal()):
        return "Say the unit: P30D is thirty days, PT30M is thirty minutes"
    if not isinstance(text, str):
        return "Write an ISO 8601 duration, for example P30D or PT48H"
    if text.strip().startswith("-"):
        return "Write it without the minus, for example P30D: 'before' and 'after' tell the direction"
    if (plain := _PLAIN.match(text)) and (form := _PLAIN_UNITS.get(plain[2].lower())):
        return f"Write {form.format(plain[1])}"
    if _ISO.match(text.strip().upper()):
        return f"Write it in capitals and without spaces: {text.strip().upper()}"
    return (
        "Write an ISO 8601 duration, for example P30D (days), P1M (months), PT48H (hours) or PT30M (minutes)"
    )
