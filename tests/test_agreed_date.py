"""Standards that are kept by an agreed date: the end of that day where the customer is, or a named instant.

An example for every sentence of "An agreed date" in docs/semantics.md; times are those of Shanghai in 2026.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from building import LATER, at, case, do, event, pack, play, told
from hypothesis import given
from hypothesis import strategies as st

from peakend.errors import PackError
from peakend.fold import compile_program
from peakend.model.event import Event
from peakend.model.outcome import Breached, Encountered
from peakend.model.pack import Pack

AGREED = {"from": "case.opened", "to": "case.solved", "by": "day"}
AT_HOME = {"zone": {"type": "zone", "from": "customer.updated.zone"}}


def opened(when: str = "03-02 10:00", **data: Any) -> Event:
    return event(when, "case.opened", case="I", **data)


def of_case(when: str, what: str, **data: Any) -> Event:
    return event(when, f"case.{what}", case="I", **data)


def agreed(*plays: dict[str, Any], point: dict[str, Any] | None = None, **standard: Any) -> Pack:
    """A pack whose cases are to be solved by the agreed day; the words change the standard."""
    points = {"case": case(standards={"agreed": {**AGREED, **standard}}, **(point or {}))}
    return pack(*plays, points=points, customer=AT_HOME, grace={"slow": "PT2H"})


def went(*log: Event, until: str = LATER, **standard: Any) -> list[str]:
    """Breaches, and the result at the end."""
    lines = told(agreed(**standard), *log, until=until).encounters
    return [line.replace(" case [I]", "").replace(" [I]", "") for line in lines if "closed" not in line]


def result(*log: Event, **standard: Any) -> tuple[str, int, int]:
    """How the standard fared at the settlement: its result, the time used, the time allowed."""
    found = [one for one in told(agreed(**standard), *log).outputs if isinstance(one, Encountered)]
    (of,) = found[-1].standards
    return of.result, of.used, of.within


HOUR = 3_600_000_000
DAY = 24 * HOUR


# The deadline


@pytest.mark.parametrize(
    ("solved", "lines"),
    [
        ("03-05 23:59:59.999999", ["03-12 23:59:59.999999 settled neutral, agreed kept"]),
        (
            "03-06 00:00",
            ["03-05 23:59:59.999999 breach agreed", "03-13 00:00 settled neutral, agreed breached"],
        ),
    ],
    ids=["kept in the last microsecond of the day", "breached when the next day begins"],
)
def test_a_day_is_agreed_to_its_end(solved: str, lines: list[str]) -> None:
    assert went(opened(day="2026-03-05"), of_case(solved, "solved")) == lines


def test_an_instant_is_agreed_to_the_microsecond() -> None:
    promised = opened(moment=at("03-05 12:00"))
    assert went(promised, of_case("03-05 12:00", "solved"), by="moment")[0].endswith("agreed kept")
    late = of_case("03-05 12:00:00.000001", "solved")
    assert went(promised, late, by="moment")[0] == "03-05 12:00 breach agreed"


def test_the_day_ends_where_the_customer_is() -> None:
    home = event("03-01 10:00", "customer.updated", zone="America/New_York")
    assert went(home, opened(day="2026-03-05"))[0] == "03-06 12:59:59.999999 breach agreed"


def test_the_date_stands_when_the_customer_moves_or_another_day_is_named() -> None:
    moved = event("03-03 10:00", "customer.updated", zone="America/New_York")
    again = opened("03-03 11:00", day="2026-03-20")
    assert went(opened(day="2026-03-05"), moved, again)[0] == "03-05 23:59:59.999999 breach agreed"


@pytest.mark.parametrize(
    ("zone", "day", "end"),
    [
        ("Europe/Berlin", "2026-03-29", "2026-03-29T22:00"),  # 23 hours long
        ("Europe/Berlin", "2026-10-25", "2026-10-25T23:00"),  # 25 hours long
        ("America/Santiago", "2026-09-05", "2026-09-06T04:00"),  # the next day begins at 01:00
        ("America/Santiago", "2026-04-04", "2026-04-05T04:00"),  # its last hour comes twice
        ("America/Havana", "2026-10-31", "2026-11-01T04:00"),  # the next day's first hour comes twice
    ],
)
def test_a_day_ends_when_the_next_one_begins_whatever_the_clocks_do(zone: str, day: str, end: str) -> None:
    log = event("01-01 10:00", "customer.updated", zone=zone), opened("01-02 10:00", day=day)
    lasting = {"lasts_at_most": "P400D"}
    outputs = told(agreed(point=lasting), *log).outputs
    (breach,) = [one for one in outputs if isinstance(one, Breached)]
    assert breach.deadline == int(datetime.fromisoformat(f"{end}Z").timestamp()) * 1_000_000 - 1
    assert breach.instant == breach.deadline


@given(
    st.sampled_from(
        ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Kolkata"]
    ),
    st.dates(date(2026, 3, 3), date(2026, 12, 20)),
)
def test_the_deadline_is_the_last_microsecond_of_the_day_in_every_zone(zone: str, day: date) -> None:
    log = event("01-01 10:00", "customer.updated", zone=zone), opened(day=day.isoformat())
    outputs = told(agreed(point={"lasts_at_most": "P400D"}), *log).outputs
    (breach,) = [one for one in outputs if isinstance(one, Breached)]
    local = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=breach.deadline)
    assert local.astimezone(ZoneInfo(zone)).date() == day
    assert (local + timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date() == day + timedelta(days=1)


# No date


@pytest.mark.parametrize(
    "data", [{}, {"day": None}, {"day": "9999-12-31"}], ids=["missing", "empty", "the day that has no next"]
)
def test_without_a_date_nothing_was_agreed(data: dict[str, Any]) -> None:
    assert went(opened(**data), of_case("03-02 12:00", "solved")) == ["03-09 12:00 settled neutral"]


def test_a_clock_that_had_no_date_starts_with_the_next_event_that_brings_one() -> None:
    log = opened(), of_case("03-03 10:00", "replied"), of_case("03-04 10:00", "replied", day="2026-03-05")
    lines = went(*log, of_case("03-05 10:00", "solved"), **{"from": "case.replied"})
    assert lines == ["03-12 10:00 settled neutral, agreed kept"]
    lines = went(*log, **{"from": "case.replied"}, until="03-10 00:00")
    assert lines == ["03-05 23:59:59.999999 breach agreed"]


# The past, and what comes late


def test_a_day_that_was_over_when_it_was_agreed_is_breached_at_once() -> None:
    over = opened(day="2026-03-01")
    assert went(over)[0] == "03-02 10:00 breach agreed"
    assert result(over, of_case("03-02 10:00", "solved")) == ("breached", 0, 0)
    assert went(opened(day="2026-03-02"), of_case("03-02 20:00", "solved"))[0].endswith("agreed kept")


def test_a_date_before_1970_is_a_date() -> None:
    utc = event("01-01 10:00", "customer.updated", zone="UTC")
    assert went(utc, opened(day="1969-12-31"))[0] == "03-02 10:00 breach agreed"


def test_a_breach_is_told_when_the_log_can_know_of_it() -> None:
    arrived = opened(day="2026-03-03", seen="03-04 10:00")
    assert went(arrived)[0] == "03-04 10:00 breach agreed"
    in_grace = opened("03-02 00:30", day="2026-03-01", source="slow")
    assert went(in_grace)[0] == "03-02 01:59:59.999999 breach agreed"


def test_a_proof_that_was_only_late_to_arrive_turns_the_result() -> None:
    log = opened(day="2026-03-05"), of_case("03-05 20:00", "solved", seen="03-06 09:00")
    assert went(*log) == [
        "03-05 23:59:59.999999 breach agreed",
        "03-12 20:00 settled neutral, agreed kept late",
    ]


def test_what_arrived_before_the_begin_is_measured_against_the_date() -> None:
    early = of_case("03-05 20:00", "solved", seen="03-05 20:00")
    begin = opened("03-04 10:00", day="2026-03-05", seen="03-05 21:00")
    assert went(early, begin) == ["03-12 20:00 settled neutral, agreed kept"]


# What conditions and plays make of it


def test_the_time_allowed_reaches_from_the_start_to_the_date() -> None:
    moment = opened(moment=at("03-06 10:00"))
    assert result(moment, of_case("03-04 10:00", "solved"), by="moment") == ("kept", 2 * DAY, 4 * DAY)
    assert result(opened(day="2026-03-02"))[1:] == (0, 14 * HOUR - 1)

    def state(solved: str) -> str:
        point = {"magical": "exceeded('agreed', 0.5)", "miserable": "breached('agreed')"}
        log = moment, of_case(solved, "solved")
        found = told(agreed(point=point, by="moment"), *log).outputs
        return next(one.state for one in found if isinstance(one, Encountered))

    assert state("03-04 10:00") == "magical"
    assert state("03-04 10:00:00.000001") == "neutral"
    assert state("03-06 10:00:00.000001") == "miserable"


def test_a_colleague_hears_before_the_date_is_missed() -> None:
    warn = play(
        "warn", do("hurry", "card", before_breach_of="agreed", by="PT24H"),
        on="case.opened", touchpoint="case", key="case",
    )  # fmt: skip
    of = agreed(warn)
    assert told(of, opened(day="2026-03-05")).verdicts == ["03-04 23:59:59.999999 send hurry [I]"]
    assert told(of, opened(day="2026-03-05"), of_case("03-04 20:00", "solved")).verdicts == []
    assert told(of, opened()).verdicts == ["03-02 10:00 suppress hurry [I]: no_due"]
    assert told(of, opened(day="2026-03-01")).verdicts == []


def test_a_breach_carries_the_date_to_the_plays_that_it_starts() -> None:
    sorry = play("sorry", do("sorry"), on="standard.breached", where="standard = 'agreed'", key="case")
    of = agreed(sorry)
    assert told(of, opened(day="2026-03-05")).verdicts == ["03-05 23:59:59.999999 send sorry [I]"]


@given(st.permutations(["opened", "replied", "solved"]), st.integers(1, 9))
def test_the_order_of_arrival_leaves_no_trace_in_the_result(order: list[str], day: int) -> None:
    """Everything arrives on the last morning, so that no breach is told before all is known."""
    happened = {"opened": "03-03 10:00", "replied": "03-04 10:00", "solved": "03-05 10:00"}
    data = {"opened": {"day": f"2026-03-0{day}"}, "replied": {}, "solved": {}}
    log = [
        of_case(happened[what], what, seen=f"03-05 11:0{place}", **data[what])
        for place, what in enumerate(order)
    ]
    found = [one for one in told(agreed(), *log, until="03-30 00:00").outputs if isinstance(one, Encountered)]
    (of,) = found[-1].standards
    assert of.result == ("kept" if day >= 5 else "breached")
    assert (of.used, of.within) == (2 * DAY, max(0, (day - 3) * DAY + 14 * HOUR - 1))


@pytest.mark.parametrize("words", [{"within": "PT4H"}, {"by": None}], ids=["both", "neither"])
def test_a_standard_with_both_or_neither_is_not_compiled(words: dict[str, Any]) -> None:
    with pytest.raises(PackError, match="exactly one of within and by"):
        compile_program(agreed(**words))
