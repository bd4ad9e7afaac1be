"""What random cases brought to light, as the smallest log that shows it, asked of both sides.

Each of these once told the fold and the naive matcher apart; the expected lines follow docs/semantics.md.
"""

from __future__ import annotations

from typing import Any

from naive.gates import arm
from naive.small import Conclude, card, instant, log, pack, play, say, told
from peakend.model.outcome import Ended, Entered, Exposed, Passed, Verdict

VISIT: dict[str, Any] = {
    "encounter": {
        "begins": "order.made",
        "ends": "order.lost",
        "key": "number",
        "lasts_at_most": "PT24H",
        "settles": "PT2H",
    },
    "standards": {"reply": {"from": "order.made", "to": "order.paid", "within": "PT4H"}},
}


def visit(**changes: Any) -> dict[str, Any]:
    return {**VISIT, "encounter": {**VISIT["encounter"], **changes}}


def test_a_play_can_ask_how_often_a_kind_came_though_its_touchpoint_does_not(conclude: Conclude) -> None:
    chased = play(card("call", {"after": "PT0S"}), on="order.changed", where="count('order.changed') >= 2")
    order = {"number": "K1"}
    events = log(
        ("03-01 10:00", "order.made", order),
        ("03-01 11:00", "order.changed", order),
        ("03-01 12:00", "order.changed", order),
    )
    outputs = conclude(pack(chased, visit=VISIT), events, "03-01 13:00")
    assert told(outputs, Entered, Verdict) == ["03-01 12:00 entered 0", "03-01 12:00 send call"]


def test_a_play_on_a_settled_encounter_can_ask_how_its_promises_went(conclude: Conclude) -> None:
    sorry = play(card("sorry", {"after": "PT0S"}), on="encounter.settled", where="breached('reply')")
    events = log(("03-01 10:00", "order.made", {"number": "K1"}))
    outputs = conclude(pack(sorry, visit=VISIT), events, "03-03 00:00")
    assert told(outputs, Entered, Passed) == ["03-02 12:00 entered 0"]


def test_a_closed_encounter_is_asked_about_itself_though_the_next_has_begun(conclude: Conclude) -> None:
    thanks = play(card("thanks", {"after": "PT0S"}), on="encounter.closed", where="kept('reply')")
    again = visit(ends="order.made")
    order = {"number": "K1"}
    events = log(
        ("03-01 10:00", "order.made", order),
        ("03-01 11:00", "order.paid", order),
        ("03-01 12:00", "order.made", order),
    )
    outputs = conclude(pack(thanks, visit=again), events, "03-01 13:00")
    assert told(outputs, Entered, Passed) == ["03-01 12:00 entered 0"]


def test_a_text_is_one_experiment_wherever_it_stands_in_a_play(conclude: Conclude) -> None:
    customer = next(f"c-{n}" for n in range(99) if arm("gift", "1", f"c-{n}") < 0.5)
    given = say("gift", {"after": "PT2H"}, extra=True, holdout="50%")
    twice = play(say("gift", {"after": "PT1H"}), given)
    events = log(("03-01 10:00", "order.made"), customer=customer)
    assert told(conclude(pack(twice), events, "03-02 00:00"), Exposed, Verdict) == [
        "03-01 11:00 send gift",
        "03-01 12:00 exposed gift holdout",
        "03-01 12:00 suppress gift.2 (holdout)",
    ]


def test_a_gathered_message_that_failed_gives_back_all_that_it_cost(conclude: Conclude) -> None:
    sorry = say("sorry", {"after": "PT1H"}, amount=40, budget="goodwill")
    gathered = play(sorry, key="number", gather={"within": "PT2H"})
    budgets = {"goodwill": {"per": "month", "at_most": 100}}
    events = log(
        ("03-01 10:00", "order.made", {"number": "K1"}),
        ("03-01 10:30", "order.made", {"number": "K2"}),
        ("03-01 12:00", "message.failed", {"message": "customer-1|play|K1|0|sorry|0"}),
        ("03-01 15:00", "order.made", {"number": "K3"}),
        ("03-01 15:10", "order.made", {"number": "K4"}),
        ("03-01 15:20", "order.made", {"number": "K5"}),
    )
    outputs = conclude(pack(gathered, policy={"budgets": budgets}), events, "03-02 00:00")
    assert told(outputs) == [
        "03-01 11:00 send sorry of K1",
        "03-01 11:30 send sorry of K2",
        "03-01 16:00 send sorry of K3",
        "03-01 16:10 send sorry of K4",
        "03-01 16:20 suppress sorry of K5 (budget)",
    ]


def test_a_step_before_an_entry_that_is_still_to_come_is_settled_when_that_is_learnt(
    conclude: Conclude,
) -> None:
    planned = play(card("look", {"after": "P0D", "at": "08:00"}))
    events = log(("03-05 10:00", "order.made", {}, "03-01 10:00"))
    outputs = conclude(pack(planned), events, "03-09 00:00")
    assert told(outputs, Verdict, Ended) == [
        "03-01 10:00 suppress look (past_at_entry)",
        "03-01 10:00 ended completed",
    ]


def test_a_window_from_before_all_memory_is_unknown(conclude: Conclude) -> None:
    """Else the same late exit would end a run or not, by how much of the window was already forgotten."""
    left = play(say("hello", {"after": "P9D"}), exits=[{"on": "order.paid", "where": "facts.made < 5"}])
    made = {"made": {"of": "order.made", "take": "count", "within": "PT24H"}}
    whole = pack(left, facts=made, policy={"max_age": "PT24H"})
    entry = ("03-02 10:00", "order.made")
    in_time = ("03-02 11:00", "order.paid", {}, "03-03 11:00")
    too_late = ("03-02 11:00", "order.paid", {}, "03-03 11:00:00.000001")
    assert told(conclude(whole, log(entry, in_time), "03-04 00:00"), Ended) == ["03-03 11:00 ended stopped"]
    assert told(conclude(whole, log(entry, too_late), "03-04 00:00"), Ended) == []


def test_the_channels_of_a_contact_come_in_the_order_in_which_they_were_set(conclude: Conclude) -> None:
    def address(channel: str) -> dict[str, Any]:
        return {"contact": "ann", "role": "owner", "channel": channel, "address": "x"}

    hello = play({"due": {"after": "PT1H"}, "say": "hello"})
    events = log(
        ("03-01 09:00", "contact.set", address("mail")),
        ("03-01 08:00", "contact.set", address("sms"), "03-01 09:30"),
        ("03-01 10:00", "order.made"),
    )
    outputs = conclude(pack(hello), events, "03-02 00:00")
    assert [output.channels for output in outputs if isinstance(output, Verdict)] == [("sms",)]


def test_of_the_rounds_that_were_missed_only_the_last_is_caught_up(conclude: Conclude) -> None:
    monthly = say("reading", {"before": "day"}, repeat={"every": "P1M", "times": 4}, catch_up="PT2400H")
    events = log(("03-10 10:00", "order.made", {"day": "2026-01-01"}))
    assert told(conclude(pack(play(monthly)), events, "04-02 00:00")) == [
        "03-10 10:00 suppress reading (expired)",
        "03-10 10:00 suppress reading #1 (expired)",
        "03-10 10:00 send reading #2",
        "04-01 00:00 send reading #3",
    ]


def test_a_step_after_an_exit_reads_its_date_from_the_exit(conclude: Conclude) -> None:
    thanks = card("thanks", {"before": "day", "by": "P1D", "at": "10:00"})
    left = play(say("hello", {"after": "P9D"}), exits=[{"on": "order.changed", "then": [thanks]}])
    events = log(
        ("03-01 10:00", "order.made", {"day": "2026-03-31"}),
        ("03-02 10:00", "order.changed", {"day": "2026-03-21"}),
    )
    assert told(conclude(pack(left), events, "04-30 00:00")) == ["03-20 10:00 send thanks"]


def test_only_a_new_value_of_its_own_date_repeats_a_step(conclude: Conclude) -> None:
    """The zone moved both dues, but the change of the order speaks only of the day."""
    moment = instant("2026-03-02 20:00")
    dated = play(
        card("sign", {"before": "moment", "at": "02:00"}),
        card("call", {"before": "day"}),
        updates="order.changed",
    )
    events = log(
        ("03-01 10:00", "order.made", {"day": "2026-03-20", "moment": moment}),
        ("03-03 10:00", "customer.updated", {"zone": "America/New_York"}),
        ("03-04 10:00", "order.changed", {"day": "2026-03-21"}),
    )
    assert told(conclude(pack(dated), events, "03-22 00:00")) == [
        "03-02 02:00 send sign",
        "03-21 12:00 send call",
    ]
