"""Crowds: customers who share a budget, and customers of several names, against the naive matcher.

What one customer's fold cannot show is compared here: the order in which customers draw, and how the
backtest folds customers who are merged. A failing seed is in the message.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from building import write_log
from naive.compare import knows_contacts, rows
from naive.matcher import match_together
from random_crowds import Crowd, as_written, make_crowd

from peakend import fold
from peakend.backtest import backtest
from peakend.backtest.conclude import conclude
from peakend.backtest.contested import fold_together
from peakend.model.event import Event
from peakend.model.money import PARTS, exact
from peakend.model.outcome import Output, Verdict

pytestmark = pytest.mark.law

MANY = bool(os.environ.get("PEAKEND_LAWS"))
BLOCK = 15
BLOCKS = range(100 if MANY else 2)
FILES = range(200 if MANY else 5)


@pytest.mark.parametrize("block", BLOCKS)
def test_a_crowd_draws_on_its_budgets_as_the_naive_matcher_does(block: int) -> None:
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        crowd = make_crowd(seed)
        known = knows_contacts(crowd.final)
        program = fold.compile_program(crowd.pack, contacts_known=known, explain=True)
        in_turn = sorted(crowd.final, key=lambda event: (event.seen, event.customer, event.seq))
        folded: list[Output] = []
        fold_together(program, in_turn, crowd.until, lambda _, outputs, to=folded: to.extend(outputs))
        assert_same(crowd, crowd.final, folded)


@pytest.mark.parametrize("seed", FILES)
def test_the_backtest_of_a_log_folds_merged_customers_apart_until_their_merge_and_then_as_one(
    seed: int, tmp_path: Path
) -> None:
    crowd = make_crowd(seed)
    log = [write_log(tmp_path / "log.parquet", [as_written(event) for event in crowd.told])]
    concluded = conclude(crowd.pack, log, explain=True)
    assert not concluded.refused
    assert_same(crowd, crowd.told, concluded.outputs)

    result = backtest(crowd.pack, log, workers=1)
    for play, counted in result.plays.items():
        sends = [o for o in concluded.outputs if isinstance(o, Verdict) and o.play == play]
        money = sum(exact(o.amount) for o in sends if o.outcome == "send") / PARTS
        sent = sum(o.outcome == "send" for o in sends)
        assert (counted.send, sum(counted.money.values())) == (sent, money), f"seed {seed}"


def assert_same(crowd: Crowd, told: list[Event], folded: list[Output]) -> None:
    together = match_together(crowd.pack, told, crowd.until)
    mine = Counter(rows([output for outputs in together.values() for output in outputs]))
    theirs = Counter(rows(folded))
    assert (mine - theirs, theirs - mine) == (Counter(), Counter()), f"make_crowd({crowd.seed})"
