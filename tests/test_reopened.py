"""Encounters that are opened again, and standards that follow what becomes of an encounter.

An example for every sentence of "Reopening" and "Changed fields" in docs/semantics.md; times are those of
Shanghai in 2026. The reference matcher holds the same sentences on random packs.
"""

from __future__ import annotations

from typing import Any

from building import LATER, at, case, do, event, pack, play, told

from peakend.model.event import Event
from peakend.model.outcome import Encountered
from peakend.model.pack import Pack

HOUR = 3_600_000_000
RESTORE = {"from": "case.opened", "to": "case.solved", "within": "PT4H"}
OFFICE = {"office": {"week": {"mon-fri": ["09:00-12:00", "13:00-18:00"]}}}
URGENT = {**RESTORE, "where": "w = 'P1'"}
CALM = {**RESTORE, "within": "PT48H", "where": "w = 'P3'"}


def of_case(when: str, what: str, **data: Any) -> Event:
    return event(when, f"case.{what}", case="I", **data)


OPENED = of_case("03-02 10:00", "opened", w="P1")
SOLVED = of_case("03-02 11:30", "solved")
REOPENED = of_case("03-02 15:00", "reopened")


def reopening(*plays: dict[str, Any], **words: Any) -> Pack:
    """A pack whose cases are opened again by case.reopened."""
    standards = words.pop("standards", {"restore": RESTORE})
    policy = {word: words.pop(word) for word in ("calendars", "grace", "moment") if word in words}
    point = case(standards=standards, **words)
    point["encounter"]["reopens"] = "case.reopened"
    return pack(*plays, points={"case": point}, **policy)


def updated(*plays: dict[str, Any], **words: Any) -> Pack:
    """A pack whose cases get another priority `w` by order.changed, which speaks of every open case."""
    standards = words.pop("standards", {"urgent": URGENT, "calm": CALM})
    policy = {word: words.pop(word) for word in ("calendars", "grace") if word in words}
    point = case(standards=standards, **words)
    point["encounter"]["updates"] = "order.changed"
    return pack(*plays, points={"case": point}, **policy)


def priority(when: str, w: str, **words: Any) -> Event:
    return event(when, "order.changed", w=w, **words)


def lines(of: Pack, *log: Event, until: str = LATER) -> list[str]:
    return [
        one.replace(" case [I]", "").replace(" [I]", "") for one in told(of, *log, until=until).encounters
    ]


def used(of: Pack, *log: Event) -> list[float]:
    """The hours that each standard's clock ran, at the settlement."""
    found = [one for one in told(of, *log).outputs if isinstance(one, Encountered) and one.settled]
    return [one.used / HOUR for one in found[-1].standards]


# Reopening


def test_the_time_before_counts_on_and_the_encounter_settles_after_its_last_end() -> None:
    assert lines(reopening(), OPENED, SOLVED, REOPENED, of_case("03-02 17:30", "solved")) == [
        "03-02 11:30 closed neutral, restore kept",
        "03-02 17:30 closed neutral, restore kept",
        "03-09 17:30 settled neutral, restore kept",
    ]
    assert used(reopening(), OPENED, SOLVED, REOPENED, of_case("03-02 17:30", "solved")) == [4.0]


def test_two_short_pieces_that_are_too_long_together_break_the_promise_at_the_end_of_what_was_left() -> None:
    log = OPENED, SOLVED, REOPENED, of_case("03-02 17:30:01", "solved")
    assert lines(reopening(), *log)[1:] == [
        "03-02 17:30 breach restore",
        "03-02 17:30:01 closed neutral, restore breached",
        "03-09 17:30:01 settled neutral, restore breached",
    ]


def test_in_working_hours_only_those_that_were_left_are_used() -> None:
    of = reopening(standards={"restore": {**RESTORE, "calendar": "office"}}, calendars=OFFICE)
    log = OPENED, SOLVED, of_case("03-02 20:00", "reopened"), of_case("03-03 11:30:01", "solved")
    assert lines(of, *log)[1] == "03-03 11:30 breach restore"


def test_what_had_been_answered_in_time_stays_answered() -> None:
    reply = {"from": "case.opened", "to": "case.replied", "within": "PT1H"}
    log = OPENED, of_case("03-02 10:30", "replied"), SOLVED, REOPENED, of_case("03-02 16:00", "solved")
    assert lines(reopening(standards={"reply": reply}), *log)[-1] == "03-09 16:00 settled neutral, reply kept"


def test_an_agreed_date_that_was_met_stays_met() -> None:
    agreed = {"from": "case.opened", "to": "case.solved", "by": "day"}
    log = of_case("03-02 10:00", "opened", day="2026-03-02"), SOLVED, of_case("03-05 10:00", "reopened")
    of = reopening(standards={"agreed": agreed})
    assert lines(of, *log, of_case("03-06 10:00", "solved"))[-1] == "03-13 10:00 settled neutral, agreed kept"


def test_a_reopening_learnt_before_the_end_it_follows_leaves_the_encounter_open() -> None:
    again, end = of_case("03-02 12:30", "reopened"), of_case("03-02 11:30", "solved", seen="03-02 13:00")
    assert lines(reopening(), OPENED, again, end, until="03-02 14:59") == []
    assert lines(reopening(), OPENED, again, end, until="03-02 15:00") == ["03-02 15:00 breach restore"]


def test_the_longest_duration_counts_from_the_last_opening() -> None:
    log = OPENED, of_case("03-30 10:00", "solved"), of_case("04-02 10:00", "reopened")
    assert lines(reopening(standards={}), *log) == [
        "03-30 10:00 closed neutral",
        "05-02 10:00 unfinished neutral",
        "05-09 10:00 settled neutral",
    ]


def test_what_has_settled_is_not_opened_again() -> None:
    log = OPENED, SOLVED, of_case("03-09 11:30:01", "reopened")
    assert lines(reopening(), *log)[1:] == ["03-09 11:30 settled neutral, restore kept"]


def test_while_it_is_open_again_nobody_is_asked_how_it_was() -> None:
    ask = play(
        "ask", do("how", action="ask", after="PT6H"), touchpoint="case", class_="ask", on="case.solved"
    )
    of = reopening(ask, moment="open('case')")
    assert told(of, OPENED, SOLVED).verdicts == ["03-02 17:30 send how"]
    assert told(of, OPENED, SOLVED, REOPENED).verdicts == ["03-02 17:30 suppress how: moment"]


# Changed fields


def test_a_raised_case_has_the_time_since_it_opened_behind_it() -> None:
    warn = play("warn", do("hurry", action="card", before_breach_of="urgent", by="PT1H"), on="case.opened",
                touchpoint="case", key="case")  # fmt: skip
    log = of_case("03-02 10:00", "opened", w="P3"), priority("03-02 12:00", "P1")
    assert told(updated(warn), *log, until="03-02 13:59").verdicts == ["03-02 13:00 send hurry [I]"]
    assert lines(updated(), *log, until="03-02 14:00") == ["03-02 14:00 breach urgent"]


def test_raised_when_its_time_is_over_it_is_missed_at_that_instant() -> None:
    log = of_case("03-02 10:00", "opened", w="P3"), priority("03-02 15:00", "P1")
    assert lines(updated(), *log, until="03-03 00:00") == ["03-02 15:00 breach urgent"]
    late = priority("03-02 15:00", "P1", seen="03-02 18:00")
    assert lines(updated(), log[0], late, until="03-03 00:00") == ["03-02 18:00 breach urgent"]


def test_a_lowered_case_takes_the_easier_promise_and_the_harder_one_is_withdrawn() -> None:
    log = OPENED, priority("03-02 14:00", "P3"), of_case("03-03 09:00", "solved")
    assert lines(updated(), *log)[-1] == "03-10 09:00 settled neutral, calm kept"
    assert used(updated(), *log) == [23.0]


def test_what_was_missed_before_it_was_lowered_stays_missed() -> None:
    log = OPENED, priority("03-02 14:00:01", "P3"), of_case("03-03 09:00", "solved")
    assert lines(updated(), *log)[-1] == "03-10 09:00 settled neutral, urgent breached, calm kept"


def test_raised_and_lowered_in_time_leaves_no_trace() -> None:
    log = (
        of_case("03-02 10:00", "opened", w="P3"),
        priority("03-02 11:00", "P1"),
        priority("03-02 13:00", "P3"),
    )
    assert lines(updated(), *log, of_case("03-03 09:00", "solved")) == [
        "03-03 09:00 closed neutral, calm kept",
        "03-10 09:00 settled neutral, calm kept",
    ]


def test_what_was_proven_counts_as_it_was_then() -> None:
    log = OPENED, of_case("03-02 12:00", "solved"), priority("03-03 10:00", "P3")
    assert lines(updated(), *log)[-1] == "03-09 12:00 settled neutral, urgent kept"


def test_updates_learnt_out_of_order_count_in_the_order_in_which_they_happened() -> None:
    opened = of_case("03-02 10:00", "opened", w="P3")
    raised, lowered = priority("03-02 11:00", "P1", seen="03-02 13:30"), priority("03-02 13:00", "P3")
    log = opened, lowered, raised, of_case("03-03 09:00", "solved")
    assert lines(updated(), *log)[-1] == "03-10 09:00 settled neutral, calm kept"


def test_the_conditions_and_what_is_told_of_the_encounter_see_the_new_fields() -> None:
    of = updated(miserable="w = 'P1'", standards={})
    log = of_case("03-02 10:00", "opened", w="P3"), priority("03-02 11:00", "P1"), SOLVED
    assert lines(of, *log)[0] == "03-02 11:30 closed miserable"
    sorry = play("sorry", do("sorry"), touchpoint="case", on="encounter.closed", where="w = 'P1'")
    assert told(updated(sorry, standards={}), *log).verdicts == ["03-02 11:30 send sorry"]


def test_a_standard_that_does_not_apply_is_null_to_conditions() -> None:
    log = OPENED, priority("03-02 11:00", "P3"), SOLVED
    of = updated(miserable="breached('urgent') is null", magical="kept('calm')")
    assert lines(of, *log)[0] == "03-02 11:30 closed miserable, calm kept"


def test_an_end_of_the_instant_of_the_deadline_is_in_time_whatever_is_reopened_there() -> None:
    log = OPENED, of_case("03-02 14:00", "solved"), of_case("03-02 14:00", "reopened")
    assert lines(reopening(), *log, until="03-02 14:01") == [
        "03-02 14:00 closed neutral, restore kept",
        "03-02 14:00 breach restore",
    ]
    assert at("03-02 14:00") - at("03-02 10:00") == 4 * HOUR
