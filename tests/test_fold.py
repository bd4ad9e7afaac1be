"""What the fold decides: an example for every sentence of docs/semantics.md on inputs, runs and steps.

Times are those of Shanghai in 2026; 2 March is a Monday. Gates stand in test_govern, encounters in
test_encounters.
"""

from __future__ import annotations

from typing import Any

import pytest
from building import LATER, at, case, clock, do, event, pack, play, told
from hypothesis import given
from hypothesis import strategies as st

from peakend.model.event import Event
from peakend.model.outcome import Verdict

NIGHT = {"from": "21:00", "to": "08:00"}
REMIND = do("remind", after="P1D")
PAID = [{"on": "order.paid", "as": "success"}]


def made(when: str, **data: Any) -> Event:
    return event(when, "order.made", **data)


def paid(when: str, **data: Any) -> Event:
    return event(when, "order.paid", **data)


def changed(when: str, **data: Any) -> Event:
    return event(when, "order.changed", **data)


# 1. One input


def test_a_timer_set_for_the_instant_of_an_arrival_runs_after_it_and_every_earlier_one_before() -> None:
    of = pack(play("play", REMIND, exits=PAID))
    assert told(of, made("03-02 10:00"), paid("03-03 10:00")).verdicts == []
    assert told(of, made("03-02 10:00"), paid("03-03 10:00:00.000001")).verdicts == [
        "03-03 10:00 send remind"
    ]


def test_an_entry_sees_the_profile_and_the_facts_with_its_own_event_in_them() -> None:
    of = pack(
        play("play", REMIND, where="facts.orders = 1 and customer.last = 'x'"),
        facts={"orders": {"of": "order.made", "take": "count"}},
        customer={"last": {"type": "text", "from": "order.made.w"}},
    )
    assert told(of, made("03-02 10:00", w="x")).runs[:1] == ["03-02 10:00 enter play"]


def test_an_entry_sees_the_encounter_that_its_own_event_opens_or_ends() -> None:
    opens = play("opens", REMIND, on="case.opened", where="open('case')")
    ends = play("ends", REMIND, on="case.solved", where="not open('case')")
    of = pack(opens, ends, points={"case": case()})
    log = event("03-02 10:00", "case.opened", case="I"), event("03-02 11:00", "case.solved", case="I")
    assert [run for run in told(of, *log).runs if "enter" in run] == [
        "03-02 10:00 enter opens",
        "03-02 11:00 enter ends",
    ]


def test_the_plays_take_an_event_in_the_order_of_their_names() -> None:
    of = pack(play("b", REMIND), play("a", REMIND))
    assert told(of, made("03-02 10:00")).runs[:2] == ["03-02 10:00 enter a", "03-02 10:00 enter b"]


def test_an_event_that_is_both_exit_and_entry_first_ends_the_older_run() -> None:
    of = pack(play("play", REMIND, exits=[{"on": "order.made", "as": "renewed"}], again="after_exit"))
    assert told(of, made("03-02 10:00"), made("03-02 12:00")).runs[:3] == [
        "03-02 10:00 enter play",
        "03-02 12:00 renewed play",
        "03-02 12:00 enter play x1",
    ]


def test_a_derived_event_has_the_times_of_what_caused_it() -> None:
    of = pack(play("play", do("thanks", after="PT1H"), on="encounter.closed"), points={"case": case()})
    log = (
        event("03-02 10:00", "case.opened", case="I"),
        event("03-02 12:00", "case.solved", case="I", seen="03-02 12:30"),
    )
    assert told(of, *log).verdicts == ["03-02 13:00 send thanks"]
    late = event("03-02 12:00", "case.solved", case="I", seen="03-02 15:00")
    assert told(of, log[0], late).verdicts == ["03-02 15:00 send thanks"]


def test_derived_events_feed_no_encounters() -> None:
    second = case(begins="encounter.closed", lasts_at_most="PT1H")
    of = pack(points={"case": case(), "second": second})
    log = event("03-02 10:00", "case.opened", case="I"), event("03-02 12:00", "case.solved", case="I")
    assert told(of, *log).encounters == [
        "03-02 12:00 closed case [I] neutral",
        "03-09 12:00 settled case [I] neutral",
    ]


def test_without_a_tick_nothing_moves_past_the_last_input() -> None:
    of = pack(play("play", REMIND))
    assert told(of, made("03-02 10:00"), until=None).verdicts == []
    assert told(of, made("03-02 10:00"), until="03-03 09:59:59.999999").verdicts == []
    assert told(of, made("03-02 10:00"), until="03-03 10:00").verdicts == ["03-03 10:00 send remind"]


def test_a_breach_is_known_to_the_steps_of_its_instant() -> None:
    restore = {"from": "case.opened", "to": "case.solved", "within": "PT4H"}
    of = pack(
        play(
            "play",
            do("sorry", after="PT4H", where="breached('restore')"),
            on="case.opened",
            touchpoint="case",
        ),
        points={"case": case(standards={"restore": restore})},
    )
    assert told(of, event("03-02 10:00", "case.opened", case="I")).verdicts == ["03-02 14:00 send sorry"]


def test_steps_of_one_instant_come_by_class_then_priority_then_play_then_key_then_step() -> None:
    of = pack(
        play("a", do("a1"), do("a2"), key="order", again="every"),
        play("b", do("b1"), class_="mandatory"),
        play("c", do("c1"), priority=5),
        play("d", do("d1"), class_="care"),
        play("e", do("e1", class_="mandatory"), priority=-1),
    )
    late = [made("03-02 10:00", order=key, seen="03-02 11:00") for key in "BA"]
    assert told(of, *late).verdicts == [
        "03-02 11:00 send b1",
        "03-02 11:00 send e1",
        "03-02 11:00 send c1",
        "03-02 11:00 send a1 [A]",
        "03-02 11:00 send a2 [A]",
        "03-02 11:00 send a1 [B]",
        "03-02 11:00 send a2 [B]",
        "03-02 11:00 send d1",
    ]


def test_a_timer_set_for_the_instant_at_work_takes_its_place_in_the_order() -> None:
    of = pack(
        play("a", do("first", after="PT720H"), class_="service", on="case.opened"),
        play("z", do("then"), class_="mandatory", on="encounter.closed"),
        points={"case": case(lasts_at_most="PT720H")},
    )
    assert told(of, event("03-02 10:00", "case.opened", case="I")).verdicts == [
        "04-01 10:00 send then",
        "04-01 10:00 send first",
    ]


def test_an_event_of_exactly_the_greatest_age_starts_a_run_and_an_older_one_is_late() -> None:
    of = pack(play("play", REMIND, exits=PAID), max_age="PT72H")
    assert told(of, made("03-02 10:00", seen="03-05 10:00")).runs[:1] == ["03-05 10:00 enter play"]
    late = told(of, made("03-02 10:00", seen="03-05 10:00:01"))
    assert (late.runs, late.passed) == ([], ["03-05 10:00:01 pass play: late"])


def test_a_late_event_still_ends_proves_updates_and_counts() -> None:
    ends = pack(play("play", do("remind", after="P30D"), exits=PAID))
    assert told(ends, made("03-02 10:00"), paid("03-03 10:00", seen="03-20 10:00")).verdicts == []
    updates = pack(play("play", do("remind", before="day"), updates="order.changed"))
    log = made("03-02 10:00", day="2026-04-01"), changed("03-03 10:00", day="2026-05-01", seen="03-20 10:00")
    assert told(updates, *log).verdicts == ["05-01 00:00 send remind"]
    counts = pack(play("play", REMIND, on="order.paid", where="facts.n = 1"), facts=ORDERS)
    log = made("03-02 10:00", seen="03-20 10:00"), paid("03-20 11:00")
    assert told(counts, *log).verdicts == ["03-21 11:00 send remind"]


ORDERS = {"n": {"of": "order.made", "take": "count"}}


def test_a_derived_event_is_late_when_what_it_carries_is() -> None:
    of = pack(play("play", REMIND, on="encounter.closed"), points={"case": case()})
    log = (
        event("03-02 10:00", "case.opened", case="I"),
        event("03-02 12:00", "case.solved", case="I", seen="03-06 12:00"),
    )
    assert told(of, *log).passed == ["03-06 12:00 pass play: late"]


# 2. Lanes


def test_a_key_of_several_fields_is_a_json_list_and_whole_numbers_have_no_point() -> None:
    of = pack(play("play", REMIND, key=["order", "line"]))
    assert told(of, made("03-02 10:00", order="A", line=7.0)).runs[0] == '03-02 10:00 enter play [["A","7"]]'
    one = pack(play("play", REMIND, key="line"))
    assert told(one, made("03-02 10:00", line=7.5)).runs[0] == "03-02 10:00 enter play [7.5]"


HARD = {
    "where": "w = 'x'",
    "key": "order",
    "count": {"at_least": 1, "within": "PT1H"},
    "cool_down": "P7D",
    "again": "once",
}
OBSTACLES: list[tuple[str, Event, list[Event]]] = [
    ("where_false", made("03-02 11:00", w="y", seen="03-20 11:00"), []),
    ("where_unknown", made("03-02 11:00", seen="03-20 11:00"), []),
    ("key_missing", made("03-02 11:00", w="x", seen="03-20 11:00"), []),
    (
        "count",
        made("03-02 10:30", w="x", order="A", seen="03-20 11:00"),
        [made("03-02 10:00", w="x", order="A")],
    ),
    ("cool_down", made("03-04 11:00", w="x", order="A"), [made("03-02 10:00", w="x", order="A")]),
    ("already_ran", made("03-09 10:00", w="x", order="A"), [made("03-02 10:00", w="x", order="A")]),
]


@pytest.mark.parametrize(("reason", "last", "before"), OBSTACLES, ids=[row[0] for row in OBSTACLES])
def test_the_first_obstacle_is_the_reason(reason: str, last: Event, before: list[Event]) -> None:
    of = pack(play("play", REMIND, **HARD))
    assert [p.partition(": ")[2] for p in told(of, *before, last, explain=True).passed] == [reason]


def test_late_stands_before_the_cool_down_and_both_before_what_ran_already() -> None:
    words = {name: word for name, word in HARD.items() if name != "count"}
    of = pack(play("play", REMIND, **words))
    log = made("03-02 10:00", w="x", order="A"), made("03-03 10:00", w="x", order="A", seen="03-20 11:00")
    assert told(of, *log).passed == ["03-20 11:00 pass play [A]: late"]


def test_an_unknown_condition_is_not_asked_again_when_the_answer_comes() -> None:
    of = pack(
        play("play", REMIND, where="customer.tier = 'gold'"),
        customer={"tier": {"type": "text", "from": "customer.updated.tier"}},
    )
    later = told(of, made("03-02 10:00"), event("03-02 11:00", "customer.updated", tier="gold"))
    assert (later.passed, later.runs) == (["03-02 10:00 pass play: where_unknown"], [])


@pytest.mark.parametrize(
    ("again", "entered"),
    [
        ("once", ["A"]),
        ("once_per_key", ["A", "B"]),
        ("after_exit", ["A", "A x1", "B"]),
        ("every", ["A", "A x1", "A x2", "B"]),
        (None, ["A", "B"]),
    ],
)
def test_again_says_which_later_entries_start_a_run(again: str | None, entered: list[str]) -> None:
    words = {"again": again} if again else {}
    of = pack(play("play", do("remind", after="P30D"), key="order", exits=PAID, **words))
    log = [made(f"03-0{day} 10:00", order="A") for day in (2, 3, 5)]
    log[2:2] = [paid("03-04 10:00", order="A")]
    runs = told(of, *log, made("03-06 10:00", order="B")).runs
    lanes = [run.partition("play ")[2].replace("[", "").replace("]", "") for run in runs if "enter" in run]
    assert lanes == entered


def test_without_a_key_a_play_runs_again_after_the_exit() -> None:
    of = pack(play("play", REMIND, exits=PAID))
    log = made("03-02 10:00"), made("03-02 11:00"), paid("03-02 12:00"), made("03-02 13:00")
    seen = told(of, *log)
    assert seen.passed == ["03-02 11:00 pass play: already_open"]
    assert "03-02 13:00 enter play x1" in seen.runs


def test_the_cool_down_ends_to_the_instant_and_counts_from_the_latest_entry() -> None:
    of = pack(play("play", REMIND, again="every", cool_down="P1D"))
    log = made("03-02 10:00"), made("03-03 09:59:59"), made("03-03 10:00")
    assert told(of, *log).passed == ["03-03 09:59:59 pass play: cool_down"]
    earlier = made("03-02 10:00"), made("02-28 10:00", seen="03-02 11:00")
    assert told(of, *earlier).passed == ["03-02 11:00 pass play: cool_down"]


# 2. Count


def entries_of_three_in_a_day(*log: Event, **words: Any) -> list[str]:
    of = pack(play("play", REMIND, count={"at_least": 3, "within": "PT24H"}, again="every", **words))
    return [run.partition(" enter")[0] for run in told(of, *log).runs if "enter" in run]


def hours(*times: str) -> list[Event]:
    return [made(f"03-{time}:00") for time in times]


@pytest.mark.parametrize(
    ("log", "entries"),
    [
        pytest.param(hours("02 10", "02 12", "03 09"), ["03-03 09:00"], id="it fires with the third"),
        pytest.param(hours("02 10", "02 12", "03 10"), [], id="what is a whole window old has left it"),
        pytest.param(hours("02 10", "02 11", "02 12", "02 13", "02 14"), ["03-02 12:00"], id="it fires once"),
        pytest.param(
            hours("02 10", "02 11", "02 12", "03 11"),
            ["03-02 12:00"],
            id="it has to be many again",
        ),
        pytest.param(
            [*hours("02 10", "02 11", "02 12"), made("03-03 10:30")],
            ["03-02 12:00", "03-03 10:30"],
            id="it fires again after a fall between two events",
        ),
        pytest.param(
            hours("02 10", "02 11", "02 12", "03 10", "03 11", "03 12"),
            ["03-02 12:00"],
            id="leaving and arriving in one instant is no fall",
        ),
        pytest.param(
            [*hours("02 10", "02 12"), made("03-02 11:00", seen="03-02 13:00"), made("03-02 14:00")],
            ["03-02 14:00"],
            id="what arrives late counts where it happened",
        ),
        pytest.param(
            [
                *hours("02 10", "02 11", "02 12"),
                *(made(f"03-02 11:{m}", seen="03-04 10:00") for m in (20, 30)),
            ],
            ["03-02 12:00"],
            id="nothing from before the last firing fires",
        ),
        pytest.param(
            [
                *hours("02 10", "02 11", "02 12"),
                made("03-03 10:00", seen="03-03 10:30"),
                made("03-03 11:00", seen="03-03 11:30"),
            ],
            ["03-02 12:00"],
            id="a fall is seen in what is known, not in what had arrived",
        ),
    ],
)
def test_a_count_fires_once_for_each_time_it_climbs(log: list[Event], entries: list[str]) -> None:
    assert entries_of_three_in_a_day(*log) == entries


def test_a_count_is_that_of_its_lane() -> None:
    log = [made(f"03-02 1{n}:00", order=order) for n, order in enumerate("AABAB")]
    assert entries_of_three_in_a_day(*log, key="order") == ["03-02 13:00"]
    assert entries_of_three_in_a_day(*log) == ["03-02 12:00"]


def test_a_late_event_joins_the_window_but_does_not_fire() -> None:
    of = pack(play("play", REMIND, count={"at_least": 3, "within": "P14D"}), max_age="PT24H")
    late = [made(f"03-0{day} 10:00", seen="03-08 10:00") for day in (2, 3, 4)]
    assert told(of, *late).runs == []
    assert told(of, *late, made("03-09 10:00")).runs[0] == "03-09 10:00 enter play"


# 2. Exits


@pytest.mark.parametrize(
    ("exit_", "ended"),
    [
        (paid("03-02 11:00", order="A"), ['["A","1"]', '["A","2"]']),
        (paid("03-02 11:00", order="C"), []),
        (paid("03-02 11:00"), []),
        (event("03-02 11:00", "shop.closed"), ['["A","1"]', '["A","2"]', '["B","1"]']),
    ],
    ids=[
        "every run that agrees on the declared part of the key",
        "no run of another key",
        "no run where a declared field is missing",
        "every run of the customer where no part is declared",
    ],
)
def test_an_exit_ends(exit_: Event, ended: list[str]) -> None:
    exits = [{"on": ["order.paid", "shop.closed"], "as": "success"}]
    of = pack(play("play", do("remind", after="P1D"), key=["order", "line"], exits=exits))
    log = [made("03-02 10:00", order=order, line=line) for order, line in (("A", 1), ("A", 2), ("B", 1))]
    runs = told(of, *log, exit_, until="03-02 12:00").runs
    assert [run.partition("play [")[2][:-1] for run in runs if "success" in run] == ended


def test_an_exit_needs_its_condition_to_be_true() -> None:
    of = pack(play("play", REMIND, exits=[{"on": "order.paid", "where": "v > 10"}]))
    for event_ in (paid("03-02 11:00", v=10), paid("03-02 11:00")):
        assert told(of, made("03-02 10:00"), event_).verdicts == ["03-03 10:00 send remind"]
    assert told(of, made("03-02 10:00"), paid("03-02 11:00", v=11)).verdicts == []


def test_an_exit_from_before_the_entry_does_not_end_it_and_one_of_the_same_instant_after_it_does() -> None:
    of = pack(play("play", REMIND, exits=PAID))
    assert told(of, made("03-02 10:00"), paid("03-02 09:00", seen="03-02 11:00")).verdicts
    assert told(of, paid("03-02 10:00"), made("03-02 10:00")).verdicts
    assert not told(of, made("03-02 10:00"), paid("03-02 10:00")).verdicts


def test_the_first_listed_exit_that_matches_wins() -> None:
    exits = [{"on": "order.paid", "where": "v > 10", "as": "big"}, {"on": "order.paid", "as": "small"}]
    of = pack(play("play", REMIND, exits=exits))
    assert told(of, made("03-02 10:00"), paid("03-02 11:00", v=20)).runs[1:] == ["03-02 11:00 big play"]
    assert told(of, made("03-02 10:00"), paid("03-02 11:00", v=1)).runs[1:] == ["03-02 11:00 small play"]


def test_what_was_held_is_cancelled_with_a_verdict_and_what_was_not_yet_due_ends_without() -> None:
    of = pack(play("play", do("one"), do("two", after="P1D"), exits=PAID), quiet_hours=NIGHT)
    assert told(of, made("03-02 22:00"), paid("03-03 07:00")).verdicts == [
        "03-02 22:00 hold one: quiet until 03-03 08:00",
        "03-03 07:00 suppress one: cancelled",
    ]


def test_then_is_due_from_the_exit_and_decided_when_it_is_known() -> None:
    thanks = {
        "on": "order.paid",
        "as": "success",
        "then": [do("thanks", after="PT2H"), do("later", after="P1D")],
    }
    of = pack(play("play", REMIND, exits=[thanks]))
    assert told(of, made("03-02 10:00"), paid("03-02 11:00", seen="03-02 15:00")).verdicts == [
        "03-02 15:00 send thanks",
        "03-03 11:00 send later",
    ]


def test_then_does_not_hold_the_lane() -> None:
    thanks = {"on": "order.paid", "then": [do("thanks", after="P5D")]}
    of = pack(play("play", REMIND, exits=[thanks], again="after_exit"))
    seen = told(of, made("03-02 10:00"), paid("03-02 11:00"), made("03-02 12:00"))
    assert seen.runs[:3] == [
        "03-02 10:00 enter play",
        "03-02 11:00 stopped play",
        "03-02 12:00 enter play x1",
    ]
    assert seen.verdicts == ["03-03 12:00 send remind x1", "03-07 11:00 send thanks"]


def test_an_entry_that_arrives_after_its_exit_opens_a_run_that_is_over() -> None:
    thanks = {"on": "order.paid", "as": "success", "then": [do("thanks")]}
    of = pack(play("play", do("hello"), REMIND, key="order", exits=[thanks]))
    log = paid("03-02 12:00", order="A"), made("03-02 10:00", order="A", seen="03-02 13:00")
    seen = told(of, *log)
    assert seen.runs == ["03-02 13:00 enter play [A]", "03-02 13:00 success play [A]"]
    assert seen.verdicts == ["03-02 13:00 send thanks [A]"]
    other = told(of, paid("03-02 12:00", order="B"), made("03-02 10:00", order="A", seen="03-02 13:00"))
    assert other.verdicts == ["03-02 13:00 send hello [A]", "03-03 10:00 send remind [A]"]


def test_of_several_remembered_exits_the_earliest_to_happen_wins() -> None:
    exits = [{"on": "shop.closed", "as": "closed"}, {"on": "order.paid", "as": "paid"}]
    of = pack(play("play", REMIND, exits=exits))
    log = (
        event("03-02 14:00", "shop.closed"),
        paid("03-02 12:00", seen="03-02 15:00"),
        made("03-02 10:00", seen="03-02 16:00"),
    )
    assert told(of, *log).runs[1] == "03-02 16:00 paid play"


def test_an_exit_is_remembered_from_when_it_was_learnt_for_the_greatest_age() -> None:
    of = pack(play("play", REMIND, exits=PAID), max_age="PT72H")
    ahead = paid("03-02 12:05", seen="03-02 12:00")
    assert told(of, ahead, made("03-02 12:02", seen="03-05 12:00")).verdicts == []
    forgotten = told(of, ahead, made("03-02 12:02", seen="03-05 12:00:01"))
    assert forgotten.verdicts == ["03-05 12:00:01 suppress remind: expired"]


def test_what_was_sent_after_the_exit_had_happened_is_regretted() -> None:
    of = pack(play("play", REMIND, exits=PAID))
    for happened in ("03-03 09:00", "03-03 10:00"):
        seen = told(of, made("03-02 10:00"), paid(happened, seen="03-03 12:00"))
        assert seen.regrets == ["03-03 12:00 regret remind of 03-03 10:00"]
    assert told(of, made("03-02 10:00"), paid("03-03 10:00:01", seen="03-03 12:00")).regrets == []


# 2. The end of a run


@pytest.mark.parametrize(
    ("words", "end"),
    [
        ({}, "03-03 10:00"),
        ({"exits": PAID}, "04-02 10:00"),
        ({"exits": PAID, "goal": {"event": "order.paid", "within": "P10D"}}, "03-13 10:00"),
        ({"exits": PAID, "goal": {"event": "order.paid", "within": "P10D"}, "stays": "P1D"}, "03-04 10:00"),
    ],
    ids=[
        "with its last step",
        "with exits 30 days later",
        "the window of its goal later",
        "as it says later",
    ],
)
def test_a_run_ends_by_itself(words: dict[str, Any], end: str) -> None:
    of = pack(play("play", do("hello"), REMIND, **words))
    assert told(of, made("03-02 10:00")).runs[1] == f"{end} completed play"


def test_who_comes_within_the_stay_after_the_last_step_is_still_thanked() -> None:
    thanks = {"on": "order.paid", "as": "success", "then": [do("thanks")]}
    of = pack(play("play", REMIND, exits=[thanks], stays="P2D"))
    inside = told(of, made("03-02 10:00"), paid("03-05 10:00"))
    assert inside.verdicts == ["03-03 10:00 send remind", "03-05 10:00 send thanks"]
    assert told(of, made("03-02 10:00"), paid("03-05 10:00:01")).verdicts == ["03-03 10:00 send remind"]


# 2. Updates

WEEK_BEFORE = do("remind", before="day", by="P7D", at="09:00")


def moving(*log: Event, **words: Any) -> list[str]:
    """The verdicts of a reminder a week before a day that was 20 March when the run began on the 2nd."""
    step = {**WEEK_BEFORE, **words.pop("step", {})}
    of = pack(play("play", step, updates="order.changed", key="order", exits=PAID), **words)
    return [
        v.replace(" [A]", "")
        for v in told(of, made("03-02 10:00", order="A", day="2026-03-20"), *log).verdicts
    ]


@pytest.mark.parametrize(
    ("log", "verdicts"),
    [
        pytest.param([], ["03-13 09:00 send remind"], id="as it was"),
        pytest.param(
            [changed("03-05 10:00", order="A", day="2026-03-25")],
            ["03-18 09:00 send remind"],
            id="an update moves what is not yet due",
        ),
        pytest.param(
            [changed("03-05 10:00", order="B", day="2026-03-25")],
            ["03-13 09:00 send remind"],
            id="one of another key does not",
        ),
        pytest.param(
            [changed("03-01 10:00", order="A", day="2026-03-25", seen="03-05 10:00")],
            ["03-13 09:00 send remind"],
            id="one from before the entry does not",
        ),
        pytest.param(
            [
                changed("03-05 10:00", order="A", day="2026-03-25"),
                changed("03-04 10:00", order="A", day="2026-03-22", seen="03-06 10:00"),
            ],
            ["03-18 09:00 send remind"],
            id="the latest to happen counts, not the latest to arrive",
        ),
        pytest.param(
            [changed("03-12 10:00", order="A", day="2026-03-19", seen="03-12 12:00")],
            ["03-12 12:00 send remind"],
            id="a due that moved into the past is decided when the update is known",
        ),
        pytest.param(
            [changed("03-15 10:00", order="A", day="2026-03-27")],
            ["03-13 09:00 send remind"],
            id="what was sent is not repeated for a move of a week",
        ),
        pytest.param(
            [changed("03-15 10:00", order="A", day="2026-03-28")],
            ["03-13 09:00 send remind", "03-21 09:00 send remind/1"],
            id="what was sent is repeated for a move of more than a week",
        ),
        pytest.param(
            [
                changed("03-15 10:00", order="A", day="2026-03-28"),
                changed("03-22 10:00", order="A", day="2026-04-28"),
            ],
            ["03-13 09:00 send remind", "03-21 09:00 send remind/1", "04-21 09:00 send remind/2"],
            id="and each time its round counts up",
        ),
        pytest.param(
            [changed("03-15 10:00", order="A", day="2026-03-10")],
            ["03-13 09:00 send remind"],
            id="what was sent is not repeated for a move to an earlier day",
        ),
        pytest.param(
            [changed("03-05 10:00", order="A", day=None)],
            ["03-05 10:00 suppress remind: no_due"],
            id="a day that was taken away leaves no date",
        ),
        pytest.param(
            [
                changed("03-05 10:00", order="A", day=None),
                changed("03-06 10:00", order="A", day="2026-03-22"),
            ],
            ["03-05 10:00 suppress remind: no_due", "03-15 09:00 send remind/1"],
            id="what had no date is decided anew when it gets one",
        ),
    ],
)
def test_an_update(log: list[Event], verdicts: list[str]) -> None:
    assert moving(*log) == verdicts


def test_each_field_of_a_run_is_what_was_said_of_it_last() -> None:
    log = (
        changed("03-05 10:00", order="A", day="2026-03-25"),
        changed("03-04 10:00", order="A", day="2026-03-22", w="x", seen="03-06 10:00"),
    )
    assert moving(*log, step={"where": "w = 'x'"}) == ["03-18 09:00 send remind"]


@given(st.permutations(range(4)))
def test_updates_may_arrive_in_any_order(order: list[int]) -> None:
    log = [
        changed(f"03-0{3 + n} 10:00", order="A", day=f"2026-04-0{1 + n}", seen=f"03-10 1{place}:00")
        for place, n in enumerate(order)
    ]
    assert moving(*log) == ["03-28 09:00 send remind"]


def test_a_hold_stays_where_an_update_does_not_move_its_due_and_goes_where_it_does() -> None:
    held = "03-13 22:00 hold remind: quiet until 03-14 08:00"
    words = {"step": {**WEEK_BEFORE, "due": {**WEEK_BEFORE["due"], "at": "22:00"}}, "quiet_hours": NIGHT}
    assert moving(changed("03-13 23:00", order="A", w="x"), **words) == [held, "03-14 08:00 send remind"]
    assert moving(changed("03-13 23:00", order="A", day="2026-03-22"), **words) == [
        held,
        "03-15 22:00 hold remind: quiet until 03-16 08:00",
        "03-16 08:00 send remind",
    ]


def test_a_new_zone_of_the_customer_moves_all_that_is_not_yet_due() -> None:
    of = pack(play("play", WEEK_BEFORE), customer={"zone": {"type": "zone", "from": "customer.updated.zone"}})
    log = (
        made("03-02 10:00", day="2026-03-20"),
        event("03-05 10:00", "customer.updated", zone="Europe/Berlin"),
    )
    assert told(of, *log).verdicts == ["03-13 16:00 send remind"]


# 3. Due


@pytest.mark.parametrize(
    ("words", "due"),
    [
        ({"after": "PT4H"}, "03-02 14:00"),
        ({"after": "P1D"}, "03-03 10:00"),
        ({"after": "P1D", "at": "09:00"}, "03-03 09:00"),
        ({"after": "PT4H", "at": "09:00"}, "03-03 09:00"),
        ({"after": "P1M"}, "04-02 10:00"),
        ({"after": "P1D", "at": "09:00", "on_day": "friday"}, "03-06 09:00"),
        ({"after": "P1D", "on_day": ["tuesday", "thursday"]}, "03-03 10:00"),
        ({"after": "P1D", "at": "09:00", "on_day": 15}, "03-15 09:00"),
        ({"before": "day", "by": "P7D", "at": "10:00"}, "03-13 10:00"),
        ({"before": "day", "by": "PT2H"}, "03-19 22:00"),
        ({"before": "day"}, "03-20 00:00"),
        ({"before": "moment", "by": "PT2H"}, "03-20 13:30"),
        ({"before": "moment", "by": "P1D"}, "03-19 15:30"),
        ({"before": "day", "at": "10:00"}, "03-20 10:00"),
        ({"before": "day", "by": "P1M", "catch_up": "P30D"}, "03-02 10:00"),
    ],
    ids=str,
)
def test_a_step_is_due(words: dict[str, Any], due: str) -> None:
    of = pack(play("play", do("hello", **words)))
    log = made("03-02 10:00", day="2026-03-20", moment=at("03-20 15:30"))
    assert told(of, log).verdicts == [f"{due} send hello"]


def test_a_month_after_the_last_of_january_is_the_last_of_february() -> None:
    of = pack(play("play", do("hello", after="P1M")))
    assert told(of, made("01-31 10:00")).verdicts == ["02-28 10:00 send hello"]


def test_a_yearly_step_is_due_every_year_from_the_first_return_not_before_the_entry() -> None:
    of = pack(play("play", do("year", yearly="day", by="P7D", at="10:00")))
    assert told(of, made("03-02 10:00", day="2024-03-09"), until="2028-12-31 00:00").verdicts == [
        "03-02 10:00 send year",
        "2027-03-02 10:00 send year/1",
        "2028-03-02 10:00 send year/2",
    ]
    missed = told(of, made("03-02 10:01", day="2024-03-09"), until="2028-01-01 00:00")
    assert missed.verdicts == ["2027-03-02 10:00 send year"]
    first = told(of, made("03-02 10:00", day="2026-03-20"), until="2027-12-31 00:00")
    assert first.verdicts == ["2027-03-13 10:00 send year"]


def test_the_leap_day_returns_on_the_last_of_february() -> None:
    of = pack(play("play", do("year", yearly="day", at="10:00")))
    assert told(of, made("03-02 10:00", day="2024-02-29"), until="2028-12-31 00:00").verdicts == [
        "2027-02-28 10:00 send year",
        "2028-02-29 10:00 send year/1",
    ]


@pytest.mark.parametrize(
    ("data", "words", "verdict"),
    [
        ({}, {}, "03-02 12:00 suppress hello: no_due"),
        ({"day": "2026-03-02"}, {}, "03-02 12:00 suppress hello: past_at_entry"),
        ({"day": "2026-03-02"}, {"catch_up": "PT9H59M"}, "03-02 12:00 suppress hello: past_at_entry"),
        ({"day": "2026-03-02"}, {"catch_up": "PT10H"}, "03-02 12:00 send hello"),
        (
            {"day": "2026-03-02"},
            {"catch_up": "PT10H", "expires": "PT1H"},
            "03-02 12:00 suppress hello: expired",
        ),
        ({"day": "2026-03-02"}, {"at": "11:00"}, "03-02 12:00 send hello"),
    ],
    ids=[
        "no date",
        "before the entry",
        "before what is caught up",
        "exactly caught up is due at the entry",
        "caught up counts from the entry",
        "between the entry and its arrival",
    ],
)
def test_an_entry_of_ten_that_arrives_at_twelve(
    data: dict[str, Any], words: dict[str, Any], verdict: str
) -> None:
    of = pack(play("play", do("hello", before="day", **words)))
    assert told(of, made("03-02 10:00", seen="03-02 12:00", **data)).verdicts == [verdict]


# 3. Before a breach

RESTORE = {
    "from": "case.opened",
    "to": "case.solved",
    "within": "PT4H",
    "pauses": "case.paused",
    "resumes": "case.resumed",
}
WARN = do("warn", "card", before_breach_of="restore", by="PT1H")
OPENED = event("03-02 10:00", "case.opened", case="I", w="y")


def of_case(when: str, what: str, **data: Any) -> Event:
    return event(when, f"case.{what}", case="I", **data)


def warned(*log: Event, on: str = "case.opened", until: str = LATER, **standard: Any) -> list[str]:
    point = case(standards={"restore": {**RESTORE, **standard}})
    of = pack(play("play", WARN, touchpoint="case", on=on, key="case"), points={"case": point})
    return [v.replace(" [I]", "") for v in told(of, *log, until=until).verdicts]


@pytest.mark.parametrize(
    ("log", "standard", "verdicts"),
    [
        pytest.param([], {}, ["03-02 13:00 send warn"], id="an hour before the deadline"),
        pytest.param([of_case("03-02 13:00", "solved")], {}, [], id="not when the proof came in time"),
        pytest.param(
            [of_case("03-02 12:00", "paused")],
            {"until": "04-08 09:59"},
            [],
            id="not while the clock stands",
        ),
        pytest.param(
            [of_case("03-02 12:00", "paused")],
            {},
            ["04-08 10:00 suppress warn: no_due"],
            id="no date when the encounter settled while the clock stood",
        ),
        pytest.param(
            [of_case("03-02 12:00", "paused"), of_case("03-03 12:00", "resumed")],
            {},
            ["03-03 13:00 send warn"],
            id="later when the clock stood",
        ),
        pytest.param(
            [of_case("03-02 12:00", "replied")],
            {"from": "case.replied"},
            ["03-02 15:00 send warn"],
            id="from the event that starts the clock later",
        ),
        pytest.param(
            [of_case("03-02 12:00", "solved")],
            {"from": "case.replied"},
            ["03-09 12:00 suppress warn: no_due"],
            id="no date when the clock has not started before the encounter settles",
        ),
        pytest.param(
            [],
            {"where": "w = 'x'"},
            ["03-02 10:00 suppress warn: no_due"],
            id="no date where the standard does not apply",
        ),
    ],
)
def test_before_a_breach_the_step_is_due(
    log: list[Event], standard: dict[str, Any], verdicts: list[str]
) -> None:
    assert warned(OPENED, *log, **standard) == verdicts


def test_a_run_that_begins_after_the_breach_has_nothing_to_warn_of() -> None:
    seen = warned(OPENED, of_case("03-02 20:00", "reopened"), on="case.reopened")
    assert seen == []


def test_without_an_encounter_there_is_no_deadline_to_warn_of() -> None:
    assert warned(of_case("03-02 20:00", "reopened"), on="case.reopened") == [
        "03-02 20:00 suppress warn: no_due"
    ]


# 3. Expiry


def arriving(seen: str, *steps: dict[str, Any], **words: Any) -> list[str]:
    """The verdicts of an order of 10:00 that arrives later."""
    policy = {word: words.pop(word) for word in ("quiet_hours",) if word in words}
    return told(pack(play("play", *steps, **words), **policy), made("03-02 10:00", seen=seen)).verdicts


@pytest.mark.parametrize(
    ("words", "last"),
    [
        ({"after": "PT1H"}, "03-03 11:00"),
        ({"after": "PT1H", "expires": "PT1H"}, "03-02 12:00"),
        ({"after": "PT12H", "expires": "PT1H"}, "03-03 09:00"),
        ({"after": "PT12H", "expires": "PT1H", "action": "card"}, "03-02 23:00"),
    ],
    ids=["24 hours", "as it says", "from the end of the quiet hours", "for colleagues from the due"],
)
def test_a_step_may_still_happen_until(words: dict[str, Any], last: str) -> None:
    step = do("hello", **words)
    assert (
        arriving(last, step, quiet_hours=NIGHT)[-1].endswith("send hello")
        or "hold" in arriving(last, step)[0]
    )
    after = arriving(f"{last}:01", step, quiet_hours=NIGHT)
    assert after == [f"{last}:01 suppress hello: expired"]


def test_an_urgent_step_does_not_wait_for_the_morning_and_expires_at_night() -> None:
    step = do("hello", after="PT12H", expires="PT1H")
    assert arriving("03-02 23:00", step, quiet_hours=NIGHT, urgent=True) == ["03-02 23:00 send hello"]
    late = arriving("03-02 23:01", step, quiet_hours=NIGHT, urgent=True)
    assert late == ["03-02 23:01 suppress hello: expired"]


@pytest.mark.parametrize(
    ("one", "two", "verdict"),
    [
        ({}, {}, "suppress one: expired"),
        ({}, {"extra": True}, "send one"),
        ({"extra": True}, {}, "send one"),
        ({}, {"action": "card"}, "send one"),
        ({"action": "task"}, {"action": "card"}, "suppress one: expired"),
        ({"after": "PT3H"}, {}, "send one"),
    ],
    ids=[
        "the next step ends its time",
        "an extra step does not",
        "an extra step has its own time",
        "a step to a colleague ends nothing for the customer",
        "steps to colleagues end each other's time",
        "a step of the same due does not",
    ],
)
def test_of_two_steps_that_are_both_overdue(one: dict[str, Any], two: dict[str, Any], verdict: str) -> None:
    steps = do("one", **{"after": "PT1H", **one}), do("two", after="PT3H", **two)
    assert arriving("03-02 14:00", *steps)[0] == f"03-02 14:00 {verdict}"
    assert "03-02 14:00 send two" in arriving("03-02 14:00", *steps)


def test_a_step_may_still_happen_at_the_very_due_of_the_next() -> None:
    steps = do("one", after="PT1H"), do("two", after="PT3H")
    assert arriving("03-02 13:00", *steps) == ["03-02 13:00 send one", "03-02 13:00 send two"]


# 3. Superseded


def test_a_held_step_gives_way_to_a_later_one_that_comes_due() -> None:
    steps = do("one", before="day", at="22:00"), do("two", before="moment")
    of = pack(play("play", *steps, updates="order.changed"), quiet_hours=NIGHT)
    log = (
        made("03-02 10:00", day="2026-03-10", moment=at("03-20 12:00")),
        changed("03-10 22:30", moment=at("03-10 23:00")),
    )
    assert told(of, *log).verdicts == [
        "03-10 22:00 hold one: quiet until 03-11 08:00",
        "03-10 23:00 suppress one: superseded",
        "03-10 23:00 hold two: quiet until 03-11 08:00",
        "03-11 08:00 send two",
    ]


@pytest.mark.parametrize("words", [{"extra": True}, {"action": "card"}], ids=["extra", "to a colleague"])
def test_a_held_step_does_not_give_way_to_one_that_is(words: dict[str, Any]) -> None:
    steps = do("one", after="PT12H"), do("two", after="PT13H", **words)
    of = pack(play("play", *steps), quiet_hours=NIGHT)
    verdicts = told(of, made("03-02 10:00")).verdicts
    assert "03-03 08:00 send one" in verdicts
    assert not any("superseded" in verdict for verdict in verdicts)


def test_a_step_that_could_only_leave_after_the_next_is_due_does_not_wait() -> None:
    of = pack(play("play", do("one", after="PT12H"), do("two", after="PT13H")), quiet_hours=NIGHT)
    assert told(of, made("03-02 10:00")).verdicts == [
        "03-02 22:00 suppress one: quiet",
        "03-02 23:00 hold two: quiet until 03-03 08:00",
        "03-03 08:00 send two",
    ]


# 3. Repeat


def repeated(*log: Event, every: str = "PT1H", times: int = 3, **words: Any) -> list[str]:
    policy = {word: words.pop(word) for word in ("quiet_hours", "place") if word in words}
    step = do("again", repeat={"every": every, "times": times, "until": "order.paid"})
    return told(pack(play("play", step, **words), **policy), *log).verdicts


def test_a_step_repeats_as_often_as_it_says() -> None:
    rounds = ["03-02 10:00 send again", "03-02 11:00 send again/1", "03-02 12:00 send again/2"]
    assert repeated(made("03-02 10:00")) == rounds


def test_a_step_repeats_until_it_is_answered_to_the_instant() -> None:
    assert len(repeated(made("03-02 10:00"), paid("03-02 11:00"))) == 1
    assert len(repeated(made("03-02 10:00"), paid("03-02 11:00:00.000001"))) == 2


def test_the_run_of_a_repeated_step_ends_with_its_answer() -> None:
    step = do("again", repeat={"every": "PT1H", "until": "order.paid"})
    assert told(pack(play("play", step)), made("03-02 10:00"), paid("03-02 11:30")).runs == [
        "03-02 10:00 enter play",
        "03-02 11:30 completed play",
    ]


def test_an_answer_of_another_key_or_from_before_the_entry_does_not_stop_it() -> None:
    log = made("03-02 10:00", order="A"), paid("03-02 10:30", order="B")
    assert len(repeated(*log, key="order")) == 3
    assert len(repeated(made("03-02 10:00"), paid("03-02 09:30", seen="03-02 10:30"))) == 3


def test_the_end_of_the_run_ends_its_rounds() -> None:
    log = made("03-02 10:00"), event("03-02 11:30", "shop.closed")
    assert len(repeated(*log, exits=[{"on": "shop.closed"}])) == 2


def test_a_held_round_is_cancelled_by_the_answer() -> None:
    log = made("03-02 07:30"), paid("03-02 07:45")
    assert repeated(*log, quiet_hours=NIGHT) == [
        "03-02 07:30 hold again: quiet until 03-02 08:00",
        "03-02 07:45 suppress again: cancelled",
    ]


def test_rounds_limit_each_other() -> None:
    assert repeated(made("03-02 06:30"), quiet_hours=NIGHT) == [
        "03-02 06:30 suppress again: quiet",
        "03-02 07:30 hold again/1: quiet until 03-02 08:00",
        "03-02 08:00 send again/1",
        "03-02 08:30 send again/2",
    ]
    assert repeated(made("03-02 10:00", seen="03-02 12:30")) == [
        "03-02 12:30 suppress again: expired",
        "03-02 12:30 suppress again/1: expired",
        "03-02 12:30 send again/2",
    ]


def test_a_repeated_step_is_not_repeated_for_a_date_that_moved() -> None:
    step = do("again", before="day", repeat={"every": "PT1H", "times": 2})
    of = pack(play("play", step, updates="order.changed"))
    log = made("03-02 10:00", day="2026-03-03"), changed("03-04 10:00", day="2026-05-01")
    assert told(of, *log).verdicts == ["03-03 00:00 send again", "03-03 01:00 send again/1"]


# 3. Clocks that are set forward and back: Berlin on 29 March and 25 October


def in_berlin(entry: str, **words: Any) -> list[str]:
    of = pack(play("play", do("hello", **words)), place="Europe/Berlin")
    log = event(f"2026-{entry}+00:00", "order.made")
    return [clock(v.instant, "UTC") for v in told(of, log).outputs if isinstance(v, Verdict)]


@pytest.mark.parametrize(
    ("entry", "words", "due"),
    [
        ("03-28 09:00", {"after": "P1D"}, "03-29 08:00"),
        ("03-28 09:00", {"after": "PT24H"}, "03-29 09:00"),
        ("10-24 08:00", {"after": "P1D"}, "10-25 09:00"),
        ("10-24 08:00", {"after": "PT24H"}, "10-25 08:00"),
        ("03-28 09:00", {"after": "P1D", "at": "02:30"}, "03-29 01:30"),
        ("10-24 09:00", {"after": "P1D", "at": "02:30"}, "10-25 00:30"),
    ],
    ids=[
        "a day later is the same wall time in spring",
        "24 hours later is not",
        "a day later is the same wall time in autumn",
        "24 hours later is not in autumn either",
        "a wall time that does not exist moves on by the gap",
        "of two equal wall times the first counts",
    ],
)
def test_when_the_clocks_change(entry: str, words: dict[str, Any], due: str) -> None:
    assert in_berlin(entry, **words) == [due]


def test_rounds_keep_their_wall_time_when_the_clocks_change() -> None:
    words = {"after": "PT0S", "repeat": {"every": "P1D", "times": 3}}
    assert in_berlin("03-28 09:00", **words) == ["03-28 09:00", "03-29 08:00", "03-30 08:00"]
