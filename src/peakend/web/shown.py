"""Times, amounts and shares as pages show them, in the reader's language and zone: filters of the templates.

A time never stands without its zone: it is in the element's title, and beside the time where it is not the
reader's own. Numbers read as those of the report (`report.figures`).
"""

from __future__ import annotations

from datetime import date, datetime

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from peakend.report.clock import MONTHS
from peakend.report.figures import money as grouped_money
from peakend.report.figures import share
from peakend.tell.said import MINUS, Said, grouped
from peakend.tell.spans import elapsed
from peakend.web.looking import Looking
from peakend.when import MINUTE, Instant, Zone, format_instant, parse_date
from peakend.when import zone as zone_of


def number(value: float, digits: int = 0) -> str:
    """Return a number in groups of three: 1 204, −0.31."""
    if digits == 0:
        return grouped(round(value))
    whole, _, fraction = f"{abs(value):.{digits}f}".partition(".")
    shown = f"{grouped(int(whole))}.{fraction}"
    return f"{MINUS}{shown}" if value < 0 and float(f"{value:.{digits}f}") != 0 else shown


def percent(part: int, whole: int) -> str:
    """Return `part` of `whole` in percent; '–' where there is no whole."""
    return share(part, whole)


@pass_context
def spoken(context: Context, said: Said | str) -> str:
    """Return a text of both languages in the reader's; a plain text as it stands."""
    return said.spoken(_looking(context).language) if isinstance(said, Said) else said


@pass_context
def money(context: Context, amount: float, currency: str = "CNY") -> str:
    """Return an amount with its currency: 1 200 元, CNY 1 200."""
    words, shown = _looking(context).words, grouped_money(amount)
    if currency == "CNY":
        return words("shown.CNY", amount=shown)
    return words("shown.other_money", amount=shown, currency=currency)


@pass_context
def span(context: Context, micros: int) -> str:
    """Return a length of time: 2 小时 5 分钟, 2 hours 5 min."""
    return elapsed(micros).spoken(_looking(context).language)


@pass_context
def when(context: Context, instant: Instant | None, zone: str | None = None) -> Markup | str:
    """Return an instant as a time element, in the reader's zone or in the one that is named beside it."""
    if instant is None:
        return "–"
    looking = _looking(context)
    there = zone_of(zone) if zone else looking.zone
    local = there.local(instant)
    text = looking.words("shown.clock", day=_day(looking, local), clock=f"{local:%H:%M}")
    said = _time(instant, there, text)
    if there.name == looking.zone.name:
        return said
    return Markup('{} <span class="soft small">{}</span>').format(said, there.name)


@pass_context
def clock(context: Context, instant: Instant) -> Markup:
    """Return the time of day of an instant, in the reader's zone."""
    looking = _looking(context)
    return _time(instant, looking.zone, f"{looking.zone.local(instant):%H:%M}")


@pass_context
def day(context: Context, at: Instant | date | str | None, beside: Instant | None = None) -> str:
    """Return the date of an instant in the reader's zone, or a date as it is; without the year where that is
    today's, and the year of the instant `beside` it too."""
    if at is None:
        return "–"
    looking = _looking(context)
    if isinstance(at, str):
        at = parse_date(at)
    other = None if beside is None else looking.zone.local(beside)
    return _day(looking, looking.zone.local(at) if isinstance(at, int) else at, other)


@pass_context
def since(context: Context, instant: Instant | None) -> Markup | str:
    """Return how long ago an instant was, or how far ahead it is, as a time element."""
    if instant is None:
        return "–"
    looking = _looking(context)
    apart = looking.now - instant
    if abs(apart) < MINUTE:
        text = looking.words("shown.just_now")
    else:
        length = abs(apart) - abs(apart) % MINUTE
        text = looking.words("shown.ago" if apart > 0 else "shown.ahead", span=elapsed(length))
    return _time(instant, looking.zone, text)


FILTERS = {one.__name__: one for one in (number, percent, spoken, money, span, when, clock, day, since)}


def _looking(context: Context) -> Looking:
    looking: Looking = context["looking"]
    return looking


def _time(instant: Instant, zone: Zone, text: str) -> Markup:
    written = format_instant(instant, zone)
    exact = f"{zone.local(instant):%Y-%m-%d %H:%M:%S} {zone.name}"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(written, exact, text)


def _day(looking: Looking, at: date | datetime, beside: date | None = None) -> str:
    today = looking.zone.local(looking.now)
    this_year = at.year == (beside or today).year == today.year
    month = str(at.month) if looking.language == "zh" else MONTHS[at.month - 1]
    return looking.words(
        "shown.day" if this_year else "shown.day_of_year", year=str(at.year), month=month, day=str(at.day)
    )
