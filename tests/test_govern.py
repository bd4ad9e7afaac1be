"""Gates: which of them stand against a step, in which order, for whom, and that no play gets around them.

The first part asks `decide` itself; the second asks the fold, with an example for every sentence of section 4
of docs/semantics.md. Times are those of Shanghai in 2026; 2 March is a Monday.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import pytest
from building import at, case, do, event, pack, play, told
from hypothesis import given
from hypothesis import strategies as st

from peakend.govern import (
    ASK,
    CARE,
    LONGEST_HOLD,
    MANDATORY,
    MARKETING,
    SERVICE,
    Budgets,
    Cap,
    Question,
    arm_share,
    decide,
    room_at,
)
from peakend.model.event import Event
from peakend.model.money import Answer
from peakend.model.outcome import Sent, Verdict
from peakend.model.pack import Pack
from peakend.model.parts import CLASSES
from peakend.when import DAY, HOUR, zone

NOON = 12 * HOUR
OPEN = Question(
    instant=NOON,
    limit=NOON + 500 * DAY,
    colleague=False,
    guard=True,
    consent=True,
    preference=True,
    moment=False,
    held_out=False,
    reachable=True,
    quiet_until=0,
    cap_until=0,
    budget=True,
    first_hold=0,
)
FAILS: dict[str, dict[str, Any]] = {
    "cancelled": {"cancelled": True},
    "expired": {"limit": NOON - 1},
    "guard": {"guard": False},
    "consent": {"consent": False},
    "preference": {"preference": False},
    "moment": {"moment": True},
    "holdout": {"held_out": True},
    "reachable": {"reachable": False},
    "quiet": {"quiet_until": NOON + HOUR},
    "cap": {"cap_until": NOON + HOUR},
    "budget": {"budget": False},
}
GATES = tuple(FAILS)


# One question


@pytest.mark.parametrize("first", range(len(GATES)), ids=GATES)
def test_of_several_gates_the_first_is_the_reason_and_all_are_named(first: int) -> None:
    asked = OPEN
    for gate in GATES[first:]:
        asked = asked._replace(**FAILS[gate])
    decision = decide(asked)
    assert (decision.reason, decision.failed) == (GATES[first], GATES[first:])


@pytest.mark.parametrize("gate", GATES)
def test_only_quiet_hours_and_caps_let_wait(gate: str) -> None:
    decision = decide(OPEN._replace(**FAILS[gate]))
    assert (decision.reason, decision.failed) == (gate, (gate,))
    assert decision.outcome == ("hold" if gate in ("quiet", "cap") else "suppress")


def test_when_no_gate_stands_against_a_step_it_is_sent() -> None:
    assert decide(OPEN) == ("send", "", 0, ())


@pytest.mark.parametrize("gate", GATES)
def test_a_colleague_is_not_protected_like_a_customer(gate: str) -> None:
    decision = decide(OPEN._replace(colleague=True, **FAILS[gate]))
    spared = gate in ("consent", "reachable", "quiet", "cap")
    assert decision.outcome == ("send" if spared else "suppress")


@pytest.mark.parametrize("gate", ["quiet_until", "cap_until"])
def test_a_hold_lasts_168_hours_at_most_counted_from_the_first(gate: str) -> None:
    until = NOON + LONGEST_HOLD
    assert decide(OPEN._replace(**{gate: until})).until == until
    assert decide(OPEN._replace(**{gate: until + 1})).outcome == "suppress"
    assert decide(OPEN._replace(**{gate: until}, instant=NOON + DAY, first_hold=NOON)).until == until
    again = OPEN._replace(**{gate: until + 1}, instant=NOON + DAY, first_hold=NOON)
    assert decide(again).outcome == "suppress"


@pytest.mark.parametrize("gate", ["quiet_until", "cap_until"])
def test_what_would_be_held_beyond_its_time_is_suppressed_at_once(gate: str) -> None:
    asked = OPEN._replace(limit=NOON + HOUR)
    assert decide(asked._replace(**{gate: NOON + HOUR})).outcome == "hold"
    late = decide(asked._replace(**{gate: NOON + HOUR + 1}))
    assert (late.outcome, late.reason) == ("suppress", gate.removesuffix("_until"))


def test_a_step_may_still_happen_at_its_last_instant() -> None:
    assert decide(OPEN._replace(limit=NOON)).outcome == "send"


# Arms


def test_the_arm_of_a_customer_can_be_reckoned_by_hand() -> None:
    assert arm_share("usage-year", "1", "customer-42") == 0x2DF45910 / 16**8
    assert round(arm_share("usage-year", "1", "customer-42"), 6) == 0.179510


@given(st.text(max_size=20), st.sampled_from(["1", "2"]))
def test_an_arm_lies_in_the_unit_interval_and_says_the_same_for_every_share(unit: str, salt: str) -> None:
    place = arm_share("play", salt, unit)
    assert 0 <= place < 1
    assert place == arm_share("play", salt, unit)


def test_a_share_of_the_customers_is_held_out() -> None:
    held = sum(arm_share("play", "1", f"customer-{n}") < 0.1 for n in range(10_000))
    assert 900 < held < 1_100


# Caps

BERLIN = zone("Europe/Berlin")
SPRING = 1_774_570_000_000_000  # 27 March 2026: the clocks change on the 29th
cap = st.builds(
    Cap,
    rank=st.sampled_from([-1, SERVICE, CARE, ASK]),
    at_most=st.integers(1, 3),
    window=st.sampled_from([0, 0, HOUR, DAY, 7 * DAY]),
)
attempts = st.lists(
    st.tuples(st.integers(0, 200), st.sampled_from([MANDATORY, SERVICE, CARE, ASK, MARKETING])), max_size=40
)


def over(caps: Sequence[Cap], sent: Sequence[Sent]) -> list[tuple[Cap, Sent]]:
    """The messages that a cap ought to have barred, counted anew for each of them."""
    found = []
    for number, one in enumerate(sent):
        for each in caps:
            barred = each.rank == one.rank or (each.rank == -1 and one.rank >= CARE)
            if one.rank == MANDATORY or not barred:
                continue
            since = one.instant - each.window if each.window else BERLIN.day_start(one.instant) - 1
            before = [s for s in sent[: number + 1] if s.instant > since and each.rank in (s.rank, -1)]
            if len(before) > each.at_most:
                found.append((each, one))
    return found


def by_rank(sent: Iterable[Sent]) -> dict[int, list[Sent]]:
    """Messages as the state keeps them."""
    found: dict[int, list[Sent]] = {}
    for one in sent:
        found.setdefault(one.rank, []).append(one)
    return found


@given(st.lists(cap, min_size=1, max_size=3), attempts)
def test_a_cap_is_never_exceeded(caps: list[Cap], tried: list[tuple[int, int]]) -> None:
    sent: list[Sent] = []
    for hours, rank in sorted(tried):
        instant = SPRING + hours * HOUR
        if room_at(caps, by_rank(sent), instant, rank, BERLIN) == 0:
            sent.append(Sent(instant, rank, str(len(sent))))
    assert over(caps, sent) == []


@given(st.lists(cap, min_size=1, max_size=3), attempts, st.sampled_from([SERVICE, CARE, MARKETING]))
def test_a_cap_tells_the_first_instant_at_which_it_has_room_again(
    caps: list[Cap], tried: list[tuple[int, int]], rank: int
) -> None:
    sent = by_rank(Sent(SPRING + hours * HOUR, of, str(hours)) for hours, of in sorted(tried))
    now = SPRING + 200 * HOUR
    free = room_at(caps, sent, now, rank, BERLIN)
    if free:
        assert free > now
        assert room_at(caps, sent, free - 1, rank, BERLIN) != 0
        assert room_at(caps, sent, free, rank, BERLIN) == 0


def test_a_total_cap_counts_every_class_and_bars_only_the_lower_three() -> None:
    sent = by_rank(Sent(NOON, rank, str(rank)) for rank in (MANDATORY, SERVICE))
    room = [room_at([Cap(-1, 2, DAY)], sent, NOON + HOUR, rank, BERLIN) for rank in range(5)]
    assert room == [0, 0, NOON + DAY, NOON + DAY, NOON + DAY]


def test_a_message_leaves_a_rolling_window_exactly_when_it_is_over() -> None:
    sent = {CARE: [Sent(NOON, CARE, "a")]}
    assert room_at([Cap(CARE, 1, DAY)], sent, NOON + DAY - 1, CARE, BERLIN) == NOON + DAY
    assert room_at([Cap(CARE, 1, DAY)], sent, NOON + DAY, CARE, BERLIN) == 0


class Attempt(NamedTuple):
    hour: int
    minute: int


busy_days = st.lists(st.builds(Attempt, st.integers(0, 90), st.sampled_from([0, 0, 30])), max_size=20)


@given(busy_days, st.lists(cap, min_size=1, max_size=3), st.sampled_from([None, "PT3H", "PT100H"]))
def test_no_plays_together_exceed_a_cap_however_their_steps_meet(
    log: list[Attempt], caps: list[Cap], defer: str | None
) -> None:
    words = {"capped": {"defer": defer}} if defer else {}
    written = [
        {"class": "total" if c.rank == -1 else CLASSES[c.rank], "at_most": c.at_most, "within": _window(c)}
        for c in caps
    ]
    plays = [
        play(
            name,
            do(f"{name}-1"),
            do(f"{name}-2", after="PT1H", expires="P10D"),
            class_=name,
            again="every",
            **words,
        )
        for name in CLASSES
    ]
    of = pack(*plays, caps=written, quiet_hours={"from": "21:00", "to": "08:00"}, place="Europe/Berlin")
    base = at("03-27 08:00", "Europe/Berlin")
    instants = [base + a.hour * HOUR + a.minute * 60_000_000 for a in sorted(log)]
    events = [Event("c-1", "order.made", t, t, 0, {}) for t in instants]
    sends = [v for v in told(of, *events).outputs if isinstance(v, Verdict) and v.outcome == "send"]
    ranks = [CLASSES.index(v.play) for v in sends]
    sent = [Sent(v.instant, rank, v.message) for v, rank in zip(sends, ranks, strict=True)]
    assert over(caps, sent) == []


def _window(cap: Cap) -> str:
    return f"PT{cap.window // HOUR}H" if cap.window else "day"


# Budgets


def test_a_budget_is_that_of_its_period_and_comes_back_when_the_message_failed() -> None:
    budgets = Budgets({"goodwill": 100.0}, lambda _, instant: str(instant // DAY))
    budgets.draw("goodwill", NOON, 70.0, "m1")
    affords = lambda amount, instant: budgets.affords("goodwill", instant, amount, "m2")  # noqa: E731
    assert (affords(30.0, NOON), affords(30.01, NOON)) == (True, False)
    assert (affords(100.0, NOON + DAY), affords(100.01, NOON + DAY)) == (True, False)
    budgets.give_back("m1")
    budgets.give_back("m1")
    budgets.give_back("unknown")
    assert (affords(100.0, NOON), affords(100.01, NOON)) == (True, False)


def test_a_dime_three_times_is_no_more_than_thirty_cents() -> None:
    budgets = Budgets({"goodwill": 0.3}, lambda _, __: "all")
    for number in range(3):
        assert budgets.affords("goodwill", NOON, 0.1, f"m{number}")
        budgets.draw("goodwill", NOON, 0.1, f"m{number}")
    assert not budgets.affords("goodwill", NOON, 0.0001, "m3")


def test_what_a_budget_answered_live_stands_for_the_very_same_question_and_no_other() -> None:
    said = Answer("m1", "goodwill", "all", 70.0, 100.0, 40.0, False)
    budgets = Budgets({"goodwill": 100.0}, lambda _, __: "all", {("m1", NOON): said})
    assert not budgets.affords("goodwill", NOON, 70.0, "m1")
    assert not budgets.reckoned
    assert budgets.affords("goodwill", NOON, 60.0, "m1")
    assert budgets.affords("goodwill", NOON + 1, 70.0, "m1")
    assert budgets.affords("goodwill", NOON, 70.0, "m2")
    assert budgets.reckoned
    raised = Budgets({"goodwill": 200.0}, lambda _, __: "all", {("m1", NOON): said})
    assert raised.affords("goodwill", NOON, 70.0, "m1")


def test_whoever_asked_for_a_budget_is_known() -> None:
    budgets = Budgets({"goodwill": 100.0}, lambda _, __: "all")
    assert not budgets.asked
    budgets.affords("goodwill", NOON, 1.0, "m1")
    assert budgets.asked


# The gates in the fold

NIGHT = {"from": "21:00", "to": "08:00"}


def made(when: str, **data: Any) -> Event:
    return event(when, "order.made", **data)


def contact(name: str, role: str, channel: str, when: str = "03-01 10:00", consent: bool = True) -> Event:
    data = {"contact": name, "role": role, "channel": channel, "address": f"{name}@{channel}"}
    return event(when, "contact.set", **data, consent=consent)


def wish(when: str, what: str, **data: Any) -> Event:
    return event(when, "preference.set", what=what, **data)


def consent(when: str, word: str, what: str) -> Event:
    return event(when, f"consent.{word}", what=what)


def verdict(of: Pack, *log: Event, **known: Any) -> Verdict:
    """The last verdict of a log."""
    return [v for v in told(of, *log, **known).outputs if isinstance(v, Verdict)][-1]


def hello(
    *log: Event, step: dict[str, Any] | None = None, policy: dict[str, Any] | None = None, **words: Any
) -> str:
    """What became of one step that is due when an order is made on 2 March at ten."""
    of = pack(play("play", do("hello", **(step or {})), **words), points={"case": case()}, **(policy or {}))
    found = verdict(of, *log, made("03-02 10:00"))
    return found.reason or found.outcome


@pytest.mark.parametrize(
    ("words", "step", "reason"),
    [
        ({"while": "v > 1"}, {}, "guard"),
        ({"while": "v is null"}, {}, "send"),
        ({}, {"where": "v > 1"}, "guard"),
        ({"while": "v is null"}, {"where": "v > 1"}, "guard"),
    ],
    ids=["while is unknown", "while is true", "where is unknown", "both are asked"],
)
def test_the_guard(words: dict[str, Any], step: dict[str, Any], reason: str) -> None:
    assert hello(step=step, **words) == reason


def test_the_guard_is_asked_when_the_step_is_due_and_again_when_a_hold_ends() -> None:
    of = pack(
        play("play", do("hello"), while_="not open('case')"), points={"case": case()}, quiet_hours=NIGHT
    )
    log = made("03-02 22:00"), event("03-03 07:00", "case.opened", case="I")
    assert told(of, log[0]).verdicts[-1] == "03-03 08:00 send hello"
    assert told(of, *log).verdicts == [
        "03-02 22:00 hold hello: quiet until 03-03 08:00",
        "03-03 08:00 suppress hello: guard",
    ]


SMS = {"through": ["sms"]}


@pytest.mark.parametrize(
    ("class_", "log", "reason"),
    [
        ("service", [contact("ann", "owner", "sms", consent=False)], "consent"),
        ("mandatory", [contact("ann", "owner", "sms", consent=False)], "send"),
        ("service", [contact("ann", "owner", "sms"), consent("03-02 09:00", "withdrawn", "sms")], "consent"),
        (
            "service",
            [
                contact("ann", "owner", "sms"),
                consent("03-02 08:00", "withdrawn", "sms"),
                consent("03-02 09:00", "given", "sms"),
            ],
            "send",
        ),
        (
            "service",
            [
                contact("ann", "owner", "sms"),
                consent("03-02 09:00", "given", "sms"),
                event("03-02 08:00", "consent.withdrawn", what="sms", seen="03-02 09:30"),
            ],
            "send",
        ),
        ("marketing", [contact("ann", "owner", "sms")], "consent"),
        ("marketing", [contact("ann", "owner", "sms"), consent("03-02 09:00", "given", "marketing")], "send"),
        ("service", [contact("ann", "owner", "mail")], "reachable"),
        ("service", [contact("ann", "owner", "sms", consent=False), contact("bob", "buyer", "sms")], "send"),
        (
            "service",
            [
                contact("ann", "owner", "sms"),
                event("03-02 09:00", "contact.removed", contact="ann", channel="sms"),
            ],
            "reachable",
        ),
        ("marketing", [], "send"),
    ],
    ids=[
        "an address without consent",
        "does not matter to what is mandatory",
        "consent was withdrawn from the channel",
        "and given again",
        "what happened last counts, not what arrived last",
        "marketing needs an opt-in",
        "and goes with it",
        "no address on the channel",
        "somebody else has agreed",
        "the address was removed",
        "a log without contacts passes",
    ],
)
def test_consent_and_addresses(class_: str, log: list[Event], reason: str) -> None:
    assert hello(*log, step=SMS, class_=class_) == reason


@pytest.mark.parametrize(
    ("log", "reasons"),
    [
        ([wish("03-02 09:00", "do_not_disturb")], "send send preference preference preference"),
        ([wish("03-02 09:00", "play")], "send send preference preference preference"),
        ([wish("03-02 09:00", "shop")], "send send preference preference preference"),
        ([wish("03-02 09:00", "other")], "send send send send send"),
        ([wish("03-02 09:00", "sms")], "send preference preference preference preference"),
        ([wish("03-02 09:00", "do_not_disturb", until=at("03-02 10:00"))], "send send send send send"),
        (
            [wish("03-02 09:00", "do_not_disturb", until=at("03-02 10:00:01"))],
            "send send preference preference preference",
        ),
        (
            [
                wish("03-02 08:00", "do_not_disturb"),
                event("03-02 09:00", "preference.cleared", what="do_not_disturb"),
            ],
            "send send send send send",
        ),
    ],
    ids=[
        "all of it",
        "this play",
        "this touchpoint",
        "another topic",
        "the only channel",
        "until now",
        "until later",
        "and no longer",
    ],
)
def test_what_a_customer_does_not_want_binds(log: list[Event], reasons: str) -> None:
    """Each of the five classes in turn."""
    assert " ".join(hello(*log, step=SMS, class_=class_) for class_ in CLASSES) == reasons


def test_of_two_channels_the_refused_one_is_left_out() -> None:
    of = pack(play("play", do("hello", through=["sms", "mail"])))
    people = contact("ann", "owner", "sms"), contact("ann", "owner", "mail")
    assert verdict(of, *people, wish("03-02 09:00", "sms"), made("03-02 10:00")).channels == ("mail",)


def test_a_colleague_is_asked_for_care_only_if_the_customer_may_be_disturbed() -> None:
    quiet = wish("03-02 09:00", "do_not_disturb")
    card = {"action": "card"}
    assert [hello(quiet, step=card, class_=c) for c in ("service", "care", "ask")] == [
        "send",
        "preference",
        "send",
    ]


def test_a_wish_for_this_visit_ends_with_what_was_open_when_it_was_made() -> None:
    of = pack(play("play", do("hello"), class_="care", again="every"), points={"case": case()})
    log = (
        event("03-02 08:00", "case.opened", case="I"),
        event("03-02 08:30", "case.opened", case="J"),
        wish("03-02 09:00", "do_not_disturb", scope="visit"),
        event("03-02 10:00", "case.opened", case="K"),
        event("03-02 11:00", "case.solved", case="I"),
        made("03-02 12:00"),
        event("03-02 13:00", "case.solved", case="J"),
        made("03-02 13:00"),
    )
    assert told(of, *log).verdicts == [
        "03-02 12:00 suppress hello: preference",
        "03-02 13:00 send hello x1",
    ]


def test_a_wish_for_this_visit_lasts_for_the_day_when_nothing_is_open() -> None:
    of = pack(play("play", do("hello"), class_="care", again="every"))
    log = wish("03-02 09:00", "do_not_disturb", scope="visit"), made("03-02 23:59:59"), made("03-03 00:00")
    assert told(of, *log).verdicts == [
        "03-02 23:59:59 suppress hello: preference",
        "03-03 00:00 send hello x1",
    ]


def test_an_open_case_is_no_moment_for_care() -> None:
    opened = event("03-02 09:00", "case.opened", case="I")
    policy = {"moment": "open('case')"}
    reasons = [hello(opened, policy=policy, class_=class_) for class_ in CLASSES]
    assert reasons == ["send", "send", "moment", "moment", "moment"]
    assert hello(opened, policy=policy, class_="care", step={"action": "card"}) == "moment"
    assert (
        hello(opened, event("03-02 10:00", "case.solved", case="I"), policy=policy, class_="care") == "send"
    )


# Holdout


def exposed(customer: str, **words: Any) -> tuple[list[str], list[str]]:
    policy = {word: words.pop(word) for word in ("holdout_of_all", "moment") if word in words}
    policy = {word.removesuffix("_of_all"): value for word, value in policy.items()}
    step = words.pop("step", {})
    of = pack(play("play", do("usage-year", **step), **words), points={"case": case()}, **policy)
    opened = event("03-02 09:00", "case.opened", case="I", customer=customer)
    log = made("03-02 10:00", customer=customer)
    found = told(of, *([opened] if "moment" in policy else []), log)
    return found.verdicts, found.exposures


def test_a_customer_just_below_the_share_is_held_out_and_one_just_above_is_not() -> None:
    care = {"class_": "care"}
    assert exposed("customer-42", step={"holdout": "17.96%"}, **care) == (
        ["03-02 10:00 suppress usage-year: holdout"],
        ["03-02 10:00 expose usage-year: holdout"],
    )
    assert exposed("customer-42", step={"holdout": "17.95%"}, **care) == (
        ["03-02 10:00 send usage-year"],
        ["03-02 10:00 expose usage-year: play"],
    )


@pytest.mark.parametrize(
    ("class_", "extra", "held"),
    [
        ("mandatory", False, False),
        ("service", False, False),
        ("service", True, True),
        ("care", False, True),
        ("ask", False, True),
        ("marketing", False, True),
    ],
)
def test_nobody_is_held_out_of_what_is_owed(class_: str, extra: bool, held: bool) -> None:
    verdicts, _ = exposed("c-1", class_=class_, holdout="100%", step={"extra": extra})
    assert verdicts == [f"03-02 10:00 {'suppress usage-year: holdout' if held else 'send usage-year'}"]


def test_the_holdout_of_the_whole_pack_bears_its_name() -> None:
    share = arm_share("test", "1", "c-1")
    above, below = f"{100 * share + 0.01:.4f}%", f"{100 * share - 0.01:.4f}%"
    assert exposed("c-1", class_="care", holdout_of_all=above)[1] == ["03-02 10:00 expose test: holdout"]
    assert exposed("c-1", class_="care", holdout_of_all=below)[1] == ["03-02 10:00 expose test: play"]


def test_nobody_is_exposed_who_was_stopped_before() -> None:
    assert exposed("c-1", class_="care", holdout="50%", while_="v > 1")[1] == []
    assert exposed("c-1", class_="care", holdout="50%", moment="open('case')")[1] == []


def test_a_run_is_exposed_once() -> None:
    of = pack(play("play", do("one"), do("two", after="PT1H"), class_="care", holdout="100%", again="every"))
    assert told(of, made("03-02 10:00"), made("03-02 12:00")).exposures == [
        "03-02 10:00 expose play: holdout",
        "03-02 12:00 expose play: holdout",
    ]


def test_a_holdout_may_go_by_another_unit_than_the_customer() -> None:
    share = f"{100 * arm_share('play', '1', 'house-7') + 0.01:.4f}%"
    of = pack(play("play", do("hello"), class_="care", holdout=share, holdout_unit="w", again="every"))
    arms = [e.rpartition(" ")[2] for e in told(of, made("03-02 10:00", w="house-7")).exposures]
    assert arms == ["holdout"]


# Who gets it


@pytest.mark.parametrize(
    ("people", "step", "to", "got"),
    [
        (["ann owner sms", "bob buyer sms"], {"through": ["sms"]}, {"role": "buyer"}, ("bob", ("sms",))),
        (
            ["ann owner sms"],
            {"through": ["sms"]},
            {"role": "buyer", "else": "owner"},
            ("ann", ("sms",)),
        ),
        (
            ["bob buyer mail", "ann owner sms"],
            {"through": ["sms", "mail"]},
            {"role": "buyer", "else": "owner"},
            ("bob", ("mail",)),
        ),
        (["bob owner mail", "ann owner sms"], {"through": ["mail", "sms"]}, None, ("bob", ("mail",))),
        (["bob owner sms", "ann buyer sms"], {"through": ["sms"]}, None, ("ann", ("sms",))),
        (["ann owner mail", "ann owner sms"], {}, None, ("ann", ("mail",))),
        (
            ["ann owner mail", "ann owner sms"],
            {"through": {"all": ["sms", "mail", "phone"]}},
            None,
            ("ann", ("sms", "mail")),
        ),
        (["ann owner mail"], {"through": ["console"]}, {"role": "owner"}, ("ann", ("console",))),
        (["ann owner mail"], {"through": ["console"]}, {"role": "buyer"}, ("", ("console",))),
    ],
    ids=[
        "the role that is wanted",
        "else the other role",
        "the role counts before the channel",
        "the channel counts before the person",
        "of equals the first by id",
        "without channels the first that was set",
        "all channels that have somebody",
        "the console needs no address",
        "the console belongs to nobody in particular where the role is empty",
    ],
)
def test_a_message_goes_to(
    people: list[str], step: dict[str, Any], to: dict[str, str] | None, got: tuple[str, tuple[str, ...]]
) -> None:
    of = pack(play("play", do("hello", **step), **({"to": to} if to else {})))
    found = verdict(of, *(contact(*person.split()) for person in people), made("03-02 10:00"))
    assert (found.contact, found.channels) == got


# Quiet hours


@pytest.mark.parametrize(
    ("when", "verdicts"),
    [
        ("03-02 20:59:59", ["03-02 20:59:59 send hello"]),
        ("03-02 21:00", ["03-02 21:00 hold hello: quiet until 03-03 08:00", "03-03 08:00 send hello"]),
        ("03-03 07:59:59", ["03-03 07:59:59 hold hello: quiet until 03-03 08:00", "03-03 08:00 send hello"]),
        ("03-03 08:00", ["03-03 08:00 send hello"]),
    ],
)
def test_the_night_begins_with_its_first_instant_and_ends_with_the_morning(
    when: str, verdicts: list[str]
) -> None:
    for class_ in ("mandatory", "service"):
        of = pack(play("play", do("hello"), class_=class_), quiet_hours=NIGHT)
        assert told(of, made(when)).verdicts == verdicts


def test_urgent_steps_and_colleagues_do_not_wait_for_the_morning() -> None:
    for words in ({"urgent": True}, {"step": {"action": "card"}}):
        step = words.pop("step", {})
        of = pack(play("play", do("hello", **step), **words), quiet_hours=NIGHT)
        assert told(of, made("03-02 22:00")).verdicts == ["03-02 22:00 send hello"]


def test_a_night_is_that_of_the_customer() -> None:
    zones = {"zone": {"type": "zone", "from": "customer.updated.zone"}}
    of = pack(play("play", do("hello")), customer=zones, quiet_hours=NIGHT)
    log = event("03-01 10:00", "customer.updated", zone="Europe/Berlin"), made("03-02 22:00")
    assert told(of, *log).verdicts == ["03-02 22:00 send hello"]


def test_a_holiday_is_for_care_ask_and_marketing_only() -> None:
    days = {"cn": {"off": ["2026-03-02", "2026-03-03"], "years": [2026]}}
    policy = {"calendars": days, "quiet_hours": {**NIGHT, "holidays": "cn"}}
    assert [hello(policy=policy, class_=class_) for class_ in CLASSES[:2]] == ["send", "send"]
    of = pack(play("play", do("hello"), class_="care"), **policy)
    assert told(of, made("03-02 10:00")).verdicts == [
        "03-02 10:00 hold hello: quiet until 03-04 08:00",
        "03-04 08:00 send hello",
    ]


# Caps in the fold

ONE_A_WEEK = [{"class": "care", "at_most": 1, "within": "PT168H"}]


def capped(*log: Event, caps: list[dict[str, Any]] = ONE_A_WEEK, **words: Any) -> list[str]:
    of = pack(play("play", do("hello", expires="P9D"), class_="care", again="every", **words), caps=caps)
    return told(of, *log).verdicts


def test_what_has_no_room_is_suppressed_or_waits_as_long_as_the_play_allows() -> None:
    log = made("03-02 10:00"), made("03-08 10:00")
    assert capped(*log) == ["03-02 10:00 send hello", "03-08 10:00 suppress hello x1: cap"]
    assert capped(*log, capped={"defer": "PT24H"}) == [
        "03-02 10:00 send hello",
        "03-08 10:00 hold hello x1: cap until 03-09 10:00",
        "03-09 10:00 send hello x1",
    ]
    assert capped(*log, capped={"defer": "PT23H"})[1] == "03-08 10:00 suppress hello x1: cap"


def test_a_daily_cap_is_that_of_the_local_day() -> None:
    day = [{"class": "care", "at_most": 1, "within": "day"}]
    log = made("03-02 23:59:59"), made("03-03 00:00"), made("03-03 23:00")
    assert capped(*log, caps=day) == [
        "03-02 23:59:59 send hello",
        "03-03 00:00 send hello x1",
        "03-03 23:00 suppress hello x2: cap",
    ]


def test_a_message_that_failed_gives_its_room_back_once_that_is_known() -> None:
    first = verdict(
        pack(play("play", do("hello"), class_="care", again="every"), caps=ONE_A_WEEK), made("03-02 10:00")
    )
    failed = event("03-02 11:00", "message.failed", message=first.message, seen="03-02 13:00")
    log = made("03-02 10:00"), made("03-02 12:00"), failed, made("03-02 14:00")
    assert capped(*log) == [
        "03-02 10:00 send hello",
        "03-02 12:00 suppress hello x1: cap",
        "03-02 14:00 send hello x2",
    ]


def test_steps_of_one_gathered_message_count_once() -> None:
    log = [made(f"03-02 10:{minute:02}", order=str(minute)) for minute in (0, 30, 59)]
    of = pack(
        play("play", do("list"), class_="care", key="order", gather={"within": "PT30M"}),
        caps=[{"class": "care", "at_most": 1, "within": "day"}],
    )
    found = [v for v in told(of, *log).outputs if isinstance(v, Verdict)]
    assert [v.outcome for v in found] == ["send", "send", "suppress"]
    assert len({v.message for v in found[:2]}) == 1


def test_different_steps_and_different_people_are_not_gathered() -> None:
    of = pack(play("play", do("one"), do("two"), key="order", gather={"within": "PT2H"}))
    log = made("03-02 10:00", order="A"), made("03-02 11:00", order="B")
    messages = [v.message for v in told(of, *log).outputs if isinstance(v, Verdict)]
    assert len(messages) == 4
    assert len(set(messages)) == 2


# Budgets in the fold


def test_what_costs_more_than_is_left_is_suppressed_until_the_next_period() -> None:
    of = pack(
        play("play", do("sorry", "give", amount="v", budget="goodwill"), again="every"),
        budgets={"goodwill": {"per": "month", "at_most": 100}},
    )
    log = [made(when, v=v) for when, v in (("03-02 10:00", 60), ("03-03 10:00", 50), ("03-04 10:00", 40))]
    assert told(of, *log, made("04-01 00:00", v=100), made("04-02 00:00", v=1)).verdicts == [
        "03-02 10:00 send sorry",
        "03-03 10:00 suppress sorry x1: budget",
        "03-04 10:00 send sorry x2",
        "04-01 00:00 send sorry x3",
        "04-02 00:00 suppress sorry x4: budget",
    ]


def test_a_verdict_names_every_gate_that_stood_against_it() -> None:
    of = pack(
        play("play", do("hello", through=["sms"]), class_="care", while_="v > 1"),
        points={"case": case()},
        moment="open('case')",
        quiet_hours=NIGHT,
    )
    log = (
        contact("ann", "owner", "mail"),
        wish("03-02 09:00", "do_not_disturb"),
        event("03-02 09:00", "case.opened", case="I"),
        made("03-02 22:00"),
    )
    found = verdict(of, *log)
    assert (found.reason, found.failed) == ("guard", ("guard", "preference", "moment", "reachable", "quiet"))
