"""The calendars of a pack: dated days that its users extend, turned into what `when` reckons with."""

from __future__ import annotations

from peakend.errors import PackError, TimeError, nearest
from peakend.model.pack import Pack
from peakend.when import DayCalendar, ServiceCalendar, parse_time_of_day, zone

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def day_calendar(pack: Pack, name: str) -> DayCalendar:
    """The days off and working days of one calendar of the pack; PackError when it is not declared."""
    calendar = pack.head.calendars.get(name)
    if calendar is None:
        raise PackError(
            f"There is no calendar '{name}'",
            place=pack.place("pack", "policy", "quiet_hours"),
            fix=nearest(name, pack.head.calendars) or "Declare it under calendars: in pack.yaml",
        )
    return DayCalendar(
        off=frozenset(calendar.off),
        working=frozenset(calendar.working),
        years=frozenset(calendar.years),
    )


def service_calendar(pack: Pack, name: str) -> ServiceCalendar:
    """The service hours of one calendar of the pack; PackError with its place if unreadable."""
    calendar = pack.head.calendars[name]
    weekly: dict[int, list[tuple[int, int]]] = {}
    for days, windows in (calendar.week or {"mon-sun": ["00:00-24:00"]}).items():
        for weekday in _weekdays(pack, name, days):
            weekly.setdefault(weekday, []).extend(_window(pack, name, days, text) for text in windows)
    return ServiceCalendar(zone(calendar.zone or pack.head.zone), weekly, day_calendar(pack, name))


def _weekdays(pack: Pack, name: str, days: str) -> range:
    first, _, last = days.partition("-")
    if first not in _DAYS or (last and last not in _DAYS):
        raise PackError(
            f"'{days}' names no weekdays",
            place=pack.place("pack", "calendars", name, "week", days),
            fix='Write for example mon-fri: ["09:00-18:00"] or sat: ["10:00-16:00"]',
        )
    start = _DAYS.index(first)
    return range(start, _DAYS.index(last or first) + 1)


def _window(pack: Pack, name: str, days: str, text: str) -> tuple[int, int]:
    start, dash, end = text.partition("-")
    try:
        if not dash:
            raise TimeError(f"'{text}' is no span of time")
        return parse_time_of_day(start), parse_time_of_day(end, end=True)
    except TimeError as error:
        raise PackError(
            error.what,
            place=pack.place("pack", "calendars", name, "week", days),
            fix='Write for example "09:00-18:00"',
        ) from error
