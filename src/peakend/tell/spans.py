"""Lengths of time as a colleague says them, in both languages: P30D is '30 天' and '30 days'.

Whatever cannot be said better is shown as the author wrote it. What a duration means is decided in `when`.
"""

from __future__ import annotations

from peakend.errors import TimeError
from peakend.tell.said import Said, fill
from peakend.when import DAY, HOUR, MINUTE, SECOND, Duration, parse_duration

UNITS: dict[str, Said] = {
    "year": Said("{n} 年", "{n} {n:year|years}"),
    "month": Said("{n} 个月", "{n} {n:month|months}"),
    "day": Said("{n} 天", "{n} {n:day|days}"),
    "hour": Said("{n} 小时", "{n} {n:hour|hours}"),
    "minute": Said("{n} 分钟", "{n} min"),
    "second": Said("{n} 秒", "{n} s"),
}


_IN_HOURS = 3 * DAY
"""Up to this long people say hours where hours are meant: within 48 hours, within 72 hours."""


def duration(text: str, *, worked: bool = False) -> Said:
    """Return an ISO 8601 duration in words: PT720H is 30 days, but not where hours of work are counted."""
    try:
        span = parse_duration(text)
    except TimeError:
        return Said(text, text)
    if not worked and not span.days and span.micros > _IN_HOURS and not span.micros % DAY:
        span = Duration(months=span.months, days=span.micros // DAY)
    return _joined(_parts(span))


def elapsed(micros: int) -> Said:
    """Return a length of time in words, in days and hours or, below a day, in hours and minutes."""
    micros -= micros % HOUR if micros >= DAY else 0
    return _joined(_parts(Duration(days=micros // DAY, micros=micros % DAY))[:2])


def _parts(span: Duration) -> list[Said]:
    years, months = divmod(span.months, 12)
    hours, rest = divmod(span.micros, HOUR)
    minutes, rest = divmod(rest, MINUTE)
    amounts = (years, months, span.days, hours, minutes, rest // SECOND)
    return [fill(unit, n=amount) for unit, amount in zip(UNITS.values(), amounts, strict=True) if amount]


def _joined(parts: list[Said]) -> Said:
    parts = parts or [fill(UNITS["second"], n=0)]
    return Said(" ".join(part.zh for part in parts), " ".join(part.en for part in parts))
