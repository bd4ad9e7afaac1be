"""Encounters: when they open, close and settle, whether standards were kept, and how it was for the customer.

An example for every sentence of section 5 of docs/semantics.md; times are those of Shanghai in 2026.
"""

from __future__ import annotations

from typing import Any

import pytest
from building import LATER, case, clock, do, event, pack, play, told
from hypothesis import given
from hypothesis import strategies as st

from peakend.model.event import Event

RESTORE = {
    "from": "case.opened",
    "to": "case.solved",
    "within": "PT4H",
    "pauses": "case.paused",
    "resumes": "case.resumed",
}
OFFICE = {"office": {"week": {"mon-fri": ["09:00-18:00"]}}}


def of_case(when: str, what: str, key: str | None = "I", **data: Any) -> Event:
    return event(when, f"case.{what}", **{"case": key} if key else {}, **data)


OPENED = of_case("03-02 10:00", "opened")
SOLVED = of_case("03-02 12:00", "solved")


def went(*log: Event, until: str = LATER, policy: dict[str, Any] | None = None, **point: Any) -> list[str]:
    """What came of the encounters at the touchpoint `case`."""
    of = pack(points={"case": case(**point)}, **(policy or {}))
    return [line.replace(" case [I]", "") for line in told(of, *log, until=until).encounters]


def kept(*log: Event, policy: dict[str, Any] | None = None, **standard: Any) -> list[str]:
    """The same with the standard `restore`, changed as told: breaches, and its result at the end."""
    lines = went(*log, policy=policy, standards={"restore": {**RESTORE, **standard}})
    return [line.replace(" [I]", "").replace(" neutral,", "") for line in lines if "closed" not in line]


# Opening and ending


@pytest.mark.parametrize(
    ("log", "lines"),
    [
        pytest.param(
            [OPENED, SOLVED],
            ["03-02 12:00 closed neutral", "03-09 12:00 settled neutral"],
            id="closes at its end and settles a week later",
        ),
        pytest.param(
            [OPENED, of_case("03-02 11:00", "opened"), SOLVED],
            ["03-02 12:00 closed neutral", "03-09 12:00 settled neutral"],
            id="is one while it is open, however often it begins",
        ),
        pytest.param(
            [OPENED, of_case("03-02 11:00", "opened", key=None), of_case("03-02 11:30", "solved", key=None)],
            ["04-01 10:00 unfinished neutral", "04-08 10:00 settled neutral"],
            id="takes nothing from events without its key",
        ),
        pytest.param(
            [OPENED],
            ["04-01 10:00 unfinished neutral", "04-08 10:00 settled neutral"],
            id="is unfinished when it lasts too long",
        ),
        pytest.param(
            [OPENED, of_case("04-01 10:00", "solved")],
            ["04-01 10:00 closed neutral", "04-08 10:00 settled neutral"],
            id="is finished by an end at the last instant",
        ),
        pytest.param(
            [OPENED, of_case("03-02 12:00", "solved", seen="03-02 15:00")],
            ["03-02 15:00 closed neutral", "03-09 12:00 settled neutral"],
            id="closes when the end is learnt and settles a week after it happened",
        ),
        pytest.param(
            [OPENED, of_case("03-02 12:00", "solved", seen="03-20 15:00")],
            ["03-20 15:00 closed neutral", "03-20 15:00 settled neutral"],
            id="does not settle before it closes",
        ),
        pytest.param(
            [SOLVED, of_case("03-02 10:00", "opened", seen="03-02 15:00")],
            ["03-02 15:00 closed neutral", "03-09 12:00 settled neutral"],
            id="is ended by what arrived before its begin",
        ),
        pytest.param(
            [of_case("03-02 09:00", "solved"), OPENED],
            ["04-01 10:00 unfinished neutral", "04-08 10:00 settled neutral"],
            id="is not ended by what happened before its begin",
        ),
        pytest.param(
            [of_case("03-02 10:00", "opened", seen="03-05 10:00:01")],
            [],
            id="is not opened by a late event",
        ),
    ],
)
def test_an_encounter(log: list[Event], lines: list[str]) -> None:
    assert went(*log) == lines


def test_each_key_has_encounters_of_its_own_and_a_new_one_when_the_old_one_has_ended() -> None:
    log = OPENED, of_case("03-02 11:00", "opened", key="J"), SOLVED, of_case("03-02 13:00", "opened")
    assert went(*log, until="04-05 00:00") == [
        "03-02 12:00 closed neutral",
        "03-09 12:00 settled neutral",
        "04-01 11:00 unfinished case [J] neutral",
        "04-01 13:00 unfinished neutral",
    ]


def test_an_encounter_needs_its_condition_to_be_true() -> None:
    log = [of_case("03-02 10:00", "opened", key=key, w=w) for key, w in (("I", "x"), ("J", "y"), ("K", None))]
    assert went(*log, where="w = 'x'", until="04-02 00:00") == ["04-01 10:00 unfinished neutral"]


def test_an_event_that_ends_and_begins_first_ends() -> None:
    log = OPENED, of_case("03-02 12:00", "opened")
    assert went(*log, ends=["case.solved", "case.opened"], settles="PT1H", until="03-31 00:00") == [
        "03-02 12:00 closed neutral",
        "03-02 13:00 settled neutral",
    ]


def test_an_end_whose_kind_declares_no_key_ends_all() -> None:
    log = OPENED, of_case("03-02 11:00", "opened", key="J"), event("03-02 12:00", "shop.closed")
    assert went(*log, ends=["case.solved", "shop.closed"], until="03-03 00:00") == [
        "03-02 12:00 closed neutral",
        "03-02 12:00 closed case [J] neutral",
    ]


def test_without_a_key_there_is_one_encounter_of_the_customer() -> None:
    log = OPENED, of_case("03-02 11:00", "opened", key="J"), of_case("03-02 12:00", "solved", key="K")
    assert went(*log, key=None, until="03-03 00:00") == ["03-02 12:00 closed case [] neutral"]


# Standards


@pytest.mark.parametrize(
    ("log", "lines"),
    [
        pytest.param(
            [of_case("03-02 14:00", "solved")],
            ["03-09 14:00 settled restore kept"],
            id="is kept at the very deadline",
        ),
        pytest.param(
            [of_case("03-02 14:00:00.000001", "solved")],
            ["03-02 14:00 breach restore", "03-09 14:00:00.000001 settled restore breached"],
            id="is breached an instant later",
        ),
        pytest.param(
            [of_case("03-02 14:00", "solved", seen="03-02 16:00")],
            ["03-02 14:00 breach restore", "03-09 14:00 settled restore kept late"],
            id="is kept after all when the proof was only late to arrive",
        ),
        pytest.param(
            [of_case("03-02 15:00", "solved", seen="03-02 16:00")],
            ["03-02 14:00 breach restore", "03-09 15:00 settled restore breached"],
            id="stays breached when the proof happened too late",
        ),
        pytest.param(
            [
                of_case("03-02 12:00", "paused"),
                of_case("03-03 12:00", "resumed"),
                of_case("03-03 14:00", "solved"),
            ],
            ["03-10 14:00 settled restore kept"],
            id="is kept within the time in which the clock ran",
        ),
        pytest.param(
            [
                of_case("03-02 12:00", "paused"),
                of_case("03-03 12:00", "resumed"),
                of_case("03-03 14:00:01", "solved"),
            ],
            ["03-03 14:00 breach restore", "03-10 14:00:01 settled restore breached"],
            id="is breached when the rest of the time is used up",
        ),
        pytest.param(
            [of_case("03-02 12:00", "paused"), of_case("03-20 12:00", "solved")],
            ["03-27 12:00 settled restore kept"],
            id="is kept when it is proven while the clock stands",
        ),
        pytest.param(
            [of_case("03-02 12:00", "paused")],
            ["04-01 10:00 unfinished restore open", "04-08 10:00 settled restore open"],
            id="is open when the clock still stands at the end",
        ),
        pytest.param(
            [of_case("03-02 14:30", "paused"), of_case("03-02 15:00", "resumed")],
            [
                "03-02 14:00 breach restore",
                "04-01 10:00 unfinished restore breached",
                "04-08 10:00 settled restore breached",
            ],
            id="is not saved by a pause after the deadline",
        ),
        pytest.param(
            [of_case("03-02 11:00", "solved"), of_case("03-02 16:00", "solved")],
            ["03-09 11:00 settled restore kept"],
            id="is proven by the first proof",
        ),
    ],
)
def test_a_standard_of_four_hours(log: list[Event], lines: list[str]) -> None:
    assert kept(OPENED, *log) == lines


@pytest.mark.parametrize(
    ("standard", "lines"),
    [
        ({"where": "w = 'x'"}, ["03-09 12:00 settled neutral"]),
        ({"since": "2026-03-03"}, ["03-09 12:00 settled neutral"]),
        ({"since": "2026-03-02", "until": "2026-03-02"}, ["03-09 12:00 settled restore kept"]),
        ({"until": "2026-03-01"}, ["03-09 12:00 settled neutral"]),
    ],
    ids=["its condition is not true", "it is not yet in force", "it is in force", "it is no longer in force"],
)
def test_a_standard_binds_unless(standard: dict[str, Any], lines: list[str]) -> None:
    assert kept(OPENED, SOLVED, **standard) == lines


def test_a_standard_may_start_with_a_later_event() -> None:
    log = OPENED, of_case("03-02 12:00", "replied"), of_case("03-02 16:00", "solved")
    assert kept(*log, **{"from": "case.replied"}) == ["03-09 16:00 settled restore kept"]


def test_a_standard_counts_on_its_calendar() -> None:
    office = {"calendar": "office"}
    log = of_case("03-06 16:00", "opened"), of_case("03-09 11:00", "solved")
    assert kept(*log, policy={"calendars": OFFICE}, **office) == ["03-16 11:00 settled restore kept"]
    late = of_case("03-09 11:00:01", "solved")
    assert kept(log[0], late, policy={"calendars": OFFICE}, **office)[0] == "03-09 11:00 breach restore"


def test_two_working_days_end_at_the_same_wall_time() -> None:
    days = {"calendar": "office", "within": "P2D"}
    log = of_case("03-06 16:00", "opened"), of_case("03-10 16:00", "solved")
    assert kept(*log, policy={"calendars": OFFICE}, **days) == ["03-17 16:00 settled restore kept"]
    late = of_case("03-10 16:00:01", "solved")
    assert kept(log[0], late, policy={"calendars": OFFICE}, **days)[0] == "03-10 16:00 breach restore"


def test_a_source_that_is_slow_has_the_grace_of_the_pack_before_a_breach_is_told() -> None:
    policy = {"grace": {"tickets": "PT2H"}}
    slow = of_case("03-02 10:00", "opened", source="tickets")
    log = slow, of_case("03-02 14:00", "solved", seen="03-02 16:00")
    assert kept(*log, policy=policy) == ["03-09 14:00 settled restore kept"]
    assert kept(slow, policy=policy)[0] == "03-02 16:00 breach restore"
    assert kept(OPENED, policy=policy)[0] == "03-02 14:00 breach restore"
    too_late = of_case("03-02 14:01", "solved", seen="03-02 14:30")
    assert kept(slow, too_late, policy=policy) == [
        "03-02 16:00 breach restore",
        "03-09 14:01 settled restore breached",
    ]


def test_nothing_is_breached_before_its_begin_was_known() -> None:
    arrived = of_case("03-02 10:00", "opened", seen="03-03 10:00")
    assert kept(arrived)[0] == "03-03 10:00 breach restore"


def test_a_deadline_after_the_settlement_is_left_open() -> None:
    assert kept(OPENED, of_case("03-02 11:00", "replied"), within="P60D") == [
        "04-01 10:00 unfinished restore open",
        "04-08 10:00 settled restore open",
    ]


def test_a_breach_starts_plays_with_the_fields_of_the_begin() -> None:
    sorry = play(
        "sorry", do("sorry"), on="standard.breached", where="standard = 'restore' and w = 'x'", key="case"
    )
    of = pack(sorry, points={"case": case(standards={"restore": RESTORE})})
    assert told(of, of_case("03-02 10:00", "opened", w="x")).verdicts == ["03-02 14:00 send sorry [I]"]


# How it was


def test_an_encounter_is_miserable_before_it_is_magical_and_neutral_when_neither_is_true() -> None:
    def state(*log: Event, **conditions: str) -> str:
        return went(*log, until="03-03 00:00", standards={"restore": RESTORE}, **conditions)[0].split()[3]

    quick, slow = of_case("03-02 12:00", "solved"), of_case("03-02 13:00", "solved")
    praise = {"magical": "exceeded('restore', 0.5)"}
    assert state(OPENED, quick, **praise) == "magical,"
    assert state(OPENED, slow, **praise) == "neutral,"
    assert state(OPENED, quick, **praise, miserable="kept('restore')") == "miserable,"
    assert state(OPENED, quick, miserable="rating <= 2") == "neutral,"


def test_what_comes_between_the_end_and_the_settlement_still_counts() -> None:
    words = {
        "miserable": "count('case.reopened') >= 1",
        "rating": "case.rated.score",
        "magical": "rating >= 5",
    }
    assert went(OPENED, SOLVED, of_case("03-08 10:00", "reopened"), **words) == [
        "03-02 12:00 closed neutral",
        "03-09 12:00 settled miserable",
    ]
    assert went(OPENED, SOLVED, of_case("03-09 12:00", "rated", score=5), **words) == [
        "03-02 12:00 closed neutral",
        "03-09 12:00 settled magical rated 5",
    ]
    assert went(OPENED, SOLVED, of_case("03-09 12:00:01", "reopened"), **words)[1:] == [
        "03-09 12:00 settled neutral"
    ]


def test_what_is_counted_belongs_to_its_key_and_lies_after_the_begin() -> None:
    words = {"miserable": "count('case.reopened') >= 1"}
    log = (
        of_case("03-02 09:00", "reopened"),
        OPENED,
        of_case("03-02 11:00", "reopened", key="J"),
        SOLVED,
    )
    assert went(*log, **words)[1] == "03-09 12:00 settled neutral"


def test_a_rating_without_a_key_belongs_to_the_encounter_that_began_last() -> None:
    log = OPENED, of_case("03-02 11:00", "opened", key="J"), event("03-02 12:00", "talk.rated", score=4)
    assert went(*log, rating="talk.rated.score", until="04-02 00:00") == [
        "04-01 10:00 unfinished neutral",
        "04-01 11:00 unfinished case [J] neutral rated 4",
    ]


def test_a_play_sees_how_the_encounter_of_its_key_went() -> None:
    of = pack(
        play(
            "play", do("thanks", after="PT1H", where="kept('restore') and exceeded('restore', 0.5)"),
            on="case.solved", touchpoint="case", key="case",
        ),
        points={"case": case(standards={"restore": RESTORE})},
    )  # fmt: skip
    assert told(of, OPENED, SOLVED).verdicts == ["03-02 13:00 send thanks [I]"]
    slow = told(of, OPENED, of_case("03-02 12:01", "solved"))
    assert slow.verdicts == ["03-02 13:01 suppress thanks [I]: guard"]


# Disorder

STORY = [
    of_case("03-02 10:00", "opened"),
    of_case("03-02 11:00", "paused"),
    of_case("03-02 15:00", "resumed"),
    of_case("03-02 16:00", "solved"),
    of_case("03-02 17:00", "reopened"),
    of_case("03-02 17:30", "rated", score=2),
]


@given(st.permutations(range(1, len(STORY))))
def test_what_arrived_before_the_begin_counts_as_if_it_had_come_after(order: list[int]) -> None:
    """Nothing was decided while the log knew of no encounter, so the order of arrival leaves no trace."""
    arrived = [
        event(clock(STORY[n].at), STORY[n].kind, seen=f"03-03 10:0{place}", **STORY[n].data)
        for place, n in enumerate(order)
    ]
    begin = event(clock(STORY[0].at), STORY[0].kind, seen="03-03 11:00", **STORY[0].data)
    words = {"rating": "case.rated.score", "standards": {"restore": RESTORE}}
    bad = "rating <= 2 and count('case.reopened') = 1"
    assert (
        went(*arrived, begin, miserable=bad, **words)[-1]
        == "03-09 16:00 settled miserable rated 2, restore kept"
    )


def test_the_same_event_twice_changes_nothing_but_counts() -> None:
    twice = [OPENED, OPENED, SOLVED, SOLVED]
    assert went(*twice) == went(OPENED, SOLVED)
