"""Who can never enter a changed play is left out of a comparison, and nothing of the answer changes by it."""

from __future__ import annotations

from pathlib import Path

import pytest
from building import do, event, pack, play, write_log
from msgspec.structs import replace
from random_crowds import as_written, make_crowd

from peakend.backtest.diff import difference, reaching
from peakend.model.pack import Pack, Play
from peakend.model.result import BacktestResult


def variants(one: Play) -> list[Play | None]:
    """A play as it might be edited; None is a play that goes."""
    return [
        None,
        replace(one, where=None),
        replace(one, steps=one.steps[:1]),
        replace(one, priority=one.priority + 1, holdout=None),
        replace(one, again="every"),
    ]


def changed(pack_: Pack, name: str, new: Play | None) -> Pack:
    plays = {other: one for other, one in pack_.plays.items() if other != name}
    return replace(pack_, plays=plays if new is None else {**plays, name: new}, hash="new")


@pytest.mark.parametrize("block", range(6))
def test_the_quick_comparison_is_the_whole_one(block: int, tmp_path: Path) -> None:
    spared = 0
    for seed in range(block * 5, block * 5 + 5):
        crowd = make_crowd(seed, budgeted=seed % 2 == 0)
        log = write_log(
            tmp_path / f"{seed}.parquet", [replace(e, data=as_written(e).data) for e in crowd.told]
        )
        name = sorted(crowd.pack.plays)[seed % len(crowd.pack.plays)]
        new = changed(crowd.pack, name, variants(crowd.pack.plays[name])[seed % 5])
        whole, quick = list[BacktestResult](), list[BacktestResult]()
        expected = difference(crowd.pack, new, [log], workers=1, results=whole, counted=None)
        assert difference(crowd.pack, new, [log], workers=1, results=quick) == expected, seed
        for all_of, some in zip(whole, quick, strict=True):
            assert some.plays.get(name) == all_of.plays.get(name), seed
            assert some.kinds == all_of.kinds and some.events == all_of.events
            spared += all_of.relevant - some.relevant
    assert spared > 0


PLAYS = (
    play("one", do("hello", after="PT1H"), key="order"),
    play("two", do("again", after="PT2H"), on="talk.rated"),
)


def test_who_never_enters_is_left_out_and_everybody_where_more_than_plays_changes(tmp_path: Path) -> None:
    old = pack(*PLAYS, name="old")
    new = replace(old, plays={**old.plays, "two": replace(old.plays["two"], priority=3)}, hash="new")
    assert reaching(old, new) == {"talk.rated"}
    assert reaching(old, replace(old, hash="new")) == frozenset()
    assert reaching(old, replace(old, hash="new"), ["one"]) == {"order.made"}
    assert reaching(old, replace(new, head=replace(new.head, version="2"))) is None
    log = write_log(
        tmp_path / "log.parquet",
        [
            event("03-02 10:00", "order.made", customer="ann", order="A"),
            event("03-02 11:00", "talk.rated", customer="bob"),
        ],
    )
    results: list[BacktestResult] = []
    assert difference(old, new, [log], workers=1, results=results).plays == {}
    assert [one.relevant for one in results] == [1, 1] and [one.events for one in results] == [2, 2]
    nobody = difference(old, replace(old, hash="new"), [log], workers=1)
    assert (nobody.plays, nobody.people) == ({}, 0)
