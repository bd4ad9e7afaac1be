"""Instants and dates as texts: ISO 8601 in and out.

A time without an offset belongs to somebody's clock, so it is read only where the zone is given;
it never becomes UTC by silence.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

from peakend.errors import TimeError
from peakend.when.zones import Instant, Zone


def parse_instant(text: str, zone: Zone | None = None) -> Instant:
    """Read ISO 8601 such as 2026-03-01T09:00:00+08:00; without an offset it is local time of `zone`.

    A date alone is 00:00 local. Raises TimeError for anything else.
    """
    moment = _read(text)
    if moment.tzinfo is not None:
        return (moment - _EPOCH_UTC) // _MICROSECOND
    if zone is None:
        raise TimeError(
            f"{text!r} has no offset and no zone is known for it",
            fix="Write the offset, for example 2026-03-01T09:00:00+08:00, or declare the zone of the source",
        )
    return zone.from_wall((moment - _EPOCH) // _MICROSECOND)


def format_instant(instant: Instant, zone: Zone | None = None) -> str:
    """Return `instant` as ISO 8601, in UTC with Z or with the offset of `zone`."""
    try:
        if zone is None:
            return f"{(_EPOCH + timedelta(microseconds=instant)).isoformat()}Z"
        offset = timezone(timedelta(microseconds=zone.wall(instant) - instant))
        return zone.local(instant).replace(tzinfo=offset).isoformat()
    except OverflowError:
        raise TimeError(
            f"Instant {instant} lies outside the years 1 to 9999", fix="Instants are counted in microseconds"
        ) from None


def parse_date(text: object) -> date:
    """Read 'YYYY-MM-DD'; a date is returned as it is; raise TimeError otherwise."""
    if isinstance(text, date) and not isinstance(text, datetime):
        return text
    if isinstance(text, str) and len(text) == 10 and _begins_like_a_date(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise TimeError(f"{text!r:.60} is not a date", fix="Write year, month and day, for example 2026-03-31")


_EPOCH: Final = datetime(1970, 1, 1)
_EPOCH_UTC: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def _read(text: str) -> datetime:
    if isinstance(text, str) and _begins_like_a_date(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    raise TimeError(
        f"{text!r:.60} is not a time",
        fix="Write ISO 8601, for example 2026-03-01T09:00:00+08:00 or 2026-03-01T01:00:00Z",
    )


def _begins_like_a_date(text: str) -> bool:
    # datetime also reads 20260301 and 2026-W09-7, which here are more likely numbers or codes.
    return text[4:5] == "-" and text[7:8] == "-"
