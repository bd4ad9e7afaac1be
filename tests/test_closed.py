"""A state that lets go of closed lanes concludes what one that keeps everything does, and stays small."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from naive.compare import knows_contacts
from random_packs import Case, make_case

from peakend import fold
from peakend.model.event import Event
from peakend.model.outcome import Entered, Output
from peakend.trigger.state import NEVER

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
        derived = {name for name, rule in program.rules.plays.items() if rule.on & program_derived()}
        assert {one for one in runs.asked if one[0] not in derived} <= wanted
        runs.learn(concluded)
        outputs += concluded
        fold.let_go(program, state, inputs[-1].seen if inputs else tick or 0)
        state = fold.decode_state(fold.encode_state(state))
    return outputs


def program_derived() -> set[str]:
    return {"encounter.closed", "encounter.settled", "standard.breached"}


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
