"""Public holidays as they were published: dated data that come along, a readable file for each country.

A pack takes them by name and says its own days over them. A year stands in a file only when all its days are
known, so a year that is not there is no year without holidays: nobody may guess it.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final

from peakend.errors import TimeError, nearest
from peakend.when.calendars import DayCalendar

_FOLDER: Final = "calendars"


@cache
def published(name: str) -> DayCalendar:
    """Return the days off, working weekends and known years of `name`, such as china or england."""
    days: dict[str, set[date]] = {"off": set(), "working": set()}
    for line in published_file(name).decode("utf-8").splitlines()[1:]:
        day, is_, *_ = line.split(",")
        days[is_].add(date.fromisoformat(day))
    years = frozenset(day.year for listed in days.values() for day in listed)
    return DayCalendar(off=frozenset(days["off"]), working=frozenset(days["working"]), years=years)


@cache
def published_file(name: str) -> bytes:
    """Return the file of `name` as it is; raise TimeError where none comes along."""
    if name not in published_names():
        known = ", ".join(published_names())
        raise TimeError(
            f"No public holidays named '{name[:60]}' come along",
            fix=nearest(name, published_names()) or f"Known are {known}; list other days under off and years",
        )
    return (files("peakend") / _FOLDER / f"{name}.csv").read_bytes()


@cache
def published_names() -> tuple[str, ...]:
    """The names of all public holidays that come along."""
    found = (entry.name for entry in (files("peakend") / _FOLDER).iterdir())
    return tuple(sorted(name.removesuffix(".csv") for name in found if name.endswith(".csv")))
