"""What the fold promises, one sentence and one small log each, asked of the fold and of the naive matcher.

The expected lines were worked out by hand from docs/semantics.md. They are the reason to believe the naive
matcher, and the naive matcher is the reason to believe the fold on all the other logs.
"""

from __future__ import annotations

from naive.small import Conclude, card, log, pack, play, say, told
from peakend.model.outcome import (
    Breached,
    Encountered,
    Ended,
    Entered,
    Exposed,
    Passed,
    Regretted,
    Verdict,
)

REMINDER = play(
    say("reminder", {"before": "day", "by": "P7D", "at": "10:00"}),
    say("last-call", {"before": "day", "by": "P1D", "at": "10:00"}),
    key="number",
    exits=[{"on": "order.paid", "as": "success", "then": [say("thanks", {"after": "PT0S"})]}],
    updates="order.changed",
)
ORDER = ("03-01 10:00", "order.made", {"number": "K1", "day": "2026-03-31"})
VISIT = {
    "encounter": {
        "begins": "order.made",
        "ends": "order.lost",
        "lasts_at_most": "PT240H",
        "settles": "PT24H",
    },
    "rating": "talk.rated.score",
    "standards": {"reply": {"from": "order.made", "to": "order.paid", "within": "PT4H"}},
    "miserable": "breached('reply')",
    "magical": "exceeded('reply', 0.5)",
}


def late(at: str, seen: str, kind: str) -> tuple[str, str, dict[str, str], str]:
    return at, kind, {}, seen


def test_an_exit_in_the_very_instant_of_a_due_step_cancels_it(conclude: Conclude) -> None:
    paid = ("03-24 10:00", "order.paid", {"number": "K1"})
    outputs = conclude(pack(REMINDER), log(ORDER, paid), "04-30 00:00")
    assert told(outputs) == ["03-24 10:00 send thanks of K1"]


def test_an_exit_one_microsecond_later_does_not_cancel_it(conclude: Conclude) -> None:
    paid = ("03-24 10:00:00.000001", "order.paid", {"number": "K1"})
    outputs = conclude(pack(REMINDER), log(ORDER, paid), "04-30 00:00")
    assert told(outputs) == [
        "03-24 10:00 send reminder of K1",
        "03-24 10:00:00.000001 send thanks of K1",
    ]


def test_an_exit_learnt_too_late_makes_what_was_sent_regretted(conclude: Conclude) -> None:
    paid = ("03-24 09:00", "order.paid", {"number": "K1"}, "03-24 11:00")
    outputs = conclude(pack(REMINDER), log(ORDER, paid), "04-30 00:00")
    assert told(outputs, Regretted) == ["03-24 11:00 regretted reminder sent 03-24 10:00"]
    assert told(outputs)[1:] == ["03-24 11:00 send thanks of K1"]


def test_an_exit_that_was_learnt_first_ends_the_late_entry_at_once_and_thanks(conclude: Conclude) -> None:
    paid = ("03-02 10:00", "order.paid", {"number": "K1"})
    entry = (*ORDER, "03-02 18:00")
    outputs = conclude(pack(REMINDER), log(paid, entry), "04-30 00:00")
    assert told(outputs, Entered, Ended, Verdict) == [
        "03-02 18:00 entered 0",
        "03-02 18:00 ended success",
        "03-02 18:00 send thanks of K1",
    ]


def test_an_exit_ends_only_the_lane_that_it_speaks_of(conclude: Conclude) -> None:
    other = ("03-01 11:00", "order.made", {"number": "K2", "day": "2026-03-31"})
    paid = ("03-20 10:00", "order.paid", {"number": "K2"})
    outputs = conclude(pack(REMINDER), log(ORDER, other, paid), "03-25 00:00")
    assert told(outputs) == ["03-20 10:00 send thanks of K2", "03-24 10:00 send reminder of K1"]


def test_a_late_event_starts_nothing_but_still_ends_a_run(conclude: Conclude) -> None:
    stale = ("03-01 09:00", "order.made", {"number": "K2", "day": "2026-03-31"}, "03-05 09:00")
    paid = ("03-02 09:00", "order.paid", {"number": "K1"}, "03-10 09:00")
    outputs = conclude(pack(REMINDER), log(ORDER, stale, paid), "03-05 10:00")
    assert told(outputs, Passed, Ended) == ["03-05 09:00 passed (late)", "03-10 09:00 ended success"]


def test_a_condition_on_something_missing_is_unknown_and_recorded(conclude: Conclude) -> None:
    picky = play(card("look", {"after": "PT1H"}), where="kind = 'big'")
    outputs = conclude(pack(picky), log(("03-01 10:00", "order.made")), "03-02 00:00")
    assert told(outputs, Passed, Entered) == ["03-01 10:00 passed (where_unknown)"]


def test_without_a_key_the_next_run_waits_for_the_end_of_the_first(conclude: Conclude) -> None:
    plain = play(card("look", {"after": "PT2H"}))
    made = [(f"03-01 {hour}:00", "order.made") for hour in (10, 11, 12, 13)]
    outputs = conclude(pack(plain), log(*made), "03-02 00:00")
    # The run ends at 12:00 with its step, but the order of 12:00 is learnt before that.
    assert told(outputs, Entered, Passed) == [
        "03-01 10:00 entered 0",
        "03-01 11:00 passed (already_open)",
        "03-01 12:00 passed (already_open)",
        "03-01 13:00 entered 1",
    ]


def test_leaving_and_arriving_in_one_instant_is_no_fall_of_a_count(conclude: Conclude) -> None:
    thrice = play(card("visit", {"after": "PT0S"}), count={"at_least": 3, "within": "PT720H"}, again="every")
    made = [(f"{day} 10:00", "order.made") for day in ("03-01", "03-12", "03-29", "03-31")]
    assert told(conclude(pack(thrice), log(*made), "05-01 00:00")) == ["03-29 10:00 send visit"]
    later = [*made[:3], ("03-31 10:00:00.000001", "order.made")]
    assert len(told(conclude(pack(thrice), log(*later), "05-01 00:00"))) == 2


def test_cool_down_is_counted_from_the_last_entry(conclude: Conclude) -> None:
    rare = play(card("look", {"after": "PT0S"}), again="every", cool_down="PT2H")
    made = [(f"03-01 {time}", "order.made") for time in ("10:00", "11:59", "12:00")]
    outputs = conclude(pack(rare), log(*made), "03-02 00:00")
    assert told(outputs, Entered, Passed) == [
        "03-01 10:00 entered 0",
        "03-01 11:59 passed (cool_down)",
        "03-01 12:00 entered 1",
    ]


def test_a_moved_date_moves_what_is_to_come_and_repeats_nothing(conclude: Conclude) -> None:
    changed = ("03-25 12:00", "order.changed", {"number": "K1", "day": "2026-04-05"})
    outputs = conclude(pack(REMINDER), log(ORDER, changed), "04-30 00:00")
    assert told(outputs) == ["03-24 10:00 send reminder of K1", "04-04 10:00 send last-call of K1"]


def test_a_date_moved_by_more_than_the_rounds_own_span_repeats_the_round(conclude: Conclude) -> None:
    changed = ("03-25 12:00", "order.changed", {"number": "K1", "day": "2026-04-20"})
    outputs = conclude(pack(REMINDER), log(ORDER, changed), "04-30 00:00")
    assert told(outputs) == [
        "03-24 10:00 send reminder of K1",
        "04-13 10:00 send reminder #1 of K1",
        "04-19 10:00 send last-call of K1",
    ]


def test_quiet_hours_hold_a_message_but_not_a_card(conclude: Conclude) -> None:
    both = play(say("word", {"after": "PT1H"}), card("look", {"after": "PT1H"}))
    policy = {"quiet_hours": {"from": "21:00", "to": "08:00"}}
    outputs = conclude(pack(both, policy=policy), log(("03-01 22:00", "order.made")), "03-03 00:00")
    assert told(outputs) == [
        "03-01 23:00 hold word (quiet) until 03-02 08:00",
        "03-01 23:00 send look",
        "03-02 08:00 send word",
    ]


def test_rounds_of_a_night_become_one_word_in_the_morning(conclude: Conclude) -> None:
    hourly = play(say("progress", {"after": "PT1H"}, repeat={"every": "PT1H", "until": "order.lost"}))
    policy = {"quiet_hours": {"from": "21:00", "to": "08:00"}}
    events = log(("03-02 04:30", "order.made"), ("03-02 08:10", "order.lost"))
    assert told(conclude(pack(hourly, policy=policy), events, "03-03 00:00")) == [
        "03-02 05:30 suppress progress (quiet)",
        "03-02 06:30 suppress progress #1 (quiet)",
        "03-02 07:30 hold progress #2 (quiet) until 03-02 08:00",
        "03-02 08:00 send progress #2",
    ]


def test_a_cap_skips_or_with_defer_waits_until_there_is_room(conclude: Conclude) -> None:
    care = {"class": "care", "again": "every"}
    policy = {"caps": [{"class": "care", "at_most": 1, "within": "PT6H"}]}
    made = log(("03-01 10:00", "order.made"), ("03-01 12:00", "order.made"))
    plain = pack(play(say("hello", {"after": "PT0S"}), **care), policy=policy)
    assert told(conclude(plain, made, "03-02 00:00")) == [
        "03-01 10:00 send hello",
        "03-01 12:00 suppress hello (cap)",
    ]
    patient = pack(play(say("hello", {"after": "PT0S"}), **care, capped={"defer": "PT48H"}), policy=policy)
    assert told(conclude(patient, made, "03-02 00:00")) == [
        "03-01 10:00 send hello",
        "03-01 12:00 hold hello (cap) until 03-01 16:00",
        "03-01 16:00 send hello",
    ]


def test_a_message_that_failed_gives_its_place_under_the_cap_back(conclude: Conclude) -> None:
    policy = {"caps": [{"class": "service", "at_most": 1, "within": "PT24H"}]}
    capped = pack(play(say("word", {"after": "PT0S"}), again="every"), policy=policy)
    made = [(f"03-01 {hour}:00", "order.made") for hour in (10, 12, 14)]
    first = conclude(capped, log(*made), "03-02 00:00")
    message = next(output.message for output in first if isinstance(output, Verdict))
    failed = ("03-01 11:00", "message.failed", {"message": message}, "03-01 13:00")
    assert told(conclude(capped, log(*made[:2], failed, made[2]), "03-02 00:00")) == [
        "03-01 10:00 send word",
        "03-01 12:00 suppress word (cap)",
        "03-01 14:00 send word",
    ]


def test_gathered_lanes_leave_as_one_message_and_count_once(conclude: Conclude) -> None:
    gathered = play(say("list", {"after": "PT1H"}), key="number", gather={"within": "PT2H"})
    policy = {"caps": [{"class": "service", "at_most": 1, "within": "day"}]}
    made = [(f"03-01 {hour}:00", "order.made", {"number": hour}) for hour in ("10", "12", "13")]
    outputs = conclude(pack(gathered, policy=policy), log(*made), "03-02 00:00")
    assert told(outputs) == [
        "03-01 11:00 send list of 10",
        "03-01 13:00 send list of 12",
        "03-01 14:00 suppress list of 13 (cap)",
    ]
    assert len({output.message for output in outputs if isinstance(output, Verdict) and output.message}) == 1


def test_a_step_due_before_its_entry_is_past_unless_it_may_catch_up(conclude: Conclude) -> None:
    steps = [
        say("week-before", {"before": "day", "by": "P7D", "at": "10:00"}),
        say("day-before", {"before": "day", "by": "P1D", "at": "10:00"}, catch_up="PT3H"),
    ]
    made = ("03-30 12:00", "order.made", {"day": "2026-03-31"})
    assert told(conclude(pack(play(*steps)), log(made), "04-02 00:00")) == [
        "03-30 12:00 suppress week-before (past_at_entry)",
        "03-30 12:00 send day-before",
    ]


def test_a_missing_date_is_said_and_a_late_decision_expires(conclude: Conclude) -> None:
    steps = [say("dated", {"before": "day"}), say("soon", {"after": "PT1H"}, expires="PT2H")]
    made = late("03-01 10:00", "03-01 14:00", "order.made")
    assert told(conclude(pack(play(*steps)), log(made), "03-03 00:00")) == [
        "03-01 14:00 suppress dated (no_due)",
        "03-01 14:00 suppress soon (expired)",
    ]


def test_do_not_disturb_bars_care_but_not_service(conclude: Conclude) -> None:
    kind = play(say("gift", {"after": "PT1H"}, **{"class": "care"}), say("notice", {"after": "PT2H"}))
    rest = ("03-01 09:00", "preference.set", {"what": "do_not_disturb"})
    events = log(rest, ("03-01 10:00", "order.made"))
    assert told(conclude(pack(kind), events, "03-02 00:00")) == [
        "03-01 11:00 suppress gift (preference)",
        "03-01 12:00 send notice",
    ]


def test_the_first_consented_address_of_the_wanted_role_gets_it(conclude: Conclude) -> None:
    asked = play(
        say("word", {"after": "PT0S"}, through=["sms", "mail"]), to={"role": "buyer", "else": "owner"}
    )
    boss = {"contact": "li", "role": "owner", "channel": "sms", "address": "1", "consent": True}
    shy = {"contact": "wang", "role": "buyer", "channel": "sms", "address": "2", "consent": False}
    open_ = {"contact": "wang", "role": "buyer", "channel": "mail", "address": "3", "consent": True}
    made = ("03-02 10:00", "order.made")

    def reached(*contacts: dict[str, object]) -> list[tuple[str, str, tuple[str, ...]]]:
        events = log(*(("03-01 10:00", "contact.set", contact) for contact in contacts), made)
        verdicts = conclude(pack(asked, roles=["buyer", "owner"]), events, "03-03 00:00")
        return [(v.reason, v.contact, v.channels) for v in verdicts if isinstance(v, Verdict)]

    assert reached(boss, shy, open_) == [("", "wang", ("mail",))]
    assert reached(boss, shy) == [("", "li", ("sms",))]
    assert reached(shy) == [("consent", "", ())]


def test_a_breach_is_said_at_the_deadline_and_stays_though_a_proof_comes_late(conclude: Conclude) -> None:
    made, lost = ("03-01 10:00", "order.made"), ("03-01 16:00", "order.lost")
    proof = late("03-01 14:00", "03-01 18:00", "order.paid")
    outputs = conclude(pack(visit=VISIT), log(made, lost, proof), "03-05 00:00")
    assert told(outputs, Breached, Encountered) == [
        "03-01 14:00 breached reply",
        "03-01 16:00 closed miserable reply breached",
        "03-02 16:00 settled neutral reply kept late proof",
    ]


def test_a_proof_at_the_deadline_keeps_the_standard(conclude: Conclude) -> None:
    events = log(("03-01 10:00", "order.made"), ("03-01 14:00", "order.paid"))
    outputs = conclude(pack(visit=VISIT), events, "03-20 00:00")
    assert told(outputs, Breached, Encountered) == [
        "03-11 10:00 closed neutral reply kept",
        "03-12 10:00 settled neutral reply kept",
    ]


def test_a_pause_stops_the_clock(conclude: Conclude) -> None:
    reply = {**VISIT["standards"]["reply"], "pauses": "order.changed", "resumes": "talk.rated"}  # type: ignore[index]
    paused = {**VISIT, "standards": {"reply": reply}}
    events = log(
        ("03-01 10:00", "order.made"),
        ("03-01 13:00", "order.changed"),
        ("03-02 09:00", "talk.rated", {}),
    )
    outputs = conclude(pack(visit=paused), events, "03-03 00:00")
    assert told(outputs, Breached) == ["03-02 10:00 breached reply"]


def test_a_card_before_a_breach_comes_only_while_the_promise_is_open(conclude: Conclude) -> None:
    warn = play(card("hurry", {"before_breach_of": "reply", "by": "PT1H"}))
    made = ("03-01 10:00", "order.made")
    assert told(conclude(pack(warn, visit=VISIT), log(made), "03-05 00:00")) == ["03-01 13:00 send hurry"]
    proven = log(made, ("03-01 13:00", "order.paid"))
    outputs = conclude(pack(warn, visit=VISIT), proven, "03-05 00:00")
    assert told(outputs, Verdict, Ended) == ["03-01 13:00 ended completed"]


def test_a_run_with_exits_stays_open_so_that_thanks_can_follow_the_last_round(conclude: Conclude) -> None:
    last = play(
        say("last-call", {"after": "PT1H"}),
        exits=[{"on": "order.paid", "as": "success", "then": [say("thanks", {"after": "PT0S"})]}],
        stays="PT24H",
    )
    made = ("03-01 10:00", "order.made")

    def ends(paid: str) -> list[str]:
        return told(conclude(pack(last), log(made, (paid, "order.paid")), "03-09 00:00"), Ended)

    assert ends("03-02 11:00") == ["03-02 11:00 ended success"]
    assert ends("03-02 11:00:00.000001") == ["03-02 11:00 ended completed"]


def test_exposure_is_logged_in_both_arms_and_a_share_moves_only_its_edge(conclude: Conclude) -> None:
    # sha256 of usage-year|1|customer-42 begins with 2df45910: 0.179510 of the way.
    def told_of(share: str) -> list[str]:
        extra = say("usage-year", {"after": "PT1H"}, extra=True, holdout=share)
        tried = play(extra, say("notice", {"after": "PT1H"}))
        made = log(("03-01 10:00", "order.made"), customer="customer-42")
        return told(conclude(pack(tried), made, "03-02 00:00"), Exposed, Verdict)

    assert told_of("18%") == [
        "03-01 11:00 exposed usage-year holdout",
        "03-01 11:00 suppress usage-year (holdout)",
        "03-01 11:00 send notice",
    ]
    assert told_of("17%") == [
        "03-01 11:00 exposed usage-year play",
        "03-01 11:00 send usage-year",
        "03-01 11:00 send notice",
    ]


def test_a_yearly_step_comes_every_year_from_the_first_return_of_the_date(conclude: Conclude) -> None:
    anniversary = play(card("call", {"yearly": "day", "by": "P45D", "at": "10:00"}))
    made = ("03-01 10:00", "order.made", {"day": "2025-09-20"})
    assert told(conclude(pack(anniversary), log(made), "2028-01-01 00:00")) == [
        "08-06 10:00 send call",
        "2027-08-06 10:00 send call #1",
    ]


def test_a_new_zone_moves_what_is_to_come(conclude: Conclude) -> None:
    morning = play(say("morning", {"after": "P1D", "at": "09:00"}))
    moved = ("03-01 20:00", "customer.updated", {"zone": "Europe/Berlin"})
    outputs = conclude(pack(morning), log(("03-01 12:00", "order.made"), moved), "03-03 00:00")
    assert told(outputs) == ["03-02 16:00 send morning"]
