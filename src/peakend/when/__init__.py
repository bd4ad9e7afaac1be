"""Durations, zones, due times, quiet hours and service calendars: all that Peakend knows of time.

There is one parser for every duration and one way from a wall clock to an instant, so that a plan made
in a pack means the same in a backtest and tonight. An instant is an int, microseconds since
1970-01-01T00:00Z; a date is a `datetime.date` or the text 'YYYY-MM-DD'. Nothing here may read a clock.
"""

from __future__ import annotations

from peakend.when.calendars import ALWAYS, DayCalendar, QuietHours, ServiceCalendar, spans_of_years
from peakend.when.due import OnDay, due_after, due_before, due_yearly, parse_on_day, parse_weekday
from peakend.when.durations import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Duration,
    parse_duration,
    parse_time_of_day,
)
from peakend.when.instants import format_instant, parse_date, parse_instant
from peakend.when.published import published, published_file, published_names
from peakend.when.zones import Instant, Zone, zone

__all__ = [
    "ALWAYS",
    "DAY",
    "HOUR",
    "MINUTE",
    "SECOND",
    "DayCalendar",
    "Duration",
    "Instant",
    "OnDay",
    "QuietHours",
    "ServiceCalendar",
    "Zone",
    "due_after",
    "due_before",
    "due_yearly",
    "format_instant",
    "parse_date",
    "parse_duration",
    "parse_instant",
    "parse_on_day",
    "parse_time_of_day",
    "parse_weekday",
    "published",
    "published_file",
    "published_names",
    "spans_of_years",
    "zone",
]
