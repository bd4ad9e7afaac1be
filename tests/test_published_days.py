"""Public holidays that come along: held against libraries that list them too, and used by packs by name."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import chinese_calendar
import holidays
import pytest
from building import case, do, event, pack, play, told, write_log

from peakend.backtest import backtest
from peakend.backtest.conclude import conclude
from peakend.check import check
from peakend.design.pack import BUNDLED
from peakend.errors import PackError, TimeError
from peakend.fold import compile_program, new_state, step
from peakend.model.event import Event
from peakend.model.pack import Pack
from peakend.when import DAY, published, published_file, published_names, spans_of_years
from peakend.why.past import tell

WEEK = {"mon-fri": ["09:00-18:00"]}
STANDARD = {"from": "case.opened", "to": "case.solved", "within": "P3D", "calendar": "office"}


def office(standard: dict[str, Any] | None = None, **calendar: Any) -> Pack:
    """A pack whose cases are to be solved in three working days."""
    points = {"case": case(standards={"restore": {**STANDARD, **(standard or {})}})}
    return pack(points=points, calendars={"office": {"week": WEEK, **calendar}})


def deadline(of: Pack, opened: str) -> list[str]:
    return told(of, event(opened, "case.opened", case="I"), until="2029-01-01 00:00").encounters[:1]


def care(**quiet: Any) -> Pack:
    hours = {"from": "21:00", "to": "08:00", **quiet}
    return pack(play("care", do("gift"), class_="care"), quiet_hours=hours)


# The files


@pytest.mark.parametrize("year", sorted(published("china").years))
def test_the_chinese_days_are_those_that_were_published(year: int) -> None:
    here = published("china")
    for day in (date(year, 1, 1) + timedelta(days) for days in range(365)):
        assert here.is_off(day) == (not chinese_calendar.is_workday(day)), day
    assert {day for day in here.off if day.year == year} == {
        day for day in chinese_calendar.constants.holidays if day.year == year
    }


@pytest.mark.parametrize("year", sorted(published("england").years))
def test_the_english_days_are_the_bank_holidays_of_england_and_wales(year: int) -> None:
    known = set(holidays.country_holidays("GB", subdiv="ENG", years=year))
    assert known == set(holidays.country_holidays("GB", subdiv="WLS", years=year))
    assert {day for day in published("england").off if day.year == year} == known
    assert not published("england").working


def test_every_day_is_named_in_both_languages_and_stands_in_its_place() -> None:
    for name in published_names():
        head, *rows = published_file(name).decode().splitlines()
        assert head == "day,is,zh,en"
        assert all(len(row.split(",")) == 4 and all(row.split(",")) for row in rows)
        assert rows == sorted(set(rows))


def test_the_years_are_those_of_which_something_is_published() -> None:
    assert spans_of_years(published("china").years) == "2004-2026"
    assert spans_of_years(published("england").years) == "2004-2027"


def test_days_that_do_not_come_along_are_named_with_those_that_do() -> None:
    with pytest.raises(TimeError, match="china, england"):
        published("atlantis")
    with pytest.raises(PackError, match=r"'chian'.*Did you mean 'china'") as caught:
        compile_program(office(holidays="chian"))
    assert caught.value.place is not None


# In a pack


def test_working_days_jump_over_the_spring_festival_and_count_a_saturday_worked_in_exchange() -> None:
    # 2026: off from Sunday 15 to Monday 23 February, worked on Saturday 14 and Saturday 28
    assert deadline(office(holidays="china"), "02-13 10:00") == ["02-25 10:00 breach restore [I]"]
    assert deadline(office(), "02-13 10:00") == ["02-18 10:00 breach restore [I]"]


def test_english_hours_rest_on_good_friday_and_easter_monday() -> None:
    of = office(holidays="england", zone="Europe/London")
    assert deadline(of, "04-02 17:00") == ["04-09 17:00 breach restore [I]"]


def test_days_of_the_pack_lie_over_the_published_ones() -> None:
    own = office(holidays="china", working=["2026-02-16"], off=["2026-02-14", "2026-02-24"])
    # worked: Monday 16, Wednesday 25, Thursday 26
    assert deadline(own, "02-13 10:00") == ["02-26 10:00 breach restore [I]"]


def test_quiet_hours_take_the_holidays_of_a_country_or_of_a_calendar() -> None:
    made = event("02-16 10:00", "order.made")
    # the festival lasts longer than a week, and longer nothing is held
    assert told(care(holidays="china"), made).verdicts == ["02-16 10:00 suppress gift: quiet"]
    assert told(care(), made).verdicts == ["02-16 10:00 send gift"]
    easter = event("04-06 10:00", "order.made")
    assert told(care(holidays="england"), easter).verdicts == [
        "04-06 10:00 hold gift: quiet until 04-07 08:00",
        "04-07 08:00 send gift",
    ]


# Years that nobody knows


def test_a_backtest_and_why_say_which_years_were_asked_about_in_vain(tmp_path: Path) -> None:
    of = office(holidays="china", title={"zh": "工作时间", "en": "office hours"})
    log = [
        event("2026-12-30 10:00", "case.opened", case="I"),
        event("2027-01-20 10:00", "case.solved", case="I"),
    ]
    path = write_log(tmp_path / "log.parquet", log)
    (note,) = [note for note in backtest(of, [path]).notes if "2027" in note["en"]]
    assert "“office hours” does not know the days off of 2027" in note["en"]
    assert "「工作时间」没有 2027 年的节假日" in note["zh"]
    assert conclude(of, [path]).without_days == {"office": {2027}}
    last = tell(of, [path], "c-1")[-1]
    assert (last.weight, last.said.en) == ("often", note["en"])


def test_a_log_of_known_years_is_told_without_a_word_about_years(tmp_path: Path) -> None:
    of = office(holidays="china")
    log = [
        event("2026-03-02 10:00", "case.opened", case="I"),
        event("2026-03-03 10:00", "case.solved", case="I"),
    ]
    path = write_log(tmp_path / "log.parquet", log)
    assert not any("days off" in note["en"] for note in backtest(of, [path]).notes)
    assert conclude(of, [path]).without_days == {}


def test_quiet_hours_asked_in_an_unknown_year_say_so() -> None:
    program = compile_program(care(holidays="china"), contacts_known=False)
    _fold(program, event("2031-10-01 10:00", "order.made"))
    assert program.years_without_days() == {"china": {2031}}


def test_a_calendar_that_speaks_of_no_holidays_has_no_unknown_years() -> None:
    program = compile_program(office(), contacts_known=False)
    _fold(program, event("2031-10-01 10:00", "case.opened", case="I"))
    assert program.years_without_days() == {}


def test_check_says_which_years_a_calendar_knows_and_where_a_story_asks_for_another(tmp_path: Path) -> None:
    folder = _copy("cloud", tmp_path)
    story = folder / "stories" / "06-waiting-for-the-customer.yaml"
    found = {problem.code: problem for problem in check(folder).problems}
    assert "2004-2026" in found["calendar_knows"].what
    assert "calendar_asked" not in found
    story.write_text(story.read_text("utf-8").replace("2026-03-", "2027-03-"), "utf-8")
    asked = {problem.code: problem for problem in check(folder).problems}["calendar_asked"]
    assert asked.severity == "warning"
    assert "2027" in asked.what and "2027" in asked.what_zh


def _fold(program: Any, *log: Event) -> None:
    step(program, new_state("c-1"), list(log), log[-1].seen + 30 * DAY)


def _bundled(name: str) -> Path:
    return BUNDLED / name


def _copy(name: str, tmp_path: Path) -> Path:
    return Path(shutil.copytree(_bundled(name), tmp_path / name))
