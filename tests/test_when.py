"""Durations, dates, due times, quiet hours and service calendars, by example and by property."""

from __future__ import annotations

import pickle
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from peakend.errors import TimeError
from peakend.when import (
    ALWAYS,
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    DayCalendar,
    Duration,
    OnDay,
    QuietHours,
    ServiceCalendar,
    Zone,
    due_after,
    due_before,
    due_yearly,
    format_instant,
    parse_date,
    parse_duration,
    parse_instant,
    parse_on_day,
    parse_time_of_day,
    parse_weekday,
    zone,
)

SHANGHAI = zone("Asia/Shanghai")
BERLIN = zone("Europe/Berlin")
EPOCH = datetime(1970, 1, 1)

# 2026 in China: Spring Festival and National Day, with the Saturdays and Sundays worked in exchange.
CHINA = DayCalendar(
    off=frozenset(
        [date(2026, 2, day) for day in range(15, 24)] + [date(2026, 10, day) for day in range(1, 8)]
    ),
    working=frozenset([date(2026, 2, 14), date(2026, 2, 28), date(2026, 9, 20), date(2026, 10, 10)]),
    years=frozenset({2026}),
)
OFFICE = ServiceCalendar(SHANGHAI, {day: [(9 * 60, 18 * 60)] for day in range(5)}, CHINA)

zones = st.sampled_from(
    "Asia/Shanghai America/New_York Europe/Berlin Australia/Lord_Howe America/Sao_Paulo Africa/Casablanca "
    "Asia/Tehran Pacific/Apia Asia/Gaza America/St_Johns Pacific/Chatham Antarctica/Troll".split()
).map(zone)
instants = st.integers(1_167_609_600 * SECOND, 2_145_916_800 * SECOND)
minutes = st.integers(0, 1439)
days_of_weeks = st.one_of(
    st.builds(OnDay, weekdays=st.frozensets(st.integers(0, 6), min_size=1)),
    st.builds(OnDay, month_day=st.integers(1, 31)),
)
durations = st.builds(Duration, st.integers(0, 120), st.integers(0, 3000), st.integers(0, 90 * DAY))


def at(text: str, place: Zone = SHANGHAI) -> int:
    return parse_instant(text, place)


# Durations and times of day


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("P30D", Duration(days=30)),
        ("PT48H", Duration(micros=48 * HOUR)),
        ("P1M", Duration(months=1)),
        ("PT1M", Duration(micros=MINUTE)),
        ("P1DT2H", Duration(days=1, micros=2 * HOUR)),
        ("P2W", Duration(days=14)),
        ("P1Y6M", Duration(months=18)),
        ("PT0S", Duration()),
        ("P0D", Duration(calendar=True)),
        ("PT1.5S", Duration(micros=1_500_000)),
        ("PT0.000001S", Duration(micros=1)),
    ],
)
def test_a_duration_is_read_with_its_calendar_and_elapsed_parts_apart(text: str, duration: Duration) -> None:
    assert parse_duration(text) == duration
    assert parse_duration(str(duration)) == duration


@given(durations)
def test_a_duration_written_is_read_back_the_same(duration: Duration) -> None:
    assert parse_duration(str(duration)) == duration
    assert hash(parse_duration(str(duration))) == hash(duration)


@pytest.mark.parametrize(
    ("wrong", "fix"),
    [
        (30, "P30D is thirty days"),
        (1.5, "P30D is thirty days"),
        ("30", "P30D is thirty days"),
        ("30 days", "Write P30D"),
        ("2h", "Write PT2H"),
        ("30天", "Write P30D"),
        ("48小时", "Write PT48H"),
        ("p30d", "capitals and without spaces: P30D"),
        (" P30D", "capitals and without spaces: P30D"),
        ("-P1D", "without the minus"),
        ("P", "for example P30D"),
        ("PT", "for example P30D"),
        ("P1DT", "for example P30D"),
        ("P1H", "for example P30D"),
        ("P1.5D", "for example P30D"),
        ("P1D\n", "without spaces: P1D"),
        ("P٣D", "for example P30D"),
        ("", "for example P30D"),
        (None, "for example P30D"),
        (True, "Say the unit"),
        ("P99999Y", "Check the unit"),
        ("P" + "9" * 10_000 + "D", "for example P30D"),
    ],
)
def test_what_is_no_duration_is_refused_with_the_right_way_to_write_it(wrong: object, fix: str) -> None:
    with pytest.raises(TimeError) as refused:
        parse_duration(wrong)
    assert fix in refused.value.fix
    assert len(str(refused.value)) < 250


def test_elapsed_counts_a_day_as_24_hours_and_refuses_months() -> None:
    assert parse_duration("P1DT2H").elapsed() == 26 * HOUR
    with pytest.raises(TimeError, match=r"P1M.*P30D or PT720H"):
        parse_duration("P1M").elapsed()


def test_a_time_of_day_is_read_as_minutes_after_midnight() -> None:
    assert parse_time_of_day("09:00") == 540
    assert parse_time_of_day("00:00") == 0
    assert parse_time_of_day("24:00", end=True) == 1440


@pytest.mark.parametrize(
    ("wrong", "fix"),
    [
        (600, 'Put quotes around it, for example "10:00"'),
        (36000, "Put quotes around it"),
        ("24:00", '"00:00" of the next day'),
        ("9:00", "two digits each"),
        ("09:60", "two digits each"),
        ("24:01", "two digits each"),
        ("09:00:00", "two digits each"),
        ("nine", "two digits each"),
        (None, "two digits each"),
        (False, "two digits each"),
    ],
)
def test_what_is_no_time_of_day_is_refused_with_the_right_way_to_write_it(wrong: object, fix: str) -> None:
    with pytest.raises(TimeError) as refused:
        parse_time_of_day(wrong)
    assert fix in refused.value.fix


# Zones, instants, dates


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("Asia/Shangai", "Did you mean 'Asia/Shanghai'?"),
        ("asia/shanghai", "Did you mean 'Asia/Shanghai'?"),
        ("Asia/Beijing", "Asia/Shanghai"),
        ("UTC+8", "An offset is not a zone"),
        ("+08:00", "An offset is not a zone"),
        ("localtime", "IANA"),
        ("", "IANA"),
        ("../../etc/passwd", "IANA"),
        ("x" * 10_000, "IANA"),
    ],
)
def test_an_unknown_zone_is_refused_with_the_nearest_known_one(name: str, fix: str) -> None:
    with pytest.raises(TimeError) as refused:
        zone(name)
    assert fix in refused.value.fix
    assert len(str(refused.value)) < 250


def test_a_zone_is_one_object_even_after_travelling_to_another_process() -> None:
    assert zone("Asia/Shanghai") is SHANGHAI
    assert pickle.loads(pickle.dumps(SHANGHAI)) is SHANGHAI
    assert SHANGHAI.name == "Asia/Shanghai"
    assert repr(SHANGHAI) == "zone('Asia/Shanghai')"


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-01T09:00:00+08:00", datetime(2026, 3, 1, 1)),
        ("2026-03-01T01:00:00Z", datetime(2026, 3, 1, 1)),
        ("2026-03-01 01:00Z", datetime(2026, 3, 1, 1)),
        ("2026-03-01T09:00:00.5+0800", datetime(2026, 3, 1, 1, 0, 0, 500_000)),
        ("2026-03-01T09:00:00", datetime(2026, 3, 1, 1)),
        ("2026-03-01", datetime(2026, 2, 28, 16)),
        ("9999-12-31T23:59:59.999999Z", datetime.max),
        ("0001-01-01T00:00:00Z", datetime.min),
    ],
)
def test_a_time_is_read_with_its_offset_or_on_the_clock_of_the_zone(text: str, instant: datetime) -> None:
    assert parse_instant(text, SHANGHAI) == (instant - EPOCH) // timedelta(microseconds=1)


@pytest.mark.parametrize(
    "wrong",
    ["", "yesterday", "2026-02-30T00:00Z", "01/03/2026", "1767225600", "20260301", "2026-W09-7", None, 5],
)
def test_what_is_no_time_is_refused_by_its_value(wrong: str) -> None:
    with pytest.raises(TimeError) as refused:
        parse_instant(wrong, SHANGHAI)
    assert repr(wrong) in str(refused.value)
    assert "2026-03-01T09:00:00+08:00" in refused.value.fix


def test_a_time_without_offset_is_never_silently_utc() -> None:
    with pytest.raises(TimeError, match=r"2026-03-01T09:00.*no offset"):
        parse_instant("2026-03-01T09:00")


@given(instants, zones)
def test_an_instant_written_is_read_back_the_same(instant: int, place: Zone) -> None:
    assert parse_instant(format_instant(instant)) == instant
    assert parse_instant(format_instant(instant, place)) == instant


def test_an_instant_is_written_with_microseconds_only_where_it_has_some() -> None:
    assert format_instant(at("2026-03-01T09:00:00")) == "2026-03-01T01:00:00Z"
    assert format_instant(at("2026-03-01T09:00:00") + 5) == "2026-03-01T01:00:00.000005Z"
    assert format_instant(at("2026-03-01T09:00:00"), SHANGHAI) == "2026-03-01T09:00:00+08:00"


def test_times_beyond_the_calendar_are_refused() -> None:
    for call in (
        lambda: format_instant(10**18),
        lambda: format_instant(10**18, SHANGHAI),
        lambda: SHANGHAI.local(at("9999-12-31T23:59:59Z")),
        lambda: SHANGHAI.from_wall(-(10**17)),
        lambda: due_before("0001-02-01", parse_duration("P2M"), SHANGHAI),
        lambda: due_before("0001-02-01", parse_duration("P50D"), SHANGHAI, 0, parse_on_day(15)),
    ):
        with pytest.raises(TimeError, match="year"):
            call()


def test_the_last_day_of_the_calendar_can_stand_for_never() -> None:
    due = due_before("9999-12-31", parse_duration("P30D"), BERLIN, 600)
    assert BERLIN.local(due) == datetime(9999, 12, 1, 10)


def test_a_date_is_read_from_a_text_or_taken_as_it_is() -> None:
    assert parse_date("2026-03-31") == date(2026, 3, 31)
    assert parse_date(date(2026, 3, 31)) == date(2026, 3, 31)


@pytest.mark.parametrize(
    "wrong", ["2026-3-31", "2026-02-30", "31.03.2026", "20260331", "", None, datetime(2026, 3, 31)]
)
def test_what_is_no_date_is_refused(wrong: object) -> None:
    with pytest.raises(TimeError, match="2026-03-31"):
        parse_date(wrong)


# Due times


def test_an_elapsed_day_and_a_calendar_day_differ_when_the_clocks_change() -> None:
    entry = at("2026-03-28T12:00", BERLIN)
    assert due_after(entry, parse_duration("PT24H"), BERLIN) == at("2026-03-29T13:00", BERLIN)
    assert due_after(entry, parse_duration("P1D"), BERLIN) == at("2026-03-29T12:00", BERLIN)


@pytest.mark.parametrize(
    ("by", "clock", "due"),
    [
        ("P1D", 540, "2026-03-02T09:00"),
        ("P0D", 540, "2026-03-01T09:00"),
        ("PT4H", 540, "2026-03-02T09:00"),
        ("PT4H", 1080, "2026-03-01T18:00"),
        ("PT4H", 900, "2026-03-01T15:00"),
        ("PT0S", 660, "2026-03-01T11:00"),
        ("P1M", None, "2026-04-01T11:00"),
        ("P1DT2H", None, "2026-03-02T13:00"),
        ("P1DT2H", 540, "2026-03-02T11:00"),
    ],
)
def test_after_counts_from_the_entry(by: str, clock: int | None, due: str) -> None:
    assert due_after(at("2026-03-01T11:00"), parse_duration(by), SHANGHAI, clock) == at(due)


@pytest.mark.parametrize(
    ("field", "by", "clock", "due"),
    [
        (date(2026, 3, 31), "P30D", 600, "2026-03-01T10:00"),
        ("2026-03-31", "P7D", 600, "2026-03-24T10:00"),
        ("2026-03-31", "P1M", 600, "2026-02-28T10:00"),
        ("2026-03-31", "P0D", 600, "2026-03-31T10:00"),
        ("2026-03-31", "P1D", None, "2026-03-30T00:00"),
        ("2026-03-31", "PT2H", None, "2026-03-30T22:00"),
        ("2026-03-31", "PT2H", 600, "2026-03-30T10:00"),
        ("2026-03-31", "PT14H", 600, "2026-03-30T10:00"),
        ("2026-03-31", "PT15H", 600, "2026-03-29T10:00"),
        ("2026-03-31", "P1DT2H", 600, "2026-03-30T08:00"),
        (at("2026-03-31T15:30"), "P1D", None, "2026-03-30T15:30"),
        (at("2026-03-31T15:30"), "P1D", 1080, "2026-03-30T18:00"),
        (at("2026-03-31T15:30"), "PT1H", None, "2026-03-31T14:30"),
        (at("2026-03-31T15:30"), "PT1H", 870, "2026-03-31T14:30"),
    ],
)
def test_before_counts_back_from_a_date_or_an_instant(
    field: date | str | int, by: str, clock: int | None, due: str
) -> None:
    assert due_before(field, parse_duration(by), SHANGHAI, clock) == at(due)


def test_months_clamp_to_the_end_of_the_month() -> None:
    assert due_after(at("2024-01-31T09:00"), parse_duration("P1M"), SHANGHAI) == at("2024-02-29T09:00")
    assert due_after(at("2026-01-31T09:00"), parse_duration("P1M"), SHANGHAI) == at("2026-02-28T09:00")
    assert due_after(at("2024-02-29T09:00"), parse_duration("P1Y"), SHANGHAI) == at("2025-02-28T09:00")


@given(st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.integers(1, 240), minutes)
def test_a_month_later_is_the_same_day_or_the_last_of_that_month(day: date, months: int, clock: int) -> None:
    due = SHANGHAI.local(due_after(SHANGHAI.at_wall(day, clock), Duration(months=months), SHANGHAI))
    assert (due.year - day.year) * 12 + due.month - day.month == months
    assert due.day == min(day.day, monthrange(due.year, due.month)[1])
    assert due.hour * 60 + due.minute == clock


@given(instants, durations, zones, st.none() | minutes)
def test_nothing_elapsed_is_due_before_its_entry(
    entry: int, by: Duration, place: Zone, clock: int | None
) -> None:
    elapsed = Duration(micros=by.micros)
    assert due_after(entry, elapsed, place, clock) >= entry + by.micros
    assert due_before(entry, elapsed, place, clock) <= entry - by.micros
    if clock is None:
        assert due_after(entry, Duration(days=by.days, calendar=True), place) >= entry


@given(instants, durations, zones, st.none() | minutes, days_of_weeks)
@example(at("2026-03-31T10:00"), Duration(), SHANGHAI, None, OnDay(month_day=31))
def test_on_day_only_moves_forward_and_to_such_a_day(
    entry: int, by: Duration, place: Zone, clock: int | None, on_day: OnDay
) -> None:
    assume(by.micros == 0 or clock is None)
    plain = due_before(entry, by, place, clock)
    moved = due_before(entry, by, place, clock, on_day)
    assert moved >= plain
    assert moved - plain <= 32 * DAY
    day = place.local(moved).date()
    if on_day.month_day:
        hit = day.day == min(on_day.month_day, monthrange(day.year, day.month)[1])
    else:
        hit = day.weekday() in on_day.weekdays
    assert hit or day == date(2011, 12, 31)


@pytest.mark.parametrize(
    ("written", "due"),
    [
        ("monday", "2026-03-02T10:00"),
        ("sunday", "2026-03-01T10:00"),
        (["tuesday", "thursday"], "2026-03-03T10:00"),
        (15, "2026-03-15T10:00"),
        (1, "2026-03-01T10:00"),
        (31, "2026-03-31T10:00"),
    ],
)
def test_on_day_moves_a_due_on_a_sunday(written: object, due: str) -> None:
    assert due_before("2026-03-31", parse_duration("P30D"), SHANGHAI, 600, parse_on_day(written)) == at(due)


def test_a_day_of_the_month_clamps_to_its_end_and_goes_over_into_the_next_month() -> None:
    by = parse_duration("P0D")
    assert due_before("2026-02-10", by, SHANGHAI, 600, parse_on_day(31)) == at("2026-02-28T10:00")
    assert due_before("2026-12-16", by, SHANGHAI, 600, parse_on_day(15)) == at("2027-01-15T10:00")


@pytest.mark.parametrize(
    ("wrong", "fix"),
    [
        ("mondey", "Did you mean 'monday'?"),
        ("Monday", "Did you mean 'monday'?"),
        ("周一", '"monday"'),
        (0, "1 to 31"),
        (32, "1 to 31"),
        ([], '"monday"'),
        (None, '"monday"'),
        (True, '"monday"'),
        (["monday", 3], '"monday"'),
    ],
)
def test_what_is_no_day_is_refused_with_the_right_way_to_write_it(wrong: object, fix: str) -> None:
    with pytest.raises(TimeError) as refused:
        parse_on_day(wrong)
    assert fix in refused.value.fix


def test_weekdays_are_counted_from_monday() -> None:
    assert (parse_weekday("monday"), parse_weekday("sunday")) == (0, 6)


def test_the_yearly_review_is_first_due_before_the_first_return_of_the_date() -> None:
    by, signed = parse_duration("P45D"), date(2025, 9, 20)
    entered = at("2025-09-20T11:00")
    assert due_yearly(signed, by, SHANGHAI, 600, entered) == at("2026-08-06T10:00")
    assert due_yearly("2025-09-20", by, SHANGHAI, 600, at("2026-08-06T10:00")) == at("2026-08-06T10:00")
    assert due_yearly(signed, by, SHANGHAI, 600, at("2026-08-06T10:00") + 1) == at("2027-08-06T10:00")
    assert due_yearly(signed, by, SHANGHAI, 600, 0) == at("2026-08-06T10:00")


def test_a_yearly_due_moved_into_january_belongs_to_the_december_before() -> None:
    by, signed, mid_month = parse_duration("P0D"), date(2020, 12, 20), parse_on_day(15)
    assert due_yearly(signed, by, SHANGHAI, 600, at("2026-01-10"), mid_month) == at("2026-01-15T10:00")


def test_a_birthday_on_29_february_returns_on_the_28th_in_other_years() -> None:
    by, born = parse_duration("P0D"), date(2024, 2, 29)
    assert due_yearly(born, by, SHANGHAI, 540, at("2024-03-01")) == at("2025-02-28T09:00")
    assert due_yearly(born, by, SHANGHAI, 540, at("2028-01-01")) == at("2028-02-29T09:00")


@given(
    st.dates(date(1940, 1, 1), date(2030, 1, 1)), durations, zones, st.none() | minutes, instants,
    st.none() | days_of_weeks,
)  # fmt: skip
def test_the_yearly_due_is_the_first_of_all_the_years(
    born: date, by: Duration, place: Zone, clock: int | None, after: int, on_day: OnDay | None
) -> None:
    returns = [
        date(year, born.month, min(born.day, monthrange(year, born.month)[1])) for year in range(1941, 2060)
    ]
    dues = [due_before(day, by, place, clock, on_day) for day in returns if day.year > born.year]
    assert due_yearly(born, by, place, clock, after, on_day) == min(due for due in dues if due >= after)


# Quiet hours and calendars

NIGHT = QuietHours(21 * 60, 8 * 60, holidays=CHINA)


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        ("2026-03-02T20:59:59.999999", None),
        ("2026-03-02T21:00", "2026-03-03T08:00"),
        ("2026-03-03T00:30", "2026-03-03T08:00"),
        ("2026-03-03T08:00", None),
        ("2026-10-02T10:00", "2026-10-08T08:00"),
        ("2026-09-30T21:00", "2026-10-08T08:00"),
        ("2026-10-10T10:00", None),
        ("2027-10-02T10:00", None),
    ],
)
def test_quiet_hours_are_half_open_and_a_holiday_goes_over_into_the_night(
    moment: str, until: str | None
) -> None:
    assert NIGHT.until(at(moment), SHANGHAI) == (None if until is None else at(until))


def test_a_weekday_may_have_quiet_windows_of_its_own() -> None:
    weekend = QuietHours(21 * 60, 8 * 60, weekly={5: [(12 * 60, 14 * 60), (20 * 60, 10 * 60)], 6: []})
    assert weekend.until(at("2026-03-07T13:00"), SHANGHAI) == at("2026-03-07T14:00")
    assert weekend.until(at("2026-03-07T20:30"), SHANGHAI) == at("2026-03-08T10:00")
    assert weekend.until(at("2026-03-07T07:00"), SHANGHAI) == at("2026-03-07T08:00")
    assert weekend.until(at("2026-03-08T22:00"), SHANGHAI) is None
    over_the_week = QuietHours(weekly={6: [(20 * 60, 10 * 60)]})
    assert over_the_week.until(at("2026-03-08T22:00"), SHANGHAI) == at("2026-03-09T10:00")


def test_a_quiet_end_inside_a_gap_is_the_moment_the_clock_jumps_over_it() -> None:
    quiet = QuietHours(22 * 60, 2 * 60 + 30)
    assert quiet.until(at("2026-03-28T23:00", BERLIN), BERLIN) == at("2026-03-29T03:00", BERLIN)


@given(instants, zones, minutes, st.integers(0, 1440), st.sets(st.integers(0, 40), max_size=6))
def test_the_end_of_quiet_is_never_quiet_and_nothing_before_it_is_free(
    moment: int, place: Zone, start: int, end: int, off: set[int]
) -> None:
    assume(start != end and end - start < 1440)
    today = date.fromordinal(place.local_day(moment))
    days = frozenset(today + timedelta(each) for each in off)
    quiet = QuietHours(start, end, holidays=DayCalendar(off=days, years=frozenset(day.year for day in days)))
    until = quiet.until(moment, place)
    if until is None:
        return
    assert until > moment
    assert quiet.until(until, place) is None
    for step in range(1, 20):
        assert quiet.until(moment + (until - moment - 1) * step // 20, place) == until


@pytest.mark.parametrize(
    "quiet",
    [
        {"from_": 540, "to": 540},
        {"from_": 0, "to": 1440},
        {"from_": 540},
        {"from_": 1440, "to": 600},
        {"from_": -1, "to": 600},
        {"weekly": {day: [(0, 720), (700, 1440)] for day in range(7)}},
    ],
)
def test_quiet_hours_that_cannot_be_meant_are_refused(quiet: dict[str, object]) -> None:
    with pytest.raises(TimeError) as refused:
        QuietHours(**quiet)  # type: ignore[arg-type]
    assert refused.value.fix


def test_no_quiet_hours_at_all_are_never_quiet() -> None:
    assert QuietHours().until(at("2026-03-02T23:00"), SHANGHAI) is None


def test_a_day_calendar_knows_its_years_and_tells_a_holiday_from_a_weekend() -> None:
    assert CHINA.covers(2026) and not CHINA.covers(2027)
    assert CHINA.is_holiday(date(2026, 10, 1)) and CHINA.is_off(date(2026, 10, 1))
    assert CHINA.is_off(date(2026, 3, 7)) and not CHINA.is_holiday(date(2026, 3, 7))
    assert not CHINA.is_off(date(2026, 2, 28))
    assert not CHINA.is_off(date(2027, 10, 1))


def test_a_day_calendar_that_contradicts_itself_is_refused() -> None:
    day = frozenset({date(2027, 1, 1)})
    with pytest.raises(TimeError, match="2027-01-01 is listed both"):
        DayCalendar(off=day, working=day, years=frozenset({2027}))
    with pytest.raises(TimeError, match="Add 2027 to its years"):
        DayCalendar(off=day, years=frozenset({2026}))


def test_service_time_stands_still_over_night_and_weekend() -> None:
    friday = at("2026-03-06T17:00")
    assert OFFICE.advance(friday, 4 * HOUR) == at("2026-03-09T12:00")
    assert OFFICE.advance(friday, HOUR) == at("2026-03-06T18:00")
    assert OFFICE.advance(friday, HOUR + 1) == at("2026-03-09T09:00") + 1
    assert OFFICE.advance(at("2026-03-07T12:00"), 0) == at("2026-03-07T12:00")
    assert OFFICE.between(friday, at("2026-03-09T13:00")) == 5 * HOUR
    assert OFFICE.between(friday, friday) == 0


def test_a_saturday_worked_in_exchange_has_the_hours_of_a_working_day() -> None:
    assert OFFICE.between(at("2026-02-14"), at("2026-02-15")) == 9 * HOUR
    assert OFFICE.between(at("2026-02-15"), at("2026-02-24")) == 0


def test_fifteen_working_days_go_around_the_spring_festival() -> None:
    assert OFFICE.advance_days(at("2026-02-09T11:20"), 15) == at("2026-03-06T11:20")
    assert OFFICE.advance_days(at("2026-02-09T20:00"), 1) == at("2026-02-10T20:00")
    assert OFFICE.advance_days(at("2026-02-09T20:00"), 0) == at("2026-02-09T20:00")


@given(instants, st.integers(0, 500 * HOUR), zones, st.data())
def test_the_time_between_a_start_and_its_advance_is_what_was_asked(
    start: int, micros: int, place: Zone, data: st.DataObject
) -> None:
    cuts = st.lists(st.integers(0, 1440), min_size=2, max_size=6, unique=True).map(sorted)
    days = st.dictionaries(st.integers(0, 6), cuts, min_size=1)
    weekly = {day: list(zip(marks[::2], marks[1::2], strict=False)) for day, marks in data.draw(days).items()}
    assume(all(sum(end - begin for begin, end in windows) >= 60 for windows in weekly.values()))
    calendar = ServiceCalendar(place, weekly)
    end = calendar.advance(start, micros)
    assert calendar.between(start, end) == micros
    if micros:
        assert calendar.between(start, end - 1) == micros - 1
    half = calendar.advance(start, micros // 2)
    assert calendar.advance(half, micros - micros // 2) == end


@given(instants, instants)
def test_the_calendar_that_is_always_open_counts_elapsed_time(start: int, end: int) -> None:
    start, end = sorted((start, end))
    assert ALWAYS.between(start, end) == end - start
    assert ALWAYS.advance(start, end - start) == end
    assert ALWAYS.advance_days(start, 2) == start + 2 * DAY


def test_a_service_open_round_the_clock_still_closes_on_its_days_off() -> None:
    calendar = ServiceCalendar(SHANGHAI, {day: [(0, 1440)] for day in range(7)}, CHINA)
    assert calendar.advance(at("2026-09-30T23:00"), 2 * HOUR) == at("2026-10-08T01:00")


@pytest.mark.parametrize(
    "weekly", [{}, {0: []}, {0: [(1320, 360)]}, {0: [(540, 720), (700, 800)]}, {0: [(540, 1500)]}]
)
def test_service_hours_that_cannot_be_meant_are_refused(weekly: dict[int, list[tuple[int, int]]]) -> None:
    with pytest.raises(TimeError) as refused:
        ServiceCalendar(SHANGHAI, weekly)
    assert refused.value.fix


def test_service_time_does_not_run_backwards() -> None:
    with pytest.raises(TimeError):
        OFFICE.advance(at("2026-03-06T17:00"), -1)


def test_a_calendar_travels_to_another_process() -> None:
    again = pickle.loads(pickle.dumps((OFFICE, NIGHT)))
    assert again == (OFFICE, NIGHT)
    assert again[0].advance(at("2026-03-06T17:00"), 4 * HOUR) == at("2026-03-09T12:00")
    assert again[1].until(at("2026-03-02T21:00"), SHANGHAI) == at("2026-03-03T08:00")


def test_the_epoch_is_where_python_has_it() -> None:
    moment = datetime(2026, 3, 1, 1, tzinfo=UTC)
    assert parse_instant("2026-03-01T01:00Z") == int(moment.timestamp()) * SECOND
