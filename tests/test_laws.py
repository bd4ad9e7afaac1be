"""The laws of the fold, on many random packs and logs.

A case is one integer: when a law fails, its seed is in the message, and `python -m tests.naive SEED` shows
the case, made as small as it can be. `make laws` tries 10,000 cases where the everyday run tries 300.
"""

from __future__ import annotations

import hashlib
import os
import random
from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest
from naive.alphabet import CLOCKS, DAYS, WEEK, ZONES
from naive.compare import differences, fold_outputs, knows_contacts
from naive.gates import arm
from naive.small import by_fold, log, pack, play, say
from naive.world import name_of, name_of_card
from random_packs import Case, make_case

from peakend import fold
from peakend.model.event import Event
from peakend.model.outcome import Output, Verdict
from peakend.model.pack import Play, Step
from peakend.when import DAY, QuietHours, Zone, parse_duration, parse_time_of_day, zone

pytestmark = pytest.mark.law

MANY = bool(os.environ.get("PEAKEND_LAWS"))
BLOCK = 50
BLOCKS = range(200 if MANY else 6)
CUT_BLOCKS = range(40 if MANY else 2)
BARRED_BY_TOTAL = ("care", "ask", "marketing")


def cases(block: int) -> Iterator[Case]:
    return (make_case(seed) for seed in range(block * BLOCK, (block + 1) * BLOCK))


@pytest.mark.parametrize("block", BLOCKS)
def test_the_fold_agrees_with_the_naive_matcher(block: int) -> None:
    for case in cases(block):
        naive, folded = differences(case)
        assert (naive, folded) == ([], []), f"python -m tests.naive {case.seed}"


@pytest.mark.parametrize("block", CUT_BLOCKS)
def test_cut_anywhere_tick_between_serialise_anywhere_and_nothing_changes(block: int) -> None:
    for case in cases(block):
        program = fold.compile_program(case.pack, contacts_known=knows_contacts(case.events))
        whole = at_one_go(program, case)
        assert in_pieces(program, case, every=True) == whole, f"seed {case.seed}, cut at every event"
        assert in_pieces(program, case, every=False) == whole, f"seed {case.seed}, cut at random"


def at_one_go(program: fold.Program, case: Case) -> list[Output]:
    customer = case.events[0].customer if case.events else ""
    return fold.step(program, fold.new_state(customer), fresh(case.events), case.until)[1]


def in_pieces(program: fold.Program, case: Case, every: bool) -> list[Output]:
    """The same inputs in pieces, with ticks strictly between two arrivals and the state written and read."""
    chance = random.Random(case.seed)
    state = fold.new_state(case.events[0].customer if case.events else "")
    outputs: list[Output] = []
    piece: list[Event] = []
    for place, event in enumerate(case.events):
        piece.append(event)
        if not every and chance.random() < 0.6:
            continue
        last = place + 1 == len(case.events)
        ticks = [] if last else between(chance, event.seen, case.events[place + 1].seen)
        for inputs, until in [(piece, None), *(([], tick) for tick in ticks)]:
            state, concluded = fold.step(program, state, fresh(inputs), until)
            outputs += concluded
            state = fold.decode_state(fold.encode_state(state))
        piece = []
    _, concluded = fold.step(program, state, fresh(piece), case.until)
    return outputs + concluded


def between(chance: random.Random, seen: int, following: int) -> list[int]:
    """Up to three instants strictly between two arrivals, the edges among them."""
    if following - seen < 2:
        return []
    inside = [seen + 1, following - 1, chance.randrange(seen + 1, following)]
    return sorted(chance.sample(inside, chance.randint(0, 3)))


@pytest.mark.parametrize("block", CUT_BLOCKS)
def test_the_quick_way_for_a_log_in_order_concludes_the_same(block: int) -> None:
    for case in cases(block):
        case.events.sort(key=lambda event: (event.at, event.seq))
        for seq, event in enumerate(case.events, start=1):
            event.seen, event.seq = event.at, seq
        known = knows_contacts(case.events)
        quick, whole = (
            fold.compile_program(case.pack, contacts_known=known, in_order=in_order)
            for in_order in (True, False)
        )
        assert at_one_go(quick, case) == at_one_go(whole, case), f"seed {case.seed}"


@pytest.mark.parametrize("block", CUT_BLOCKS)
def test_what_the_pack_does_not_speak_of_changes_nothing(block: int) -> None:
    for case in cases(block):
        program = fold.compile_program(case.pack, contacts_known=knows_contacts(case.events))
        alone = at_one_go(program, case)
        for event in case.events:
            event.seq *= 2
        noise = [
            Event(e.customer, "weather.changed", e.at, e.seen, e.seq + 1, {}, id=f"noise-{e.seq}")
            for e in case.events
        ]
        case.events = sorted([*case.events, *noise], key=lambda event: (event.seen, event.seq))
        assert at_one_go(program, case) == alone, f"seed {case.seed}"


def fresh(events: list[Event]) -> list[Event]:
    """Copies: the fold must not lean on having seen the very objects before."""
    return [Event(e.customer, e.kind, e.at, e.seen, e.seq, dict(e.data), e.source, e.id) for e in events]


@pytest.mark.parametrize("row", range(100))
def test_an_exit_at_the_exact_due_instant_cancels_and_a_microsecond_later_does_not(row: int) -> None:
    chance = random.Random(row)
    here = zone(chance.choice(ZONES))
    entry = here.at_wall(chance.choice(DAYS), chance.randrange(24 * 60))
    day = here.local(entry + chance.randrange(2, 60) * DAY).date().isoformat()
    count = chance.randrange(1, 40)
    dues = (
        {"after": f"PT{count}H"},
        {"after": f"P{count}D", "at": chance.choice(CLOCKS)},
        {"after": f"P{count % 3 + 1}M"},
        {"before": "day", "by": "P1D", "at": chance.choice(CLOCKS)},
        {"before": "day", "by": f"PT{count}H"},
        {"yearly": "day", "by": "P7D", "at": chance.choice(CLOCKS)},
    )
    step = say("word", chance.choice(dues), catch_up="PT48H")
    if row % 3 == 0:
        step["on_day"] = chance.choice((chance.choice(WEEK), 15, 31))
    asked = play(step, exits=[{"on": "order.paid"}])
    made = Event("c", "order.made", entry, entry, 1, {"day": day})
    small = pack(asked, zone=here.name)

    def sent(exit_at: int | None) -> list[int]:
        paid = [] if exit_at is None else [Event("c", "order.paid", exit_at, exit_at, 2, {})]
        program = fold.compile_program(small, contacts_known=False)
        until = entry + 500 * DAY
        outputs = fold.step(program, fold.new_state("c"), [made, *paid], until)[1]
        return [o.instant for o in outputs if isinstance(o, Verdict) and o.outcome == "send"]

    due = sent(None)[0]
    assert due >= entry
    assert sent(due) == []
    assert sent(due + 1) == [due]


@pytest.mark.parametrize("block", BLOCKS)
def test_nothing_is_sent_past_a_cap_in_quiet_hours_or_against_do_not_disturb(block: int) -> None:
    for case in cases(block):
        outputs = [output for output in fold_outputs(case) if isinstance(output, Verdict)]
        for sent in openings(case, outputs):
            assert_room(case, outputs, sent)
        for verdict in outputs:
            if verdict.outcome == "send" and to_customer(case, verdict):
                assert_not_disturbed(case, verdict)


@pytest.mark.parametrize("block", BLOCKS)
def test_every_firing_has_one_final_verdict_or_is_an_open_hold(block: int) -> None:
    for case in cases(block):
        firings: dict[tuple[object, ...], list[str]] = defaultdict(list)
        for output in fold_outputs(case):
            if isinstance(output, Verdict):
                firing = (output.play, output.key, output.occurrence, output.step, output.round)
                firings[firing].append(output.outcome)
        for place, outcomes in firings.items():
            assert set(outcomes[:-1]) <= {"hold"}, f"seed {case.seed}: {place} {outcomes}"


def openings(case: Case, outputs: list[Verdict]) -> list[Verdict]:
    """The sends to the customer that open a message, one for each message."""
    first: dict[str, Verdict] = {}
    for verdict in outputs:
        if verdict.outcome == "send" and to_customer(case, verdict):
            first.setdefault(verdict.message, verdict)
    return list(first.values())


def assert_room(case: Case, outputs: list[Verdict], sent: Verdict) -> None:
    class_ = class_of(case, sent)
    for cap in case.pack.head.policy.caps:
        barred = cap.class_ == class_ or (cap.class_ == "total" and class_ in BARRED_BY_TOTAL)
        if not barred or class_ == "mandatory":
            continue
        here = zone_at(case, sent.instant)
        counted = [
            other
            for other in openings(case, outputs[: outputs.index(sent) + 1])
            if cap.class_ in ("total", class_of(case, other))
            and not failed(case, other, sent.instant)
            and (
                here.local_day(other.instant) == here.local_day(sent.instant)
                if cap.within == "day"
                else other.instant > sent.instant - parse_duration(cap.within).elapsed()
            )
        ]
        assert len(counted) <= cap.at_most, f"seed {case.seed}: {cap} and {sent}"


def failed(case: Case, sent: Verdict, instant: int) -> bool:
    """Whether it was known at an instant that a message had not arrived."""
    return any(
        event.data.get("message") == sent.message and sent.instant < event.seen <= instant
        for event in case.events
    )


def assert_not_disturbed(case: Case, sent: Verdict) -> None:
    rule = case.pack.head.policy.quiet_hours
    if rule is not None and not case.pack.plays[sent.play].urgent:
        hours = QuietHours(parse_time_of_day(rule.from_), parse_time_of_day(rule.to, end=True))
        here = zone_at(case, sent.instant)
        assert hours.until(sent.instant, here) is None, f"seed {case.seed}: {sent}"
    if class_of(case, sent) in BARRED_BY_TOTAL:
        said = [
            event
            for event in case.events
            if event.kind in ("preference.set", "preference.cleared")
            and event.data.get("what", "do_not_disturb") == "do_not_disturb"
            and event.seen <= sent.instant
        ]
        last = max(said, key=lambda event: (event.at, event.seq), default=None)
        if last is not None and last.kind == "preference.set" and last.data.get("scope") != "visit":
            assert last.data.get("until", sent.instant + 1) <= sent.instant, f"seed {case.seed}: {sent}"


def zone_at(case: Case, instant: int) -> Zone:
    moves = [e for e in case.events if e.seen <= instant and e.data.get("zone")]
    last = max(moves, key=lambda event: (event.at, event.seq), default=None)
    unset = case.pack.head.customer["zone"].else_ or case.pack.head.zone
    return zone(last.data["zone"] if last is not None else unset)


def step_of(case: Case, verdict: Verdict) -> tuple[Play, Step]:
    asked = case.pack.plays[verdict.play]
    steps = [*asked.steps, *(step for way in asked.exits for step in way.then)]
    found = next((step for step in steps if name_of(asked, step) == verdict.step), None)
    if found is None and asked.if_unreached is not None:
        assert verdict.step == name_of_card(asked, asked.if_unreached.card)
        found = asked.if_unreached.step
    assert found is not None
    return asked, found


def class_of(case: Case, verdict: Verdict) -> str:
    asked, step = step_of(case, verdict)
    return step.class_ or asked.class_


def to_customer(case: Case, verdict: Verdict) -> bool:
    return step_of(case, verdict)[1].action not in ("card", "task")


def test_the_arm_of_the_worked_example() -> None:
    assert hashlib.sha256(b"usage-year|1|customer-42").hexdigest()[:8] == "2df45910"
    assert f"{arm('usage-year', '1', 'customer-42'):.6f}" == "0.179510"


def test_the_share_of_customers_held_out_is_the_share_that_was_asked_for() -> None:
    tried = play(say("extra", {"after": "PT0S"}, extra=True, holdout="20%"))
    made = ("03-01 10:00", "order.made")
    arms = Counter(
        verdict.outcome
        for number in range(2000)
        for verdict in by_fold(pack(tried), log(made, customer=f"c-{number}"), "03-01 11:00")
        if isinstance(verdict, Verdict)
    )
    # Four standard deviations of a fair draw of 2,000 are 72.
    assert abs(arms["suppress"] - 400) < 72
