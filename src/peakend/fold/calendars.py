"""The calendars of a pack: published holidays, over which its own days lie, for `when` to reckon with."""

from __future__ import annotations

from peakend.errors import PackError, TimeError, nearest
from peakend.model.pack import Calendar, Pack
from peakend.when import DayCalendar, ServiceCalendar, parse_time_of_day, published, published_names, zone

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def day_calendars(pack: Pack) -> dict[str, DayCalendar]:
    """The days of every calendar that the pack declares or its quiet hours name."""
    found = {name: day_calendar(pack, name) for name in pack.head.calendars}
    hours = pack.head.policy.quiet_hours
    named = quiet_calendar(pack)
    if hours is not None and named and named not in found:
        found[named] = day_calendar(pack, named)
    return found


def quiet_calendar(pack: Pack) -> str:
    """The calendar whose days off are quiet, '' for none; `true` means the first of the pack."""
    hours = pack.head.policy.quiet_hours
    if hours is None or hours.holidays is False:
        return ""
    return next(iter(pack.head.calendars), "") if hours.holidays is True else hours.holidays


def day_calendar(pack: Pack, name: str) -> DayCalendar:
    """The days off and working days of one calendar of the pack, or of the published holidays of that name;
    PackError when there is neither."""
    calendar = pack.head.calendars.get(name)
    place = pack.place("pack", "calendars", name, "holidays")
    if calendar is None:
        calendar, place = Calendar(holidays=name), pack.place("pack", "policy", "quiet_hours")
    try:
        known = published(calendar.holidays) if calendar.holidays else DayCalendar()
    except TimeError as error:
        names = (
            published_names() if name in pack.head.calendars else [*pack.head.calendars, *published_names()]
        )
        word = calendar.holidays or name
        fix = nearest(word, names) or f"Declare it under calendars: in pack.yaml. {error.fix}"
        raise PackError(f"There is no calendar '{calendar.holidays}'", place=place, fix=fix) from error
    off, working = frozenset(calendar.off), frozenset(calendar.working)
    return DayCalendar(
        off=(known.off - working) | off,
        working=(known.working - off) | working,
        years=known.years | frozenset(calendar.years),
    )


def service_calendar(pack: Pack, name: str, days: DayCalendar | None = None) -> ServiceCalendar:
    """The service hours of one calendar of the pack; PackError with its place if unreadable."""
    calendar = pack.head.calendars[name]
    weekly: dict[int, list[tuple[int, int]]] = {}
    for weekdays, windows in (calendar.week or {"mon-sun": ["00:00-24:00"]}).items():
        for weekday in _weekdays(pack, name, weekdays):
            weekly.setdefault(weekday, []).extend(_window(pack, name, weekdays, text) for text in windows)
    return ServiceCalendar(zone(calendar.zone or pack.head.zone), weekly, days or day_calendar(pack, name))


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
