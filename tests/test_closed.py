"""A state that lets go of closed lanes concludes what one that keeps everything does, and stays small."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from building import at, do, event, pack, play
from naive.compare import knows_contacts
from random_packs import Case, make_case

from peakend import fold
from peakend.model.event import DERIVED, Event
from peakend.model.outcome import Entered, Output
from peakend.trigger.state import NEVER
from peakend.when import HOUR

MANY = bool(os.environ.get("PEAKEND_LAWS"))
BLOCK = 50
BLOCKS = range(200 if MANY else 6)


class Runs:
    """What the runs tell of lanes: a plain dict beside the state."""

    def __init__(self) -> None:
        self.lanes: dict[tuple[str, str], tuple[int, int]] = {}
        self.asked: set[tuple[str, str]] = set()

    def __call__(self, play: str, key: str) -> tuple[int, int]:
        self.asked.add((play, key))
        return self.lanes.get((play, key), (0, NEVER))

    def learn(self, outputs: list[Output]) -> None:
        for one in outputs:
            if isinstance(one, Entered):
                _, last = self(one.play, one.key)
                self.lanes[one.play, one.key] = one.occurrence + 1, max(last, one.at)


def letting_go(program: fold.Program, events: list[Event], until: int | None) -> list[Output]:
    """Fold event by event, and let go of all that can be after each."""
    state, runs, outputs = fold.new_state(events[0].customer if events else ""), Runs(), list[Output]()
    for inputs, tick in [*(([one], None) for one in events), ([], until)]:
        wanted = set(fold.hits(program, state, inputs))
        runs.asked.clear()
        state, concluded = fold.step(program, state, inputs, tick, past=runs)
        derived = {name for name, rule in program.rules.plays.items() if rule.on & DERIVED.keys()}
        assert {one for one in runs.asked if one[0] not in derived} <= wanted
        runs.learn(concluded)
        outputs += concluded
        fold.let_go(program, state, inputs[-1].seen if inputs else tick or 0)
        state = fold.decode_state(fold.encode_state(state))
    return outputs


def cases(block: int) -> Iterator[Case]:
    return (make_case(seed) for seed in range(block * BLOCK, (block + 1) * BLOCK))


@pytest.mark.law
@pytest.mark.parametrize("block", BLOCKS)
def test_a_state_that_lets_go_of_closed_lanes_concludes_the_same(block: int) -> None:
    for case in cases(block):
        program = fold.compile_program(case.pack, contacts_known=knows_contacts(case.events), explain=True)
        customer = case.events[0].customer if case.events else ""
        _, whole = fold.step(program, fold.new_state(customer), case.events, case.until)
        assert letting_go(program, case.events, case.until) == whole, f"seed {case.seed}"


GREETS = play("greets", do("hello", after="PT2H", through=["sms"]), key="order")


def after_four_months(of: dict[str, Any]) -> tuple[fold.CustomerState, int]:
    """The state after 3,000 orders of one customer, and the size of one that lets go of nothing."""
    program, state, runs = fold.compile_program(pack(of), contacts_known=False), fold.new_state("c-1"), Runs()
    whole = fold.new_state("c-1")
    for number in range(3000):
        instant = at("01-01 10:00") + number * HOUR
        made = Event("c-1", "order.made", instant, instant, number, {"order": f"O{number}"})
        fold.step(program, whole, [made])
        runs.learn(fold.step(program, state, [made], past=runs)[1])
        fold.let_go(program, state, instant)
    return state, len(fold.encode_state(whole))


def test_a_state_does_not_grow_with_the_keys_that_are_closed() -> None:
    state, whole = after_four_months(GREETS)
    assert set(state.plays["greets"].lanes) == {"O2997", "O2998", "O2999"}
    assert whole > 30_000
    assert len(fold.encode_state(state)) < 2000


def test_a_window_that_can_still_count_is_kept_and_one_that_cannot_is_not() -> None:
    state, _ = after_four_months({**GREETS, "count": {"at_least": 2, "within": "PT24H"}})
    kept = [int(key[1:]) for key in state.plays["greets"].lanes]
    assert (min(kept), max(kept)) == (2999 - 24 - 72, 2999)


@pytest.mark.parametrize(
    ("of", "reason"),
    [(GREETS, "already_ran"), ({**GREETS, "again": "every", "cool_down": "PT720H"}, "cool_down")],
)
def test_a_lane_that_was_let_go_of_is_remembered_by_its_runs(of: dict[str, Any], reason: str) -> None:
    program, state, runs = fold.compile_program(pack(of), contacts_known=False), fold.new_state("c"), Runs()
    log = [event(when, "order.made", order="O1") for when in ("01-01 10:00", "01-20 10:00")]
    runs.learn(fold.step(program, state, log[:1], at("01-19 10:00"), past=runs)[1])
    fold.let_go(program, state, at("01-19 10:00"))
    assert state.plays["greets"].lanes == {}
    (passed,) = fold.step(program, state, log[1:], past=runs)[1]
    assert getattr(passed, "reason", "") == reason
